"""One deal with the customer; orders and contracts are deals with a period and a paper."""

from __future__ import annotations

import frappe
from frappe.model.document import Document

from kehu_archive.audit.reading import ReadRecorded
from kehu_archive.printing.checks import PrintRecorded
from kehu_archive.services import archives, deletion, lifecycle, protected, transactions


class ArchiveTransaction(ReadRecorded, PrintRecorded, Document):
	def before_validate(self) -> None:
		protected.restore(self)
		archives.clean(self)

	def validate(self) -> None:
		lifecycle.refuse_if_frozen(self.archive, self)
		transactions.guard(self)
		archives.check(self)

	def on_update(self) -> None:
		if transactions.totals_change(self):
			transactions.refresh_totals([self.archive])

	def on_trash(self) -> None:
		deletion.refuse(self)


def on_doctype_update() -> None:
	"""Three million rows are read by archive and day, and summed by day."""
	frappe.db.add_index("Archive Transaction", ["archive", "posted_on"])
