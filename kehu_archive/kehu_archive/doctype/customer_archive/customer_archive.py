"""The archive itself. What each step does lives in ``services``; this file only says when."""

from __future__ import annotations

import frappe
from frappe.model.document import Document

from kehu_archive.audit.reading import ReadRecorded
from kehu_archive.constants import ARCHIVE
from kehu_archive.permissions import facts
from kehu_archive.printing.checks import PrintRecorded
from kehu_archive.services import (
	account_managers,
	archives,
	contacts,
	deletion,
	duplicates,
	lifecycle,
	numbering,
	prospects,
	secrecy,
)


class CustomerArchive(PrintRecorded, ReadRecorded, Document):
	def before_insert(self) -> None:
		archives.drop_derived(self)

	def before_naming(self) -> None:
		# A number is given, never chosen, also by a data import that carries an ID column.
		self.name = None

	def autoname(self) -> None:
		archives.apply_defaults(self)
		self.name = self.archive_no = numbering.next_numbers(self.archive_type, self.archive_date)[0]

	def before_validate(self) -> None:
		archives.clean(self)
		prospects.prepare(self)

	def validate(self) -> None:
		lifecycle.enforce(self)
		archives.check(self)
		prospects.check(self)
		account_managers.check(self)
		duplicates.check_entry(self)

	def after_insert(self) -> None:
		contacts.create_first(self)

	def on_update(self) -> None:
		archives.after_save(self)
		secrecy.after_save(self)
		prospects.after_save(self)
		facts.forget()

	def on_trash(self) -> None:
		deletion.refuse(self)

	def before_rename(self, old: str, new: str, merge: bool = False) -> None:
		archives.refuse_rename()


def on_doctype_update() -> None:
	"""The access rule looks archives up by who entered them."""
	frappe.db.add_index(ARCHIVE, ["owner"])
