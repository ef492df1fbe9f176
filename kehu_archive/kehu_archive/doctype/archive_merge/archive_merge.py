"""The trace of a merge: written by the service alone, changed by nobody."""

from __future__ import annotations

import frappe
from frappe import _
from frappe.model.document import Document

from kehu_archive.exceptions import MergeError
from kehu_archive.printing.checks import PrintRecorded
from kehu_archive.services import deletion, overview


class ArchiveMerge(PrintRecorded, Document):
	def onload(self) -> None:
		"""The form names the people, not their accounts, which its reader may not be allowed to look up."""
		self.set_onload("full_names", overview.full_names({user for user in (self.merged_by, self.undone_by) if user}))

	def validate(self) -> None:
		if not self.flags.by_service:
			frappe.throw(
				_("The trace of a merge is not written by hand; use Merge or Undo Merge"), MergeError
			)

	def on_trash(self) -> None:
		deletion.refuse(self)
