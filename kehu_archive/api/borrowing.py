"""What the forms of borrowing, grants and violations call. Every call names its record; nothing else of it is taken from the caller."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.utils import cint

from kehu_archive.domain import access
from kehu_archive.exceptions import BorrowingError
from kehu_archive.permissions import documents
from kehu_archive.services import borrowing, borrowing_counter, borrowing_view, grants, violations
from kehu_archive.services.loan_parties import BORROWING


def _readable(doctype: str, name: str) -> Any:
	doc = frappe.get_doc(doctype, name)
	doc.check_permission("read")
	return doc


@frappe.whitelist(methods=["GET", "POST"])
def actions(name: str) -> dict[str, Any]:
	"""Return what the user may do with a request now, and what its form shows.

	Raises:
		PermissionError: he may not read it.
	"""
	return borrowing_view.actions(_readable(BORROWING, name))


@frappe.whitelist(methods=["GET", "POST"])
def availability(archive: str) -> dict[str, Any]:
	"""Return where the paper of an archive is: In Place, Lent, Overdue or Lost; who has it only for those who may know (R-ACC-16).

	Raises:
		AccessDeniedError: the user may not find the archive; the same for one that does not exist.
	"""
	if not documents.may(archive, access.FIND):
		documents.check(archive, access.READ)
	return borrowing_view.availability(archive)


@frappe.whitelist(methods=["POST"])
def resolve(name: str, archive: str) -> str:
	"""Say which file a request means; return its status. For those who keep archives."""
	_readable(BORROWING, name)
	return borrowing.resolve(name, str(archive))


@frappe.whitelist(methods=["POST"])
def turn_away(name: str, reason: str) -> None:
	"""Refuse a request for which no file is found. For those who keep archives."""
	_readable(BORROWING, name)
	borrowing.turn_away(name, str(reason))


@frappe.whitelist(methods=["POST"])
def approve(name: str, opinion: str = "") -> str:
	"""Agree as one of the approvers; return the status after it."""
	_readable(BORROWING, name)
	return borrowing.approve(name, str(opinion or ""))


@frappe.whitelist(methods=["POST"])
def decline(name: str, reason: str = "") -> str:
	"""Decline as one of the approvers; return the status after it."""
	_readable(BORROWING, name)
	return borrowing.decline(name, str(reason or ""))


@frappe.whitelist(methods=["POST"])
def withdraw(name: str) -> None:
	"""Take one's own request back."""
	_readable(BORROWING, name)
	borrowing.withdraw(name)


@frappe.whitelist(methods=["POST"])
def open_access(name: str) -> None:
	"""Open the electronic file to the applicant."""
	_readable(BORROWING, name)
	borrowing_counter.open_access(name)


@frappe.whitelist(methods=["POST"])
def lend(name: str, pages: int, signature: str | None = None) -> None:
	"""Hand the paper over, its pages counted."""
	_readable(BORROWING, name)
	borrowing_counter.lend(name, _number(pages), signature)


@frappe.whitelist(methods=["POST"])
def give_back(name: str, pages: int, condition: str, signature: str | None = None, note: str = "") -> str | None:
	"""Take the paper back; return the violation that was proposed, if any."""
	_readable(BORROWING, name)
	return borrowing_counter.give_back(name, _number(pages), str(condition), signature, str(note or ""))


@frappe.whitelist(methods=["POST"])
def finish(name: str) -> None:
	"""Close electronic access before its time."""
	_readable(BORROWING, name)
	borrowing_counter.finish(name)


@frappe.whitelist(methods=["POST"])
def renew(name: str, reason: str = "") -> str:
	"""Prolong a loan by one period; return the new last day."""
	_readable(BORROWING, name)
	return borrowing_counter.renew(name, str(reason or ""))


@frappe.whitelist(methods=["POST"])
def add_slip(name: str, pages: str, copies: int = 0, note: str = "") -> int:
	"""Note what was read and copied; return the copies made so far."""
	_readable(BORROWING, name)
	return borrowing_counter.add_slip(name, str(pages or ""), _number(copies), str(note or ""))


@frappe.whitelist(methods=["POST"])
def recall(name: str) -> None:
	"""Ask the borrower to bring the file back."""
	_readable(BORROWING, name)
	borrowing_counter.recall(name)


@frappe.whitelist(methods=["POST"])
def revoke_grant(grant: str, reason: str) -> None:
	"""Close a grant at once."""
	_readable(grants.GRANT, grant)
	grants.revoke(grant, str(reason or ""))


@frappe.whitelist(methods=["GET", "POST"])
def violation_actions(name: str) -> list[str]:
	"""Return the steps that the user may take with a violation now."""
	return violations.actions(_readable(violations.VIOLATION, name))


@frappe.whitelist(methods=["POST"])
def violation_step(name: str, action: str, note: str = "") -> None:
	"""Confirm, appeal, close, drop or mark as replaced.

	Raises:
		ViolationError: not his step.
	"""
	_readable(violations.VIOLATION, name)
	violations.take(str(action), name, str(note or ""))


def _number(value: object) -> int:
	"""A whole number as it was typed; a text that is none is refused, not read as zero.

	Raises:
		BorrowingError: no whole number.
	"""
	text = str(value if value not in (None, "") else 0).strip()
	if not text.lstrip("-").isdigit() or len(text) > 9:
		frappe.throw(_("Enter a whole number"), BorrowingError)
	return cint(text)
