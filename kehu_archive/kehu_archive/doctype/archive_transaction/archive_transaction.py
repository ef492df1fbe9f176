"""One deal with the customer; orders and contracts are deals with a period and a paper."""

from __future__ import annotations

import frappe
from frappe.model.document import Document

from kehu_archive.audit.reading import ReadRecorded
from kehu_archive.printing.checks import PrintRecorded
from kehu_archive.services import archives, deletion, grading_transactions, lifecycle, protected, transactions


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
			grading_transactions.regrade([self.archive])

	def on_trash(self) -> None:
		deletion.refuse(self)


def on_doctype_update() -> None:
	"""Three million rows are read by archive and day. The index holds all that grading sums up, so that a run never leaves it."""
	columns = ["archive", "posted_on", "is_cancelled", "in_totals", "transaction_kind", "amount", "is_default", "due_on", "paid_on"]
	frappe.db.add_index("Archive Transaction", columns, "archive_deals_index")
	# The narrower one of earlier versions begins with the same columns.
	frappe.db.sql_ddl("alter table `tabArchive Transaction` drop index if exists `archive_posted_on_index`")
