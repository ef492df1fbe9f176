"""Disclosure: nothing leaves without two signatures, consent and both sides' hands. R-OUT-01 to R-OUT-06, R-PRV-08."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain import access, roles
from kehu_archive.domain import disclosure as rule
from kehu_archive.domain.access import Approver, Decision

TODAY = date(2026, 11, 22)
GOOD = rule.Facts(
	status=rule.APPROVED,
	is_keeper=True,
	has_personal_info=True,
	has_evidence=True,
	consent_on=TODAY,
	valid_until=TODAY,
	issuer_signed=True,
	recipient_named=True,
	recipient_signed=True,
)
facts = st.builds(
	rule.Facts,
	status=st.sampled_from(rule.STATES),
	is_applicant=st.booleans(),
	is_keeper=st.booleans(),
	never_disclosed=st.booleans(),
	has_personal_info=st.booleans(),
	has_evidence=st.booleans(),
	consent_on=st.none() | st.dates(TODAY - timedelta(days=9), TODAY + timedelta(days=9)),
	valid_until=st.none() | st.dates(TODAY - timedelta(days=9), TODAY + timedelta(days=9)),
	issuer_signed=st.booleans(),
	recipient_named=st.booleans(),
	recipient_signed=st.booleans(),
)


def code(found: object) -> str | None:
	return getattr(found, "code", None)


@given(facts, st.sampled_from(sorted({action for _state, action in rule.STEPS})))
def test_an_action_follows_only_on_its_state(known: rule.Facts, action: str):
	found = rule.check(action, known, TODAY)
	if (known.status, action) not in rule.STEPS:
		assert code(found) == "disclosure-closed"


@given(facts, st.sampled_from((rule.APPROVE, rule.HAND_OVER)))
def test_nothing_is_approved_or_leaves_that_must_not(known: rule.Facts, action: str):
	if rule.check(action, known, TODAY) is not None:
		return
	assert not known.never_disclosed
	assert known.valid_until is None or known.valid_until >= TODAY
	if known.has_personal_info:
		assert known.has_evidence and known.consent_on and known.consent_on <= TODAY
	if action == rule.HAND_OVER:
		assert known.is_keeper and known.issuer_signed and known.status == rule.APPROVED


@given(facts)
def test_nothing_is_closed_without_both_signatures(known: rule.Facts):
	allowed = rule.check(rule.CLOSE, known, TODAY) is None
	signed = known.issuer_signed and known.recipient_named and known.recipient_signed
	assert allowed == (known.status == rule.HANDED_OVER and known.is_keeper and signed)


@pytest.mark.parametrize(
	("change", "expected"),
	[
		({}, None),
		({"has_evidence": False}, "consent-evidence"),
		({"consent_on": None}, "consent-date"),
		({"consent_on": TODAY + timedelta(days=1)}, "future-date"),
		({"has_personal_info": False, "has_evidence": False, "consent_on": None}, None),
		({"valid_until": TODAY - timedelta(days=1)}, "disclosure-over"),
		({"never_disclosed": True}, "never-disclosed"),
		({"is_keeper": False}, "disclosure-keeper"),
		({"issuer_signed": False}, "issuer-unsigned"),
	],
)
def test_hand_over(change: dict[str, object], expected: str | None):
	assert code(rule.check(rule.HAND_OVER, replace(GOOD, **change), TODAY)) == expected


def test_every_state_is_reached_and_the_ends_are_ends():
	reached = {rule.REQUESTED} | set(rule.STEPS.values())
	assert reached == set(rule.STATES)
	assert {state for state, _action in rule.STEPS} == {rule.REQUESTED, rule.APPROVED, rule.HANDED_OVER}


def test_only_the_applicant_withdraws():
	for status in (rule.REQUESTED, rule.APPROVED):
		known = rule.Facts(status, is_applicant=True)
		assert rule.check(rule.WITHDRAW, known, TODAY) is None
		assert code(rule.check(rule.WITHDRAW, replace(known, is_applicant=False), TODAY)) == "disclosure-applicant"


def test_two_sign_unless_the_company_wrote_down_another_rule():
	general_manager = (Approver("Role", role=roles.GENERAL_MANAGER),)
	by_rule = Decision(False, access.APPROVAL, "rule", approvers=general_manager, mode=access.IN_TURN)
	assert rule.chain(by_rule) == (general_manager, access.IN_TURN)
	for weak in (
		Decision(True, access.ALLOWED, "rule"),
		Decision(False, access.APPROVAL, "rule"),
		Decision(True, access.ALLOWED, "grant", approvers=general_manager),
	):
		approvers, mode = rule.chain(weak)
		assert mode == access.JOINT
		assert [one.role or one.kind for one in approvers] == ["Requester's Department Head", roles.MARKETING_DIRECTOR]


@pytest.mark.parametrize(
	("text", "found"),
	[
		("营业执照复印件", ()),
		("联系人手机号码及家庭住址", ("手机", "联系人", "家庭", "住址")),
		("Copy of the Passport", ("passport",)),
		("个人健康调查表", ("健康", "个人")),
	],
)
def test_words_that_mean_a_person(text: str, found: tuple[str, ...]):
	assert rule.personal_terms(["资料", text]) == found


@given(st.lists(st.text(max_size=20), max_size=4), st.sampled_from(rule.PERSONAL_TERMS))
def test_a_word_is_found_wherever_it_stands(texts: list[str], term: str):
	assert term in rule.personal_terms([*texts, f"x{term.upper()}y"])


@given(
	st.frozensets(st.sampled_from(sorted(rule.CONTENT | rule.CONSENT | {"remark"}))),
	st.sampled_from(rule.STATES),
	st.booleans(),
	st.booleans(),
)
def test_what_was_decided_on_stands_still(changed: frozenset[str], status: str, is_applicant: bool, decided: bool):
	found = rule.locked(changed, status, is_applicant, decided)
	if found is None and changed & rule.CONTENT:
		assert is_applicant and status == rule.REQUESTED and not decided
	if found is None and changed & rule.CONSENT:
		assert is_applicant and status == rule.REQUESTED
	if not changed & (rule.CONTENT | rule.CONSENT):
		assert found is None


def test_a_type_that_never_leaves_cannot_even_be_asked_for():
	found = rule.may_request(rule.Facts(rule.REQUESTED, never_disclosed=True, type_name="顾客档案表"), TODAY)
	assert found and found.code == "never-disclosed" and "顾客档案表" in found.render()
	assert rule.may_request(rule.Facts(rule.REQUESTED, valid_until=TODAY), TODAY) is None
	assert code(rule.may_request(rule.Facts(rule.REQUESTED, valid_until=TODAY - timedelta(days=1)), TODAY)) == "past-date"
