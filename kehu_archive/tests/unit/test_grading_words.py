"""One sentence why for each method, and what would raise or lower a grade."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain import grading_words as words
from kehu_archive.domain.grading import grade
from kehu_archive.domain.grading_quota import quota_outcomes
from kehu_archive.domain.grading_terms import Band, Criterion, Factor, Grade, Metrics, Version
from kehu_archive.tests import strings
from kehu_archive.tests.unit.test_grading_properties import any_version, customers

D = Decimal
RULES = Version(
	"S",
	2026,
	terms.THRESHOLDS,
	(
		Grade(
			"重要",
			"重点",
			(
				Criterion(terms.CONSECUTIVE_YEARS, D(1_000_000), years=3),
				Criterion(terms.YEAR_TOTAL, D(5_000_000)),
				Criterion(terms.NATIONAL_RANK, D(10), terms.AT_MOST),
			),
		),
		Grade("一般", also=(Criterion(terms.DEALS, D(1)),)),
		Grade("潜在", also=(Criterion(terms.DEALS, D(0), terms.AT_MOST), Criterion(terms.INTENTION, D(1)))),
	),
)
CARD = Version(
	"S",
	2026,
	terms.SCORECARD,
	(Grade("A", score_from=D(80)), Grade("B", score_from=D(60)), Grade("C")),
	(Factor(terms.YEAR_TOTAL, D(60), (Band(None, D(10_000), D(0)), Band(D(10_000), None, D(100)))), Factor(terms.CREDIT, D(40))),
)
QUOTA = Version(
	"S",
	2026,
	terms.QUOTAS,
	(Grade("A", share=D(20)), Grade("B", share=D("30.5")), Grade("C", share=D("49.5"))),
	score_by=terms.BY_TOTAL,
)


def chinese(text: str) -> str:
	return strings.rows()[text]


def why(rules: Version, metrics: Metrics) -> str:
	return words.text(words.sentence(grade(rules, metrics), rules))


def someone(yearly: dict[int, int] | None = None, **values: object) -> Metrics:
	known = {getattr(terms, name): D(str(value)) for name, value in values.items()}
	return Metrics(known, {year: D(total) for year, total in (yearly or {}).items()}, 2026)


@pytest.mark.parametrize(
	("metrics", "sentence"),
	[
		(someone(YEAR_TOTAL=5_285_000), "重点, because Year Total is 528.5 × 10,000 CNY and reaches 500 × 10,000 CNY"),
		(someone(NATIONAL_RANK=9), "重点, because National Rank is 9 and stays within 10"),
		(
			someone({2023: 10**6, 2024: 10**6, 2025: 10**6}),
			"重点, because 3 years in a row brought 100 × 10,000 CNY or more each, where 3 are asked",
		),
		(someone(DEALS=2), "一般, because there are 2 deals"),
		(someone(INTENTION=1), "潜在, because there is no deal yet, and the customer intends to cooperate"),
		(someone(), "No grade fits, because no intention to cooperate is noted"),
	],
)
def test_why_a_customer_has_a_grade_by_thresholds(metrics, sentence):
	assert why(RULES, metrics) == sentence


@pytest.mark.parametrize(
	("metrics", "sentence"),
	[
		(
			someone(YEAR_TOTAL=4_999_999.99, NATIONAL_RANK=11),
			"No grade fits, because only 0 years in a row brought 100 × 10,000 CNY or more each, where 3 are asked,"
			" and Year Total is 499.99 × 10,000 CNY, 0.01 CNY short of 500 × 10,000 CNY, and National Rank is 11, 1 more than 10",
		),
		(
			someone(),
			"No grade fits, because only 0 years in a row brought 100 × 10,000 CNY or more each, where 3 are asked,"
			" and Year Total is 0 CNY, 500 × 10,000 CNY short of 500 × 10,000 CNY, and National Rank is not known",
		),
	],
)
def test_why_no_grade_fits(metrics, sentence):
	assert why(Version("S", 2026, terms.THRESHOLDS, RULES.grades[:1]), metrics) == sentence


def test_blanks_everywhere_are_said():
	blank = Version("S", 2026, terms.THRESHOLDS, (Grade("A", criteria=(Criterion(terms.YEAR_TOTAL, None),)),))
	assert why(blank, someone(YEAR_TOTAL=9)) == "No grade fits, because no threshold is filled in"


@pytest.mark.parametrize(
	("metrics", "sentence"),
	[
		(
			someone(YEAR_TOTAL=10_000, CREDIT=55),
			"A, because the score is 82 and 80 is asked; most of it comes from Year Total with 60",
		),
		(someone(CREDIT=90), "C, because the score of 36 stays below the 60 of the next better grade"),
	],
)
def test_why_a_customer_has_a_grade_by_score(metrics, sentence):
	assert why(CARD, metrics) == sentence


def test_why_no_score_is_enough():
	rules = Version("S", 2026, terms.SCORECARD, CARD.grades[:2], CARD.factors)
	assert why(rules, someone(CREDIT=90)) == "No grade fits, because the score is 36 and 60 is asked"


def test_why_a_customer_has_a_grade_by_quota():
	found = quota_outcomes(QUOTA, [Metrics({terms.TOTAL_AMOUNT: D(n) * 10_000}, number=str(n)) for n in range(10)])
	said = {number: words.text(words.sentence(outcome, QUOTA)) for number, outcome in found.items()}
	assert said["9"] == "A, because Total Amount of 9 × 10,000 CNY ranks within the first 20 % of all customers"
	assert said["0"] == "C, because Total Amount of 0 CNY ranks after the first 50.5 % and within the first 100 % of all customers"
	regional = Version(**{**QUOTA.__dict__, "per_region": True, "score_by": terms.BY_FACTORS})
	assert words.text(words.sentence(found["5"], regional)).startswith("B, because the score of")
	assert words.text(words.sentence(found["5"], regional)).endswith("of the customers of the region")


@pytest.mark.parametrize(
	("metrics", "raised", "lowered"),
	[
		(
			someone(DEALS=1, YEAR_TOTAL=4_000_000),
			["重点, as soon as Year Total rises from 400 × 10,000 CNY to 500 × 10,000 CNY"],
			["No grade any more, as soon as there is no deal yet"],
		),
		(someone(INTENTION=1), ["一般, as soon as the first deal is made"], ["No grade any more, as soon as no intention to cooperate is noted"]),
		(someone(), ["潜在, as soon as the intention to cooperate is noted"], []),
		(
			someone(YEAR_TOTAL=5_000_000, DEALS=1),
			[],
			["一般 only, as soon as Year Total is below 500 × 10,000 CNY, now 500 × 10,000 CNY"],
		),
		(someone(NATIONAL_RANK=3, DEALS=1), [], ["一般 only, as soon as National Rank is above 10, now 3"]),
		(
			someone({2024: 10**6, 2025: 10**6}, DEALS=1, YEAR_TOTAL=1),
			["重点, as soon as 3 years in a row bring 100 × 10,000 CNY or more each, so far 2"],
			["No grade any more, as soon as there is no deal yet"],
		),
		(
			someone({2023: 10**6, 2024: 10**6, 2025: 10**6}, DEALS=1),
			[],
			["一般 only, as soon as fewer than 3 years in a row bring 100 × 10,000 CNY or more each, now 3"],
		),
	],
)
def test_what_would_raise_and_lower_a_grade(metrics, raised, lowered):
	found = words.steps(grade(RULES, metrics), RULES)
	assert [words.text(said) for said in found.raised] == raised
	assert [words.text(said) for said in found.lowered] == lowered


@pytest.mark.parametrize(
	("comparison", "value", "said"),
	[
		(terms.AT_MOST, 12, "A, as soon as National Rank falls from 12 to 10"),
		(terms.AT_MOST, None, "A, as soon as National Rank becomes known and is 10 or less"),
		(terms.AT_LEAST, None, "A, as soon as National Rank becomes known and is 10 or more"),
	],
)
def test_falling_and_unknown_metrics(comparison, value, said):
	rules = Version("S", 2026, terms.THRESHOLDS, (Grade("A", criteria=(Criterion(terms.NATIONAL_RANK, D(10), comparison),)),))
	found = grade(rules, someone(**({"NATIONAL_RANK": value} if value else {})))
	assert [words.text(one) for one in words.steps(found).raised] == [said]


def test_each_factor_that_is_enough_is_a_way_of_its_own():
	found = words.steps(grade(CARD, someone(CREDIT=50)), CARD)
	assert [words.text(said) for said in found.raised] == [
		"B, as soon as the score rises from 20 to 60",
		"B, as soon as Year Total rises from 0 CNY to 1 × 10,000 CNY",
	]
	assert found.lowered == ()


@pytest.mark.parametrize(
	("value", "text"),
	[
		("1285000", "128.5 万元"),
		("9999.99", "9999.99 元"),
		("10000", "1 万元"),
		("4999999.99", "499.99 万元"),
		("-1285000", "-128.5 万元"),
		("0", "0 元"),
		("100000000", "10000 万元"),
	],
)
def test_amounts_are_shown_as_users_write_them(value, text):
	assert words.amount_text(D(value), chinese) == text


def test_what_is_just_missed_never_reads_as_reached_and_a_sentence_stays_short():
	assert (words.number_text(D("59.999")), words.number_text(D("60.001"), "ROUND_UP"), words.number_text(D(100))) == ("59.99", "60.01", "100")
	metrics = (terms.YEAR_TOTAL, terms.TOTAL_AMOUNT, terms.MONETARY, terms.LARGEST_CONTRACT)
	rules = Version("S", 2026, terms.THRESHOLDS, (Grade("A", criteria=tuple(Criterion(one, D(1)) for one in metrics), logic=terms.ALL),))
	said = words.text(words.sentence(grade(rules, Metrics(dict.fromkeys(metrics, D(2)))), rules))
	assert said.count("reaches") == 3


def test_a_whole_sentence_in_chinese():
	outcome = grade(RULES, someone(YEAR_TOTAL=5_285_000))
	said = words.text(words.sentence(outcome, RULES), chinese)
	assert said == f"评为重点，因为{chinese(terms.YEAR_TOTAL)}为528.5 万元，达到500 万元"


@given(any_version, customers)
def test_every_outcome_can_be_said_in_known_words(rules, metrics):
	asked: set[str] = set()

	def noting(text: str) -> str:
		asked.add(text)
		return text

	outcome = grade(rules, metrics)
	steps = words.steps(outcome, rules)
	for said in (words.sentence(outcome, rules), *steps.raised, *steps.lowered):
		assert "{" not in words.text(said, noting)
	assert asked <= {*words.TEMPLATES, *terms.METRICS}
	assert bool(steps.raised) == (outcome.raised is not None)
