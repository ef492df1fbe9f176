"""``make trace``: counts of the requirements' states from ``docs/traceability.csv``."""

from __future__ import annotations

import csv
from collections import Counter

from .layout import REPOSITORY
from .steps import StepError

TABLE = REPOSITORY / "docs" / "traceability.csv"
STATES = ("done", "partly", "open")


def report() -> list[str]:
	"""The lines to print: one an area, then the total. Raises StepError when the table is missing or malformed."""
	if not TABLE.exists():
		raise StepError(f"{TABLE.relative_to(REPOSITORY)} is missing.")
	counts: dict[str, Counter[str]] = {}
	with TABLE.open(encoding="utf-8-sig", newline="") as handle:
		for number, row in enumerate(csv.reader(handle), start=1):
			if number == 1:
				continue
			area, state = _read(row, number)
			counts.setdefault(area, Counter())[state] += 1
	total: Counter[str] = sum(counts.values(), Counter())
	lines = [f"{'area':<6}{'done':>7}{'partly':>8}{'open':>7}"]
	lines += [_line(area, count) for area, count in sorted(counts.items())]
	done, partly, still_open = (total[state] for state in STATES)
	return [*lines, f"traceability: {done} done, {partly} partly, {still_open} open of {total.total()}"]


def _read(row: list[str], number: int) -> tuple[str, str]:
	parts = row[0].split("-") if row else []
	if len(row) < 2 or len(parts) != 3 or row[1] not in STATES:
		raise StepError(
			f"{TABLE.name}, line {number}: expected an R-ID and one of {', '.join(STATES)}, found {row[:2]}"
		)
	return parts[1], row[1]


def _line(area: str, count: Counter[str]) -> str:
	return f"{area:<6}{count['done']:>7}{count['partly']:>8}{count['open']:>7}"
