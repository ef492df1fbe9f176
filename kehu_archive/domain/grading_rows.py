"""A version as people type it: flat rows with row numbers, thresholds in 10,000 CNY; and the `Version` that follows from it.

Contract: `draft_of` reads a form, a request or a preset by the field names of Grading Scheme Version and its tables; it never raises for what was typed:
what is no number is listed in `unreadable`. `grading_checks.check_version` says what is wrong with a draft; `version_of` turns a checked one into the rules.
A form cannot tell an empty number from 0. So 0 is read as empty where it asks nothing: "not less than 0", a rank of 0, an upper limit of 0 on a band that
does not begin below it, and a lowest band that begins with 0.
Clause: R-GRD-01, R-GRD-05, R-GRD-07, R-GRD-14.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading_terms import Band, Criterion, Factor, Grade, Version

Values = Mapping[str, Any]
TEN_THOUSAND: Final = Decimal(10_000)
_ZERO: Final = Decimal(0)
_LARGEST: Final = Decimal(10) ** 12
_PLACES: Final = 9
_TYPED_IN_TEN_THOUSANDS: Final = terms.AMOUNTS | {terms.CONSECUTIVE_YEARS}


@dataclass(frozen=True)
class GradeRow:
	"""A grade as typed: what decides; what follows from a grade (contact, update) is not read here."""

	grade: str
	label: str = ""
	share: Decimal = _ZERO
	score_from: Decimal = _ZERO
	logic: str = ""
	least: int = 0


@dataclass(frozen=True)
class CriterionRow:
	"""A criterion as typed; `threshold` in 10,000 CNY for amounts, None when empty."""

	grade: str
	metric: str
	threshold: Decimal | None = None
	comparison: str = terms.AT_LEAST
	years: int = 0
	is_always: bool = False


@dataclass(frozen=True)
class FactorRow:
	"""A factor as typed, weight in percent."""

	metric: str
	weight: Decimal


@dataclass(frozen=True)
class BandRow:
	"""A band of a factor as typed: [value_from, value_to), in 10,000 CNY for amounts, None when empty."""

	metric: str
	value_from: Decimal | None
	value_to: Decimal | None
	points: Decimal


@dataclass(frozen=True)
class Validity:
	"""From when to when a version holds; a missing end means the bounds of its fiscal year."""

	name: str
	valid_from: date | None
	valid_to: date | None


@dataclass(frozen=True)
class Draft:
	"""A version as typed.

	Attributes:
		unreadable: places where no number stands: table and field as ``table:field``, and the row (0 outside tables).
	"""

	scheme: str = ""
	year: int = 0
	method: str = terms.THRESHOLDS
	name: str = ""
	valid_from: date | None = None
	valid_to: date | None = None
	first_month: int = 1
	logic: str = terms.ANY
	least: int = 1
	upgrade_share: Decimal = Decimal(80)
	score_by: str = terms.BY_FACTORS
	per_region: bool = False
	grades: tuple[GradeRow, ...] = ()
	criteria: tuple[CriterionRow, ...] = ()
	factors: tuple[FactorRow, ...] = ()
	bands: tuple[BandRow, ...] = ()
	unreadable: tuple[tuple[str, int], ...] = ()


@dataclass
class _Reader:
	"""Reads the numbers of one row and notes those that are none."""

	values: Values
	table: str = ""
	row: int = 0
	unreadable: list[tuple[str, int]] = field(default_factory=list)

	def text(self, name: str, default: str = "") -> str:
		return str(self.values.get(name) or default).strip()

	def number(self, name: str) -> Decimal | None:
		value = self.values.get(name)
		if value is None or str(value).strip() == "":
			return None
		try:
			number = Decimal(str(value).strip().replace(",", ""))
		except InvalidOperation:
			number = Decimal("NaN")
		if number.is_finite() and abs(number) <= _LARGEST and number == round(number, _PLACES):
			return number
		self.unreadable.append((f"{self.table}:{name}" if self.table else name, self.row))
		return None

	def amount(self, name: str, default: Decimal = _ZERO) -> Decimal:
		number = self.number(name)
		return default if number is None else number

	def whole(self, name: str, default: int = 0) -> int:
		return int(self.amount(name, Decimal(default)))

	def is_set(self, name: str) -> bool:
		return str(self.values.get(name) or 0).strip().lower() not in ("", "0", "false")

	def day(self, name: str) -> date | None:
		value = self.values.get(name)
		if isinstance(value, datetime):
			return value.date()
		if isinstance(value, date) or not value:
			return value or None
		try:
			return date.fromisoformat(str(value).strip()[:10])
		except ValueError:
			self.unreadable.append((name, self.row))
			return None


def draft_of(values: Values) -> Draft:
	"""Read a version by the field names of its form; never raises for what was typed."""
	top = _Reader(values)
	tables = {name: _rows(values, name, top.unreadable) for name in ("grades", "criteria", "factors", "bands")}
	return Draft(
		scheme=top.text("scheme"),
		year=top.whole("year"),
		method=top.text("method", terms.THRESHOLDS),
		name=top.text("name"),
		valid_from=top.day("valid_from"),
		valid_to=top.day("valid_to"),
		first_month=top.whole("first_month", 1),
		logic=top.text("logic", terms.ANY),
		least=top.whole("least", 1),
		upgrade_share=top.amount("upgrade_share", Decimal(80)),
		score_by=top.text("score_by", terms.BY_FACTORS),
		per_region=top.is_set("per_region"),
		grades=tuple(map(_grade, tables["grades"])),
		criteria=tuple(map(_criterion, tables["criteria"])),
		factors=tuple(FactorRow(row.text("metric"), row.amount("weight")) for row in tables["factors"]),
		bands=_open_ended(tuple(map(_band, tables["bands"]))),
		unreadable=tuple(top.unreadable),
	)


def _rows(values: Values, table: str, unreadable: list[tuple[str, int]]) -> list[_Reader]:
	rows = values.get(table)
	if not isinstance(rows, Sequence):
		return []
	return [_Reader(row, table, number, unreadable) for number, row in enumerate(rows, 1) if hasattr(row, "get")]


def _grade(row: _Reader) -> GradeRow:
	return GradeRow(
		row.text("grade"),
		row.text("label"),
		row.amount("share"),
		row.amount("score_from"),
		row.text("logic"),
		row.whole("least"),
	)


def _criterion(row: _Reader) -> CriterionRow:
	metric, comparison = row.text("metric"), row.text("comparison", terms.AT_LEAST)
	threshold = row.number("threshold")
	if threshold == 0 and (comparison == terms.AT_LEAST or metric == terms.NATIONAL_RANK):
		threshold = None
	return CriterionRow(row.text("grade"), metric, threshold, comparison, row.whole("years"), row.is_set("is_always"))


def _band(row: _Reader) -> BandRow:
	value_from, value_to = row.number("value_from"), row.number("value_to")
	if value_to == 0 and (value_from is None or value_from >= 0):
		value_to = None
	return BandRow(row.text("metric"), value_from, value_to, row.amount("points"))


def _open_ended(bands: tuple[BandRow, ...]) -> tuple[BandRow, ...]:
	"""The same bands; where the lowest of a factor begins with 0 it has no lower limit."""
	lowest = {row.metric: row for row in sorted(bands, key=_from, reverse=True)}
	return tuple(
		replace(row, value_from=None) if row is lowest[row.metric] and row.value_from == 0 else row for row in bands
	)


def _from(row: BandRow) -> Decimal:
	return Decimal("-Infinity") if row.value_from is None else row.value_from


def version_of(draft: Draft) -> Version:
	"""The rules of a draft: amounts in CNY, each grade with its criteria, each factor with its bands in order."""
	return Version(
		scheme=draft.scheme,
		year=draft.year,
		method=draft.method,
		grades=tuple(_with_criteria(draft, row) for row in draft.grades),
		factors=tuple(Factor(row.metric, row.weight, _bands(draft, row.metric)) for row in draft.factors),
		first_month=draft.first_month,
		upgrade_share=draft.upgrade_share,
		score_by=draft.score_by,
		per_region=draft.per_region,
	)


def _with_criteria(draft: Draft, row: GradeRow) -> Grade:
	own = [criterion for criterion in draft.criteria if criterion.grade == row.grade]
	return Grade(
		code=row.grade,
		label=row.label or row.grade,
		criteria=tuple(_asked(one) for one in own if not one.is_always),
		logic=row.logic or draft.logic,
		least=(row.least if row.logic else draft.least) or 1,
		also=tuple(_asked(one) for one in own if one.is_always),
		share=row.share,
		score_from=row.score_from,
	)


def _asked(row: CriterionRow) -> Criterion:
	years = max(row.years, 1) if row.metric == terms.CONSECUTIVE_YEARS else 0
	return Criterion(row.metric, in_cny(row.metric, row.threshold), row.comparison, years)


def _bands(draft: Draft, metric: str) -> tuple[Band, ...]:
	own = sorted((row for row in draft.bands if row.metric == metric), key=_from)
	return tuple(Band(in_cny(metric, row.value_from), in_cny(metric, row.value_to), row.points) for row in own)


def in_cny(metric: str, typed: Decimal | None) -> Decimal | None:
	"""A typed number as the rules read it: 10,000 CNY become CNY for amounts, other numbers stay."""
	return typed * TEN_THOUSAND if typed is not None and metric in _TYPED_IN_TEN_THOUSANDS else typed
