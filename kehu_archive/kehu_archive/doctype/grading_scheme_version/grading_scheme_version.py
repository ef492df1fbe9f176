"""The rules of a scheme for one fiscal year. They are written in a draft and stay as they are once they were in force."""

from __future__ import annotations

import frappe
from frappe.model.document import Document
from frappe.utils import cint

from kehu_archive.services import grading_guard, grading_schemes


class GradingSchemeVersion(Document):
	def autoname(self) -> None:
		self.name = grading_schemes.next_name(self.scheme, cint(self.year))

	def before_validate(self) -> None:
		grading_guard.prepare_version(self)

	def validate(self) -> None:
		grading_guard.check_version(self)

	def on_trash(self) -> None:
		grading_guard.refuse_version_deletion(self)


def on_doctype_update() -> None:
	"""Every transaction asks which version of a scheme is in force."""
	frappe.db.add_index("Grading Scheme Version", ["scheme", "status"])
