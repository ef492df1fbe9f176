"""The counter of customer service: hand out, take back, renew, note what was read, ask a file back.

Each takes the name of the request, reads it for update, asks the decision table (`domain.borrowing`), writes, and records the step in the access log.
Clause: R-ACC-02, R-ACC-03, R-ACC-05, R-ACC-11, R-ACC-12, R-ACC-14, R-ACC-16, R-ARC-16, R-PEN-01.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import frappe
from frappe import _
from frappe.utils import cint, cstr, getdate, now_datetime, today

from kehu_archive.audit import log as audit
from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import borrowing as rule
from kehu_archive.domain import violations as penalty
from kehu_archive.domain.faults import fault
from kehu_archive.exceptions import LoanConflictError
from kehu_archive.services import borrowing_request as request
from kehu_archive.services import grants, loan_parties, notices, violations

if TYPE_CHECKING:
	from frappe.model.document import Document

BORROWING: Final = loan_parties.BORROWING
MOST_PAGES: Final = 1_000_000


def open_access(name: str) -> None:
	"""Customer service opens the electronic file to the applicant, no paper being handed out (R-ACC-14).

	Raises:
		BorrowingError: not possible now.
	"""
	doc = loan_parties.locked(name)
	loan_parties.require(rule.OPEN_ACCESS, doc)
	request.check_rule(doc)
	request.check_consent(doc)
	doc.update({"lent_on": now_datetime(), "lent_by": frappe.session.user, "due_on": request.due_date(doc)})
	loan_parties.store(doc)
	request.open_file(doc)
	audit.record("Lend", archive=doc.archive, document=(BORROWING, name), purpose=doc.purpose, detail="electronic")
	notices.tell([doc.applicant], (BORROWING, name), _("The file of borrowing {0} is open to you").format(name))


def lend(name: str, pages: int, signature: str | None = None) -> None:
	"""Customer service hands the paper over, its pages counted (F-07). One volume is lent to one person at a time.

	Raises:
		BorrowingError: not possible now, or the pages are not counted.
		LoanConflictError: the paper is out.
	"""
	doc = loan_parties.locked(name)
	loan_parties.require(rule.LEND, doc)
	_check_pages("lent_pages", pages, doc, least=1)
	request.check_rule(doc)
	request.check_consent(doc)
	# Whoever else lends or moves this archive now waits here.
	frappe.db.get_value(ARCHIVE, doc.archive, "name", for_update=True)
	request.refuse_if_out(doc.archive, for_update=True)
	doc.update(
		{
			"status": rule.LENT,
			"lent_on": now_datetime(),
			"lent_by": frappe.session.user,
			"lent_pages": pages,
			"borrower_signature": loan_parties.check_signature(signature),
			"due_on": request.due_date(doc),
			"open_loan_key": doc.archive,
		}
	)
	try:
		loan_parties.store(doc)
	except frappe.UniqueValidationError:
		frappe.throw(_("This file is lent out"), LoanConflictError, title=_("Lent Out"))
	request.open_file(doc)
	audit.record("Lend", archive=doc.archive, document=(BORROWING, name), purpose=doc.purpose, quantity=pages)
	notices.tell(
		[doc.applicant],
		(BORROWING, name),
		_("Borrowing {0}: the file is with you and is due back on {1}").format(name, cstr(doc.due_on)),
	)


def give_back(name: str, pages: int, condition: str, signature: str | None = None, note: str = "") -> str | None:
	"""Customer service takes the paper back and compares the pages; return the violation that this shows, None when all is there.

	A file that is lost stays out until it is replaced (R-PEN-01, R-PEN-02).

	Raises:
		BorrowingError: not possible now, pages or condition missing.
	"""
	doc = loan_parties.locked(name)
	loan_parties.require(rule.GIVE_BACK, doc)
	if condition not in rule.CONDITIONS:
		loan_parties.refuse(fault("condition", "condition-unknown"), doc)
	lost = condition == rule.CONDITION_LOST
	_check_pages("returned_pages", pages, doc, least=0 if lost else 1)
	now = now_datetime()
	doc.update(
		{
			"status": rule.LOST if lost else rule.RETURNED,
			"returned_on": None if lost else now,
			"received_by": frappe.session.user,
			"returned_pages": pages,
			"condition": condition,
			"receiver_signature": loan_parties.check_signature(signature),
			"overdue_days": rule.overdue_days(getdate(doc.due_on) if doc.due_on else None, getdate(now)),
			"open_loan_key": doc.archive if lost else None,
			"remark": "\n".join(part for part in (doc.remark, note.strip()) if part),
		}
	)
	loan_parties.store(doc)
	grants.close_of_borrowing(name, _("Reported lost") if lost else _("Returned"))
	audit.record("Hand Back", archive=doc.archive, document=(BORROWING, name), purpose=doc.purpose, quantity=pages, detail=condition)
	kind = penalty.kind_of_return(condition, cint(doc.lent_pages), pages)
	return violations.propose_for(doc, kind) if kind else None


def finish(name: str) -> None:
	"""The electronic access is not needed any more: close it before its time.

	Raises:
		BorrowingError: nothing is open.
	"""
	doc = loan_parties.locked(name)
	loan_parties.require(rule.FINISH, doc)
	doc.update({"status": rule.RETURNED, "returned_on": now_datetime()})
	loan_parties.store(doc)
	grants.close_of_borrowing(name, _("Finished"))
	audit.record("Hand Back", archive=doc.archive, document=(BORROWING, name), purpose=doc.purpose, detail="electronic")


def renew(name: str, reason: str = "") -> str:
	"""Prolong a loan by one period; return the new last day (R-ACC-12).

	Raises:
		BorrowingError: overdue, same-day, important, renewed often enough, or the rule allows none.
	"""
	doc = loan_parties.locked(name)
	loan_parties.require(rule.RENEW, doc)
	request.check_rule(doc)
	old = getdate(doc.due_on)
	new = rule.renewed_date(old, cint(loan_parties.settings().renewal_days), cint(doc.longest_days))
	doc.append(
		"renewals",
		{
			"renewed_on": now_datetime(),
			"old_due_on": old,
			"new_due_on": new,
			"renewed_by": frappe.session.user,
			"reason": reason.strip(),
		},
	)
	doc.update({"due_on": new, "last_reminded_on": None})
	loan_parties.store(doc)
	if grants.of_borrowing(name):
		request.open_file(doc)
	audit.record("Renew", archive=doc.archive, document=(BORROWING, name), purpose=doc.purpose)
	return str(new)


def add_slip(name: str, pages: str, copies: int = 0, note: str = "") -> int:
	"""Note what was read and how many copies were made; return the copies made so far (R-ACC-11, R-DSC-06).

	Raises:
		BorrowingError: nothing is handed out, or copies beyond those approved, or without the consent they need.
	"""
	doc = loan_parties.locked(name)
	loan_parties.require(rule.ADD_SLIP, doc)
	if copies < 0:
		loan_parties.refuse(fault("copies", "negative"), doc)
	if not pages.strip():
		loan_parties.refuse(fault("page_range", "missing"), doc)
	if copies:
		if not doc.may_copy:
			loan_parties.refuse(fault("may_copy", "copies-rule"), doc)
		loan_parties.refuse(rule.copies_refusal(doc.method, cint(doc.copies), cint(doc.copies_made), copies), doc)
		request.check_consent(doc)
		grant = grants.of_borrowing(name)
		if grant:
			grants.take_copies(grant, copies)
	doc.append(
		"reading_slips",
		{
			"read_on": now_datetime(),
			"pages": pages.strip()[:140],
			"copies": copies,
			"note": note.strip(),
			"recorded_by": frappe.session.user,
		},
	)
	doc.copies_made = cint(doc.copies_made) + copies
	loan_parties.store(doc)
	return int(doc.copies_made)


def recall(name: str) -> None:
	"""Customer service asks for a file back (R-ACC-12).

	Raises:
		BorrowingError: it is not out.
	"""
	doc = loan_parties.locked(name)
	loan_parties.require(rule.RECALL, doc)
	doc.update({"reminders_sent": cint(doc.reminders_sent) + 1, "last_reminded_on": today()})
	loan_parties.store(doc)
	notices.tell([doc.applicant], (BORROWING, name), _("Borrowing {0}: please bring the file back").format(name))


def _check_pages(field: str, pages: int, doc: Document, least: int) -> None:
	if not least <= pages <= MOST_PAGES:
		loan_parties.refuse(fault(field, "pages-missing"), doc)
