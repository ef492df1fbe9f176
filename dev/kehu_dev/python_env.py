"""Virtual environments, filled by uv where it works and by pip where it does not."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from .layout import REPOSITORY, Layout
from .processes import CommandError, environment_without_python, run, succeeds
from .steps import StepError, fingerprint

FRAPPE_BENCH = "frappe-bench==5.31.1"
# gunicorn 20 and the installers of Frappe 15 import pkg_resources, which later setuptools dropped.
BASE_PACKAGES = ("setuptools<80", "wheel")
INTERPRETERS = ("python3.11", "python3.12", "python3.13", "python3.14", "python3.10")
TEST_REQUIREMENTS = REPOSITORY / "dev" / "requirements-test.txt"
UNIT_REQUIREMENTS = REPOSITORY / "dev" / "requirements-unit.txt"


def make_environment(folder: Path, interpreter: str) -> None:
	"""Create a virtual environment at ``folder``, replacing a half-made one. Raises CommandError."""
	shutil.rmtree(folder, ignore_errors=True)
	run([interpreter, "-m", "venv", str(folder)], environment=environment_without_python())


def make_cli_environment(layout: Layout) -> None:
	"""The environment of frappe-bench, whose pins clash with Frappe's; uv lives there too when it can be had."""
	make_environment(layout.cli_env, sys.executable)
	succeeds([*pip_command(layout.cli_env), "install", "--quiet", "uv"])
	install(layout, layout.cli_env, [FRAPPE_BENCH])


def frappe_environment_inputs(layout: Layout, interpreter: str) -> str:
	"""What the environment of Frappe depends on."""
	projects = sorted(layout.apps.glob("*/pyproject.toml"))
	return fingerprint(projects, interpreter, *BASE_PACKAGES)


def make_frappe_environment(layout: Layout, interpreter: str) -> None:
	"""The environment that runs Frappe and every app of the bench. Raises CommandError."""
	if not layout.python.exists():
		make_environment(layout.env, interpreter)
	editable: list[str] = []
	for app in (layout.sites / "apps.txt").read_text(encoding="utf-8").split():
		extra = "[demo]" if (layout.apps / app).resolve() == REPOSITORY else ""
		editable += ["--editable", f"{layout.apps / app}{extra}"]
	install(layout, layout.env, [*BASE_PACKAGES, *editable])


def add_test_tools(layout: Layout) -> None:
	"""Add the test tools to Frappe's environment without moving a version that Frappe chose. Raises CommandError."""
	frozen = run([*pip_command(layout.env), "freeze", "--exclude-editable"])
	constraints = layout.state / "constraints.txt"
	pinned = [line for line in frozen.splitlines() if re.match(r"^[\w.-]+==", line)]
	constraints.write_text("\n".join(pinned) + "\n", encoding="utf-8")
	install(layout, layout.env, ["--requirement", str(TEST_REQUIREMENTS), "--constraint", str(constraints)])


def make_unit_environment(layout: Layout) -> None:
	"""A small environment for lint and unit tests, without Frappe. Raises CommandError."""
	folder = unit_environment(layout)
	make_environment(folder, sys.executable)
	install(layout, folder, ["--requirement", str(UNIT_REQUIREMENTS), "--editable", str(REPOSITORY)])


def unit_environment(layout: Layout) -> Path:
	return layout.root / "unit-env"


def pip_command(environment: Path) -> list[str]:
	return [str(environment / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--no-input"]


def install(layout: Layout, environment: Path, arguments: list[str]) -> None:
	"""Install packages into an environment, with uv first, with pip when uv is absent or fails. Raises CommandError."""
	uv = layout.cli_env / "bin" / "uv"
	if uv.exists():
		python = str(environment / "bin" / "python")
		try:
			run(
				[str(uv), "pip", "install", "--quiet", "--python", python, *arguments],
				environment=_uv_environment(layout),
			)
			return
		except CommandError:
			pass  # an index or a proxy that only pip is set up for; pip's own message is the one worth showing
	run(
		[*pip_command(environment), "install", "--quiet", *arguments],
		environment=environment_without_python(),
	)


def find_interpreter(requirement: str) -> str:
	"""A Python that the framework accepts: KEHU_PYTHON, else this one, else one on the path. Raises StepError."""
	named = os.environ.get("KEHU_PYTHON")
	candidates = [named] if named else [sys.executable, *INTERPRETERS]
	for candidate in candidates:
		version = _version_of(candidate)
		if version and satisfies(version, requirement):
			return shutil.which(candidate) or candidate
	raise StepError(
		f"This Frappe needs Python {requirement}; none found on this machine. Set KEHU_PYTHON to one that fits."
	)


def satisfies(version: tuple[int, int], requirement: str) -> bool:
	"""Whether a (major, minor) version meets a requires-python text such as ``>=3.10,<3.15``."""
	for clause in filter(None, (part.strip() for part in requirement.split(","))):
		match = re.match(r"(>=|<=|==|~=|<|>)\s*(\d+)(?:\.(\d+))?", clause)
		if match and not _compare(version, match[1], (int(match[2]), int(match[3] or 0))):
			return False
	return True


def required_python(project: Path) -> str:
	"""The requires-python of a pyproject file, empty when it names none."""
	match = re.search(r'^requires-python\s*=\s*"([^"]*)"', project.read_text(encoding="utf-8"), re.MULTILINE)
	return match[1] if match else ""


def _compare(version: tuple[int, int], operator: str, bound: tuple[int, int]) -> bool:
	return {
		">=": version >= bound,
		"<=": version <= bound,
		"==": version == bound,
		"~=": version >= bound and version[0] == bound[0],
		"<": version < bound,
		">": version > bound,
	}[operator]


def _version_of(interpreter: str) -> tuple[int, int] | None:
	question = "import sys, ensurepip; print(*sys.version_info[:2])"
	try:
		done = subprocess.run(
			[interpreter, "-c", question], capture_output=True, text=True, timeout=20, check=True
		)
	except (OSError, subprocess.SubprocessError):
		return None
	major, minor = done.stdout.split()
	return int(major), int(minor)


def _uv_environment(layout: Layout) -> dict[str, str]:
	"""The caller's environment, with pip's settings said in uv's words."""
	environment = environment_without_python()
	settings = _pip_settings(layout)
	translations: Iterable[tuple[str, str]] = (
		("index-url", "UV_DEFAULT_INDEX"),
		("extra-index-url", "UV_INDEX"),
		("find-links", "UV_FIND_LINKS"),
		("cert", "SSL_CERT_FILE"),
	)
	for option, variable in translations:
		value = settings.get(option)
		if value and variable not in environment:
			environment[variable] = ",".join(value.split()) if option == "find-links" else value
	environment.setdefault(
		"UV_INDEX_STRATEGY", "unsafe-best-match"
	)  # pip's way: the best version of all indexes
	environment.setdefault("UV_HTTP_TIMEOUT", "120")
	return environment


def _pip_settings(layout: Layout) -> dict[str, str]:
	"""pip's own configuration, files and environment together, by option name."""
	settings = {}
	for line in run([*pip_command(layout.cli_env), "config", "list"]).splitlines():
		name, _, value = line.partition("=")
		settings[name.rpartition(".")[2]] = value.strip("'\"")
	for variable, value in os.environ.items():
		if variable.startswith("PIP_") and value:
			settings[variable[4:].lower().replace("_", "-")] = value
	return settings
