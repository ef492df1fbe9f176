"""No call touches a record by its name that is not open to the user."""

from __future__ import annotations

from typing import Final

from kehu_archive.permissions.guards import opening
from kehu_archive.permissions.guards.asked import Asked

#: Calls that answer softly by themselves, the same for a hidden record and a missing one.
SOFT: Final = frozenset(
	{
		"frappe.desk.search.get_link_title",
		"frappe.client.validate_link",
		"frappe.desk.link_preview.get_preview_data",
		"frappe.client.get_list",
		"frappe.client.get_value",
		"frappe.desk.reportview.get",
		"frappe.desk.reportview.get_list",
		"frappe.desk.reportview.get_count",
		"frappe.desk.search.search_link",
		"frappe.desk.search.search_widget",
	}
)


def check(asked: Asked) -> None:
	"""Refuse a call that names a record which is hidden or missing; REST reading is refused by the framework and put right by `answers`.

	Raises:
		AccessDeniedError: in the same words for both.
	"""
	if asked.is_own or asked.method in SOFT or (not asked.method and asked.verb in ("GET", "HEAD")):
		return
	for record in asked.records:
		if not opening.is_open(record.doctype, record.name):
			opening.refuse()
