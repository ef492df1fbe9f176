from __future__ import annotations

import frappe
from frappe.model.document import Document

from kehu_archive.printing.checks import PrintRecorded


class ArchiveImportRow(PrintRecorded, Document):
	"""A row of a workbook on its way to an archive. Written in sets by ``services.import_staging``, never through a form."""


def on_doctype_update() -> None:
	# The job takes the pending rows of one import in the order of the sheet.
	frappe.db.add_index("Archive Import Row", ["import_batch", "status", "row_no"], "import_status_row")
