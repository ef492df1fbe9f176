"""What the printed report of a grading run needs (R-GRD-21). Reading it writes one entry into the access log: that it was printed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import cint

from kehu_archive.audit import log
from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import access
from kehu_archive.domain.grading_terms import Version
from kehu_archive.permissions import query
from kehu_archive.printing import marks
from kehu_archive.services import grading_reasons, grading_schemes

MOST_ROWS: Final = 500


class RunReport:
	"""A Grading Run as its report shows it: counts for everybody who may read the run, changes of those archives only that the reader may print."""

	def __init__(self, run: Any) -> None:
		self.doc = run
		self.version: Version | None = grading_schemes.load(run.version) if run.version else None

	def label(self, code: str | None) -> str:
		"""What people read for a grade."""
		return grading_reasons.label_of(code, self.version) or str(_("Not Graded"))

	@cached_property
	def changes(self) -> list[Any]:
		"""What changes, grades best first."""
		return self._results("result.change_kind in ('First Grade', 'Up', 'Down', 'No Longer Graded')")

	@cached_property
	def candidates(self) -> list[Any]:
		"""Who falls just short of the next grade (R-GRD-20)."""
		return self._results("ifnull(result.candidate_for, '') != ''")

	def _results(self, condition: str) -> list[Any]:
		"""`condition` is written by this module."""
		return list(
			frappe.db.sql(
				f"""select result.archive, `tabCustomer Archive`.customer_name, result.grade_before, result.grade, result.change_kind, result.sentence,
					result.candidate_for, result.candidate_share
				from `tabGrading Run Result` result join `tabCustomer Archive` on `tabCustomer Archive`.name = result.archive
				where result.run = %(run)s and {condition} and {query.visible_archives(operation=access.PRINT).replace("%", "%%")}
				order by field(result.change_kind, 'Up', 'First Grade', 'Down', 'No Longer Graded', 'Same'), result.archive limit {MOST_ROWS + 1}""",
				{"run": self.doc.name},
				as_dict=True,
			)
		)

	def shown(self, rows: Sequence[Any]) -> Sequence[Any]:
		"""As many rows as the report has room for."""
		return rows[:MOST_ROWS]

	@property
	def is_cut(self) -> bool:
		"""Whether there are more rows than shown."""
		return len(self.changes) > MOST_ROWS or len(self.candidates) > MOST_ROWS

	def layer(self) -> str:
		"""Record the print and mark it: the run itself is open by its role, the customers named in it are not."""
		archives = sorted({row.archive for row in [*self.changes, *self.candidates]})
		log.record("PDF" if frappe.flags.kehu_pdf else "Print", document=(self.doc.doctype, self.doc.name), quantity=max(1, len(archives)))
		return marks.layer(ARCHIVE, archives, 600 * cint(len(archives)) + 2000)
