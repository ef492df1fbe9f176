"""The access rule as SQL: what a list, a count or a join may show of our DocTypes.

`domain.access_condition` says what holds; this module only writes it down. A person who may read few archives gets their names written out, looked up
once a request by one index each, so that his lists cost little more than an unrestricted list; for others the condition itself is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Final

import frappe

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import access
from kehu_archive.domain import access_condition as ac
from kehu_archive.permissions import facts, policy, registry, writing
from kehu_archive.permissions.writing import EVERYTHING, NOTHING, TABLE

#: At most so many names are written out.
FEW: Final = 1000


def visible_archives(user: str | None = None, operation: str = access.READ, purpose: str = access.WORK_NEED) -> str:
	"""A parenthesised condition over the table of archives: those on which a person may do the operation."""
	name = user or frappe.session.user
	if name == "Administrator":
		return EVERYTHING
	return facts.once_a_request(("visible", name, operation, purpose), lambda: _visible(name, operation, purpose))


@contextmanager
def asking(operation: str) -> Iterator[None]:
	"""Let the framework's list queries of archives ask for another operation than reading; the caller takes no field that needs more."""
	before = getattr(frappe.local, "kehu_operation", access.READ)
	frappe.local.kehu_operation = operation
	try:
		yield
	finally:
		frappe.local.kehu_operation = before


def finds_more(user: str | None = None) -> bool:
	"""Whether a person may find archives that he may not read (V-18)."""
	found = visible_archives(user, access.FIND)
	return found != NOTHING and found != visible_archives(user)


def archive_in(column: str, user: str | None = None) -> str:
	"""A parenthesised condition that a column names an archive which a person may read. `column` is written by us, never by a caller."""
	visible = visible_archives(user)
	return _through(column, visible)


def kept_in(column: str, user: str | None = None) -> str:
	"""A parenthesised condition that a column names an archive which a person keeps or oversees."""
	name = user or frappe.session.user
	if name == "Administrator":
		return EVERYTHING
	return _through(column, writing.write(ac.keeps(facts.user_facts(name))))


def _through(column: str, condition: str) -> str:
	if condition in (EVERYTHING, NOTHING):
		return condition
	names = f"({TABLE}.`name` in ("
	if condition.startswith(names) and condition.endswith("))") and TABLE not in condition[len(names) :]:
		return f"({column} in ({condition[len(names) :]}"
	return f"({column} in (select {TABLE}.`name` from {TABLE} where {condition}))"


def _visible(user: str, operation: str, purpose: str) -> str:
	ways = _ways(facts.user_facts(user), policy.current(), operation, purpose, facts.strategy())
	if EVERYTHING in ways.others:
		return EVERYTHING
	clock = {writing.CLOCK[name]: frappe.db.escape(value) for name, value in facts.moment().items()}
	lists = {token: _filled(asked, clock) for token, asked in ways.lists.items()}
	found = _looked_up(lists, [_filled(way, lists) for way in ways.others])
	known = {token: lists[token] if few is None else writing.names(few) for token, few in zip(lists, found, strict=False)}
	conditions = [
		f"({TABLE}.`name` in ({known[token]}) and {_filled(besides, known)})"
		for token, besides in ways.listed
		if known[token] != writing.names(())
	]
	if found[-1] is None:
		conditions += [_filled(way, known) for way in ways.others]
	elif found[-1]:
		conditions.append(f"({TABLE}.`name` in ({writing.names(found[-1])}))")
	return NOTHING if not conditions else conditions[0] if len(conditions) == 1 else f"({' or '.join(conditions)})"


@lru_cache(maxsize=256)
def _ways(
	person: access.UserFacts, company: policy.Policy, operation: str, purpose: str, strategy: str
) -> writing.Ways:
	"""All that the ways depend on is in the call, so they can be remembered."""
	return writing.ways(ac.branches(person, company.rules, operation, purpose, strategy), person)


def _filled(text: str, values: Mapping[str, str]) -> str:
	for token, value in values.items():
		text = text.replace(token, value)
	return text


def _looked_up(lists: Mapping[str, str], others: Sequence[str]) -> list[list[str] | None]:
	"""The archives of each list, and at last those that the other ways lead to, each by its own index; None where they are many. One question."""
	ways = " union ".join(f"(select {TABLE}.`name` from {TABLE} where {way} limit {FEW + 1})" for way in others)
	asked = [*lists.values(), ways or facts.NONE]
	each = (
		f"select {place}, count(*), group_concat(`name` separator '\n') from (select `name` from ({one}) every limit {FEW + 1}) found"
		for place, one in enumerate(asked)
	)
	answers: list[list[str] | None] = [None] * len(asked)
	for place, count, names in frappe.db.sql(" union all ".join(each)):
		few = (names or "").split("\n") if count else []
		# The server may cut what it puts together; then the condition itself is written.
		answers[place] = few if count <= FEW and len(few) == count else None
	return answers


def condition_for(doctype: str, user: str | None = None) -> str:
	"""The condition on the table of one of our DocTypes; '' where its roles alone decide."""
	name = user or frappe.session.user
	if name == "Administrator" or doctype not in registry.RESTRICTED:
		return ""
	found = _condition(doctype, name)
	return "" if found == EVERYTHING else found


def _condition(doctype: str, user: str) -> str:
	table = f"`tab{doctype}`"
	if doctype == ARCHIVE:
		return visible_archives(user, getattr(frappe.local, "kehu_operation", access.READ))
	if doctype in registry.HANGING:
		return archive_in(f"{table}.`{registry.HANGING[doctype]}`", user)
	if doctype in registry.CASES:
		return _case(table, doctype, registry.CASES[doctype], user)
	if doctype in registry.OWN:
		return _own(table, registry.OWN[doctype], user)
	if doctype in registry.ROWS:
		column, parent = registry.ROWS[doctype]
		return _within_parent(f"{table}.`{column}`", parent, user)
	if doctype in registry.CHILDREN:
		parent = registry.CHILDREN[doctype]
		return f"({table}.parenttype = '{parent}' and {_within_parent(f'{table}.parent', parent, user)})"
	parents = registry.SHARED_CHILDREN[doctype]
	each = (f"({table}.parenttype = '{one}' and {_within_parent(f'{table}.parent', one, user)})" for one in parents)
	return f"({' or '.join(each)})"


def _within_parent(column: str, parent: str, user: str) -> str:
	if parent == ARCHIVE:
		return archive_in(column, user)
	return f"({column} in (select `tab{parent}`.name from `tab{parent}` where {_condition(parent, user)}))"


def _case(table: str, doctype: str, case: registry.Case, user: str) -> str:
	person = facts.user_facts(user)
	if not person.has_pledged:
		return NOTHING
	if person.roles & case.seen_by:
		return EVERYTHING
	ways = [f"{table}.`{field}` = {frappe.db.escape(user, percent=False)}" for field in case.people]
	if case.by_archive:
		ways.append(kept_in(f"{table}.`{case.archive_field}`", user))
		if person.roles & access.KEEPER_ROLES:
			ways.append(f"ifnull({table}.`{case.archive_field}`, '') = ''")
	if case.has_steps:
		ways.append(_step_of(table, doctype, person))
	return f"({' or '.join(ways)})"


def _step_of(table: str, doctype: str, person: access.UserFacts) -> str:
	held = writing.names(person.roles - {"All", "Guest", "Desk User"})
	by_role = f" or step.approver_role in ({held})" if held else ""
	user = frappe.db.escape(person.user, percent=False)
	return (
		f"{table}.name in (select step.parent from `tabArchive Approval Step` step where step.parenttype = '{doctype}'"
		f" and (step.approver_user = {user} or step.decided_by = {user}{by_role}))"
	)


def _own(table: str, own: registry.Own, user: str) -> str:
	if frozenset(frappe.get_roles(user)) & own.seen_by:
		return EVERYTHING
	return "(" + " or ".join(f"{table}.`{one}` = {frappe.db.escape(user, percent=False)}" for one in own.people) + ")"
