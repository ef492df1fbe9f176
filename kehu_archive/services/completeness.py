"""Load what archives hold, let the rule judge it, store the percentage (R-ARC-04, R-ARC-05, R-ARC-13).

One query per kind of record serves any number of archives.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import islice
from typing import Any

import frappe
from frappe import _
from frappe.utils import add_to_date, now_datetime
from pypika import Case
from pypika.functions import Sum

from kehu_archive.constants import ARCHIVE, CONTACT, SENSITIVE, TRANSACTION
from kehu_archive.domain.completeness import (
	COMPANY,
	INDIVIDUAL,
	ITEM_LABELS,
	ArchiveFacts,
	Completeness,
	Requirement,
	default_requirements,
	score,
)

CHUNK = 2000
#: No record of the app stands for these yet; what nobody can enter is not asked for.
NOT_RECORDED = frozenset({"analysis"})
#: Item to the field of the form where it is entered. Items without a field have an action in `ACTIONS`.
FIELDS = {
	"name": "customer_name",
	"contact_way": "phone",
	"address": "address",
	"postcode": "postcode",
	"credit_description": "credit_description",
	"credit_code": "credit_code",
	"preferences": "preferences",
	"business_scope": "business_scope",
	"registered_capital": "registered_capital",
	"company_nature": "company_nature",
	"shareholders": "shareholders",
	"yearly_sales": "yearly_sales",
	"business_licence": "licences",
	"tax_registration": "licences",
	"account_permit": "licences",
	"seal_corporate": "seals",
	"seal_contract": "seals",
	"seal_finance": "seals",
	"seal_legal_representative": "seals",
	"custodian": "custodian",
	"storage_location": "storage_location",
	"source_channel": "information_source",
	"update_record": "major_changes",
}
#: Item to the DocType in which it is recorded and the values a new record starts with.
ACTIONS: dict[str, tuple[str, dict[str, Any]]] = {
	"contact_person": (CONTACT, {"is_daily_contact": 1}),
	"main_contact": (CONTACT, {"is_main_contact": 1}),
	"legal_representative": (CONTACT, {"is_legal_representative": 1}),
	"responsible_person": (CONTACT, {"is_principal": 1}),
	"transactions": (TRANSACTION, {"transaction_kind": "Sale"}),
	"orders": (TRANSACTION, {"transaction_kind": "Order"}),
	"contracts": (TRANSACTION, {"transaction_kind": "Sales Contract"}),
	"agreements": (TRANSACTION, {"transaction_kind": "Cooperation Agreement"}),
	"bank_account": (SENSITIVE, {"record_kind": "Bank Account"}),
	"identity_document": (SENSITIVE, {"record_kind": "ID Number"}),
}

#: A type names its items by their labels, as its form shows them.
_CODES = {label: code for code, label in ITEM_LABELS.items()}
_HEAD = ("name", "archive_type", "party_kind", "department")


def score_of(archive: str) -> Completeness:
	"""The present completeness of one archive, from its records and not from the stored figure."""
	return scores([archive])[archive]


def scores(archives: Collection[str]) -> dict[str, Completeness]:
	"""Archive number to completeness; unknown numbers are left out."""
	heads, facts = _load(tuple(archives))
	needs = _Requirements()
	return {
		name: score(
			ArchiveFacts(**facts[name]),
			needs.of(head["archive_type"], head["party_kind"], head["department"]),
		)
		for name, head in heads.items()
	}


def refresh(archives: Collection[str] | None = None, *, after_chunk: Callable[[], None] | None = None) -> int:
	"""Store the completeness of these archives, or of all, and return how many were looked at.

	``after_chunk`` lets a job commit; within a request the caller's transaction stays open.
	"""
	seen = 0
	for names in _all_names() if archives is None else _chunks(archives):
		_store(scores(names))
		seen += len(names)
		if after_chunk:
			after_chunk()
	return seen


def keep(archive: str, stored: float | None, percent: int) -> None:
	"""Store a freshly computed percentage where the stored one differs; whoever opens an archive brings its list row up to date."""
	if stored is None or round(stored) != percent:
		frappe.db.set_value(ARCHIVE, archive, "completeness", percent, update_modified=False)


def refresh_recent(minutes: int, *, after_chunk: Callable[[], None] | None = None) -> int:
	"""Store the completeness of archives that changed, or to which something was added, in the last minutes.

	Called often with an overlapping window it keeps the figure of every road, REST included, a few minutes
	fresh and costs a save nothing; what falls between two windows is left to the nightly run over all.
	"""
	since = add_to_date(now_datetime(), minutes=-minutes)
	changed: set[str] = set()
	for doctype, field in ((ARCHIVE, "name"), (CONTACT, "archive"), (TRANSACTION, "archive"), (SENSITIVE, "archive")):
		changed.update(frappe.get_all(doctype, filters={"modified": (">=", since)}, pluck=field))
	return refresh(changed, after_chunk=after_chunk)


def describe(result: Completeness) -> dict[str, Any]:
	"""Percentage and missing items with their labels and where each is entered, for the screen."""
	return {"percent": result.percent, "missing": [_missing(item) for item in result.missing]}


def _missing(item: str) -> dict[str, Any]:
	shown: dict[str, Any] = {"item": item, "label": _(ITEM_LABELS[item])}
	if item in ACTIONS:
		shown["doctype"], shown["values"] = ACTIONS[item]
	else:
		shown["field"] = FIELDS.get(item, "customer_name")
	return shown


def _store(found: dict[str, Completeness]) -> None:
	"""One update for each percentage that occurs, so at most 101 however many archives there are."""
	groups: dict[int, list[str]] = {}
	for name, result in found.items():
		groups.setdefault(result.percent, []).append(name)
	table = frappe.qb.DocType(ARCHIVE)
	for percent, names in groups.items():
		frappe.qb.update(table).set(table.completeness, percent).where(
			table.name.isin(names) & (table.completeness.isnull() | (table.completeness != percent))
		).run()


def _chunks(names: Collection[str]) -> Iterator[tuple[str, ...]]:
	rest = iter(names)
	while part := tuple(islice(rest, CHUNK)):
		yield part


def _all_names() -> Iterator[tuple[str, ...]]:
	table = frappe.qb.DocType(ARCHIVE)
	last = ""
	while True:
		rows = (
			frappe.qb.from_(table)
			.select(table.name)
			.where(table.name > last)
			.orderby(table.name)
			.limit(CHUNK)
			.run()
		)
		if not rows:
			return
		last = rows[-1][0]
		yield tuple(row[0] for row in rows)


class _Requirements:
	"""What each type of archive asks for, read once; a department does not miss what its form hides (R-FZL-06)."""

	def __init__(self) -> None:
		self.types: dict[str, tuple[Requirement, ...]] = {}
		for row in frappe.get_all(
			"Archive Type Requirement",
			filters={"parenttype": "Archive Type"},
			fields=["parent", "item", "weight"],
			order_by="parent asc, idx asc",
		):
			need = Requirement(_CODES[row.item], row.weight, "")
			self.types[row.parent] = (*self.types.get(row.parent, ()), need)
		self.hidden: dict[str, set[str]] = {}
		for row in frappe.get_all("Archive Department Hidden Field", fields=["parent", "field_name"]):
			self.hidden.setdefault(row.parent, set()).add(row.field_name)

	def of(
		self, archive_type: str | None, party_kind: str | None, department: str | None
	) -> tuple[Requirement, ...]:
		kind = INDIVIDUAL if party_kind == "Individual" else COMPANY
		needs = self.types.get(archive_type or "") or default_requirements(kind)
		hidden = self.hidden.get(department or "", set())
		return tuple(
			need for need in needs if need.item not in NOT_RECORDED and FIELDS.get(need.item) not in hidden
		)


def _load(names: tuple[str, ...]) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, int]]]:
	heads: dict[str, dict[str, Any]] = {}
	facts: dict[str, dict[str, int]] = {}
	if not names:
		return heads, facts
	for row in _archive_rows(names):
		heads[row["name"]] = {key: row.pop(f"head_{key}") for key in _HEAD[1:]}
		name = row.pop("name")
		facts[name] = {"name": row.pop("has_name"), **row}
	for source in _SOURCES:
		for row in source(names):
			own = facts.get(row.pop("archive"))
			if own is None:
				continue
			for fact, count in row.items():
				own[fact] = own.get(fact, 0) + int(count or 0)
	return heads, facts


def _archive_rows(names: tuple[str, ...]) -> list[dict[str, Any]]:
	table = frappe.qb.DocType(ARCHIVE)

	def filled(field: str) -> Any:
		return _flag(table[field].isnotnull() & (table[field] != ""))

	query = frappe.qb.from_(table).where(table.name.isin(names))
	query = query.select(table.name, *(table[key].as_(f"head_{key}") for key in _HEAD[1:]))
	for fact, field in _SINGLE.items():
		query = query.select(filled(field).as_(fact))
	query = query.select(
		_flag(table.registered_capital > 0).as_("registered_capital"),
		table.transaction_count.as_("transactions"),
	)
	return query.run(as_dict=True)


#: Fact to the field that fills it.
_SINGLE = {
	"has_name": "customer_name",
	"phones": "phone",
	"emails": "email",
	"websites": "website",
	"address": "address",
	"postcode": "postcode",
	"credit_description": "credit_description",
	"credit_code": "credit_code",
	"business_scope": "business_scope",
	"company_nature": "company_nature",
	"custodian": "custodian",
	"storage_location": "storage_location",
	"source_channel": "information_source",
}


def _flag(condition: Any) -> Any:
	return Case().when(condition, 1).else_(0)


def _tally(
	doctype: str, key: str, names: tuple[str, ...], conditions: Callable[[Any], dict[str, Any]], *where: Any
) -> list[dict[str, Any]]:
	"""Count, for each archive, the rows that fulfil each condition."""
	table = frappe.qb.DocType(doctype)
	query = frappe.qb.from_(table).select(table[key].as_("archive"))
	for fact, condition in conditions(table).items():
		query = query.select(Sum(_flag(condition)).as_(fact))
	query = query.where(table[key].isin(names)).groupby(table[key])
	if where:
		field, value = where
		query = query.where(table[field] == value)
	return query.run(as_dict=True)


def _contacts(names: tuple[str, ...]) -> list[dict[str, Any]]:
	def conditions(table: Any) -> dict[str, Any]:
		return {
			"contacts": table.name.isnotnull(),
			"main_contacts": table.is_main_contact == 1,
			"legal_representative": table.is_legal_representative == 1,
			"responsible_persons": table.is_principal == 1,
			"phones": (table.mobile != "") | (table.direct_line != "") | (table.phone != ""),
			"emails": table.email != "",
		}

	return _tally(CONTACT, "archive", names, conditions, "status", "In Post")


def _transactions(names: tuple[str, ...]) -> list[dict[str, Any]]:
	def conditions(table: Any) -> dict[str, Any]:
		return {
			"orders": table.transaction_kind == "Order",
			"contracts": table.transaction_kind == "Sales Contract",
			"agreements": table.transaction_kind == "Cooperation Agreement",
		}

	return _tally(TRANSACTION, "archive", names, conditions, "is_cancelled", 0)


def _sensitive(names: tuple[str, ...]) -> list[dict[str, Any]]:
	def conditions(table: Any) -> dict[str, Any]:
		return {
			"bank_account": table.record_kind == "Bank Account",
			"identity_document": table.record_kind == "ID Number",
		}

	return _tally(SENSITIVE, "archive", names, conditions)


def _licences(names: tuple[str, ...]) -> list[dict[str, Any]]:
	def conditions(table: Any) -> dict[str, Any]:
		return {
			"business_licence": table.licence_kind == "Business Licence",
			"tax_registration": table.licence_kind == "Tax Registration Certificate",
			"account_permit": table.licence_kind == "Account Opening Permit",
		}

	return _tally("Customer Archive Licence", "parent", names, conditions)


def _seals(names: tuple[str, ...]) -> list[dict[str, Any]]:
	def conditions(table: Any) -> dict[str, Any]:
		return {
			"seal_corporate": table.seal_kind == "Corporate Seal",
			"seal_contract": table.seal_kind == "Contract Seal",
			"seal_finance": table.seal_kind == "Finance Seal",
			"seal_legal_representative": table.seal_kind == "Legal Representative Seal",
		}

	return _tally("Customer Archive Seal", "parent", names, conditions)


def _rows_of(doctype: str, fact: str) -> Callable[[tuple[str, ...]], list[dict[str, Any]]]:
	def source(names: tuple[str, ...]) -> list[dict[str, Any]]:
		return _tally(doctype, "parent", names, lambda table: {fact: table.name.isnotnull()})

	return source


def _updates(names: tuple[str, ...]) -> list[dict[str, Any]]:
	return _tally(
		"Version", "docname", names, lambda table: {"updates": table.name.isnotnull()}, "ref_doctype", ARCHIVE
	)


_SOURCES = (
	_contacts,
	_transactions,
	_sensitive,
	_licences,
	_seals,
	_rows_of("Customer Archive Shareholder", "shareholders"),
	_rows_of("Customer Archive Yearly Sales", "yearly_sales"),
	_rows_of("Customer Archive Preference", "preferences"),
	_rows_of("Customer Archive Collection", "source_channel"),
	_rows_of("Customer Archive Major Change", "updates"),
	_updates,
)
