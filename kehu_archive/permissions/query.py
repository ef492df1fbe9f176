"""The access rule as SQL: what a list, a count or a join may show of our DocTypes.

`domain.access_condition` says what holds; this module only writes it down. A person who may read few archives gets their names written out, looked up
once a request by one index each, so that his lists cost what an unrestricted list costs; for others the condition itself is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

import frappe

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import access
from kehu_archive.domain import access_condition as ac
from kehu_archive.permissions import facts, registry

TABLE: Final = f"`tab{ARCHIVE}`"
EVERYTHING: Final = "(1=1)"
NOTHING: Final = "(1=0)"
#: At most so many names are written out.
FEW: Final = 1000
_BINARY: Final = frozenset({"access_scheme", "access_grade"})


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
	return _through(column, write(ac.keeps(facts.user_facts(name))))


def _through(column: str, condition: str) -> str:
	if condition == EVERYTHING:
		return EVERYTHING
	if condition == NOTHING:
		return NOTHING
	names = f"{TABLE}.`name` in "
	if condition.startswith(f"({names}"):
		return f"({column} in {condition[len(names) + 1:]}"
	return f"({column} in (select {TABLE}.`name` from {TABLE} where {condition}))"


def _visible(user: str, operation: str, purpose: str) -> str:
	each = ac.branches(facts.user_facts(user), facts.rules(), operation, purpose, facts.strategy())
	ways = [way for way in (ac.with_names(one, partial(_names, user)) for one in each) if way != ac.NEVER]
	whole = ac.any_of(ways)
	if isinstance(whole, ac.Constant):
		return write(whole)
	# What names its archives already is looked up by the primary key; the rest is looked up here, each by its own index.
	listed = [write(way) for way in ways if _is_listed(way)]
	others = [write(way) for way in ways if not _is_listed(way)]
	few = _few(others) if others else []
	if few is None:
		return f"({' or '.join((*listed, *others))})"
	if few:
		listed.append(f"({TABLE}.`name` in ({_list(few)}))")
	return NOTHING if not listed else listed[0] if len(listed) == 1 else f"({' or '.join(listed)})"


def _is_listed(way: ac.Condition) -> bool:
	"""Whether a condition names the archives it may hold for."""
	parts = way.parts if isinstance(way, ac.All) else (way,)
	return any(isinstance(part, ac.OneOf) and part.column == "name" and not part.negated for part in parts)


def _names(user: str, asked: ac.Listed) -> frozenset[str]:
	"""The archives on whose need-to-know list a person stands, of which he took a step today, or for which a grant holds."""
	if isinstance(asked, ac.Handled):
		return facts.once_a_request(("handled", user), lambda: facts.handled_archives(user))
	if isinstance(asked, ac.Named):
		return facts.once_a_request(("named", user), lambda: facts.named_archives(user))
	granted = facts.once_a_request(("granted", user), lambda: facts.granted_archives(user))
	return granted.get((asked.operation, asked.purpose), frozenset())


def _few(written: list[str]) -> list[str] | None:
	"""The names that the branches lead to, each looked up by itself; None when they are many."""
	each = (f"(select {TABLE}.`name` from {TABLE} where {way} limit {FEW + 1})" for way in written)
	rows = frappe.db.sql(" union ".join(each) + f" limit {FEW + 1}")
	return None if len(rows) > FEW else [name for (name,) in rows]


def write(condition: ac.Condition) -> str:
	"""A condition over the table of archives as parenthesised SQL; every value is escaped. Names stand in the place of lists and grants by then."""
	if isinstance(condition, ac.Constant):
		return EVERYTHING if condition.holds else NOTHING
	if isinstance(condition, ac.All | ac.Any):
		word = " and " if isinstance(condition, ac.All) else " or "
		return f"({word.join(write(part) for part in condition.parts)})"
	return f"({_leaf(condition)})"


def _leaf(leaf: ac.Leaf) -> str:
	if isinstance(leaf, ac.Within):
		return _within(leaf)
	if isinstance(leaf, ac.Flag):
		return f"ifnull({_column(leaf.column)}, 0) {'=' if leaf.negated else '<>'} 0"
	if isinstance(leaf, ac.OneOf):
		return _one_of(leaf.column, leaf.values, leaf.negated)
	raise TypeError(leaf)


def _one_of(column: str, values: Iterable[str], negated: bool) -> str:
	place = _column(column)
	if column in _BINARY:
		place = f"cast(ifnull({place}, '') as char) collate utf8mb4_bin"
	elif negated:
		place = f"ifnull({place}, '')"
	return f"{place} {'not in' if negated else 'in'} ({_list(values)})"


def _within(leaf: ac.Within) -> str:
	rank = f"if(ifnull({_column('secrecy_rank')}, 0) = 0, {access.CORE}, {_column('secrecy_rank')})"
	return f"{rank} {'not ' if leaf.negated else ''}between {int(leaf.least)} and {int(leaf.most)}"


def _column(name: str) -> str:
	return f"{TABLE}.`{name}`"


def _list(values: Iterable[str]) -> str:
	return ", ".join(str(frappe.db.escape(value, percent=False)) for value in sorted(values))


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
	held = _list(person.roles - {"All", "Guest", "Desk User"})
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
