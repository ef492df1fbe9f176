"""A violation and the penalty proposed for it (form 违规处理单)."""

from __future__ import annotations

from typing import Any

from frappe.model.document import Document

from kehu_archive.printing.checks import PrintRecorded
from kehu_archive.services import deletion, violations


class Violation(PrintRecorded, Document):
	def insert(self, *args: Any, **kwargs: Any) -> Document:
		# Before the framework looks up the links: its answer would tell a hidden file from one that does not exist.
		self.set("__islocal", True)
		violations.guard(self)
		return super().insert(*args, **kwargs)

	def save(self, *args: Any, **kwargs: Any) -> Document:
		if self.name and not self.is_new():
			violations.guard(self)
		return super().save(*args, **kwargs)

	def before_validate(self) -> None:
		violations.prepare(self)

	def validate(self) -> None:
		violations.check(self)

	def after_insert(self) -> None:
		violations.follow(self)

	def on_trash(self) -> None:
		deletion.refuse(self)
