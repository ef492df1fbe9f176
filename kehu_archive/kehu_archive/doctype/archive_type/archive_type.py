"""What kind of customer an archive is about, and what must be in it (R-ARC-03)."""

from __future__ import annotations

import re

import frappe
from frappe import _
from frappe.model.document import Document

from kehu_archive.constants import ARCHIVE


class ArchiveType(Document):
	def validate(self) -> None:
		self.class_code = (self.class_code or "").strip().upper()
		if not re.fullmatch(r"[A-Z0-9]{1,10}", self.class_code):
			frappe.throw(_("Class Code: use one to ten letters or digits"))
		if any((row.weight or 0) < 1 for row in self.requirements):
			frappe.throw(_("Requirements: each weight must be 1 or more"))

	def on_trash(self) -> None:
		if frappe.db.exists(ARCHIVE, {"archive_type": self.name}):
			frappe.throw(_("Archives of this type exist; disable it instead of deleting it"))
