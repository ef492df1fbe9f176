"""The Desk's bundles: with the project's own bundler on a restored Frappe, with Frappe's on an official one."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

from . import checkout_packages, frappe_source
from .bench import bench_environment, run_bench
from .layout import APP, LOOPBACK, REPOSITORY, Layout
from .node import install_packages, node_environment, node_program
from .processes import run
from .steps import fingerprint

BUNDLER = REPOSITORY / "dev" / "assets"


def packages_inputs(layout: Layout) -> str:
	"""What the Node packages of the bundler depend on."""
	return fingerprint([BUNDLER / "package-lock.json"], frappe_source.origin(layout, "frappe"))


def packages_are_there(layout: Layout) -> bool:
	folder = layout.apps / "frappe" if frappe_source.has_bundler(layout) else BUNDLER
	return (folder / "node_modules").is_dir()


def fetch_packages(layout: Layout) -> str:
	"""Install the Node packages that building needs; gives a word on any that were replaced. Raises CommandError."""
	if not frappe_source.has_bundler(layout):
		install_packages(layout, BUNDLER)
		return ""
	words = [
		checkout_packages.install(layout, layout.apps / app)
		for app in ("frappe", "erpnext")
		if (layout.apps / app / "yarn.lock").exists()
	]
	return ", ".join(filter(None, words))


def build_inputs(layout: Layout) -> str:
	"""What the bundles depend on: the bundler and the public files of the app."""
	own = [file for file in _files(BUNDLER) if "node_modules" not in file.parts]
	return fingerprint([*own, *_files(REPOSITORY / APP / "public")], frappe_source.origin(layout, "frappe"))


def bundles_are_there(layout: Layout) -> bool:
	"""Whether the list of bundles exists and every file it names does."""
	try:
		bundles = json.loads((layout.sites / "assets" / "assets.json").read_text(encoding="utf-8"))
	except (OSError, ValueError):
		return False
	return bool(bundles) and all((layout.sites / path.lstrip("/")).exists() for path in bundles.values())


def build(layout: Layout) -> None:
	"""Build the bundles of every app and have Frappe forget the old list. Raises CommandError."""
	if not frappe_source.has_bundler(layout):
		command = [node_program(layout, "node"), str(BUNDLER / "build.mjs"), "--bench", str(layout.root)]
		run(command, layout.root, node_environment(layout))
	else:
		run_bench(layout, ["build", "--force"], environment=_checkout_environment(layout))
	empty_cache(layout)


def _checkout_environment(layout: Layout) -> dict[str, str]:
	"""What Frappe's own build needs beside frappe-bench: node and yarn on the path, and a failure that is told."""
	path = bench_environment(layout)["PATH"]
	folders = [checkout_packages.yarn_folder(layout), Path(node_program(layout, "node")).parent]
	return {**node_environment(layout), "PATH": os.pathsep.join([*map(str, folders), path])}


def empty_cache(layout: Layout) -> None:
	"""Empty the Redis cache of every site; Frappe fills it again."""
	try:
		with socket.create_connection((LOOPBACK, layout.port("redis_cache")), timeout=5) as connection:
			connection.sendall(b"FLUSHALL\r\n")
			connection.recv(64)
	except OSError:
		return  # Redis is down, and its cache with it


def _files(folder: Path) -> list[Path]:
	return [path for path in folder.rglob("*") if path.is_file() and "node_modules" not in path.parts]
