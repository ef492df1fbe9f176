"""``make lint``: ruff over the repository, mypy over the rules and services, eslint over what browsers and Node run."""

from __future__ import annotations

from pathlib import Path

from . import node, python_env
from .layout import APP, REPOSITORY, Layout
from .processes import CommandError, environment_without_python, run
from .steps import Display, Steps, fingerprint

COMMANDS = ("dev/bench", "dev/kehu", "dev/services", "dev/site")  # Python without the ending ruff looks for
ESLINT = REPOSITORY / "dev" / "lint"


def lint(steps: Steps) -> bool:
	"""Run every linter, even after one complains; gives whether all were content."""
	layout = steps.layout
	_provide_tools(steps)
	binaries = python_env.unit_environment(layout) / "bin"
	content = _check(steps, "Lint: ruff", [str(binaries / "ruff"), "check", "--quiet", ".", *COMMANDS])
	content &= _check(
		steps, "Lint: mypy", [str(binaries / "mypy"), "--no-error-summary", *_mypy_cache(layout)]
	)
	return content & _eslint(steps)


def provide_unit_environment(steps: Steps) -> None:
	"""See that the small environment of lint and unit tests is there. Raises CommandError."""
	layout = steps.layout
	folder = python_env.unit_environment(layout)
	steps.run(
		"Environment for lint and unit tests",
		lambda display: python_env.make_unit_environment(layout),
		stamp="unit-env",
		inputs=fingerprint([python_env.UNIT_REQUIREMENTS, REPOSITORY / "pyproject.toml"], str(REPOSITORY)),
		still_there=lambda: (folder / "bin" / "ruff").exists(),
	)


def provide_node(steps: Steps) -> None:
	"""See that Node.js is there. Raises CommandError."""
	layout = steps.layout
	found = node.node_folder(layout)
	if found is None:
		steps.run("Node.js", lambda display: node.ensure_node(layout))


def _provide_tools(steps: Steps) -> None:
	provide_unit_environment(steps)
	provide_node(steps)
	steps.run(
		"Packages of eslint",
		lambda display: node.install_packages(steps.layout, ESLINT),
		stamp="eslint-packages",
		inputs=fingerprint([ESLINT / "package-lock.json"]),
		still_there=lambda: (ESLINT / "node_modules").is_dir(),
	)


def _eslint(steps: Steps) -> bool:
	program = ESLINT / "node_modules" / "eslint" / "bin" / "eslint.js"
	command = [
		node.node_program(steps.layout, "node"),
		str(program),
		"--config",
		str(ESLINT / "eslint.config.mjs"),
	]
	return _check(steps, "Lint: eslint", [*command, *_scripts()])


def _scripts() -> list[str]:
	"""Every script of ours, relative to the repository, so that none is forgotten."""
	files: list[Path] = []
	for folder in (REPOSITORY / APP, REPOSITORY / "dev"):
		for pattern in ("*.js", "*.mjs"):
			files.extend(folder.rglob(pattern))
	own = [file for file in files if not {"node_modules", "dist"} & set(file.parts)]
	return sorted(str(file.relative_to(REPOSITORY)) for file in own)


def _mypy_cache(layout: Layout) -> list[str]:
	return ["--cache-dir", str(layout.root / "mypy-cache")]


def _check(steps: Steps, title: str, command: list[str]) -> bool:
	findings: list[str] = []

	def work(display: Display) -> str:
		try:
			run(command, REPOSITORY, environment_without_python())
		except CommandError as error:
			findings.append(str(error))
			return "FINDINGS"
		return "clean"

	steps.run(title, work)
	for finding in findings:
		steps.say(finding.partition("\n")[2])
	return not findings
