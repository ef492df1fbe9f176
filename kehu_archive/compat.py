"""The differences between the supported versions of the framework, in one place. Probed, never guessed from a version."""

from __future__ import annotations

from typing import Any

import frappe


def messages() -> list[dict[str, Any]]:
	"""The messages collected for the user in this request, as dictionaries in every version."""
	return list(frappe.get_message_log())


def check_permission(doc: Any, permission: str) -> None:
	"""Raise ``frappe.PermissionError`` unless the session user has the permission on this document.

	``frappe.has_permission(throw=True)`` raises another error class in 15.0-dev; the document's own method
	raises the same one everywhere.
	"""
	doc.check_permission(permission)


def set_single(doctype: str, field: str, value: Any) -> None:
	"""Write one field of a Single without touching its ``modified``."""
	if hasattr(frappe.db, "set_single_value"):
		frappe.db.set_single_value(doctype, field, value, update_modified=False)
	else:
		frappe.db.set_value(doctype, doctype, field, value, update_modified=False)
