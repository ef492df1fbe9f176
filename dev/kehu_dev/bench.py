"""The bench folder itself: its configuration, and running commands against it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

from .layout import APP, LOOPBACK, REPOSITORY, Layout, read_json, write_json
from .processes import environment_without_python, run
from .services import STORES, Services, root_password


def write_configuration(layout: Layout) -> None:
	"""Bring ``sites/common_site_config.json`` in line with the chosen ports; keys a person added are kept."""
	path = layout.sites / "common_site_config.json"
	wanted: dict[str, Any] = {
		"db_host": LOOPBACK,
		"db_port": layout.port("mariadb"),
		"root_login": "root",
		"root_password": root_password(layout),
		"redis_cache": f"redis://{LOOPBACK}:{layout.port('redis_cache')}",
		"redis_queue": f"redis://{LOOPBACK}:{layout.port('redis_queue')}",
		"redis_socketio": f"redis://{LOOPBACK}:{layout.port('redis_queue')}",
		"socketio_port": layout.port("socketio"),
		"webserver_port": layout.port("web"),
		"server_script_enabled": 0,
		"serve_default_site": True,
		"shallow_clone": True,
		"live_reload": False,
		"background_workers": 1,
	}
	if os.geteuid() == 0:
		wanted["frappe_user"] = "root"
	current = read_json(path)
	if current != {**current, **wanted}:
		write_json(path, {**current, **wanted}, mode=0o600)


def link_app(layout: Layout) -> None:
	"""Make ``apps/kehu_archive`` point to this repository."""
	link = layout.apps / APP
	if link.is_symlink() and link.resolve() == REPOSITORY:
		return
	link.unlink(missing_ok=True)
	link.symlink_to(REPOSITORY, target_is_directory=True)


def write_app_list(layout: Layout) -> None:
	"""List the apps in ``sites/apps.txt``, Frappe first, ours last."""
	names = sorted(path.name for path in layout.apps.iterdir() if not path.name.startswith("."))
	others = [name for name in names if name not in ("frappe", APP)]
	text = "\n".join(["frappe", *others, APP]) + "\n"
	path = layout.sites / "apps.txt"
	if not path.exists() or path.read_text(encoding="utf-8") != text:
		path.write_text(text, encoding="utf-8")


def start_stores(layout: Layout) -> None:
	"""Start MariaDB and Redis when they are down; the configuration follows the ports they got."""
	services = Services(layout)
	if not all(services.is_running(name) for name in STORES):
		services.start(STORES)
	write_configuration(layout)


def bench_command(layout: Layout, arguments: Iterable[str]) -> list[str]:
	"""The command line of frappe-bench; its folder must be the bench."""
	return [str(layout.cli_env / "bin" / "bench"), *arguments]


def bench_environment(layout: Layout) -> dict[str, str]:
	"""The environment for frappe-bench: its own programs first, no interpreter settings of the caller."""
	environment = environment_without_python()
	path = environment.get("PATH", os.defpath)
	environment["PATH"] = os.pathsep.join([str(layout.cli_env / "bin"), path, "/usr/sbin", "/sbin"])
	environment["PYTHONUNBUFFERED"] = "1"
	return environment


def run_bench(
	layout: Layout,
	arguments: Iterable[str],
	on_line: Callable[[str], None] | None = None,
	environment: dict[str, str] | None = None,
) -> str:
	"""Run a bench command and give its output; ``on_line`` sees each line, and each redrawn progress bar, at once.

	``environment`` replaces the usual one. Raises CommandError with the end of the output when the command fails.
	"""
	return run(
		bench_command(layout, arguments), layout.root, environment or bench_environment(layout), on_line
	)
