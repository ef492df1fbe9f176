"""Unusual reading: many files opened, or many records taken out, by one person within a few minutes. Clause: R-DSC-04."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Access:
	"""One line of the access log: who, when, which file, and how many records left the system with it."""

	user: str
	moment: datetime
	file: str = ""
	rows: int = 0


@dataclass(frozen=True)
class Limits:
	"""From how many different files or how many records on it is unusual; 0 switches a limit off."""

	files: int
	rows: int
	window: timedelta


@dataclass(frozen=True)
class Burst:
	"""The first moment at which a person went over a limit, with what he had reached within the window."""

	user: str
	moment: datetime
	files: int
	rows: int


def bursts(accesses: Iterable[Access], limits: Limits) -> list[Burst]:
	"""Return for each person each time he reaches a limit, at most once in a window.

	Args:
		accesses: in the order of their moments.
		limits: a person who reaches one of them within the window is named.
	"""
	by_user: dict[str, list[Access]] = {}
	for access in accesses:
		by_user.setdefault(access.user, []).append(access)
	return [burst for lines in by_user.values() for burst in _of_one(lines, limits)]


def _of_one(lines: Iterable[Access], limits: Limits) -> Iterator[Burst]:
	window: deque[Access] = deque()
	files: Counter[str] = Counter()
	rows = 0
	quiet_until = datetime.min
	for line in lines:
		window.append(line)
		rows += line.rows
		files[line.file] += 1
		while window[0].moment <= line.moment - limits.window:
			gone = window.popleft()
			rows -= gone.rows
			files[gone.file] -= 1
			if not files[gone.file]:
				del files[gone.file]
		opened = len(files) - ("" in files)
		if line.moment >= quiet_until and _is_over(opened, rows, limits):
			quiet_until = line.moment + limits.window
			yield Burst(line.user, line.moment, opened, rows)


def _is_over(files: int, rows: int, limits: Limits) -> bool:
	return bool((limits.files and files >= limits.files) or (limits.rows and rows >= limits.rows))
