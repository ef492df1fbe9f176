"""Who may print a restricted document, asked once for every print by every road, and written into the access log.

The framework lets a reader print, accepts share keys of guests, takes the document from the caller and skips its checks for e-mails; none of that
counts here. Clause: R-ACC-11, R-DSC-07.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import frappe
from frappe import _
from frappe.www.printview import set_link_titles

from kehu_archive.audit import log
from kehu_archive.constants import ARCHIVE, SENSITIVE
from kehu_archive.domain import access
from kehu_archive.exceptions import AccessDeniedError
from kehu_archive.permissions import documents, registry
from kehu_archive.services import print_copies

if TYPE_CHECKING:
	from frappe.model.document import Document

PRINT = "Print"
PDF = "PDF"
_CHECKED = "kehu_print_checked"


class PrintRecorded:
	"""Mixin for the controller of a restricted DocType: every print is checked and recorded."""

	def before_print(self, settings: Any = None) -> None:
		before_print(self)


def before_print(doc: Any) -> None:
	"""Refuse a print that the access rules do not allow, print what is stored, and record it.

	Raises:
		AccessDeniedError: not allowed; the message says how to apply.
		AuditError: it cannot be recorded.
	"""
	archive = check(doc.doctype, str(doc.name or ""))
	_use_stored(doc)
	if _hangs(doc.doctype):
		print_copies.count(archive or "", doc.doctype, str(doc.name))
	log.record(
		PDF if frappe.flags.kehu_pdf else PRINT, archive=archive, document=(doc.doctype, doc.name), quantity=1
	)
	doc.flags[_CHECKED] = True


def ensure_checked(doc: Any) -> None:
	"""Check a document that is about to be rendered, unless its controller did so just now."""
	if not doc.flags.get(_CHECKED):
		before_print(doc)
	doc.flags[_CHECKED] = False


def check(doctype: str, name: str) -> str | None:
	"""Ask whether the session's user may print a stored document; the archive that it is about.

	Raises:
		AccessDeniedError: not allowed; the message says how to apply.
	"""
	_check_road(doctype)
	if not name or name.startswith("new-"):
		frappe.throw(_("Save the document first; only what is stored can be printed"), AccessDeniedError)
	if not frappe.has_permission(doctype, "print"):
		frappe.throw(_("Your roles may not print {0}").format(_(doctype)), AccessDeniedError)
	# A document that does not exist is refused in the same words as one that may not be printed.
	archive = _archive(doctype, name)
	if _hangs(doctype):
		documents.check(archive or "", access.PRINT)
		print_copies.check(archive or "", doctype, name)
	elif not frappe.db.exists(doctype, name) or not documents.has_permission(
		frappe.get_doc(doctype, name), "print"
	):
		documents.refuse()
	return archive


def may_print(doctype: str, name: str) -> bool:
	"""Whether the session's user could print a document now; for the Desk's button."""
	if doctype not in registry.RESTRICTED:
		return True
	try:
		check(doctype, name)
	except frappe.PermissionError:
		frappe.clear_last_message()
		return False
	return True


def _hangs(doctype: str) -> bool:
	"""Whether the access rule for the archive decides about a print."""
	return doctype == ARCHIVE or doctype in registry.HANGING


def _archive(doctype: str, name: str) -> str | None:
	field = registry.archive_field(doctype)
	value = frappe.db.get_value(doctype, name, field) if field else None
	return str(value) if value else None


def _check_road(doctype: str) -> None:
	"""Refuse what is never printed, whoever asks."""
	if frappe.session.user == "Guest":
		frappe.throw(_("Log in to print; links that others passed on open nothing here"), AccessDeniedError)
	if frappe.flags.ignore_print_permissions:
		frappe.throw(
			_("Prints of customer archives are not sent by e-mail; use a disclosure request"),
			AccessDeniedError,
		)
	if doctype == SENSITIVE:
		frappe.throw(
			_("Sensitive records are never printed; reveal the value on screen, with a purpose"),
			AccessDeniedError,
		)
	if doctype not in registry.STANDALONE:
		frappe.throw(_("Print the document that these rows belong to"), AccessDeniedError)


def _use_stored(doc: Document) -> None:
	"""What is printed comes from the database, whatever the caller sent; names of archives that the user may not find are left out."""
	flags = doc.flags
	doc.load_from_db()
	doc.flags = flags
	titles: dict[str, str] = {}
	setattr(doc, "__link_titles", titles)
	set_link_titles(doc)
	for key in [key for key in doc.get("__link_titles") or {} if key.startswith(f"{ARCHIVE}::")]:
		if not documents.may(key.partition("::")[2], access.FIND):
			doc.get("__link_titles").pop(key)
