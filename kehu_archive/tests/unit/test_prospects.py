"""Needs, judged factors, joint plans and conclusions as pure rules. R-UPD-11, R-GRD-07, R-GRD-10, R-MKT-06."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain import prospects as rule

TODAY = date(2026, 11, 22)
amounts = st.none() | st.integers(0, 10**9) | st.decimals(0, 10**9, places=2) | st.floats(0, 10**9).map(lambda number: round(number, 2))
states = st.sampled_from((None, "", "Unmet", "Met", "Given Up"))
needs = st.lists(st.fixed_dictionaries({"amount": amounts, "status": states}), max_size=12)
days = st.dates(TODAY - timedelta(days=900), TODAY + timedelta(days=30))


def codes(values: dict[str, Any]) -> list[tuple[str, str, Any]]:
	return [(found.field, found.code, found.param("row")) for found in rule.faults(values, TODAY)]


@given(needs, st.randoms())
def test_the_demand_is_never_negative_and_knows_no_order(rows: list[dict[str, Any]], random: Any) -> None:
	found = rule.demand(rows)
	assert found >= 0
	random.shuffle(rows)
	assert rule.demand(rows) == found


@given(needs, needs)
def test_demands_of_two_archives_add_up(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> None:
	assert rule.demand(ours + theirs) == rule.demand(ours) + rule.demand(theirs)


@given(needs)
def test_only_open_needs_count(rows: list[dict[str, Any]]) -> None:
	closed = [{**row, "status": "Met"} for row in rows]
	assert rule.demand(closed) == Decimal(0)
	assert rule.demand([*rows, *closed]) == rule.demand(rows)


@given(states, st.none() | days)
def test_a_need_has_a_last_day_exactly_when_it_is_closed(status: Any, day: date | None) -> None:
	found = rule.closed_on({"status": status, "closed_on": day}, TODAY)
	assert (found is None) == (status in (None, "", "Unmet"))
	assert found is None or found == (day or TODAY)


@given(days, days)
def test_a_need_is_not_closed_before_it_was_noted_nor_in_the_future(noted: date, closed: date) -> None:
	found = {code for _field, code, _row in codes({"needs": [{"noted_on": noted, "closed_on": closed, "status": "Met"}]})}
	assert ("date-order" in found) == (closed < noted)
	assert ("future-date" in found) == (max(noted, closed) > TODAY)


@pytest.mark.parametrize(("score", "is_good"), [(-0.01, False), (0, True), (100, True), (100.01, False)])
def test_judged_scores_lie_between_0_and_100(score: float, is_good: bool) -> None:
	row = {"metric": terms.CREDIT, "year": 2026, "score": score}
	assert codes({"grading_inputs": [row]}) == ([] if is_good else [("grading_inputs:score", "grading-score-range", 1)])


def test_a_factor_is_judged_once_a_year() -> None:
	rows = [{"metric": terms.CREDIT, "year": year, "score": 50} for year in (2025, 2026, 2025)]
	assert codes({"grading_inputs": rows}) == [("grading_inputs:metric", "grading-factor-twice", 3)]


def test_each_fault_names_its_row() -> None:
	values = {
		"needs": [{"amount": 1}, {"amount": -1}],
		"joint_plans": [{"planned_on": "2026-03-02", "due_on": "2026-03-02"}, {"planned_on": "2026-03-02", "due_on": "2026-03-01"}],
		"likelihood": 100.5,
		"national_rank": -1,
	}
	assert codes(values) == [
		("needs:amount", "negative", 2),
		("joint_plans:due_on", "date-order", 2),
		("likelihood", "share-range", None),
		("national_rank", "negative", None),
	]


@pytest.mark.parametrize(
	("values", "expected"),
	[
		({"market_status": "No Deal", "lost_reason": "价格"}, []),
		({"market_status": "No Deal"}, ["missing"]),
		({"market_status": "No Deal", "lost_reason": " "}, ["missing"]),
		({"market_status": "No Deal", "lost_reason": "价格", "transaction_count": 1}, ["prospect-has-deals"]),
		({"market_status": "No Deal", "lost_reason": "价格", "lost_on": TODAY}, []),
		({"market_status": "No Deal", "lost_reason": "价格", "lost_on": TODAY + timedelta(days=1)}, ["future-date"]),
		({"market_status": "Existing", "transaction_count": 1, "lost_on": TODAY + timedelta(days=1)}, []),
	],
)
def test_no_deal_has_a_reason_and_no_deals(values: dict[str, Any], expected: list[str]) -> None:
	assert [code for _field, code, _row in codes(values)] == expected
