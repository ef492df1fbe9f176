"""Restore Frappe from the package registry.

The PyPI package ``criscostack`` 1.0.0 is a mechanical rename of Frappe ``develop`` (15.0.0-dev, August 2023). This
module fetches the wheel, checks its digest, undoes the rename over names and text, and proves the result by the git
hash of ``frappe/__init__.py``. It is meant for machines that reach only package registries; production needs an
official Frappe release.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from email.parser import Parser
from pathlib import Path

PACKAGE = "criscostack"
VERSION = "1.0.0"
WHEEL_SHA256 = "dc58aaf29c59b7666edc953596e5b31f77d7286b2ed6b14c6a205b217c210349"
COMMIT = "0cced747669d9471aa3d60819148a8e828457930"
INIT_BLOB = "9a83443b02de2653d899d2783597201581e77639"
REQUIRES_PYTHON = ">=3.10,<3.12"

# Order matters: the longer names contain the shorter ones.
_RENAMES = (
	("criscostack", "frappe"),
	("CRISCOSTACK", "FRAPPE"),
	("criscoerp", "erpnext"),
	("Criscoerp", "ERPNext"),
	("Crisco", "Frappe"),
)
_FILE_RENAMES = {"brik_helper.py": "bench_helper.py"}
_IGNORED_FILES = {".DS_Store"}

_PYPROJECT = """\
[project]
name = "frappe"
description = "Frappe Framework, restored from a package registry for development"
requires-python = "{requires_python}"
dynamic = ["version"]
dependencies = [
{dependencies}
]

[build-system]
requires = ["flit_core>=3.4,<4"]
build-backend = "flit_core.buildapi"

[tool.flit.module]
name = "frappe"
"""

_LICENSE = """\
The MIT License

Copyright (c) Frappe Technologies Pvt. Ltd. and contributors

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""

_ORIGIN = f"""\
# Frappe 15.0.0-dev, restored for development

Restored from the wheel of {PACKAGE} {VERSION} (sha256 {WHEEL_SHA256}), a renamed copy of Frappe `develop` at commit
{COMMIT} (5 August 2023). The rename was undone by machine. It lacks every later fix: develop and test with it, never
run it in production.
"""


class EngineError(RuntimeError):
	"""The wheel is not the one expected, or the restored tree is not Frappe's."""


def restore(target: Path, pip: list[str], downloads: Path, progress: Callable[[int, int], None]) -> None:
	"""Put a restored Frappe checkout at ``target``, which must not exist yet.

	``pip`` is the command that runs pip, ``downloads`` keeps the wheel, ``progress`` gets (done, total) files. The tree
	is built beside the target and renamed at the end, so an interrupted run leaves no half-made target.
	"""
	wheel = _fetch_wheel(pip, downloads)
	building = target.with_name(f".{target.name}.partial")
	shutil.rmtree(building, ignore_errors=True)
	building.mkdir(parents=True)
	with zipfile.ZipFile(wheel) as archive:
		_extract(archive, building, progress)
		_write_project_files(archive, building)
	_prove(building)
	os.replace(building, target)


def undo_rename(text: str) -> str:
	"""Give ``text`` as it stood before the rename."""
	for renamed, original in _RENAMES:
		text = text.replace(renamed, original)
	return text


def git_blob_hash(content: bytes) -> str:
	"""The object id git gives a file of this content."""
	return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _fetch_wheel(pip: list[str], downloads: Path) -> Path:
	downloads.mkdir(parents=True, exist_ok=True)
	wheel = downloads / f"{PACKAGE}-{VERSION}-py3-none-any.whl"
	if not (wheel.exists() and _sha256(wheel) == WHEEL_SHA256):
		wheel.unlink(missing_ok=True)
		command = [*pip, "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
		subprocess.run([*command, "--dest", str(downloads), f"{PACKAGE}=={VERSION}"], check=True)
	found = _sha256(wheel)
	if found != WHEEL_SHA256:
		wheel.unlink(missing_ok=True)
		raise EngineError(f"{wheel.name}: sha256 is {found}, expected {WHEEL_SHA256}")
	return wheel


def _sha256(path: Path) -> str:
	with path.open("rb") as handle:
		digest = hashlib.sha256()
		while block := handle.read(1 << 20):
			digest.update(block)
	return digest.hexdigest()


def _extract(archive: zipfile.ZipFile, building: Path, progress: Callable[[int, int], None]) -> None:
	members = [m for m in archive.infolist() if m.filename.startswith(f"{PACKAGE}/") and not m.is_dir()]
	for done, member in enumerate(members, start=1):
		path = building / _original_name(member.filename)
		if path.name not in _IGNORED_FILES:
			path.parent.mkdir(parents=True, exist_ok=True)
			path.write_bytes(_original_content(archive.read(member)))
		if done % 100 == 0 or done == len(members):
			progress(done, len(members))


def _original_name(name: str) -> str:
	folder, _, file = undo_rename(name).rpartition("/")
	return f"{folder}/{_FILE_RENAMES.get(file, file)}"


def _original_content(content: bytes) -> bytes:
	if b"\0" in content:
		return content
	try:
		return undo_rename(content.decode("utf-8")).encode("utf-8")
	except UnicodeDecodeError:
		return content


def _write_project_files(archive: zipfile.ZipFile, building: Path) -> None:
	"""Add what a wheel does not carry: the project file, the licence and a note of origin."""
	metadata = archive.read(f"{PACKAGE}-{VERSION}.dist-info/METADATA").decode("utf-8")
	requirements = Parser().parsestr(metadata, headersonly=True).get_all("Requires-Dist") or []
	dependencies = "\n".join(f'\t"{requirement}",' for requirement in requirements)
	project = _PYPROJECT.format(requires_python=REQUIRES_PYTHON, dependencies=dependencies)
	(building / "pyproject.toml").write_text(project, encoding="utf-8")
	(building / "LICENSE").write_text(_LICENSE, encoding="utf-8")
	(building / "README.md").write_text(_ORIGIN, encoding="utf-8")


def _prove(building: Path) -> None:
	found = git_blob_hash((building / "frappe" / "__init__.py").read_bytes())
	if found != INIT_BLOB:
		raise EngineError(f"restored frappe/__init__.py hashes to {found}, expected {INIT_BLOB}")
