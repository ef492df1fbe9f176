"""DocTypes of the framework that speak of other records, with the fields in which they name the DocType and the record."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, tuple[tuple[str, str], ...]]] = {
	"Access Log": (("export_from", "reference_document"),),
	"Activity Log": (("reference_doctype", "reference_name"), ("link_doctype", "link_name")),
	"Auto Repeat": (("reference_doctype", "reference_document"),),
	"Comment": (("reference_doctype", "reference_name"),),
	"Communication": (("reference_doctype", "reference_name"),),
	"Communication Link": (("link_doctype", "link_name"),),
	"Deleted Document": (("deleted_doctype", "deleted_name"),),
	"Discussion Topic": (("reference_doctype", "reference_docname"),),
	"DocShare": (("share_doctype", "share_name"),),
	"Document Follow": (("ref_doctype", "ref_docname"),),
	"Document Share Key": (("reference_doctype", "reference_docname"),),
	"Dynamic Link": (("link_doctype", "link_name"),),
	"Email Queue": (("reference_doctype", "reference_name"),),
	"Email Unsubscribe": (("reference_doctype", "reference_name"),),
	"Energy Point Log": (("reference_doctype", "reference_name"),),
	"Error Log": (("reference_doctype", "reference_name"),),
	"Event Participants": (("reference_doctype", "reference_docname"),),
	"File": (("attached_to_doctype", "attached_to_name"),),
	"Integration Request": (("reference_doctype", "reference_docname"),),
	"Milestone": (("reference_type", "reference_name"),),
	"Notification Log": (("document_type", "document_name"),),
	"Reminder": (("reminder_doctype", "reminder_docname"),),
	"Submission Queue": (("ref_doctype", "ref_docname"),),
	"Tag Link": (("document_type", "document_name"),),
	"ToDo": (("reference_type", "reference_name"),),
	"Transaction Log": (("reference_doctype", "document_name"),),
	"Version": (("ref_doctype", "docname"),),
	"View Log": (("reference_doctype", "reference_name"),),
	"Workflow Action": (("reference_doctype", "reference_name"),),
}
"""A DocType or field that the running version lacks does no harm."""
