"""Sensitive records: checks by kind and the masked form that may be shown (R-FCA-05, R-DSC-02)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import frappe
from frappe import _
from frappe.utils import cstr, getdate, today

from kehu_archive.domain import masking
from kehu_archive.domain.archive_rules import check_id_number
from kehu_archive.domain.faults import Checked, Fault
from kehu_archive.domain.validators import check_bank_account
from kehu_archive.exceptions import ArchiveError
from kehu_archive.services.messages import throw_faults

if TYPE_CHECKING:
	from frappe.model.document import Document

#: Kinds whose content has a form that can be checked.
_RULES: dict[str, Callable[[str], Checked[str]]] = {
	"ID Number": lambda value: check_id_number(value, getdate(today())),
	"Bank Account": check_bank_account,
}


def clean(record: Document) -> None:
	"""Bring the content into its normal form and derive what may be shown of it."""
	checked = _checked(record)
	if checked and checked.ok and checked.value:
		record.value = checked.value
	record.masked_value = masking.mask(record.record_kind or "", cstr(record.value))


def check(record: Document) -> None:
	"""Refuse a content that cannot be right, and a contact of another archive.

	Raises:
		InvalidFieldsError: the ID or account number is not possible; the message does not repeat it.
		ArchiveError: the contact belongs to another archive.
	"""
	checked = _checked(record)
	faults: list[Fault] = list(checked.faults) if checked else []
	throw_faults([fault.at("value") for fault in faults if fault.is_error], record.meta)
	if record.contact:
		owner = frappe.db.get_value("Archive Contact", record.contact, "archive")
		if owner != record.archive:
			frappe.throw(_("Archive Contact: this person belongs to another archive"), ArchiveError)


def _checked(record: Document) -> Checked[str] | None:
	rule = _RULES.get(record.record_kind)
	return rule(cstr(record.value)) if rule and record.value else None
