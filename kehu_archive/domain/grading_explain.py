"""Why a customer has a grade, and what would raise or lower it.

Contract: what is shown decides. For thresholds the reasons are the comparisons that made the grade fit, followed by those that failed for the grade above.
`raised` names the fewest and nearest comparisons that would have to hold, `lowered` the fewest and tightest that would have to fail. For scorecards and quotas
the first change is the score; each factor after it would be enough by itself.
Clause: R-GRD-07, R-GRD-18 (ground of a change), R-GRD-20; the task's "why this grade".
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_UP, Decimal
from typing import NamedTuple

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading_metrics import consecutive
from kehu_archive.domain.grading_plan import (
	CENT,
	HUNDRED,
	ZERO,
	Level,
	Plan,
	Test,
	Weighed,
	holds,
	measured,
	points,
	reached,
	smallest_step,
)
from kehu_archive.domain.grading_terms import NO_GRADE, Metrics, Reason, Step

Compared = tuple[Test, Reason]
Explained = tuple[tuple[Reason, ...], Step | None, Step | None]


def compared(test: Test, metrics: Metrics) -> Reason:
	"""A test as it came out; for years in a row the value is how many there are and the threshold what each must reach."""
	metric, threshold, is_at_most, years, absent, criterion = test
	if years:
		run = consecutive(metrics.yearly, metrics.year, threshold)
		return Reason(metric, Decimal(run), threshold, run >= years, criterion.comparison, years)
	value = metrics.values.get(metric)
	if value is None:
		value = absent
	came_out = value is not None and (value <= threshold if is_at_most else value >= threshold)
	return Reason(metric, value, threshold, came_out, criterion.comparison)


def by_thresholds(levels: tuple[Level, ...], own: int, above: Level | None, metrics: Metrics) -> Explained:
	"""Reasons and steps of a customer whose grade is at the place `own` (the number of grades: none fits) and who can come to `above`."""
	reasons: list[Reason] = []
	raised = lowered = None
	if own < len(levels):
		tests = _compared(levels[own].tests, metrics)
		also = _compared(levels[own].also, metrics)
		reasons += [reason for _test, reason in (*tests, *also) if reason.holds]
		lowered = _lowered(levels, own, metrics, _Held(tests, also))
	if above is not None:
		tests = _failed(above.tests, metrics)
		also = _failed(above.also, metrics)
		reasons += [reason for _test, reason in (*tests, *also)]
		lacking = above.need - (len(above.tests) - len(tests))
		if len(tests) > lacking:
			tests.sort(key=lambda one: -reached(one[0], metrics))
		raised = Step(above.code, tuple(reason for _test, reason in (*tests[: max(lacking, 0)], *also)))
	return tuple(reasons), raised, lowered


class _Held(NamedTuple):
	tests: list[Compared]
	also: list[Compared]


def _compared(tests: tuple[Test, ...], metrics: Metrics) -> list[Compared]:
	return [(test, compared(test, metrics)) for test in tests]


def _failed(tests: tuple[Test, ...], metrics: Metrics) -> list[Compared]:
	return [one for one in _compared(tests, metrics) if not one[1].holds]


def _lowered(levels: tuple[Level, ...], own: int, metrics: Metrics, came_out: _Held) -> Step | None:
	"""The fewest comparisons whose failing leads down, and the grade that fits then; None when nothing does."""
	held = [one for one in came_out.tests if one[1].holds]
	surplus = len(held) - levels[own].need + 1
	if len(held) > surplus:
		held.sort(key=lambda one: _margin(*one))
	also = sorted(came_out.also, key=lambda one: _margin(*one)) if len(came_out.also) > 1 else came_out.also
	ways = [held[:surplus]] if held else []
	ways += [[one] for one in also]
	ways.sort(key=len)
	for turned in ways:
		then = failing(metrics, [test for test, _reason in turned])
		place = next((place for place, one in enumerate(levels) if fits(one, then)), len(levels))
		if place > own:
			code = levels[place].code if place < len(levels) else NO_GRADE
			return Step(code, tuple(reason for _test, reason in turned))
	return None


def fits(level: Level, metrics: Metrics) -> bool:
	"""Whether a grade fits by its own logic."""
	values, yearly, year = metrics.values, metrics.yearly, metrics.year
	for test in level.also:
		if not holds(test, values, yearly, year):
			return False
	return sum([holds(test, values, yearly, year) for test in level.tests]) >= level.need


def _margin(test: Test, reason: Reason) -> Decimal:
	"""How far a test that holds is from failing, as a share of its threshold."""
	value = reason.value or ZERO
	if test.years:
		return value - test.years
	distance = test.threshold - value if test.is_at_most else value - test.threshold
	return distance / abs(test.threshold) if test.threshold else distance


def failing(metrics: Metrics, turned: Iterable[Test]) -> Metrics:
	"""The same customer if these tests just failed."""
	values, yearly = {**metrics.values}, metrics.yearly
	for test in turned:
		step = smallest_step(test.metric)
		if test.years:
			yearly = {year: min(total, test.threshold - smallest_step(terms.YEAR_TOTAL)) for year, total in yearly.items()}
		else:
			values[test.metric] = test.threshold + step if test.is_at_most else test.threshold - step
	return Metrics(values, yearly, metrics.year)


def factors(plan: Plan, metrics: Metrics) -> tuple[Reason, ...]:
	"""What each factor scored."""
	return tuple(_scored(weighed, metrics) for weighed in plan.factors)


def _scored(weighed: Weighed, metrics: Metrics) -> Reason:
	value = measured(metrics, weighed.factor.metric)
	return Reason(
		weighed.factor.metric,
		value,
		None,
		value is not None,
		points=points(weighed, metrics.values),
		weight=weighed.factor.weight,
	)


def raised_score(plan: Plan, metrics: Metrics, score: Decimal, grade: str, asked: Decimal) -> Step:
	"""The step to a grade that asks a score: the score, and every factor that would bring it by itself."""
	enough = (_enough(weighed, metrics, asked - score) for weighed in plan.factors)
	changes = (Reason(terms.BY_FACTORS, score, asked, False), *(reason for reason in enough if reason))
	return Step(grade, changes)


def _enough(weighed: Weighed, metrics: Metrics, lacking: Decimal) -> Reason | None:
	"""The least change of one factor that makes up for what the score lacks, or None when even its best would not."""
	factor = weighed.factor
	if factor.weight <= 0:
		return None
	value, now = measured(metrics, factor.metric), points(weighed, metrics.values)
	wanted = now + lacking * HUNDRED / factor.weight
	if wanted > HUNDRED and not weighed.bands:
		return None
	if not weighed.bands:
		asked = wanted.quantize(CENT, ROUND_UP)
		return Reason(factor.metric, value, asked, False, points=asked, weight=factor.weight)
	return _better_band(weighed, value, wanted)


def _better_band(weighed: Weighed, value: Decimal | None, wanted: Decimal) -> Reason | None:
	"""The nearest band with enough points, above the value or below it."""
	factor = weighed.factor
	found: list[tuple[Decimal, Reason]] = []
	for lower, upper, scored in weighed.bands:
		if scored < wanted:
			continue
		if lower is not None and (value is None or value < lower):
			reason = Reason(factor.metric, value, lower, False, terms.AT_LEAST, 0, scored, factor.weight)
			found.append((lower - (value or ZERO), reason))
		elif upper is not None and (value is None or value >= upper):
			below = upper - smallest_step(factor.metric)
			reason = Reason(factor.metric, value, below, False, terms.AT_MOST, 0, scored, factor.weight)
			found.append(((value or ZERO) - below, reason))
	return min(found, key=lambda one: one[0])[1] if found else None
