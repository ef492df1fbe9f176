"""What a grading run found about one customer. Written by the run alone, by statements of its own."""

from __future__ import annotations

import frappe

from kehu_archive.audit.reading import ReadRecorded
from kehu_archive.printing.checks import PrintRecorded
from kehu_archive.services.grade_rows import GradeRow


class GradingRunResult(ReadRecorded, PrintRecorded, GradeRow):
	"""Read only; see ``GradeRow``."""


def on_doctype_update() -> None:
	"""A run finds a customer once; results are read by run in the order of archives, and its review asks by kind of change."""
	frappe.db.add_unique("Grading Run Result", ["run", "archive"])
	frappe.db.add_index("Grading Run Result", ["run", "change_kind"])
