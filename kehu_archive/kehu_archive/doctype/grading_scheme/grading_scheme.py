"""A way to grade customers; its rules stand in yearly versions. What happens at each moment lives in ``services``."""

from __future__ import annotations

from frappe.model.document import Document

from kehu_archive.services import grading_guard, grading_purposes


class GradingScheme(Document):
	def validate(self) -> None:
		grading_guard.check_scheme(self)

	def on_update(self) -> None:
		grading_guard.after_scheme(self)
		grading_purposes.after_save(self)

	def on_trash(self) -> None:
		grading_guard.refuse_scheme_deletion(self)
