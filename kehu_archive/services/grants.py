"""Access grants: what an approved request opens, until when, and how it is closed again (R-SEC-09).

A grant holds while its clock runs and nobody revoked it; no job takes part in it. Grants are written here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Final

import frappe
from frappe import _
from frappe.utils import cint, now_datetime

from kehu_archive.audit import log as audit
from kehu_archive.domain import access, roles
from kehu_archive.exceptions import GrantError
from kehu_archive.permissions import facts, keeping
from kehu_archive.services import protected

if TYPE_CHECKING:
	from frappe.model.document import Document

GRANT: Final = "Access Grant"
BOXES: Final = {access.READ: "can_read", access.COPY: "can_copy", access.PRINT: "can_print", access.EXPORT: "can_export"}
REVOKERS: Final = frozenset({roles.COMPANY_LEADER, roles.GENERAL_MANAGER})


def issue(
	user: str,
	archive: str,
	*,
	ends_on: datetime,
	operations: Collection[str] = (access.READ,),
	purpose: str = access.WORK_NEED,
	borrowing: str | None = None,
	copies: int = 0,
) -> str:
	"""Open an archive to a person from now until a moment; return the grant's name.

	Args:
		ends_on: the first moment at which the grant no longer holds; 00:00 of the next day for "until the end of the day".
		operations: what it opens: read, copy, print, export.
		purpose: the purpose for which it was approved.
		borrowing: the request behind it.
		copies: how many copies may be made.

	Raises:
		GrantError: it would end before it begins.
	"""
	starts_on = now_datetime()
	if ends_on <= starts_on:
		frappe.throw(_("A grant ends after it begins"), GrantError)
	grant = frappe.new_doc(GRANT)
	grant.update(
		{
			"user": user,
			"archive": archive,
			"purpose": purpose,
			"borrowing": borrowing,
			"granted_by": frappe.session.user,
			"starts_on": starts_on,
			"ends_on": ends_on,
			"copies_left": copies,
			**{box: int(operation in operations) for operation, box in BOXES.items()},
		}
	)
	# Only this service writes grants; who may open the archive was decided by the approvals of the request.
	protected.by_service(grant).insert(ignore_permissions=True)
	facts.forget()
	audit.record("Grant", archive=archive, document=(GRANT, grant.name), purpose=purpose)
	return str(grant.name)


def of_borrowing(borrowing: str) -> str | None:
	"""The grant behind a request that was not revoked; None when there is none."""
	found = frappe.db.get_value(GRANT, {"borrowing": borrowing, "revoked": 0}, "name")
	return str(found) if found else None


def extend(grant: str, ends_on: datetime) -> None:
	"""Let a grant end at another moment."""
	doc = frappe.get_doc(GRANT, grant, for_update=True)
	doc.ends_on = ends_on
	_store(doc)
	audit.record("Grant", archive=doc.archive, document=(GRANT, doc.name), purpose=doc.purpose, detail="extended")


def take_copies(grant: str, copies: int) -> None:
	"""Count copies made against those approved.

	Raises:
		GrantError: fewer are left.
	"""
	doc = frappe.get_doc(GRANT, grant, for_update=True)
	if copies > cint(doc.copies_left):
		frappe.throw(_("{0} copies are left of those approved").format(cint(doc.copies_left)), GrantError)
	doc.copies_left = cint(doc.copies_left) - copies
	_store(doc)


def revoke(grant: str, reason: str) -> None:
	"""Close a grant at once: keepers of the archive, the Company Leader and the General Manager may, with a reason.

	Raises:
		PermissionError: somebody else asks.
		GrantError: no reason, or it was revoked already.
	"""
	doc = frappe.get_doc(GRANT, grant, for_update=True)
	if not (keeping.keeps(doc.archive) or REVOKERS & set(frappe.get_roles())):
		frappe.throw(_("A grant is revoked by those who keep the archive, the Company Leader or the General Manager"), frappe.PermissionError)
	if not reason.strip():
		frappe.throw(_("Give a reason for revoking"), GrantError)
	if doc.revoked:
		frappe.throw(_("This grant was revoked already"), GrantError)
	close(doc, reason.strip())


def close(doc: Document, reason: str) -> None:
	"""Close a grant that its caller has read for update, because it was revoked or because the file came back."""
	doc.update({"revoked": 1, "revoked_by": frappe.session.user, "revoked_on": now_datetime(), "revoke_reason": reason})
	_store(doc)
	audit.record("Revoke", archive=doc.archive, document=(GRANT, doc.name), purpose=doc.purpose or "")


def close_of_borrowing(borrowing: str, reason: str) -> None:
	"""Close the grant behind a request, when there is one."""
	found = of_borrowing(borrowing)
	if found:
		close(frappe.get_doc(GRANT, found, for_update=True), reason)


def _store(doc: Document) -> None:
	# Only this service writes grants; each caller has settled who may.
	protected.by_service(doc).save(ignore_permissions=True)
	facts.forget()


def refuse_unless_by_service(doc: Document) -> None:
	"""Refuse a grant that comes by form, import or REST.

	Raises:
		GrantError: always, unless this service writes it.
	"""
	if not doc.flags.by_service:
		frappe.throw(_("An access grant comes from an approved request; it is not written by hand"), GrantError)
