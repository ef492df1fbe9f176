"""How a grade moved and what grades cost in contacts. R-GRD-16, R-GRD-18."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading_moves import change_kind, contacts_a_year

BEST_FIRST = ("A", "B", "C")
OPPOSITE = {terms.UP: terms.DOWN, terms.DOWN: terms.UP, terms.SAME: terms.SAME, terms.NEW: terms.LEFT, terms.LEFT: terms.NEW}


def test_kinds_of_change() -> None:
	moves = {("", "B"): terms.NEW, ("B", ""): terms.LEFT, ("B", "A"): terms.UP, ("A", "C"): terms.DOWN, ("C", "C"): terms.SAME, ("", ""): terms.SAME}
	assert {pair: change_kind(BEST_FIRST, *pair) for pair in moves} == moves


def test_a_grade_of_former_rules_is_neither_better_nor_worse() -> None:
	assert change_kind(BEST_FIRST, "D", "A") == terms.NEW
	assert change_kind(BEST_FIRST, "D", "") == terms.LEFT


@given(st.sampled_from((*BEST_FIRST, "")), st.sampled_from((*BEST_FIRST, "")))
def test_going_back_is_the_opposite(before: str, after: str) -> None:
	assert change_kind(BEST_FIRST, after, before) == OPPOSITE[change_kind(BEST_FIRST, before, after)]


def test_contacts_a_year_are_rounded() -> None:
	assert [contacts_a_year(1, 365), contacts_a_year(1, 30), contacts_a_year(2, 30), contacts_a_year(1, 730), contacts_a_year(5, 0)] == [1, 12, 24, 1, 0]


@given(st.integers(0, 10**6), st.integers(1, 1000))
def test_more_customers_never_need_fewer_contacts(customers: int, every_days: int) -> None:
	assert contacts_a_year(customers + 1, every_days) >= contacts_a_year(customers, every_days) >= 0
	assert abs(contacts_a_year(customers, every_days) - customers * 365 / every_days) <= 0.5
