"""Counts by group, which the framework takes over all records."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import frappe
from frappe.desk.reportview import build_match_conditions

from kehu_archive.permissions.guards import opening, original

GROUP_BY: Final = "frappe.desk.listview.get_group_by_count"
STATES: Final = "frappe.workflow.doctype.workflow.workflow.get_workflow_state_count"
TAGGED: Final = "frappe.desk.doctype.tag.tag.get_tagged_docs"
MOST: Final = 50


@frappe.whitelist()
def get_group_by_count(doctype: str, current_filters: str, field: str, **given: Any) -> list[Any]:
	"""Count records by the values of a field; by assignee only among the records that the user may see."""
	if doctype not in opening.OURS or field != "assigned_to":
		return original.call(GROUP_BY, given, doctype=doctype, current_filters=current_filters, field=field)
	rows = frappe.get_all(
		"ToDo",
		filters={"reference_type": doctype, "status": ("!=", "Cancelled"), "allocated_to": ("is", "set")},
		fields=["allocated_to", "reference_name"],
		order_by="",
	)
	shown = set(_shown(doctype, current_filters, {row.reference_name for row in rows}))
	counted = Counter(row.allocated_to for row in rows if row.reference_name in shown)
	return [frappe._dict(name=name, count=count) for name, count in counted.most_common(MOST)]


def _shown(doctype: str, filters: Any, names: set[str]) -> list[str]:
	"""Which of these records the user may see and the filters let through."""
	asked = frappe.parse_json(filters) or []
	conditions = (
		[
			[doctype, key, *(value if isinstance(value, list) else ["=", value])]
			for key, value in asked.items()
		]
		if isinstance(asked, dict)
		else list(asked)
	)
	return frappe.get_list(
		doctype,
		filters=[*conditions, [doctype, "name", "in", list(names) or [""]]],
		pluck="name",
		limit_page_length=0,
		order_by="",
	)


@frappe.whitelist()
def get_workflow_state_count(doctype: str, workflow_state_field: str, states: str, **given: Any) -> list[Any]:
	"""Count records by state, of ours only those that the user may see.

	Raises:
		frappe.PermissionError: no right to read this DocType.
	"""
	if doctype not in opening.OURS:
		return original.call(
			STATES, given, doctype=doctype, workflow_state_field=workflow_state_field, states=states
		)
	if not opening.by_role(doctype) or not frappe.get_meta(doctype).has_field(workflow_state_field):
		raise frappe.PermissionError
	allowed = build_match_conditions(doctype) or "1 = 1"
	rows = frappe.db.sql(
		f"select `{workflow_state_field}`, count(*) as count from `tab{doctype}` where ({allowed}) group by `{workflow_state_field}`",
		{"none": ""},
		as_dict=True,
	)
	left_out = frappe.parse_json(states) or []
	return [row for row in rows if row[workflow_state_field] and row[workflow_state_field] not in left_out]


@frappe.whitelist()
def get_tagged_docs(doctype: str, tag: str, **given: Any) -> Any:
	"""Return the records with a tag, of ours only those that the user may see."""
	if doctype not in opening.OURS:
		return original.call(TAGGED, given, doctype=doctype, tag=tag)
	return frappe.get_list(
		doctype, filters={"_user_tags": ("like", tag)}, as_list=True, limit_page_length=0, order_by=""
	)
