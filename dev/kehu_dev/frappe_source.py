"""Where ``apps/frappe`` and, if wanted, ``apps/erpnext`` come from.

In this order: what ``FRAPPE_PATH`` names (a checkout or a git URL), the public repository when it answers within a few
seconds, the package registry. ERPNext is put there only when ``ERPNEXT_PATH`` is set: to a checkout, a git URL, or
``public`` for the public repository.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from . import engine
from .layout import Layout, read_json, write_json
from .processes import succeeds
from .python_env import pip_command
from .steps import Display, StepError

PUBLIC = {"frappe": "https://github.com/frappe/frappe", "erpnext": "https://github.com/frappe/erpnext"}
DEFAULT_BRANCH = "version-15"
ANSWER_SECONDS = 5.0
CLONE_SECONDS = 900.0


def wanted_source(app: str) -> str:
	"""What the caller's environment names for an app, empty when it names nothing."""
	return os.environ.get(f"{app.upper()}_PATH", "").strip()


def wanted_branch(app: str) -> str:
	return os.environ.get(f"{app.upper()}_BRANCH", "").strip() or DEFAULT_BRANCH


def has_bundler(layout: Layout) -> bool:
	"""Whether this Frappe brings its own bundler, as every checkout does and no wheel."""
	return (layout.apps / "frappe" / "package.json").exists()


def origin(layout: Layout, app: str) -> str:
	"""Where an app of this bench came from, in words; empty when it is not there."""
	return str(read_json(layout.state / f"origin-{app}.json").get("origin", ""))


def place_frappe(layout: Layout, display: Display) -> str:
	"""Put Frappe at ``apps/frappe``; gives its origin in words. Raises StepError or EngineError."""
	source = wanted_source("frappe")
	if source:
		return _place(layout, "frappe", source)
	if _repository_answers(PUBLIC["frappe"], wanted_branch("frappe")):
		return _place(layout, "frappe", PUBLIC["frappe"])
	target = layout.apps / "frappe"
	shutil.rmtree(target, ignore_errors=True)
	engine.restore(target, pip_command(layout.cli_env), layout.downloads, display.progress)
	return _remember(layout, "frappe", f"registry ({engine.PACKAGE} {engine.VERSION}, Frappe 15.0.0-dev)", "")


def place_erpnext(layout: Layout) -> str:
	"""Put ERPNext at ``apps/erpnext`` from what ERPNEXT_PATH names. Raises StepError."""
	source = wanted_source("erpnext")
	return _place(layout, "erpnext", PUBLIC["erpnext"] if source == "public" else source)


def check_unchanged(layout: Layout, app: str) -> None:
	"""Raise StepError when the caller now names another source than the one this bench was made from."""
	record = read_json(layout.state / f"origin-{app}.json")
	source = wanted_source(app)
	branch = os.environ.get(f"{app.upper()}_BRANCH", "").strip()
	other_source = source and record.get("source") != source
	other_branch = branch and record.get("branch") and record["branch"] != branch
	if record and (other_source or other_branch):
		raise StepError(
			f"This bench was made with {app} from {record.get('origin')}. To change it, run `make reset` first, "
			"or name another bench folder in KEHU_BENCH_DIR."
		)


def _place(layout: Layout, app: str, source: str) -> str:
	target = layout.apps / app
	partial = target.with_name(f".{app}.partial")
	shutil.rmtree(partial, ignore_errors=True)
	shutil.rmtree(target, ignore_errors=True)
	folder = Path(source).expanduser()
	branch = ""
	if folder.is_dir():
		_copy_checkout(folder.resolve(), app, partial)
	else:
		branch = wanted_branch(app)
		_clone(source, branch, partial)
	os.replace(partial, target)
	words = f"{source}, branch {branch}" if branch else source
	return _remember(layout, app, words, source, branch)


def _copy_checkout(folder: Path, app: str, partial: Path) -> None:
	"""Copy a checkout, so that builds and metadata never land in the user's own folder."""
	if not (folder / app / "__init__.py").exists():
		raise StepError(f"{folder} is no checkout of {app}: {app}/__init__.py is missing there.")
	shutil.copytree(
		folder, partial, symlinks=True, ignore=shutil.ignore_patterns("node_modules", "__pycache__")
	)


def _clone(url: str, branch: str, partial: Path) -> None:
	command = ["git", "clone", "--quiet", "--depth", "1", "--branch", branch, url, str(partial)]
	if not _git(command, CLONE_SECONDS):
		raise StepError(f"Neither a folder nor a git repository with a branch {branch}: {url}")


def _repository_answers(url: str, branch: str) -> bool:
	return _git(["git", "ls-remote", "--exit-code", url, f"refs/heads/{branch}"], ANSWER_SECONDS)


def _git(command: list[str], seconds: float) -> bool:
	return succeeds(command, seconds, {**os.environ, "GIT_TERMINAL_PROMPT": "0"})


def _remember(layout: Layout, app: str, words: str, source: str, branch: str = "") -> str:
	write_json(layout.state / f"origin-{app}.json", {"origin": words, "source": source, "branch": branch})
	return words
