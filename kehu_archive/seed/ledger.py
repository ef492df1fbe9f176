"""The list of records that seeding created on this site.

A site may own a role or a workflow state of the same name already; such a record is used as it is and must
survive the removal of the app. Only what stands in this ledger is ours to remove.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import frappe

from kehu_archive import compat
from kehu_archive.constants import SETTINGS


class Ledger:
	"""Created records as (DocType, name), in order of creation."""

	def __init__(self, rows: list[list[str]]) -> None:
		self.rows = rows

	def create(self, values: dict[str, object]) -> bool:
		"""Insert the record unless one of that name exists.

		``values`` carries ``doctype`` and ``name``. Returns True if it was created now.
		"""
		doctype, name = str(values["doctype"]), str(values["name"])
		if frappe.db.exists(doctype, name):
			return False
		doc = frappe.get_doc(values)
		# The installer acts for the site; no user is in the session whose rights could be checked.
		doc.insert(ignore_permissions=True, set_name=name)
		self.rows.append([doctype, doc.name])
		return True

	def created(self, doctype: str) -> list[str]:
		return [name for kind, name in self.rows if kind == doctype]

	def has(self, doctype: str, name: str) -> bool:
		return [doctype, name] in self.rows


def read() -> Ledger:
	raw = frappe.db.get_single_value(SETTINGS, "seeded_records")
	return Ledger(json.loads(raw) if raw else [])


@contextmanager
def open_ledger() -> Iterator[Ledger]:
	"""Give the ledger to a seeding run and save it when the run went through."""
	book = read()
	yield book
	compat.set_single(SETTINGS, "seeded_records", json.dumps(book.rows))
