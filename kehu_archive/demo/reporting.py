"""How a long step tells its progress, and how it fails."""

from __future__ import annotations


class DemoError(Exception):
	"""The demo data cannot be obtained, or what arrived is not what was sent."""


def progress(done: int, total: int, what: str) -> None:
	"""Print one line that a person can read and ``make demo`` turns into a bar."""
	print(f"progress: {done}/{total} {what}", flush=True)
