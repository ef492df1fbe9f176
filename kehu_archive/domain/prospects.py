"""What a prospect needs and what became of him: open needs, judged factors, joint plans, and the conclusion that there was no deal.

Contract: pure functions over plain rows; `today` is the site's date. A fault of a table's column is named `table:column` and carries its row. Amounts in CNY.
Clause: R-UPD-11 (needs kept current), R-GRD-07 (judged factors), R-GRD-10 (joint development), R-MKT-06 and 003 §5.2.6 (no deal, with its reason).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from kehu_archive.domain.archive_rules import as_date
from kehu_archive.domain.faults import Fault, fault

Values = Mapping[str, Any]
Rows = Sequence[Values]
PROSPECTIVE: Final = "Prospective"
EXISTING: Final = "Existing"
NO_DEAL: Final = "No Deal"
UNMET: Final = "Unmet"
TO_BE_JUDGED: Final = "To Be Judged"
_CENT: Final = Decimal("0.01")
_YEARS: Final = range(1900, 2200)


def demand(needs: Rows) -> Decimal:
	"""The potential demand in CNY: what the needs that are not met yet may bring."""
	open_needs = (row for row in needs if (row.get("status") or UNMET) == UNMET)
	return sum((_number(row.get("amount")) for row in open_needs), Decimal(0)).quantize(_CENT)


def closed_on(need: Values, today: date) -> date | None:
	"""The day a need was met or given up: the one entered, else today; None while it is open."""
	if (need.get("status") or UNMET) == UNMET:
		return None
	return as_date(need.get("closed_on")) or today


def faults(values: Values, today: date) -> list[Fault]:
	"""Everything wrong with an archive's needs, judged factors, joint plans, likelihood, rank and conclusion."""
	return [
		*_needs(values.get("needs") or (), today),
		*_inputs(values.get("grading_inputs") or ()),
		*_plans(values.get("joint_plans") or (), today),
		*_numbers(values),
		*_conclusion(values, today),
	]


def _needs(rows: Rows, today: date) -> Iterator[Fault]:
	for number, row in enumerate(rows, 1):
		if _number(row.get("amount")) < 0:
			yield fault("needs:amount", "negative", row=number)
		noted, closed = as_date(row.get("noted_on")), as_date(row.get("closed_on"))
		yield from _not_future("needs:noted_on", noted, today, number)
		yield from _not_future("needs:closed_on", closed, today, number)
		if noted and closed and closed < noted:
			yield fault("needs:closed_on", "date-order", start=noted.isoformat(), end=closed.isoformat(), row=number)


def _inputs(rows: Rows) -> Iterator[Fault]:
	seen: dict[tuple[str, int], int] = {}
	for number, row in enumerate(rows, 1):
		year = int(_number(row.get("year")))
		if not 0 <= _number(row.get("score")) <= 100:
			yield fault("grading_inputs:score", "grading-score-range", row=number)
		if year not in _YEARS:
			yield fault("grading_inputs:year", "year-range", year=str(year), row=number)
		key = (str(row.get("metric") or ""), year)
		if key in seen:
			yield fault("grading_inputs:metric", "grading-factor-twice", first=seen[key], row=number)
		seen.setdefault(key, number)


def _plans(rows: Rows, today: date) -> Iterator[Fault]:
	for number, row in enumerate(rows, 1):
		planned, done = as_date(row.get("planned_on")), as_date(row.get("done_on"))
		yield from _not_future("joint_plans:done_on", done, today, number)
		for name, day in (("due_on", as_date(row.get("due_on"))), ("done_on", done)):
			if planned and day and day < planned:
				yield fault(f"joint_plans:{name}", "date-order", start=planned.isoformat(), end=day.isoformat(), row=number)


def _numbers(values: Values) -> Iterator[Fault]:
	if not 0 <= _number(values.get("likelihood")) <= 100:
		yield fault("likelihood", "share-range")
	if _number(values.get("national_rank")) < 0:
		yield fault("national_rank", "negative")


def _conclusion(values: Values, today: date) -> Iterator[Fault]:
	if values.get("market_status") != NO_DEAL:
		return
	if _number(values.get("transaction_count")) > 0:
		yield fault("market_status", "prospect-has-deals")
	if not str(values.get("lost_reason") or "").strip():
		yield fault("lost_reason", "missing")
	yield from _not_future("lost_on", as_date(values.get("lost_on")), today, None)


def _not_future(name: str, day: date | None, today: date, row: int | None) -> Iterator[Fault]:
	if day and day > today:
		found = {"value": day.isoformat(), "today": today.isoformat()}
		yield fault(name, "future-date", **found) if row is None else fault(name, "future-date", row=row, **found)


def _number(value: object) -> Decimal:
	return Decimal(str(value)) if value not in (None, "") else Decimal(0)
