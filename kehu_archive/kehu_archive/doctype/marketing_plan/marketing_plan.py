"""What is planned for the customers of one grade, and how far it has come (R-MKT-01)."""

from __future__ import annotations

from frappe.model.document import Document

from kehu_archive.services import marketing_plans


class MarketingPlan(Document):
	def before_validate(self) -> None:
		marketing_plans.prepare(self)

	def validate(self) -> None:
		marketing_plans.check(self)
