"""The Node packages of an official checkout of Frappe or ERPNext, installed by yarn as its makers do.

Frappe's ``package.json`` names a package or two by their git repository instead of a release. Where that repository
cannot be reached, the release of the same version from the package registry takes its place; every other package stays
as the checkout's ``yarn.lock`` names it. The checkout in the bench is a copy, so these edits never reach the caller's.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from .layout import REPOSITORY, Layout
from .node import install_named, node_environment, node_program
from .processes import CommandError, run

YARN = "yarn@1.22.22"
DATEPICKER_SHIM = REPOSITORY / "dev" / "assets" / "shims" / "air-datepicker.js"

_GIT_ADDRESS = re.compile(r"^(github:|gitlab:|bitbucket:|git[+:@]|https?://|[\w.-]+/[\w.-]+(#|$))")


def yarn_folder(layout: Layout) -> Path:
	"""Where the bench's own yarn is; Frappe's build looks for it on the path."""
	return layout.root / "yarn-env" / "node_modules" / ".bin"


def install(layout: Layout, checkout: Path) -> str:
	"""Install what ``yarn.lock`` of the checkout names; gives a word on packages that had to be replaced.

	Raises CommandError.
	"""
	if not (yarn_folder(layout) / "yarn").exists():
		install_named(layout, layout.root / "yarn-env", YARN)
	try:
		_yarn(layout, checkout, "--frozen-lockfile")
		return ""
	except CommandError:
		replaced = use_releases(checkout)
		if not replaced:
			raise
	_yarn(layout, checkout)
	_add_seconds(checkout)
	return f"from releases: {', '.join(replaced)}"


def use_releases(checkout: Path) -> list[str]:
	"""Have ``package.json`` ask for the releases of the packages it takes from git; gives their names and versions."""
	project_file, lock_file = checkout / "package.json", checkout / "yarn.lock"
	project = json.loads(project_file.read_text(encoding="utf-8"))
	lock = lock_file.read_text(encoding="utf-8")
	replaced = []
	for name, address in sorted(project.get("dependencies", {}).items()):
		block = _lock_block(lock, name, address) if _GIT_ADDRESS.match(address) else None
		version = re.search(r'^  version "([^"]+)"', block, re.MULTILINE) if block else None
		if block and version:
			project["dependencies"][name] = version[1]
			lock = lock.replace(block, "")
			replaced.append(f"{name} {version[1]}")
	if replaced:
		project_file.write_text(json.dumps(project, indent=2) + "\n", encoding="utf-8")
		lock_file.write_text(lock, encoding="utf-8")
	return replaced


def _lock_block(lock: str, name: str, address: str) -> str | None:
	"""The paragraph of a yarn.lock about one package at one address."""
	key = re.escape(f"{name}@{address}")
	match = re.search(rf'^"?{key}"?:\n(?:[ ]+.*\n)+\n?', lock, re.MULTILINE)
	return match[0] if match else None


def _add_seconds(checkout: Path) -> None:
	"""Give the released date picker the seconds that Frappe's variant of it knows (see the shim)."""
	script = checkout / "node_modules" / "air-datepicker" / "dist" / "js" / "datepicker.min.js"
	if not script.exists():
		return
	released = script.with_name("datepicker.released.js")
	script.replace(released)
	shim = DATEPICKER_SHIM.read_text(encoding="utf-8")
	shim = re.sub(r'import "[^"]*datepicker\.min\.js"', f'import "./{released.name}"', shim)
	script.write_text(shim, encoding="utf-8")


def _yarn(layout: Layout, checkout: Path, *options: str) -> None:
	script = yarn_folder(layout).parent / "yarn" / "bin" / "yarn.js"
	command = [node_program(layout, "node"), str(script), "install", "--non-interactive", *options]
	run(command, checkout, node_environment(layout))
