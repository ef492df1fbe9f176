"""For random people, archives, rules, grants and lists: "stands in a list" = "can be opened" = "the pure function says so" (R-SEC-03, R-SEC-09, R-ACC-15).

What is expected is computed from what was drawn, not from what the app reads back, so that a fact read wrongly shows as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import frappe
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kehu_archive import compat
from kehu_archive.constants import ARCHIVE, CONTACT, SETTINGS, TRANSACTION
from kehu_archive.domain import access, lifecycle, roles
from kehu_archive.domain.access import ArchiveFacts, Rule, UserFacts
from kehu_archive.permissions import documents, facts
from kehu_archive.tests import factories

DEPARTMENTS = (factories.SALES, factories.MARKETING)
CHILD = "Customer Archive Weakness"
COMPLAINT = "Customer Complaint"
HANGING = (CONTACT, TRANSACTION, COMPLAINT)
RANKS = (10, 30, 50)
STATES = (lifecycle.DRAFT, lifecycle.SUBMITTED, lifecycle.CLASSIFIED, lifecycle.FILED, lifecycle.SEALED)
SECRECY = {1: "Internal", 2: "Ordinary Trade Secret", 3: "Core Trade Secret"}
ACTORS = (
	roles.SALESPERSON,
	roles.MARKET_INSPECTOR,
	roles.MARKETING_MANAGER,
	roles.SALES_DIRECTOR,
	roles.ARCHIVIST,
	roles.ARCHIVE_AUDITOR,
)
ARCHIVES = 5


@dataclass(frozen=True)
class Actor:
	"""One drawn person."""

	role: str
	departments: frozenset[str]
	heads: frozenset[str]
	rank: int
	has_pledged: bool


@dataclass(frozen=True)
class World:
	"""The archives of one test and the other user who may stand behind them."""

	names: tuple[str, ...]
	types: tuple[str, str]
	stranger: str


actors = st.builds(
	Actor,
	role=st.sampled_from(ACTORS),
	departments=st.frozensets(st.sampled_from(DEPARTMENTS)),
	heads=st.frozensets(st.sampled_from(DEPARTMENTS), max_size=1),
	rank=st.sampled_from(RANKS),
	has_pledged=st.sampled_from((True, True, True, True, False)),
)
archive_rows = st.fixed_dictionaries(
	{
		"archive_type": st.integers(0, 1),
		"department": st.sampled_from(("", *DEPARTMENTS)),
		"responsible": st.booleans(),
		"custodian": st.sampled_from((False, False, True)),
		"owner": st.booleans(),
		"workflow_state": st.sampled_from(STATES),
		"secrecy_rank": st.integers(0, 3),
		"access_grade": st.sampled_from(("", "A", "a", "A ")),
		"is_important": st.booleans(),
		"named": st.booleans(),
		"grant": st.none() | st.sampled_from(access.PURPOSES),
	}
)


def boxes(values: tuple[str, ...], least: int, most: int | None = None) -> st.SearchStrategy[frozenset[str]]:
	return st.frozensets(st.sampled_from(values), min_size=least, max_size=most)


def mostly(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
	"""The usual value in two of three cases."""
	return st.integers(0, 2).flatmap(lambda draw: st.sampled_from(others) if draw == 2 else st.just(usual))


rules = st.builds(
	Rule,
	name=st.uuids().map(lambda value: f"rule {value}"),
	outcome=st.sampled_from((access.ALLOWED, access.ALLOWED, access.APPROVAL, access.REFUSED, access.RESTRICTS)),
	operations=st.sampled_from((frozenset({access.READ}), frozenset(access.OPERATIONS), frozenset({access.FIND}))),
	relations=boxes(access.RELATIONS, 1, 5),
	purposes=st.just(frozenset(access.PURPOSES)) | boxes(access.PURPOSES, 1),
	priority=st.integers(1, 3),
	grade=mostly("", "A"),
	secrecy_from=mostly(1, 2, 3),
	secrecy_to=mostly(3, 1, 2),
	important_only=mostly(False, True),
	sealed_only=mostly(False, True),
	role=mostly("", roles.SALESPERSON),
	department=mostly("", factories.SALES),
	level_from=mostly(None, 30),
	level_below=mostly(None, 50),
)
#: Without something that opens there would be nothing to take away.
floors = st.builds(
	Rule,
	name=st.just("floor"),
	outcome=st.sampled_from((access.ALLOWED, access.APPROVAL)),
	operations=st.just(frozenset({access.READ})),
	relations=boxes(access.RELATIONS, 3, 5),
	priority=st.just(9),
)


@pytest.fixture
def world(db: Any, people: factories.People) -> Iterator[World]:
	names = tuple(factories.make_archive().name for _ in range(ARCHIVES))
	for name in names:
		factories.make_transaction(name)
		_hang_complaint(name)
		child = {"doctype": CHILD, "parenttype": ARCHIVE, "parentfield": "weaknesses", "parent": name}
		frappe.get_doc({**child, "weakness": "弱点", "countermeasure": "对策"}).db_insert()
	yield World(names, (factories.archive_type("KH"), factories.archive_type("GY")), people[roles.FINANCE_AUDITOR])
	frappe.db.rollback()
	frappe.clear_document_cache(SETTINGS, SETTINGS)


def _hang_complaint(archive: str) -> None:
	frappe.get_doc(
		{
			"doctype": COMPLAINT,
			"archive": archive,
			"complained_at": "2026-03-01 09:00:00",
			"channel": "Phone",
			"complainant": "王芳",
			"complaint_kind": "Quality",
			"complaint_object": "轴承",
			"complaint_content": "异响",
			"demand": "退货",
		}
	).insert()


def _set_person(actor: Actor, user: str) -> None:
	frappe.db.delete("Archive Department Member", {"user": user})
	frappe.db.sql("update `tabArchive Department` set manager = null where manager = %s", user)
	level = factories.position_level(actor.rank)
	for department in actor.departments:
		row = {"doctype": "Archive Department Member", "parenttype": "Archive Department", "parentfield": "members"}
		frappe.get_doc({**row, "parent": department, "user": user, "position_level": level}).db_insert()
	for department in actor.heads:
		frappe.db.sql("update `tabArchive Department` set manager = %s where name = %s", (user, department))
	if not actor.has_pledged:
		frappe.db.delete("Confidentiality Pledge", {"user": user})


def _set_archive(world: World, name: str, row: dict[str, Any], user: str) -> None:
	values = {
		"archive_type": world.types[row["archive_type"]],
		"department": row["department"] or None,
		"responsible": user if row["responsible"] else world.stranger,
		"custodian": user if row["custodian"] else None,
		"owner": user if row["owner"] else world.stranger,
		"workflow_state": row["workflow_state"],
		"secrecy_rank": row["secrecy_rank"],
		"access_grade": row["access_grade"] or None,
		"is_important": int(row["is_important"]),
	}
	frappe.db.sql(
		f"update `tabCustomer Archive` set {', '.join(f'`{field}` = %({field})s' for field in values)} where name = %(name)s",
		{**values, "name": name},
	)
	if row["named"]:
		factories.name_reader(name, user)
	if row["grant"]:
		_grant(name, user, row["grant"])


def _grant(archive: str, user: str, purpose: str, starts_on: datetime | None = None, ends_on: datetime | None = None) -> None:
	now = frappe.utils.now_datetime()
	frappe.get_doc(
		{
			"doctype": "Access Grant",
			"user": user,
			"archive": archive,
			"purpose": purpose,
			"starts_on": starts_on or now - timedelta(hours=1),
			"ends_on": ends_on or now + timedelta(hours=1),
			"can_read": 1,
		}
	).db_insert()


def _set_rules(found: list[Rule]) -> None:
	frappe.db.sql("delete from `tabAccess Rule` where name is not null")
	for rule in found:
		doc = frappe.get_doc(
			{
				"doctype": "Access Rule",
				"rule_name": rule.name,
				"outcome": rule.outcome,
				"priority": rule.priority,
				"grade": rule.grade,
				"secrecy_from": SECRECY[rule.secrecy_from] if rule.secrecy_from > 1 else "",
				"secrecy_to": SECRECY[rule.secrecy_to] if rule.secrecy_to < 3 else "",
				"important_only": int(rule.important_only),
				"sealed_only": int(rule.sealed_only),
				"role": rule.role,
				"department": rule.department,
				"level_from": factories.position_level(rule.level_from) if rule.level_from else None,
				"level_below": factories.position_level(rule.level_below) if rule.level_below else None,
				**{f"on_{one}": int(one in rule.operations) for one in access.OPERATIONS},
				**{f"for_{one}": int(one in rule.relations) for one in access.RELATIONS},
				"for_return_visit": int(access.RETURN_VISIT in rule.purposes),
				"for_work_need": int(access.WORK_NEED in rule.purposes),
				"for_other_purpose": int(access.OTHER in rule.purposes),
			}
		)
		doc.name = rule.name
		doc.db_insert()


def _steps(role: str) -> frozenset[str]:
	waiting = {lifecycle.SUBMITTED, lifecycle.VERIFIED, lifecycle.CLASSIFIED, lifecycle.SEALED}
	rows = lifecycle.allowed_transitions(lifecycle.Switches())
	return frozenset(row.from_state for row in rows if row.role == role and row.from_state in waiting)


def _expected_user(world: World, actor: Actor, user: str, apart: str) -> UserFacts:
	kept = {kind for kind in frappe.get_all("Archive Type", pluck="name") if kind != apart}
	return UserFacts(
		user=user,
		roles=frozenset({actor.role}),
		departments=actor.departments | actor.heads,
		rank=actor.rank if actor.departments else 0,
		kept_types=frozenset(kept) if actor.role in access.KEEPER_ROLES else frozenset(),
		oversees=actor.role in access.OVERSIGHT_ROLES,
		step_states=_steps(actor.role),
		has_pledged=actor.has_pledged,
	)


def _expected_archive(world: World, name: str, row: dict[str, Any], user: str) -> ArchiveFacts:
	return ArchiveFacts(
		name=name,
		archive_type=world.types[row["archive_type"]],
		department=row["department"],
		responsible=user if row["responsible"] else world.stranger,
		custodian=user if row["custodian"] else "",
		owner=user if row["owner"] else world.stranger,
		workflow_state=row["workflow_state"],
		secrecy_rank=row["secrecy_rank"] or access.CORE,
		access_grade=row["access_grade"],
		is_important=row["is_important"],
		is_named=row["named"],
		grants=frozenset({(access.READ, row["grant"])} if row["grant"] else ()),
	)


def _listed(doctype: str, world: World, field: str, **more: Any) -> set[str]:
	rows = frappe.get_list(
		doctype, filters={field: ("in", world.names)}, fields=[field], limit_page_length=0, order_by="name", **more
	)
	return {row[field] for row in rows}


def _opened(doctype: str, world: World, field: str, user: str) -> set[str]:
	found = frappe.get_all(doctype, filters={field: ("in", world.names)}, fields=["name", field], order_by="name")
	return {
		row[field] for row in found if frappe.has_permission(doctype, "read", doc=frappe.get_doc(doctype, row["name"]), user=user)
	}


def _assert_all_agree(world: World, user: str, expected: set[str]) -> None:
	assert {name for name in world.names if documents.may(name, access.READ, user=user)} == expected
	with factories.acting(user):
		assert _listed(ARCHIVE, world, "name") == expected
		for doctype in HANGING:
			if frappe.has_permission(doctype, "read", user=user):
				assert _listed(doctype, world, "archive") == expected, doctype
		assert _listed(CHILD, world, "parent", parent_doctype=ARCHIVE) == expected
	assert _opened(ARCHIVE, world, "name", user) == expected
	for doctype in HANGING:
		if frappe.has_permission(doctype, "read", user=user):
			assert _opened(doctype, world, "archive", user) == expected, doctype


@given(
	actor=actors,
	rows=st.lists(archive_rows, min_size=ARCHIVES, max_size=ARCHIVES),
	floor=floors,
	more=st.lists(rules, max_size=4),
	strategy=st.sampled_from((access.STRICTEST, access.FIRST)),
	apart=st.booleans(),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_list_document_and_decision_agree(
	world: World,
	people: factories.People,
	actor: Actor,
	rows: list[dict[str, Any]],
	floor: Rule,
	more: list[Rule],
	strategy: str,
	apart: bool,
) -> None:
	user, found = people[actor.role], [floor, *more]
	frappe.db.savepoint("example")
	try:
		compat.set_single(SETTINGS, "rule_strategy", strategy)
		frappe.clear_document_cache(SETTINGS, SETTINGS)
		# One archive type may be kept by a role that none of the actors has (V-06).
		custodian_role = roles.FINANCE_AUDITOR if apart else None
		frappe.db.set_value("Archive Type", world.types[1], "custodian_role", custodian_role)
		_set_person(actor, user)
		_set_rules(found)
		for name, row in zip(world.names, rows, strict=True):
			_set_archive(world, name, row, user)
		person = _expected_user(world, actor, user, world.types[1] if apart else "")
		expected = {
			name
			for name, row in zip(world.names, rows, strict=True)
			if access.decide(
				person, _expected_archive(world, name, row, user), found, access.READ, access.WORK_NEED, strategy
			).allowed
		}
		_assert_all_agree(world, user, expected)
	finally:
		frappe.db.rollback(save_point="example")
		frappe.clear_document_cache(SETTINGS, SETTINGS)


@pytest.fixture
def reader(world: World, people: factories.People) -> str:
	"""Somebody who needs approval for every archive."""
	user = people[roles.MARKETING_MANAGER]
	_set_person(Actor(roles.MARKETING_MANAGER, frozenset({factories.MARKETING}), frozenset(), 30, True), user)
	for name in world.names:
		frappe.db.set_value(ARCHIVE, name, {"department": factories.SALES, "responsible": None, "secrecy_rank": 1})
	return user


def _at(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
	now = datetime.fromisoformat(moment)
	monkeypatch.setattr(facts, "now_datetime", lambda: now)
	monkeypatch.setattr(facts, "today", lambda: now.date().isoformat())


def test_a_grant_ends_with_the_day_and_nobody_ends_it(world: World, reader: str, monkeypatch: pytest.MonkeyPatch) -> None:
	name = world.names[0]
	_grant(name, reader, access.WORK_NEED, datetime(2026, 5, 1, 9), datetime(2026, 5, 2))
	for moment, expected in (
		("2026-05-01 08:59:59.999999", set()),
		("2026-05-01 09:00:00.000000", {name}),
		("2026-05-01 23:59:59.999999", {name}),
		("2026-05-02 00:00:00.000000", set()),
	):
		_at(monkeypatch, moment)
		_assert_all_agree(world, reader, expected)


def test_a_place_on_the_need_to_know_list_ends_after_its_last_day(
	world: World, reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
	name = world.names[1]
	factories.name_reader(name, reader, until="2026-05-01")
	for moment, expected in (("2026-05-01 23:59:59.999999", {name}), ("2026-05-02 00:00:00.000000", set())):
		_at(monkeypatch, moment)
		_assert_all_agree(world, reader, expected)


def test_a_revoked_grant_opens_nothing(world: World, reader: str) -> None:
	name = world.names[2]
	_grant(name, reader, access.WORK_NEED)
	_assert_all_agree(world, reader, {name})
	frappe.db.set_value("Access Grant", {"user": reader, "archive": name}, "revoked", 1)
	_assert_all_agree(world, reader, set())


def test_a_type_with_rules_of_its_own_is_left_out_by_the_general_ones(world: World, reader: str) -> None:
	"""Only rules that name the type or its pack count for it (V-01 ⑥)."""
	general = Rule("general", access.ALLOWED, frozenset({access.READ}), frozenset(access.RELATIONS))
	_set_rules([general])
	_assert_all_agree(world, reader, set(world.names))
	frappe.db.set_value("Archive Type", world.types[0], "own_rules_only", 1)
	_assert_all_agree(world, reader, set())
	frappe.db.set_value("Access Rule", "general", "archive_type", world.types[0])
	_assert_all_agree(world, reader, set(world.names))


def test_what_is_not_classified_counts_as_core(world: World, reader: str) -> None:
	ranks = dict(zip(world.names, (0, 0, 1, 2, 3), strict=True))
	for name, rank in ranks.items():
		frappe.db.set_value(ARCHIVE, name, "secrecy_rank", rank)
	_set_rules([Rule("open", access.ALLOWED, frozenset({access.READ}), frozenset(access.RELATIONS), secrecy_to=2)])
	_assert_all_agree(world, reader, {name for name, rank in ranks.items() if rank in (1, 2)})
	_set_rules([Rule("core", access.ALLOWED, frozenset({access.READ}), frozenset(access.RELATIONS), secrecy_from=3)])
	_assert_all_agree(world, reader, {name for name, rank in ranks.items() if rank not in (1, 2)})


def test_who_heads_a_department_stands_in_all_below_it(world: World, reader: str) -> None:
	"""Own department by headship, through two levels, and no further."""
	for name, parent in (("矿区测试", None), ("一矿测试", "矿区测试"), ("一矿班组测试", "一矿测试")):
		factories.ensure_department(name)
		frappe.db.set_value("Archive Department", name, "parent_department", parent)
	frappe.db.set_value("Archive Department", "一矿测试", "manager", reader)
	places = ("矿区测试", "一矿测试", "一矿班组测试", factories.MARKETING, factories.SALES)
	for name, place in zip(world.names, places, strict=True):
		frappe.db.set_value(ARCHIVE, name, "department", place)
	_set_rules([Rule("own", access.ALLOWED, frozenset({access.READ}), frozenset({access.OWN_DEPARTMENT}))])
	_assert_all_agree(world, reader, set(world.names[1:4]))


def test_only_the_step_that_is_next_by_the_settings_opens(world: World, people: factories.People) -> None:
	"""The workflow holds the rows of every switch position; those that do not hold now give nobody a look (V-07)."""
	director = people[roles.SALES_DIRECTOR]
	_set_person(Actor(roles.SALES_DIRECTOR, frozenset(), frozenset(), 40, True), director)
	name = world.names[0]
	frappe.db.set_value(ARCHIVE, name, "workflow_state", lifecycle.SUBMITTED)
	_set_rules([Rule("step", access.ALLOWED, frozenset({access.READ}), frozenset({access.STEP}))])
	_assert_all_agree(world, director, set())
	for field in ("skip_verification", "skip_classification"):
		compat.set_single(SETTINGS, field, 1)
	frappe.clear_document_cache(SETTINGS, SETTINGS)
	_assert_all_agree(world, director, {name})
