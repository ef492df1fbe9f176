"""Running other programs: their output is kept or passed on, and they end when we are killed."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class CommandError(RuntimeError):
	"""A command failed; the message holds the end of its output."""


def end_with_parent() -> None:
	"""Have the kernel end this process when its parent dies, so that a killed run leaves nobody writing."""
	if _LIBC is not None:
		_LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def run(
	command: list[str],
	cwd: Path | None = None,
	environment: dict[str, str] | None = None,
	on_line: Callable[[str], None] | None = None,
) -> str:
	"""Run a command and give its output, both streams together; ``on_line`` sees each line as it comes.

	A progress bar redrawn with carriage returns counts as lines. Raises CommandError when the command fails or is not
	there.
	"""
	try:
		process = subprocess.Popen(
			command,
			cwd=cwd,
			env=environment,
			stdin=subprocess.DEVNULL,
			stdout=subprocess.PIPE,
			stderr=subprocess.STDOUT,
			text=True,
			encoding="utf-8",
			errors="replace",
			preexec_fn=end_with_parent,
		)
	except OSError as error:
		raise CommandError(f"{command[0]}: {error.strerror}") from error
	lines = []
	assert process.stdout is not None
	try:
		for line in process.stdout:
			lines.append(line)
			if on_line and line.strip():
				on_line(line.strip())
		code = process.wait()
	except BaseException:
		process.terminate()
		process.wait()
		raise
	if code != 0:
		raise CommandError(f"{' '.join(command)}\nended with code {code}:\n{_end_of(lines)}")
	return "".join(lines)


def succeeds(
	command: list[str], seconds: float | None = None, environment: dict[str, str] | None = None
) -> bool:
	"""Whether a command ends well, and within ``seconds`` when given."""
	try:
		done = subprocess.run(
			command,
			env=environment,
			stdin=subprocess.DEVNULL,
			capture_output=True,
			timeout=seconds,
			check=False,
			preexec_fn=end_with_parent,
		)
	except (OSError, subprocess.TimeoutExpired):
		return False
	return done.returncode == 0


def environment_without_python() -> dict[str, str]:
	"""Our environment without the settings that would lead another interpreter astray."""
	astray = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE")
	return {name: value for name, value in os.environ.items() if name not in astray}


def _end_of(lines: list[str], size: int = 6000) -> str:
	"""The end of an output, without the redrawn progress bars."""
	return "".join(line for line in lines if "[=" not in line and "[ " not in line)[-size:]
