"""One person's signature under one version of the pledge; written once (R-SEC-05)."""

from __future__ import annotations

from frappe.model.document import Document

from kehu_archive.printing.checks import PrintRecorded
from kehu_archive.services import pledge


class ConfidentialityPledge(PrintRecorded, Document):
	def validate(self) -> None:
		pledge.refuse_other_roads(self)

	def on_trash(self) -> None:
		pledge.refuse_other_roads(self)

	def before_rename(self, old: str, new: str, merge: bool = False) -> None:
		pledge.refuse_other_roads(self)
