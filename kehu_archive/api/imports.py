"""Requests of the import form. Each looks at the stored document, never at what the browser says it is."""

from __future__ import annotations

from typing import Any, Final

import frappe
from frappe import _
from frappe.model.document import Document

from kehu_archive.exceptions import ImportRefusedError
from kehu_archive.services import import_report, importing

BEFORE_PREVIEW: Final = "before_preview"


def _checked(name: str, permission: str) -> Document:
	doc = frappe.get_doc(importing.IMPORT, name)
	doc.check_permission(permission)
	return doc


@frappe.whitelist(methods=["POST"])
def preview(name: str) -> dict[str, Any]:
	"""Read the workbook of an import and return what is in it.

	A workbook that cannot be read is no error of the request: the import becomes Failed and keeps the message, which says why and what to do.

	Raises:
		PermissionError: the user may not change the import.
		ImportRefusedError: the import has begun.
	"""
	doc = _checked(name, "write")
	frappe.db.savepoint(BEFORE_PREVIEW)
	said = len(frappe.local.message_log)
	try:
		importing.preview(doc.name)
	except ImportRefusedError as error:
		if importing.has_begun(doc):
			raise
		frappe.db.rollback(save_point=BEFORE_PREVIEW)
		text = importing.record_refusal(doc.name, error)
		# What `frappe.throw` and swallowed errors left in the answer belongs to a request that fails.
		del frappe.local.message_log[said:]
		_show_refusal(text)
	return import_report.summary(doc.name)


def _show_refusal(text: str) -> None:
	"""Say it in the answer of a request that succeeds."""
	frappe.local.response.pop("exc_type", None)
	frappe.msgprint(text, title=_("The workbook was refused"), indicator="red")


@frappe.whitelist(methods=["POST"])
def start(name: str) -> dict[str, Any]:
	"""Begin, or continue, an import in the background.

	Raises:
		PermissionError: the user may not change the import.
		ImportRefusedError: it was not previewed, is at work, or is done.
	"""
	doc = _checked(name, "write")
	importing.start(doc.name)
	return import_report.summary(doc.name)


@frappe.whitelist()
def summary(name: str) -> dict[str, Any]:
	"""Counts, kinds of faults and first rows of an import.

	Raises:
		PermissionError: the user may not read the import.
	"""
	return import_report.summary(_checked(name, "read").name)


@frappe.whitelist()
def template() -> None:
	"""Send the empty statistics sheet as a download.

	Raises:
		PermissionError: the user may not import.
	"""
	if not frappe.has_permission(importing.IMPORT, "create"):
		frappe.throw(_("You may not import customers"), frappe.PermissionError)
	frappe.response["type"] = "binary"
	frappe.response["filename"] = f"{_('Customer Statistics Sheet')}.xlsx"
	frappe.response["filecontent"] = import_report.template()
