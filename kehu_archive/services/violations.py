"""Violations around borrowing: proposed at a bad return, confirmed by leadership, answered by the person, and the file replaced.

A penalty is a proposal until it is confirmed; the person concerned and the proposer confirm nothing. Amounts in CNY.
Clause: R-PEN-01 to R-PEN-05, V-10; form F-29.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import frappe
from frappe import _
from frappe.utils import cint, cstr, escape_html, flt, now_datetime, today

from kehu_archive.audit import log as audit
from kehu_archive.domain import access
from kehu_archive.domain import borrowing as loan_rule
from kehu_archive.domain import violations as rule
from kehu_archive.domain.faults import Fault
from kehu_archive.exceptions import ViolationError
from kehu_archive.permissions import documents, keeping
from kehu_archive.services import grants, loan_parties, notices, protected
from kehu_archive.services.messages import throw_faults

if TYPE_CHECKING:
	from frappe.model.document import Document

VIOLATION: Final = "Violation"
#: What stands fixed once leadership has confirmed it.
CONTENT: Final = (
	"supervisor",
	"has_personal_info",
	"loss_amount",
	"policy_document",
	"clause",
	"facts",
	"evidence",
	"penalty_basis",
	"penalty_amount",
	"liability",
)


def propose_for(loan: Document, kind: str) -> str:
	"""Propose a violation of the borrower at a bad return, once for each kind; return its name (R-PEN-01)."""
	known = frappe.db.get_value(VIOLATION, {"borrowing": loan.name, "violation_kind": kind, "status": ["!=", rule.DROPPED]})
	if known:
		return str(known)
	doc = frappe.new_doc(VIOLATION)
	doc.update(
		{
			"violation_kind": kind,
			"happened_on": today(),
			"archive": loan.archive,
			"borrowing": loan.name,
			"person": loan.applicant,
			"status": rule.PROPOSED,
			"proposed_by": frappe.session.user,
			"facts": _facts(loan, kind),
		}
	)
	# The step that led here was checked; the person at the counter need not have the right to write violations.
	protected.by_service(doc).insert(ignore_permissions=True)
	return str(doc.name)


def _facts(loan: Document, kind: str) -> str:
	if kind == rule.OVERDUE_RETURN:
		return _("Borrowing {0} was due back on {1} and was not returned.").format(loan.name, cstr(loan.due_on))
	return _("Borrowing {0}: {1} pages handed over, {2} returned, condition {3}.").format(
		loan.name, cint(loan.lent_pages), cint(loan.returned_pages), _(loan.condition or "")
	)


def guard(doc: Document) -> None:
	"""Before a client's violation is inserted or saved, its links included: put protected fields back, keep the person concerned out.

	Raises:
		ViolationError: a file that the session's user may not find, or his own case.
	"""
	if doc.flags.by_service:
		return
	protected.restore(doc)
	if not doc.is_new() and doc.person == frappe.session.user:
		frappe.throw(_("The person concerned does not change his own case; he appeals"), ViolationError)
	if doc.is_new() and doc.archive and not documents.may(doc.archive, access.FIND) and not documents.may(doc.archive):
		frappe.throw(_("There is no file {0}, or you may not find it").format(escape_html(cstr(doc.archive))), ViolationError)


def prepare(doc: Document) -> None:
	"""Before a violation is saved: measure it as its kind is measured, and keep what was confirmed."""
	doc.penalty_basis = doc.penalty_basis or rule.usual_basis(doc.violation_kind)
	settings = loan_parties.settings()
	if doc.is_new() and doc.penalty_basis == rule.FIXED and not flt(doc.penalty_amount):
		doc.penalty_amount = flt(settings.fine_least)
	if doc.penalty_basis == rule.REGULATION or doc.violation_kind == rule.LEAK:
		doc.policy_document = doc.policy_document or settings.fine_policy
	if doc.is_new() and doc.violation_kind in rule.FILE_KINDS:
		doc.replacement_due = today()
	before = None if doc.is_new() else doc.get_doc_before_save()
	if before and before.status != rule.PROPOSED and not doc.flags.by_service:
		for field in CONTENT:
			doc.set(field, before.get(field))


def check(doc: Document) -> None:
	"""Refuse a penalty outside its range (R-PEN-01) and a borrowing of somebody else.

	Raises:
		InvalidFieldsError: names the field and the range.
		ViolationError: the borrowing is not the person's, or not of this archive.
	"""
	settings = loan_parties.settings()
	found = rule.check_amount(
		cstr(doc.penalty_basis), flt(doc.penalty_amount), flt(settings.fine_least), flt(settings.fine_most)
	)
	throw_faults([found] if found else [], doc.meta)
	if doc.borrowing:
		loan = frappe.db.get_value(loan_parties.BORROWING, doc.borrowing, ["applicant", "archive"], as_dict=True)
		if loan and (loan.applicant != doc.person or loan.archive != doc.archive):
			frappe.throw(_("The borrowing {0} belongs to another person or file").format(doc.borrowing), ViolationError)


def follow(doc: Document) -> None:
	"""After a violation was made: give the person his task and tell those who decide (R-PEN-02)."""
	if doc.violation_kind in rule.FILE_KINDS:
		doc.db_set("replacement_task", _make_task(doc), update_modified=False)
	notices.tell([doc.person], (VIOLATION, doc.name), _("A violation {0} was registered for you").format(doc.name))


def _make_task(doc: Document) -> str:
	"""A task due today. Inserted as it is: the framework's assignment would share the document."""
	task = frappe.new_doc("ToDo")
	task.update(
		{
			"allocated_to": doc.person,
			"assigned_by": frappe.session.user,
			"date": doc.replacement_due,
			"priority": "High",
			"status": "Open",
			"reference_type": VIOLATION,
			"reference_name": doc.name,
			"description": _("Replace the file at once: violation {0}, {1}").format(doc.name, _(doc.violation_kind)),
		}
	)
	task.insert(ignore_permissions=True)
	return str(task.name)


def actor(doc: Document) -> rule.Actor:
	user = frappe.session.user
	return rule.Actor(user, frozenset(frappe.get_roles(user)), keeping.keeps(doc.archive, user))


def case(doc: Document) -> rule.Case:
	return rule.Case(doc.status, doc.person, cstr(doc.proposed_by), doc.violation_kind, bool(doc.replaced_on))


def confirm(name: str, note: str = "") -> None:
	"""Leadership confirms a penalty.

	Raises:
		ViolationError: not his step.
		InvalidFieldsError: what must be found before is missing, such as the loss of a leak (R-PEN-04).
	"""
	doc = _ready(name, rule.CONFIRM)
	throw_faults(list(rule.missing_for_confirmation(doc.as_dict())), doc.meta)
	doc.update({"status": rule.CONFIRMED, "confirmed_by": frappe.session.user, "confirmed_on": now_datetime(), "confirmation_note": note.strip()})
	_store(doc, "Approve", rule.CONFIRM)
	notices.tell([doc.person, doc.supervisor], (VIOLATION, name), _("Violation {0} was confirmed").format(name))


def appeal(name: str, note: str) -> None:
	"""The person concerned appeals, with his reasons.

	Raises:
		ViolationError: not the person, not confirmed, or no reason.
	"""
	doc = _ready(name, rule.APPEAL)
	doc.update({"status": rule.APPEALED, "appeal_note": _reason(note)})
	_store(doc, "Request", rule.APPEAL)
	notices.tell([doc.confirmed_by], (VIOLATION, name), _("Violation {0} was appealed against").format(name))


def close(name: str, note: str = "") -> None:
	"""Leadership closes a confirmed case, or rejects the appeal.

	Raises:
		ViolationError: not his step, or an appeal without an answer.
	"""
	doc = _ready(name, rule.CLOSE)
	answer = _reason(note) if doc.status == rule.APPEALED else note.strip()
	_finish(doc, rule.CLOSED, answer, "Approve", rule.CLOSE)


def drop(name: str, note: str) -> None:
	"""Leadership drops a proposal or follows an appeal.

	Raises:
		ViolationError: not his step, or no reason.
	"""
	doc = _ready(name, rule.DROP)
	_finish(doc, rule.DROPPED, _reason(note), "Deny", rule.DROP)


def mark_replaced(name: str, note: str = "") -> None:
	"""Customer service has the replacement in hand: close the task; a lost file can be lent again (R-PEN-02).

	Raises:
		ViolationError: not his step, nothing to replace, or replaced already.
	"""
	doc = _ready(name, rule.REPLACE)
	doc.update({"replaced_on": now_datetime(), "replaced_by": frappe.session.user})
	_store(doc, "Hand Back", rule.REPLACE)
	_close_task(doc)
	if doc.borrowing:
		_release(doc.borrowing)


def actions(doc: Document) -> list[str]:
	"""The steps that the session's user may take now. The caller has checked that he may read it."""
	return list(rule.allowed(case(doc), actor(doc)))


def take(action: str, name: str, note: str) -> None:
	"""Take one step by its name.

	Raises:
		ViolationError: there is no such step, or it is not his.
	"""
	steps = {rule.CONFIRM: confirm, rule.APPEAL: appeal, rule.CLOSE: close, rule.DROP: drop, rule.REPLACE: mark_replaced}
	if action not in steps:
		frappe.throw(_("There is no such step"), ViolationError)
	steps[action](name, note)


def _release(borrowing: str) -> None:
	loan = loan_parties.locked(borrowing)
	if loan.status == loan_rule.LOST:
		loan.update({"status": loan_rule.RETURNED, "returned_on": now_datetime(), "open_loan_key": None})
		loan_parties.store(loan)
		grants.close_of_borrowing(borrowing, _("Replaced"))


def _finish(doc: Document, status: str, note: str, action: str, step: str) -> None:
	notes = [part for part in (cstr(doc.confirmation_note), note) if part]
	doc.update({"status": status, "confirmation_note": "\n".join(notes)})
	_store(doc, action, step)
	if status == rule.DROPPED:
		_close_task(doc)
	notices.tell([doc.person], (VIOLATION, doc.name), _("Violation {0}: {1}").format(doc.name, _(status)))


def _close_task(doc: Document) -> None:
	if not doc.replacement_task or not frappe.db.exists("ToDo", doc.replacement_task):
		return
	task = frappe.get_doc("ToDo", doc.replacement_task)
	task.status = "Closed"
	# The task is another person's.
	task.save(ignore_permissions=True)


def _ready(name: str, action: str) -> Document:
	doc = frappe.get_doc(VIOLATION, name, for_update=True)
	_refuse(rule.refusal(action, case(doc), actor(doc)), doc)
	return doc


def _refuse(found: Fault | None, doc: Document) -> None:
	if found:
		label = cstr(doc.meta.get_label(found.field))
		frappe.throw(escape_html(found.render(_, label)), ViolationError, title=_("Not Possible"))


def _store(doc: Document, action: str, step: str) -> None:
	# The table has settled who may do the step.
	protected.by_service(doc).save(ignore_permissions=True)
	doc.flags.by_service = False
	audit.record(action, archive=doc.archive, document=(VIOLATION, doc.name), detail=step)


def _reason(note: str) -> str:
	if not note.strip():
		frappe.throw(_("Give a reason"), ViolationError)
	return note.strip()
