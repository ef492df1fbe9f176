"""Confidentiality: ranks, periods, reminders, and the table of the classification request. R-SEC-01/04/10, R-ARC-09."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain import lifecycle, roles
from kehu_archive.domain import secrecy as rule

days = st.dates(date(2000, 1, 1), date(2090, 12, 31))
role_sets = st.frozensets(st.sampled_from(roles.ROLES))
TODAY = date(2026, 11, 22)


def code(found: object) -> str | None:
	return getattr(found, "code", None)


@given(st.text() | st.sampled_from(rule.LEVELS), st.booleans())
def test_whatever_is_unknown_or_not_approved_is_the_strictest(level: str, approved: bool):
	known = {"Internal": 1, "Ordinary Trade Secret": 2, "Core Trade Secret": 3}
	assert rule.secrecy_rank(level, approved) == (known.get(level, 3) if approved else 3)


@pytest.mark.parametrize("level", rule.LEVELS)
def test_approval_never_makes_stricter(level: str):
	assert rule.secrecy_rank(level, True) <= rule.secrecy_rank(level, False)


def test_what_has_passed_the_step_is_approved():
	passed = {state for state in lifecycle.STATES if rule.is_approved(state, True)}
	assert passed == set(lifecycle.STATES) - {lifecycle.DRAFT, lifecycle.SUBMITTED, lifecycle.VERIFIED}
	assert all(rule.is_approved(state, False) for state in lifecycle.STATES)
	assert not rule.is_approved("", True)


@given(st.integers(1, rule.LONGEST_YEARS), days)
def test_a_period_of_years_ends_on_the_same_day(years: int, approved_on: date):
	if approved_on.year + years > 2099:
		return
	until = rule.expires_on(years, None, approved_on)
	assert until and until.year == approved_on.year + years and until.month == approved_on.month
	assert until.day == approved_on.day or (approved_on.month, approved_on.day, until.day) == (2, 29, 28)


def test_without_years_the_day_given_counts_and_none_means_no_end():
	assert rule.expires_on(0, TODAY, TODAY) == TODAY
	assert rule.expires_on(0, None, TODAY) is None


@pytest.mark.parametrize(
	("years", "given", "expected"),
	[
		(0, None, None),
		(100, None, None),
		(101, None, "period-range"),
		(-1, None, "period-range"),
		(3, TODAY, "period-twice"),
		(0, TODAY, None),
		(0, TODAY - timedelta(days=1), "past-date"),
	],
)
def test_periods(years: int, given: date | None, expected: str | None):
	assert code(rule.check_period(years, given, TODAY)) == expected


def test_a_level_ends_after_its_last_day_only():
	assert not rule.has_expired(None, TODAY)
	assert not rule.has_expired(TODAY, TODAY)
	assert rule.has_expired(TODAY - timedelta(days=1), TODAY)


@given(days, st.lists(st.integers(1, 20), min_size=5, max_size=60))
def test_each_day_to_remind_is_told_once_however_the_scheduler_stumbles(until: date, gaps: list[int]):
	"""Runs begin before the first day to remind; whatever the gaps between them, each of the three days is answered by exactly one run, or by a
	run that answers several of them at once.
	"""
	last = until - timedelta(days=40)
	answered: list[date] = []
	for gap in gaps:
		now = last + timedelta(days=gap)
		wanted = [until - timedelta(days=lead) for lead in rule.LEAD_DAYS if last < until - timedelta(days=lead) <= now]
		assert rule.reminder_due(until, last, now) == bool(wanted)
		answered += wanted
		last = now
	passed = [until - timedelta(days=lead) for lead in rule.LEAD_DAYS if until - timedelta(days=lead) <= last]
	assert answered == sorted(passed)


def test_the_first_run_takes_what_ends_soon_or_has_ended():
	assert rule.reminder_due(TODAY + timedelta(days=30), None, TODAY)
	assert rule.reminder_due(TODAY - timedelta(days=400), None, TODAY)
	assert not rule.reminder_due(TODAY + timedelta(days=31), None, TODAY)


@given(st.text(max_size=10))
def test_a_grade_has_one_spelling(text: str):
	once = rule.normal_grade(text)
	assert rule.normal_grade(once) == once
	assert rule.normal_grade(f" {text}\t") == once


def test_grades_of_any_keyboard_are_one():
	assert {rule.normal_grade(text) for text in ("a", "A", "Ａ", " a ")} == {"A"}


# The classification request


@given(st.sampled_from(rule.STATES), st.sampled_from(rule.STATES), role_sets, st.booleans())
def test_steps_are_those_of_the_table_and_nobody_decides_on_his_own(start: str, end: str, held: frozenset[str], took_part: bool):
	found = rule.check_step(rule.Step(start, end, held, took_part))
	rows = [row for row in rule.TABLE if (row.from_state, row.to_state) == (start, end) and row.role in held]
	allowed = start == end or any(not (row.decides and took_part) for row in rows)
	assert (found is None) == allowed


def test_a_request_begins_as_reported():
	for state in rule.STATES:
		found = rule.check_step(rule.Step("", state, frozenset(roles.ROLES)))
		assert code(found) == (None if state == rule.REPORTED else "request-start")


def test_a_company_may_give_the_decision_to_another_role_but_not_to_the_proposer():
	own = (rule.Row("Approve", rule.PROPOSED, rule.APPROVED, roles.GENERAL_MANAGER, True),)
	step = rule.Step(rule.PROPOSED, rule.APPROVED, frozenset({roles.GENERAL_MANAGER}))
	assert rule.check_step(step, own) is None
	assert code(rule.check_step(step)) == "state-role"
	assert code(rule.check_step(rule.Step(rule.PROPOSED, rule.APPROVED, step.roles, True), own)) == "request-self"


def test_a_proposal_names_level_and_opinion_and_a_return_its_reason():
	def fields(values: dict[str, str], start: str, end: str) -> set[str]:
		return {found.field for found in rule.missing_for(values, start, end)}

	assert fields({}, rule.REPORTED, rule.REPORTED) == set()
	assert fields({}, rule.REPORTED, rule.PROPOSED) == {"proposed_level", "service_opinion"}
	assert fields({"proposed_level": "Internal", "service_opinion": "x"}, rule.REPORTED, rule.PROPOSED) == set()
	assert fields({"leader_opinion": "  "}, rule.PROPOSED, rule.RETURNED) == {"leader_opinion"}


@given(st.sampled_from(rule.STATES), role_sets, st.booleans())
def test_nobody_edits_what_is_not_his_to_write(state: str, held: frozenset[str], is_reporter: bool):
	allowed = rule.open_fields(state, held, is_reporter)
	if state == rule.APPROVED:
		assert not allowed
	if not held & rule.PROPOSERS:
		assert not allowed & rule.PROPOSAL_FIELDS
	if rule.DECISION_FIELDS & allowed:
		assert state == rule.PROPOSED and held & rule.APPROVERS
		assert not allowed & rule.PROPOSAL_FIELDS, "who decides does not rewrite the proposal"


# Custody and grades on the archive


@pytest.mark.parametrize(("state", "held"), list(product(lifecycle.STATES, roles.ROLES)))
def test_a_kept_archive_is_edited_by_its_custodian_and_his_superior(state: str, held: str):
	mine = frozenset({held})
	kept = state in (lifecycle.FILED, lifecycle.UPDATING)
	other = lifecycle.check_custodian(state, "b@x", mine, "a@x")
	assert (other is not None) == (kept and held != roles.CUSTOMER_SERVICE_MANAGER)
	assert lifecycle.check_custodian(state, "a@x", mine, "a@x") is None
	assert lifecycle.check_custodian(state, "b@x", mine, "") is None


@given(st.sampled_from(lifecycle.STATES), role_sets)
def test_grade_and_custodian_are_set_by_those_named(state: str, held: frozenset[str]):
	def refused(field: str) -> bool:
		return lifecycle.check_guarded(frozenset({field}), state, held, frozenset(), True) is not None

	assert refused("access_grade") == (not held & rule.GRADERS)
	assert refused("custodian") == (not held & lifecycle.CLASSIFIERS)
	assert roles.SALESPERSON not in rule.GRADERS
