"""Needs and behaviour of customers, class by class (R-ANA-16)."""

from __future__ import annotations

from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import cint, flt

from kehu_archive.constants import ARCHIVE
from kehu_archive.services import grading_figures as figures

DOCTYPE: Final = "Grade Assignment"
Row = dict[str, Any]


def execute(filters: Row | None = None) -> tuple[list[Row], list[Row], str | None, Row | None]:
	"""Return columns, a row for each class, a remark and the chart; only archives that the session's user may read count.

	Raises:
		PermissionError: the user may read no grades.
	"""
	if not (frappe.has_permission(DOCTYPE, "read") and frappe.has_permission(ARCHIVE, "read")):
		raise frappe.PermissionError
	scheme = figures.scheme_named(frappe._dict(filters or {}).scheme)
	if not scheme:
		return [], [], _("No grading scheme is in use yet"), None
	rows = _rows(scheme)
	return _columns(), rows, _("Grading scheme: {0}").format(scheme["name"]), _chart(rows)


def _rows(scheme: Row) -> list[Row]:
	found = figures.compared(scheme)
	listed = [(row["grade"], row["label"] or row["grade"]) for row in figures.grades(scheme["name"])]
	known = {code for code, _label in listed}
	listed += [(code, code) for code in sorted(found) if code and code not in known]
	listed += [("", _("Not Graded"))] if "" in found else []
	return [_row(scheme, code, label, found.get(code, {})) for code, label in listed]


def _row(scheme: Row, code: str, label: str, found: Row) -> Row:
	customers, deals, amount = cint(found.get("customers")), cint(found.get("deals")), flt(found.get("amount"))
	return {
		"scheme": scheme["name"],
		"bound_column": figures.bound_column(scheme),
		"currency": "CNY",
		"grade": code,
		"label": label,
		"customers": customers,
		"active": cint(found.get("active")),
		"deals": deals,
		"deals_each": flt(deals / customers, 1) if customers else 0,
		"amount": amount,
		"amount_each": flt(amount / customers, 2) if customers else 0,
		"deal_size": flt(amount / deals, 2) if deals else 0,
		"recency": None if found.get("recency") is None else cint(found["recency"]),
		"intending": cint(found.get("intending")),
		"needs": cint(found.get("needs")),
		"demand": flt(found.get("demand")),
		"defaults": cint(found.get("defaults")),
	}


def _columns() -> list[Row]:
	def column(field: str, label: str, kind: str = "Int", width: int = 110) -> Row:
		options = "currency" if kind == "Currency" else None
		return {"fieldname": field, "label": label, "fieldtype": kind, "options": options, "width": width}

	return [
		column("label", _("Class"), "Data", 120),
		column("customers", _("Customers")),
		column("active", _("With a Deal in Twelve Months"), width=150),
		column("deals", _("Deals")),
		column("deals_each", _("Deals per Customer"), "Float"),
		column("amount", _("Total Amount"), "Currency", 160),
		column("amount_each", _("Amount per Customer"), "Currency", 150),
		column("deal_size", _("Amount per Deal"), "Currency", 140),
		column("recency", _("Days Since the Last Deal (average)"), width=150),
		column("needs", _("Open Needs")),
		column("demand", _("Possible Amount of Open Needs"), "Currency", 160),
		column("intending", _("Intending to Cooperate"), width=120),
		column("defaults", _("Breaches")),
	]


def _chart(rows: list[Row]) -> Row | None:
	if not rows:
		return None
	return {
		"type": "bar",
		"data": {
			"labels": [row["label"] for row in rows],
			"datasets": [
				{"name": _("Deals per Customer"), "values": [row["deals_each"] for row in rows]},
				{"name": _("Open Needs"), "values": [row["needs"] for row in rows]},
			],
		},
		"colors": ["#2f5d8a", "#e8a33d"],
	}
