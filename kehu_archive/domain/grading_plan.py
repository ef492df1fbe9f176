"""A version taken apart once, so that grading a customer costs microseconds.

Contract: `plan_of` keeps the plans of the versions in use; a plan belongs to that very version object and is made anew for another one. `holds` and `reached`
say of one test whether it holds and how far a customer has come.
Clause: R-GRD-01, R-GRD-20 (share of what the next grade asks), V-05.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Final, NamedTuple

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading_metrics import consecutive
from kehu_archive.domain.grading_terms import Criterion, Factor, Grade, Metrics, Version

ZERO: Final = Decimal(0)
HUNDRED: Final = Decimal(100)
CENT: Final = Decimal("0.01")
_KEPT: Final = 64
_WHOLE: Final = terms.COUNTED - terms.AMOUNTS | {terms.NATIONAL_RANK, terms.RECENCY}

Points = Callable[[Mapping[str, Decimal]], Decimal]


class Test(NamedTuple):
	"""A criterion whose threshold is filled in; `absent` is what a missing metric counts as."""

	metric: str
	threshold: Decimal
	is_at_most: bool
	years: int
	absent: Decimal | None
	criterion: Criterion


class Level(NamedTuple):
	"""A grade that can be reached: its tests, how many must hold for Any, by its own logic and for All, and the tests that hold besides.

	`most_deals` is what it allows at most of deals, which never become fewer.
	"""

	code: str
	tests: tuple[Test, ...]
	also: tuple[Test, ...]
	need_any: int
	need: int
	need_all: int
	most_deals: Decimal | None


class Weighed(NamedTuple):
	"""A factor with the bands' lower ends, upper ends and points."""

	factor: Factor
	bands: tuple[tuple[Decimal | None, Decimal | None, Decimal], ...]
	absent: Decimal | None


class Plan(NamedTuple):
	"""A version, its reachable grades (thresholds) and its factors."""

	version: Version
	levels: tuple[Level, ...]
	factors: tuple[Weighed, ...]


_plans: Final[dict[int, Plan]] = {}


def plan_of(version: Version) -> Plan:
	"""The plan of this version object. A kept plan holds its version, so no other version can have the same identity meanwhile."""
	plan = _plans.get(id(version))
	if plan is None:
		if len(_plans) >= _KEPT:
			_plans.clear()
		plan = _plans[id(version)] = Plan(
			version,
			tuple(_level(one) for one in version.grades if is_reachable(one)),
			tuple(_weighed(one) for one in version.factors),
		)
	return plan


def is_reachable(grade: Grade) -> bool:
	"""Whether something is asked for a grade: one whose criteria are all blank cannot be reached."""
	return any(one.threshold is not None for one in grade.criteria or grade.also)


def _level(grade: Grade) -> Level:
	tests, also = _tests(grade.criteria), _tests(grade.also)
	asked = len(tests)
	need = {terms.ANY: 1, terms.ALL: asked}.get(grade.logic, max(grade.least, 1))
	most = [test.threshold for test in also if test.metric == terms.DEALS and test.is_at_most]
	return Level(grade.code, tests, also, min(1, asked), min(need, asked), asked, min(most, default=None))


def _tests(criteria: tuple[Criterion, ...]) -> tuple[Test, ...]:
	return tuple(
		Test(
			one.metric,
			one.threshold,
			one.comparison == terms.AT_MOST,
			max(one.years, 1) if one.metric == terms.CONSECUTIVE_YEARS else 0,
			_absent(one.metric),
			one,
		)
		for one in criteria
		if one.threshold is not None
	)


def _weighed(factor: Factor) -> Weighed:
	return Weighed(
		factor, tuple((band.value_from, band.value_to, band.points) for band in factor.bands), _absent(factor.metric)
	)


def _absent(metric: str) -> Decimal | None:
	return ZERO if metric in terms.COUNTED else None


def next_above(levels: tuple[Level, ...], own: int, metrics: Metrics) -> Level | None:
	"""The next better grade a customer can still come to: not one that allows fewer deals than he has made."""
	for level in levels[own - 1 :: -1] if own else ():
		if level.most_deals is None or (metrics.values.get(terms.DEALS) or ZERO) <= level.most_deals:
			return level
	return None


def measured(metrics: Metrics, metric: str) -> Decimal | None:
	"""The value of a metric; 0 for a missing sum or count, None when it is unknown."""
	value = metrics.values.get(metric)
	return _absent(metric) if value is None else value


def holds(test: Test, values: Mapping[str, Decimal], yearly: Mapping[int, Decimal], year: int) -> bool:
	"""Whether a test holds; an unknown metric meets no threshold."""
	metric, threshold, is_at_most, years, absent, _criterion = test
	if years:
		return consecutive(yearly, year, threshold) >= years
	value = values.get(metric)
	if value is None:
		value = absent
		if value is None:
			return False
	return value <= threshold if is_at_most else value >= threshold


def reached(test: Test, metrics: Metrics) -> Decimal:
	"""Percent reached of what a test asks: 100 when it holds, 0 when the metric is unknown or below zero.

	For years in a row the better of two: how many of the years, and how much of the amount each of the years brought.
	"""
	metric, threshold, is_at_most, years, absent, _criterion = test
	if years:
		return _years_reached(metrics, threshold, years)
	value = metrics.values.get(metric)
	if value is None:
		value = absent
		if value is None:
			return ZERO
	if value <= threshold if is_at_most else value >= threshold:
		return HUNDRED
	if threshold <= 0 or value <= 0:
		return ZERO
	return (threshold / value if is_at_most else value / threshold) * HUNDRED


def _years_reached(metrics: Metrics, threshold: Decimal, years: int) -> Decimal:
	yearly, year = metrics.yearly, metrics.year
	run = consecutive(yearly, year, threshold)
	if run >= years:
		return HUNDRED
	share = Decimal(run) / years
	if threshold > 0:
		share = max(share, least_of(yearly, year, years) / threshold, least_of(yearly, year - 1, years) / threshold)
	return share * HUNDRED


def least_of(yearly: Mapping[int, Decimal], year: int, years: int) -> Decimal:
	"""The least total of so many years up to `year`; 0 for a year without any transaction."""
	least = yearly.get(year, ZERO)
	for back in range(1, years):
		if least <= 0:
			break
		total = yearly.get(year - back, ZERO)
		if total < least:
			least = total
	return least


def shown_share(share: Decimal) -> Decimal:
	"""Percent to two places, rounded down, so that what is just missed never reads as reached."""
	return share.quantize(CENT, ROUND_DOWN)


def smallest_step(metric: str) -> Decimal:
	"""The least by which a metric changes: a whole for counts, ranks and days, else a hundredth."""
	return Decimal(1) if metric in _WHOLE else CENT


def points(weighed: Weighed, values: Mapping[str, Decimal]) -> Decimal:
	"""Points from 0 to 100 of one factor: those of the band the value lies in; without bands the value itself, held within 0 to 100."""
	factor, bands, absent = weighed
	value = values.get(factor.metric)
	if value is None:
		value = absent
		if value is None:
			return ZERO
	if not bands:
		return min(max(value, ZERO), HUNDRED)
	for lower, upper, scored in bands:
		if (lower is None or value >= lower) and (upper is None or value < upper):
			return scored
	return ZERO
