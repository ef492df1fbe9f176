"""The commands behind the Makefile."""

from __future__ import annotations

import argparse
import fcntl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import demo, lint, python_env, sites, trace
from .engine import EngineError
from .layout import ADMIN_PASSWORD, APP, BENCHMARK_SITE, DEMO_SITE, REPOSITORY, TEST_SITE, Layout
from .processes import CommandError, environment_without_python
from .provision import (
	provide_base,
	provision_bench,
	provision_site,
	remove,
	running_version,
	wait_for_login_page,
)
from .services import BENCHMARK_PROCESSES, DEMO_PROCESSES, TEST_PROCESSES, ServiceError, Services, web_url
from .steps import StepError, Steps, fingerprint

LOG_LINES = 20


def main(arguments: list[str]) -> int:
	"""Run one command; gives the exit code."""
	parser = argparse.ArgumentParser(prog="dev/kehu", description="The development bench of Kehu Archive.")
	parser.add_argument("command", choices=sorted(_COMMANDS))
	parser.add_argument("arguments", nargs=argparse.REMAINDER, help="passed on to pytest or to the benchmark")
	options = parser.parse_args(arguments)
	steps = Steps(Layout.from_environment())
	try:
		return _COMMANDS[options.command](steps, options.arguments)
	except (
		StepError,
		CommandError,
		ServiceError,
		EngineError,
		subprocess.CalledProcessError,
		OSError,
	) as error:
		print(f"\n{error}", file=sys.stderr)
		return 1
	except KeyboardInterrupt:
		print("\nInterrupted. Run the command again to go on.", file=sys.stderr)
		return 130


def _demo(steps: Steps, _: list[str]) -> int:
	layout = steps.layout
	steps.say(f"Kehu Archive demo in {layout.root}")
	with _provisioning(layout):
		provision_bench(steps)
		if provision_site(steps, DEMO_SITE, tests=False):
			steps.forget("demo-data")
		steps.run(
			"Demo data",
			lambda display: demo.load(layout, display),
			stamp="demo-data",
			inputs=demo.data_inputs(),
		)
		_serve(steps, "Web server, worker, scheduler", DEMO_PROCESSES, "web")
	_print_addresses(steps)
	return 0


def _test(steps: Steps, arguments: list[str]) -> int:
	layout = steps.layout
	steps.say(f"Kehu Archive tests in {layout.root}")
	with _provisioning(layout):
		provide_base(steps)
		content = lint.lint(steps)
		provision_bench(steps)
		_provide_test_tools(steps)
		provision_site(steps, TEST_SITE, tests=True)
		# One worker at a time: two would share the queues, and an older one would run older code.
		services = Services(layout)
		worker = "worker" if services.is_running("worker") else "test_worker"
		processes = [name for name in TEST_PROCESSES if name != "test_worker"] + [worker]
		_serve(steps, "Web server and worker of the tests", processes, "test_web")
		sites.set_config(layout, TEST_SITE, "socketio_port", layout.port("test_socketio"))
	started = [name for name in processes if name != "worker"]
	try:
		code = _pytest(layout, arguments)
	finally:
		services.stop(started)
	return code or (0 if content else 1)


def _test_unit(steps: Steps, arguments: list[str]) -> int:
	layout = steps.layout
	with _provisioning(layout):
		lint.provide_unit_environment(steps)
	python = python_env.unit_environment(layout) / "bin" / "python"
	tests = str(Path(APP) / "tests" / "unit")
	# The conftest of the site tests is not wanted here, hence the narrower root.
	command = [str(python), "-m", "pytest", "--confcutdir", tests, tests, *arguments]
	return subprocess.run(command, cwd=REPOSITORY, env=environment_without_python(), check=False).returncode


def _lint(steps: Steps, _: list[str]) -> int:
	with _provisioning(steps.layout):
		return 0 if lint.lint(steps) else 1


def _bench(steps: Steps, arguments: list[str]) -> int:
	layout = steps.layout
	with _provisioning(layout):
		provision_bench(steps)
		_provide_test_tools(steps)
		provision_site(steps, BENCHMARK_SITE, tests=True)
		_serve(steps, "Web server of the benchmarks", BENCHMARK_PROCESSES, "benchmark_web")
	environment = {
		**environment_without_python(),
		"KEHU_BENCH_DIR": str(layout.root),
		"KEHU_BENCHMARK_SITE": BENCHMARK_SITE,
		"KEHU_BENCHMARK_URL": web_url(layout, "benchmark_web"),
	}
	command = [str(layout.python), str(REPOSITORY / "benchmarks" / "run.py"), *arguments]
	try:
		return subprocess.run(command, cwd=REPOSITORY, env=environment, check=False).returncode
	finally:
		Services(layout).stop(BENCHMARK_PROCESSES)


def _trace(steps: Steps, _: list[str]) -> int:
	for line in trace.report():
		steps.say(line)
	return 0


def _stop(steps: Steps, _: list[str]) -> int:
	stopped = Services(steps.layout).stop(["all"]) if steps.layout.state.is_dir() else []
	steps.say(f"stopped: {', '.join(stopped)}" if stopped else "Nothing was running.")
	return 0


def _reset(steps: Steps, arguments: list[str]) -> int:
	layout = steps.layout
	_stop(steps, arguments)
	if layout.root.exists():
		remove(layout)
	steps.say(f"removed: {layout.root}")
	return 0


def _logs(steps: Steps, _: list[str]) -> int:
	logs = sorted(path for path in steps.layout.logs.glob("*.log") if path.stat().st_size)
	if not logs:
		steps.say("No logs yet.")
		return 0
	follow = ["-F"] if sys.stdout.isatty() else []
	return subprocess.run(["tail", "-n", str(LOG_LINES), *follow, *map(str, logs)], check=False).returncode


_COMMANDS = {
	"demo": _demo,
	"test": _test,
	"test-unit": _test_unit,
	"lint": _lint,
	"bench": _bench,
	"trace": _trace,
	"stop": _stop,
	"reset": _reset,
	"logs": _logs,
}


@contextmanager
def _provisioning(layout: Layout) -> Iterator[None]:
	"""One command at a time may change the bench; a second one waits."""
	layout.create()
	with (layout.state / "provision.lock").open("w") as lock:
		try:
			fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
		except BlockingIOError:
			print("Another command is at work on this bench; waiting for it.", flush=True)
			fcntl.flock(lock, fcntl.LOCK_EX)
		yield


def _serve(steps: Steps, title: str, processes: list[str] | tuple[str, ...], web: str) -> None:
	"""Start processes, restart those that run older code, and wait for the log-in page."""
	layout = steps.layout
	services = Services(layout)
	version = running_version(layout)
	if services.are_current(processes, version):
		wait_for_login_page(layout, web)
		return

	def work(_: object) -> None:
		services.start(processes, version)
		wait_for_login_page(layout, web)

	steps.run(title, work)


def _provide_test_tools(steps: Steps) -> None:
	layout = steps.layout
	steps.run(
		"Test tools",
		lambda display: python_env.add_test_tools(layout),
		stamp="test-tools",
		inputs=fingerprint([python_env.TEST_REQUIREMENTS, layout.state / "step-env.json"]),
		still_there=lambda: (layout.env / "bin" / "pytest").exists(),
	)


def _pytest(layout: Layout, arguments: list[str]) -> int:
	environment = {
		**environment_without_python(),
		"KEHU_BENCH_DIR": str(layout.root),
		"KEHU_TEST_SITE": TEST_SITE,
		"KEHU_TEST_URL": web_url(layout, "test_web"),
		"PYTHONUNBUFFERED": "1",
	}
	command = [str(layout.python), "-m", "pytest", *(arguments or [str(Path(APP) / "tests")])]
	sys.stdout.flush()
	return subprocess.run(
		command, cwd=REPOSITORY, env=environment, stdin=subprocess.DEVNULL, check=False
	).returncode


def _print_addresses(steps: Steps) -> None:
	address = web_url(steps.layout, "web")
	steps.say(f"\nReady in {steps.seconds:.1f} s: {address}\n")
	rows = [{"role": "Administrator", "user": "Administrator", "password": ADMIN_PASSWORD}]
	rows += [row for row in demo.logins(steps.layout) if row.get("user") != "Administrator"]
	width = max(_columns(str(row["role"])) for row in rows)
	user_width = max(len(str(row["user"])) for row in rows)
	for row in rows:
		role = str(row["role"])
		steps.say(f"  {role}{' ' * (width - _columns(role))}  {row['user']:<{user_width}}  {row['password']}")
	steps.say("\nmake logs, make stop, make reset; dev/bench runs bench against it.")


def _columns(text: str) -> int:
	"""How many terminal columns a text takes; Chinese characters take two."""
	return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
