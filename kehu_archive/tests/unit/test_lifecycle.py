"""The life cycle: the check agrees with the table, and no way around a step exists."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain import lifecycle as rule
from kehu_archive.domain import roles
from kehu_archive.domain.lifecycle import Facts, Request, Switches, allowed_transitions, check

ALL_SWITCHES = [Switches(*position) for position in product((True, False), repeat=3)]
ALL_ON, ALL_OFF = ALL_SWITCHES[0], ALL_SWITCHES[-1]
STEP_ROLES = {
	"verification": roles.MARKET_INSPECTOR,
	"classification": roles.COMPANY_LEADER,
	"approval": roles.SALES_DIRECTOR,
}


def refusal(
	from_state: str, to_state: str, role: str, switches: Switches = ALL_ON, **more: object
) -> str | None:
	found = check(Request(from_state, to_state, frozenset({role}), **more), switches)  # type: ignore[arg-type]
	return found.code if found else None


@pytest.mark.parametrize("switches", ALL_SWITCHES, ids=str)
def test_check_agrees_with_the_table_for_every_state_and_role(switches: Switches):
	table = {(row.from_state, row.to_state, row.role) for row in allowed_transitions(switches)}
	for from_state, to_state, role in product(rule.STATES, rule.STATES, roles.ROLES):
		expected = from_state == to_state or (from_state, to_state, role) in table
		assert (refusal(from_state, to_state, role, switches) is None) == expected


@pytest.mark.parametrize("switches", ALL_SWITCHES, ids=str)
def test_no_path_reaches_filed_without_each_enabled_step(switches: Switches):
	required = {role for name, role in STEP_ROLES.items() if getattr(switches, name)}
	rows = allowed_transitions(switches)
	paths: list[tuple[str, frozenset[str], frozenset[str]]] = [
		(rule.DRAFT, frozenset(), frozenset({rule.DRAFT}))
	]
	filed: list[frozenset[str]] = []
	while paths:
		state, acted, visited = paths.pop()
		for row in rows:
			if row.from_state != state or row.to_state in visited:
				continue
			if row.to_state == rule.FILED:
				filed.append(acted | {row.role})
			else:
				paths.append((row.to_state, acted | {row.role}, visited | {row.to_state}))
	assert filed
	for actors in filed:
		assert required <= actors
		assert actors & set(STEP_ROLES.values()) == required


@pytest.mark.parametrize("switches", ALL_SWITCHES, ids=str)
def test_every_living_state_has_a_way_on(switches: Switches):
	leaving = {row.from_state for row in allowed_transitions(switches)}
	assert leaving == set(rule.STATES) - {rule.DESTROYED}


@pytest.mark.parametrize("switches", ALL_SWITCHES, ids=str)
def test_destroyed_is_in_no_row(switches: Switches):
	assert all(rule.DESTROYED not in (row.from_state, row.to_state) for row in allowed_transitions(switches))


@given(
	st.sampled_from(rule.STATES[:-1]),
	st.frozensets(st.sampled_from(roles.ROLES)),
	st.sampled_from(ALL_SWITCHES),
	st.booleans(),
)
def test_nothing_leaves_destroyed_and_only_an_order_leads_there(
	state: str, held: frozenset[str], switches: Switches, by_order: bool
):
	leaving = check(Request(rule.DESTROYED, state, held, by_destruction_order=by_order), switches)
	assert leaving and leaving.code == "state-final"
	arriving = check(Request(state, rule.DESTROYED, held, by_destruction_order=by_order), switches)
	assert (arriving is None) == (by_order and state == rule.UNDER_APPRAISAL)


def test_full_chain():
	chain = [
		(rule.DRAFT, rule.SUBMITTED, roles.SALESPERSON),
		(rule.SUBMITTED, rule.VERIFIED, roles.MARKET_INSPECTOR),
		(rule.VERIFIED, rule.CLASSIFIED, roles.COMPANY_LEADER),
		(rule.CLASSIFIED, rule.FILED, roles.SALES_DIRECTOR),
		(rule.FILED, rule.UPDATING, roles.ARCHIVIST),
		(rule.UPDATING, rule.FILED, roles.ARCHIVIST),
		(rule.FILED, rule.SEALED, roles.CUSTOMER_SERVICE_MANAGER),
		(rule.SEALED, rule.FILED, roles.GENERAL_MANAGER),
		(rule.FILED, rule.UNDER_APPRAISAL, roles.ARCHIVIST),
		(rule.UNDER_APPRAISAL, rule.FILED, roles.CUSTOMER_SERVICE_MANAGER),
	]
	for from_state, to_state, role in chain:
		assert refusal(from_state, to_state, role) is None
		assert refusal(from_state, to_state, roles.FINANCE_AUDITOR) == "state-role"


@pytest.mark.parametrize(
	("switches", "row"),
	[
		(Switches(verification=False), (rule.SUBMITTED, rule.CLASSIFIED, roles.COMPANY_LEADER)),
		(
			Switches(verification=False, classification=False),
			(rule.SUBMITTED, rule.FILED, roles.SALES_DIRECTOR),
		),
		(Switches(approval=False), (rule.VERIFIED, rule.FILED, roles.COMPANY_LEADER)),
		(Switches(classification=False), (rule.VERIFIED, rule.FILED, roles.SALES_DIRECTOR)),
		(
			Switches(classification=False, approval=False),
			(rule.SUBMITTED, rule.FILED, roles.MARKET_INSPECTOR),
		),
		(ALL_OFF, (rule.DRAFT, rule.FILED, roles.ARCHIVIST)),
	],
)
def test_steps_switched_off(switches: Switches, row: tuple[str, str, str]):
	assert refusal(*row, switches=switches) is None
	assert refusal(*row, switches=ALL_ON) in ("state-closed", "state-role")


@pytest.mark.parametrize("switches", ALL_SWITCHES, ids=str)
def test_nobody_approves_his_own_entry(switches: Switches):
	for row in allowed_transitions(switches):
		own = refusal(row.from_state, row.to_state, row.role, switches, is_owner=True)
		pending = row.from_state in (rule.SUBMITTED, rule.VERIFIED, rule.CLASSIFIED)
		decides = pending and row.to_state != rule.DRAFT and switches != ALL_OFF
		assert (own == "state-self") == (decides or row.action == "Unseal"), row
		assert own in (None, "state-self")


def test_the_decider_returns_to_draft():
	for state, role in (
		(rule.SUBMITTED, roles.MARKET_INSPECTOR),
		(rule.VERIFIED, roles.COMPANY_LEADER),
		(rule.CLASSIFIED, roles.SALES_DIRECTOR),
	):
		assert refusal(state, rule.DRAFT, role) is None
		assert refusal(state, rule.DRAFT, roles.SALESPERSON) == "state-role"


def test_a_new_archive_is_a_draft():
	assert refusal("", rule.DRAFT, roles.SALESPERSON) is None
	assert refusal("", rule.FILED, roles.SALES_DIRECTOR) == "state-start"
	assert refusal("", "Nonsense", roles.SALES_DIRECTOR) == "state-unknown"
	assert refusal("Nonsense", rule.FILED, roles.SALES_DIRECTOR) == "state-unknown"


def test_facts_a_step_needs():
	def told(from_state: str, to_state: str, role: str, **facts: bool) -> str | None:
		return refusal(from_state, to_state, role, facts=Facts(**facts))

	verify = (rule.SUBMITTED, rule.VERIFIED, roles.MARKET_INSPECTOR)
	assert told(*verify, verification_confirmed=False) == "need-verification"
	assert told(*verify, verification_confirmed=True, custodian_named=False) is None
	classify = (rule.VERIFIED, rule.CLASSIFIED, roles.COMPANY_LEADER)
	assert told(*classify, classification_proposed=False) == "need-classification"
	file = (rule.CLASSIFIED, rule.FILED, roles.SALES_DIRECTOR)
	assert told(*file, custodian_named=False) == "need-custodian"
	assert told(*file) is None


@pytest.mark.parametrize("switches", ALL_SWITCHES, ids=str)
def test_whatever_files_an_archive_needs_a_custodian(switches: Switches):
	for row in allowed_transitions(switches):
		if row.to_state == rule.FILED and row.from_state in (
			rule.DRAFT,
			rule.SUBMITTED,
			rule.VERIFIED,
			rule.CLASSIFIED,
		):
			assert rule.NEED_CUSTODIAN in row.needs


def test_appraisal_is_no_way_around_unsealing():
	keep = (rule.UNDER_APPRAISAL, rule.FILED, roles.CUSTOMER_SERVICE_MANAGER)
	assert refusal(*keep, facts=Facts(not_sealed_before=False)) == "need-unsealed"
	assert refusal(rule.UNDER_APPRAISAL, rule.SEALED, roles.CUSTOMER_SERVICE_MANAGER) is None


def test_refusals_name_what_is_possible():
	found = check(Request(rule.DRAFT, rule.FILED, frozenset({roles.ARCHIVIST})), ALL_ON)
	assert found and found.param("next_states") == (rule.SUBMITTED,)
	role = check(Request(rule.DRAFT, rule.SUBMITTED, frozenset()), ALL_ON)
	assert role and role.param("roles_needed") == (roles.SALESPERSON, roles.ARCHIVIST)


def test_a_companys_own_table_replaces_the_rule():
	own = (rule.Transition("Verify", rule.SUBMITTED, rule.VERIFIED, roles.MARKETING_MANAGER),)
	request = Request(rule.SUBMITTED, rule.VERIFIED, frozenset({roles.MARKETING_MANAGER}))
	assert check(request, ALL_ON, own) is None
	assert check(request, ALL_ON) is not None


def test_roles_and_editors_are_known():
	assert len(set(roles.ROLES)) == len(roles.ROLES) == 14
	assert set(rule.EDITORS) == set(rule.STATES)
	for state, editors in rule.EDITORS.items():
		assert set(editors) <= set(roles.ROLES)
		assert (not editors) == (state in rule.READ_ONLY_STATES)
