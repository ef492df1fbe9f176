"""Thresholds by example: the edges of every comparison, blanks, readings and candidates."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading import grade, score, with_logic
from kehu_archive.domain.grading_terms import Criterion, Grade, Metrics, Version

CENT = Decimal("0.01")
YEAR = 2026
MONEY = (terms.YEAR_TOTAL, terms.LARGEST_CONTRACT, terms.TOTAL_AMOUNT, terms.MONETARY)


def version(*grades: Grade, **more: object) -> Version:
	return Version("S", YEAR, terms.THRESHOLDS, grades, **more)


def customer(yearly: dict[int, int] | None = None, **values: object) -> Metrics:
	"""Metrics by the constant's name: ``customer(YEAR_TOTAL=5)``."""
	known = {getattr(terms, name): Decimal(str(value)) for name, value in values.items()}
	return Metrics(known, {year: Decimal(total) for year, total in (yearly or {}).items()}, YEAR)


@pytest.mark.parametrize("metric", [one for one in terms.METRICS if one != terms.CONSECUTIVE_YEARS])
@pytest.mark.parametrize("comparison", [terms.AT_LEAST, terms.AT_MOST])
def test_a_threshold_is_met_exactly_and_missed_by_a_cent(metric, comparison):
	rules = version(Grade("A", criteria=(Criterion(metric, Decimal(500_000), comparison),)))
	missed = -CENT if comparison == terms.AT_LEAST else CENT

	def graded(value: Decimal) -> str:
		return grade(rules, Metrics({metric: value}, {}, YEAR)).grade

	assert graded(Decimal(500_000)) == "A"
	assert graded(Decimal(500_000) + missed) == terms.NO_GRADE
	assert graded(Decimal(500_000) - missed) == "A"


def test_years_in_a_row_are_met_exactly_and_missed_by_a_cent_or_a_year():
	rules = version(Grade("A", criteria=(Criterion(terms.CONSECUTIVE_YEARS, Decimal(100), years=3),)))
	assert grade(rules, customer({2023: 100, 2024: 100, 2025: 100, 2026: 0})).grade == "A"
	assert grade(rules, customer({2024: 100, 2025: 100, 2026: 100})).grade == "A"
	assert grade(rules, customer({2023: 100, 2025: 100, 2026: 100})).grade == terms.NO_GRADE
	assert grade(rules, customer({2022: 100, 2023: 100, 2024: 100})).grade == terms.NO_GRADE
	below = Metrics({}, {2024: Decimal(100), 2025: Decimal("99.99"), 2026: Decimal(100)}, YEAR)
	assert grade(rules, below).grade == terms.NO_GRADE


def test_a_blank_threshold_is_not_asked_and_a_grade_of_blanks_is_never_reached():
	blank = Criterion(terms.YEAR_TOTAL, None)
	filled = Criterion(terms.LARGEST_CONTRACT, Decimal(5))
	rich = customer(YEAR_TOTAL=10**9, LARGEST_CONTRACT=10**9, DEALS=3)
	assert grade(version(Grade("A", criteria=(blank,)), Grade("B", criteria=(blank, filled), logic=terms.ALL)), rich).grade == "B"
	always = Criterion(terms.DEALS, Decimal(1))
	assert grade(version(Grade("A", criteria=(blank,), also=(always,))), rich).grade == terms.NO_GRADE
	assert grade(version(Grade("A", also=(always,))), rich).grade == "A"
	assert grade(version(Grade("A")), rich).grade == terms.NO_GRADE


def test_what_is_always_asked_holds_besides_under_every_reading():
	rules = version(
		Grade("A", criteria=(Criterion(terms.YEAR_TOTAL, Decimal(5)),), also=(Criterion(terms.DEFAULTS, Decimal(0), terms.AT_MOST),))
	)
	assert grade(rules, customer(YEAR_TOTAL=5)).grade == "A"
	found = grade(rules, customer(YEAR_TOTAL=5, DEFAULTS=1))
	assert (found.grade, found.grade_any, found.grade_all) == ("", "", "")


def test_at_least_two_of_three():
	three = tuple(Criterion(metric, Decimal(5)) for metric in MONEY[:3])
	rules = version(Grade("A", criteria=three, logic=terms.AT_LEAST_K, least=2))
	assert grade(rules, customer(YEAR_TOTAL=5, TOTAL_AMOUNT=5)).grade == "A"
	one = grade(rules, customer(YEAR_TOTAL=5, TOTAL_AMOUNT=4, LARGEST_CONTRACT=1))
	assert (one.grade, one.grade_any, one.candidate_share) == ("", "A", Decimal(80))
	assert [change.metric for change in one.raised.changes] == [terms.TOTAL_AMOUNT]


@pytest.mark.parametrize(
	("logic", "value", "share", "candidate"),
	[
		(terms.ANY, "80", "80.00", "A"),
		(terms.ANY, "79.99", "79.99", ""),
		(terms.ANY, "79.999", "79.99", ""),
		(terms.ALL, "99", "10.00", ""),
	],
)
def test_a_candidate_begins_exactly_at_the_share(logic, value, share, candidate):
	two = (Criterion(terms.YEAR_TOTAL, Decimal(100)), Criterion(terms.TOTAL_AMOUNT, Decimal(100)))
	rules = version(Grade("A", criteria=two, logic=logic), Grade("B", also=(Criterion(terms.DEALS, Decimal(1)),)))
	found = grade(rules, customer(YEAR_TOTAL=value, TOTAL_AMOUNT=10, DEALS=1))
	assert (found.grade, found.candidate_for, found.candidate_share) == ("B", candidate, Decimal(share))


@pytest.mark.parametrize(
	("criterion", "metrics", "share"),
	[
		(Criterion(terms.NATIONAL_RANK, Decimal(10), terms.AT_MOST), customer(NATIONAL_RANK=12), "83.33"),
		(Criterion(terms.DEFAULTS, Decimal(0), terms.AT_MOST), customer(DEFAULTS=1), "0"),
		(Criterion(terms.NATIONAL_RANK, Decimal(10), terms.AT_MOST), customer(), "0"),
		(Criterion(terms.YEAR_TOTAL, Decimal(10)), customer(YEAR_TOTAL=-5), "0"),
		(Criterion(terms.CONSECUTIVE_YEARS, Decimal(100), years=3), customer({2025: 100, 2026: 100}), "66.66"),
		(Criterion(terms.CONSECUTIVE_YEARS, Decimal(100), years=3), customer({2023: 90, 2024: 95, 2025: 99, 2026: 1}), "90"),
		(Criterion(terms.CONSECUTIVE_YEARS, Decimal(100), years=2), customer({2025: -5, 2026: 99}), "0"),
	],
)
def test_how_far_a_customer_has_come(criterion, metrics, share):
	assert grade(version(Grade("A", criteria=(criterion,))), metrics).candidate_share == Decimal(share)


def test_a_customer_with_deals_is_never_told_to_have_none():
	prospect = (Criterion(terms.DEALS, Decimal(0), terms.AT_MOST), Criterion(terms.INTENTION, Decimal(1)))
	rules = version(Grade("A", criteria=(Criterion(terms.YEAR_TOTAL, Decimal(9)),)), Grade("P", also=prospect))
	assert grade(rules, customer(DEALS=2)).raised.grade == "A"
	assert grade(rules, customer(DEALS=0)).raised.grade == "P"
	general = version(Grade("G", also=(Criterion(terms.DEALS, Decimal(1)),)), Grade("P", also=prospect))
	found = grade(general, customer(INTENTION=1))
	assert [change.metric for change in found.lowered.changes] == [terms.INTENTION]
	assert found.raised.grade == "G"


def test_a_customer_without_transactions_has_zero_amounts_and_unknown_days():
	rules = version(Grade("A", criteria=(Criterion(terms.RECENCY, Decimal(30), terms.AT_MOST),)), Grade("B", also=(Criterion(terms.DEALS, Decimal(0), terms.AT_MOST),)))
	found = grade(rules, customer())
	assert (found.grade, found.reasons[0].value, found.reasons[1].value) == ("B", Decimal(0), None)


def test_quotas_are_refused_here_and_a_reading_changes_only_thresholds():
	quota = replace(version(Grade("A", share=Decimal(100))), method=terms.QUOTAS)
	with pytest.raises(ValueError, match="population"):
		grade(quota, customer())
	assert with_logic(quota, terms.ALL) is quota
	rules = version(Grade("A"))
	assert with_logic(rules, "") is rules
	assert score(rules, customer()) == 0


def test_the_fewest_and_tightest_comparisons_lead_down():
	two = (Criterion(terms.YEAR_TOTAL, Decimal(100)), Criterion(terms.TOTAL_AMOUNT, Decimal(100)))
	rich = customer(YEAR_TOTAL=150, TOTAL_AMOUNT=120)
	every = grade(version(Grade("A", criteria=two, logic=terms.ALL)), rich)
	assert [change.metric for change in every.lowered.changes] == [terms.TOTAL_AMOUNT]
	either = grade(version(Grade("A", criteria=two)), rich)
	assert [change.metric for change in either.lowered.changes] == [terms.YEAR_TOTAL, terms.TOTAL_AMOUNT]
	never = (Criterion(terms.DEFAULTS, Decimal(0), terms.AT_MOST),)
	besides = grade(version(Grade("A", criteria=two, also=never)), rich)
	assert [change.metric for change in besides.lowered.changes] == [terms.DEFAULTS]
