"""The people around a borrowing and the clock it runs by, as the decision table asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import frappe
from frappe import _
from frappe.utils import cint, cstr, escape_html, get_datetime, getdate, now_datetime

from kehu_archive.constants import ARCHIVE, SETTINGS
from kehu_archive.domain import borrowing as rule
from kehu_archive.domain.faults import Fault
from kehu_archive.exceptions import BorrowingError
from kehu_archive.permissions import keeping
from kehu_archive.services import approvals, grants, protected, signatures

if TYPE_CHECKING:
	from frappe.model.document import Document

BORROWING: Final = "Archive Borrowing"


def locked(name: str) -> Document:
	"""A request read for update, rows and all: whoever comes second waits and sees what the first has done."""
	return frappe.get_doc(BORROWING, name, for_update=True)


def loan(doc: Document) -> rule.Loan:
	"""What the table asks about a request."""
	return rule.Loan(
		status=doc.status,
		method=doc.method,
		has_archive=bool(doc.archive),
		is_open=bool(doc.lent_on) or bool(grants.of_borrowing(doc.name)),
		same_day=bool(doc.same_day_return),
		may_leave=bool(doc.may_leave_office),
		may_renew=bool(doc.may_renew),
		is_important=bool(doc.archive and frappe.db.get_value(ARCHIVE, doc.archive, "is_important")),
		renewals=len(doc.renewals),
		due_on=getdate(doc.due_on) if doc.due_on else None,
	)


def actor(doc: Document, user: str | None = None) -> rule.Actor:
	"""The parts in which a person stands to a request."""
	name = user or frappe.session.user
	return rule.Actor(
		is_applicant=name == doc.applicant,
		is_approver=doc.status == rule.REQUESTED and approvals.may_decide(doc, name),
		is_keeper=keeping.keeps(doc.archive, name),
	)


def moment() -> rule.Moment:
	"""The site's clock and what the settings allow."""
	return rule.Moment(get_datetime(now_datetime()), cint(settings().most_renewals))


def settings() -> Any:
	return frappe.get_cached_doc(SETTINGS)


def require(action: str, doc: Document) -> None:
	"""Refuse an action that the table does not open to the session's user now.

	Raises:
		BorrowingError: says why and what to do.
	"""
	refuse(rule.refusal(action, loan(doc), actor(doc), moment()), doc)


def refuse(found: Fault | None, doc: Document) -> None:
	"""Turn a fault of the rule into an error, or return when there is none.

	Raises:
		BorrowingError: there is one.
	"""
	if found:
		label = cstr(doc.meta.get_label(found.field)) or found.field
		frappe.throw(escape_html(found.render(_, label)), BorrowingError, title=_("Not Possible"))


def store(doc: Document) -> None:
	"""Save a request that a service has changed. The one place with elevated rights: the table has settled who may do the step."""
	protected.by_service(doc).save(ignore_permissions=True)
	# A client's save of the same object must not pass as ours.
	doc.flags.by_service = False


def check_signature(signature: str | None) -> str | None:
	"""A signature as the form draws it, or none.

	Raises:
		BorrowingError: it is something else, or nothing was drawn.
	"""
	if signature and not signatures.is_drawn(signature):
		frappe.throw(_("The signature could not be read; sign again"), BorrowingError)
	return signature or None
