"""What a customer says of us: an opinion, a suggestion, a need or a complaint (R-FZL-05)."""

from __future__ import annotations

from frappe.model.document import Document

from kehu_archive.audit.reading import ReadRecorded
from kehu_archive.printing.checks import PrintRecorded
from kehu_archive.services import deletion, feedback, lifecycle, protected


class CustomerFeedback(ReadRecorded, PrintRecorded, Document):
	def before_validate(self) -> None:
		protected.restore(self)

	def validate(self) -> None:
		lifecycle.refuse_if_merged(self.archive)
		feedback.check_contact(self)

	def on_trash(self) -> None:
		deletion.refuse(self)
