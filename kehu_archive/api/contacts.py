"""What the form of a contact calls."""

from __future__ import annotations

import frappe
from frappe import _

from kehu_archive.constants import CONTACT
from kehu_archive.services import contacts


@frappe.whitelist(methods=["POST"])
def replace(contact: str, full_name: str, reason: str, values: str | dict | None = None) -> str:
	"""Let another person take over this contact's post; return the successor's name (R-CON-05).

	``values`` may hold position, position_level, gender, mobile, direct_line, phone, fax, email, started_on, remark.
	"""
	doc = frappe.get_doc(CONTACT, contact)
	doc.check_permission("write")
	frappe.new_doc(CONTACT, archive=doc.archive).check_permission("create")
	given = frappe.parse_json(values or "{}")
	if not isinstance(given, dict):
		frappe.throw(_("The values of the new contact could not be read; open the form again"))
	return contacts.replace(doc, str(full_name), given, str(reason)).name


@frappe.whitelist(methods=["POST"])
def correct_name(contact: str, full_name: str, reason: str) -> None:
	"""Correct a misspelt name; the old spelling stays in the history."""
	doc = frappe.get_doc(CONTACT, contact)
	doc.check_permission("write")
	contacts.correct_name(doc, full_name, reason)
