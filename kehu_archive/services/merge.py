"""Merge two archives of one customer into one, and take it back.

Contract: `merge` moves everything that hangs on the source to the target, fills the target's gaps, keeps the source as a read-only shell that
points to the target, and writes an Archive Merge document from which `merge_undo.undo` restores every row. All of it is set-based and runs in
the caller's transaction: either all of it happens or nothing. The kept archive wins where both say something; the stricter confidentiality always
wins. Clause: R-ARC-22 (合并后子记录全部迁移且留痕), R-ARC-11.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import cstr, now_datetime
from pypika.functions import Coalesce

from kehu_archive.constants import ARCHIVE, CONTACT
from kehu_archive.domain import lifecycle, merging, roles
from kehu_archive.exceptions import MergeError
from kehu_archive.services import grading_transactions
from kehu_archive.services import merge_content as content
from kehu_archive.services import merge_references as links
from kehu_archive.services.merge_references import Change

MERGE: Final = "Archive Merge"
MERGING_ROLES: Final = frozenset({roles.CUSTOMER_SERVICE_MANAGER, roles.ARCHIVE_ADMINISTRATOR})
OUT_OF_THE_HOUSE: Final = ("Lent", "Overdue", "Lost")


def check_permission(source: str, target: str) -> None:
	"""Refuse whoever may not merge these two.

	Raises:
		PermissionError: the user lacks the role, or may not write one of the archives.
	"""
	check_role()
	for name in (source, target):
		frappe.get_doc(ARCHIVE, name).check_permission("write")


def check_role() -> None:
	"""Refuse users without a role that merges.

	Raises:
		PermissionError: see above.
	"""
	if not MERGING_ROLES & set(frappe.get_roles()):
		frappe.throw(
			_("Only the Customer Service Manager or an Archive Administrator merges archives"),
			frappe.PermissionError,
		)


def preview(source: str, target: str) -> dict[str, Any]:
	"""Return what a merge would do, nothing being changed: records by DocType, fields filled, fields in which the target's value stays,
	and the names of people who will stand twice.

	Raises:
		MergeError: the two cannot be merged; the message says why.
		PermissionError: see `check_permission`.
	"""
	check_permission(source, target)
	ours, theirs = content.load(target), content.load(source)
	_check_mergeable(theirs, ours)
	counts: dict[str, int] = {}
	for reference in links.references():
		if number := len(links.names_of(reference, source)):
			counts[reference.doctype] = counts.get(reference.doctype, 0) + number
	plan = merging.plan_fields(ours, theirs, content.fillable_fields())
	return {
		"records": counts,
		"filled": {field: cstr(value) for field, value in plan.filled.items()},
		"kept": {field: [cstr(kept), cstr(left)] for field, (kept, left) in plan.kept.items()},
		"same_people": _same_people(source, target),
	}


def _same_people(source: str, target: str) -> list[str]:
	"""Names of contacts that both archives have, the mobile being the same or not known in one: after the merge they stand twice."""
	one, other = frappe.qb.DocType(CONTACT).as_("one"), frappe.qb.DocType(CONTACT).as_("other")
	mobile, number = Coalesce(one.mobile, ""), Coalesce(other.mobile, "")
	rows = (
		frappe.qb.from_(one)
		.join(other)
		.on(other.full_name == one.full_name)
		.select(one.full_name)
		.distinct()
		.where((one.archive == source) & (other.archive == target))
		.where((mobile == number) | (mobile == "") | (number == ""))
		.orderby(one.full_name)
		.run()
	)
	return [row[0] for row in rows]


def merge(source: str, target: str, reason: str) -> str:
	"""Merge `source` into `target` and return the name of the Archive Merge that records it.

	Raises:
		MergeError: the two cannot be merged, or no reason is given; the message says why. Nothing was changed.
		PermissionError: see `check_permission`.
	"""
	check_permission(source, target)
	if not reason.strip():
		frappe.throw(_("Reason: say why the two archives are one customer"), MergeError)
	content.lock(source, target)
	before = {name: content.load(name) for name in (source, target)}
	_check_mergeable(before[source], before[target])
	trace = _move_everything(before[source], before[target])
	after = {name: content.load(name) for name in (source, target)}
	trace["fields"] = {name: content.difference(before[name], after[name]) for name in (source, target)}
	content.refresh_caches(source, target)
	# What both bought counts together now.
	grading_transactions.regrade([target])
	return _record(source, target, reason.strip(), trace)


def _check_mergeable(source: Mapping[str, Any], target: Mapping[str, Any]) -> None:
	if source["name"] == target["name"]:
		frappe.throw(_("Choose two different archives"), MergeError)
	for archive in (source, target):
		number = frappe.bold(archive["name"])
		if archive["merged_into"]:
			frappe.throw(
				_("Archive {0} was merged into {1} already").format(
					number, frappe.bold(archive["merged_into"])
				),
				MergeError,
			)
		if archive["workflow_state"] in lifecycle.READ_ONLY_STATES:
			state = frappe.bold(_(archive["workflow_state"]))
			frappe.throw(
				_("Archive {0} is in the state {1} and cannot be merged").format(number, state), MergeError
			)
	lent = frappe.db.get_value(
		"Archive Borrowing",
		{"archive": source["name"], "status": ("in", OUT_OF_THE_HOUSE)},
		["name", "status"],
		as_dict=True,
	)
	if lent:
		frappe.throw(
			_("Archive {0} is not in the house (borrowing {1}, {2}); it must be returned first").format(
				frappe.bold(source["name"]), frappe.bold(lent.name), _(lent.status)
			),
			MergeError,
		)


def _move_everything(source: dict[str, Any], target: dict[str, Any]) -> dict[str, Any]:
	"""Move, fill, mark; return the trace without the fields of the two archives."""
	one, other = source["name"], target["name"]
	found = links.references()
	_check_unique(found, one, other)
	removed = links.take_out_doubles(found, one, other)
	changes = [*_give_up_posts(one, other), *(links.move(reference, one, other) for reference in found)]
	changes.append(links.close_workflow_actions(one))
	rows = content.append_rows(one, other)
	plan = merging.plan_fields(target, source, content.fillable_fields())
	content.write_fields(source, target, plan)
	content.refresh_derived(one, other)
	return {
		"version": 1,
		"changes": [asdict(change) for change in changes if change],
		"removed": removed,
		"rows": [asdict(move) for move in rows],
		"kept": {field: list(values) for field, values in plan.kept.items()},
	}


def _check_unique(found: Iterable[links.Reference], source: str, target: str) -> None:
	"""A company may have a DocType of its own of which an archive has only one record."""
	for reference in found:
		if reference.is_unique and links.names_of(reference, source) and links.names_of(reference, target):
			frappe.throw(
				_(
					"Both archives have a record in {0}, of which there can be only one; delete one first"
				).format(frappe.bold(_(reference.doctype))),
				MergeError,
			)


def _give_up_posts(source: str, target: str) -> list[Change]:
	"""The kept archive's main contact and legal representative stay; the other's become ordinary contacts (R-FCA-08)."""
	changes = []
	for post in ("is_main_contact", "is_legal_representative"):
		taken = frappe.db.exists(CONTACT, {"archive": target, "status": "In Post", post: 1})
		holders = frappe.get_all(
			CONTACT, filters={"archive": source, "status": "In Post", post: 1}, pluck="name"
		)
		if taken and holders:
			change = Change(CONTACT, post, 1, 0, tuple(holders))
			links.apply(change)
			changes.append(change)
	return changes


def _record(source: str, target: str, reason: str, trace: dict[str, Any]) -> str:
	moved = sum(len(change["names"]) for change in trace["changes"]) + sum(
		len(move["rows"]) for move in trace["rows"]
	)
	doc = frappe.new_doc(MERGE)
	doc.update(
		{
			"source_archive": source,
			"target_archive": target,
			"reason": reason,
			"status": "Merged",
			"merged_by": frappe.session.user,
			"merged_on": now_datetime(),
			"moved_count": moved,
			"trace": frappe.as_json(trace),
		}
	)
	doc.flags.by_service = True
	# No role may create a trace by hand; who may merge was checked above.
	doc.insert(ignore_permissions=True)
	return cstr(doc.name)
