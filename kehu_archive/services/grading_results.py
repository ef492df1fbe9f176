"""What a run found about one customer, as a row for the database.

Kept are those who change, those who nearly reach the next grade (R-GRD-20), and those whose manual grade the rules would not give: the run leaves that grade
and says so. Clause: R-GRD-18.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import now

from kehu_archive.domain import grading_moves, grading_words
from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading_terms import Outcome, Version
from kehu_archive.services import grading_reasons
from kehu_archive.services.grading_run_state import RESULT, Tally
from kehu_archive.services.sql import insert_rows

COLUMNS: Final = (
	*("name", "creation", "modified", "owner", "modified_by", "docstatus", "idx"),
	*("run", "archive", "customer_name", "region", "change_kind", "grade_before", "grade", "grade_any", "grade_all"),
	*("score", "rank_no", "total_amount", "candidate_for", "candidate_share", "sentence", "reasons"),
)
Row = list[Any]


@dataclass
class Sayer:
	"""Puts outcomes into words in one language; each word is translated once."""

	version: Version
	language: str
	_known: dict[str, str] = field(default_factory=dict)

	def sentence(self, outcome: Outcome) -> str:
		"""Why this grade, in one sentence."""
		return grading_words.text(grading_words.sentence(outcome, self.version), self._translated)

	def kept(self, outcome: Outcome) -> str:
		"""That a manual grade stays, and what the rules would give."""
		if not outcome.grade:
			return self._translated("Set by hand and kept; by the rules no grade fits")
		label = grading_words.label_of(self.version, outcome.grade)
		return self._translated("Set by hand and kept; by the rules it would be {0}").format(label)

	def _translated(self, text: str) -> str:
		found = self._known.get(text)
		if found is None:
			found = self._known[text] = str(_(text, self.language)) if text else ""
		return found


@dataclass
class Writer:
	"""Collects the rows of a chunk and what they come to."""

	run: str
	version_name: str
	version: Version
	as_of: date
	sayer: Sayer
	start: int = 0
	rows: list[Row] = field(default_factory=list)
	tally: Tally = field(default_factory=Tally)
	changes: int = 0
	candidates: int = 0

	def __post_init__(self) -> None:
		self.codes = tuple(one.code for one in self.version.grades)
		self.stamp, self.user = now(), frappe.session.user

	def head(self) -> Row:
		"""The framework's own columns of the next row and its run; names rise, so that rows are appended to the table."""
		return [f"{self.run}-{self.start + len(self.rows):08d}", self.stamp, self.stamp, self.user, self.user, 0, 0, self.run]

	def count(self, before: str, after: str, outcome: Outcome) -> str:
		"""Count a customer; returns how his grade moves."""
		kind = grading_moves.change_kind(self.codes, before, after)
		for column, grade in (
			("before_count", before),
			("after_count", after),
			("any_count", outcome.grade_any),
			("all_count", outcome.grade_all),
		):
			self.tally.numbers[grade, column] += 1
		self.tally.move(kind, after)
		return kind

	def keep(self, member: Any, region: str, kind: str, outcome: Outcome, is_kept_by_hand: bool) -> None:
		"""Add the row of a customer."""
		grade = member.grade if is_kept_by_hand else outcome.grade
		sentence = self.sayer.kept(outcome) if is_kept_by_hand else self.sayer.sentence(outcome)
		candidate = "" if is_kept_by_hand else outcome.candidate_for
		self.changes += kind != terms.SAME
		self.candidates += bool(candidate)
		self.rows.append(
			[
				*self.head(),
				*(member.name, member.customer_name, region, kind, member.grade, grade, outcome.grade_any, outcome.grade_all),
				*(outcome.score or 0, 0, 0, candidate, outcome.candidate_share or 0, sentence, self.packed(outcome)),
			]
		)

	def packed(self, outcome: Outcome) -> str:
		"""The outcome as it is stored."""
		return grading_reasons.pack(outcome, self.version_name, self.as_of)

	def write(self) -> None:
		"""Insert the rows."""
		insert_rows(f"tab{RESULT}", COLUMNS, self.rows)


def stored_values(values: Mapping[str, Decimal]) -> dict[str, str]:
	"""Metrics on their way through the database; `read_values` gives the same back."""
	return {metric: str(value) for metric, value in values.items()}


def read_values(stored: Mapping[str, str]) -> dict[str, Decimal]:
	"""Metrics as `stored_values` wrote them."""
	return {metric: Decimal(value) for metric, value in stored.items()}


def update_explained(rows: Iterable[tuple[str, str, str]]) -> None:
	"""Put sentence and reasons into rows: name, sentence, reasons. One statement for all of them."""
	given = list(rows)
	if not given:
		return
	places = ", ".join(["(%s, %s, %s)"] * len(given))
	frappe.db.sql(
		f"""insert into `tab{RESULT}` (name, sentence, reasons) values {places}
		on duplicate key update sentence = values(sentence), reasons = values(reasons)""",
		[value for row in given for value in row],
	)
