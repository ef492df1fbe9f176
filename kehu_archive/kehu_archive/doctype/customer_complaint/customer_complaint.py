"""A complaint as it comes in (form 客户投诉登记表, step 1)."""

from __future__ import annotations

from frappe.model.document import Document

from kehu_archive.audit.reading import ReadRecorded
from kehu_archive.printing.checks import PrintRecorded
from kehu_archive.services import archives, deletion, lifecycle, protected


class CustomerComplaint(ReadRecorded, PrintRecorded, Document):
	def before_validate(self) -> None:
		protected.restore(self)
		archives.clean(self)

	def validate(self) -> None:
		lifecycle.refuse_if_merged(self.archive)
		archives.check(self)

	def on_trash(self) -> None:
		deletion.refuse(self)
