"""A request to borrow: who asks, what the access rule says to it, and who has to approve.

The applicant is the person who is logged in. A file that he may not find is, towards him, no file: he gets the same answer as for a number that does not
exist, and writes down what he wants instead; customer service finds it for him.
Clause: R-ACC-01, R-ACC-04 to R-ACC-11, R-ACC-15, R-ACC-16; V-01, V-14.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import frappe
from frappe import _
from frappe.utils import cint, cstr, escape_html, get_datetime, getdate, now_datetime, today

from kehu_archive.audit import log as audit
from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import access, lifecycle, roles
from kehu_archive.domain import approvals as chain
from kehu_archive.domain import borrowing as rule
from kehu_archive.domain.access import Decision
from kehu_archive.domain.access_terms import ROLE, Approver
from kehu_archive.domain.faults import fault
from kehu_archive.exceptions import BorrowingError, LoanConflictError
from kehu_archive.permissions import documents, facts, keeping, policy
from kehu_archive.services import approvals, grants, loan_parties, notices, protected, staff
from kehu_archive.services.messages import throw_faults

if TYPE_CHECKING:
	from frappe.model.document import Document

BORROWING: Final = loan_parties.BORROWING
#: What a grant opens, by method. A copy is made by printing too (R-ACC-11).
OPENS: Final = {
	rule.CONSULT: (access.READ,),
	rule.PHOTOCOPY: (access.READ, access.COPY, access.PRINT),
}
_SERVICE: Final = (Approver(ROLE, roles.CUSTOMER_SERVICE_MANAGER),)
_FREE: Final = Decision(True, access.ALLOWED, "administrator")


def prepare(doc: Document) -> None:
	"""Before a client's request is inserted, its links included: put down who asks, hide what he may not find.

	Administrator alone may name another applicant: so a register from before is taken over, row by row as it was kept.

	Raises:
		BorrowingError: no such file, or none that he may find.
	"""
	if frappe.session.user == "Administrator" and doc.applicant not in (None, "", "Administrator"):
		doc.flags.by_service = True
	if doc.flags.by_service:
		return
	protected.restore(doc)
	doc.applicant = frappe.session.user
	doc.department, doc.position_level = staff.department_of(doc.applicant)
	if doc.archive and not may_find(doc.archive, doc.purpose, doc.applicant):
		frappe.throw(
			_("There is no file {0}, or you may not find it. Leave the field empty and write what you need under {1}; customer service looks for it").format(
				frappe.bold(escape_html(cstr(doc.archive))), frappe.bold(_("Archive or Customer Wanted"))
			),
			BorrowingError,
			title=_("File Not Found"),
		)


def may_find(archive: str, purpose: str | None, user: str) -> bool:
	"""Whether a person may know that an archive exists."""
	asked = purpose if purpose in access.PURPOSES else access.WORK_NEED
	return documents.may(archive, access.FIND, asked, user) or documents.may(archive, access.READ, asked, user)


def ruling(archive: str, method: str, purpose: str, user: str) -> Decision:
	"""What the company's rules say to a request. A grant from an earlier request counts for nothing: who needs approval asks again."""
	if user == "Administrator":
		return _FREE
	found = facts.archive_facts(archive, user)
	if not found:
		return Decision(False, access.REFUSED, "no-rule", may_leave=False, may_copy=False, may_renew=False)
	bare = replace(found, grants=frozenset())
	rules = policy.current().rules
	return access.decide(facts.user_facts(user), bare, rules, rule.OPERATIONS[method], purpose, facts.strategy())


def evaluate(doc: Document) -> None:
	"""Write what the access rule says into a new or newly resolved request. Nothing is saved and nobody is told.

	Raises:
		BorrowingError: a disclosure, which has a request of its own; a copy without the consent it needs; a file that is destroyed.
		LoanConflictError: the paper is out.
	"""
	if doc.method == rule.DISCLOSE:
		loan_parties.refuse(fault("method", "loan-method"), doc)
	if not doc.archive:
		throw_faults([] if cstr(doc.wanted).strip() else [fault("wanted", "missing")], doc.meta)
		return
	if frappe.db.get_value(ARCHIVE, doc.archive, "workflow_state") == lifecycle.DESTROYED:
		frappe.throw(_("This archive was destroyed"), BorrowingError)
	found = ruling(doc.archive, doc.method, doc.purpose, doc.applicant)
	_write_terms(doc, found)
	if not found.may_ask or (doc.method == rule.PHOTOCOPY and not found.may_copy):
		_refuse_by_rule(doc, found)
		return
	if doc.method == rule.TAKE_OUT and not found.may_leave:
		_refuse_by_rule(doc, found)
		return
	if doc.method in rule.PAPER_ONLY:
		refuse_if_out(doc.archive)
	check_consent(doc)
	if found.allowed:
		approve(doc)
		return
	doc.approval_mode = found.mode
	# A rule that asks for approval and names nobody asks customer service: an oversight opens nothing.
	doc.set("approvals", approvals.rows(found.approvers or _SERVICE, doc.applicant, doc.archive))


def _write_terms(doc: Document, found: Decision) -> None:
	"""The conditions as they stand on the day of the request; important material goes back the same day (R-ACC-05)."""
	archive = frappe.db.get_value(ARCHIVE, doc.archive, ["is_important", "confidentiality", "access_grade"], as_dict=True)
	same_day = found.same_day or bool(archive.is_important)
	doc.update(
		{
			"rules_applied": "\n".join(part for part in (*found.rules, found.clause) if part),
			"same_day_return": int(same_day),
			"may_leave_office": int(found.may_leave),
			"may_copy": int(found.may_copy),
			"needs_consent": int(found.needs_consent),
			"may_renew": int(found.may_renew and not same_day),
			"needs_hand_over": int(found.needs_hand_over or doc.method in rule.PAPER_ONLY),
			"longest_days": found.longest_days,
		}
	)
	if may_find(doc.archive, doc.purpose, doc.applicant):
		doc.update({"confidentiality": archive.confidentiality, "access_grade": archive.access_grade})


def _refuse_by_rule(doc: Document, found: Decision) -> None:
	doc.status = rule.REFUSED
	reasons = {
		"pledge": _("The confidentiality pledge is not signed"),
		"no-rule": _("No rule opens this file to you"),
	}
	text = reasons.get(found.reason) or _("The rules for this file do not allow it")
	if found.may_ask and doc.method == rule.PHOTOCOPY:
		text = _("The rule for this file allows no copies; consult it in the archive room instead, or ask customer service")
	if found.may_ask and doc.method == rule.TAKE_OUT:
		text = _("This file must not leave the office; ask to consult it here")
	doc.refusal_reason = f"{text}: {found.clause}" if found.clause else text


def check_consent(doc: Document) -> None:
	"""Refuse copies that need the customer's consent while there is none (V-14). The evidence is a private file of this request, not an address.

	Raises:
		BorrowingError: names the field.
	"""
	if doc.method == rule.PHOTOCOPY and doc.needs_consent and not _has_evidence(doc):
		loan_parties.refuse(fault("consent_evidence", "copies-consent"), doc)


def _has_evidence(doc: Document) -> bool:
	if not doc.consent_evidence:
		return False
	files = frappe.get_all(
		"File",
		filters={"file_url": doc.consent_evidence, "is_private": 1},
		fields=["owner", "attached_to_doctype", "attached_to_name"],
	)
	here = (BORROWING, doc.name)
	return any(file.owner == doc.applicant or (file.attached_to_doctype, file.attached_to_name) == here for file in files)


def check_rule(doc: Document) -> None:
	"""The rules may have changed since the request; what they refuse now is not handed out.

	Raises:
		BorrowingError: they refuse it.
	"""
	if not ruling(doc.archive, doc.method, doc.purpose, doc.applicant).may_ask:
		frappe.throw(_("The rules for this file have changed and do not allow this any more"), BorrowingError)


def refuse_if_out(archive: str, for_update: bool = False) -> None:
	"""Refuse a loan of paper that is out; who has it is said to those who keep or oversee the archive and to its approvers.

	Raises:
		LoanConflictError: the paper is lent, overdue or lost.
	"""
	out = frappe.db.get_value(
		BORROWING, {"open_loan_key": archive}, ["name", "applicant", "due_on", "status"], as_dict=True, for_update=for_update
	)
	if not out:
		return
	text = _("This file is lost; it cannot be lent") if out.status == rule.LOST else _("This file is lent out")
	if may_know_holder(archive, out.name, out.applicant):
		day = frappe.format(out.due_on, {"fieldtype": "Date"}) if out.due_on else _("no date set")
		holder = escape_html(cstr(frappe.db.get_value("User", out.applicant, "full_name")) or out.applicant)
		text = _("{0}: {1} has it (borrowing {2}), due back on {3}").format(text, holder, out.name, day)
	frappe.throw(text, LoanConflictError, title=_("Lent Out"))


def may_know_holder(archive: str, borrowing: str, holder: str) -> bool:
	"""Whether the session's user may know who has a file."""
	user = frappe.session.user
	if user in (holder, "Administrator") or keeping.keeps_or_oversees(archive, user):
		return True
	held = set(frappe.get_roles())
	rows = frappe.get_all(
		"Archive Approval Step",
		filters={"parenttype": BORROWING, "parent": borrowing},
		fields=["approver_user", "approver_role", "decided_by"],
	)
	return any(user in (row.approver_user, row.decided_by) or row.approver_role in held for row in rows)


def approve(doc: Document) -> None:
	"""Write that a request is approved, and until when it would run from today."""
	archive = frappe.db.get_value(ARCHIVE, doc.archive, ["confidentiality", "access_grade"], as_dict=True)
	doc.update(
		{
			"status": rule.APPROVED,
			"approved_on": now_datetime(),
			"due_on": due_date(doc),
			"confidentiality": archive.confidentiality,
			"access_grade": archive.access_grade,
		}
	)


def due_date(doc: Document) -> object:
	"""The last day of a loan that begins today."""
	limits = rule.Limits(
		bool(doc.same_day_return), cint(doc.longest_days), cint(loan_parties.settings().loan_days)
	)
	wished = getdate(doc.wished_due_on) if doc.wished_due_on else None
	return rule.due_date(getdate(today()), wished, limits)


def open_file(doc: Document) -> None:
	"""Give or prolong the electronic access of a request until the end of its last day (R-SEC-09)."""
	if doc.method not in OPENS:
		return
	ends_on = rule.end_of(getdate(doc.due_on))
	grant = grants.of_borrowing(doc.name)
	if grant:
		grants.extend(grant, ends_on)
		return
	grants.issue(
		doc.applicant,
		doc.archive,
		ends_on=get_datetime(ends_on),
		operations=OPENS[doc.method],
		purpose=doc.purpose,
		borrowing=doc.name,
		copies=cint(doc.copies) if doc.method == rule.PHOTOCOPY else 0,
	)


def announce(doc: Document) -> None:
	"""After a request was stored: record it, open what is approved at once, tell whose turn it is."""
	if doc.flags.by_service and not doc.flags.resolved:
		return
	audit.record("Request", archive=doc.archive, document=(BORROWING, doc.name), purpose=doc.purpose, detail=doc.method)
	follow(doc)


def follow(doc: Document) -> None:
	"""What comes after a request got its present status."""
	if doc.status == rule.REFUSED:
		audit.record("Deny", archive=doc.archive, document=(BORROWING, doc.name), purpose=doc.purpose, detail="by rule")
		_say_refused(doc)
	elif doc.status == rule.APPROVED:
		after_approval(doc)
	elif doc.archive:
		approvals.warn_if_nobody(doc)
		tell_approvers(doc)


def after_approval(doc: Document) -> None:
	"""Open the file where no hand-over is needed, and tell the applicant and who hands it out."""
	if rule.opens_at_once(doc.method, bool(doc.needs_hand_over)):
		open_file(doc)
	else:
		keeper = frappe.db.get_value(ARCHIVE, doc.archive, "custodian")
		notices.tell([keeper], (BORROWING, doc.name), _("Borrowing {0} is approved; hand the file out").format(doc.name))
	if doc.applicant != frappe.session.user:
		notices.tell([doc.applicant], (BORROWING, doc.name), _("Borrowing {0} is approved").format(doc.name))


def tell_approvers(doc: Document) -> None:
	"""Tell those whose turn it is."""
	if chain.outcome(approvals.steps(doc)) == chain.OPEN:
		notices.tell(
			approvals.awaited(doc), (BORROWING, doc.name), _("Borrowing {0} waits for your decision").format(doc.name)
		)


def _say_refused(doc: Document) -> None:
	frappe.msgprint(escape_html(cstr(doc.refusal_reason)), title=_("Request Refused"), indicator="red")
