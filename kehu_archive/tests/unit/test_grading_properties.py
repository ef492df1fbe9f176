"""Thresholds as properties: what fits, what is shown decides, and more money never lowers a grade."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading import grade, with_logic
from kehu_archive.domain.grading_terms import Criterion, Grade, Metrics, Reason, Version

CENT = Decimal("0.01")
YEAR = 2026
MONEY = (terms.YEAR_TOTAL, terms.LARGEST_CONTRACT, terms.TOTAL_AMOUNT, terms.MONETARY)
OTHERS = (terms.FREQUENCY, terms.NATIONAL_RANK, terms.CREDIT, terms.RECENCY)
ALWAYS = (terms.DEFAULTS, terms.INTENTION, terms.COOPERATION_YEARS)


def version(*grades: Grade, **more: object) -> Version:
	return Version("S", YEAR, terms.THRESHOLDS, grades, **more)


def place(rules: Version, code: str) -> int:
	"""How far down a grade stands; no grade is below all."""
	codes = [one.code for one in rules.grades]
	return codes.index(code) if code else len(codes)


thresholds = st.none() | st.integers(1, 6).map(Decimal)


def criteria(metrics: tuple[str, ...], most: int = 4) -> st.SearchStrategy[tuple[Criterion, ...]]:
	def one(metric: str, threshold: Decimal | None, years: int) -> Criterion:
		comparison = terms.AT_MOST if metric in terms.FEWER_IS_BETTER else terms.AT_LEAST
		return Criterion(metric, threshold, comparison, years if metric == terms.CONSECUTIVE_YEARS else 0)

	single = st.builds(one, st.sampled_from(metrics), thresholds, st.integers(1, 3))
	return st.lists(single, max_size=most, unique_by=lambda criterion: criterion.metric).map(tuple)


def versions(metrics: tuple[str, ...], always: tuple[str, ...] = ()) -> st.SearchStrategy[Version]:
	also = criteria(always, 2) if always else st.just(())
	single = st.tuples(criteria(metrics), st.sampled_from(terms.READINGS), st.integers(1, 3), also)

	def built(rows: list, share: int) -> Version:
		grades = (Grade("ABCDE"[number], "", *row) for number, row in enumerate(rows))
		return version(*grades, upgrade_share=Decimal(share))

	return st.builds(built, st.lists(single, min_size=1, max_size=4), st.integers(1, 100))


_numbers = st.integers(-1, 8).map(Decimal) | st.sampled_from((Decimal("4.99"), Decimal("5.01")))
customers = st.builds(
	Metrics,
	st.dictionaries(st.sampled_from((*MONEY, *OTHERS, *ALWAYS)), _numbers),
	st.dictionaries(st.integers(YEAR - 4, YEAR), _numbers),
	st.just(YEAR),
)
any_version = versions((*MONEY, *OTHERS, terms.CONSECUTIVE_YEARS), ALWAYS)


def _fits(one: Grade, metrics: Metrics, reading: str) -> bool:
	"""Whether a grade fits, written down anew from the regulation's words."""
	zero = {*MONEY, terms.FREQUENCY, *ALWAYS}

	def holds(criterion: Criterion) -> bool:
		if criterion.years:
			runs = (range(last, last - criterion.years, -1) for last in (YEAR, YEAR - 1))
			return any(all(metrics.yearly.get(year, -9) >= criterion.threshold for year in run) for run in runs)
		value = metrics.values.get(criterion.metric, 0 if criterion.metric in zero else None)
		if value is None:
			return False
		return value <= criterion.threshold if criterion.comparison == terms.AT_MOST else value >= criterion.threshold

	asked = [criterion for criterion in one.criteria if criterion.threshold is not None]
	also = [criterion for criterion in one.also if criterion.threshold is not None]
	if not asked and (one.criteria or not also):
		return False
	held = [holds(criterion) for criterion in asked]
	enough = {
		terms.ANY: any(held) or not held,
		terms.ALL: all(held),
		terms.AT_LEAST_K: sum(held) >= min(one.least, len(held)),
	}
	return enough[reading] and all(map(holds, also))


@given(any_version, customers)
def test_the_first_grade_that_fits_is_the_grade_under_every_reading(rules, metrics):
	found = grade(rules, metrics)
	for got, reading in ((found.grade, ""), (found.grade_any, terms.ANY), (found.grade_all, terms.ALL)):
		fitting = (one.code for one in rules.grades if _fits(one, metrics, reading or one.logic))
		assert got == next(fitting, terms.NO_GRADE)


@given(any_version, customers)
def test_any_is_never_below_the_own_logic_and_all_never_above_it(rules, metrics):
	found = grade(rules, metrics)
	assert place(rules, found.grade_any) <= place(rules, found.grade) <= place(rules, found.grade_all)


@given(any_version, customers, st.sampled_from(terms.READINGS))
def test_a_trial_with_another_reading_agrees_with_the_reading_carried_along(rules, metrics, reading):
	found, trial = grade(rules, metrics), grade(with_logic(rules, reading), metrics)
	assert (trial.grade_any, trial.grade_all) == (found.grade_any, found.grade_all)
	if reading == terms.ANY:
		assert trial.grade == found.grade_any
	if reading == terms.ALL:
		assert trial.grade == found.grade_all


@given(any_version, customers)
def test_without_explanation_the_same_comes_out_and_twice_the_same(rules, metrics):
	full, short = grade(rules, metrics), grade(rules, metrics, explain=False)
	assert full == grade(rules, metrics)
	assert short == replace(full, reasons=(), raised=None, lowered=None)


@given(any_version, customers, st.randoms())
def test_the_order_of_the_criteria_does_not_matter(rules, metrics, rng):
	def mixed(rows):
		return tuple(rng.sample(rows, len(rows)))

	shuffled = replace(
		rules, grades=tuple(replace(one, criteria=mixed(one.criteria), also=mixed(one.also)) for one in rules.grades)
	)
	assert grade(shuffled, metrics, explain=False) == grade(rules, metrics, explain=False)


@given(
	versions((*MONEY, terms.CONSECUTIVE_YEARS)),
	customers,
	st.dictionaries(st.sampled_from(MONEY), st.integers(0, 5)),
	st.dictionaries(st.integers(YEAR - 4, YEAR), st.integers(0, 5)),
)
def test_more_money_never_lowers_a_grade(rules, metrics, more, more_yearly):
	values, yearly = dict(metrics.values), dict(metrics.yearly)
	for metric, amount in more.items():
		values[metric] = values.get(metric, Decimal(0)) + amount
	for year, amount in more_yearly.items():
		yearly[year] = yearly.get(year, Decimal(0)) + amount
	before, after = grade(rules, metrics), grade(rules, Metrics(values, yearly, YEAR))
	assert place(rules, after.grade) <= place(rules, before.grade)
	assert place(rules, after.grade_any) <= place(rules, before.grade_any)
	assert place(rules, after.grade_all) <= place(rules, before.grade_all)


def turned_to_hold(metrics: Metrics, changes: tuple[Reason, ...]) -> Metrics:
	values, yearly = dict(metrics.values), dict(metrics.yearly)
	for change in changes:
		values[change.metric] = change.threshold
		for back in range(change.years):
			yearly[YEAR - back] = max(yearly.get(YEAR - back, change.threshold), change.threshold)
	return Metrics(values, yearly, YEAR)


@given(any_version, customers)
def test_what_is_said_to_raise_a_grade_raises_it_and_nothing_less_does(rules, metrics):
	raised = grade(rules, metrics).raised
	if not raised:
		return
	assert raised.changes and not any(change.holds for change in raised.changes)
	wanted = next(one for one in rules.grades if one.code == raised.grade)
	after = grade(rules, turned_to_hold(metrics, raised.changes))
	assert place(rules, after.grade) <= place(rules, raised.grade)
	for left_out in raised.changes:
		fewer = tuple(change for change in raised.changes if change is not left_out)
		assert not _fits(wanted, turned_to_hold(metrics, fewer), wanted.logic)


@given(any_version, customers)
def test_what_is_said_to_lower_a_grade_lowers_it_to_that_grade(rules, metrics):
	found = grade(rules, metrics)
	if not found.lowered:
		return
	assert found.lowered.changes and all(change.holds for change in found.lowered.changes)
	values, yearly = dict(metrics.values), dict(metrics.yearly)
	for change in found.lowered.changes:
		step = CENT if change.metric in {*MONEY, terms.CREDIT} else Decimal(1)
		values[change.metric] = change.threshold + (step if change.comparison == terms.AT_MOST else -step)
		if change.years:
			yearly = {year: min(total, change.threshold - CENT) for year, total in yearly.items()}
	after = grade(rules, Metrics(values, yearly, YEAR))
	assert after.grade == found.lowered.grade
	assert place(rules, after.grade) > place(rules, found.grade)


@given(any_version, customers)
def test_reasons_are_what_made_the_grade_fit_and_what_failed_above(rules, metrics):
	found = grade(rules, metrics)
	for one in rules.grades:
		if one.code == found.grade:
			only = tuple(Criterion(r.metric, r.threshold, r.comparison, r.years) for r in found.reasons if r.holds)
			assert set(only) <= {*one.criteria, *one.also}
			assert _fits(replace(one, criteria=only or one.criteria, also=()), metrics, terms.ALL) or not only
	if found.raised:
		assert set(found.raised.changes) <= {reason for reason in found.reasons if not reason.holds}


@given(any_version, customers)
def test_a_candidate_has_reached_the_share_of_the_grade_above(rules, metrics):
	found = grade(rules, metrics)
	assert bool(found.raised) == (found.candidate_share is not None)
	if found.raised is None:
		assert found.candidate_for == ""
		return
	assert 0 <= found.candidate_share < 100
	if found.candidate_for:
		assert found.candidate_for == found.raised.grade
	elif found.candidate_share >= rules.upgrade_share:
		pytest.fail("reached the share but is no candidate")
