"""How many customers have which grade: by scheme, or within a scheme by region, department or salesperson (R-GRD-06, R-GRD-22)."""

from __future__ import annotations

from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import cint, flt

from kehu_archive.constants import ARCHIVE
from kehu_archive.services import grading_figures as figures

DOCTYPE: Final = "Grade Assignment"
Row = dict[str, Any]
Answer = tuple[list[Row], list[Row], str | None, Row | None]


def execute(filters: Row | None = None) -> Answer:
	"""Return columns, rows, a remark and the chart; only archives that the session's user may read are counted.

	Raises:
		PermissionError: the user may read no grades.
	"""
	if not (frappe.has_permission(DOCTYPE, "read") and frappe.has_permission(ARCHIVE, "read")):
		raise frappe.PermissionError
	chosen = frappe._dict(filters or {})
	dimension = str(chosen.group_by or "")
	if dimension not in figures.DIMENSIONS:
		return _by_scheme(chosen.scheme)
	scheme = figures.scheme_named(chosen.scheme)
	if not scheme:
		return [], [], _("No grading scheme is in use yet"), None
	return _by_dimension(scheme, dimension)


def _by_scheme(name: str | None) -> Answer:
	listed = [scheme for scheme in figures.schemes() if not name or scheme["name"] == name]
	rows: list[Row] = []
	for scheme in listed:
		rows += _scheme_rows(scheme)
	columns = [
		{"fieldname": "scheme", "label": _("Scheme"), "fieldtype": "Link", "options": figures.SCHEME, "width": 220},
		{"fieldname": "label", "label": _("Grade"), "fieldtype": "Data", "width": 130},
		{"fieldname": "customers", "label": _("Customers"), "fieldtype": "Int", "width": 110},
		{"fieldname": "share", "label": _("Share of Customers"), "fieldtype": "Percent", "width": 120},
		{"fieldname": "amount", "label": _("Total Amount"), "fieldtype": "Currency", "options": "currency", "width": 170},
		{"fieldname": "amount_share", "label": _("Share of Amount"), "fieldtype": "Percent", "width": 120},
	]
	remark = None if rows else _("No grading scheme is in use yet")
	return columns, rows, remark, _chart_of(rows) if len(listed) == 1 else None


def _scheme_rows(scheme: Row) -> list[Row]:
	counted = {row["grade"]: row for row in figures.spread(scheme)}
	customers = sum(cint(row["customers"]) for row in counted.values())
	amount = sum(flt(row["amount"]) for row in counted.values())
	rows = []
	for code, label in _labels(scheme, counted):
		row = counted.get(code, {})
		rows.append(
			{
				"scheme": scheme["name"],
				"grade": code,
				"label": label,
				"customers": cint(row.get("customers")),
				"share": _percent(row.get("customers"), customers),
				"amount": flt(row.get("amount")),
				"amount_share": _percent(row.get("amount"), amount),
				"currency": "CNY",
				"bound_column": figures.bound_column(scheme),
			}
		)
	return rows


def _by_dimension(scheme: Row, dimension: str) -> Answer:
	counted = figures.spread(scheme, dimension)
	labels = _labels(scheme, {row["grade"] for row in counted})
	rows: dict[str, Row] = {}
	for one in counted:
		row = rows.setdefault(one["place"], _empty(scheme, dimension, one["place"], labels))
		row[_field(labels, one["grade"])] = cint(one["customers"])
		row["total"] += cint(one["customers"])
		row["amount"] += flt(one["amount"])
	ordered = sorted(rows.values(), key=lambda row: (-row["total"], row["place"]))
	columns = [
		{"fieldname": "place_label", "label": _(dimension), "fieldtype": "Data", "width": 180},
		*(
			{"fieldname": f"grade_{number}", "label": label, "fieldtype": "Int", "width": 100}
			for number, (_code, label) in enumerate(labels)
		),
		{"fieldname": "total", "label": _("Customers"), "fieldtype": "Int", "width": 100},
		{"fieldname": "amount", "label": _("Total Amount"), "fieldtype": "Currency", "options": "currency", "width": 170},
	]
	remark = _("Grading scheme: {0}").format(scheme["name"])
	return columns, ordered, remark, _stacked(ordered, labels)


def _labels(scheme: Row, occurring: Any) -> list[tuple[str, str]]:
	"""Code and label of each grade, best first; then what occurs besides, and at last those without a grade."""
	listed = [(row["grade"], row["label"] or row["grade"]) for row in figures.grades(scheme["name"])]
	known = {code for code, _label in listed}
	listed += [(code, code) for code in sorted(occurring) if code and code not in known]
	return [*listed, ("", _("Not Graded"))]


def _field(labels: list[tuple[str, str]], code: str) -> str:
	return f"grade_{next(number for number, (known, _label) in enumerate(labels) if known == code)}"


def _empty(scheme: Row, dimension: str, place: str, labels: list[tuple[str, str]]) -> Row:
	return {
		"place": place,
		"place_label": _shown(dimension, place),
		"place_field": figures.DIMENSIONS[dimension],
		"bound_column": figures.bound_column(scheme),
		"codes": [code for code, _label in labels],
		"total": 0,
		"amount": 0.0,
		"currency": "CNY",
		**{f"grade_{number}": 0 for number in range(len(labels))},
	}


def _shown(dimension: str, place: str) -> str:
	if not place:
		return str(_("Not Filled In"))
	return str(frappe.utils.get_fullname(place)) if figures.DIMENSIONS[dimension] == "responsible" else place


def _percent(part: Any, whole: float) -> float:
	return flt(flt(part) / whole * 100, 1) if whole else 0.0


def _chart_of(rows: list[Row]) -> Row:
	return {
		"type": "bar",
		"data": {
			"labels": [row["label"] for row in rows],
			"datasets": [{"name": _("Customers"), "values": [row["customers"] for row in rows]}],
		},
		"colors": ["#2f5d8a"],
	}


def _stacked(rows: list[Row], labels: list[tuple[str, str]]) -> Row | None:
	shown = rows[:12]
	if not shown:
		return None
	return {
		"type": "bar",
		"data": {
			"labels": [row["place_label"] for row in shown],
			"datasets": [
				{"name": label, "values": [row[f"grade_{number}"] for row in shown]}
				for number, (_code, label) in enumerate(labels)
				if any(row[f"grade_{number}"] for row in shown)
			],
		},
		"barOptions": {"stacked": 1},
	}
