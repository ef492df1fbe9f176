"""What a customer says of us: an opinion, a suggestion, a need or a complaint (R-FZL-05)."""

from __future__ import annotations

from frappe.model.document import Document

from kehu_archive.services import deletion


class CustomerFeedback(Document):
	def on_trash(self) -> None:
		deletion.refuse(self)
