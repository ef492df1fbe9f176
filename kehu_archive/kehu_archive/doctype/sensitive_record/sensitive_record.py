"""The only home of ID numbers, bank accounts, family and health notes."""

from __future__ import annotations

from frappe.model.document import Document

from kehu_archive.services import deletion, lifecycle, sensitive


class SensitiveRecord(Document):
	def before_validate(self) -> None:
		sensitive.clean(self)

	def validate(self) -> None:
		lifecycle.refuse_if_frozen(self.archive, self)
		sensitive.check(self)

	def on_trash(self) -> None:
		deletion.refuse(self)
