"""A request to read, copy or borrow an archive (form 档案借阅登记表)."""

from __future__ import annotations

from frappe.model.document import Document

from kehu_archive.services import archives, deletion, lifecycle, protected


class ArchiveBorrowing(Document):
	def before_validate(self) -> None:
		protected.restore(self)
		archives.clean(self)

	def validate(self) -> None:
		lifecycle.refuse_if_merged(self.archive)
		archives.check(self)

	def on_trash(self) -> None:
		deletion.refuse(self)
