"""An appeal against a customer's grade (form 等级变更单). What each step does lives in ``services.grade_appeals``."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.model.document import Document

from kehu_archive.printing.checks import PrintRecorded
from kehu_archive.services import deletion, grade_appeals


class GradeAppeal(PrintRecorded, Document):
	def insert(self, *args: Any, **kwargs: Any) -> Document:
		grade_appeals.begin(self)
		return super().insert(*args, **kwargs)

	def save(self, *args: Any, **kwargs: Any) -> Document:
		if self.name and not self.is_new():
			grade_appeals.keep(self)
		return super().save(*args, **kwargs)

	def before_validate(self) -> None:
		grade_appeals.prepare(self)

	def validate(self) -> None:
		grade_appeals.check(self)

	def on_update(self) -> None:
		grade_appeals.follow(self)

	def on_trash(self) -> None:
		deletion.refuse(self)


def on_doctype_update() -> None:
	"""An archive's open appeals are looked up when another one is handed in."""
	frappe.db.add_index("Grade Appeal", ["archive", "scheme"])
