"""How a customer's grade moved, and what the customers of each grade cost in contacts.

Clause: R-GRD-16 (limited resources), R-GRD-18 (a change says from where to where).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kehu_archive.domain import grading_terms as terms

DAYS_OF_A_YEAR: Final = 365


def change_kind(best_first: Sequence[str], before: str, after: str) -> str:
	"""One of `grading_terms.CHANGES`.

	Args:
		best_first: the codes of the version's grades.
		before, after: codes, '' for no grade. A former grade that the version does not know counts as none: neither up nor down can be said of it.
	"""
	if before == after:
		return terms.SAME
	if not after:
		return terms.LEFT
	if before not in best_first or after not in best_first:
		return terms.NEW
	return terms.UP if best_first.index(after) < best_first.index(before) else terms.DOWN


def contacts_a_year(customers: int, every_days: int) -> int:
	"""How many contacts a year so many customers ask for, rounded; 0 where no frequency is set."""
	if every_days <= 0:
		return 0
	return (2 * customers * DAYS_OF_A_YEAR + every_days) // (2 * every_days)
