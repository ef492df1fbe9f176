"""Confidentiality on the archive itself: the rank that access compares, fields that only an approved request writes, grades, reminders."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import frappe
from frappe import _
from frappe.utils import add_days, cint, cstr, escape_html, getdate, today

from kehu_archive import compat
from kehu_archive.audit import log
from kehu_archive.constants import ARCHIVE, SETTINGS
from kehu_archive.domain import access, roles
from kehu_archive.domain import secrecy as rule
from kehu_archive.domain.grading_terms import ACCESS
from kehu_archive.exceptions import ArchiveError, LifeCycleError, SealedArchiveError
from kehu_archive.services import grade_columns, notices, staff

if TYPE_CHECKING:
	from frappe.model.document import Document

#: Written by an approved classification request and by nothing else; what a client sends for them is put back.
BY_REQUEST: Final = ("confidential_until", "classification_request")
READERS: Final = "need_to_know"
#: Everything that the approval of a request may change, whatever state the archive is in.
WRITTEN: Final = frozenset({*BY_REQUEST, READERS, "confidentiality"})
_REMINDED: Final = "secrecy_reminded_on"


def protect(archive: Document, before: Document | None) -> None:
	"""Put back what only the app writes: the fields of the approved request, the scheme that the grade belongs to, and what gradings write."""
	if not (archive.flags.by_classification or archive.flags.in_merge):
		for field in BY_REQUEST:
			archive.set(field, before.get(field) if before else None)
		archive.set(READERS, [row.as_dict() for row in before.get(READERS)] if before else [])
	if not archive.flags.by_grading:
		archive.access_scheme = before.access_scheme if before else None
	grade_columns.protect(archive, before)


def clean_new(archive: Document) -> None:
	"""A new archive carries a grade only from those who set grades."""
	if not rule.GRADERS & set(frappe.get_roles()):
		archive.access_grade = None


def derive(archive: Document, classification_step: bool) -> None:
	"""Write the rank and the normal form of the grade, whatever a client sent for them.

	Raises:
		ArchiveError: the grade is no short text.
	"""
	archive.access_grade = _grade(archive.access_grade)
	archive.secrecy_rank = rank(archive, archive.workflow_state, classification_step)


def rank(values: Mapping[str, Any] | Document, state: str | None, classification_step: bool) -> int:
	"""The secrecy rank of an archive's values in a state; also for rows of a bulk load."""
	return rule.secrecy_rank(
		cstr(values.get("confidentiality")), rule.is_approved(cstr(state), classification_step)
	)


def bulk_values(row: Mapping[str, Any], classification_step: bool, is_graded: bool = False) -> dict[str, Any]:
	"""What a row of a bulk load gets: its rank, the normal form of its grade (none while a scheme `is_graded` for access), and nothing that only the app writes."""
	values: dict[str, Any] = {field: None for field in BY_REQUEST}
	values |= {field: None for field in grade_columns.WRITTEN}
	values["access_grade"] = None if is_graded else _grade(row.get("access_grade"))
	values["secrecy_rank"] = rank(row, row.get("workflow_state"), classification_step)
	return values


def _grade(value: object) -> str | None:
	grade = rule.normal_grade(cstr(value))
	if len(grade) > rule.LONGEST_GRADE:
		frappe.throw(
			_("Access Grade: at most {0} characters, such as A").format(rule.LONGEST_GRADE), ArchiveError
		)
	return grade or None


def refresh(archives: Collection[str] | None = None) -> None:
	"""Write the rank of these archives, or of all, with one statement for each rank: after an upgrade or a changed setting."""
	step = not cint(frappe.db.get_single_value(SETTINGS, "skip_classification", cache=False))
	names = tuple(archives) if archives is not None else None
	if names == ():
		return
	settled = tuple(sorted(rule.SETTLED_STATES))
	for level in rule.LEVELS:
		approved = "1=1" if not step else "workflow_state in %(settled)s"
		for number, condition in (
			(rule.secrecy_rank(level, True), approved),
			(rule.secrecy_rank(level, False), f"not ifnull({approved}, 0)"),
		):
			_write_rank(number, f"confidentiality = %(level)s and {condition}", {"level": level, "settled": settled}, names)
	_write_rank(
		rule.secrecy_rank("", True),
		"ifnull(confidentiality, '') not in %(levels)s",
		{"levels": rule.LEVELS},
		names,
	)


def _write_rank(number: int, condition: str, values: dict[str, Any], names: tuple[str, ...] | None) -> None:
	"""`condition` is written by us; every value is a parameter."""
	chosen = " and name in %(names)s" if names is not None else ""
	frappe.db.sql(
		f"update `tabCustomer Archive` set secrecy_rank = %(number)s where ifnull(secrecy_rank, 0) <> %(number)s and {condition}{chosen}",
		{**values, "number": number, "names": names},
	)


def after_settings(settings: Document) -> None:
	"""A step that is switched on or off changes what counts as approved."""
	before = settings.get_doc_before_save()
	if before is None or cint(before.skip_classification) != cint(settings.skip_classification):
		refresh()


def after_save(archive: Document) -> None:
	"""Enter a changed level or grade in the access log; the words of the levels are no secret, the customer's name is not in them."""
	before = archive.get_doc_before_save()
	if before is None:
		return
	for field, action in (("confidentiality", "Confidentiality Change"), ("access_grade", "Grade Change")):
		old, new = cstr(before.get(field)), cstr(archive.get(field))
		if old != new:
			document = ("Classification Request", archive.flags.by_classification) if archive.flags.by_classification else None
			log.record(
				action,
				archive=archive.name,
				document=document or (ARCHIVE, archive.name),
				purpose=cstr(archive.flags.change_reason),
				detail=f"{old or '-'} → {new or '-'}",
			)


def set_grade(archive: str, grade: str, reason: str) -> str:
	"""Change the grade that access is bound to, in every state but the read-only ones; return it as it is stored.

	Raises:
		LifeCycleError: the user has none of the roles that set grades, gave no reason, or a grading scheme is bound to access.
		SealedArchiveError: the archive takes no changes now.
	"""
	if not rule.GRADERS & set(frappe.get_roles()):
		frappe.throw(_("The grade is set by customer service, the archivist or marketing; ask a colleague there"), LifeCycleError)
	scheme = grade_columns.bound(ACCESS)
	if scheme:
		text = _("Access follows the grading scheme {0}; its grades are changed by a grade appeal, not by hand")
		frappe.throw(text.format(frappe.bold(escape_html(scheme))), LifeCycleError)
	if not cstr(reason).strip():
		frappe.throw(_("Enter why the grade changes"), LifeCycleError)
	doc = frappe.get_doc(ARCHIVE, archive, for_update=True)
	doc.flags.by_grading = True
	doc.flags.change_reason = cstr(reason).strip()[:140]
	doc.access_grade = grade
	# Marketing reads archives and does not edit them; the roles above were asked, and nothing but the grade is changed.
	doc.flags.ignore_permissions = True
	doc.save()
	return cstr(doc.access_grade)


def remind() -> int:
	"""Tell customer service which levels end soon or have ended; a level stays in force until it is decided anew (R-SEC-10).

	Returns the number of archives. A day on which the scheduler stood still is made up for.
	"""
	present = getdate(today())
	stored = frappe.db.get_single_value(SETTINGS, _REMINDED, cache=False)
	last_run = getdate(stored) if stored else None
	if last_run == present:
		return 0
	due = [row for row in _ending(present) if rule.reminder_due(getdate(row.confidential_until), last_run, present)]
	keepers = staff.holders((roles.CUSTOMER_SERVICE_STAFF, roles.CUSTOMER_SERVICE_MANAGER))
	for row in due:
		_remind_of(row, keepers, present)
	compat.set_single(SETTINGS, _REMINDED, present)
	return len(due)


def _ending(present: date) -> list[Any]:
	# The framework's own filter would count an empty date as the earliest of all.
	return list(
		frappe.db.sql(
			"""select name, confidential_until, custodian from `tabCustomer Archive`
			where confidential_until <= %s and ifnull(merged_into, '') = '' and workflow_state <> 'Destroyed' order by name""",
			add_days(present, rule.LEAD_DAYS[0]),
			as_dict=True,
		)
	)


def _remind_of(row: Any, keepers: Collection[str], present: date) -> None:
	# The access rule asks which steps a company uses, and that module leans on this one.
	from kehu_archive.permissions import documents

	people = {user for user in (*keepers, row.custodian) if user and documents.may(row.name, access.FIND, user=user)}
	day = cstr(row.confidential_until)
	if rule.has_expired(getdate(day), present):
		text = _("The confidentiality of archive {0} ended on {1} and stays in force; renew or lift it")
	else:
		text = _("The confidentiality of archive {0} ends on {1}; renew or lift it")
	notices.tell(people, (ARCHIVE, row.name), text.format(escape_html(row.name), day))


def refuse_merged(archive: Document) -> None:
	"""Refuse a classification of what is no archive in use any more.

	Raises:
		SealedArchiveError: the archive was merged away or destroyed.
	"""
	if archive.merged_into or archive.workflow_state == "Destroyed":
		frappe.throw(
			_("Archive {0} is not in use any more; nothing is classified there").format(frappe.bold(archive.name)),
			SealedArchiveError,
		)
