"""Approval steps on a request: who they are, who decides now, what was decided. Borrowing and disclosure share them.

The request must carry the fields ``applicant``, ``archive``, ``approval_mode`` and the table ``approvals``, and must be read for update before a decision, so
that of two people who decide at once the second sees what the first has done.
Clause: V-01, R-ACC-04, R-OUT-01.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import frappe
from frappe import _
from frappe.utils import cint, cstr, escape_html, now_datetime

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import approvals as rule
from kehu_archive.domain import roles
from kehu_archive.domain.access_terms import ARCHIVES_HEAD, CUSTODIAN, REQUESTERS_HEAD, ROLE, USER, Approver
from kehu_archive.exceptions import ApprovalError
from kehu_archive.services import staff

if TYPE_CHECKING:
	from frappe.model.document import Document

#: Who decides in place of a head or custodian who is missing or asks himself.
_INSTEAD: Final = {
	REQUESTERS_HEAD: roles.GENERAL_MANAGER,
	ARCHIVES_HEAD: roles.GENERAL_MANAGER,
	CUSTODIAN: roles.CUSTOMER_SERVICE_MANAGER,
	USER: roles.GENERAL_MANAGER,
}


def rows(approvers: Iterable[Approver], applicant: str, archive: str) -> list[dict[str, Any]]:
	"""Rows for a request's table: heads and custodians are looked up now and written down by name.

	A head who asks himself is replaced by the head above him; where none is left, and for a custodian or a named person who asks himself, by a role.
	"""
	found: list[dict[str, Any]] = []
	seen: set[tuple[str, str]] = set()
	for approver in approvers:
		role, user = _resolve(approver, applicant, archive)
		if (role, user) in seen:
			continue
		seen.add((role, user))
		label = _name(user) if user else _(role)
		found.append(
			{"step_no": len(found) + 1, "approver": label[:140], "approver_role": role or None, "approver_user": user or None}
		)
	return found


def _resolve(approver: Approver, applicant: str, archive: str) -> tuple[str, str]:
	"""(role, '') or ('', user)."""
	if approver.kind == ROLE:
		return approver.role, ""
	user = _person(approver, applicant, archive)
	if user and user != applicant and frappe.db.get_value("User", user, "enabled"):
		return "", user
	return _INSTEAD[approver.kind], ""


def _person(approver: Approver, applicant: str, archive: str) -> str:
	if approver.kind == USER:
		return approver.user
	if approver.kind == CUSTODIAN:
		return cstr(frappe.db.get_value(ARCHIVE, archive, "custodian"))
	if approver.kind == ARCHIVES_HEAD:
		return _head(cstr(frappe.db.get_value(ARCHIVE, archive, "department")), applicant)
	return _head(staff.department_of(applicant)[0] or "", applicant)


def _head(department: str, applicant: str) -> str:
	"""The head of a department, or of the nearest one above whose head is somebody else than the applicant."""
	visited: set[str] = set()
	while department and department not in visited:
		visited.add(department)
		above, manager = frappe.db.get_value("Archive Department", department, ["parent_department", "manager"]) or (None, None)
		if manager and manager != applicant:
			return str(manager)
		department = above or ""
	return ""


def _name(user: str) -> str:
	return cstr(frappe.db.get_value("User", user, "full_name")) or user


def steps(doc: Document) -> tuple[rule.Step, ...]:
	"""The steps of a request as the rule sees them."""
	return tuple(
		rule.Step(
			number=cint(row.step_no),
			role=cstr(row.approver_role),
			user=cstr(row.approver_user),
			decision=cstr(row.decision),
			decided_by=cstr(row.decided_by),
		)
		for row in doc.approvals
	)


def person(user: str | None = None) -> rule.Person:
	"""A person with his roles as they are now."""
	name = user or frappe.session.user
	return rule.Person(name, frozenset(frappe.get_roles(name)))


def may_decide(doc: Document, user: str | None = None) -> bool:
	"""Whether a person may decide a step of this request now."""
	return rule.step_for(steps(doc), cstr(doc.approval_mode), person(user), doc.applicant) is not None


def decide(doc: Document, agreed: bool, opinion: str) -> str:
	"""Write the session user's decision into his step; return what the chain comes to: Agreed, Declined or Open.

	The request must have been read for update; the caller saves it.

	Raises:
		ApprovalError: he decides nothing here now, or declines without a reason.
	"""
	me = person()
	found = steps(doc)
	refusal = rule.refusal(found, cstr(doc.approval_mode), me, doc.applicant)
	if refusal:
		frappe.throw(_(refusal.message), ApprovalError, title=_("Not Decided"))
	if not agreed and not opinion.strip():
		frappe.throw(_("Give a reason for declining"), ApprovalError)
	step = rule.step_for(found, cstr(doc.approval_mode), me, doc.applicant)
	assert step is not None
	row = next(row for row in doc.approvals if cint(row.step_no) == step.number)
	row.update(
		{
			"decision": rule.AGREED if agreed else rule.DECLINED,
			"decided_by": me.user,
			"decided_on": now_datetime(),
			"opinion": opinion.strip(),
		}
	)
	return rule.outcome(steps(doc))


def awaited(doc: Document) -> frozenset[str]:
	"""Log-in names of everybody who may decide now; never the applicant."""
	found = steps(doc)
	mode = cstr(doc.approval_mode)
	waiting = rule.awaited(found, mode)
	names = {step.user for step in waiting if step.user}
	names |= staff.holders({step.role for step in waiting if not step.user and step.role})
	return rule.candidates(found, mode, (person(name) for name in names), doc.applicant)


def warn_if_nobody(doc: Document) -> None:
	"""Say that nobody can decide, so that the request does not wait in silence."""
	if rule.awaited(steps(doc), cstr(doc.approval_mode)) and not awaited(doc):
		waiting = rule.awaited(steps(doc), cstr(doc.approval_mode))[0]
		frappe.msgprint(
			_("Nobody can decide this request yet: {0}. Ask the administrator to give somebody this part.").format(
				escape_html(_(waiting.role) if waiting.role else _name(waiting.user))
			),
			indicator="orange",
			title=_("Please Check"),
		)
