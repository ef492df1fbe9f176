"""A request to read, copy or borrow an archive (form 档案借阅登记表)."""

from __future__ import annotations

from frappe.model.document import Document

from kehu_archive.services import archives, deletion


class ArchiveBorrowing(Document):
	def validate(self) -> None:
		archives.check(self)

	def on_trash(self) -> None:
		deletion.refuse(self)
