"""Write many archives or transactions at once, by the same rules as one at a time but with sets.

Nothing here commits: the caller decides what belongs together. Values must have passed
``archives.clean_values``; what a document's hooks would add (number, defaults, comparison keys, contacts,
search index, totals) is added here for the whole set.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import frappe
from frappe.utils import getdate, now, today

from kehu_archive.constants import ARCHIVE, CONTACT, SENSITIVE, TRANSACTION
from kehu_archive.domain.grading_terms import ACCESS
from kehu_archive.services import (
	archives,
	contacts,
	grade_columns,
	lifecycle,
	numbering,
	search_index,
	secrecy,
)
from kehu_archive.services import transactions as transaction_service
from kehu_archive.services.sql import harmless, insert_rows
from kehu_archive.vault import store

Row = dict[str, Any]
refresh_totals = transaction_service.refresh_totals


def insert_archives(rows: list[Row], *, owner: str | None = None) -> list[str]:
	"""Insert archives with their first contacts and search keys; return their numbers in the order of ``rows``.

	Args:
		rows: field values of Customer Archive without child tables.
		owner: the user who shall stand as creator; the session user by default.

	Raises:
		ArchiveError: an archive type without class code.
		frappe.UniqueValidationError or the database's duplicate error: a credit code that exists already.
	"""
	if not rows:
		return []
	prepared = [archives.with_defaults(row) for row in rows]
	_give_numbers(prepared)
	people = [contacts.first_contacts(row) for row in prepared]
	step, is_graded = lifecycle.current_switches().classification, bool(grade_columns.bound(ACCESS))
	for row, found in zip(prepared, people, strict=True):
		row.update(contacts.mirrored(found))
		row.update(archives.comparison_keys(row))
		row.update(secrecy.bulk_values(row, step, is_graded))
	_insert(ARCHIVE, prepared, owner)
	_insert(
		CONTACT,
		[
			{**contact, "archive": row["name"], "status": "In Post", "started_on": row["archive_date"]}
			for row, found in zip(prepared, people, strict=True)
			for contact in found
		],
		owner,
	)
	names = [row["name"] for row in prepared]
	search_index.write(names)
	return names


def insert_transactions(rows: list[Row]) -> int:
	"""Insert transactions whose ``source_key`` is not there yet; return how many were new.

	Rows carry ``archive``, ``posted_on`` and ``amount`` (CNY) and whatever else is known. Totals are not
	refreshed: call ``refresh_totals`` once after the last set.
	"""
	known = _known_keys([row["source_key"] for row in rows if row.get("source_key")])
	fresh = [
		{"transaction_kind": "Sale", "in_totals": 1, **row}
		for row in rows
		if not row.get("source_key") or row["source_key"] not in known
	]
	_insert(TRANSACTION, fresh, None)
	return len(fresh)


def insert_secrets(rows: list[Row], *, owner: str | None = None) -> int:
	"""Insert Sensitive Records, encrypted; return how many.

	Args:
		rows: ``archive``, ``record_kind``, ``value`` (checked, in its normal form) and whatever else is known.
		owner: the user who shall stand as creator; the session user by default.

	Raises:
		MasterKeyError: the keys are missing; nothing was stored.
	"""
	sealed = store.sealed_rows(row for row in rows if row["value"])
	_insert(SENSITIVE, sealed, owner)
	return len(sealed)


def _known_keys(keys: Sequence[str]) -> set[str]:
	if not keys:
		return set()
	return set(
		frappe.db.sql(
			"select source_key from `tabArchive Transaction` where source_key in %s", (tuple(keys),), pluck=True
		)
	)


def _give_numbers(rows: list[Row]) -> None:
	groups: dict[tuple[str, int], list[Row]] = defaultdict(list)
	for row in rows:
		groups[(row["archive_type"], getdate(row["archive_date"]).year)].append(row)
	for (archive_type, _year), members in groups.items():
		numbers = numbering.next_numbers(archive_type, members[0]["archive_date"], len(members))
		for row, number in zip(members, numbers, strict=True):
			row["name"] = row["archive_no"] = number


def _insert(doctype: str, rows: list[Row], owner: str | None) -> None:
	"""Insert rows of one DocType with the framework's own columns filled as a document's insert would."""
	if not rows:
		return
	meta = frappe.get_meta(doctype)
	stamp, user = now(), owner or frappe.session.user
	defaults = _column_defaults(meta)
	columns = [column for column in meta.get_valid_columns() if column not in ("doctype",)]
	common = {"creation": stamp, "modified": stamp, "owner": user, "modified_by": user, "docstatus": 0, "idx": 0}
	base = {**defaults, **common}

	def values() -> Any:
		for row in rows:
			full = {**base, **row}
			full.setdefault("name", None)
			full["name"] = full["name"] or frappe.generate_hash(length=10)
			yield [harmless(full.get(column)) for column in columns]

	insert_rows(f"tab{doctype}", columns, values())


def _column_defaults(meta: Any) -> Row:
	"""Static defaults and zeroes for columns that must not be NULL."""
	dynamic: dict[str, Callable[[], str]] = {"Today": today, "Now": now}
	defaults: Row = {}
	for field in meta.fields:
		if field.fieldtype in ("Check", "Int", "Float", "Currency", "Percent"):
			defaults[field.fieldname] = field.default or 0
		elif field.default:
			defaults[field.fieldname] = dynamic[field.default]() if field.default in dynamic else field.default
	return {name: value for name, value in defaults.items() if value != "__user"}
