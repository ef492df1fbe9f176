"""The confidentiality pledge: who has not signed it opens nothing (R-SEC-05)."""

from __future__ import annotations

import frappe
from frappe.utils import cint, cstr

from kehu_archive.constants import SETTINGS


def has_signed(user: str) -> bool:
	"""Whether a person has signed the present version, or none is asked for."""
	settings = frappe.get_cached_doc(SETTINGS)
	if not cint(settings.require_pledge):
		return True
	return bool(
		frappe.db.exists("Confidentiality Pledge", {"user": user, "pledge_version": cstr(settings.pledge_version)})
	)
