"""The differences between the supported versions of the framework, in one place. Probed, never guessed from a version."""

from __future__ import annotations

from typing import Any

import frappe


def set_single(doctype: str, field: str, value: Any) -> None:
	"""Write one field of a Single without touching its ``modified``."""
	if hasattr(frappe.db, "set_single_value"):
		frappe.db.set_single_value(doctype, field, value, update_modified=False)
	else:
		frappe.db.set_value(doctype, doctype, field, value, update_modified=False)
