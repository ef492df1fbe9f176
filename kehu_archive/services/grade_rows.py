"""Documents of grading that nobody writes, changes, renames or deletes by any road that goes through a document. Clause: R-GRD-18 (history stays)."""

from __future__ import annotations

from typing import Any, NoReturn

import frappe
from frappe import _
from frappe.model.document import Document

from kehu_archive.exceptions import GradingError
from kehu_archive.services import deletion


class GradeRow(Document):
	"""Rows that the app itself writes by a statement of its own; everything else is refused, also for Administrator.

	Refused are the hooks that every road passes and the statements beneath them, so that a flag which skips validation skips nothing.
	"""

	def insert(self, *args: Any, **kwargs: Any) -> Document:
		# Before the framework looks up the links: its answer would tell a hidden archive from one that does not exist.
		refuse(self)

	def save(self, *args: Any, **kwargs: Any) -> Document:
		refuse(self)

	def before_insert(self) -> None:
		refuse(self)

	def before_validate(self) -> None:
		refuse(self)

	def db_update(self, *args: Any, **kwargs: Any) -> None:
		refuse(self)

	def db_set(self, *args: Any, **kwargs: Any) -> None:
		refuse(self)

	def before_rename(self, old: str, new: str, merge: bool = False) -> None:
		refuse(self)

	def on_trash(self) -> None:
		deletion.refuse(self)


def refuse(doc: Document) -> NoReturn:
	"""Refuse a write.

	Raises:
		GradingError: always.
	"""
	frappe.throw(
		_("{0} is written by a grading run, a transaction or an approved appeal; it is not written by hand").format(_(doc.doctype)), GradingError
	)
	raise AssertionError  # frappe.throw never returns
