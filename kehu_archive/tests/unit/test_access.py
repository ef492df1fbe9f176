"""The access rule: its condition means what it decides, and its strategies keep their promises."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain import access, lifecycle
from kehu_archive.domain import access_condition as ac
from kehu_archive.domain.access import ArchiveFacts, Rule, UserFacts

USERS = ("a@x", "b@x")
TYPES = ("客户", "供应商")
DEPARTMENTS = ("", "销售部", "市场部")
GRADES = ("", "A", "B")
operations = st.sampled_from(access.OPERATIONS)
purposes = st.sampled_from(access.PURPOSES)
strategies = st.sampled_from((access.STRICTEST, access.FIRST))


def subset(values: tuple[str, ...], least: int = 0) -> st.SearchStrategy[frozenset[str]]:
	return st.frozensets(st.sampled_from(values), min_size=least)


users = st.builds(
	UserFacts,
	user=st.sampled_from(USERS),
	roles=subset(("Salesperson", "Archivist")),
	departments=subset(DEPARTMENTS),
	rank=st.sampled_from((0, 10, 30, 50)),
	kept_types=subset(TYPES),
	oversees=st.booleans(),
	step_states=subset(lifecycle.STATES),
	is_inside=st.booleans(),
	has_pledged=st.sampled_from((True, True, True, False)),
)
archives = st.builds(
	ArchiveFacts,
	name=st.just("KH-1"),
	archive_type=st.sampled_from(TYPES),
	department=st.sampled_from(DEPARTMENTS),
	responsible=st.sampled_from(("", *USERS)),
	custodian=st.sampled_from(("", *USERS)),
	owner=st.sampled_from(USERS),
	workflow_state=st.sampled_from(lifecycle.STATES),
	secrecy_rank=st.integers(1, 3),
	access_scheme=st.sampled_from(("", "ABC")),
	access_grade=st.sampled_from(GRADES),
	is_important=st.booleans(),
	is_named=st.booleans(),
	has_handled=st.booleans(),
	grants=st.frozensets(st.tuples(operations, purposes), max_size=3),
)
rules = st.builds(
	Rule,
	name=st.text("rstuv", min_size=1, max_size=3),
	outcome=st.sampled_from(tuple(access.STRICTNESS)),
	operations=subset(access.OPERATIONS, 1),
	relations=subset(access.RELATIONS, 1),
	purposes=subset(access.PURPOSES, 1),
	priority=st.integers(1, 3),
	archive_types=st.none() | subset(TYPES),
	grade_scheme=st.sampled_from(("", "ABC")),
	grade=st.sampled_from(GRADES),
	secrecy_from=st.integers(1, 3),
	secrecy_to=st.integers(1, 3),
	important_only=st.booleans(),
	sealed_only=st.booleans(),
	role=st.sampled_from(("", "Salesperson")),
	department=st.sampled_from(DEPARTMENTS),
	level_from=st.none() | st.sampled_from((10, 30)),
	level_below=st.none() | st.sampled_from((30, 50)),
	outside_network=st.booleans(),
	same_day=st.booleans(),
	no_leaving=st.booleans(),
	no_copies=st.booleans(),
	longest_days=st.integers(0, 5),
)
rule_lists = st.lists(rules, max_size=6, unique_by=lambda rule: rule.name)


@given(users, archives, rule_lists, operations, purposes, strategies)
def test_the_condition_holds_exactly_where_the_decision_allows(user, archive, rows, operation, purpose, strategy):
	decision = access.decide(user, archive, rows, operation, purpose, strategy)
	assert ac.evaluate(ac.condition(user, rows, operation, purpose, strategy), archive) == decision.allowed


@given(users, archives)
def test_one_relation_holds_and_it_is_the_named_one(user, archive):
	holding = [name for name, holds in ac.relations(user).items() if ac.evaluate(holds, archive)]
	assert holding == [access.relation(user, archive)]


@given(users, archives, rule_lists, rules, operations, purposes)
def test_with_the_strictest_winning_a_further_matching_rule_never_opens(user, archive, rows, more, operation, purpose):
	before = access.decide(user, archive, rows, operation, purpose)
	after = access.decide(user, archive, [*rows, more], operation, purpose)
	if before.reason == "no-rule":
		return
	assert before.allowed or not after.allowed or after.reason == "grant" == before.reason
	if before.reason == after.reason == "rule":
		assert access.STRICTNESS[after.outcome] >= access.STRICTNESS[before.outcome]
		assert after.same_day >= before.same_day
		assert after.may_leave <= before.may_leave
		assert after.may_copy <= before.may_copy
		assert not before.longest_days or 0 < after.longest_days <= before.longest_days


@given(users, archives, rule_lists, operations, purposes, strategies, st.randoms())
def test_the_order_in_which_rules_are_loaded_does_not_matter(user, archive, rows, operation, purpose, strategy, rng):
	shuffled = list(rows)
	rng.shuffle(shuffled)
	assert access.decide(user, archive, rows, operation, purpose, strategy) == access.decide(
		user, archive, shuffled, operation, purpose, strategy
	)


@given(archives, rule_lists, operations, purposes, strategies, users)
def test_without_a_pledge_nothing_is_open(archive, rows, operation, purpose, strategy, user):
	unsigned = UserFacts(**{**user.__dict__, "has_pledged": False})
	assert not access.decide(unsigned, archive, rows, operation, purpose, strategy).allowed
	assert ac.branches(unsigned, rows, operation, purpose, strategy) == ()


@given(users, archives, operations, purposes, strategies)
def test_without_rules_only_a_grant_opens(user, archive, operation, purpose, strategy):
	decision = access.decide(user, archive, [], operation, purpose, strategy)
	granted = any(one == operation for one, _ in archive.grants)
	assert decision.allowed == (granted and user.has_pledged)


@given(users, archives, rule_lists, operations, purposes)
def test_a_grant_opens_what_needs_approval_and_nothing_that_is_refused(user, archive, rows, operation, purpose):
	bare = ArchiveFacts(**{**archive.__dict__, "grants": frozenset()})
	granted = ArchiveFacts(**{**archive.__dict__, "grants": frozenset({(operation, purpose)})})
	before = access.decide(user, bare, rows, operation, purpose)
	after = access.decide(user, granted, rows, operation, purpose)
	explicit = before.reason == "rule" and before.outcome == access.REFUSED
	assert after.allowed == (before.allowed or (user.has_pledged and not explicit))


@given(users, archives, rule_lists, operations, purposes)
def test_first_by_priority_is_the_decision_of_that_rule_alone(user, archive, rows, operation, purpose):
	every = access.matching(user, archive, rows, access.Question(operation, purpose))
	first = access.decide(user, archive, rows, operation, purpose, access.FIRST)
	if not every or not user.has_pledged or first.reason == "grant":
		return
	best = min(every, key=lambda rule: (rule.priority, rule.name))
	assert (first.rules, first.outcome) == ((best.name,), best.outcome)


@given(users, archives, rule_lists)
def test_a_condition_and_its_opposite_never_agree(user, archive, rows):
	found = ac.condition(user, rows, access.READ)
	assert ac.evaluate(found, archive) != ac.evaluate(ac.opposite(found), archive)


@given(users, archives, rule_lists, rules, operations, purposes, strategies)
def test_a_rule_that_only_restricts_never_opens(user, archive, rows, more, operation, purpose, strategy):
	"""Beside it or alone: it takes away or leaves as it is."""
	restriction = Rule(**{**more.__dict__, "name": "x", "outcome": access.RESTRICTS})
	before = access.decide(user, archive, rows, operation, purpose, strategy)
	after = access.decide(user, archive, [*rows, restriction], operation, purpose, strategy)
	assert before.allowed or not after.allowed
	assert after.same_day >= before.same_day
	bare = ArchiveFacts(**{**archive.__dict__, "grants": frozenset()})
	assert not access.decide(user, bare, [restriction], operation, purpose, strategy).may_ask


@given(users, archives, rule_lists, purposes, strategies)
def test_what_must_not_leave_is_not_taken_out_and_what_must_not_be_copied_is_not_copied(user, archive, rows, purpose, strategy):
	bare = ArchiveFacts(**{**archive.__dict__, "grants": frozenset()})
	assert access.decide(user, bare, rows, access.TAKE_OUT, purpose, strategy).may_ask <= (
		access.decide(user, bare, rows, access.TAKE_OUT, purpose, strategy).may_leave
	)
	assert access.decide(user, bare, rows, access.COPY, purpose, strategy).may_ask <= (
		access.decide(user, bare, rows, access.COPY, purpose, strategy).may_copy
	)


def test_a_draft_is_its_author_s_own_step():
	author = UserFacts("a@x")
	for state, stands in (
		(lifecycle.DRAFT, access.STEP),
		(lifecycle.SUBMITTED, access.RESPONSIBLE),
		(lifecycle.FILED, access.OTHER_DEPARTMENT),
	):
		assert access.relation(author, ArchiveFacts("KH-1", owner="a@x", workflow_state=state)) == stands


def test_grade_a_is_for_the_marketing_manager_level_and_above():
	"""R-SEC-08: below the manager level refused, from it on open."""
	everyone = frozenset(access.RELATIONS)
	reading = frozenset({access.READ})
	rows = [
		Rule("open", access.ALLOWED, reading, everyone),
		Rule("A", access.REFUSED, reading, everyone, grade="A", level_below=30),
	]
	archive = ArchiveFacts("KH-1", access_grade="A", department="销售部")
	staff = UserFacts("s@x", rank=10)
	manager = UserFacts("m@x", rank=30)
	assert not access.decide(staff, archive, rows, access.READ).allowed
	assert access.decide(manager, archive, rows, access.READ).allowed
	assert access.decide(staff, ArchiveFacts("KH-2", access_grade="B"), rows, access.READ).allowed


@given(users, archives, rule_lists, operations, purposes, strategies)
def test_each_way_by_itself_opens_nothing_that_the_whole_does_not(user, archive, rows, operation, purpose, strategy):
	"""The database looks the ways up one by one; together they are the decision."""
	ways = ac.branches(user, rows, operation, purpose, strategy)
	assert any(ac.evaluate(way, archive) for way in ways) == access.decide(user, archive, rows, operation, purpose, strategy).allowed
