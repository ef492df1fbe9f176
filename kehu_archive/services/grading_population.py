"""Whom a scheme grades, read in pieces by archive number, each customer with his present grade.

Graded are archives that wait for nothing but to be filed, are filed or are being updated: Classified, Filed and Updating, and where the company has switched
off steps before them, the state that stands in their place (V-07). A draft is not graded yet; what is sealed, under appraisal, destroyed or merged into
another archive keeps the grade it had.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

import frappe
from frappe.utils import cstr, getdate, today

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain import lifecycle as rule
from kehu_archive.services import lifecycle

CHUNK: Final = 2000
_WHOM: Final = "archive.workflow_state in %(states)s and ifnull(archive.merged_into, '') = '' and (%(kind)s = '' or archive.archive_type = %(kind)s)"
_PIECE: Final = f"""
	select archive.name, archive.region, archive.archive_date, archive.has_intention, archive.likelihood, archive.national_rank,
		archive.customer_name, archive.responsible, given.grade, given.source, given.expires_on
	from `tabCustomer Archive` archive
	left join `tabGrade Assignment` given on given.current_key = concat(archive.name, '::', %(scheme)s)
	where archive.name > %(after)s and {_WHOM}
	order by archive.name limit %(size)s
"""


class Member(NamedTuple):
	"""A customer of the population; the first six values are those that `grading_metrics` measures by."""

	name: str
	region: str | None
	archive_date: date | None
	has_intention: int | None
	likelihood: float | None
	national_rank: int | None
	customer_name: str | None
	responsible: str | None
	grade: str
	is_manual: bool
	"""The grade was set by a decided appeal and has not expired: no run touches it."""


@dataclass(frozen=True)
class Population:
	"""The customers of one scheme; an empty archive type means all."""

	scheme: str
	archive_type: str = ""

	def size(self) -> int:
		"""How many customers there are."""
		return int(frappe.db.sql(f"select count(*) from `tabCustomer Archive` archive where {_WHOM}", self._values())[0][0])

	def piece(self, after: str, size: int = CHUNK) -> list[Member]:
		"""The next customers after an archive number, in the order of numbers."""
		day = getdate(today())
		rows = frappe.db.sql(_PIECE, {**self._values(), "scheme": self.scheme, "after": after, "size": size})
		return [_member(row, day) for row in rows]

	def pieces(self, size: int = CHUNK) -> Iterator[list[Member]]:
		"""All customers, a piece at a time."""
		after = ""
		while members := self.piece(after, size):
			yield members
			after = members[-1].name

	def _values(self) -> dict[str, Any]:
		return {"states": states(), "kind": self.archive_type}


def states() -> tuple[str, ...]:
	"""The states of the life cycle whose archives are graded."""
	used = lifecycle.current_switches()
	found = [rule.CLASSIFIED, rule.FILED, rule.UPDATING]
	if not used.classification:
		found.append(rule.VERIFIED)
		if not used.verification:
			found.append(rule.SUBMITTED)
	return tuple(found)


def _member(row: tuple[Any, ...], day: date) -> Member:
	grade, source, expires_on = row[8:]
	is_manual = source == terms.BY_APPEAL and (expires_on is None or expires_on >= day)
	return Member._make((*row[:8], cstr(grade), is_manual))
