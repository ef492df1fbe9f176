"""What the form of a feedback calls."""

from __future__ import annotations

import frappe

from kehu_archive.services import feedback as service


@frappe.whitelist(methods=["POST"])
def make_complaint(feedback: str) -> str:
	"""Register a complaint from this feedback; return its number (R-FZL-05)."""
	# Locked, so that two clicks at once do not make two complaints.
	doc = frappe.get_doc("Customer Feedback", feedback, for_update=True)
	doc.check_permission("write")
	return service.make_complaint(doc).name
