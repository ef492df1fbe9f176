"""Customers who fall just short of the next better grade, and what they lack (R-GRD-20: needs to be dug deeper)."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import flt

from kehu_archive.constants import ARCHIVE
from kehu_archive.services import grading_reasons, grading_schemes

RESULT: Final = "Grading Run Result"
RUN: Final = "Grading Run"
MOST_ROWS: Final = 5000
Row = dict[str, Any]


def execute(filters: Row | None = None) -> tuple[list[Row], list[Row], str | None, Row | None]:
	"""Return columns, rows, a remark and the chart: the candidates of each scheme's last computed run, as far as the user may see them.

	Raises:
		PermissionError: the user may read no results of gradings.
	"""
	if not (frappe.has_permission(RESULT, "read") and frappe.has_permission(ARCHIVE, "read")):
		raise frappe.PermissionError
	chosen = frappe._dict(filters or {})
	runs = _last_runs(chosen.scheme)
	if not runs:
		return _columns(), [], _("No grading run has been computed yet"), None
	found = frappe.get_list(
		RESULT,
		filters=_conditions(list(runs), chosen),
		fields=["archive", "run", "grade", "candidate_for", "candidate_share", "reasons"],
		order_by="candidate_share desc, archive asc",
		limit_page_length=MOST_ROWS + 1,
	)
	rows = _rows(found[:MOST_ROWS], runs, chosen)
	remark = _("Only the first {0} customers are shown; choose a scheme or a grade").format(MOST_ROWS) if len(found) > MOST_ROWS else None
	return _columns(), rows, remark, _chart(rows)


def _last_runs(scheme: str | None) -> dict[str, Any]:
	"""The last computed run of each scheme, read as the version says (no trial of the other reading)."""
	filters: Row = {"status": ("in", ("Computed", "Applying", "Applied", "No Changes")), "reading": ("is", "not set")}
	if scheme:
		filters["scheme"] = str(scheme)
	latest: dict[str, Any] = {}
	for run in frappe.get_all(RUN, filters=filters, fields=["name", "scheme", "version", "as_of"], order_by="as_of desc, computed_on desc"):
		latest.setdefault(run.scheme, run)
	return {run.name: run for run in latest.values()}


def _conditions(runs: list[str], chosen: Any) -> Row:
	conditions: Row = {"run": ("in", runs), "candidate_for": ("is", "set")}
	if chosen.grade:
		conditions["grade"] = str(chosen.grade)
	return conditions


def _rows(found: list[Any], runs: dict[str, Any], chosen: Any) -> list[Row]:
	archives = _archives([row.archive for row in found], chosen)
	return [_row(row, runs[row.run], archives[row.archive]) for row in found if row.archive in archives]


def _archives(names: list[str], chosen: Any) -> dict[str, Any]:
	conditions: Row = {"name": ("in", names or [""])}
	conditions.update({field: str(chosen.get(field)) for field in ("department", "responsible") if chosen.get(field)})
	found = frappe.get_list(
		ARCHIVE,
		filters=conditions,
		fields=["name", "customer_name", "region", "department", "responsible", "potential_demand"],
		limit_page_length=0,
		order_by="",
	)
	return {row.name: row for row in found}


def _row(row: Any, run: Any, archive: Any) -> Row:
	version = grading_schemes.load(run.version)
	packed = grading_reasons.unpack(row.reasons)
	missing = grading_reasons.words(packed.outcome, version)["raise"] if packed else []
	return {
		"archive": row.archive,
		"customer_name": archive.customer_name,
		"scheme": run.scheme,
		"grade": grading_reasons.label_of(row.grade, version) or _("Not Graded"),
		"candidate_for": grading_reasons.label_of(row.candidate_for, version),
		"share": flt(row.candidate_share, 1),
		"missing": "; ".join(missing),
		"demand": flt(archive.potential_demand),
		"currency": "CNY",
		"region": archive.region,
		"department": archive.department,
		"person": frappe.utils.get_fullname(archive.responsible) if archive.responsible else "",
		"run": row.run,
		"as_of": run.as_of,
	}


def _columns() -> list[Row]:
	return [
		{"fieldname": "archive", "label": _("Archive No."), "fieldtype": "Link", "options": ARCHIVE, "width": 190},
		{"fieldname": "customer_name", "label": _("Customer Name"), "fieldtype": "Data", "width": 210},
		{"fieldname": "scheme", "label": _("Scheme"), "fieldtype": "Link", "options": "Grading Scheme", "width": 150},
		{"fieldname": "grade", "label": _("Grade"), "fieldtype": "Data", "width": 90},
		{"fieldname": "candidate_for", "label": _("Candidate For"), "fieldtype": "Data", "width": 90},
		{"fieldname": "share", "label": _("Reached (%)"), "fieldtype": "Percent", "width": 100},
		{"fieldname": "missing", "label": _("What Is Missing"), "fieldtype": "Small Text", "width": 360},
		{"fieldname": "demand", "label": _("Potential Demand (CNY)"), "fieldtype": "Currency", "options": "currency", "width": 140},
		{"fieldname": "person", "label": _("Responsible Salesperson"), "fieldtype": "Data", "width": 110},
		{"fieldname": "department", "label": _("Department"), "fieldtype": "Link", "options": "Archive Department", "width": 120},
		{"fieldname": "region", "label": _("Region"), "fieldtype": "Data", "width": 80},
		{"fieldname": "run", "label": _("Grading Run"), "fieldtype": "Link", "options": RUN, "width": 130},
		{"fieldname": "as_of", "label": _("As Of"), "fieldtype": "Date", "width": 100},
	]


def _chart(rows: list[Row]) -> Row | None:
	if not rows:
		return None
	counts = Counter((row["grade"], row["candidate_for"]) for row in rows)
	return {
		"type": "bar",
		"data": {
			"labels": [f"{before} → {after}" for before, after in counts],
			"datasets": [{"name": _("Customers"), "values": list(counts.values())}],
		},
		"colors": ["#38a169"],
	}
