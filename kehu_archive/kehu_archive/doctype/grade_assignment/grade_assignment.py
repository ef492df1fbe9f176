"""Which grade an archive has under a scheme, since when and why. Written by ``services.grade_writing`` alone, by statements of its own."""

from __future__ import annotations

import frappe

from kehu_archive.audit.reading import ReadRecorded
from kehu_archive.printing.checks import PrintRecorded
from kehu_archive.services.grade_rows import GradeRow


class GradeAssignment(ReadRecorded, PrintRecorded, GradeRow):
	"""Read only; see ``GradeRow``."""


def on_doctype_update() -> None:
	"""A newly bound scheme and manual grades that end are looked up over all archives."""
	frappe.db.add_index("Grade Assignment", ["scheme", "is_current", "grade"])
	frappe.db.add_index("Grade Assignment", ["is_current", "source", "expires_on"])
