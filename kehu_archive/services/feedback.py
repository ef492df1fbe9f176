"""Customer feedback and what becomes of it (R-FZL-05)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import frappe
from frappe import _

from kehu_archive.exceptions import ArchiveError
from kehu_archive.services import protected

if TYPE_CHECKING:
	from frappe.model.document import Document


def make_complaint(feedback: Document) -> Document:
	"""Register a complaint from a feedback; both stay linked.

	Raises:
		ArchiveError: a complaint was made from it already.
	"""
	if feedback.complaint:
		frappe.throw(_("Complaint {0} was made from this feedback already").format(feedback.complaint), ArchiveError)
	archive = frappe.get_cached_value(
		"Customer Archive", feedback.archive, ["customer_name", "phone", "main_contact_phone"], as_dict=True
	)
	person = frappe.db.get_value(
		"Archive Contact",
		{"name": feedback.contact, "archive": feedback.archive},
		["full_name", "mobile"],
		as_dict=True,
	)
	complaint = frappe.new_doc("Customer Complaint")
	complaint.update(
		{
			"archive": feedback.archive,
			"complainant": person.full_name if person else archive.customer_name,
			"contact_phone": person.mobile if person else archive.main_contact_phone,
			"channel": feedback.channel,
			"complaint_kind": "Other",
			"complaint_object": _("See content"),
			"complaint_content": feedback.content,
			"demand": _("To be asked"),
			"feedback": feedback.name,
			"status": "Registered",
			"registered_by": frappe.session.user,
		}
	)
	protected.by_service(complaint).insert()
	feedback.db_set({"complaint": complaint.name, "feedback_kind": "Complaint"})
	return complaint


def check_contact(feedback: Document) -> None:
	"""Refuse a contact of another archive.

	Raises:
		ArchiveError: names the field.
	"""
	if feedback.contact and frappe.db.get_value("Archive Contact", feedback.contact, "archive") != feedback.archive:
		frappe.throw(_("Archive Contact: this person belongs to another archive"), ArchiveError)
