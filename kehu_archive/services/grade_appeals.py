"""Grade appeals (form 等级变更单): asked by who may read the archive, decided by somebody else, written as a manual grade that ends by itself.

The framework's workflow carries the steps on the Desk; every road that changes an appeal passes here, so that a written state, a forged stamp or a decision on
one's own appeal is refused whichever way it comes. An approval writes the grade in the same transaction, or on the day from which it shall hold.
Clause: R-GRD-18; R-ARC-15 (what an important customer needs).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import frappe
from frappe import _
from frappe.utils import cint, cstr, escape_html, getdate, now_datetime, today

from kehu_archive.audit import log
from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import access
from kehu_archive.domain import appeals as rule
from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.faults import Fault
from kehu_archive.exceptions import GradingError
from kehu_archive.permissions import documents
from kehu_archive.services import (
	grade_assignments,
	grade_writing,
	grading_schemes,
	lifecycle,
	messages,
	notices,
	staff,
)
from kehu_archive.services.grade_writing import Decision

if TYPE_CHECKING:
	from frappe.model.document import Document

APPEAL: Final = "Grade Appeal"
#: Written by the steps; what a client sends for them is put back.
STAMPS: Final = ("present_grade", "applied_by", "applied_on", "assignment", "decided_by", "decided_on")


def begin(doc: Document) -> None:
	"""A new appeal before the framework looks up its links: its answer would tell a hidden archive or assignment from one that does not exist.

	Raises:
		AccessDeniedError: there is no such archive towards this user, or he may not read it.
	"""
	documents.check(cstr(doc.archive), access.READ)
	for field in STAMPS:
		doc.set(field, None)


def keep(doc: Document) -> None:
	"""A stored appeal keeps its archive, its scheme and its stamps, whatever a client sends; before the links are looked up, as above."""
	stored = frappe.db.get_value(APPEAL, doc.name, ["archive", "scheme", *STAMPS], as_dict=True)
	if stored:
		doc.update(dict(stored))


def prepare(doc: Document) -> None:
	"""Before the checks: a new appeal is the session user's own."""
	doc.wanted_grade = cstr(doc.wanted_grade).strip()
	if not doc.is_new():
		return
	doc.opinion = None
	doc.applied_by, doc.applied_on = frappe.session.user, today()
	doc.effective_from = doc.effective_from or today()
	doc.present_grade = _present(doc)


def check(doc: Document) -> None:
	"""Refuse what the present step does not allow, then stamp a step taken.

	Raises:
		GradingError: a step, or a change of a field, that is not this user's; nothing is in force that could be changed; another appeal is open.
		InvalidFieldsError: something is missing or cannot be meant so; names the fields.
	"""
	before = doc.get_doc_before_save()
	old = before.workflow_state if before else ""
	new = doc.workflow_state or rule.DRAFT
	is_applicant = frappe.session.user == doc.applied_by
	deciders = _deciders(doc.scheme)
	decides = bool(set(deciders) & set(frappe.get_roles()))
	if before:
		_refuse(rule.locked(lifecycle.changed_fields(doc, before), before.workflow_state, is_applicant, decides), doc)
	_refuse(rule.check_step(rule.Step(old, new, is_applicant, decides, deciders)), doc)
	if new in (rule.DRAFT, rule.SUBMITTED):
		_check_content(doc)
	if old == new or not old:
		return
	if new == rule.SUBMITTED:
		_refuse_second(doc)
		doc.applied_on, doc.present_grade = today(), _present(doc)
	else:
		_decide(doc, new)


def _check_content(doc: Document) -> None:
	version = _version(doc)
	codes = [one.code for one in grading_schemes.load(version).grades]
	values = {
		"wanted_grade": doc.wanted_grade,
		"reason": doc.reason,
		"effective_from": getdate(doc.effective_from) if doc.effective_from else None,
		"expires_on": getdate(doc.expires_on) if doc.expires_on else None,
	}
	# A submitted appeal may wait: its first day may pass meanwhile.
	first = getdate(doc.applied_on) if doc.workflow_state == rule.SUBMITTED else getdate(today())
	messages.throw_faults(rule.check_content(values, codes, _present(doc), first), doc.meta)


def _version(doc: Document) -> str:
	scheme = frappe.db.get_value(grading_schemes.SCHEME, doc.scheme, ["name", "is_disabled"], as_dict=True)
	found = scheme and not cint(scheme.is_disabled) and grading_schemes.active_version(scheme.name)
	if not found:
		frappe.throw(_("Grading Scheme: no version is in force today; activate one first"), GradingError)
	return str(found)


def _present(doc: Document) -> str:
	"""The customer's grade by the clock; an expired manual grade is none any more."""
	rows = grade_assignments.current(cstr(doc.archive))
	return next((cstr(row["grade"]) for row in rows if row["scheme"] == doc.scheme), "")


def _deciders(scheme: str) -> tuple[str, ...]:
	role = frappe.db.get_value(grading_schemes.SCHEME, scheme, "approve_role")
	return tuple(dict.fromkeys(one for one in (cstr(role), rule.ALWAYS_DECIDES) if one))


def _refuse_second(doc: Document) -> None:
	"""Of two appeals at once the second waits here and finds the first."""
	frappe.db.sql("select name from `tabCustomer Archive` where name = %s for update", doc.archive)
	other = frappe.db.sql(
		"select name from `tabGrade Appeal` where archive = %s and scheme = %s and workflow_state = %s and name <> %s lock in share mode",
		(doc.archive, doc.scheme, rule.SUBMITTED, doc.name),
	)
	if other:
		frappe.throw(
			_("Appeal {0} about the same grade waits for its decision; wait for it").format(frappe.bold(other[0][0])), GradingError
		)


def _decide(doc: Document, new: str) -> None:
	if new == rule.REJECTED and not cstr(doc.opinion).strip():
		frappe.throw(_("Opinion: say why the appeal is rejected"), GradingError)
	doc.decided_by, doc.decided_on = frappe.session.user, now_datetime()
	if new == rule.APPROVED:
		# What waited for its decision does not begin before it.
		begins = max(getdate(doc.effective_from or today()), getdate(today()))
		months = cint(frappe.db.get_value(grading_schemes.SCHEME, doc.scheme, "manual_months"))
		ends = rule.last_day(begins, getdate(doc.expires_on) if doc.expires_on else None, months)
		if ends < begins:
			frappe.throw(_("Expires On: the day is past; reject the appeal and let a new one be written"), GradingError)
		doc.effective_from, doc.expires_on = begins, ends


def _refuse(found: Fault | None, doc: Document) -> None:
	if found:
		label = str(doc.meta.get_label(found.field))
		frappe.throw(escape_html(found.render(_, label)), GradingError, title=_("Step Not Allowed"))


def follow(doc: Document) -> None:
	"""After an appeal was saved: what a decision means for the grade, who has to know, what goes into the access log."""
	before = doc.get_doc_before_save()
	if not before or before.workflow_state == doc.workflow_state:
		return
	entry: dict[str, Any] = {"archive": doc.archive, "document": (APPEAL, doc.name), "detail": f"{doc.scheme}: {doc.wanted_grade}"}
	number = escape_html(doc.name)
	if doc.workflow_state == rule.SUBMITTED:
		log.record("Request", **entry)
		_tell(doc, staff.holders(_deciders(doc.scheme)), _("Grade appeal {0} waits for your decision").format(number))
	elif doc.workflow_state == rule.APPROVED:
		log.record("Approve", **entry)
		if getdate(doc.effective_from) <= getdate(today()):
			_write(doc)
		_tell(doc, _concerned(doc), _("Grade appeal {0} is approved").format(number))
	else:
		log.record("Deny", **entry)
		_tell(doc, _concerned(doc), _("Grade appeal {0} was rejected").format(number))


def _concerned(doc: Document) -> set[str | None]:
	return {doc.applied_by, frappe.db.get_value(ARCHIVE, doc.archive, "responsible")}


def _tell(doc: Document, people: Iterable[str | None], text: str) -> None:
	notices.tell(people, (APPEAL, doc.name), text)


def _write(doc: Document) -> None:
	"""The manual grade; whoever grades the archive at the same moment waits."""
	grade_writing.write(
		[
			Decision(
				archive=doc.archive,
				scheme=doc.scheme,
				version=_version(doc),
				grade=doc.wanted_grade,
				source=terms.BY_APPEAL,
				sentence=cstr(doc.reason),
				appeal=doc.name,
				expires_on=getdate(doc.expires_on),
			)
		],
		by=doc.decided_by,
		effective_from=max(getdate(doc.effective_from), getdate(today())),
	)
	made = frappe.db.get_value(grade_assignments.ASSIGNMENT, {"appeal": doc.name}, "name")
	doc.db_set("assignment", made, update_modified=False)


def begin_due(day: date | str | None = None, after_each: Callable[[], None] | None = None) -> int:
	"""Write the grades of approved appeals whose first day has come; return how many. One that cannot be written waits, and the error log says why."""
	due = frappe.get_all(
		APPEAL,
		filters={
			"workflow_state": rule.APPROVED,
			"assignment": ("is", "not set"),
			"effective_from": ("<=", getdate(day or today())),
			"expires_on": (">=", getdate(day or today())),
		},
		pluck="name",
		order_by="effective_from, name",
	)
	done = 0
	for name in due:
		frappe.db.savepoint("kehu_appeal")
		try:
			_write(frappe.get_doc(APPEAL, name, for_update=True))
			done += 1
		except frappe.ValidationError:
			frappe.db.rollback(save_point="kehu_appeal")
			frappe.log_error(title="A grade appeal could not begin", reference_doctype=APPEAL, reference_name=name)
		if after_each:
			after_each()
	return done
