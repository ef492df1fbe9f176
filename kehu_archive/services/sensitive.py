"""Sensitive records: checks by kind, the masked form that may be shown, and the encrypted content (R-FCA-05, R-DSC-01, R-DSC-02).

Contract: `value` is an input and never stored. When a record is saved the content is checked, masked, encrypted and emptied, before any other
hook sees the record; without a new content the stored one stays. What a client sends for the encrypted columns is put back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import frappe
from frappe import _
from frappe.utils import cstr, getdate, today

from kehu_archive.constants import SENSITIVE
from kehu_archive.domain import masking
from kehu_archive.domain.archive_rules import check_id_number
from kehu_archive.domain.faults import Checked, Fault
from kehu_archive.domain.validators import check_bank_account
from kehu_archive.exceptions import ArchiveError
from kehu_archive.services.messages import throw_faults
from kehu_archive.vault import ingress, store
from kehu_archive.vault.guarded import Plain, quiet
from kehu_archive.vault.hygiene import remember
from kehu_archive.vault.store import Home, Sealed

if TYPE_CHECKING:
	from frappe.model.document import Document

#: Columns that only this module writes.
SEALED_FIELDS: Final = ("ciphertext", "blind_index", "masked_value")
MOST_CHARACTERS: Final = 20_000
#: Kinds whose content has a form that can be checked.
_RULES: Final[dict[str, Callable[[str], Checked[str]]]] = {
	"ID Number": lambda value: check_id_number(value, getdate(today())),
	"Bank Account": check_bank_account,
}


@quiet()
def prepare(record: Document) -> None:
	"""Take the content that was entered, bring it into its normal form, and put back what a client may not write."""
	entered = ingress.redeem(cstr(record.value)) or _entered_before(record)
	remember(entered)
	checked = check_content(record.record_kind, entered)
	record.value = Plain(checked.value) if checked and checked.ok and checked.value else entered
	for field, stored in _stored(record).items():
		record.set(field, stored)


def check(record: Document) -> None:
	"""Refuse a content that cannot be right, a kind that no longer fits it, and a contact of another archive.

	Raises:
		InvalidFieldsError: the ID or account number is not possible; the message does not repeat it.
		ArchiveError: the contact belongs to another archive, the content is too long, or the kind was changed without a new content.
	"""
	throw_faults(_faults(record), record.meta)
	if len(record.value or "") > MOST_CHARACTERS:
		frappe.throw(_("Content: at most {0} characters").format(MOST_CHARACTERS), ArchiveError)
	if not record.value and record.ciphertext and record.has_value_changed("record_kind"):
		frappe.throw(_("Kind: enter the content again when you change the kind"), ArchiveError)
	if record.contact:
		owner = frappe.db.get_value("Archive Contact", record.contact, "archive")
		if owner != record.archive:
			frappe.throw(_("Archive Contact: this person belongs to another archive"), ArchiveError)


@quiet()
def seal(record: Document) -> None:
	"""Encrypt a content that was entered, and empty the field.

	Raises:
		MasterKeyError: the keys are missing; nothing is stored.
	"""
	if record.value:
		home = _home(record)
		sealed = store.seal(home, record.value)
		# Should this save fail further on and be tried again by the same program, the content is still at hand.
		record.flags.sealed_input = (home, sealed)
		record.update({field: sealed.columns()[field] for field in SEALED_FIELDS})
	record.value = None


def stored(record: Document) -> None:
	"""The record is written: nothing has to be kept for another attempt."""
	record.flags.pop("sealed_input", None)


def check_content(kind: str | None, text: str) -> Checked[str] | None:
	"""The content in its normal form with what is wrong with it; None when the kind has no form or there is no content."""
	rule = _RULES.get(kind or "")
	return rule(text) if rule and text else None


@quiet()
def _faults(record: Document) -> list[Fault]:
	checked = check_content(record.record_kind, record.value or "")
	return [fault.at("value") for fault in checked.faults if fault.is_error] if checked else []


def _entered_before(record: Document) -> Plain:
	kept: tuple[Home, Sealed] | None = record.flags.get("sealed_input")
	return store.unseal(kept[0], kept[1].ciphertext) if kept else Plain("")


def _stored(record: Document) -> dict[str, Any]:
	"""The encrypted columns as they stand in the database; empty ones of a new record."""
	found = None
	if not record.is_new():
		found = frappe.db.get_value(SENSITIVE, record.name, SEALED_FIELDS, as_dict=True)
	return dict(found) if found else dict.fromkeys(SEALED_FIELDS, None)


def _home(record: Document) -> Home:
	return Home(cstr(record.name), cstr(record.archive), cstr(record.record_kind))


def mask(kind: str, text: str) -> str:
	"""What may be shown of a content; see `domain.masking`."""
	return masking.mask(kind, text)
