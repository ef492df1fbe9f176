"""Where paper lies: rooms, cabinets, racks, shelves and boxes as a tree (R-ARC-20)."""

from __future__ import annotations

import frappe
from frappe import _
from frappe.utils.nestedset import NestedSet

from kehu_archive.constants import ARCHIVE


class StorageLocation(NestedSet):
	nsm_parent_field = "parent_storage_location"

	def on_trash(self, allow_root_deletion: bool = False) -> None:
		if frappe.db.exists(ARCHIVE, {"storage_location": self.name}):
			frappe.throw(_("Archives are kept here; move them to another location first"))
		super().on_trash(allow_root_deletion=True)
