"""A grading run: what a scheme proposes for its whole population on a day."""

from __future__ import annotations

import frappe
from frappe import _
from frappe.model.document import Document

from kehu_archive.exceptions import DeletionRefusedError
from kehu_archive.services import grading_runs

#: What people may still write on a run that was started.
_OPEN = frozenset({"opinion"})


class GradingRun(Document):
	def before_insert(self) -> None:
		grading_runs.prepare(self)

	def after_insert(self) -> None:
		grading_runs.queue(self.name)

	def before_validate(self) -> None:
		if self.is_new() or self.flags.by_service:
			return
		stored = self.get_doc_before_save() or frappe.get_doc(self.doctype, self.name)
		for field in self.meta.fields:
			if field.fieldname not in _OPEN:
				self.set(field.fieldname, stored.get(field.fieldname))

	def on_trash(self) -> None:
		"""A run tells who proposed and who approved grades; it stays."""
		frappe.throw(_("Grading runs are not deleted; withdraw the run instead"), DeletionRefusedError)
