"""Fields that the app writes and no client: what a client sends for them is put back.

A service that writes one sets a flag on the document first; flags cannot arrive over HTTP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import frappe
from frappe.utils import today

if TYPE_CHECKING:
	from frappe.model.document import Document

FIELDS: Final[dict[str, tuple[str, ...]]] = {
	"Archive Contact": ("status", "ended_on", "replaces", "replaced_by"),
	"Archive Transaction": ("is_cancelled", "cancel_reason", "source_key", "reference_doctype", "reference_name"),
	"Customer Complaint": ("status", "registered_by", "feedback"),
	"Customer Feedback": ("recorded_by", "complaint"),
	"Archive Borrowing": (
		"status",
		"applied_on",
		"applicant",
		"department",
		"position_level",
		"confidentiality",
		"access_grade",
		"due_on",
		"approval_mode",
		"rules_applied",
		"approvals",
		"approved_on",
		"same_day_return",
		"may_leave_office",
		"may_copy",
		"needs_consent",
		"may_renew",
		"needs_hand_over",
		"longest_days",
		"refusal_reason",
		"lent_on",
		"lent_by",
		"lent_pages",
		"borrower_signature",
		"returned_on",
		"received_by",
		"returned_pages",
		"condition",
		"receiver_signature",
		"overdue_days",
		"reading_slips",
		"copies_made",
		"renewals",
		"reminders_sent",
		"last_reminded_on",
		"open_loan_key",
	),
	"Disclosure Request": (
		"applicant",
		"department",
		"applied_on",
		"status",
		"total_copies",
		"approval_mode",
		"rules_applied",
		"approvals",
		"approved_on",
		"refusal_reason",
		"handed_over_on",
		"handed_over_by",
		"issuer_signature",
		"received_by_name",
		"recipient_signature",
		"receipt",
		"closed_on",
	),
	"Violation": (
		"status",
		"proposed_by",
		"confirmed_by",
		"confirmed_on",
		"confirmation_note",
		"appeal_note",
		"replacement_due",
		"replaced_on",
		"replaced_by",
		"replacement_task",
	),
}
#: What a client says once, when he makes the record, and never changes: an approval holds for what was asked.
ONCE: Final[dict[str, tuple[str, ...]]] = {
	"Archive Borrowing": ("archive", "wanted", "purpose", "purpose_note", "method", "copies", "page_range", "wished_due_on"),
	"Disclosure Request": ("archive",),
	"Violation": ("violation_kind", "happened_on", "archive", "borrowing", "person"),
}


def by_service(doc: Document) -> Document:
	"""Mark a document as written by the app itself; returns the document."""
	doc.flags.by_service = True
	return doc


def restore(doc: Document) -> None:
	"""Put the protected fields back to what is stored, or to their defaults in a new document."""
	if doc.flags.by_service or doc.flags.in_merge:
		return
	before = None if doc.is_new() else doc.get_doc_before_save() or frappe.get_doc(doc.doctype, doc.name)
	fields = FIELDS[doc.doctype] if before is None else (*FIELDS[doc.doctype], *ONCE.get(doc.doctype, ()))
	for field in fields:
		doc.set(field, before.get(field) if before else _default(doc, field))


def _default(doc: Document, field: str) -> Any:
	docfield = doc.meta.get_field(field)
	if docfield.fieldtype == "Table":
		return []
	if docfield.default == "Today":
		return today()
	return frappe.session.user if docfield.default == "__user" else docfield.default
