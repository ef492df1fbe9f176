"""Figures for the charts of the workspace, over what the user may read and no more."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.desk.reportview import build_match_conditions
from frappe.utils import cint, flt

from kehu_archive.constants import ARCHIVE, TRANSACTION
from kehu_archive.domain import lifecycle
from kehu_archive.services import grading_figures

_BY_STATE = """
	select workflow_state as state, count(*) as archives
	from `tabCustomer Archive` where ifnull(merged_into, '') = %(none)s and {allowed} group by workflow_state
"""
_BY_YEAR = """
	select year(posted_on) as year,
		sum(if(transaction_kind = 'Return', -abs(amount), amount)) as amount
	from `tabArchive Transaction` where is_cancelled = %(no)s and in_totals = 1 and {allowed}
	group by year(posted_on) order by year(posted_on)
"""


def archives_by_state() -> dict[str, Any]:
	"""Number of archives in each state that occurs, in the order of the life cycle."""
	counts = {row.state: cint(row.archives) for row in _run(_BY_STATE, ARCHIVE)}
	states = [state for state in lifecycle.STATES if counts.get(state)]
	return _chart([_(state) for state in states], _("Archives"), [counts[state] for state in states])


def transaction_amount_by_year() -> dict[str, Any]:
	"""Amount a year in units of 10,000 CNY, oldest first."""
	rows = _run(_BY_YEAR, TRANSACTION)
	return _chart([str(row.year) for row in rows], _("Amount"), [flt(row.amount / 10000, 2) for row in rows])


def customers_by_grade() -> dict[str, Any]:
	"""Number of customers with each grade of the scheme bound to analysis, best first."""
	scheme = grading_figures.scheme_named(None)
	counts = {row["grade"]: cint(row["customers"]) for row in grading_figures.spread(scheme)} if scheme else {}
	grades = [(row["grade"], row["label"] or row["grade"]) for row in grading_figures.grades(scheme["name"])] if scheme else []
	shown = [*grades, ("", _("Not Graded"))] if counts else grades
	return _chart([label for _code, label in shown], _("Customers"), [counts.get(code, 0) for code, _label in shown])


def _run(query: str, doctype: str) -> list[Any]:
	"""Run with the framework's own condition for the session user; it comes from the permission rules alone."""
	allowed = build_match_conditions(doctype, as_condition=True) or "1 = 1"
	return frappe.db.sql(query.format(allowed=f"({allowed})"), {"none": "", "no": 0}, as_dict=True)


def _chart(labels: list[str], name: str, values: list[Any]) -> dict[str, Any]:
	return {"labels": labels, "datasets": [{"name": name, "values": values}]}
