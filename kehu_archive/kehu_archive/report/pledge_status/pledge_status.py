"""Who has signed the confidentiality pledge, who not, and who only an old version (R-SEC-05)."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _

from kehu_archive.services import pledge


def execute(filters: dict[str, Any] | None = None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
	"""Return columns and one row for each user who can open archives.

	Raises:
		PermissionError: the user may not see other people's pledges.
	"""
	if not frappe.has_permission(pledge.PLEDGE, "report"):
		raise frappe.PermissionError
	rows = pledge.status()
	words = {"Signed": _("Signed"), "Outdated": _("Old Version"), "Missing": _("Not Signed")}
	return _columns(), [{**row, "state": words[row["state"]]} for row in rows]


def _columns() -> list[dict[str, Any]]:
	return [
		{"fieldname": "user", "label": _("User"), "fieldtype": "Link", "options": "User", "width": 220},
		{"fieldname": "full_name", "label": _("Full Name"), "fieldtype": "Data", "width": 160},
		{"fieldname": "state", "label": _("Status"), "fieldtype": "Data", "width": 120},
		{"fieldname": "pledge_version", "label": _("Pledge Version"), "fieldtype": "Data", "width": 120},
		{"fieldname": "signed_on", "label": _("Signed On"), "fieldtype": "Datetime", "width": 180},
	]
