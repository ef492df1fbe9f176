"""Documents that nobody writes, changes, renames or deletes by any road that goes through a document. Clause: R-DSC-04."""

from __future__ import annotations

from typing import Any, NoReturn

import frappe
from frappe import _
from frappe.model.document import Document

from kehu_archive.exceptions import AuditError


class Immutable(Document):
	"""Rows that the app itself writes by a statement of its own; everything else is refused, also for Administrator.

	Refused are the hooks that every road passes and the statements beneath them, so that a flag which skips validation skips nothing.
	"""

	def before_insert(self) -> None:
		refuse()

	def before_validate(self) -> None:
		refuse()

	def db_insert(self, *args: Any, **kwargs: Any) -> None:
		refuse()

	def db_update(self, *args: Any, **kwargs: Any) -> None:
		refuse()

	def db_set(self, *args: Any, **kwargs: Any) -> None:
		refuse()

	def before_rename(self, old: str, new: str, merge: bool = False) -> None:
		refuse()

	def on_trash(self) -> None:
		refuse()


def refuse() -> NoReturn:
	"""Refuse a write.

	Raises:
		AuditError: always.
	"""
	frappe.throw(
		_("The access log and its seals cannot be written, changed or deleted by anybody"), AuditError
	)
	raise AssertionError  # frappe.throw never returns
