"""Which customers of a sheet have an archive already, and which resemble one; for whole sets of rows at once.

The same customer is: the same credit code; the same name, unless both sides have credit codes that differ;
a person needs the same phone number as well. It is the rule by which ``domain.import_sheet`` finds a
customer twice within one sheet, so that a sheet imported twice changes nothing. Clause: R-ARC-22.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import frappe
from frappe.utils import cstr

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import matching
from kehu_archive.domain.search_keys import phone_key
from kehu_archive.domain.text import core_name, fold_name
from kehu_archive.domain.validators import split_phones

INDIVIDUAL: Final = "Individual"


@dataclass(frozen=True)
class Customer:
	"""What a row is recognised by: identity keys, and the archive's comparison keys."""

	name: str
	is_person: bool
	code: str
	keys: tuple[str, ...]
	phones: tuple[str, ...]
	name_key: str

	@classmethod
	def of(cls, values: Mapping[str, Any], keys: Sequence[str]) -> Customer:
		"""From field values of an archive and the identity keys that the sheet's rule gave the row."""
		name = cstr(values.get("customer_name"))
		return cls(
			name=name,
			is_person=values.get("party_kind") == INDIVIDUAL,
			code=cstr(values.get("credit_code")),
			keys=tuple(keys),
			phones=_phones(values),
			name_key=core_name(name)[:140],
		)

	@classmethod
	def from_dict(cls, stored: Mapping[str, Any]) -> Customer:
		"""Back from ``as_dict``."""
		return cls(**{**stored, "keys": tuple(stored["keys"]), "phones": tuple(stored["phones"])})

	def as_dict(self) -> dict[str, Any]:
		"""A form that JSON keeps."""
		return asdict(self)

	def candidate(self) -> matching.Candidate:
		"""For weighing the resemblance."""
		return matching.candidate("", self.name, self.code, self.phones, is_person=self.is_person)


class KnownCustomers:
	"""Identity key -> the archive that bears it, with its credit code."""

	def __init__(self) -> None:
		self._archives: dict[str, tuple[str, str]] = {}

	@classmethod
	def load(cls, customers: Collection[Customer]) -> KnownCustomers:
		"""Fetch the archives that could be one of these customers: two queries, however many there are."""
		known = cls()
		known._add(_archives_where("code_key", {item.code for item in customers}))
		known._add(_archives_where("name_key", {item.name_key for item in customers}))
		return known

	def _add(self, archives: Iterable[Mapping[str, Any]]) -> None:
		for archive in archives:
			name, code = archive["merged_into"] or archive["name"], cstr(archive["credit_code"])
			for key in _keys(archive):
				self._archives.setdefault(key, (name, code))

	def find(self, customer: Customer) -> str | None:
		"""The archive of this customer, None when there is none."""
		for key in customer.keys:
			archive, code = self._archives.get(key, ("", ""))
			if archive and (key.startswith("code:") or not (code and customer.code and code != customer.code)):
				return archive
		return None


def _keys(archive: Mapping[str, Any]) -> list[str]:
	"""An archive answers to both kinds of key: whoever corrects its kind later must not get it a second time."""
	folded = fold_name(cstr(archive["customer_name"]))
	keys = [f"code:{archive['credit_code']}"] if archive["credit_code"] else []
	keys.append(f"name:{folded}")
	return keys + [f"person:{folded}:{phone}" for phone in _phones(archive) or ("",)]


def _phones(values: Mapping[str, Any]) -> tuple[str, ...]:
	found = [phone for name in ("phone", "main_contact_phone") for phone in split_phones(values.get(name))]
	return tuple(dict.fromkeys(found))


def similar_archives(customers: Sequence[Customer]) -> list[tuple[str, str]]:
	"""For each customer the (number, name) of an archive that resembles it, ("", "") when none does.

	Only archives that share the name's core, its pinyin or the phone number are weighed.
	"""
	candidates = [customer.candidate() for customer in customers]
	names: dict[str, str] = {}
	by_key = _by_key(
		names,
		[
			*_archives_where("name_key", {item.core_key[:140] for item in candidates}),
			*_archives_where("pinyin_key", {item.pinyin[:140] for item in candidates}),
			*_archives_where("phone_key", {phone_key(item.phones[0])[:32] for item in customers if item.phones}),
		],
	)
	found = [_most_similar(candidate, by_key) for candidate in candidates]
	return [(number, names.get(number, "")) for number in found]


def _by_key(names: dict[str, str], archives: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, matching.Candidate]]:
	by_key: dict[str, dict[str, matching.Candidate]] = {}
	known: dict[str, matching.Candidate] = {}
	for archive in archives:
		number = archive["merged_into"] or archive["name"]
		if number not in known:
			names[number] = cstr(archive["customer_name"])
			known[number] = matching.candidate(
				number,
				cstr(archive["customer_name"]),
				cstr(archive["credit_code"]),
				_phones(archive),
				is_person=archive["party_kind"] == INDIVIDUAL,
			)
		found = known[number]
		for key in (found.core_key, found.pinyin, *found.phones):
			by_key.setdefault(key, {})[number] = found
	return by_key


def _most_similar(
	candidate: matching.Candidate, by_key: Mapping[str, Mapping[str, matching.Candidate]]
) -> str:
	score, most_similar = 0, ""
	for key in filter(None, (candidate.core_key, candidate.pinyin, *candidate.phones)):
		for number, other in by_key.get(key, {}).items():
			match = matching.compare(candidate, other)
			if match.verdict != matching.NO and match.score > score:
				score, most_similar = match.score, number
	return most_similar


def _archives_where(column: str, wanted: Collection[str]) -> list[dict[str, Any]]:
	keys = sorted(filter(None, wanted))
	if not keys:
		return []
	archive = frappe.qb.DocType(ARCHIVE)
	return (
		frappe.qb.from_(archive)
		.select(
			archive.name,
			archive.customer_name,
			archive.party_kind,
			archive.credit_code,
			archive.phone,
			archive.main_contact_phone,
			archive.merged_into,
		)
		.where(archive[column].isin(keys))
		.run(as_dict=True)
	)
