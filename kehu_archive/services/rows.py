"""Rows of an archive's tables are part of the archive: they are saved with it, by its rules, or not at all."""

from __future__ import annotations

import frappe
from frappe import _
from frappe.model.document import Document

from kehu_archive.exceptions import ArchiveError


class ArchiveRow(Document):
	"""Base of the child DocTypes. The framework lets a client save a row by itself, past the parent's rules; a
	parent's own save never calls these methods.
	"""

	def validate(self) -> None:
		"""Refuse a row that comes alone.

		Raises:
			ArchiveError: always.
		"""
		frappe.throw(_("A row of {0} is saved with its document; open that one").format(_(self.parenttype or "")), ArchiveError)
