from __future__ import annotations

import frappe
from frappe import _
from frappe.model.document import Document

from kehu_archive.exceptions import ImportRefusedError
from kehu_archive.printing.checks import PrintRecorded
from kehu_archive.services import import_secrets, importing

#: Written by the import itself; what a client sends for these is ignored.
PROGRAM_FIELDS = (
	"status",
	"progress",
	"error_message",
	"error_file",
	"total_rows",
	"imported_rows",
	"existing_rows",
	"rejected_rows",
	"warning_rows",
	"started_on",
	"finished_on",
	"started_by",
	"attempts",
	"file_hash",
	"header_cells",
)
#: What the staged rows were read from or for.
INPUT_FIELDS = ("source_file", "archive_type", "department")


class ArchiveImport(PrintRecorded, Document):
	def validate(self) -> None:
		if self.flags.by_program:
			return
		self._restore_program_fields()
		if self.is_new() or self.has_value_changed("source_file"):
			importing.check_workbook_access(self)
		self._ask_for_new_preview()

	def on_trash(self) -> None:
		if self.status in ("Queued", "Running"):
			frappe.throw(_("This import is at work; wait for its end"), ImportRefusedError)
		frappe.db.delete("Archive Import Row", {"import_batch": self.name})
		import_secrets.discard(self.name)

	def _restore_program_fields(self) -> None:
		before = self.get_doc_before_save()
		for field in PROGRAM_FIELDS:
			self.set(field, before.get(field) if before else None)
		self.status = self.status or "New"

	def _ask_for_new_preview(self) -> None:
		if self.status == "New" or not any(self.has_value_changed(field) for field in INPUT_FIELDS):
			return
		if self.status != "Previewed" and self.file_hash:
			frappe.throw(_("This import has begun; make a new one for another workbook"), ImportRefusedError)
		self.status, self.error_message = "New", None
