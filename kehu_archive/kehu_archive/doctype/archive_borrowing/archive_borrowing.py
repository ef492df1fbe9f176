"""A request to read, copy or borrow an archive, and its register (form 档案借阅登记表)."""

from __future__ import annotations

from typing import Any

from frappe.model.document import Document

from kehu_archive.printing.checks import PrintRecorded
from kehu_archive.services import archives, borrowing_request, deletion, lifecycle, protected


class ArchiveBorrowing(PrintRecorded, Document):
	def insert(self, *args: Any, **kwargs: Any) -> Document:
		# Before the framework looks up the links: its answer would tell a hidden file from one that does not exist.
		self.set("__islocal", True)
		borrowing_request.prepare(self)
		return super().insert(*args, **kwargs)

	def save(self, *args: Any, **kwargs: Any) -> Document:
		if self.name and not self.is_new():
			protected.restore(self)
		return super().save(*args, **kwargs)

	def before_validate(self) -> None:
		archives.clean(self)

	def validate(self) -> None:
		if self.is_new() and self.archive:
			lifecycle.refuse_if_merged(self.archive)
		archives.check(self)
		if self.is_new() and not self.flags.by_service:
			borrowing_request.evaluate(self)

	def after_insert(self) -> None:
		borrowing_request.announce(self)

	def on_trash(self) -> None:
		deletion.refuse(self)
