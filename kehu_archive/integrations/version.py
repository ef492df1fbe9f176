"""Version: the update records of an archive and of what hangs on it are evidence that nobody changes, forges or deletes (R-UPD-09)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import frappe
from frappe import _

from kehu_archive.audit import log
from kehu_archive.audit.calls import ours
from kehu_archive.exceptions import AuditError

if TYPE_CHECKING:
	from frappe.model.document import Document


def before_validate(version: Document, method: str | None = None) -> None:
	"""Note by which road a change came; refuse a change of a stored record, and a new one that the framework did not write itself.

	Raises:
		AuditError: the record concerns the customer archives.
	"""
	if version.is_new() and version.flags.ignore_permissions:
		if ours(version.get("ref_doctype")):
			_note_source(version)
	else:
		_refuse_if_ours(version)


def _note_source(version: Document) -> None:
	"""Beside who, when, field, old and new value: the road and the address the change came from."""
	changes = frappe.parse_json(version.data) or {}
	changes["source"] = {"road": log.road(), "ip_address": getattr(frappe.local, "request_ip", None) or ""}
	version.data = frappe.as_json(changes, indent=None)


def on_trash(version: Document, method: str | None = None) -> None:
	"""Refuse to delete a record.

	Raises:
		AuditError: the record concerns the customer archives.
	"""
	if not frappe.flags.in_uninstall:
		_refuse_if_ours(version)


def before_rename(version: Document, method: str | None = None, *args: Any) -> None:
	"""Refuse to rename a record.

	Raises:
		AuditError: the record concerns the customer archives.
	"""
	_refuse_if_ours(version)


def _refuse_if_ours(version: Document) -> None:
	stored = frappe.db.get_value("Version", version.name, "ref_doctype") if version.name else None
	if ours(version.get("ref_doctype")) or ours(stored):
		frappe.throw(
			_("The update records of customer archives cannot be changed or deleted by anybody"), AuditError
		)
