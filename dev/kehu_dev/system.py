"""What the machine itself must have, and installing it on Debian when we may."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from .steps import Display, StepError

SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])
MINIMUM_PYTHON = (3, 10)
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")


def has_program(*names: str) -> bool:
	"""Whether one of these programs is installed."""
	return any(shutil.which(name, path=SEARCH_PATH) for name in names)


def _has_cjk_font() -> bool:
	folders = [Path(folder).expanduser() for folder in FONT_FOLDERS]
	return any(next(folder.rglob("NotoSansCJK*"), None) for folder in folders if folder.is_dir())


def _can_make_environments() -> bool:
	return importlib.util.find_spec("ensurepip") is not None


# Debian package -> how to see that what we need of it is there.
REQUIREMENTS: dict[str, Callable[[], bool]] = {
	"mariadb-server": lambda: has_program("mariadbd", "mysqld") and has_program("mariadb-install-db"),
	"mariadb-client": lambda: has_program("mariadb", "mysql"),
	"redis-server": lambda: has_program("redis-server"),
	"wkhtmltopdf": lambda: has_program("wkhtmltopdf"),
	"fonts-noto-cjk": _has_cjk_font,
	"chromium": lambda: has_program("chromium", "chromium-browser", "google-chrome"),
	"git": lambda: has_program("git"),
	"python3-venv": _can_make_environments,
}


def missing_packages() -> list[str]:
	"""The Debian packages whose programs this machine lacks."""
	return [package for package, present in REQUIREMENTS.items() if not present()]


def install_missing(display: Display) -> str:
	"""Install what is missing when root on a Debian system; raises StepError with the list otherwise."""
	if sys.version_info < MINIMUM_PYTHON:
		raise StepError(
			"Python 3.10 or later is needed; set PYTHON=/path/to/python3.11 on the make command line."
		)
	missing = missing_packages()
	if not missing:
		return "all there"
	if os.geteuid() != 0 or not has_program("apt-get"):
		raise StepError(
			"This machine lacks some programs. Install them (Debian and Ubuntu), then run the command again:\n\n"
			f"    sudo apt-get update && sudo apt-get install --no-install-recommends {' '.join(missing)}\n"
		)
	_apt(["update"], display)
	_apt(["install", "--yes", "--no-install-recommends", *missing], display)
	still_missing = missing_packages()
	if still_missing:
		raise StepError(f"apt-get ended well, yet these are still missing: {' '.join(still_missing)}")
	return f"installed {' '.join(missing)}"


def _apt(arguments: list[str], display: Display) -> None:
	display.note(f"apt-get {arguments[0]}")
	environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PATH": SEARCH_PATH}
	command = ["apt-get", "--quiet", "-o", "DPkg::Lock::Timeout=120", *arguments]
	done = subprocess.run(
		command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
	)
	if done.returncode != 0:
		raise StepError(f"{' '.join(command)} failed:\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}")
