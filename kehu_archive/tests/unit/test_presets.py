"""The presets say what the regulations say: the base set row by row, and what each variant changes."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain import access, access_terms, lifecycle, presets, roles
from kehu_archive.domain.access import ArchiveFacts, Decision, Rule, UserFacts
from kehu_archive.domain.presets import BASE, PRESETS, VARIANTS, Preset, Row

RANKS = {"Internal": 1, "Ordinary Trade Secret": 2, "Core Trade Secret": 3}
OWN_TYPE = "顾客档案表"
ROWS = [(preset, row) for preset in PRESETS.values() for row in preset.rows]
GENERAL = ("v01-1", "v01-2", "v01-3", "v01-4")


def rule_of(preset: Preset, row: Row) -> Rule:
	"""The rule that a row becomes on a site."""
	types = frozenset({OWN_TYPE}) if preset.own_type else None
	return Rule(
		name=f"{preset.key}/{row.key}",
		outcome=row.outcome,
		operations=frozenset(row.operations),
		relations=frozenset(row.relations),
		purposes=frozenset(row.purposes),
		priority=row.priority,
		basis=row.basis,
		archive_types=types,
		grade=row.grade,
		secrecy_from=RANKS.get(row.secrecy_from, 1),
		secrecy_to=RANKS.get(row.secrecy_to, 3),
		important_only=row.important_only,
		sealed_only=row.sealed_only,
		role=row.role,
		level_below=row.below_rank,
		outside_network=row.outside_network,
		mode=row.mode,
		approvers=row.approvers,
		same_day=row.same_day,
		no_leaving=row.no_leaving,
		no_renewal=row.no_renewal,
		needs_consent=row.needs_consent,
		needs_hand_over=row.hand_over,
	)


def rules(*keys: str) -> list[Rule]:
	"""The rules that count with the base set and these variants switched on."""
	chosen = [PRESETS[key] for key in keys]
	replaced = frozenset().union(*(one.replaces for one in chosen)) if chosen else frozenset()
	base = [rule_of(BASE, row) for row in BASE.rows if row.key not in replaced]
	return base + [rule_of(one, row) for one in chosen for row in one.rows]


def person(relation: str, **more: object) -> UserFacts:
	"""A person who stands in this relation to `archive()`."""
	facts: dict[str, object] = {"user": "p@x", "rank": 10}
	facts |= {
		access.KEEPER: {"kept_types": frozenset({"客户", OWN_TYPE})},
		access.OVERSIGHT: {"oversees": True},
		access.STEP: {"step_states": frozenset({lifecycle.FILED, lifecycle.SEALED})},
		access.OWN_DEPARTMENT: {"departments": frozenset({"销售部"})},
	}.get(relation, {})
	return UserFacts(**{**facts, **more})


def archive(relation: str = "", **more: object) -> ArchiveFacts:
	facts: dict[str, object] = {
		"name": "KH-1",
		"archive_type": "客户",
		"department": "销售部",
		"workflow_state": lifecycle.FILED,
		"secrecy_rank": 1,
		"responsible": "p@x" if relation == access.RESPONSIBLE else "other@x",
		"is_named": relation == access.NAMED,
	}
	return ArchiveFacts(**{**facts, **more})


def decide(relation: str, operation: str, *keys: str, user: dict | None = None, purpose: str = access.WORK_NEED, **of_archive: object) -> Decision:
	return access.decide(person(relation, **(user or {})), archive(relation, **of_archive), rules(*keys), operation, purpose)


def approvers(decision: Decision) -> list[str]:
	return [one.role or one.kind for one in decision.approvers]


@pytest.mark.parametrize(("preset", "row"), ROWS, ids=lambda value: value.key)
def test_every_row_is_a_whole_rule(preset: Preset, row: Row) -> None:
	assert row.operations and row.relations and row.purposes
	assert set(row.operations) <= set(access.OPERATIONS)
	assert (row.outcome == access.APPROVAL) == bool(row.approvers)
	restricts = row.same_day or row.no_leaving or row.no_renewal or row.needs_consent or row.hand_over
	assert row.outcome != access.RESTRICTS or restricts
	assert RANKS.get(row.secrecy_from, 1) <= RANKS.get(row.secrecy_to, 3)


def test_names_are_unique_and_replaced_rows_exist() -> None:
	titles = [row.title for _preset, row in ROWS]
	assert len(set(titles)) == len(titles)
	assert all(len(title) <= 140 for title in titles)
	base = {row.key: row for row in BASE.rows}
	for variant in VARIANTS:
		assert variant.replaces <= set(base)
		assert len({row.key for row in variant.rows}) == len(variant.rows)


def test_no_variant_touches_what_the_confidentiality_and_the_grade_say() -> None:
	kept = {"own-core", "other-core", "core-papers", "grade-a", "important"}
	assert not any(kept & variant.replaces for variant in VARIANTS)


@pytest.mark.parametrize(("relation", "operation"), list(itertools.product(access.RELATIONS, access.OPERATIONS)))
@pytest.mark.parametrize("secrecy", (1, 2, 3))
def test_the_base_set_answers_every_question(relation: str, operation: str, secrecy: int) -> None:
	"""Nothing is refused only because nobody thought of it."""
	decision = decide(relation, operation, secrecy_rank=secrecy)
	assert decision.reason == "rule"
	papers_stay = operation == access.TAKE_OUT and secrecy == 3
	assert (decision.outcome == access.REFUSED) == papers_stay


def test_base_reading_by_relation_and_confidentiality() -> None:
	"""R-SEC-03, R-ACC-01, R-ARC-12, R-ARC-16."""
	open_to = {
		relation: [rank for rank in (1, 2, 3) if decide(relation, access.READ, secrecy_rank=rank).allowed]
		for relation in access.RELATIONS
	}
	assert open_to == {
		access.KEEPER: [1, 2, 3],
		access.OVERSIGHT: [1, 2, 3],
		access.STEP: [1, 2, 3],
		access.RESPONSIBLE: [1, 2, 3],
		access.NAMED: [1, 2, 3],
		access.OWN_DEPARTMENT: [1, 2],
		access.OTHER_DEPARTMENT: [],
	}
	assert approvers(decide(access.OWN_DEPARTMENT, access.READ, secrecy_rank=3)) == [roles.COMPANY_LEADER]
	assert approvers(decide(access.OTHER_DEPARTMENT, access.READ)) == [roles.CUSTOMER_SERVICE_MANAGER]
	assert approvers(decide(access.OTHER_DEPARTMENT, access.READ, secrecy_rank=3)) == [
		roles.CUSTOMER_SERVICE_MANAGER,
		roles.COMPANY_LEADER,
	]


def test_only_keepers_export_without_asking() -> None:
	allowed = {relation for relation in access.RELATIONS if decide(relation, access.EXPORT).allowed}
	assert allowed == {access.KEEPER}


@pytest.mark.parametrize("relation", access.RELATIONS)
def test_disclosure_needs_the_department_head_and_the_marketing_director_together(relation: str) -> None:
	"""R-OUT-01: for everybody, keepers included."""
	decision = decide(relation, access.DISCLOSE)
	assert approvers(decision) == [access_terms.REQUESTERS_HEAD, roles.MARKETING_DIRECTOR]
	assert decision.mode == access.JOINT
	assert decision.needs_hand_over


@pytest.mark.parametrize("operation", (access.FIND, access.READ, access.PRINT, access.COPY, access.BORROW, access.TAKE_OUT, access.EXPORT))
@pytest.mark.parametrize("relation", (access.RESPONSIBLE, access.NAMED, access.OWN_DEPARTMENT, access.OTHER_DEPARTMENT))
def test_grade_a_is_refused_below_the_manager_level(relation: str, operation: str) -> None:
	"""R-SEC-08; a grant does not help."""
	grants = frozenset({(operation, access.WORK_NEED)})
	for rank, refused in ((0, True), (20, True), (30, False), (50, False)):
		decision = decide(relation, operation, user={"rank": rank}, access_grade="A", grants=grants)
		assert (decision.outcome == access.REFUSED) == refused, rank


def test_important_files_come_back_the_same_day_and_core_papers_stay() -> None:
	"""R-ACC-05, V-17; neither restriction opens anything by itself."""
	decision = decide(access.OWN_DEPARTMENT, access.BORROW, is_important=True, secrecy_rank=3)
	assert (decision.same_day, decision.may_renew, decision.may_leave) == (True, False, False)
	assert decide(access.KEEPER, access.TAKE_OUT, secrecy_rank=3).outcome == access.REFUSED
	only = [rule_of(BASE, row) for row in BASE.rows if row.key in ("important", "core-papers")]
	asked = access.decide(person(access.OWN_DEPARTMENT), archive(is_important=True, secrecy_rank=3), only, access.BORROW)
	assert asked.reason == "no-rule" and not asked.may_ask


def test_variant_1() -> None:
	"""R-SEC-08, R-ACC-06."""
	assert approvers(decide(access.OTHER_DEPARTMENT, access.READ, "v01-1")) == [roles.CUSTOMER_SERVICE_MANAGER]
	assert not decide(access.RESPONSIBLE, access.READ, "v01-1", access_grade="A").may_ask
	assert decide(access.RESPONSIBLE, access.READ, "v01-1", user={"rank": 30}, access_grade="A").allowed


def test_variant_2() -> None:
	"""R-ACC-02, R-ACC-03, R-ACC-04, R-ACC-05."""
	manager = {"rank": 30, "roles": frozenset({roles.SALESPERSON})}
	own = decide(access.OWN_DEPARTMENT, access.BORROW, "v01-2", user=manager)
	assert own.outcome == access.APPROVAL and own.same_day and not own.may_leave and own.needs_hand_over
	assert decide(access.OWN_DEPARTMENT, access.READ, "v01-2", user=manager).outcome == access.APPROVAL
	assert decide(access.OWN_DEPARTMENT, access.TAKE_OUT, "v01-2", user=manager).outcome == access.REFUSED
	other = decide(access.OTHER_DEPARTMENT, access.BORROW, "v01-2")
	assert approvers(other) == [roles.MARKETING_DIRECTOR] and other.needs_hand_over and not other.same_day
	important = decide(access.OTHER_DEPARTMENT, access.BORROW, "v01-2", is_important=True)
	assert important.same_day and not important.may_renew


def test_variant_3() -> None:
	"""R-ACC-07."""
	for relation in (access.OWN_DEPARTMENT, access.OTHER_DEPARTMENT):
		assert approvers(decide(relation, access.READ, "v01-3")) == [roles.PROPERTY_MANAGER]
	assert approvers(decide(access.RESPONSIBLE, access.COPY, "v01-3")) == [roles.PROPERTY_MANAGER]


def test_variant_4() -> None:
	"""R-ACC-08, R-OUT-02: an author still works on his own draft."""
	for relation, operation in itertools.product(
		(access.RESPONSIBLE, access.NAMED, access.OWN_DEPARTMENT, access.OTHER_DEPARTMENT), (access.READ, access.COPY, access.BORROW)
	):
		assert approvers(decide(relation, operation, "v01-4")) == [roles.GENERAL_MANAGER]
	assert approvers(decide(access.RESPONSIBLE, access.DISCLOSE, "v01-4")) == [roles.GENERAL_MANAGER]
	auditor = {"roles": frozenset({roles.ARCHIVE_AUDITOR})}
	assert approvers(decide(access.OVERSIGHT, access.READ, "v01-4", user=auditor)) == [roles.GENERAL_MANAGER]
	assert decide(access.OVERSIGHT, access.READ, "v01-4", user={"roles": frozenset({roles.GENERAL_MANAGER})}).allowed
	draft = decide(access.OTHER_DEPARTMENT, access.READ, "v01-4", owner="p@x", workflow_state=lifecycle.DRAFT, secrecy_rank=3)
	assert draft.allowed and draft.relation == access.STEP


def test_variant_5() -> None:
	"""R-ACC-10: whoever keeps or audits a sealed file asks too; the General Manager need not ask himself."""
	for relation in (access.KEEPER, access.RESPONSIBLE, access.OWN_DEPARTMENT):
		decision = decide(relation, access.READ, "v01-5", workflow_state=lifecycle.SEALED)
		assert approvers(decision) == [roles.GENERAL_MANAGER]
		assert decide(relation, access.READ, "v01-5").allowed
	for role, outcome in (
		(roles.ARCHIVE_AUDITOR, access.APPROVAL),
		(roles.COMPANY_LEADER, access.APPROVAL),
		(roles.GENERAL_MANAGER, access.ALLOWED),
	):
		decision = decide(access.OVERSIGHT, access.READ, "v01-5", user={"roles": frozenset({role})}, workflow_state=lifecycle.SEALED)
		assert decision.outcome == outcome, role


def test_variant_6() -> None:
	"""R-ACC-09, R-ACC-11, R-OUT-03: the form's own rules alone, as its type is set apart from the general ones."""
	only = [rule_of(PRESETS["v01-6"], row) for row in PRESETS["v01-6"].rows]

	def form(relation: str, operation: str, purpose: str = access.WORK_NEED, **more: object) -> Decision:
		return access.decide(person(relation), archive(relation, archive_type=OWN_TYPE, secrecy_rank=3, **more), only, operation, purpose)

	for relation in (access.RESPONSIBLE, access.OWN_DEPARTMENT, access.OTHER_DEPARTMENT):
		visit = form(relation, access.READ, access.RETURN_VISIT)
		assert visit.allowed and visit.same_day
		for purpose in (access.WORK_NEED, access.OTHER):
			assert approvers(form(relation, access.READ, purpose)) == [roles.GENERAL_MANAGER]
	for relation in access.RELATIONS:
		assert form(relation, access.DISCLOSE).outcome == access.REFUSED
		copies = form(relation, access.COPY, access.RETURN_VISIT)
		assert approvers(copies) == [roles.GENERAL_MANAGER] and copies.needs_consent
	assert form(access.KEEPER, access.READ).allowed
	assert form(access.RESPONSIBLE, access.READ, access_grade="A").outcome == access.REFUSED


def test_copying_policies() -> None:
	"""V-14: registered, by approval, forbidden."""
	registered = decide(access.OWN_DEPARTMENT, access.COPY, "v14-1")
	assert registered.allowed and registered.needs_hand_over
	assert decide(access.OWN_DEPARTMENT, access.COPY, "v14-1", secrecy_rank=3).outcome == access.APPROVAL
	for relation in access.RELATIONS:
		consent = decide(relation, access.COPY, "v14-2")
		assert roles.COMPANY_LEADER in approvers(consent) and consent.needs_consent
		for operation in (access.COPY, access.PRINT, access.EXPORT):
			assert decide(relation, operation, "v14-3").outcome == access.REFUSED


def test_core_only_in_the_office_network_and_never_downloaded() -> None:
	"""V-17."""
	outside = {"is_inside": False}
	for relation in access.RELATIONS:
		assert decide(relation, access.READ, "v17", user=outside, secrecy_rank=3).outcome == access.REFUSED
		assert decide(relation, access.EXPORT, "v17", secrecy_rank=3).outcome == access.REFUSED
		assert decide(relation, access.TAKE_OUT, "v17").outcome == access.REFUSED
		assert decide(relation, access.READ, "v17", user=outside) == decide(relation, access.READ)


def test_who_receives_customers_finds_them_in_every_department() -> None:
	"""V-18: finding, nothing else, and no core trade secret."""
	sales = {"roles": frozenset({roles.SALESPERSON})}
	assert not decide(access.OTHER_DEPARTMENT, access.FIND, user=sales).allowed
	assert decide(access.OTHER_DEPARTMENT, access.FIND, "v18", user=sales).allowed
	assert not decide(access.OTHER_DEPARTMENT, access.READ, "v18", user=sales).allowed
	assert not decide(access.OTHER_DEPARTMENT, access.FIND, "v18").allowed
	assert not decide(access.OTHER_DEPARTMENT, access.FIND, "v18", user=sales, secrecy_rank=3).allowed
	assert not decide(access.OTHER_DEPARTMENT, access.FIND, "v18", user=sales, access_grade="A").allowed


people = st.builds(
	UserFacts,
	user=st.just("p@x"),
	roles=st.frozensets(st.sampled_from((roles.SALESPERSON, roles.ARCHIVE_AUDITOR, roles.COMPANY_LEADER, roles.GENERAL_MANAGER))),
	departments=st.frozensets(st.sampled_from(("销售部", "市场部"))),
	rank=st.sampled_from((0, 10, 30, 50)),
	kept_types=st.frozensets(st.just("客户")),
	oversees=st.booleans(),
	step_states=st.frozensets(st.sampled_from(lifecycle.STATES)),
	is_inside=st.booleans(),
)
files = st.builds(
	ArchiveFacts,
	name=st.just("KH-1"),
	archive_type=st.just("客户"),
	department=st.sampled_from(("销售部", "市场部")),
	responsible=st.sampled_from(("p@x", "q@x")),
	owner=st.sampled_from(("p@x", "q@x")),
	workflow_state=st.sampled_from(lifecycle.STATES),
	secrecy_rank=st.integers(1, 3),
	access_grade=st.sampled_from(("", "A", "B")),
	is_important=st.booleans(),
	is_named=st.booleans(),
)


@given(
	people,
	files,
	st.sampled_from([variant.key for variant in VARIANTS if variant.key not in ("v14-1", "v18")]),
	st.sampled_from(access.OPERATIONS),
	st.sampled_from(access.PURPOSES),
)
def test_switching_a_variant_on_opens_nothing(user, file, key, operation, purpose) -> None:
	"""The two that mean to open something are named above: copies that are only registered, and finding by who receives customers."""
	before = access.decide(user, file, rules(), operation, purpose)
	after = access.decide(user, file, rules(key), operation, purpose)
	assert before.allowed or not after.allowed


@given(people, files, st.lists(st.sampled_from([variant.key for variant in VARIANTS]), unique=True), st.sampled_from(access.OPERATIONS))
def test_grade_a_stays_refused_whatever_is_switched_on(user, file, keys, operation) -> None:
	graded = ArchiveFacts(**{**file.__dict__, "access_grade": "A"})
	decision = access.decide(user, graded, rules(*keys), operation)
	below = user.rank < presets.MANAGER_RANK and decision.relation in (
		access.RESPONSIBLE,
		access.NAMED,
		access.OWN_DEPARTMENT,
		access.OTHER_DEPARTMENT,
	)
	assert not (below and operation != access.DISCLOSE) or decision.outcome == access.REFUSED
