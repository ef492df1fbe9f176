"""Deciding a borrowing: find the file that is meant, approve, decline, withdraw. What comes at the counter is in `borrowing_counter`.

Each takes the name of the request, reads it for update, asks the decision table (`domain.borrowing`), writes, and records the step in the access log.
Clause: R-ACC-01, R-ACC-04 to R-ACC-10, R-ACC-15.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import frappe
from frappe import _
from frappe.utils import escape_html

from kehu_archive.audit import log as audit
from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import approvals as chain
from kehu_archive.domain import borrowing as rule
from kehu_archive.exceptions import BorrowingError
from kehu_archive.permissions import keeping
from kehu_archive.services import approvals, lifecycle, loan_parties, notices
from kehu_archive.services import borrowing_request as request

if TYPE_CHECKING:
	from frappe.model.document import Document

BORROWING: Final = loan_parties.BORROWING


def resolve(name: str, archive: str) -> str:
	"""Customer service says which file a request means; return the status that the rule gives it.

	Where the applicant may not find the file and the rule refuses it, the request does not name it either.

	Raises:
		BorrowingError: not his step, or no file that he keeps.
	"""
	doc = loan_parties.locked(name)
	loan_parties.require(rule.RESOLVE, doc)
	if not frappe.db.exists(ARCHIVE, archive) or not keeping.keeps(archive):
		frappe.throw(_("There is no archive {0} that you keep").format(escape_html(archive)), BorrowingError)
	lifecycle.refuse_if_merged(archive)
	doc.archive = archive
	request.evaluate(doc)
	doc.flags.resolved = True
	if doc.status == rule.REFUSED and not request.may_find(archive, doc.purpose, doc.applicant):
		_hide_file(doc)
	loan_parties.store(doc)
	audit.record("Request", archive=archive, document=(BORROWING, name), purpose=doc.purpose, detail="resolved")
	request.follow(doc)
	return str(doc.status)


def _hide_file(doc: Document) -> None:
	doc.update(
		{
			"archive": None,
			"confidentiality": "",
			"access_grade": "",
			"rules_applied": "",
			"refusal_reason": _("The file cannot be given out"),
		}
	)


def turn_away(name: str, reason: str) -> None:
	"""Customer service finds no file for a request, or none that can be given out.

	Raises:
		BorrowingError: not his step, or no reason.
	"""
	doc = loan_parties.locked(name)
	loan_parties.require(rule.TURN_AWAY, doc)
	doc.update({"status": rule.REFUSED, "refusal_reason": _reason(reason)})
	loan_parties.store(doc)
	audit.record("Deny", document=(BORROWING, name), purpose=doc.purpose)
	notices.tell([doc.applicant], (BORROWING, name), _("Borrowing {0} was refused").format(name))


def approve(name: str, opinion: str = "") -> str:
	"""Agree as one of the approvers; return the status after it.

	Raises:
		ApprovalError: he decides nothing here now.
		BorrowingError: the request is not waiting for decisions.
	"""
	doc = _waiting(name)
	result = approvals.decide(doc, True, opinion)
	if result == chain.AGREED:
		request.check_consent(doc)
		request.check_rule(doc)
		request.approve(doc)
	loan_parties.store(doc)
	audit.record("Approve", archive=doc.archive, document=(BORROWING, name), purpose=doc.purpose)
	request.follow(doc)
	return str(doc.status)


def decline(name: str, reason: str) -> str:
	"""Decline as one of the approvers, with a reason; the request is refused.

	Raises:
		ApprovalError: he decides nothing here now, or gives no reason.
		BorrowingError: the request is not waiting for decisions.
	"""
	doc = _waiting(name)
	approvals.decide(doc, False, reason)
	doc.update({"status": rule.REFUSED, "refusal_reason": reason.strip()})
	loan_parties.store(doc)
	audit.record("Deny", archive=doc.archive, document=(BORROWING, name), purpose=doc.purpose)
	notices.tell([doc.applicant], (BORROWING, name), _("Borrowing {0} was refused").format(name))
	return str(doc.status)


def _waiting(name: str) -> Document:
	"""A request that waits for decisions; who may decide, and why not, is the chain's to say."""
	doc = loan_parties.locked(name)
	everybody = rule.Actor(is_approver=True)
	loan_parties.refuse(rule.refusal(rule.APPROVE, loan_parties.loan(doc), everybody, loan_parties.moment()), doc)
	return doc


def withdraw(name: str) -> None:
	"""The applicant takes his request back while nobody has settled it.

	Raises:
		BorrowingError: not his, or settled.
	"""
	doc = loan_parties.locked(name)
	loan_parties.require(rule.WITHDRAW, doc)
	doc.status = rule.WITHDRAWN
	loan_parties.store(doc)
	audit.record("Request", archive=doc.archive, document=(BORROWING, name), purpose=doc.purpose, detail="withdrawn")


def _reason(reason: str) -> str:
	if not reason.strip():
		frappe.throw(_("Give a reason"), BorrowingError)
	return reason.strip()
