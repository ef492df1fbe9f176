"""Contacts of an archive: who represents it now, and who did before (R-CON-01, R-CON-05, R-FWY-09)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import frappe
from frappe import _
from frappe.utils import cstr, getdate, today

from kehu_archive.constants import ARCHIVE, CONTACT
from kehu_archive.exceptions import ArchiveError
from kehu_archive.services import protected

if TYPE_CHECKING:
	from frappe.model.document import Document

ROLE_FIELDS = (
	"is_legal_representative",
	"is_principal",
	"is_main_contact",
	"is_daily_contact",
	"is_emergency_contact",
	"is_leader",
	"is_key_person",
)
#: What a successor takes over with the post; everything personal is his own.
HANDED_OVER = ("archive", "position", "position_level", "phone", "fax", "relation", *ROLE_FIELDS)
#: What a successor may be given at once.
SUCCESSOR_FIELDS = frozenset(
	{"position", "position_level", "gender", "mobile", "direct_line", "phone", "fax", "email", "started_on", "remark"}
)


def create_first(archive: Document) -> None:
	"""Turn the names typed while creating an archive into contacts; one person may hold both posts."""
	for values in first_contacts(archive.as_dict()):
		contact = frappe.new_doc(CONTACT)
		contact.update({**values, "archive": archive.name, "started_on": archive.archive_date})
		contact.flags.from_archive = True
		protected.by_service(contact)
		# Whoever may create the archive may name its people; the contact's own rule would say the same.
		contact.insert(ignore_permissions=True)


def first_contacts(values: dict[str, Any]) -> list[dict[str, Any]]:
	"""The contacts that the archive's three quick fields stand for, as field values without ``archive``."""
	legal = cstr(values.get("legal_representative")).strip()
	main = cstr(values.get("main_contact")).strip()
	phone = cstr(values.get("main_contact_phone")).strip()
	found: list[dict[str, Any]] = []
	if main or phone:
		name = main or legal or cstr(values.get("customer_name")).strip()
		found.append({"full_name": name, "is_main_contact": 1, **_phone_field(phone)})
	if legal:
		if found and found[0]["full_name"] == legal:
			found[0]["is_legal_representative"] = 1
		else:
			found.append({"full_name": legal, "is_legal_representative": 1})
	return found


def mirrored(people: list[dict[str, Any]]) -> dict[str, str | None]:
	"""What the archive shows of contacts given as field values; the same as ``mirror`` for stored ones."""
	legal = next((p for p in people if p.get("is_legal_representative")), {})
	main = next((p for p in people if p.get("is_main_contact")), {})
	return {
		"legal_representative": legal.get("full_name"),
		"main_contact": main.get("full_name"),
		"main_contact_phone": main.get("mobile") or main.get("phone"),
	}


def _phone_field(phone: str) -> dict[str, str]:
	if not phone:
		return {}
	return {"mobile": phone} if len(phone) == 11 and phone.startswith("1") else {"phone": phone}


def keep_one_main(contact: Document) -> None:
	"""An archive has one main contact and one legal representative; the latest word counts (R-FCA-08)."""
	for field in ("is_main_contact", "is_legal_representative"):
		if contact.get(field) and contact.status == "In Post":
			table = frappe.qb.DocType(CONTACT)
			(
				frappe.qb.update(table)
				.set(table[field], 0)
				.where(
					(table.archive == contact.archive)
					& (table.name != contact.name)
					& (table.status == "In Post")
					& (table[field] == 1)
				)
			).run()


def mirror(archive: str) -> None:
	"""Show legal representative, main contact and his phone on the archive; the contacts are the truth."""
	people = frappe.get_all(
		CONTACT,
		filters={"archive": archive, "status": "In Post"},
		fields=["full_name", "mobile", "direct_line", "phone", "is_main_contact", "is_legal_representative"],
		order_by="creation asc",
	)
	legal = next((p for p in people if p.is_legal_representative), None)
	main = next((p for p in people if p.is_main_contact), None)
	shown = {
		"legal_representative": legal.full_name if legal else None,
		"main_contact": main.full_name if main else None,
		"main_contact_phone": (main.mobile or main.direct_line or main.phone) if main else None,
	}
	frappe.db.set_value(ARCHIVE, archive, shown, update_modified=False)


def replace(contact: Document, full_name: str, values: dict[str, Any], reason: str) -> Document:
	"""Let another person take over a contact's post; the former one stays as history with his dates.

	Args:
		contact: the active contact who leaves the post.
		full_name: the successor's name.
		values: some of ``SUCCESSOR_FIELDS``.
		reason: why, in the user's words.

	Raises:
		ArchiveError: the contact has left already, or a name or reason is missing.
	"""
	_need(contact.status == "In Post", _("This contact has left already; open the present one"))
	_need(full_name.strip(), _("Full Name: enter the name of the new contact"))
	_need(reason.strip(), _("Reason: say why the contact changes"))
	start = getdate(values.get("started_on") or today())
	if contact.started_on:
		_need(start >= getdate(contact.started_on), _("Started On: it lies before the former contact began"))
	successor = frappe.new_doc(CONTACT)
	successor.update({field: contact.get(field) for field in HANDED_OVER})
	successor.update({field: value for field, value in values.items() if field in SUCCESSOR_FIELDS and value})
	successor.update(
		{"full_name": full_name.strip(), "started_on": start, "replaces": contact.name, "status": "In Post"}
	)
	# The successor's flags push the former contact's away, so the order is: leave first, then arrive.
	contact.update({"status": "Left Post", "ended_on": start})
	contact.flags.in_replacement = True
	protected.by_service(contact).save()
	protected.by_service(successor).insert()
	contact.db_set("replaced_by", successor.name, update_modified=False)
	contact.add_comment("Info", _("Replaced by {0}: {1}").format(successor.full_name, reason.strip()))
	return successor


def correct_name(contact: Document, full_name: str, reason: str) -> None:
	"""Correct a misspelt name of the same person; the old spelling and the reason stay in the history."""
	_need(full_name.strip(), _("Full Name: enter the name of the new contact"))
	_need(reason.strip(), _("Reason: say why the contact changes"))
	old = contact.full_name
	contact.full_name = full_name.strip()
	contact.flags.name_corrected = True
	contact.save()
	contact.add_comment("Info", _("Name corrected from {0} to {1}: {2}").format(old, contact.full_name, reason))


def guard_history(contact: Document) -> None:
	"""Refuse to overwrite history: a contact who left stays as he was, and a person is replaced, not renamed.

	Raises:
		ArchiveError: see above; the message says which button to use instead.
	"""
	before = contact.get_doc_before_save()
	if not before:
		return
	_need(
		before.status == "In Post" or contact.flags.in_merge,
		_("This contact has left; the history cannot be changed. Open the present contact."),
	)
	renamed = cstr(before.full_name) != cstr(contact.full_name)
	_need(
		not renamed or contact.flags.name_corrected,
		_("Full Name: use Replace Contact for another person, or Correct Name for a misspelling"),
	)
	left = contact.status != before.status
	_need(not left or contact.flags.in_replacement, _("Status: use Replace Contact, so that the history is kept"))


def _need(condition: object, message: str) -> None:
	if not condition:
		frappe.throw(message, ArchiveError)
