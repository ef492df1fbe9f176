"""Fields that the app writes and no client: what a client sends for them is put back.

A service that writes one sets a flag on the document first; flags cannot arrive over HTTP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import frappe

if TYPE_CHECKING:
	from frappe.model.document import Document

FIELDS: Final[dict[str, tuple[str, ...]]] = {
	"Archive Contact": ("status", "ended_on", "replaces", "replaced_by"),
	"Archive Transaction": ("is_cancelled", "cancel_reason", "source_key", "reference_doctype", "reference_name"),
	"Customer Complaint": ("status", "registered_by", "feedback"),
	"Customer Feedback": ("recorded_by", "complaint"),
	"Archive Borrowing": ("status", "lent_on", "lent_by", "returned_on", "received_by"),
}


def by_service(doc: Document) -> Document:
	"""Mark a document as written by the app itself; returns the document."""
	doc.flags.by_service = True
	return doc


def restore(doc: Document) -> None:
	"""Put the protected fields back to what is stored, or to their defaults in a new document."""
	if doc.flags.by_service or doc.flags.in_merge:
		return
	before = None if doc.is_new() else doc.get_doc_before_save()
	for field in FIELDS[doc.doctype]:
		doc.set(field, before.get(field) if before else _default(doc, field))


def _default(doc: Document, field: str) -> Any:
	default = doc.meta.get_field(field).default
	return frappe.session.user if default == "__user" else default
