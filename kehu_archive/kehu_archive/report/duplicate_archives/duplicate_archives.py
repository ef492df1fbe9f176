"""Archives of old data that may be one customer, with a score and the reasons (R-ARC-22)."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.utils import cint

from kehu_archive.constants import ARCHIVE
from kehu_archive.services import duplicates

REPORT = "Duplicate Archives"
MOST_ROWS = 1000


def execute(filters: dict[str, Any] | None = None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
	"""Return columns and pairs, best first; only pairs of which the session user may see both archives.

	Raises:
		PermissionError: the user may read no archives, or the report was made a prepared one, whose stored result everybody could open.
	"""
	if not frappe.has_permission(ARCHIVE, "read"):
		raise frappe.PermissionError
	if frappe.db.get_value("Report", REPORT, "prepared_report"):
		frappe.throw(
			_(
				"Switch off Prepared Report for this report: its stored result would show archives to those who may not see them"
			),
			frappe.PermissionError,
		)
	chosen = frappe._dict(filters or {})
	found = duplicates.pairs(chosen.archive_type or None, bool(cint(chosen.similar_spelling)))
	least = cint(chosen.least_score)
	return _columns(), _rows([pair for pair in found if pair.match.score >= least][:MOST_ROWS])


def _columns() -> list[dict[str, Any]]:
	return [
		{"fieldname": "score", "label": _("Match (%)"), "fieldtype": "Int", "width": 90},
		{"fieldname": "reasons", "label": _("Reasons"), "fieldtype": "Data", "width": 240},
		{
			"fieldname": "first",
			"label": _("First Archive"),
			"fieldtype": "Link",
			"options": ARCHIVE,
			"width": 170,
		},
		{"fieldname": "first_name", "label": _("First Customer"), "fieldtype": "Data", "width": 220},
		{
			"fieldname": "first_deals",
			"label": _("Transactions of the First"),
			"fieldtype": "Int",
			"width": 100,
		},
		{
			"fieldname": "second",
			"label": _("Second Archive"),
			"fieldtype": "Link",
			"options": ARCHIVE,
			"width": 170,
		},
		{"fieldname": "second_name", "label": _("Second Customer"), "fieldtype": "Data", "width": 220},
		{
			"fieldname": "second_deals",
			"label": _("Transactions of the Second"),
			"fieldtype": "Int",
			"width": 100,
		},
	]


def _rows(found: list[duplicates.Pair]) -> list[dict[str, Any]]:
	shown = duplicates.heads({name for pair in found for name in (pair.first, pair.second)})
	rows = []
	for pair in found:
		first, second = shown[pair.first], shown[pair.second]
		rows.append(
			{
				"score": pair.match.score,
				"reasons": duplicates.reasons_text(pair.match),
				"first": pair.first,
				"first_name": first.customer_name,
				"first_deals": first.transaction_count,
				"second": pair.second,
				"second_name": second.customer_name,
				"second_deals": second.transaction_count,
			}
		)
	return rows
