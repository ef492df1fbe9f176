"""Quotas: they always add up, ties are broken the same way, and each region counts by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading_quota import counts, cuts_of, key_of, placed, quota_outcomes, ranked
from kehu_archive.domain.grading_terms import Factor, Grade, Metrics, Version

ABC = tuple(Grade(code, share=Decimal(share)) for code, share in (("A", 20), ("B", 40), ("C", 40)))
BY_TOTAL = Version("S", 2026, terms.QUOTAS, ABC, score_by=terms.BY_TOTAL)
BY_FACTORS = replace(
	BY_TOTAL,
	score_by=terms.BY_FACTORS,
	factors=(Factor(terms.STRENGTH, Decimal(50)), Factor(terms.LIKELIHOOD, Decimal(50))),
)


def someone(number: object, total: object = 0, day: date | None = None, region: str = "", **values: object) -> Metrics:
	known = {getattr(terms, name): Decimal(str(value)) for name, value in values.items()}
	return Metrics({terms.TOTAL_AMOUNT: Decimal(str(total)), **known}, region=region, archive_date=day, number=str(number))


def many(size: int) -> list[Metrics]:
	return [someone(f"{number:05}", number) for number in range(size)]


def sizes(outcomes: dict[str, terms.Outcome]) -> list[int]:
	return [sum(found.grade == one.code for found in outcomes.values()) for one in ABC]


@st.composite
def shares(draw: st.DrawFn) -> list[Decimal]:
	"""One to five shares of 100 percent together, to a tenth of a percent, some of them 0."""
	cuts = sorted(draw(st.lists(st.integers(0, 1000), max_size=4)))
	return [Decimal(after - before) / 10 for before, after in zip([0, *cuts], [*cuts, 1000], strict=True)]


@given(st.integers(0, 100_000), shares())
def test_quotas_add_up_to_the_population_within_one_of_the_exact_share(total, parts):
	filled = counts(total, parts)
	assert sum(filled) == total
	for size, share in zip(filled, parts, strict=True):
		assert abs(size - total * share / 100) < 1


@pytest.mark.parametrize(
	("total", "filled"),
	[
		(100, (20, 40, 40)),
		(23_570, (4714, 9428, 9428)),
		(0, (0, 0, 0)),
		(1, (0, 1, 0)),
		(2, (0, 1, 1)),
		(3, (1, 1, 1)),
		(4, (1, 2, 1)),
		(101, (20, 41, 40)),
		(103, (21, 41, 41)),
	],
)
def test_twenty_forty_forty(total, filled):
	assert counts(total, [one.share for one in ABC]) == filled


@pytest.mark.parametrize("parts", [(50, 40), (50, 60), (150, -50)])
def test_shares_that_are_no_whole_are_refused(parts):
	with pytest.raises(ValueError, match="100 percent"):
		counts(10, [Decimal(part) for part in parts])


def test_the_split_of_a_hundred_and_of_a_large_population():
	assert sizes(quota_outcomes(BY_TOTAL, many(100))) == [20, 40, 40]
	assert sizes(quota_outcomes(BY_TOTAL, many(23_570))) == [4714, 9428, 9428]
	assert quota_outcomes(BY_TOTAL, []) == {}


def test_ties_go_to_the_larger_amount_then_the_older_archive_then_the_smaller_number():
	day, later = date(2020, 1, 1), date(2020, 1, 2)
	population = [
		someone("7", 5, later, STRENGTH=50),
		someone("6", 5, None, STRENGTH=50),
		someone("5", 5, day, STRENGTH=50),
		someone("4", 5, day, STRENGTH=50),
		someone("3", 6, None, STRENGTH=50),
		someone("2", 1, None, STRENGTH=51),
		someone("1", 9, day, STRENGTH=49),
	]
	assert [one.number for one in ranked(BY_FACTORS, population)] == ["2", "3", "4", "5", "7", "6", "1"]


@pytest.mark.parametrize(("score_by", "first"), [(terms.BY_TOTAL, "1"), (terms.BY_YEAR_TOTAL, "2"), (terms.BY_FACTORS, "3")])
def test_what_is_ranked_by(score_by, first):
	population = [
		someone("1", 9, YEAR_TOTAL=1, STRENGTH=1),
		someone("2", 5, YEAR_TOTAL=9, STRENGTH=1),
		someone("3", 1, YEAR_TOTAL=1, STRENGTH=9),
	]
	assert ranked(replace(BY_FACTORS, score_by=score_by), population)[0].number == first


populations = st.lists(
	st.builds(
		someone,
		st.integers(1, 10_000).map("{:05}".format),
		st.integers(-3, 3),
		st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 3)),
		st.sampled_from(("", "华东", "华南")),
		STRENGTH=st.integers(0, 4),
		LIKELIHOOD=st.integers(0, 4),
		YEAR_TOTAL=st.integers(-3, 3),
	),
	max_size=30,
	unique_by=lambda metrics: metrics.number,
)
rules_of = st.builds(
	lambda score_by, per_region, parts: replace(
		BY_FACTORS,
		score_by=score_by,
		per_region=per_region,
		grades=tuple(Grade("ABCDE"[place], share=share) for place, share in enumerate(parts)),
	),
	st.sampled_from((terms.BY_FACTORS, terms.BY_TOTAL, terms.BY_YEAR_TOTAL)),
	st.booleans(),
	shares(),
)


@given(rules_of, populations, st.randoms())
def test_everybody_gets_one_grade_whatever_the_order_of_loading(rules, population, rng):
	found = quota_outcomes(rules, population)
	assert set(found) == {metrics.number for metrics in population}
	assert quota_outcomes(rules, rng.sample(population, len(population))) == found
	for region in {metrics.region for metrics in population} if rules.per_region else {None}:
		own = [metrics for metrics in population if region in (None, metrics.region)]
		filled = counts(len(own), [one.share for one in rules.grades])
		graded = [found[metrics.number].grade for metrics in ranked(rules, own)]
		assert graded == [one.code for one, size in zip(rules.grades, filled, strict=True) for _ in range(size)]


@given(rules_of, populations)
def test_more_money_never_lowers_a_grade(rules, population):
	rules = replace(rules, score_by=terms.BY_TOTAL)
	codes = [one.code for one in rules.grades]
	before = quota_outcomes(rules, population)
	for place, metrics in enumerate(population[:5]):
		more = replace(metrics, values={**metrics.values, terms.TOTAL_AMOUNT: metrics.values[terms.TOTAL_AMOUNT] + 2})
		after = quota_outcomes(rules, [*population[:place], more, *population[place + 1 :]])
		assert codes.index(after[more.number].grade) <= codes.index(before[more.number].grade)


@given(rules_of, populations)
def test_the_step_up_is_enough_and_a_cent_less_is_not(rules, population):
	rules = replace(rules, score_by=terms.BY_TOTAL)
	codes = [one.code for one in rules.grades]
	found = quota_outcomes(rules, population)
	for place, metrics in enumerate(population):
		raised = found[metrics.number].raised
		if raised is None:
			continue
		asked = raised.changes[0].threshold

		def graded(amount: Decimal, place: int = place, metrics: Metrics = metrics) -> int:
			changed = replace(metrics, values={**metrics.values, terms.TOTAL_AMOUNT: amount})
			after = quota_outcomes(rules, [*population[:place], changed, *population[place + 1 :]])
			return codes.index(after[metrics.number].grade)

		assert graded(asked) <= codes.index(raised.grade)
		assert graded(asked - Decimal("0.01")) > codes.index(raised.grade)


@given(rules_of, populations)
def test_each_factor_named_is_enough_to_overtake(rules, population):
	rules = replace(rules, score_by=terms.BY_FACTORS)
	codes = [one.code for one in rules.grades]
	found = quota_outcomes(rules, population)
	for place, metrics in enumerate(population[:6]):
		raised = found[metrics.number].raised
		for change in raised.changes[1:] if raised else ():
			changed = replace(metrics, values={**metrics.values, change.metric: change.threshold})
			after = quota_outcomes(rules, [*population[:place], changed, *population[place + 1 :]])
			assert codes.index(after[metrics.number].grade) <= codes.index(raised.grade)


def test_each_region_fills_its_own_quotas():
	population = [someone(number, number, region="华东" if number < 10 else "华南") for number in range(15)]
	found = quota_outcomes(replace(BY_TOTAL, per_region=True), population)
	assert [number for number in map(str, range(15)) if found[number].grade == "A"] == ["8", "9", "14"]
	whole = quota_outcomes(BY_TOTAL, population)
	assert [number for number in map(str, range(15)) if whole[number].grade == "A"] == ["12", "13", "14"]


def test_candidates_reasons_and_steps_of_a_ranking():
	totals = (100, 99, 80, 79.99, 50, 40, 30, 20, 10, -5)
	found = quota_outcomes(BY_TOTAL, [someone(number, total) for number, total in enumerate(totals)])
	assert (found["0"].raised, found["0"].candidate_share) == (None, None)
	assert (found["1"].lowered.grade, found["1"].lowered.changes[0].threshold) == ("B", 80)
	assert (found["2"].candidate_for, found["2"].candidate_share) == ("A", Decimal("80.80"))
	exact = quota_outcomes(BY_TOTAL, [someone(number, total) for number, total in enumerate((200, 100, 80, 79.99, *totals[4:]))])
	assert (exact["2"].candidate_for, exact["3"].candidate_for) == ("A", "")
	assert (exact["3"].candidate_share, exact["9"].candidate_share) == (Decimal("79.99"), 0)
	assert exact["2"].reasons == (terms.Reason(terms.TOTAL_AMOUNT, Decimal(80), Decimal(40), True),)
	assert exact["9"].lowered is None
	assert exact["2"].grade_any == exact["2"].grade_all == "B"


def test_a_grade_nobody_is_in_is_stepped_over():
	rules = replace(BY_TOTAL, grades=(ABC[0], Grade("E", share=Decimal(0)), Grade("C", share=Decimal(80))))
	found = quota_outcomes(rules, many(5))
	assert (found["00003"].raised.grade, found["00004"].lowered.grade) == ("A", "C")


@given(rules_of, populations)
def test_a_run_that_places_by_cuts_comes_to_the_same(rules, population):
	rules = replace(rules, per_region=False)
	order = ranked(rules, population)
	filled = counts(len(order), [one.share for one in rules.grades])
	cuts = cuts_of([key_of(rules, metrics) for metrics in order], filled)
	grades = [place for place, size in enumerate(filled) for _ in range(size)]
	reference = quota_outcomes(rules, population)
	for metrics, place in zip(order, grades, strict=True):
		full = placed(rules, metrics, place, cuts)
		assert full == reference[metrics.number]
		assert placed(rules, metrics, place, cuts, explain=False) == replace(full, reasons=(), raised=None, lowered=None)
