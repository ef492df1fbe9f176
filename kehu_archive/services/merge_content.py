"""The contents of two archives that are merged: their own rows and their child rows.

Contract: works on plain rows as they stand in the database, in the caller's transaction; what to take over is decided by `domain.merging`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import cstr, now

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import merging
from kehu_archive.domain.grading_terms import ACCESS
from kehu_archive.exceptions import MergeError
from kehu_archive.services import (
	archives,
	bulk,
	completeness,
	contacts,
	grade_columns,
	prospects,
	search_index,
	secrecy,
)

#: Fields of the two archives that the merge decides by rules of its own, or not at all.
_NOT_FILLED: Final = frozenset(
	{
		"archive_no",
		"archive_date",
		"archive_type",
		"party_kind",
		"market_status",
		"former_names",
		"confidentiality",
		"is_important",
		"workflow_state",
		"verification_result",
		"verification_note",
		"merged_into",
		"party_type",
		*archives.MIRRORED,
	}
)
_NO_VALUE: Final = ("Section Break", "Column Break", "Tab Break", "HTML", "Button", "Table", "Heading")
#: What the framework's list shows of tags, assignments and comments.
_MARKS: Final = ("_user_tags", "_assign", "_comments")
_UNTRACED: Final = frozenset({"modified"})


@dataclass(frozen=True)
class RowMove:
	"""Child rows that went from one archive to the other: (name, old position, new position)."""

	doctype: str
	table: str
	rows: tuple[tuple[str, int, int], ...]


def load(name: str) -> dict[str, Any]:
	"""The archive's row as it stands in the database."""
	table = frappe.qb.DocType(ARCHIVE)
	rows = frappe.qb.from_(table).select("*").where(table.name == name).run(as_dict=True)
	if not rows:
		frappe.throw(_("Customer Archive: {0} does not exist").format(frappe.bold(name)), MergeError)
	return dict(rows[0])


def lock(*names: str) -> None:
	"""Keep other sessions from changing the archives meanwhile; always in the same order, so that two merges cannot block each other."""
	frappe.db.sql(
		"select name from `tabCustomer Archive` where name in %s order by name for update", (names,)
	)


def fillable_fields() -> list[str]:
	"""Fields that the source may fill: what people enter, no tables, nothing derived."""
	given = {"access_grade"} if grade_columns.bound(ACCESS) else set()
	return [
		field.fieldname
		for field in frappe.get_meta(ARCHIVE).fields
		if field.fieldtype not in (*_NO_VALUE, "Check", "Table MultiSelect")
		and field.fieldname not in _NOT_FILLED | given
		and not (field.read_only or field.hidden)
	]


def update(name: str, values: Mapping[str, Any]) -> None:
	"""Write columns of one archive, no hooks run."""
	table = frappe.qb.DocType(ARCHIVE)
	query = frappe.qb.update(table).where(table.name == name)
	for field, value in values.items():
		query = query.set(table[field], value)
	query.run()


def write_fields(source: dict[str, Any], target: dict[str, Any], plan: merging.FieldPlan) -> None:
	"""Fill the target, then mark the source; the source gives up its credit code first, because the code is unique."""
	stamp = {"modified": now()}
	marks: dict[str, Any] = {column: None for column in _MARKS if column in source}
	update(source["name"], {**stamp, "merged_into": target["name"], "code_key": None, "household_key": None, **marks})
	names = (source["customer_name"], *cstr(source["former_names"]).splitlines())
	filled = {
		**plan.filled,
		"former_names": merging.joined_former_names(
			target["customer_name"], cstr(target["former_names"]), names
		),
		"confidentiality": merging.stricter(target["confidentiality"], source["confidentiality"]),
		"is_important": int(bool(target["is_important"] or source["is_important"])),
		**_marks(source, target),
	}
	if "party" in plan.filled:
		filled["party_type"] = source["party_type"]
	update(target["name"], {**stamp, **filled})


def _marks(source: dict[str, Any], target: dict[str, Any]) -> dict[str, Any]:
	"""What the framework's list shows of tags, assignments and comments: the target's, then the source's."""
	marks: dict[str, Any] = {}
	if source.get("_user_tags"):
		tags = [tag for value in (target, source) for tag in cstr(value.get("_user_tags")).split(",") if tag]
		marks["_user_tags"] = "," + ",".join(dict.fromkeys(tags))
	for column in ("_assign", "_comments"):
		entries = [
			entry for value in (target, source) for entry in frappe.parse_json(value.get(column) or "[]")
		]
		once = [entry for at, entry in enumerate(entries) if entry not in entries[:at]]
		if source.get(column):
			marks[column] = json.dumps(once)
	return marks


def append_rows(source: str, target: str) -> list[RowMove]:
	"""Put the source's child rows behind the target's, as far as they add something."""
	moves = []
	for table in frappe.get_meta(ARCHIVE).get_table_fields():
		if table.fieldname == secrecy.READERS:
			# Who may know of the one archive was decided for that one alone.
			continue
		theirs, ours = child_rows(table, source), child_rows(table, target)
		columns = [
			field.fieldname
			for field in frappe.get_meta(table.options).fields
			if field.fieldtype not in _NO_VALUE
		]
		chosen = merging.rows_to_append(table.fieldname, ours, theirs, columns)
		first = max((row["idx"] for row in ours), default=0) + 1
		rows = tuple((theirs[at]["name"], theirs[at]["idx"], first + step) for step, at in enumerate(chosen))
		if rows:
			move = RowMove(table.options, table.fieldname, rows)
			for row, _old, position in rows:
				place_row(move.doctype, row, source, target, position)
			moves.append(move)
	return moves


def child_rows(table: Any, archive: str) -> list[dict[str, Any]]:
	"""The rows of one child table in their order; `table` has `options` and `fieldname` of the table field."""
	child = frappe.qb.DocType(table.options)
	query = (
		frappe.qb.from_(child).select("*").where((child.parent == archive) & (child.parenttype == ARCHIVE))
	)
	return query.where(child.parentfield == table.fieldname).orderby(child.idx).run(as_dict=True)


def place_row(doctype: str, row: str, parent: str, new_parent: str, position: int) -> bool:
	"""Give a child row another parent and position; False when it no longer belongs to the parent it should."""
	child = frappe.qb.DocType(doctype)
	is_there = (
		frappe.qb.from_(child).select(child.name).where((child.name == row) & (child.parent == parent)).run()
	)
	if is_there:
		moved = (
			frappe.qb.update(child)
			.set(child.parent, new_parent)
			.set(child.idx, position)
			.set(child.modified, now())
		)
		moved.where(child.name == row).run()
	return bool(is_there)


def refresh_derived(*names: str) -> None:
	"""Compute again what follows from contacts, transactions and fields: totals, mirrored names, comparison keys, completeness."""
	bulk.refresh_totals(names)
	for name in names:
		contacts.mirror(name)
		update(name, archives.comparison_keys(load(name)))
	prospects.refresh_demand(names)
	completeness.refresh(names)
	secrecy.refresh(names)


def refresh_caches(*names: str) -> None:
	"""Bring the search index and the cached documents in step."""
	search_index.write(names)
	for name in names:
		frappe.clear_document_cache(ARCHIVE, name)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
	"""Return the columns in which two states of a row differ: column to [before, after]."""
	return {
		field: [before[field], after[field]]
		for field in before
		if field not in _UNTRACED and before[field] != after[field]
	}
