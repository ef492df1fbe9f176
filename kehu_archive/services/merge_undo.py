"""Take a merge back.

Contract: every row that the merge moved and that still stands where the merge put it returns; every field that still has the value the merge gave it
gets its former value. What was changed since is not overwritten but reported, and stays with the kept archive. All in the caller's transaction.
Clause: R-ARC-22.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import frappe
from frappe import _
from frappe.utils import now, now_datetime

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import lifecycle
from kehu_archive.exceptions import MergeError
from kehu_archive.services import grading_transactions
from kehu_archive.services import merge_content as content
from kehu_archive.services import merge_references as links
from kehu_archive.services.merge import MERGE, check_permission
from kehu_archive.services.merge_references import Change


def undo(name: str) -> list[str]:
	"""Take a merge back and return what could not be restored because it was changed since, as sentences for the user.

	Raises:
		MergeError: it is undone already, or the target was itself merged, sealed or destroyed since, or the source's credit code was given away.
		PermissionError: see `check_permission`.
	"""
	doc = frappe.get_doc(MERGE, name, for_update=True)
	source, target = doc.source_archive, doc.target_archive
	check_permission(source, target)
	content.lock(source, target)
	_check_undoable(doc)
	trace = frappe.parse_json(doc.trace)
	left = [
		*_move_rows_back(trace["rows"], source, target),
		*_take_back(trace["changes"]),
		*_restore_fields(target, trace["fields"][target]),
	]
	links.put_back(trace["removed"])
	_check_code_is_free(source, trace["fields"][source])
	left += _restore_fields(source, trace["fields"][source])
	content.refresh_caches(source, target)
	grading_transactions.regrade([source, target])
	doc.update({"status": "Undone", "undone_by": frappe.session.user, "undone_on": now_datetime()})
	doc.trace = frappe.as_json({**trace, "not_restored": left})
	doc.flags.by_service = True
	# The trace is read-only for every role; only this service writes it.
	doc.save(ignore_permissions=True)
	return left


def _check_undoable(doc: Any) -> None:
	if doc.status == "Undone":
		frappe.throw(_("This merge was undone already"), MergeError)
	source, target = content.load(doc.source_archive), content.load(doc.target_archive)
	if source["merged_into"] != target["name"]:
		frappe.throw(
			_("Archive {0} no longer belongs to {1}; undo the later merge first").format(
				frappe.bold(source["name"]), frappe.bold(target["name"])
			),
			MergeError,
		)
	if target["merged_into"] or target["workflow_state"] in lifecycle.READ_ONLY_STATES:
		frappe.throw(
			_("Archive {0} takes no changes now, so the merge cannot be undone").format(
				frappe.bold(target["name"])
			),
			MergeError,
		)


def _move_rows_back(moves: Iterable[Mapping[str, Any]], source: str, target: str) -> list[str]:
	left = []
	for move in moves:
		back = [
			content.place_row(move["doctype"], row, target, source, old) for row, old, _new in move["rows"]
		]
		if not all(back):
			left.append(_not_back(move["doctype"], len(back) - sum(back)))
		_close_gaps(move["doctype"], move["table"], target)
	return left


def _close_gaps(doctype: str, table: str, archive: str) -> None:
	"""Number the rows of a child table from 1 again where rows were taken from between."""
	field = frappe._dict(options=doctype, fieldname=table)
	child = frappe.qb.DocType(doctype)
	for position, row in enumerate(content.child_rows(field, archive), start=1):
		if row["idx"] != position:
			frappe.qb.update(child).set(child.idx, position).where(child.name == row["name"]).run()


def _take_back(changes: Sequence[Mapping[str, Any]]) -> list[str]:
	"""Undo the changes, the last first, and say how many rows no longer stood where the merge had put them."""
	left = []
	for values in reversed(changes):
		change = links.reverse(Change(**{**values, "names": tuple(values["names"])}))
		missing = len(change.names) - links.apply(change)
		if missing:
			left.append(_not_back(change.doctype, missing))
	return left


def _not_back(doctype: str, number: int) -> str:
	return _("{0}: {1} records were changed or moved since and stay where they are").format(
		_(doctype), number
	)


def _restore_fields(name: str, fields: Mapping[str, Sequence[Any]]) -> list[str]:
	"""Give the fields their values of before, where they still have the value that the merge gave them."""
	present = content.load(name)
	same = {field for field, (_before, after) in fields.items() if _is_same(present[field], after)}
	content.update(name, {"modified": now(), **{field: fields[field][0] for field in same}})
	changed = [field for field in fields if field not in same]
	if not changed:
		return []
	content.refresh_derived(name)
	meta = frappe.get_meta(ARCHIVE)
	entered = [
		field
		for field in changed
		if field in content.fillable_fields() or field in ("former_names", "confidentiality")
	]
	return [
		_("{0} of archive {1} was changed since and stays as it is").format(_(meta.get_label(field)), name)
		for field in entered
	]


def _is_same(present: Any, traced: Any) -> bool:
	"""Whether a database value is the one that was written to the trace, where dates became text."""
	if present in (None, "") or traced in (None, ""):
		return (present or "") == (traced or "")
	if isinstance(present, str):
		return bool(present == traced)
	if isinstance(traced, int | float):
		return float(present) == float(traced)
	return str(present) == str(traced)


def _check_code_is_free(source: str, fields: Mapping[str, Sequence[Any]]) -> None:
	code = fields.get("code_key", (None, None))[0]
	owner = code and frappe.db.get_value(ARCHIVE, {"code_key": code, "name": ("!=", source)})
	if owner:
		frappe.throw(
			_("The credit code of archive {0} now belongs to archive {1}; correct that one first").format(
				frappe.bold(source), frappe.bold(owner)
			),
			MergeError,
		)
