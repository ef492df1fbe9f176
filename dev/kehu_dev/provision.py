"""The steps from an empty folder to a bench whose site answers. Each is skipped when it has nothing to do."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from . import assets, frappe_source, python_env, sites, system
from .bench import link_app, start_stores, write_app_list
from .layout import APP, REPOSITORY, Layout
from .lint import provide_node
from .services import STORES, Services, http_status, web_url
from .steps import StepError, Steps, fingerprint

ANSWER_SECONDS = 90.0


def provision_bench(steps: Steps) -> None:
	"""Programs, frameworks, packages, databases and bundles: all that sites share.

	Raises StepError, CommandError, ServiceError or EngineError.
	"""
	provide_base(steps)
	_provide_apps(steps)
	_provide_packages(steps)
	_start_stores(steps)
	_provide_bundles(steps)


def provide_base(steps: Steps) -> None:
	"""The programs of the machine and the environment of frappe-bench. Raises StepError or CommandError."""
	if system.missing_packages():
		steps.run("Programs of the machine", system.install_missing)
	layout = steps.layout
	steps.run(
		"frappe-bench",
		lambda display: python_env.make_cli_environment(layout),
		stamp="cli-env",
		inputs=fingerprint([], python_env.FRAPPE_BENCH, str(layout.root)),
		still_there=lambda: (layout.cli_env / "bin" / "bench").exists(),
	)


def provision_site(steps: Steps, site: str, *, tests: bool) -> bool:
	"""Make a site with the app installed, or bring it up to the app's files; gives whether the app was installed now.

	Raises CommandError.
	"""
	layout = steps.layout
	name = site.partition(".")[0]
	new = steps.run(
		f"Site {site}",
		lambda display: sites.create_site(layout, site, display.progress),
		stamp=f"{name}-site",
		still_there=lambda: sites.site_exists(layout, site),
	)
	if new:
		steps.forget(f"{name}-app")
	schema = fingerprint(sites.schema_files())
	installed = steps.run(
		f"App on {site}",
		lambda display: _install_app(layout, site, display.progress, tests=tests),
		stamp=f"{name}-app",
	)
	if installed:
		steps.mark(f"{name}-schema", schema)
	steps.run(
		f"Migrate {site}",
		lambda display: sites.migrate_site(layout, site, display.progress),
		stamp=f"{name}-schema",
		inputs=schema,
	)
	return installed


def running_version(layout: Layout) -> str:
	"""A digest over what the running processes have read at their start: when it changes, they are restarted."""
	package = REPOSITORY / APP
	files = [
		file for pattern in ("*.py", "*.csv") for file in package.rglob(pattern) if "tests" not in file.parts
	]
	files += [*(REPOSITORY / "dev" / "realtime").glob("*.mjs"), Path(__file__).with_name("wsgi.py")]
	return fingerprint(files, *(str(layout.port(name)) for name in STORES))


def wait_for_login_page(layout: Layout, web: str) -> None:
	"""Wait until the log-in page of a web server really answers. Raises StepError."""
	deadline = time.monotonic() + ANSWER_SECONDS
	status: int | None = None
	while time.monotonic() < deadline:
		status = http_status(f"{web_url(layout, web)}/login")
		if status == 200:
			return
		time.sleep(0.3)
	log = Services(layout).log_file(web)
	raise StepError(f"The log-in page answers with {status} after {ANSWER_SECONDS:.0f} s; see {log}")


def _provide_apps(steps: Steps) -> None:
	layout = steps.layout
	frappe_source.check_unchanged(layout, "frappe")
	steps.run(
		"Frappe",
		lambda display: frappe_source.place_frappe(layout, display),
		stamp="frappe",
		still_there=lambda: (layout.apps / "frappe" / "frappe" / "__init__.py").exists(),
	)
	if frappe_source.wanted_source("erpnext"):
		frappe_source.check_unchanged(layout, "erpnext")
		steps.run(
			"ERPNext",
			lambda display: frappe_source.place_erpnext(layout),
			stamp="erpnext",
			still_there=lambda: (layout.apps / "erpnext" / "erpnext" / "__init__.py").exists(),
		)
	link_app(layout)
	write_app_list(layout)


def _provide_packages(steps: Steps) -> None:
	layout = steps.layout
	project = layout.apps / "frappe" / "pyproject.toml"
	interpreter = python_env.find_interpreter(python_env.required_python(project))
	steps.run(
		"Python packages",
		lambda display: python_env.make_frappe_environment(layout, interpreter),
		stamp="env",
		inputs=python_env.frappe_environment_inputs(layout, interpreter),
		still_there=lambda: (layout.env / "bin" / "gunicorn").exists(),
	)


def _start_stores(steps: Steps) -> None:
	services = Services(steps.layout)
	if all(services.is_running(name) for name in STORES):
		start_stores(steps.layout)
		return
	steps.run("MariaDB and Redis", lambda display: start_stores(steps.layout))


def _provide_bundles(steps: Steps) -> None:
	layout = steps.layout
	provide_node(steps)
	steps.run(
		"Node packages",
		lambda display: assets.fetch_packages(layout),
		stamp="node-packages",
		inputs=assets.packages_inputs(layout),
		still_there=lambda: assets.packages_are_there(layout),
	)
	steps.run(
		"Bundles of the Desk",
		lambda display: assets.build(layout),
		stamp="bundles",
		inputs=assets.build_inputs(layout),
		still_there=lambda: assets.bundles_are_there(layout),
	)


def _install_app(layout: Layout, site: str, progress: sites.Progress, *, tests: bool) -> None:
	# The language comes first: the app names its master records in the site's language. Later versions keep a
	# set-up flag for each app, which exists only afterwards.
	sites.configure_site(layout, site, tests=tests)
	sites.install_apps(layout, site, progress)
	sites.configure_site(layout, site, tests=tests)


def remove(layout: Layout) -> None:
	"""Delete the bench folder. Raises StepError when it does not look like one of ours."""
	if layout.root.exists() and not layout.state.is_dir():
		raise StepError(f"{layout.root} is no development bench; nothing was removed.")
	shutil.rmtree(layout.root, ignore_errors=False)
