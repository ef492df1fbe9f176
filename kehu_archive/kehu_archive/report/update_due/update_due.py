"""Archives whose information and needs were not looked after for longer than their grade allows (R-GRD-13)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import frappe
from frappe import _
from frappe.utils import cint, date_diff, today

from kehu_archive.constants import ARCHIVE
from kehu_archive.services import update_due

Row = dict[str, Any]


def execute(filters: Row | None = None) -> tuple[list[Row], list[Row], str | None, Row | None]:
	"""Return columns, rows, a remark and the chart; only archives that the session's user may read.

	Raises:
		PermissionError: the user may read no archives.
	"""
	if not frappe.has_permission(ARCHIVE, "read"):
		raise frappe.PermissionError
	chosen = frappe._dict(filters or {})
	readable = set(frappe.get_list(ARCHIVE, filters=_conditions(chosen), pluck="name", limit_page_length=0, order_by=""))
	found = [row for row in update_due.due_archives() if row.name in readable]
	rows = [_row(row) for row in found if not chosen.grade or str(chosen.grade) in (row.grade, row.label)]
	remark = None if rows else _("No archive is overdue for an update, or no scheme is bound to contact or access")
	return _columns(), rows, remark, _chart(rows)


def _conditions(chosen: Any) -> Row:
	return {field: str(chosen.get(field)) for field in ("department", "responsible") if chosen.get(field)}


def _row(row: Any) -> Row:
	return {
		"archive": row.name,
		"customer_name": row.customer_name,
		"label": row.label,
		"scheme": row.scheme,
		"months": cint(row.months),
		"changed_on": row.changed_on,
		"due_on": row.due_on,
		"days_late": date_diff(today(), row.due_on),
		"department": row.department,
		"person": frappe.utils.get_fullname(row.responsible) if row.responsible else "",
	}


def _columns() -> list[Row]:
	return [
		{"fieldname": "archive", "label": _("Archive No."), "fieldtype": "Link", "options": ARCHIVE, "width": 190},
		{"fieldname": "customer_name", "label": _("Customer Name"), "fieldtype": "Data", "width": 230},
		{"fieldname": "label", "label": _("Grade"), "fieldtype": "Data", "width": 80},
		{"fieldname": "months", "label": _("Update Every (months)"), "fieldtype": "Int", "width": 120},
		{"fieldname": "changed_on", "label": _("Last Updated On"), "fieldtype": "Date", "width": 120},
		{"fieldname": "due_on", "label": _("Update Due On"), "fieldtype": "Date", "width": 120},
		{"fieldname": "days_late", "label": _("Days Overdue"), "fieldtype": "Int", "width": 100},
		{"fieldname": "department", "label": _("Department"), "fieldtype": "Link", "options": "Archive Department", "width": 130},
		{"fieldname": "person", "label": _("Responsible Salesperson"), "fieldtype": "Data", "width": 110},
	]


def _chart(rows: list[Row]) -> Row | None:
	if not rows:
		return None
	counts = Counter(row["label"] for row in rows)
	return {
		"type": "bar",
		"data": {"labels": list(counts), "datasets": [{"name": _("Archives"), "values": list(counts.values())}]},
		"colors": ["#e8a33d"],
	}
