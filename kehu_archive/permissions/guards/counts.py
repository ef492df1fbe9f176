"""Counting over HTTP, with the permissions that the framework's own function forgets to ask for."""

from __future__ import annotations

from typing import Any, Final

import frappe
from frappe.utils import cint

from kehu_archive.constants import MODULE
from kehu_archive.permissions.guards import opening, original

COUNT: Final = "frappe.client.get_count"
OPEN_COUNT: Final = "frappe.desk.notifications.get_open_count"
#: The framework counts linked records up to so many.
MOST: Final = 100


@frappe.whitelist()
def get_count(doctype: str, **given: Any) -> int:
	"""Count records as ``frappe.client.get_count`` does, of our DocTypes only those that the user may see.

	Older versions count for anybody who is logged in; with a ``like`` filter the count spells out any column.
	A child table of ours is never counted by itself.

	Raises:
		frappe.PermissionError: no right to read this DocType.
	"""
	meta = frappe.get_meta(doctype)
	if meta.module != MODULE:
		return original.call(COUNT, given, doctype=doctype)
	if meta.istable or not opening.by_role(doctype):
		raise frappe.PermissionError
	return visible(doctype, given.get("filters"))


def visible(doctype: str, filters: Any = None) -> int:
	"""Number of records of a DocType that the session user may see and that the filters let through."""
	asked = frappe.parse_json(filters) if isinstance(filters, str) and filters[:1] in ("[", "{") else filters
	if isinstance(asked, str):
		asked = {"name": asked}
	kept = frappe.local.form_dict
	frappe.local.form_dict = frappe._dict(doctype=doctype, filters=asked or None)
	try:
		return cint(frappe.call(frappe.get_attr("frappe.desk.reportview.get_count")))
	finally:
		frappe.local.form_dict = kept


@frappe.whitelist()
def get_open_count(doctype: str, name: str, **given: Any) -> dict[str, Any]:
	"""Count linked records as the framework's dashboards do, of our DocTypes only those that the user may see."""
	answer = original.call(OPEN_COUNT, given, doctype=doctype, name=name)
	links = frappe.get_meta(doctype).get_dashboard_data()
	for row in _rows(answer):
		linked = row.get("doctype") or row.get("name")
		if linked in opening.OURS:
			field = (links.get("non_standard_fieldnames") or {}).get(linked, links.get("fieldname"))
			number = min(MOST, visible(linked, {field: name})) if opening.by_role(linked) else 0
			row.update({key: min(cint(row[key]), number) for key in ("count", "open_count") if key in row})
			row.pop("names", None)
	return answer


def _rows(answer: dict[str, Any]) -> list[dict[str, Any]]:
	"""The counts of an answer: a list in older versions, lists by kind in newer ones."""
	count = answer.get("count") or []
	if isinstance(count, list):
		return count
	return [row for rows in count.values() if isinstance(rows, list) for row in rows]
