"""Everything on a site that points at an archive, found in the site's own definitions, and how it is pointed elsewhere.

Contract: a Link or Dynamic Link field of any DocType, custom fields included, counts, and so do attachments. What only testifies to what happened
to the archive itself (versions, logs, traces of merges) is not moved: evidence is not rewritten. Everything here runs in the caller's
transaction and returns what it did as plain data, from which it can be undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import frappe
from frappe.utils import now

from kehu_archive.constants import ARCHIVE, SENSITIVE
from kehu_archive.services.sql import insert_rows
from kehu_archive.vault import store

#: DocTypes whose rows stay with the merged archive: evidence, keys given to outsiders, work that is over.
STAYS: Final = frozenset(
	{
		"Archive Merge",
		"Access Log",
		"Activity Log",
		"Deleted Document",
		"Document Share Key",
		"Grade Assignment",
		"Grading Run Result",
		"Integration Request",
		"Milestone",
		"Submission Queue",
		"Version",
		"View Log",
		"Workflow Action",
	}
)
#: Rows that would stand twice on the kept archive: DocType to the columns that make two rows the same.
ONCE: Final[dict[str, tuple[str, ...]]] = {
	"DocShare": ("user", "everyone"),
	"Document Follow": ("user",),
	"Tag Link": ("tag",),
}


@dataclass(frozen=True)
class Reference:
	"""A field that can point at an archive; `selector` is the field that names the DocType, empty for a Link."""

	doctype: str
	field: str
	selector: str = ""
	is_single: bool = False
	is_unique: bool = False


@dataclass(frozen=True)
class Change:
	"""Rows of one DocType in which one field was set from `old` to `new`."""

	doctype: str
	field: str
	old: Any
	new: Any
	names: tuple[Any, ...]
	is_single: bool = False


def references() -> list[Reference]:
	"""Return every field of the site that can point at an archive, in a stable order."""
	found = [
		Reference("File", "attached_to_name", "attached_to_doctype"),
		*_fields("DocField", "parent"),
		*_fields("Custom Field", "dt"),
	]
	tables = set(frappe.db.get_tables(cached=False))
	return sorted(
		{one for one in found if one.doctype not in STAYS and _has_column(one, tables)},
		key=lambda one: (one.doctype, one.field),
	)


def _fields(source: str, owner: str) -> list[Reference]:
	field, doctype = frappe.qb.DocType(source), frappe.qb.DocType("DocType")
	is_link = (field.fieldtype == "Link") & (field.options == ARCHIVE)
	rows = (
		frappe.qb.from_(field)
		.join(doctype)
		.on(doctype.name == field[owner])
		.select(field[owner], field.fieldname, field.fieldtype, field.options, doctype.issingle, field.unique)
		.where((doctype.is_virtual == 0) & (is_link | (field.fieldtype == "Dynamic Link")))
	).run()
	return [
		Reference(owner_name, name, options if kind == "Dynamic Link" else "", bool(single), bool(unique))
		for owner_name, name, kind, options, single, unique in rows
	]


def _has_column(one: Reference, tables: set[str]) -> bool:
	if one.is_single:
		return True
	if f"tab{one.doctype}" not in tables:
		return False
	columns = frappe.db.get_table_columns(one.doctype)
	return one.field in columns and (not one.selector or one.selector in columns)


def names_of(reference: Reference, archive: str) -> list[Any]:
	"""Return the rows of this field that point at the archive."""
	if reference.is_single:
		return [reference.doctype] if _single_points(reference, archive) else []
	table = frappe.qb.DocType(reference.doctype)
	query = frappe.qb.from_(table).select(table.name).where(table[reference.field] == archive)
	if reference.selector:
		query = query.where(table[reference.selector] == ARCHIVE)
	return [row[0] for row in query.orderby(table.name).run()]


def _single_points(reference: Reference, archive: str) -> bool:
	values = frappe.db.get_singles_dict(reference.doctype)
	points = values.get(reference.field) == archive
	return points and (not reference.selector or values.get(reference.selector) == ARCHIVE)


def move(reference: Reference, source: str, target: str) -> Change | None:
	"""Point the rows of one field that point at the source to the target; None when there are none."""
	names = names_of(reference, source)
	if reference.doctype == ARCHIVE:
		names = [name for name in names if name != target]
	if not names:
		return None
	change = Change(reference.doctype, reference.field, source, target, tuple(names), reference.is_single)
	apply(change)
	return change


def apply(change: Change) -> int:
	"""Set the field where it still has the old value and return in how many rows it had.

	Raises:
		SecretUnreadableError, MasterKeyError: an encrypted content among them cannot be encrypted again for the other archive.
	"""
	if change.is_single:
		return _apply_single(change)
	table = frappe.qb.DocType(change.doctype)
	still = (
		frappe.qb.from_(table)
		.select(table.name)
		.where(table.name.isin(change.names) & (table[change.field] == change.old))
	).run()
	names = [row[0] for row in still]
	if names:
		frappe.qb.update(table).set(table[change.field], change.new).set(table.modified, now()).where(
			table.name.isin(names)
		).run()
		if change.doctype == SENSITIVE and change.field == "archive":
			# A content is bound to its archive and encrypted with that archive's key.
			store.rebind(names, change.old, change.new)
	return len(names)


def _apply_single(change: Change) -> int:
	if frappe.db.get_single_value(change.doctype, change.field, cache=False) != change.old:
		return 0
	frappe.db.set_single_value(change.doctype, change.field, change.new)
	return 1


def close_workflow_actions(source: str) -> Change | None:
	"""Take steps that wait for somebody from the lists of work: a merged archive takes no steps."""
	table = frappe.qb.DocType("Workflow Action")
	waiting = (
		frappe.qb.from_(table)
		.select(table.name)
		.where(
			(table.reference_doctype == ARCHIVE) & (table.reference_name == source) & (table.status == "Open")
		)
	).run()
	if not waiting:
		return None
	change = Change("Workflow Action", "status", "Open", "Completed", tuple(row[0] for row in waiting))
	apply(change)
	return change


def reverse(change: Change) -> Change:
	"""Return the change that takes this one back."""
	return Change(change.doctype, change.field, change.new, change.old, change.names, change.is_single)


def take_out_doubles(found: Iterable[Reference], source: str, target: str) -> list[dict[str, Any]]:
	"""Delete the source's shares, tags and followers that the target has as well, and return the rows as they were."""
	removed: list[dict[str, Any]] = []
	for reference in found:
		if keys := ONCE.get(reference.doctype):
			removed.extend(_take_out(reference, keys, source, target))
	return removed


def _take_out(reference: Reference, keys: Sequence[str], source: str, target: str) -> list[dict[str, Any]]:
	ours, theirs = _rows(reference, target), _rows(reference, source)
	known = {tuple(row[key] for key in keys) for row in ours}
	doubles = [row for row in theirs if tuple(row[key] for key in keys) in known]
	if doubles:
		table = frappe.qb.DocType(reference.doctype)
		frappe.qb.from_(table).delete().where(table.name.isin([row["name"] for row in doubles])).run()
	return [{"doctype": reference.doctype, "row": dict(row)} for row in doubles]


def _rows(reference: Reference, archive: str) -> list[dict[str, Any]]:
	table = frappe.qb.DocType(reference.doctype)
	query = frappe.qb.from_(table).select("*").where(table[reference.field] == archive)
	return query.where(table[reference.selector] == ARCHIVE).run(as_dict=True)


def put_back(removed: Iterable[dict[str, Any]]) -> None:
	"""Insert rows again that `take_out_doubles` deleted, unless the name is taken."""
	for one in removed:
		if not frappe.db.exists(one["doctype"], one["row"]["name"]):
			insert_rows(f"tab{one['doctype']}", list(one["row"]), [list(one["row"].values())])
