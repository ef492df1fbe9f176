"""The processes of the development bench: private MariaDB and Redis, web server, worker, scheduler, socket.io.

Every one runs detached in a session of its own, writes to ``logs/``, and is known by a pid file that also holds the
process's start time, so a number reused by the kernel is never mistaken for ours.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .layout import (
	BENCHMARK_SITE,
	DEFAULT_PORTS,
	DEMO_SITE,
	LOOPBACK,
	REPOSITORY,
	TEST_SITE,
	Layout,
	read_json,
	write_json,
)
from .node import node_program
from .processes import environment_without_python, run

START_SECONDS = 60.0
STOP_SECONDS = 30.0
STORES = ("mariadb", "redis_cache", "redis_queue")
DEMO_PROCESSES = ("web", "socketio", "worker", "scheduler")
TEST_PROCESSES = ("test_web", "test_socketio", "test_worker")
BENCHMARK_PROCESSES = ("benchmark_web",)

# What a person calls a group of processes.
GROUPS = {
	"redis": ("redis_cache", "redis_queue"),
	"stores": STORES,
	"demo": DEMO_PROCESSES,
	"test": TEST_PROCESSES,
	"all": (*BENCHMARK_PROCESSES, *TEST_PROCESSES, *DEMO_PROCESSES, *STORES),
}


class ServiceError(RuntimeError):
	"""A process would not start or stop; the message names its log."""


@dataclass(frozen=True)
class Command:
	"""How to run one process, and how to tell that it serves."""

	arguments: list[str]
	ready: Callable[[], bool]
	folder: Path
	environment: dict[str, str] = field(default_factory=dict)


class Services:
	"""Start, stop and watch the processes of one bench."""

	def __init__(self, layout: Layout) -> None:
		self.layout = layout

	def start(self, names: Iterable[str], version: str = "") -> list[str]:
		"""Start the named processes that are down, in order, each until it serves; gives the names of those started.

		With a ``version``, one that runs an older version is restarted. Raises ServiceError with the tail of the log when
		one ends early or does not serve in time.
		"""
		with self._alone():
			return [name for name in expand(names) if self._ensure(name, version)]

	def stop(self, names: Iterable[str]) -> list[str]:
		"""Stop the named processes, in the order given; gives the names of those that ran."""
		with self._alone():
			return [name for name in expand(names) if self._stop(name)]

	def is_running(self, name: str) -> bool:
		return self.pid(name) is not None

	def are_current(self, names: Iterable[str], version: str) -> bool:
		"""Whether every one of these processes that can run here does, with this version of the code."""
		for name in expand(names):
			if name.endswith("socketio") and _socketio_script(self.layout) is None:
				continue
			if not self.is_running(name) or self._version(name) != version:
				return False
		return True

	def pid(self, name: str) -> int | None:
		"""The process id of a running process of ours, None when it is down."""
		record = read_json(self._pid_file(name))
		pid = record.get("pid")
		if isinstance(pid, int) and _started_at(pid) == record.get("started"):
			return pid
		return None

	def log_file(self, name: str) -> Path:
		return self.layout.logs / f"{name}.log"

	def _pid_file(self, name: str) -> Path:
		return self.layout.pids / f"{name}.json"

	@contextmanager
	def _alone(self) -> Iterator[None]:
		"""Two commands at once must not both start, or stop, one process."""
		self.layout.state.mkdir(parents=True, exist_ok=True)
		with (self.layout.state / "services.lock").open("w") as lock:
			fcntl.flock(lock, fcntl.LOCK_EX)
			yield

	def _ensure(self, name: str, version: str) -> bool:
		"""See that a process serves; gives whether it had to be started."""
		if version and self.is_running(name) and self._version(name) != version:
			self._stop(name)
		if not self.is_running(name):
			return self._start(name, version)
		command = _commands()[name](self.layout)
		if command is not None:  # one that a killed command started may not serve yet
			self._wait_until_ready(name, command.ready)
		return False

	def _version(self, name: str) -> str:
		return str(read_json(self._pid_file(name)).get("version", ""))

	def _stop(self, name: str) -> bool:
		pid = self.pid(name)
		if pid is not None:
			_end(pid, name)
		self._pid_file(name).unlink(missing_ok=True)
		return pid is not None

	def _start(self, name: str, version: str) -> bool:
		if name in DEFAULT_PORTS:
			self.layout.claim_port(name)
		command = _commands()[name](self.layout)
		if command is None:
			return False
		with self.log_file(name).open("ab") as log:
			process = subprocess.Popen(
				command.arguments,
				cwd=command.folder,
				env={**environment_without_python(), **command.environment},
				stdin=subprocess.DEVNULL,
				stdout=log,
				stderr=log,
				start_new_session=True,
			)
		record = {"pid": process.pid, "started": _started_at(process.pid), "version": version}
		write_json(self._pid_file(name), record)
		self._wait_until_ready(name, command.ready)
		return True

	def _wait_until_ready(self, name: str, ready: Callable[[], bool]) -> None:
		deadline = time.monotonic() + START_SECONDS
		while not ready():
			if not self.is_running(name):
				raise ServiceError(f"{name} ended at once\n{self._tail(name)}")
			if time.monotonic() > deadline:
				raise ServiceError(f"{name} did not answer in {START_SECONDS:.0f} s\n{self._tail(name)}")
			time.sleep(0.05)

	def _tail(self, name: str, lines: int = 15) -> str:
		log = self.log_file(name)
		text = log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
		return "\n".join([f"last lines of {log}:", *text])


def expand(names: Iterable[str]) -> list[str]:
	"""Process names for names of processes and groups. Raises ServiceError on an unknown one."""
	known = _commands()
	expanded: list[str] = []
	for name in names:
		for member in GROUPS.get(name, (name,)):
			if member not in known:
				raise ServiceError(f"no process named {name}; known: {', '.join([*GROUPS, *known])}")
			expanded.append(member)
	return expanded


def root_password(layout: Layout) -> str:
	"""The private MariaDB's root password, made up on first use and kept where only the owner reads it."""
	path = layout.state / "mariadb.json"
	password = read_json(path).get("root_password")
	if not password:
		password = secrets.token_hex(16)
		write_json(path, {"root_password": password}, mode=0o600)
	return str(password)


def _commands() -> dict[str, Callable[[Layout], Command | None]]:
	return {
		"mariadb": _mariadb,
		"redis_cache": lambda layout: _redis(layout, "redis_cache", "--maxmemory-policy", "allkeys-lru"),
		"redis_queue": lambda layout: _redis(layout, "redis_queue"),
		"web": lambda layout: _web(layout, "web", DEMO_SITE),
		"socketio": lambda layout: _socketio(layout, "socketio", "web", DEMO_SITE),
		"worker": _worker,
		"scheduler": _scheduler,
		"test_web": lambda layout: _web(layout, "test_web", TEST_SITE),
		"test_socketio": lambda layout: _socketio(layout, "test_socketio", "test_web", TEST_SITE),
		"test_worker": _worker,
		"benchmark_web": lambda layout: _web(layout, "benchmark_web", BENCHMARK_SITE),
	}


# -- stores ------------------------------------------------------------------------------------------------------------


def _mariadb(layout: Layout) -> Command:
	home = layout.services / "mariadb"
	data = home / "data"
	if not (data / "mysql").is_dir():
		_initialise_mariadb(layout, home)
	port = layout.port("mariadb")
	socket_file = mariadb_socket(layout)
	arguments = [
		_mariadb_server(),
		"--no-defaults",
		f"--datadir={data}",
		f"--socket={socket_file}",
		f"--port={port}",
		f"--bind-address={LOOPBACK}",
		f"--pid-file={home / 'mariadbd.pid'}",
		"--character-set-server=utf8mb4",
		"--collation-server=utf8mb4_unicode_ci",
		"--innodb-buffer-pool-size=384M",
		"--innodb-log-file-size=128M",
		# A killed process loses nothing; only a crash of the machine may lose the last second.
		"--innodb-flush-log-at-trx-commit=2",
		"--max-allowed-packet=128M",
		"--skip-log-bin",
		*_mariadb_user(),
	]
	return Command(arguments, lambda: _answers(port), home)


def mariadb_socket(layout: Layout) -> Path:
	"""The socket file; the kernel allows 107 bytes, so a deep bench folder gets one under the temporary folder."""
	path = layout.services / "mariadb" / "mariadb.sock"
	if len(str(path).encode()) <= 100:
		return path
	record = layout.state / "socket.json"
	if not record.exists():
		write_json(record, {"path": f"/tmp/kehu-{secrets.token_hex(8)}.sock"})
	return Path(str(read_json(record)["path"]))


def _initialise_mariadb(layout: Layout, home: Path) -> None:
	"""Create the data folder beside its final place and move it there when it is complete."""
	partial = home / "data.partial"
	shutil.rmtree(partial, ignore_errors=True)
	home.mkdir(parents=True, exist_ok=True)
	install = [
		_find_program("mariadb-install-db", "mysql_install_db"),
		"--no-defaults",
		f"--datadir={partial}",
		"--auth-root-authentication-method=normal",
		"--skip-test-db",
		"--skip-name-resolve",
		*_mariadb_user(),
	]
	run(install)
	password = root_password(layout)
	statements = (
		"FLUSH PRIVILEGES;\n"
		f"ALTER USER 'root'@'localhost' IDENTIFIED BY '{password}';\n"
		"DELETE FROM mysql.global_priv WHERE user = '' OR (user = 'root' AND host <> 'localhost');\n"
		"FLUSH PRIVILEGES;\n"
	)
	start = partial / "kehu-bootstrap.sql"
	start.write_text(statements, encoding="utf-8")
	start.chmod(0o600)
	bootstrap = [_mariadb_server(), "--no-defaults", f"--datadir={partial}", "--bootstrap", *_mariadb_user()]
	with start.open() as source:
		subprocess.run(bootstrap, stdin=source, capture_output=True, check=True)
	start.unlink()
	os.replace(partial, home / "data")


def _mariadb_user() -> list[str]:
	return ["--user=root"] if os.geteuid() == 0 else []


def _mariadb_server() -> str:
	return _find_program("mariadbd", "mysqld")


def _redis(layout: Layout, name: str, *options: str) -> Command:
	home = layout.services / "redis" / name
	home.mkdir(parents=True, exist_ok=True)
	port = layout.port(name)
	arguments = [
		_find_program("redis-server"),
		*("--bind", LOOPBACK, "--port", str(port), "--dir", str(home)),
		*("--save", "", "--appendonly", "no", "--maxmemory", "256mb", *options),
	]
	return Command(arguments, lambda: _redis_answers(port), home)


# -- processes of the app ----------------------------------------------------------------------------------------------


def _web(layout: Layout, name: str, site: str) -> Command:
	port = layout.port(name)
	arguments = [
		str(layout.env / "bin" / "gunicorn"),
		*("--bind", f"{LOOPBACK}:{port}", "--workers", "2", "--worker-class", "gthread", "--threads", "4"),
		*("--timeout", "120", "--graceful-timeout", "5", "--worker-tmp-dir", _memory_folder()),
		*("--pythonpath", str(REPOSITORY / "dev"), "--chdir", str(layout.sites)),
		"kehu_dev.wsgi:application",
	]
	environment = {"KEHU_WEB_SITE": site, "SITES_PATH": str(layout.sites), "DEV_SERVER": "1"}
	# The first answer may take seconds (imports); any HTTP answer counts here, the login page is checked by the caller.
	return Command(
		arguments, lambda: http_status(web_url(layout, name)) is not None, layout.sites, environment
	)


def _worker(layout: Layout) -> Command:
	arguments = [*frappe_command(layout), "worker", "--queue", "short,default,long"]
	started = time.monotonic()
	return Command(arguments, lambda: time.monotonic() > started + 0.5, layout.sites, {"DEV_SERVER": "1"})


def _scheduler(layout: Layout) -> Command:
	arguments = [*frappe_command(layout), "schedule"]
	started = time.monotonic()
	return Command(arguments, lambda: time.monotonic() > started + 0.5, layout.sites)


def _socketio(layout: Layout, name: str, web: str, site: str) -> Command | None:
	script = _socketio_script(layout)
	if script is None:
		return None
	port = layout.port(name)
	environment = {
		"KEHU_SOCKETIO_PORT": str(port),
		"KEHU_REDIS_URL": f"redis://{LOOPBACK}:{layout.port('redis_queue')}",
		"KEHU_SITES_PATH": str(layout.sites),
		"KEHU_WEB_URL": web_url(layout, web),
		"KEHU_WEB_SITE": site,
		"FRAPPE_SOCKETIO_PORT": str(port),
		"FRAPPE_SITE": site,
		"DEV_SERVER": "1",
	}
	arguments = [node_program(layout, "node"), str(script)]
	return Command(arguments, lambda: _answers(port), layout.root, environment)


def _socketio_script(layout: Layout) -> Path | None:
	"""The live-update server: Frappe's own on an official checkout, ours on the restored one."""
	scripts = (layout.apps / "frappe" / "socketio.js", REPOSITORY / "dev" / "realtime" / "server.mjs")
	return next((script for script in scripts if script.exists()), None)


def frappe_command(layout: Layout) -> list[str]:
	"""The command that runs Frappe's own CLI inside the bench's environment; its folder must be ``sites``."""
	return [str(layout.python), "-m", "frappe.utils.bench_helper", "frappe"]


def web_url(layout: Layout, name: str = "web") -> str:
	return f"http://{LOOPBACK}:{layout.port(name)}"


# -- probes and processes ----------------------------------------------------------------------------------------------


def http_status(url: str, seconds: float = 20.0) -> int | None:
	"""The HTTP status a URL answers with, None when nothing answers."""
	opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
	try:
		with opener.open(url, timeout=seconds) as answer:
			return int(answer.status)
	except urllib.error.HTTPError as error:
		return int(error.code)
	except OSError:
		return None


def _answers(port: int) -> bool:
	try:
		with socket.create_connection((LOOPBACK, port), timeout=1):
			return True
	except OSError:
		return False


def _redis_answers(port: int) -> bool:
	try:
		with socket.create_connection((LOOPBACK, port), timeout=1) as connection:
			connection.sendall(b"PING\r\n")
			return connection.recv(16).startswith(b"+PONG")
	except OSError:
		return False


def _started_at(pid: int) -> int | None:
	"""When the kernel started this process, in clock ticks since boot; None when it is gone or a zombie."""
	try:
		fields = (
			Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
		)
	except OSError:
		return None
	return None if fields[0] == "Z" else int(fields[19])


def _end(pid: int, name: str) -> None:
	"""Ask the process's group to stop, wait, and insist when it does not."""
	started = _started_at(pid)
	for number in (signal.SIGTERM, signal.SIGKILL):
		try:
			os.killpg(pid, number)
		except ProcessLookupError:
			return
		deadline = time.monotonic() + STOP_SECONDS
		while time.monotonic() < deadline:
			_reap(pid)
			if _started_at(pid) != started:
				return
			time.sleep(0.05)
	raise ServiceError(f"{name} (process {pid}) does not stop")


def _reap(pid: int) -> None:
	try:
		os.waitpid(pid, os.WNOHANG)
	except ChildProcessError:
		return


def _find_program(*names: str) -> str:
	"""The first of these programs that is installed, also where an ordinary user's path does not lead."""
	path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin", "/sbin"])
	for name in names:
		if found := shutil.which(name, path=path):
			return found
	raise ServiceError(f"{names[0]} is not installed")


def _memory_folder() -> str:
	"""Where gunicorn keeps its heartbeat files; a memory file system spares it stalls on a busy disk."""
	return "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"
