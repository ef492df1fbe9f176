"""Scorecards: weights, bands at their edges, the grade of a score, and what would raise it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading import grade, score
from kehu_archive.domain.grading_terms import Band, Factor, Grade, Metrics, Version

GRADES = (
	Grade("重点", score_from=Decimal(80)),
	Grade("稳定", score_from=Decimal(60)),
	Grade("一般", score_from=Decimal(0)),
)
METRICS = (terms.YEAR_TOTAL, terms.CREDIT, terms.DEMAND, terms.PAYMENT_DAYS)


def bands(*rows: tuple[int | None, int | None, int]) -> tuple[Band, ...]:
	def number(limit: int | None) -> Decimal | None:
		return None if limit is None else Decimal(limit)

	return tuple(Band(number(lower), number(upper), Decimal(scored)) for lower, upper, scored in rows)


def card(*factors: Factor, grades: tuple[Grade, ...] = GRADES, **more: object) -> Version:
	return Version("S", 2026, terms.SCORECARD, grades, factors, **more)


def one(metric: str, *rows: tuple[int | None, int | None, int]) -> Version:
	return card(Factor(metric, Decimal(100), bands(*rows)))


def scored(rules: Version, value: object, metric: str = terms.YEAR_TOTAL) -> Decimal:
	return score(rules, Metrics({metric: Decimal(str(value))}))


@pytest.mark.parametrize(
	("value", "points"),
	[("-1", 20), ("0", 20), ("99999.99", 20), ("100000", 40), ("499999.99", 40), ("500000", 100), ("1e9", 100)],
)
def test_a_band_holds_its_lower_end_and_not_its_upper(value, points):
	rules = one(terms.YEAR_TOTAL, (None, 100_000, 20), (100_000, 500_000, 40), (500_000, None, 100))
	assert scored(rules, value) == points


@pytest.mark.parametrize(
	("value", "code"), [("80", "重点"), ("79.99", "稳定"), ("60", "稳定"), ("59.99", "一般"), ("0", "一般"), ("-5", "一般")]
)
def test_a_grade_begins_exactly_at_its_score(value, code):
	found = grade(one(terms.CREDIT), Metrics({terms.CREDIT: Decimal(value)}))
	assert (found.grade, found.grade_any, found.grade_all) == (code, code, code)
	assert found.score == max(Decimal(value), Decimal(0))


def test_a_value_without_bands_is_held_within_0_and_100_and_an_unknown_one_scores_nothing():
	rules = one(terms.CREDIT)
	assert [scored(rules, value, terms.CREDIT) for value in (-1, 55.5, 101)] == [0, Decimal("55.5"), 100]
	assert score(rules, Metrics({})) == 0
	assert score(one(terms.RECENCY, (None, None, 70)), Metrics({})) == 0
	assert score(one(terms.DEALS, (None, 1, 5), (1, None, 70)), Metrics({})) == 5


def test_the_score_is_the_weighted_sum_with_every_factor_named():
	rules = card(Factor(terms.YEAR_TOTAL, Decimal(60), bands((None, 10, 0), (10, None, 90))), Factor(terms.CREDIT, Decimal(40)))
	found = grade(rules, Metrics({terms.YEAR_TOTAL: Decimal(10), terms.CREDIT: Decimal(50)}))
	assert found.score == Decimal(74)
	assert [(r.metric, r.value, r.points, r.weight, r.holds) for r in found.reasons] == [
		(terms.YEAR_TOTAL, 10, 90, 60, True),
		(terms.CREDIT, 50, 50, 40, True),
	]
	assert not grade(rules, Metrics({})).reasons[1].holds


@pytest.mark.parametrize(("value", "candidate", "share"), [("64", "重点", "80"), ("63.99", "", "79.98"), ("60", "", "75")])
def test_a_candidate_begins_exactly_at_the_share_of_the_next_score(value, candidate, share):
	found = grade(one(terms.CREDIT), Metrics({terms.CREDIT: Decimal(value)}))
	assert (found.grade, found.candidate_for, found.candidate_share) == ("稳定", candidate, Decimal(share))


def test_the_best_grade_has_nothing_above_and_the_last_nothing_below():
	best = grade(one(terms.CREDIT), Metrics({terms.CREDIT: Decimal(90)}))
	assert (best.raised, best.candidate_for, best.candidate_share) == (None, "", None)
	assert (best.lowered.grade, best.lowered.changes[0].threshold) == ("稳定", 80)
	last = grade(one(terms.CREDIT), Metrics({}))
	assert (last.raised.grade, last.lowered) == ("稳定", None)


def test_below_the_last_score_there_is_no_grade():
	rules = card(Factor(terms.CREDIT, Decimal(100)), grades=GRADES[:2])
	found = grade(rules, Metrics({terms.CREDIT: Decimal(59)}))
	assert (found.grade, found.raised.grade, found.lowered) == ("", "稳定", None)
	assert grade(rules, Metrics({terms.CREDIT: Decimal(60)})).lowered.grade == ""


def test_fewer_days_raise_the_score():
	rules = card(
		Factor(terms.PAYMENT_DAYS, Decimal(50), bands((None, 31, 100), (31, 61, 60), (61, None, 0))),
		Factor(terms.CREDIT, Decimal(50)),
	)
	found = grade(rules, Metrics({terms.PAYMENT_DAYS: Decimal(70), terms.CREDIT: Decimal(70)}))
	by_metric = {change.metric: change for change in found.raised.changes[1:]}
	assert found.raised.changes[0] == terms.Reason(terms.BY_FACTORS, Decimal(35), Decimal(60), False)
	payment = by_metric[terms.PAYMENT_DAYS]
	assert (payment.threshold, payment.comparison, payment.points) == (Decimal("60.99"), terms.AT_MOST, 60)
	assert terms.CREDIT not in by_metric


def test_a_band_with_exactly_the_points_that_lack_is_enough():
	rules = card(Factor(terms.YEAR_TOTAL, Decimal(50), bands((None, 10, 0), (10, 20, 40), (20, None, 100))), Factor(terms.CREDIT, Decimal(50)))
	found = grade(rules, Metrics({terms.CREDIT: Decimal(80)}))
	assert [(change.metric, change.threshold) for change in found.raised.changes[1:]] == [(terms.YEAR_TOTAL, 10)]


_whole = st.integers(0, 100).map(Decimal)


@st.composite
def cards(draw: st.DrawFn) -> Version:
	"""Cards of two to four factors, some with bands that rise, whose weights make 100."""
	metrics = draw(st.lists(st.sampled_from(METRICS), min_size=2, max_size=4, unique=True))
	cuts = sorted(draw(st.lists(st.integers(1, 99), min_size=len(metrics) - 1, max_size=len(metrics) - 1, unique=True)))
	weights = [after - before for before, after in zip([0, *cuts], [*cuts, 100], strict=True)]
	factors = []
	for metric, weight in zip(metrics, weights, strict=True):
		limits = sorted(draw(st.lists(st.integers(-5, 100), max_size=3, unique=True)))
		points = sorted(draw(st.lists(_whole, min_size=len(limits) + 1, max_size=len(limits) + 1)))
		rows = zip([None, *limits], [*limits, None], points, strict=True)
		factors.append(Factor(metric, Decimal(weight), bands(*rows) if draw(st.booleans()) else ()))
	return card(*factors)


people = st.builds(Metrics, st.dictionaries(st.sampled_from(METRICS), st.integers(-5, 105).map(Decimal)))


@given(cards(), people, st.randoms())
def test_scores_stay_within_0_and_100_whatever_the_order_of_the_factors(rules, metrics, rng):
	found = score(rules, metrics)
	assert 0 <= found <= 100
	shuffled = replace(rules, factors=tuple(rng.sample(rules.factors, len(rules.factors))))
	assert score(shuffled, metrics) == found


@given(cards(), people, st.sampled_from(METRICS), st.integers(0, 50))
def test_a_better_value_never_lowers_a_score_or_a_grade(rules, metrics, metric, more):
	if metric not in metrics.values:
		return
	better = Metrics({**metrics.values, metric: metrics.values[metric] + more})
	before, after = grade(rules, metrics), grade(rules, better)
	assert after.score >= before.score
	codes = [one.code for one in rules.grades]
	assert codes.index(after.grade) <= codes.index(before.grade)
	assert grade(rules, metrics, explain=False) == replace(before, reasons=(), raised=None, lowered=None)


@given(cards(), people)
def test_each_factor_named_for_the_next_grade_is_enough_by_itself(rules, metrics):
	raised = grade(rules, metrics).raised
	if not (raised and len(raised.changes) > 1):
		return
	codes = [one.code for one in rules.grades]
	assert raised.changes[0].metric == terms.BY_FACTORS
	for change in raised.changes[1:]:
		after = grade(rules, Metrics({**metrics.values, change.metric: change.threshold}))
		assert codes.index(after.grade) <= codes.index(raised.grade)


@given(cards(), people)
def test_a_factor_that_could_do_it_alone_is_named(rules, metrics):
	found = grade(rules, metrics)
	if not found.raised:
		return
	asked = found.raised.changes[0].threshold
	named = {change.metric for change in found.raised.changes[1:]}
	for factor, reason in zip(rules.factors, found.reasons, strict=True):
		if len(factor.bands) == 1:
			continue
		best = max((band.points for band in factor.bands), default=Decimal(100))
		assert (factor.metric in named) == (found.score + factor.weight * (best - reason.points) / 100 >= asked)
