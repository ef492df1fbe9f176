"""The chain of approvals: never the requester, one step for one person, in turn or jointly."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain import approvals as rule
from kehu_archive.domain.approvals import AGREED, DECLINED, IN_TURN, JOINT, OPEN, Person, Step

USERS = ("a", "b", "c", "d")
ROLES = ("R1", "R2", "R3")
people = st.builds(Person, st.sampled_from(USERS), st.frozensets(st.sampled_from(ROLES)))
asked = st.one_of(
	st.tuples(st.sampled_from(ROLES), st.just("")), st.tuples(st.just(""), st.sampled_from(USERS))
)
chains = st.lists(asked, max_size=4).map(
	lambda found: tuple(Step(place + 1, role, user) for place, (role, user) in enumerate(found))
)
modes = st.sampled_from((IN_TURN, JOINT))


def play(steps, mode, requester, moves):
	"""Let people decide one after another, as far as the rule lets them; the chain after it and who decided."""
	decided = []
	for person, decision in moves:
		step = rule.step_for(steps, mode, person, requester)
		assert (step is None) == (rule.refusal(steps, mode, person, requester) is not None)
		if step is None:
			continue
		decided.append((step, person))
		steps = tuple(
			replace(one, decision=decision, decided_by=person.user) if one.number == step.number else one for one in steps
		)
	return steps, decided


moves = st.lists(st.tuples(people, st.sampled_from((AGREED, DECLINED))), max_size=12)


@given(chains, modes, st.sampled_from(USERS), moves)
def test_no_course_of_events_breaks_the_rules(steps, mode, requester, course):
	after, decided = play(steps, mode, requester, course)
	assert all(person.user != requester for _step, person in decided)
	for step, person in decided:
		assert step.user == person.user if step.user else step.role in person.roles
	for user in USERS:
		own = [step for step, person in decided if person.user == user]
		# Whatever he decided after his first step names him alone.
		assert all(step.user == user for step in own[1:])
	if mode == IN_TURN:
		numbers = [step.number for step, _person in decided]
		assert numbers == list(range(1, len(numbers) + 1))
	declined = [step.decision for step in after].count(DECLINED)
	assert declined <= 1
	if declined:
		assert rule.outcome(after) == DECLINED
		assert after[decided[-1][0].number - 1].decision == DECLINED
		assert not rule.awaited(after, mode)


@given(chains, modes, st.sampled_from(USERS), moves)
def test_agreed_only_after_every_step(steps, mode, requester, course):
	after, decided = play(steps, mode, requester, course)
	agreed = rule.outcome(after) == AGREED
	assert agreed == all(step.decision == AGREED for step in after)
	if agreed:
		assert len(decided) == len(steps)


@given(chains, modes, st.sampled_from(USERS), st.lists(people, max_size=4))
def test_candidates_are_those_who_may(steps, mode, requester, persons):
	found = rule.candidates(steps, mode, persons, requester)
	assert found == {one.user for one in persons if rule.step_for(steps, mode, one, requester)}
	assert requester not in found


def test_an_empty_chain_is_agreed():
	assert rule.outcome(()) == AGREED
	assert rule.awaited((), IN_TURN) == ()


@pytest.mark.parametrize(
	("steps", "mode", "person", "code"),
	[
		((Step(1, "R1"),), IN_TURN, Person("req", frozenset({"R1"})), "approve-own"),
		((Step(1, "", "req"),), JOINT, Person("req"), "approve-own"),
		((Step(1, "R1"), Step(2, "R2")), IN_TURN, Person("b", frozenset({"R2"})), "approve-turn"),
		((Step(1, "R1"), Step(2, "R2")), JOINT, Person("b", frozenset({"R2"})), None),
		((Step(1, "R1", "", AGREED, "b"), Step(2, "R2")), IN_TURN, Person("b", frozenset({"R1", "R2"})), "approve-twice"),
		((Step(1, "R1", "", AGREED, "b"), Step(2, "", "b")), IN_TURN, Person("b", frozenset({"R1"})), None),
		((Step(1, "R1"),), IN_TURN, Person("b", frozenset({"R2"})), "approve-others"),
		((Step(1, "R1"),), IN_TURN, Person("", frozenset({"R1"})), "approve-others"),
		((Step(1, "R1", "", AGREED, "b"),), IN_TURN, Person("c", frozenset({"R1"})), "approve-over"),
		((Step(1, "R1", "", DECLINED, "b"), Step(2, "R2")), JOINT, Person("c", frozenset({"R2"})), "approve-over"),
	],
)
def test_each_refusal_says_why(steps, mode, person, code):
	found = rule.refusal(steps, mode, person, "req")
	assert (found.code if found else None) == code


def test_a_step_that_names_the_person_comes_before_one_for_his_role():
	steps = (Step(1, "R1"), Step(2, "", "b"))
	assert rule.step_for(steps, JOINT, Person("b", frozenset({"R1"})), "req").number == 2
	assert rule.outcome(steps) == OPEN
