"""Where the development bench keeps things, and what it remembers between runs."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
APP = "kehu_archive"
DEMO_SITE = "demo.localhost"
TEST_SITE = "test.localhost"
BENCHMARK_SITE = "benchmark.localhost"
ADMIN_PASSWORD = "admin"  # a development bench on loopback; the same word every Frappe tutorial uses
LOOPBACK = "127.0.0.1"

# The bench's usual Redis ports; MariaDB clear of the machine's own. A taken port is replaced by a free one.
DEFAULT_PORTS = {
	"mariadb": 3399,
	"redis_cache": 13000,
	"redis_queue": 11000,
	"web": 8000,
	"socketio": 9000,
	"test_web": 8010,
	"test_socketio": 9010,
	"benchmark_web": 8020,
}


@dataclass(frozen=True)
class Layout:
	"""The folders of one development bench."""

	root: Path

	@classmethod
	def from_environment(cls) -> Layout:
		"""The bench at ``KEHU_BENCH_DIR``, else ``.bench`` in the repository."""
		named = os.environ.get("KEHU_BENCH_DIR")
		return cls(Path(named).expanduser().resolve() if named else REPOSITORY / ".bench")

	@property
	def apps(self) -> Path:
		return self.root / "apps"

	@property
	def sites(self) -> Path:
		return self.root / "sites"

	@property
	def env(self) -> Path:
		return self.root / "env"

	@property
	def cli_env(self) -> Path:
		return self.root / "cli-env"

	@property
	def logs(self) -> Path:
		return self.root / "logs"

	@property
	def services(self) -> Path:
		return self.root / "services"

	@property
	def pids(self) -> Path:
		return self.root / "config" / "pids"

	@property
	def state(self) -> Path:
		return self.root / "state"

	@property
	def downloads(self) -> Path:
		return self.root / "downloads"

	@property
	def python(self) -> Path:
		"""The interpreter that runs Frappe."""
		return self.env / "bin" / "python"

	def create(self) -> None:
		"""Make the bench's folders; those there already are left alone."""
		folders = (self.apps, self.sites, self.logs, self.pids, self.state, self.downloads, self.services)
		for folder in folders:
			folder.mkdir(parents=True, exist_ok=True)
		# Keeps tools that walk up from a bench file (pytest, ruff, git) from taking it for part of the repository.
		(self.root / ".gitignore").write_text("*\n", encoding="utf-8")

	def port(self, name: str) -> int:
		"""The port of a service, as chosen on the first run."""
		return int(read_json(self.state / "ports.json").get(name, DEFAULT_PORTS[name]))

	def claim_port(self, name: str) -> int:
		"""A port for a service about to start: the remembered one when free, else another, remembered from now on."""
		port = self.port(name)
		remembered = read_json(self.state / "ports.json")
		if not port_is_free(port):
			port = _free_port()
		if remembered.get(name) != port:
			write_json(self.state / "ports.json", {**remembered, name: port})
		return port


def read_json(path: Path) -> dict[str, Any]:
	"""The object in a JSON file; empty when the file is missing or unreadable."""
	try:
		content = json.loads(path.read_text(encoding="utf-8"))
	except (OSError, ValueError):
		return {}
	return content if isinstance(content, dict) else {}


def write_json(path: Path, content: dict[str, Any], mode: int = 0o644) -> None:
	"""Write a JSON file so that a reader sees the old content or the new, never half of it."""
	path.parent.mkdir(parents=True, exist_ok=True)
	partial = path.with_name(f".{path.name}.{os.getpid()}")
	descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
	with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
		handle.write(json.dumps(content, indent=1, sort_keys=True) + "\n")
	os.replace(partial, path)


def port_is_free(port: int) -> bool:
	"""Whether a server could listen on this loopback port now."""
	with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
		probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
		try:
			probe.bind((LOOPBACK, port))
		except OSError:
			return False
	return True


def _free_port() -> int:
	with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
		probe.bind((LOOPBACK, 0))
		return int(probe.getsockname()[1])
