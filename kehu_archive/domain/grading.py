"""The grade of a customer under a version of a scheme.

Contract: `grade` is the whole rule for thresholds and scorecards; quotas rank a population and live in `grading_quota`. Metrics go in, an `Outcome` comes
out; nothing is loaded or remembered. The version must have passed `grading_checks.check_version`.

How thresholds are read: grades stand best first and the first that fits is the grade. A grade fits when enough of its criteria hold (any, all, at least k)
and everything it always asks holds besides. A blank threshold is not asked; a grade whose criteria are all blank cannot be reached. Each outcome carries the
grade under both readings of V-05, whatever the logic; Any is never below All.

Clause: R-GRD-01 to R-GRD-13, R-GRD-17, R-GRD-19, R-GRD-20, V-04, V-05; form F-04.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from kehu_archive.domain import grading_explain as explain_
from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading_plan import (
	HUNDRED,
	ZERO,
	Level,
	Plan,
	holds,
	next_above,
	plan_of,
	points,
	reached,
	shown_share,
)
from kehu_archive.domain.grading_terms import NO_GRADE, Metrics, Outcome, Version

_BY_AMOUNT: Final = {terms.BY_TOTAL: terms.TOTAL_AMOUNT, terms.BY_YEAR_TOTAL: terms.YEAR_TOTAL}


def grade(version: Version, metrics: Metrics, explain: bool = True) -> Outcome:
	"""Grade one customer by thresholds or by a scorecard.

	Without `explain` only the grades, the score and the upgrade candidate are worked out, which is several times faster.

	Raises:
		ValueError: the version fills quotas; these are ranked over a population.
	"""
	plan = plan_of(version)
	if version.method == terms.THRESHOLDS:
		return _by_thresholds(plan, metrics, explain)
	if version.method == terms.SCORECARD:
		return _by_score(plan, metrics, explain)
	raise ValueError("quotas are ranked over a population: use grading_quota")


def with_logic(version: Version, reading: str) -> Version:
	"""The same version with its criteria read otherwise, for a trial; an empty reading leaves it as it is. Clause: V-05."""
	if not reading or version.method != terms.THRESHOLDS:
		return version
	return replace(version, grades=tuple(replace(one, logic=reading) for one in version.grades))


def score(version: Version, metrics: Metrics) -> Decimal:
	"""The weighted score from 0 to 100; for quotas by amount the amount in CNY."""
	values = metrics.values
	if version.method == terms.QUOTAS and version.score_by in _BY_AMOUNT:
		return values.get(_BY_AMOUNT[version.score_by]) or ZERO
	total = ZERO
	for weighed in plan_of(version).factors:
		total += weighed.factor.weight * points(weighed, values)
	return total / HUNDRED


def _by_thresholds(plan: Plan, metrics: Metrics, explain: bool) -> Outcome:
	levels = plan.levels
	by_any, own, by_all = _fitting(levels, metrics)
	code, code_any, code_all = _code(levels, own), _code(levels, by_any), _code(levels, by_all)
	candidate, share = "", None
	above = next_above(levels, own, metrics)
	if above is not None:
		share = _share(above, metrics)
		if share >= plan.version.upgrade_share:
			candidate = above.code
		share = shown_share(share)
	if not explain:
		return Outcome(code, code_any, code_all, (), None, None, None, candidate, share)
	reasons, raised, lowered = explain_.by_thresholds(levels, own, above, metrics)
	return Outcome(code, code_any, code_all, reasons, None, raised, lowered, candidate, share)


def _code(levels: tuple[Level, ...], place: int) -> str:
	return levels[place].code if place < len(levels) else NO_GRADE


def _fitting(levels: tuple[Level, ...], metrics: Metrics) -> tuple[int, int, int]:
	"""The places of the first grades that fit, read as Any, by their own logic and as All; the number of grades where none fits."""
	values, yearly, year = metrics.values, metrics.yearly, metrics.year
	none = len(levels)
	by_any = own = none
	for place, (_name, tests, also, need_any, need, need_all, _most) in enumerate(levels):
		if also and not all([holds(test, values, yearly, year) for test in also]):
			continue
		held = sum([holds(test, values, yearly, year) for test in tests])
		if held >= need_any and by_any == none:
			by_any = place
		if held >= need and own == none:
			own = place
		if held >= need_all:
			return by_any, own, place
	return by_any, own, none


def _share(level: Level, metrics: Metrics) -> Decimal:
	"""Percent reached of what a grade asks: the best criterion for Any, the worst for All, the k-th best for At Least; never more than what it always asks."""
	shares = [reached(test, metrics) for test in level.tests]
	shares.sort(reverse=True)
	if not level.also:
		return shares[level.need - 1]
	always = min([reached(test, metrics) for test in level.also])
	return min(always, shares[level.need - 1]) if shares else always


def _by_score(plan: Plan, metrics: Metrics, explain: bool) -> Outcome:
	version = plan.version
	own_score = score(version, metrics)
	grades = version.grades
	own = next((place for place, one in enumerate(grades) if own_score >= one.score_from), len(grades))
	code = grades[own].code if own < len(grades) else NO_GRADE
	share = candidate = None
	if own:
		asked = grades[own - 1].score_from
		share = max(own_score, ZERO) / asked * HUNDRED if asked > 0 else ZERO
		candidate = grades[own - 1].code if share >= version.upgrade_share else ""
		share = shown_share(share)
	if not explain:
		return Outcome(code, code, code, (), own_score, None, None, candidate or "", share)
	return Outcome(
		code,
		code,
		code,
		explain_.factors(plan, metrics),
		own_score,
		explain_.raised_score(plan, metrics, own_score, grades[own - 1].code, grades[own - 1].score_from) if own else None,
		_lowered_score(version, own, own_score),
		candidate or "",
		share,
	)


def _lowered_score(version: Version, own: int, own_score: Decimal) -> terms.Step | None:
	grades = version.grades
	if own == len(grades) or grades[own].score_from <= 0:
		return None
	below = grades[own + 1].code if own + 1 < len(grades) else NO_GRADE
	return terms.Step(below, (terms.Reason(terms.BY_FACTORS, own_score, grades[own].score_from, True),))
