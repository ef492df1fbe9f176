"""What the dialog of the confidentiality pledge calls."""

from __future__ import annotations

from typing import Any

import frappe

from kehu_archive.services import pledge


@frappe.whitelist(methods=["POST"])
def state() -> dict[str, Any]:
	"""Whether the session's user has signed, and what there is to sign (R-SEC-05)."""
	if frappe.session.user == "Guest":
		raise frappe.PermissionError
	return {"signed": pledge.has_signed(frappe.session.user), **pledge.text_to_sign()}


@frappe.whitelist(methods=["POST"])
def sign(typed_name: str) -> str:
	"""Sign the present version with one's full name, for oneself only; return the record's name (R-SEC-05)."""
	return pledge.sign(str(typed_name))
