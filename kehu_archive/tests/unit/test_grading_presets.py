"""The presets hold the regulations' numbers; their blanks are blank; filled in they grade as the regulations say."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.faults import errors
from kehu_archive.domain.grading import grade
from kehu_archive.domain.grading_checks import check_version
from kehu_archive.domain.grading_presets import PRESETS, texts, version_values
from kehu_archive.domain.grading_quota import quota_outcomes
from kehu_archive.domain.grading_rows import draft_of, version_of
from kehu_archive.domain.grading_terms import Metrics, Version

D = Decimal
BLANKS = {
	"abc": 0,
	"key-stable-general": 7,
	"important-core-general": 4,
	"potential-loyal-high-value": 4,
	"hotel": 3,
	"scorecard": 0,
	"rfm": 0,
}


def filled(key: str, *blanks: int) -> Version:
	"""A preset's version with its blanks filled in, in the order of its criteria."""
	values = version_values(PRESETS[key], 2026)
	rest = iter(blanks)
	for row in values["criteria"]:
		if row["threshold"] is None:
			row["threshold"] = next(rest)
	draft = draft_of(values)
	assert check_version(draft) == [] and next(rest, None) is None
	return version_of(draft)


def someone(yearly: dict[int, int] | None = None, **values: object) -> Metrics:
	known = {getattr(terms, name): D(str(value)) for name, value in values.items()}
	return Metrics(known, {year: D(total) for year, total in (yearly or {}).items()}, 2026)


def test_the_seven_schemes_and_their_blanks():
	assert set(PRESETS) == set(BLANKS)
	for key, count in BLANKS.items():
		assert sum(one.threshold is None for one in PRESETS[key].criteria) == count, key


@pytest.mark.parametrize("key", sorted(BLANKS))
def test_a_preset_is_ready_or_says_which_blanks_to_fill(key):
	found = check_version(draft_of(version_values(PRESETS[key], 2026)))
	assert sum(fault.code == "grading-blank" for fault in found) == BLANKS[key]
	assert {fault.code for fault in errors(found)} <= {"grading-grade-open"}
	assert bool(errors(found)) == bool(BLANKS[key])


@pytest.mark.parametrize("key", sorted(BLANKS))
def test_every_grade_says_what_it_means_and_what_follows(key):
	preset = PRESETS[key]
	for one in preset.grades:
		assert one.description and one.strategy and one.colour
		assert one.contact_every_days > 0 and one.update_every_months > 0
	contact = [one.contact_every_days for one in preset.grades]
	assert contact == sorted(contact)
	assert "R-" in preset.basis and preset.title in texts() and preset.basis in texts()
	assert preset.description and preset.name


def test_each_purpose_has_one_scheme_by_default():
	bound = [(purpose, key) for key, preset in PRESETS.items() for purpose in preset.purposes]
	assert sorted(bound) == [
		(terms.ACCESS, "abc"),
		(terms.ANALYSIS, "key-stable-general"),
		(terms.CONTACT, "abc"),
	]


def test_the_rows_carry_every_field_of_the_form():
	values = version_values(PRESETS["scorecard"], 2027)
	assert values["year"] == 2027
	assert set(values["grades"][0]) == {
		*("grade", "label", "share", "score_from", "logic", "colour", "contact_every_days", "update_every_months"),
		*("needs_manager", "is_important", "description", "strategy"),
	}
	assert [row["source"] for row in values["factors"]] == ["System", *["Judged"] * 5]
	assert [row["source"] for row in version_values(PRESETS["abc"], 2026)["factors"]] == ["Judged", "Judged"]


def test_abc_splits_a_hundred_by_strength_and_likelihood():
	rules = filled("abc")
	population = [Metrics({terms.STRENGTH: D(n), terms.LIKELIHOOD: D(100)}, number=f"{n:03}") for n in range(100)]
	graded = quota_outcomes(rules, population)
	assert [graded[f"{n:03}"].grade for n in (99, 80, 79, 40, 39, 0)] == ["A", "A", "B", "B", "C", "C"]
	assert graded["099"].score == D("99.5")
	assert [one.contact_every_days for one in PRESETS["abc"].grades] == [7, 7, 14]


KEY = (100, 300, 500, 10, 50, 80, 200)


@pytest.mark.parametrize(
	("metrics", "code"),
	[
		(someone({2023: 1_000_000, 2024: 1_000_000, 2025: 1_000_000}, DEALS=9), "重要"),
		(someone({2023: 1_000_000, 2025: 1_000_000}, DEALS=9), "一般"),
		(someone({2024: 1_000_000, 2025: 1_000_000}, DEALS=9), "稳定"),
		(someone({2025: 1_000_000}, DEALS=9), "一般"),
		(someone(LARGEST_CONTRACT=3_000_000, DEALS=1), "重要"),
		(someone(LARGEST_CONTRACT="2999999.99", DEALS=1), "稳定"),
		(someone(LARGEST_CONTRACT="799999.99", DEALS=1), "一般"),
		(someone(YEAR_TOTAL_OR_DEMAND=5_000_000), "重要"),
		(someone(YEAR_TOTAL_OR_DEMAND=2_000_000), "稳定"),
		(someone(NATIONAL_RANK=10, DEALS=1), "重要"),
		(someone(NATIONAL_RANK=11, DEALS=1), "一般"),
		(someone(INTENTION=1), "潜在"),
		(someone(INTENTION=1, DEALS=1), "一般"),
		(someone(), ""),
	],
)
def test_key_stable_general_and_potential_customers(metrics, code):
	assert grade(filled("key-stable-general", *KEY), metrics).grade == code


def test_the_key_grade_is_important_and_shown_by_its_alias():
	best, *others = PRESETS["key-stable-general"].grades
	assert (best.code, best.label, best.is_important, best.needs_manager) == ("重要", "重点", True, True)
	assert not any(one.is_important for one in others)
	assert all(one.is_important is False for key, preset in PRESETS.items() if key != "key-stable-general" for one in preset.grades)


def test_core_means_an_important_potential_partner():
	preset = PRESETS["important-core-general"]
	assert preset.grades[0].needs_manager and "客户经理" in preset.grades[0].strategy
	assert "潜在合作伙伴" in preset.description and "潜在合作伙伴" in preset.grades[1].description
	rules = filled("important-core-general", 500, 300, 200, 80)
	codes = [
		grade(rules, metrics).grade
		for metrics in (
			someone(YEAR_TOTAL=5_000_000, DEALS=1),
			someone(POTENTIAL_DEMAND=2_000_000),
			someone(PROSPECTS=80, DEALS=1),
			someone(DEALS=1),
			someone(INTENTION=1),
		)
	]
	assert codes == ["重要", "核心", "核心", "一般", "潜在"]


def test_high_value_loyal_and_potential_customers():
	rules = filled("potential-loyal-high-value", 100, 50, 3, 12)
	people = (someone(LARGEST_CONTRACT=500_000), someone(COOPERATION_YEARS=3, DEALS=3), someone(INTENTION=1), someone(DEALS=1))
	assert [grade(rules, metrics).grade for metrics in people] == ["高价值", "忠诚", "潜在", ""]


def test_hotel_guests_return_with_the_second_stay():
	rules = filled("hotel", 5, 3, 10)
	people = (
		someone(MONETARY=50_000),
		someone(COOPERATION_YEARS=3, YEAR_TOTAL=100_000, DEALS=5),
		someone(COOPERATION_YEARS=3, DEALS=2),
		someone(DEALS=1),
	)
	assert [grade(rules, metrics).grade for metrics in people] == ["VIP", "长期协作", "回头客", ""]


def test_the_scorecard_has_the_six_factors_of_the_form():
	preset = PRESETS["scorecard"]
	assert [one.metric for one in preset.factors] == [
		*(terms.YEAR_TOTAL, terms.CREDIT, terms.PROFIT, terms.DEMAND, terms.STRENGTH, terms.PROSPECTS)
	]
	assert sum(one.weight for one in preset.factors) == 100
	assert [(one.code, one.score_from) for one in preset.grades] == [("重点", 80), ("稳定", 60), ("一般", 0)]
	judged = dict.fromkeys(("CREDIT", "PROFIT", "DEMAND", "STRENGTH", "PROSPECTS"), 80)
	rules = filled("scorecard")
	assert grade(rules, someone(YEAR_TOTAL=1_000_000, **judged)).score == 80
	assert grade(rules, someone(YEAR_TOTAL="999999.99", **judged)).grade == "稳定"


def test_recency_frequency_and_amount():
	rules = filled("rfm")
	people = (
		someone(RECENCY=30, FREQUENCY=12, MONETARY=500_000),
		someone(RECENCY=31, FREQUENCY=3, MONETARY=50_000),
		someone(RECENCY=366, FREQUENCY=1, MONETARY=10_000),
		someone(),
	)
	assert [grade(rules, metrics).score for metrics in people] == [100, 66, 21, 0]
	assert [grade(rules, metrics).grade for metrics in people] == ["重要价值", "重要发展", "沉睡挽回", "沉睡挽回"]
