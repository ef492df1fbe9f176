"""What a screen may show of a borrowing to the person before it: his buttons, whose turn it is, where a file is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import frappe
from frappe import _
from frappe.utils import cint, cstr, getdate

from kehu_archive.domain import approvals as chain
from kehu_archive.domain import borrowing as rule
from kehu_archive.services import approvals, loan_parties, overview
from kehu_archive.services import borrowing_request as request

if TYPE_CHECKING:
	from frappe.model.document import Document


def actions(doc: Document) -> dict[str, Any]:
	"""Return what the session's user may do now and what the form shows beside it. The caller has checked that he may read the request."""
	moment = loan_parties.moment()
	loan = loan_parties.loan(doc)
	waiting = chain.awaited(approvals.steps(doc), cstr(doc.approval_mode)) if doc.status == rule.REQUESTED else ()
	people = {step.user for step in waiting if step.user} | {
		user for user in (doc.applicant, doc.lent_by, doc.received_by) if user
	}
	names = overview.full_names(people)
	return {
		"actions": list(rule.allowed(loan, loan_parties.actor(doc), moment)),
		"status": rule.shown_status(doc.status, loan.due_on, moment.now),
		"overdue_days": rule.overdue_days(loan.due_on, moment.now.date()) if rule.is_overdue(doc.status, loan.due_on, moment.now) else 0,
		"waiting_for": [names.get(step.user, step.user) if step.user else _(step.role) for step in waiting],
		"names": names,
		"pages": cint(doc.lent_pages) or _pages_before(doc),
		"copies_left": max(cint(doc.copies) - cint(doc.copies_made), 0) if doc.method == rule.PHOTOCOPY else 0,
	}


def _pages_before(doc: Document) -> int:
	"""The pages counted when this file was lent last, as a proposal for the next count."""
	if not doc.archive:
		return 0
	rows = frappe.get_all(
		loan_parties.BORROWING,
		filters={"archive": doc.archive, "lent_pages": [">", 0]},
		pluck="lent_pages",
		order_by="lent_on desc",
		limit_page_length=1,
	)
	return cint(rows[0]) if rows else 0


def availability(archive: str) -> dict[str, Any]:
	"""Where the paper of an archive is: in its place, lent, overdue or lost (R-ACC-16).

	The caller has checked that the user may find the archive. Who has it, and until when, is said to those who may know.
	"""
	out = frappe.db.get_value(
		loan_parties.BORROWING, {"open_loan_key": archive}, ["name", "applicant", "due_on", "status"], as_dict=True
	)
	if not out:
		return {"state": "In Place"}
	due_on = getdate(out.due_on) if out.due_on else None
	found: dict[str, Any] = {"state": rule.shown_status(out.status, due_on, loan_parties.moment().now)}
	if request.may_know_holder(archive, out.name, out.applicant):
		found |= {
			"borrowing": out.name,
			"holder": overview.full_names({out.applicant}).get(out.applicant, out.applicant),
			"due_on": cstr(out.due_on),
		}
	return found
