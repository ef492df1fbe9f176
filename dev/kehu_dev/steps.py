"""Named steps with their time, a progress bar where there is one, and stamps that let a killed run resume.

On a terminal the running step redraws one line; elsewhere every step prints a line when it starts and one when it ends.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TextIO

from .layout import Layout, read_json, write_json

BAR_WIDTH = 24
TITLE_WIDTH = 34
REDRAW_SECONDS = 0.2
PLAIN_PROGRESS_SECONDS = 10.0


class StepError(RuntimeError):
	"""A step cannot go on for a reason a person can mend; the message says how."""


class Display:
	"""The line of the running step."""

	def __init__(self, title: str, out: TextIO) -> None:
		self.title = title
		self.out = out
		self.started = time.monotonic()
		self._live = out.isatty()
		self._detail = ""
		self._next_plain = PLAIN_PROGRESS_SECONDS
		self._ended = threading.Event()
		self._ticker: threading.Thread | None = None

	def __enter__(self) -> Display:
		if self._live:
			self._ticker = threading.Thread(target=self._tick, daemon=True)
			self._ticker.start()
		return self

	def __exit__(self, *_: object) -> None:
		self._ended.set()
		if self._ticker:
			self._ticker.join()

	@property
	def seconds(self) -> float:
		return time.monotonic() - self.started

	def progress(self, done: int, total: int, what: str = "") -> None:
		"""Show ``done`` of ``total``, drawn as a bar on a terminal, as a line now and then elsewhere."""
		share = done / total if total else 1.0
		filled = int(BAR_WIDTH * share)
		suffix = f" {what}" if what else ""
		self._detail = f"[{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {done:,}/{total:,}{suffix}"
		if not self._live and self.seconds >= self._next_plain:
			self._next_plain = self.seconds + PLAIN_PROGRESS_SECONDS
			print(f"    {self.title}: {done:,} of {total:,}{suffix}", file=self.out, flush=True)

	def note(self, text: str) -> None:
		"""Show a word on what is going on, on a terminal only."""
		self._detail = text

	def end(self, outcome: str) -> None:
		"""Print the step's closing line."""
		self._ended.set()
		if self._ticker:
			self._ticker.join()
			self._ticker = None
		clear = "\r\033[K" if self._live else ""
		print(f"{clear}  {self.title:<{TITLE_WIDTH}} {outcome}", file=self.out, flush=True)

	def _tick(self) -> None:
		while not self._ended.wait(REDRAW_SECONDS):
			line = f"  {self.title:<{TITLE_WIDTH}} {self.seconds:6.1f} s  {self._detail}"
			print(f"\r\033[K{line[: _terminal_width()]}", end="", file=self.out, flush=True)


class Steps:
	"""Run steps in order, skipping those whose stamp says that nothing they depend on has changed."""

	def __init__(self, layout: Layout, out: TextIO = sys.stdout) -> None:
		self.layout = layout
		self.out = out
		self.started = time.monotonic()

	def run(
		self,
		title: str,
		work: Callable[[Display], object],
		stamp: str | None = None,
		inputs: str = "",
		still_there: Callable[[], bool] = lambda: True,
	) -> bool:
		"""Run one step; gives whether it had work to do.

		With a ``stamp`` the step is skipped when it last ended well with the same ``inputs`` and its result is
		``still_there``. Whatever ``work`` raises passes through after the step's line says so.
		"""
		path = self.layout.state / f"step-{stamp}.json"
		if stamp and read_json(path).get("inputs") == inputs and still_there():
			return False
		if stamp:
			path.unlink(missing_ok=True)
		with Display(title, self.out) as display:
			try:
				outcome = work(display)
			except BaseException:
				display.end(f"failed after {display.seconds:.1f} s")
				raise
			words = f"  {outcome}" if isinstance(outcome, str) else ""
			display.end(f"{display.seconds:6.1f} s{words}")
			if stamp:
				write_json(path, {"inputs": inputs, "seconds": round(display.seconds, 2)})
		return True

	def mark(self, stamp: str, inputs: str) -> None:
		"""Set a step's stamp without running it, when another step did its work."""
		write_json(self.layout.state / f"step-{stamp}.json", {"inputs": inputs})

	def forget(self, stamp: str) -> None:
		"""Have a step run again."""
		(self.layout.state / f"step-{stamp}.json").unlink(missing_ok=True)

	def say(self, text: str = "") -> None:
		print(text, file=self.out, flush=True)

	@property
	def seconds(self) -> float:
		return time.monotonic() - self.started


def fingerprint(files: Iterable[Path], *words: str) -> str:
	"""A digest over the names and contents of files, and over some words."""
	digest = hashlib.sha256()
	for word in words:
		digest.update(word.encode() + b"\0")
	for file in sorted(files):
		digest.update(str(file).encode() + b"\0")
		digest.update(file.read_bytes() if file.is_file() else b"missing")
	return digest.hexdigest()


def _terminal_width() -> int:
	try:
		return os.get_terminal_size().columns - 1
	except OSError:
		return 100
