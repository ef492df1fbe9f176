"""Position levels in order, so that "manager and above" is a comparison of ranks (R-CON-07, R-ROL-08)."""

from __future__ import annotations

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint

from kehu_archive.exceptions import AccessRuleError
from kehu_archive.permissions import facts


class PositionLevel(Document):
	def validate(self) -> None:
		if cint(self.rank) < 1:
			frappe.throw(_("Rank: enter 1 or more; who has no position level counts as 0"), AccessRuleError)

	def on_update(self) -> None:
		facts.forget()
