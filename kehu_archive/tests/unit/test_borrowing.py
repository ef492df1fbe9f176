"""Borrowing: the table of steps, the last day of a loan, and the second at which a day ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain import borrowing as rule
from kehu_archive.domain import violations as penalty
from kehu_archive.domain.access import OPERATIONS
from kehu_archive.domain.borrowing import Actor, Limits, Loan, Moment

DAY = date(2026, 11, 20)
NOON = Moment(datetime(2026, 11, 20, 12), most_renewals=1)
ACTORS = [Actor(*parts) for parts in product((True, False), repeat=3)]
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
spans = st.integers(0, 400)
loans = st.builds(
	Loan,
	status=st.sampled_from(rule.STATES),
	method=st.sampled_from(list(rule.OPERATIONS)),
	has_archive=st.booleans(),
	is_open=st.booleans(),
	same_day=st.booleans(),
	may_leave=st.booleans(),
	may_renew=st.booleans(),
	is_important=st.booleans(),
	renewals=st.integers(0, 3),
	due_on=st.none() | days,
)
moments = st.builds(Moment, st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)), st.integers(0, 3))
actors = st.sampled_from(ACTORS)
WHO = {
	rule.RESOLVE: "is_keeper",
	rule.TURN_AWAY: "is_keeper",
	rule.APPROVE: "is_approver",
	rule.DECLINE: "is_approver",
	rule.OPEN_ACCESS: "is_keeper",
	rule.LEND: "is_keeper",
	rule.GIVE_BACK: "is_keeper",
	rule.RENEW: "is_keeper",
	rule.RECALL: "is_keeper",
}


@given(loans, actors, moments)
def test_buttons_and_checks_are_the_same_answer(loan, actor, moment):
	found = rule.allowed(loan, actor, moment)
	assert found == tuple(one for one in rule.ACTIONS if rule.refusal(one, loan, actor, moment) is None)


@given(loans, moments)
def test_nobody_serves_himself(loan, moment):
	"""Whatever else the applicant is, he decides, hands out, takes back and renews nothing of his own."""
	himself = Actor(is_applicant=True, is_approver=True, is_keeper=True)
	assert not set(rule.allowed(loan, himself, moment)) & set(WHO)


@given(loans, actors, moments)
def test_each_step_belongs_to_its_part(loan, actor, moment):
	for action in rule.allowed(loan, actor, moment):
		if action in WHO:
			assert getattr(actor, WHO[action])
		else:
			assert actor.is_applicant or actor.is_keeper
	assert rule.allowed(loan, Actor(), moment) == ()


@given(loans, actors, moments)
def test_what_is_closed_stays_closed(loan, actor, moment):
	for status in rule.CLOSED:
		assert rule.allowed(replace(loan, status=status), actor, moment) == ()


@given(loans, actors, moments)
def test_paper_that_is_out_is_not_handed_out_again(loan, actor, moment):
	for status in rule.OUT:
		assert rule.refusal(rule.LEND, replace(loan, status=status), actor, moment).code == "loan-state"


@given(loans, actors, moments)
def test_important_same_day_and_late_loans_are_not_renewed(loan, actor, moment):
	if rule.refusal(rule.RENEW, loan, actor, moment) is None:
		assert loan.may_renew and not loan.same_day and not loan.is_important
		assert loan.renewals < moment.most_renewals
		assert not rule.is_over(loan.due_on, moment.now)


@pytest.mark.parametrize(
	("action", "change", "code"),
	[
		(rule.LEND, {"method": rule.TAKE_OUT, "may_leave": False}, "loan-stays"),
		(rule.LEND, {"method": rule.TAKE_OUT}, None),
		(rule.LEND, {"method": rule.BORROW, "may_leave": False}, None),
		(rule.LEND, {"status": rule.REQUESTED}, "loan-state"),
		(rule.OPEN_ACCESS, {"method": rule.BORROW}, "loan-paper"),
		(rule.OPEN_ACCESS, {"is_open": True}, "loan-open"),
		(rule.OPEN_ACCESS, {}, None),
		(rule.RESOLVE, {"status": rule.REQUESTED}, "loan-resolved"),
		(rule.RESOLVE, {"status": rule.REQUESTED, "has_archive": False}, None),
		(rule.RENEW, {"status": rule.LENT, "is_open": True, "is_important": True}, "renew-important"),
		(rule.RENEW, {"status": rule.LENT, "is_open": True, "same_day": True}, "renew-same-day"),
		(rule.RENEW, {"status": rule.LENT, "is_open": True, "may_renew": False}, "renew-rule"),
		(rule.RENEW, {"status": rule.LENT, "is_open": True, "renewals": 1}, "renew-often"),
		(rule.RENEW, {"status": rule.LENT, "is_open": True, "due_on": DAY - timedelta(days=1)}, "renew-late"),
		(rule.RENEW, {"status": rule.LENT, "is_open": True, "due_on": DAY}, None),
		(rule.ADD_SLIP, {}, "loan-not-open"),
		(rule.GIVE_BACK, {"status": rule.LOST}, None),
	],
)
def test_each_refusal_says_why(action, change, code):
	found = rule.refusal(action, replace(Loan(rule.APPROVED), **change), Actor(is_keeper=True), NOON)
	assert (found.code if found else None) == code


def test_disclosure_and_unknown_actions_have_no_row():
	assert set(rule.OPERATIONS.values()) <= set(OPERATIONS)
	with pytest.raises(KeyError):
		rule.refusal("destroy", Loan(rule.APPROVED), Actor(is_keeper=True), NOON)


# -- days ----------------------------------------------------------------------------------------------------


@given(days, st.none() | days, st.booleans(), spans, spans)
def test_the_last_day_is_within_every_bound(today, wished, same_day, longest, usual):
	due = rule.due_date(today, wished, Limits(same_day, longest, usual))
	assert due >= today
	if same_day:
		assert due == today
	for bound in (longest, usual):
		if bound:
			assert due <= today + timedelta(days=bound)
	if wished and wished >= today:
		assert due <= wished
	if not same_day and not wished and longest and usual:
		assert due == today + timedelta(days=min(longest, usual))


@given(days, st.integers(1, 60), spans)
def test_a_renewal_adds_one_period(due_on, period, longest):
	new = rule.renewed_date(due_on, period, longest)
	assert due_on < new <= due_on + timedelta(days=period)


def test_a_day_ends_at_midnight():
	"""23:59:59 belongs to the day, 00:00:00 does not (R-ACC-02)."""
	last = datetime(2026, 11, 20, 23, 59, 59)
	assert not rule.is_overdue(rule.LENT, DAY, last)
	assert not rule.is_overdue(rule.LENT, DAY, last.replace(microsecond=999999))
	assert rule.is_overdue(rule.LENT, DAY, last + timedelta(seconds=1))
	assert rule.shown_status(rule.LENT, DAY, last) == rule.LENT
	assert rule.shown_status(rule.LENT, DAY, last + timedelta(seconds=1)) == rule.OVERDUE


@given(days, st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31)))
def test_overdue_by_the_clock_agrees_with_the_days(due_on, now):
	late = rule.is_overdue(rule.LENT, due_on, now)
	assert late == (rule.overdue_days(due_on, now.date()) > 0)
	assert late == (now >= rule.end_of(due_on))
	assert not rule.is_overdue(rule.LOST, due_on, now)
	assert not rule.is_overdue(rule.RETURNED, due_on, now)


def test_a_loan_without_a_day_is_not_overdue():
	assert not rule.is_overdue(rule.LENT, None, NOON.now)
	assert rule.overdue_days(None, DAY) == 0


@pytest.mark.parametrize(
	("offset", "before", "expected"), [(0, 1, True), (1, 1, True), (2, 1, False), (-1, 1, False), (3, 3, True), (1, 0, False)]
)
def test_reminder_goes_out_in_the_days_before(offset, before, expected):
	assert rule.must_remind(DAY + timedelta(days=offset), DAY, before) is expected


@given(st.sampled_from(list(rule.OPERATIONS)), st.integers(0, 9), st.integers(0, 9), st.integers(-3, 9))
def test_copies_stay_within_what_was_approved(method, approved, made, more):
	found = rule.copies_refusal(method, approved, made, more)
	if found is None and more > 0:
		assert method == rule.PHOTOCOPY
		assert made + more <= approved


@given(st.sampled_from(list(rule.OPERATIONS)), st.booleans())
def test_paper_never_opens_by_an_approval_alone(method, needs_hand_over):
	if rule.opens_at_once(method, needs_hand_over):
		assert method not in rule.PAPER_ONLY
		assert not needs_hand_over


# -- violations ----------------------------------------------------------------------------------------------

cases = st.builds(
	penalty.Case,
	st.sampled_from(penalty.STATES),
	st.sampled_from("abc"),
	st.sampled_from("abc"),
	st.sampled_from(penalty.KINDS),
	st.booleans(),
)
deciders = st.builds(
	penalty.Actor,
	st.sampled_from("abc"),
	st.frozensets(st.sampled_from((*sorted(penalty.DECIDERS), "Archivist"))),
	st.booleans(),
)


@given(cases, deciders)
def test_leadership_decides_and_never_in_its_own_case(case, actor):
	for action in penalty.allowed(case, actor):
		if action == penalty.APPEAL:
			assert actor.user == case.person
		else:
			assert actor.user != case.person
		if action in (penalty.CONFIRM, penalty.CLOSE, penalty.DROP):
			assert actor.roles & penalty.DECIDERS
			assert actor.user != case.proposed_by
		if action == penalty.REPLACE:
			assert actor.keeps and case.kind in penalty.FILE_KINDS and not case.is_replaced


@given(st.floats(-1e6, 1e6), st.floats(0, 500), st.floats(0, 500))
def test_a_fixed_penalty_lies_in_its_range(amount, one, other):
	least, most = sorted((one, other))
	found = penalty.check_amount(penalty.FIXED, amount, least, most)
	assert (found is None) == (least <= amount <= most)


@pytest.mark.parametrize(("amount", "code"), [(49.99, "fine-range"), (50, None), (500, None), (500.01, "fine-range"), (-1, "negative")])
def test_fifty_to_five_hundred_yuan(amount, code):
	found = penalty.check_amount(penalty.FIXED, amount, 50, 500)
	assert (found.code if found else None) == code
	if code == "fine-range":
		assert found.param("least") == "50" and found.param("most") == "500"


def test_a_leak_is_confirmed_with_its_loss_and_liability_only():
	base = {"violation_kind": penalty.LEAK, "penalty_basis": penalty.REGULATION, "facts": "x", "policy_document": "p"}
	assert {one.field for one in penalty.missing_for_confirmation(base)} == {"loss_amount", "liability"}
	assert not list(penalty.missing_for_confirmation({**base, "loss_amount": 1000, "liability": "全责"}))


@pytest.mark.parametrize(
	("condition", "lent", "returned", "kind"),
	[
		("Intact", 20, 20, None),
		("Intact", 20, 21, None),
		("Intact", 20, 19, penalty.MISSING_FILE),
		("Damaged", 20, 20, penalty.DAMAGED_FILE),
		("Lost", 20, 0, penalty.LOST_FILE),
	],
)
def test_a_return_shows_what_is_wrong(condition, lent, returned, kind):
	assert penalty.kind_of_return(condition, lent, returned) == kind
