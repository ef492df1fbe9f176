"""What several fields of an archive say together."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain import validators

TODAY = date(2024, 11, 22)


def codes(faults: object) -> list[str]:
	return [fault.code for fault in faults]  # type: ignore[attr-defined]


def test_shares_up_to_one_hundred_percent():
	assert validators.check_shares([Decimal("33.3"), Decimal("66.7"), None]) == ()
	assert validators.check_shares([0.1] * 10) == ()
	over = validators.check_shares([60, 40.5])
	assert codes(over) == ["share-total"] and over[0].param("total") == "100.5"
	outside = validators.check_shares([50, -1, 101])
	assert codes(outside) == ["share-range"] * 2
	assert [fault.param("row") for fault in outside] == [2, 3]


@given(st.lists(st.decimals(0, 100, places=2), max_size=6))
def test_shares_agree_with_their_sum(shares: list[Decimal]):
	assert bool(validators.check_shares(shares)) == (sum(shares) > 100)


def test_total_is_shown_without_exponent():
	assert validators.check_shares([100, 100])[0].param("total") == "200"


def test_founded_on():
	assert validators.check_founded_on(TODAY, TODAY) is None
	assert validators.check_founded_on(None, TODAY) is None
	late = validators.check_founded_on(TODAY + timedelta(days=1), TODAY)
	assert late and late.code == "future-date" and late.param("value") == "2024-11-23"


def test_headcount_is_a_hint():
	assert codes(validators.check_headcount(100, 80, 30)) == ["headcount"]
	hint = validators.check_headcount(100, 80, 10)
	assert codes(hint) == ["headcount"] and not hint[0].is_error
	assert hint[0].render(label="Headcount").startswith("Headcount: 80 Chinese and 10 foreign staff make 90")


@pytest.mark.parametrize(
	"numbers", [(100, 90, 10), (None, 80, 10), (100, None, None), (0, 3, 4), (100, 0, 0)]
)
def test_headcount_without_contradiction(numbers: tuple[int | None, int | None, int | None]):
	assert validators.check_headcount(*numbers) == ()


def test_headcount_below_zero_is_an_error():
	found = validators.check_headcount(-1, 2, -3)
	assert [(fault.field, fault.code, fault.is_error) for fault in found] == [
		("headcount", "negative", True),
		("foreign_staff", "negative", True),
	]


def test_sales_years():
	assert validators.check_sales_years([2024, 2023, 2022, None], TODAY) == ()
	twice = validators.check_sales_years([2023, 2022, 2023], TODAY)
	assert codes(twice) == ["year-twice"] and (twice[0].param("year"), twice[0].param("row")) == ("2023", 3)
	assert codes(validators.check_sales_years([1899, 2025], TODAY)) == ["year-range"] * 2


def test_recent_years_roll_over_with_the_year():
	assert validators.recent_years(date(2024, 12, 31)) == (2023, 2022, 2021)
	assert validators.recent_years(date(2025, 1, 1)) == (2024, 2023, 2022)


@given(st.none() | st.dates(), st.none() | st.dates())
def test_period(start: date | None, end: date | None):
	found = validators.check_period(start, end)
	assert (found is not None) == (start is not None and end is not None and end < start)


def test_everything_promised_is_there():
	for name in validators.__all__:
		assert callable(getattr(validators, name))
