"""Sites of the development bench: create, install the app, choose Chinese settings, bring up to date."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from .bench import run_bench
from .layout import ADMIN_PASSWORD, APP, REPOSITORY, Layout, read_json, write_json
from .processes import environment_without_python, run

Progress = Callable[[int, int], None]

_PERCENT = re.compile(r"^(?P<what>[^:\[]+?)\s*: \[[= ]*\]\s*(?P<percent>\d+)%")


def site_exists(layout: Layout, site: str) -> bool:
	"""Whether the site's folder and its database are there; whether they are complete, its step's stamp tells."""
	database = read_json(layout.sites / site / "site_config.json").get("db_name")
	return bool(database) and (layout.services / "mariadb" / "data" / str(database)).is_dir()


def create_site(layout: Layout, site: str, progress: Progress) -> None:
	"""Make a new site, over the remains of an interrupted attempt if there are any.

	Raises CommandError when frappe-bench fails.
	"""
	options = ["--admin-password", ADMIN_PASSWORD, "--force"]
	shutil.rmtree(layout.sites / site, ignore_errors=True)
	run_bench(layout, ["new-site", site, *options], _percent(progress))


def install_apps(layout: Layout, site: str, progress: Progress) -> None:
	"""Install every app of the bench on a site that has only Frappe, ours last. Raises CommandError.

	An app half installed by an interrupted run is listed as installed, hence the force.
	"""
	for app in (layout.sites / "apps.txt").read_text(encoding="utf-8").split():
		if app != "frappe":
			run_bench(layout, ["--site", site, "install-app", "--force", app], _percent(progress))


def configure_site(layout: Layout, site: str, *, tests: bool) -> None:
	"""Set language, time zone, currency and formats, and mark the set-up wizard as done. Raises CommandError."""
	script = Path(__file__).with_name("site_settings.py")
	arguments = [str(layout.python), str(script), site, "tests" if tests else "demo"]
	run(arguments, layout.sites, environment_without_python())


def set_config(layout: Layout, site: str, key: str, value: object) -> None:
	"""Set a key of the site's own configuration."""
	path = layout.sites / site / "site_config.json"
	config = read_json(path)
	if config.get(key) != value:
		write_json(path, {**config, key: value}, mode=0o600)


def call(layout: Layout, site: str, path: str, on_line: Callable[[str], None] | None = None) -> str:
	"""Call a function of the app on a site and give what it printed, its answer as JSON last. Raises CommandError."""
	script = Path(__file__).with_name("site_call.py")
	environment = {**environment_without_python(), "PYTHONUNBUFFERED": "1"}
	return run([str(layout.python), str(script), site, path], layout.sites, environment, on_line)


def migrate_site(layout: Layout, site: str, progress: Progress) -> None:
	"""Bring the site's schema and seeds up to the app's files. Raises CommandError."""
	run_bench(layout, ["--site", site, "migrate", "--skip-search-index"], _percent(progress))


def drop_site(layout: Layout, site: str) -> None:
	"""Remove a site with its database and its files, keeping no backup. Raises CommandError."""
	archive = layout.root / "archived"
	run_bench(layout, ["drop-site", site, "--force", "--no-backup", "--archived-sites-path", str(archive)])
	shutil.rmtree(archive, ignore_errors=True)


def schema_files() -> list[Path]:
	"""The files whose change needs a migrate: definitions, hooks, seeds, patches and fixtures of the app."""
	package = REPOSITORY / APP
	files = [*package.rglob("*.json"), *package.glob("*.txt"), *package.glob("*.py")]
	for folder in ("seed", "patches", "fixtures", "permissions", "integrations"):
		files.extend((package / folder).rglob("*.py"))
	return sorted({file for file in files if "tests" not in file.parts and "node_modules" not in file.parts})


def _percent(progress: Progress) -> Callable[[str], None]:
	def on_line(line: str) -> None:
		if match := _PERCENT.match(line):
			progress(int(match["percent"]), 100)

	return on_line
