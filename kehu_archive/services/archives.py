"""An archive's own rules around a save: defaults, normal forms, checks, comparison keys, what follows a save."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import frappe
from frappe import _
from frappe.utils import cstr, escape_html, getdate, today

from kehu_archive.constants import ARCHIVE, CONTACT, SETTINGS, TRANSACTION
from kehu_archive.domain import archive_rules, matching, validators
from kehu_archive.domain.archive_rules import Cleaned
from kehu_archive.domain.faults import Fault, fault
from kehu_archive.domain.search_keys import phone_key
from kehu_archive.domain.text import fold_name
from kehu_archive.exceptions import ArchiveError, InvalidFieldsError
from kehu_archive.services import messages, search_index

if TYPE_CHECKING:
	from frappe.model.document import Document

#: DocType -> the rule for its field values.
RULES: dict[str, Callable[[Mapping[str, Any], Any], Cleaned]] = {
	ARCHIVE: archive_rules.clean_archive,
	CONTACT: archive_rules.clean_contact,
	TRANSACTION: archive_rules.clean_transaction,
	"Customer Complaint": archive_rules.clean_complaint,
	"Archive Borrowing": archive_rules.clean_borrowing,
}
#: Derived or granted elsewhere: a value that a client sends for these is ignored (R-FCA-15).
DERIVED = (
	"archive_no",
	"archive_code",
	"credit_grade",
	"credit_limit",
	"transaction_count",
	"transaction_total",
	"default_count",
	"first_transaction_on",
	"last_transaction_on",
	"last_contact_on",
	"completeness",
	"converted_on",
	"merged_into",
)
#: Shown on the archive, but owned by its contacts once it exists.
MIRRORED = ("legal_representative", "main_contact", "main_contact_phone")
#: A change of one of these changes what finds the archive.
SEARCHED = ("customer_name", "party_kind", "short_name", "former_names", "phone", "credit_code", "household_no", "merged_into")


def apply_defaults(archive: Document) -> None:
	"""Fill what the number depends on, so that a caller may leave it out."""
	archive.archive_type = archive.archive_type or frappe.get_cached_doc(SETTINGS).default_archive_type
	if archive.archive_type and frappe.get_cached_value("Archive Type", archive.archive_type, "is_disabled"):
		frappe.throw(_("Archive Type: {0} is disabled; choose another").format(escape_html(archive.archive_type)), ArchiveError)
	archive.archive_date = archive.archive_date or today()
	archive.party_kind = archive.party_kind or _usual_kind(archive.archive_type)
	archive.market_status = archive.market_status or "Prospective"


def with_defaults(values: Mapping[str, Any]) -> dict[str, Any]:
	"""The same for plain values of a bulk load."""
	full = dict(values)
	full["archive_type"] = full.get("archive_type") or frappe.get_cached_doc(SETTINGS).default_archive_type
	full["archive_date"] = full.get("archive_date") or today()
	full["party_kind"] = full.get("party_kind") or _usual_kind(full["archive_type"])
	return full


def _usual_kind(archive_type: str) -> str:
	"""Organisation or Individual, as the archive type has it."""
	kind = frappe.get_cached_value("Archive Type", archive_type, "party_kind") if archive_type else None
	return kind or "Organisation"


def clean_values(values: Mapping[str, Any], doctype: str = ARCHIVE) -> Cleaned:
	"""Check field values and bring them into normal form; faults are returned, nothing is raised."""
	return RULES[doctype](values, getdate(today()))


def check_values(values: Mapping[str, Any]) -> list[Fault]:
	"""The faults of an archive's field values, errors and warnings."""
	return list(clean_values(values).faults)


def clean(doc: Document) -> None:
	"""Before the checks: write normal forms, restore derived fields, compute comparison keys."""
	_check_kinds(doc)
	cleaned = clean_values(_values(doc), doc.doctype)
	doc.update(cleaned.values)
	# The normal forms are stable, so what was found now is what a second look would find.
	doc.flags.found = cleaned.faults
	if doc.doctype == ARCHIVE:
		_restore(doc)
		doc.update(comparison_keys(doc.__dict__))


def _check_kinds(doc: Document) -> None:
	"""Refuse what is no date or no number before the database does it in English, and a submitted archive.

	Raises:
		InvalidFieldsError: names the field.
	"""
	faults = [found for row, meta, prefix in _documents(doc) for found in _wrong_kinds(row, meta, prefix)]
	messages.throw_faults(faults, doc.meta)
	if doc.docstatus:
		frappe.throw(_("{0} is not submitted; it goes through the steps of its life cycle").format(_(doc.doctype)))


_TYPED = frozenset({"Date", "Datetime", "Int", "Float", "Currency", "Percent"})


def _documents(doc: Document) -> Iterator[tuple[Document, Any, str]]:
	"""The document and its rows, each with its meta and the prefix of its fields."""
	yield doc, doc.meta, ""
	for table in doc.meta.get_table_fields():
		for row in doc.get(table.fieldname) or []:
			yield row, row.meta, f"{table.fieldname}:"


def _wrong_kinds(row: Document, meta: Any, prefix: str) -> Iterator[Fault]:
	place = {"row": int(row.idx)} if prefix and row.idx else {}
	for field in meta.fields:
		value = row.get(field.fieldname)
		if field.fieldtype not in _TYPED or not isinstance(value, str | float) or value == "":
			continue
		if field.fieldtype in ("Date", "Datetime"):
			if archive_rules.as_date(value) is None:
				yield fault(f"{prefix}{field.fieldname}", "date-unclear", **place)
		elif not _is_amount(value):
			yield fault(f"{prefix}{field.fieldname}", "amount-unclear", **place)


def _is_amount(value: str | float) -> bool:
	try:
		number = float(value.replace(",", "") if isinstance(value, str) else value)
	except ValueError:
		return False
	return abs(number) < archive_rules.LARGEST_AMOUNT


def check(doc: Document) -> None:
	"""Refuse faulty values and show doubtful ones.

	Raises:
		InvalidFieldsError: lists every field, and row, that must be corrected.
	"""
	found = doc.flags.pop("found", None)
	faults = list(clean_values(_values(doc), doc.doctype).faults if found is None else found)
	if doc.doctype == ARCHIVE and (doc.workflow_state or "Draft") != "Draft":
		faults += archive_rules.missing_for_submission(_values(doc))
		_check_department_items(doc)
	messages.throw_faults([found for found in faults if found.is_error], doc.meta)
	messages.show_warnings([found for found in faults if not found.is_error], doc.meta)


def _check_department_items(archive: Document) -> None:
	"""An item that the department made mandatory is filled before the archive leaves the draft (R-FZL-06).

	Raises:
		InvalidFieldsError: names the items.
	"""
	if not archive.department:
		return
	given = {row.item_label for row in archive.extra_items if cstr(row.item_value).strip()}
	wanted = frappe.get_cached_doc("Archive Department", archive.department).extra_items
	missing = [item.item_label for item in wanted if item.is_required and item.item_label not in given]
	if missing:
		frappe.throw(
			_("Department Items: {0} is required by {1}; fill it in").format(
				frappe.bold(escape_html("、".join(missing))), escape_html(archive.department)
			),
			InvalidFieldsError,
		)


def _values(doc: Document) -> dict[str, Any]:
	"""Field values with child rows as mappings."""
	values = {field: doc.get(field) for field in doc.meta.get_valid_columns()}
	for table in doc.meta.get_table_fields():
		values[table.fieldname] = [row.__dict__ for row in doc.get(table.fieldname) or []]
	return values


def drop_derived(archive: Document) -> None:
	"""Empty what a new archive cannot have yet, whatever a client sends."""
	for field in DERIVED:
		archive.set(field, None)


def _restore(archive: Document) -> None:
	if archive.flags.in_merge or archive.is_new():
		return
	before = archive.get_doc_before_save() or frappe.get_doc(ARCHIVE, archive.name)
	for field in (*DERIVED, *MIRRORED):
		archive.set(field, before.get(field))


def comparison_keys(values: Mapping[str, Any]) -> dict[str, str | None]:
	"""What archives are compared by: folded name, its pinyin, the phone's digits, the credit code, the household.

	Code and household are unique in the database, so two writers at once cannot both store them; they are None
	when empty and for an archive that was merged away.
	"""
	phones = [
		phone
		for field in ("phone", "main_contact_phone")
		for phone in validators.split_phones(values.get(field))
	]
	keys = matching.candidate(
		ref="",
		name=cstr(values.get("customer_name")),
		is_person=values.get("party_kind") == "Individual",
	)
	merged = bool(values.get("merged_into"))
	return {
		"name_key": keys.core_key[:140],
		"pinyin_key": keys.pinyin[:140],
		"phone_key": phone_key(phones[0])[:32] if phones else "",
		"code_key": None if merged else (cstr(values.get("credit_code")) or None),
		"household_key": None if merged else _household_key(values),
	}


def _household_key(values: Mapping[str, Any]) -> str | None:
	"""One dossier for each household of a type (002 篇一 11], R-ARC-11)."""
	number = fold_name(cstr(values.get("household_no")))
	return f"{values.get('archive_type')}|{number}"[:140] if number else None


def after_save(archive: Document) -> None:
	"""Keep the search index in step; an archive whose names did not change costs nothing."""
	before = archive.get_doc_before_save()
	if before is None or any(cstr(before.get(f)) != cstr(archive.get(f)) for f in SEARCHED):
		search_index.write([archive.name])


def refuse_rename() -> None:
	frappe.throw(_("An archive number is given once and never changed"), ArchiveError)


