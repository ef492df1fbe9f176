"""Marketing plans of a customer class: a goal, a strategy and actions that are ticked off (R-MKT-01, R-GRD-17)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import frappe
from frappe import _
from frappe.utils import cstr, escape_html, flt, getdate, today

from kehu_archive.domain.faults import Fault, fault
from kehu_archive.exceptions import GradingError
from kehu_archive.services import messages

if TYPE_CHECKING:
	from frappe.model.document import Document

PLANNED: Final = "Planned"
RUNNING: Final = "Running"
COMPLETED: Final = "Completed"


def prepare(plan: Document) -> None:
	"""Write the progress, in percent, from the actions that are done; the first one done starts the plan."""
	done = sum(bool(row.done_on) for row in plan.actions)
	plan.progress = flt(100 * done / len(plan.actions), 2) if plan.actions else 0
	if plan.status == PLANNED and done:
		plan.status = RUNNING


def check(plan: Document) -> None:
	"""Refuse a grade that the scheme does not have, days out of order, and a completed plan with open actions.

	Raises:
		GradingError: the grade, or the status.
		InvalidFieldsError: names the row of the action or the year.
	"""
	messages.throw_faults(_faults(plan), plan.meta)
	before = plan.get_doc_before_save()
	if before is None or (before.scheme, before.grade) != (plan.scheme, plan.grade):
		_check_grade(plan)
	if plan.status == COMPLETED and plan.progress < 100:
		frappe.throw(_("Status: actions are open still; enter when they were done, or stop the plan"), GradingError)


def grades_of(scheme: str) -> list[str]:
	"""The grades a plan may be made for: those of the scheme's newest version in force, else of its newest draft; best first."""
	rows = frappe.db.sql(
		"""select name from `tabGrading Scheme Version` where scheme = %s
		order by field(status, 'Active', 'Draft', 'Ended'), year desc, creation desc limit 1""",
		scheme,
	)
	if not rows:
		return []
	return frappe.get_all(
		"Grading Scheme Grade",
		filters={"parent": rows[0][0], "parenttype": "Grading Scheme Version"},
		pluck="grade",
		order_by="idx",
	)


def _check_grade(plan: Document) -> None:
	known = grades_of(plan.scheme)
	if plan.grade not in known:
		frappe.throw(
			_("Grade: {0} is no grade of the scheme {1}; choose one of {2}").format(
				escape_html(cstr(plan.grade)), escape_html(cstr(plan.scheme)), escape_html("、".join(known)) or "-"
			),
			GradingError,
		)


def _faults(plan: Document) -> list[Fault]:
	found = [] if 1900 <= plan.year < 2200 else [fault("year", "year-range", year=str(plan.year))]
	present = getdate(today())
	for row in plan.actions:
		if row.done_on and getdate(row.done_on) > present:
			found.append(
				fault("actions:done_on", "future-date", value=cstr(row.done_on), today=present.isoformat(), row=int(row.idx))
			)
	return found
