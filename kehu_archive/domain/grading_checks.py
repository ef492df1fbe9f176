"""What is wrong with a version before it grades anybody.

Contract: `check_version` takes a version as typed and returns every fault with the field, and for tables the column and the row. Errors stop an activation,
a run and a trial; the one warning (`grading-blank`) is a threshold left empty, which is allowed and not asked. `check_as_of` says whether a version may grade
on a day. Nothing raises for what was typed.

Clause: R-GRD-01 (blanks), R-GRD-05 (a past year is never recomputed), R-GRD-07 (weights make 100), R-GRD-14 (shares make 100).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.faults import Fault, errors, fault, warning
from kehu_archive.domain.grading_metrics import year_bounds
from kehu_archive.domain.grading_rows import CriterionRow, Draft, GradeRow, Validity
from kehu_archive.domain.grading_score_checks import check_factors, check_scores, check_shares

_LAST_MONTH: Final = 12
_YEARS: Final = range(1900, 2200)


def check_version(version: Draft, others: Iterable[Validity] = ()) -> list[Fault]:
	"""Every fault of a version as typed; `others` are the scheme's other active versions."""
	found = [
		*(fault(place, "grading-number", row=row) if row else fault(place, "grading-number") for place, row in version.unreadable),
		*_head(version),
		*_grades(version.grades),
	]
	if not errors(found):
		found += _validity(version, others)
	if version.method == terms.THRESHOLDS:
		found += [*_criteria(version), *_asked(version)]
	if version.method == terms.QUOTAS:
		found += check_shares(version)
	if version.method == terms.SCORECARD:
		found += check_scores(version)
	if version.method == terms.SCORECARD or (version.method == terms.QUOTAS and version.score_by == terms.BY_FACTORS):
		found += check_factors(version)
	return found


def check_as_of(
	year: int, first_month: int, validity: tuple[date | None, date | None], as_of: date, today: date
) -> list[Fault]:
	"""Whether the version of a fiscal year may grade on the day `as_of`: not in the future, within its validity, and its year not over."""
	first, last = year_bounds(year, first_month)
	start, end = validity[0] or first, validity[1] or last
	if last < today:
		return [fault("as_of", "grading-year-over", year=str(year), end=last.isoformat())]
	if as_of > today:
		return [fault("as_of", "future-date", value=as_of.isoformat(), today=today.isoformat())]
	if not start <= as_of <= end:
		return [fault("as_of", "grading-as-of", start=start.isoformat(), end=end.isoformat())]
	return []


def _head(version: Draft) -> Iterator[Fault]:
	for name, value, allowed in (
		("method", version.method, terms.METHODS),
		("logic", version.logic, terms.READINGS),
		("score_by", version.score_by, (terms.BY_FACTORS, terms.BY_TOTAL, terms.BY_YEAR_TOTAL)),
	):
		if value not in allowed:
			yield fault(name, "grading-choice", value=value)
	if not 1 <= version.first_month <= _LAST_MONTH:
		yield fault("first_month", "grading-month")
	if version.year not in _YEARS:
		yield fault("year", "year-range", year=str(version.year))
	if not 0 < version.upgrade_share <= 100:
		yield fault("upgrade_share", "grading-upgrade")


def _validity(version: Draft, others: Iterable[Validity]) -> Iterator[Fault]:
	first, last = year_bounds(version.year, version.first_month)
	start, end = version.valid_from or first, version.valid_to or last
	if end < start:
		yield fault("valid_to", "date-order", start=start.isoformat(), end=end.isoformat())
		return
	for name, day in (("valid_from", start), ("valid_to", end)):
		if not first <= day <= last:
			yield fault(name, "grading-validity", year=str(version.year), start=first.isoformat(), end=last.isoformat())
	for other in others:
		other_start, other_end = other.valid_from or date.min, other.valid_to or date.max
		if other.name != version.name and other_start <= end and start <= other_end:
			yield fault(
				"valid_from",
				"grading-overlap",
				other=other.name,
				start=other_start.isoformat(),
				end=other_end.isoformat(),
			)


def _grades(grades: Sequence[GradeRow]) -> Iterator[Fault]:
	if not grades:
		yield fault("grades", "grading-no-grades")
	seen: dict[str, int] = {}
	for number, row in enumerate(grades, 1):
		if not row.grade:
			yield fault("grades:grade", "missing", row=number)
		elif row.grade in seen:
			yield fault("grades:grade", "grading-grade-twice", grade=row.grade, first=seen[row.grade], row=number)
		if row.logic and row.logic not in terms.READINGS:
			yield fault("grades:logic", "grading-choice", value=row.logic, row=number)
		seen.setdefault(row.grade, number)


def _criteria(version: Draft) -> Iterator[Fault]:
	codes = {row.grade for row in version.grades}
	seen: dict[tuple[str, str, str, int, bool], int] = {}
	for number, row in enumerate(version.criteria, 1):
		yield from _criterion(row, number, codes)
		key = (row.grade, row.metric, row.comparison, row.years, row.is_always)
		if key in seen:
			yield fault("criteria:metric", "grading-criterion-twice", first=seen[key], row=number)
		seen.setdefault(key, number)


def _criterion(row: CriterionRow, number: int, codes: set[str]) -> Iterator[Fault]:
	if row.grade not in codes:
		yield fault("criteria:grade", "grading-criterion-grade", grade=row.grade, row=number)
	if row.metric not in terms.METRICS:
		yield fault("criteria:metric", "grading-choice", value=row.metric, row=number)
	if row.comparison not in (terms.AT_LEAST, terms.AT_MOST):
		yield fault("criteria:comparison", "grading-choice", value=row.comparison, row=number)
	if row.threshold is None:
		yield warning("criteria:threshold", "grading-blank", row=number)
	elif row.threshold < 0:
		yield fault("criteria:threshold", "negative", row=number)
	yield from _years(row, number)


def _years(row: CriterionRow, number: int) -> Iterator[Fault]:
	if row.metric != terms.CONSECUTIVE_YEARS:
		if row.years:
			yield fault("criteria:years", "grading-years-only", row=number)
		return
	if row.years < 1:
		yield fault("criteria:years", "grading-years", row=number)
	if row.comparison == terms.AT_MOST:
		yield fault("criteria:comparison", "grading-years-most", row=number)


def _asked(version: Draft) -> Iterator[Fault]:
	"""Each grade asks something, and not more criteria than it has."""
	for number, grade in enumerate(version.grades, 1):
		own = [row for row in version.criteria if row.grade == grade.grade]
		plain = [row for row in own if not row.is_always]
		asked = sum(row.threshold is not None for row in plain)
		if not any(row.threshold is not None for row in plain or own):
			yield fault("grades:grade", "grading-grade-open", grade=grade.grade, row=number)
		elif plain and (grade.logic or version.logic) == terms.AT_LEAST_K:
			yield from _least(version, grade, number, asked)


def _least(version: Draft, grade: GradeRow, number: int, asked: int) -> Iterator[Fault]:
	least = Decimal(grade.least if grade.logic else version.least)
	if not 1 <= least <= asked:
		yield fault("grades:least" if grade.logic else "least", "grading-least", grade=grade.grade, number=asked, row=number)
