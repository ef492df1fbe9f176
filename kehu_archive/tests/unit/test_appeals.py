"""The rule of grade appeals, without a site."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain import appeals as rule

TODAY = date(2026, 3, 1)
days = st.dates(date(2000, 1, 1), date(2090, 1, 1))


def values(**more):
	return {"wanted_grade": "A", "reason": "战略", "effective_from": None, "expires_on": None, **more}


def codes(found):
	return [one.code for one in found]


@given(st.sampled_from(["", *rule.STATES]), st.sampled_from(rule.STATES), st.booleans(), st.booleans())
def test_the_table_is_all_there_is(old, new, is_applicant, decides):
	refused = rule.check_step(rule.Step(old, new, is_applicant, decides))
	if not old:
		assert (refused is None) == (new == rule.DRAFT)
	elif old == new:
		assert refused is None
	elif (old, new) == (rule.DRAFT, rule.SUBMITTED):
		assert (refused is None) == is_applicant
	elif (old, new) in rule.ACTIONS:
		assert (refused is None) == (decides and not is_applicant)
	else:
		assert refused is not None


@given(st.sampled_from(rule.STATES), st.booleans(), st.booleans(), st.sets(st.sampled_from(sorted(rule.ASKED | rule.OPINION)), min_size=1))
def test_each_changes_his_own_part_in_his_own_state(state, is_applicant, decides, changed):
	refused = rule.locked(changed, state, is_applicant, decides)
	allowed = (state == rule.DRAFT and is_applicant and changed <= rule.ASKED) or (
		state == rule.SUBMITTED and decides and not is_applicant and changed <= rule.OPINION
	)
	assert (refused is None) == allowed


@pytest.mark.parametrize(
	("more", "code"),
	[
		({"reason": "  "}, "missing"),
		({"wanted_grade": "Z"}, "appeal-grade"),
		({"wanted_grade": "C"}, "appeal-same"),
		({"effective_from": TODAY - timedelta(1)}, "past-date"),
		({"expires_on": TODAY - timedelta(1)}, "past-date"),
		({"effective_from": TODAY + timedelta(9), "expires_on": TODAY + timedelta(8)}, "date-order"),
		({"expires_on": date(2029, 3, 2)}, "appeal-too-long"),
	],
)
def test_what_is_wrong_is_named(more, code):
	assert codes(rule.check_content(values(**more), ("A", "B", "C"), "C", TODAY)) == [code]


def test_the_last_possible_day_is_possible():
	assert rule.check_content(values(expires_on=date(2029, 3, 1)), ("A", "C"), "C", TODAY) == []
	assert rule.check_content(values(expires_on=TODAY), ("A", "C"), "C", TODAY) == []


@given(days, st.none() | days, st.integers(-5, 600))
def test_a_manual_grade_always_ends_within_three_years(begins, wished, months):
	ends = rule.last_day(begins, wished, months)
	assert ends <= rule.add_months(begins, 36)
	if wished and wished <= rule.add_months(begins, 36):
		assert ends == wished


@given(days, st.integers(0, 60))
def test_months_end_on_a_day_that_exists(day, months):
	later = rule.add_months(day, months)
	assert (later.year - day.year) * 12 + later.month - day.month == months
	assert later.day <= day.day
	assert later.day == day.day or (later + timedelta(1)).day == 1


def test_leap_day():
	assert rule.add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
	assert rule.add_months(date(2024, 2, 29), 48) == date(2028, 2, 29)
