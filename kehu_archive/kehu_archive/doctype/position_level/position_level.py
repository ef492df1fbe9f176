"""Position levels in order, so that "manager and above" is a comparison of ranks (R-CON-07, R-ROL-08)."""

from __future__ import annotations

from frappe.model.document import Document


class PositionLevel(Document):
	pass
