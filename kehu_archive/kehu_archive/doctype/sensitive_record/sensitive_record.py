"""The only home of ID numbers, bank accounts, family and health notes."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document

from kehu_archive.exceptions import ArchiveError
from kehu_archive.printing.checks import PrintRecorded
from kehu_archive.services import deletion, lifecycle, sensitive


class SensitiveRecord(PrintRecorded, Document):
	def before_validate(self) -> None:
		sensitive.prepare(self)

	def validate(self) -> None:
		lifecycle.refuse_if_frozen(self.archive, self)
		sensitive.check(self)
		sensitive.seal(self)

	def on_update(self) -> None:
		sensitive.stored(self)

	def before_rename(self, old: str, new: str, merge: bool = False) -> None:
		# The content is bound to the record's name.
		frappe.throw(_("A sensitive record keeps its name"), ArchiveError)

	def on_trash(self) -> None:
		deletion.refuse(self)

	def as_dict(self, *args: Any, **kwargs: Any) -> Any:
		"""Answers of the Desk and of REST are made of this: the encrypted content is of no use to anybody there."""
		values = super().as_dict(*args, **kwargs)
		for field in ("ciphertext", "blind_index"):
			values.pop(field, None)
		return values
