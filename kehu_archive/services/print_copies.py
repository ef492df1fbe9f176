"""Prints under an approved photocopy request count as copies made (R-ACC-11, V-14).

Whoever prints by a rule of his own is not counted here; the access log has his prints. A preview and the PDF or the sheet made of it within a few minutes are
one copy.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import cint, cstr, get_datetime, now_datetime

from kehu_archive.domain import access
from kehu_archive.domain import borrowing as rule
from kehu_archive.exceptions import AccessDeniedError
from kehu_archive.permissions import documents
from kehu_archive.services import borrowing_request, grants, loan_parties

SAME_COPY: Final = timedelta(minutes=10)


def check(archive: str, doctype: str, name: str) -> None:
	"""Refuse a print for which no copy is left of those approved.

	Raises:
		AccessDeniedError: they are used up; says how to apply for more.
	"""
	found = _counted_grants(archive)
	if found and not _has_left(found) and not _is_same_copy(found, doctype, name):
		_refuse()


def count(archive: str, doctype: str, name: str) -> None:
	"""Count a print against the copies approved, and note it among the reading slips of the request.

	Raises:
		AccessDeniedError: the copies are used up.
		BorrowingError: they need a consent that is no longer there.
	"""
	found = _counted_grants(archive)
	if not found or _is_same_copy(found, doctype, name):
		return
	chosen = next((grant for grant in found if cint(grant.copies_left) > 0), None)
	if chosen is None:
		_refuse()
	elif chosen.borrowing:
		_note(str(chosen.borrowing), _label(doctype, name))
	if chosen:
		grants.take_copies(chosen.name, 1)


def _counted_grants(archive: str) -> list[Any]:
	"""The photocopy grants by which the session's user prints now; none when he prints by a rule or by a grant without a number of copies."""
	decision = documents.decision(archive, access.PRINT)
	if not decision or decision.reason != "grant":
		return []
	now = now_datetime()
	found = frappe.get_all(
		grants.GRANT,
		filters={
			"user": frappe.session.user,
			"archive": archive,
			"revoked": 0,
			"can_print": 1,
			"starts_on": ("<=", now),
			"ends_on": (">", now),
		},
		fields=["name", "borrowing", "can_copy", "copies_left"],
		order_by="ends_on asc, name asc",
		limit=0,
	)
	return [] if any(not grant.can_copy for grant in found) else found


def _has_left(found: list[Any]) -> bool:
	return any(cint(grant.copies_left) > 0 for grant in found)


def _is_same_copy(found: list[Any], doctype: str, name: str) -> bool:
	"""Whether this document was counted a few minutes ago."""
	requests = [grant.borrowing for grant in found if grant.borrowing]
	noted = {
		"parent": ("in", requests or [""]),
		"parenttype": loan_parties.BORROWING,
		"pages": _label(doctype, name),
		"recorded_by": frappe.session.user,
		"copies": 1,
		"read_on": (">", get_datetime(now_datetime()) - SAME_COPY),
	}
	return bool(frappe.get_all("Archive Reading Slip", filters=noted, limit=1))


def _note(borrowing: str, label: str) -> None:
	"""A reading slip for the print, as customer service would write it for a photocopy."""
	doc = loan_parties.locked(borrowing)
	borrowing_request.check_consent(doc)
	loan_parties.refuse(rule.copies_refusal(doc.method, cint(doc.copies), cint(doc.copies_made), 1), doc)
	slip = {"read_on": now_datetime(), "pages": label, "copies": 1, "note": _("Printed"), "recorded_by": frappe.session.user}
	doc.append("reading_slips", slip)
	doc.copies_made = cint(doc.copies_made) + 1
	loan_parties.store(doc)


def _label(doctype: str, name: str) -> str:
	"""What the slip says was printed, the same words for every reader."""
	language = frappe.db.get_default("lang") or "zh"
	return cstr(f"{_(doctype, lang=language)} {name}")[:140]


def _refuse() -> None:
	frappe.throw(
		_("The copies approved for this archive are used up; for further ones make a new borrowing request, method Photocopy"),
		AccessDeniedError,
	)
