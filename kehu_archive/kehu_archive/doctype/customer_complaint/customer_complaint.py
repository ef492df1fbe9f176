"""A complaint as it comes in (form 客户投诉登记表, step 1)."""

from __future__ import annotations

from frappe.model.document import Document

from kehu_archive.services import archives, deletion


class CustomerComplaint(Document):
	def validate(self) -> None:
		archives.check(self)

	def on_trash(self) -> None:
		deletion.refuse(self)
