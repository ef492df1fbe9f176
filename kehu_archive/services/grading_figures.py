"""Figures of grades for reports: how customers spread over grades, and what customers of each grade need and do.

Each figure is one set query over the archives that the session's user may read. Amounts are in CNY.
Clause: R-GRD-06, R-GRD-22, R-ANA-16.
"""

from __future__ import annotations

from typing import Any, Final

import frappe
from frappe.desk.reportview import build_match_conditions
from frappe.utils import cint, flt, getdate, today

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import lifecycle

SCHEME: Final = "Grading Scheme"
GRADE: Final = "Grading Scheme Grade"
VERSION: Final = "Grading Scheme Version"
#: What customers can be grouped by -> the column of the archive.
DIMENSIONS: Final = {"Region": "region", "Department": "department", "Responsible Salesperson": "responsible"}
#: What a scheme is bound to -> the archive's column that carries its grade.
BOUND: Final = {"for_analysis": "analysis_grade", "for_contact": "contact_grade", "for_access": "access_grade"}

_GRADED: Final = """
	from `tabCustomer Archive`
	left join `tabGrade Assignment` given on given.archive = `tabCustomer Archive`.name and given.scheme = %(scheme)s and given.is_current = 1
	where ifnull(`tabCustomer Archive`.merged_into, '') = '' and `tabCustomer Archive`.workflow_state != %(destroyed)s
		and (%(archive_type)s = '' or `tabCustomer Archive`.archive_type = %(archive_type)s) and {visible}
"""
_SPREAD: Final = f"""
	select {{dimension}} as place, ifnull(given.grade, '') as grade, count(*) as customers,
		sum(`tabCustomer Archive`.transaction_total) as amount
	{_GRADED} group by place, ifnull(given.grade, '')
"""
_COMPARED: Final = f"""
	select ifnull(given.grade, '') as grade, count(*) as customers, sum(`tabCustomer Archive`.transaction_count) as deals,
		sum(`tabCustomer Archive`.transaction_total) as amount, sum(`tabCustomer Archive`.default_count) as defaults,
		avg(datediff(%(today)s, `tabCustomer Archive`.last_transaction_on)) as recency,
		sum(`tabCustomer Archive`.last_transaction_on > %(today)s - interval 12 month) as active,
		sum(`tabCustomer Archive`.has_intention) as intending
	{_GRADED} group by ifnull(given.grade, '')
"""
_NEEDS: Final = f"""
	select ifnull(given.grade, '') as grade, count(*) as needs, sum(need.amount) as demand
	from `tabCustomer Archive Need` need
	join (select `tabCustomer Archive`.name, given.grade {_GRADED}) given on given.name = need.parent
	where need.parenttype = 'Customer Archive' and need.status = 'Unmet' group by ifnull(given.grade, '')
"""


def schemes() -> list[dict[str, Any]]:
	"""Schemes in use; the one bound to analysis first."""
	found: list[dict[str, Any]] = frappe.get_all(
		SCHEME,
		filters={"is_disabled": 0},
		fields=["name", "archive_type", *BOUND],
		order_by="for_analysis desc, for_access desc, for_contact desc, name asc",
	)
	return found


def scheme_named(name: str | None) -> dict[str, Any] | None:
	"""The chosen scheme, else the first in use; None where there is none."""
	listed = schemes()
	if name:
		return next((row for row in listed if row["name"] == name), None) or frappe.db.get_value(
			SCHEME, name, ["name", "archive_type", *BOUND], as_dict=True
		)
	return listed[0] if listed else None


def bound_column(scheme: dict[str, Any]) -> str:
	"""The archive's column that carries the grade of a scheme; '' when it is bound to nothing."""
	return next((column for flag, column in BOUND.items() if cint(scheme[flag])), "")


def grades(scheme: str) -> list[dict[str, Any]]:
	"""Grades of the scheme's newest version that was activated, best first: code, label and colour."""
	version = frappe.get_all(
		VERSION,
		filters={"scheme": scheme, "status": ("in", ("Active", "Ended"))},
		order_by="year desc",
		limit_page_length=1,
		pluck="name",
	)
	if not version:
		return []
	found: list[dict[str, Any]] = frappe.get_all(
		GRADE,
		filters={"parent": version[0], "parenttype": VERSION},
		fields=["grade", "label", "colour", "update_every_months", "contact_every_days"],
		order_by="idx",
	)
	return found


def spread(scheme: dict[str, Any], dimension: str | None = None) -> list[dict[str, Any]]:
	"""Customers and their amount by grade, and by what they are grouped by; ungraded ones have the grade ''."""
	column = f"ifnull(`tabCustomer Archive`.`{DIMENSIONS[dimension]}`, '')" if dimension in DIMENSIONS else "''"
	return _run(_SPREAD, scheme, dimension=column)


def compared(scheme: dict[str, Any]) -> dict[str, dict[str, Any]]:
	"""What customers of each grade do and need, by grade; '' is for those without one."""
	found = {row["grade"]: row for row in _run(_COMPARED, scheme)}
	for row in found.values():
		row.update(needs=0, demand=0)
	for row in _run(_NEEDS, scheme):
		if row["grade"] in found:
			found[row["grade"]].update(needs=cint(row["needs"]), demand=flt(row["demand"]))
	return found


def _run(text: str, scheme: dict[str, Any], **parts: str) -> list[dict[str, Any]]:
	"""Every value is a parameter; what is put into the text is written by this module and by the permission rules."""
	visible = build_match_conditions(ARCHIVE, as_condition=True) or "1 = 1"
	rows: list[dict[str, Any]] = frappe.db.sql(
		text.format(visible=f"({visible})", **parts),
		{
			"scheme": scheme["name"],
			"archive_type": scheme["archive_type"] or "",
			"destroyed": lifecycle.DESTROYED,
			"today": getdate(today()),
		},
		as_dict=True,
	)
	return rows
