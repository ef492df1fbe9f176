"""What an approved request opens to a person, from when until when. Written by the service alone."""

from __future__ import annotations

from frappe.model.document import Document

from kehu_archive.printing.checks import PrintRecorded
from kehu_archive.services import deletion, grants


class AccessGrant(PrintRecorded, Document):
	def before_validate(self) -> None:
		grants.refuse_unless_by_service(self)

	def before_rename(self, old: str, new: str, merge: bool = False) -> None:
		grants.refuse_unless_by_service(self)

	def on_trash(self) -> None:
		deletion.refuse(self)
