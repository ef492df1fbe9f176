"""Fiscal years, years in a row, and every metric of one customer."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading_metrics import (
	consecutive,
	fiscal_year,
	metrics_of,
	twelve_months,
	whole_years,
	year_before,
	year_bounds,
)
from kehu_archive.domain.grading_terms import Deal

AS_OF = date(2026, 6, 15)
days = st.dates(date(2018, 1, 1), date(2030, 12, 31))
months = st.integers(1, 12)


@pytest.mark.parametrize("first_month", range(1, 13))
@pytest.mark.parametrize("year", [2023, 2024, 2026])
def test_first_and_last_day_of_a_fiscal_year(year, first_month):
	first, last = year_bounds(year, first_month)
	assert (first.year, first.month, first.day) == (year, first_month, 1)
	assert fiscal_year(first, first_month) == fiscal_year(last, first_month) == year
	assert fiscal_year(first - timedelta(days=1), first_month) == year - 1
	assert fiscal_year(last + timedelta(days=1), first_month) == year + 1


@given(days, months)
def test_every_day_lies_within_the_bounds_of_its_year(day, first_month):
	first, last = year_bounds(fiscal_year(day, first_month), first_month)
	assert first <= day <= last
	assert (last - first).days in (364, 365)


@pytest.mark.parametrize(
	("as_of", "before", "first"),
	[
		("2026-06-15", "2025-06-15", "2025-06-16"),
		("2024-02-29", "2023-02-28", "2023-03-01"),
		("2025-02-28", "2024-02-28", "2024-02-29"),
		("2025-03-01", "2024-03-01", "2024-03-02"),
		("2026-12-31", "2025-12-31", "2026-01-01"),
	],
)
def test_twelve_months_back_from_leap_days_too(as_of, before, first):
	day = date.fromisoformat(as_of)
	assert year_before(day) == date.fromisoformat(before)
	assert twelve_months(day) == date.fromisoformat(first)


@pytest.mark.parametrize(
	("first", "as_of", "years"),
	[
		("2024-06-15", "2026-06-15", 2),
		("2024-06-16", "2026-06-15", 1),
		("2024-02-29", "2025-02-28", 0),
		("2024-02-29", "2025-03-01", 1),
		("2026-06-15", "2026-06-15", 0),
	],
)
def test_a_year_of_cooperation_is_full_on_its_anniversary(first, as_of, years):
	assert whole_years(date.fromisoformat(first), date.fromisoformat(as_of)) == years


@pytest.mark.parametrize(
	("yearly", "run"),
	[
		({}, 0),
		({2026: 100}, 1),
		({2026: 99}, 0),
		({2025: 100}, 1),
		({2024: 100}, 0),
		({2024: 100, 2025: 100, 2026: 100}, 3),
		({2024: 100, 2025: 100, 2026: 99}, 2),
		({2024: 100, 2025: 99, 2026: 100}, 1),
		({2023: 100, 2024: 100, 2026: 100}, 1),
		({2023: 100, 2024: 100, 2025: 100, 2027: 100}, 3),
	],
)
def test_years_in_a_row_end_with_the_assessed_year_or_the_one_before(yearly, run):
	assert consecutive({year: Decimal(total) for year, total in yearly.items()}, 2026, Decimal(100)) == run


def test_years_without_a_transaction_end_a_row_even_when_nothing_is_asked():
	assert consecutive({2026: Decimal(0), 2025: Decimal(-5)}, 2026, Decimal(-5)) == 2


def deal(day: str, amount: object, **more: object) -> Deal:
	return Deal(date.fromisoformat(day), Decimal(str(amount)), **more)


DEALS = (
	deal("2024-02-29", "1000.50"),
	deal("2025-06-15", 200, is_contract=True, paid_on=date(2025, 6, 25), due_on=date(2025, 6, 25)),
	deal("2025-06-16", 300, paid_on=date(2025, 7, 17), due_on=date(2025, 7, 16)),
	deal("2026-01-01", 50, due_on=date(2026, 6, 14)),
	deal("2026-05-31", 70, due_on=AS_OF, paid_on=date(2026, 6, 20)),
	deal("2026-06-01", 20, is_return=True),
	deal("2026-06-15", 5, paid_on=date(2026, 6, 16), due_on=date(2026, 7, 1)),
	deal("2026-06-16", 10_000, is_contract=True, is_default=True),
	deal("2026-03-03", 99_999, is_default=True, in_totals=False),
)
KNOWN = {terms.POTENTIAL_DEMAND: Decimal(120), terms.NATIONAL_RANK: Decimal(8)}


def test_every_metric_of_a_customer():
	found = metrics_of(DEALS, AS_OF, 1, KNOWN)
	assert found.year == 2026
	assert found.yearly == {2024: Decimal("1000.50"), 2025: Decimal(500), 2026: Decimal(105)}
	assert found.values == {
		terms.YEAR_TOTAL: 105,
		terms.YEAR_TOTAL_OR_DEMAND: 120,
		terms.POTENTIAL_DEMAND: 120,
		terms.NATIONAL_RANK: 8,
		terms.LARGEST_CONTRACT: 200,
		terms.TOTAL_AMOUNT: Decimal("1605.50"),
		terms.DEALS: 6,
		terms.DEFAULTS: 1,
		terms.PAYMENT_DAYS: Decimal("20.50"),
		terms.OVERDUE_COUNT: 2,
		terms.RECENCY: 0,
		terms.FREQUENCY: 4,
		terms.MONETARY: 405,
		terms.COOPERATION_YEARS: 2,
	}


def test_a_fiscal_year_that_begins_in_april():
	found = metrics_of(DEALS, AS_OF, 4, {})
	assert found.yearly == {2023: Decimal("1000.50"), 2025: Decimal(550), 2026: Decimal(55)}
	assert found.values[terms.YEAR_TOTAL] == found.values[terms.YEAR_TOTAL_OR_DEMAND] == 55


def test_a_customer_without_transactions():
	found = metrics_of((), AS_OF, 1, {})
	assert found.yearly == {}
	assert terms.RECENCY not in found.values and terms.PAYMENT_DAYS not in found.values
	assert {metric: value for metric, value in found.values.items() if value} == {}
	assert terms.COUNTED - set(found.values) == {terms.CONSECUTIVE_YEARS, terms.POTENTIAL_DEMAND, terms.INTENTION}


def test_only_returns_are_no_deals_and_weigh_below_zero_however_they_are_written():
	found = metrics_of((deal("2026-06-01", -20, is_return=True), deal("2026-06-02", 5, is_return=True)), AS_OF, 1, {})
	assert found.values[terms.TOTAL_AMOUNT] == found.values[terms.MONETARY] == found.yearly[2026] == -25
	assert found.values[terms.DEALS] == found.values[terms.FREQUENCY] == found.values[terms.LARGEST_CONTRACT] == 0
	assert terms.RECENCY not in found.values


def test_without_a_contract_the_largest_deal_counts_as_one():
	plain = (deal("2026-01-01", 30), deal("2026-02-01", 70), deal("2026-02-02", 900, is_return=True))
	assert metrics_of(plain, AS_OF, 1, {}).values[terms.LARGEST_CONTRACT] == 70
	contract = deal("2026-03-01", 10, is_contract=True)
	assert metrics_of((*plain, contract), AS_OF, 1, {}).values[terms.LARGEST_CONTRACT] == 10


def test_payment_days_are_rounded_half_up_to_two_places():
	paid = [deal("2026-01-01", 1, paid_on=date(2026, 1, 1 + later)) for later in (0, 0, 2)]
	assert metrics_of(paid, AS_OF, 1, {}).values[terms.PAYMENT_DAYS] == Decimal("0.67")
	eighths = [deal("2026-01-01", 1, paid_on=date(2026, 1, 1 + later)) for later in (1, 0, 0, 0, 0, 0, 0, 0)]
	assert metrics_of(eighths, AS_OF, 1, {}).values[terms.PAYMENT_DAYS] == Decimal("0.13")


deals = st.builds(
	Deal,
	days,
	st.integers(-50, 100).map(Decimal),
	st.booleans(),
	st.booleans(),
	st.booleans(),
	st.none() | days,
	st.none() | days,
	st.booleans(),
)


@given(st.lists(deals, max_size=12), days, months, st.randoms())
def test_metrics_do_not_depend_on_the_order_and_nothing_later_counts(rows, as_of, first_month, rng):
	found = metrics_of(rows, as_of, first_month, {})
	past = [one for one in rows if one.posted_on <= as_of]
	assert metrics_of(rng.sample(past, len(past)), as_of, first_month, {}) == found
	assert sum(found.yearly.values()) == found.values[terms.TOTAL_AMOUNT]
	assert found.values[terms.YEAR_TOTAL] == found.yearly.get(found.year, 0)
	assert found.values[terms.FREQUENCY] <= found.values[terms.DEALS]
	assert max(found.yearly, default=found.year) <= found.year
