"""What grading measures: fiscal years, years in a row, and all metrics of one customer.

Contract: `metrics_of` is the plain reference of every metric; the set queries of a run must give the same. Nothing here reads the clock: `as_of` is the day
on which a customer is looked at, and nothing after it counts.
Clause: R-GRD-01, R-GRD-02 (years in a row, single contract, yearly total, demand), R-CRD-08 (payment days and overdue payments).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading_terms import Deal, Metrics

_ZERO: Final = Decimal(0)
_CENT: Final = Decimal("0.01")
_LEAP_DAY: Final = (2, 29)


def fiscal_year(day: date, first_month: int) -> int:
	"""The fiscal year a day lies in, called by the calendar year it begins in."""
	return day.year if day.month >= first_month else day.year - 1


def year_bounds(year: int, first_month: int) -> tuple[date, date]:
	"""First and last day of a fiscal year."""
	return date(year, first_month, 1), date(year + 1, first_month, 1) - timedelta(days=1)


def year_before(day: date) -> date:
	"""The same day a year earlier; 28 February for 29 February."""
	if (day.month, day.day) == _LEAP_DAY:
		return date(day.year - 1, 2, 28)
	return day.replace(year=day.year - 1)


def twelve_months(as_of: date) -> date:
	"""The first of the days of the twelve months that end on `as_of`."""
	return year_before(as_of) + timedelta(days=1)


def whole_years(first: date, as_of: date) -> int:
	"""Whole years between two days; a year is full on its anniversary."""
	return as_of.year - first.year - ((as_of.month, as_of.day) < (first.month, first.day))


def consecutive(yearly: Mapping[int, Decimal], year: int, amount: Decimal) -> int:
	"""How many fiscal years in a row reach `amount`: ending with `year` if it reaches it already, else with the year before.

	A year without any transaction never counts.
	"""
	last = yearly.get(year)
	if last is None or last < amount:
		year -= 1
		last = yearly.get(year)
	run = 0
	while last is not None and last >= amount:
		run += 1
		last = yearly.get(year - run)
	return run


def metrics_of(deals: Iterable[Deal], as_of: date, first_month: int, known: Mapping[str, Decimal]) -> Metrics:
	"""All metrics of one customer on a day, from what was transacted and from what is `known` besides (demand, rank, judged scores).

	A return counts with its amount below zero and is no deal. A customer that never dealt has no days since the last deal, and one that never paid has no
	payment days; amounts and counts are 0 then. Region, archive date and number are added by the caller.
	"""
	past = [deal for deal in deals if deal.posted_on <= as_of]
	counted = [deal for deal in past if deal.in_totals]
	bought = [deal for deal in counted if not deal.is_return]
	recent = [deal for deal in counted if deal.posted_on >= twelve_months(as_of)]
	year = fiscal_year(as_of, first_month)
	yearly: dict[int, Decimal] = {}
	for deal in counted:
		own = fiscal_year(deal.posted_on, first_month)
		yearly[own] = yearly.get(own, _ZERO) + _signed(deal)
	year_total = yearly.get(year, _ZERO)
	values: dict[str, Decimal] = {
		**known,
		terms.YEAR_TOTAL: year_total,
		terms.YEAR_TOTAL_OR_DEMAND: max(year_total, known.get(terms.POTENTIAL_DEMAND, _ZERO)),
		terms.LARGEST_CONTRACT: _largest(bought),
		terms.TOTAL_AMOUNT: sum(map(_signed, counted), _ZERO),
		terms.DEALS: Decimal(len(bought)),
		terms.DEFAULTS: Decimal(sum(deal.is_default for deal in past)),
		terms.FREQUENCY: Decimal(sum(not deal.is_return for deal in recent)),
		terms.MONETARY: sum(map(_signed, recent), _ZERO),
		terms.OVERDUE_COUNT: Decimal(sum(_is_overdue(deal, as_of) for deal in bought)),
		terms.COOPERATION_YEARS: _ZERO,
	}
	if bought:
		posted = [deal.posted_on for deal in bought]
		values[terms.RECENCY] = Decimal((as_of - max(posted)).days)
		values[terms.COOPERATION_YEARS] = Decimal(whole_years(min(posted), as_of))
	return Metrics({**values, **_payment_days(bought, as_of)}, yearly, year)


def _signed(deal: Deal) -> Decimal:
	return -abs(deal.amount) if deal.is_return else deal.amount


def _largest(bought: list[Deal]) -> Decimal:
	"""The largest contract; where no contract is on record, the largest deal."""
	contracts = [deal.amount for deal in bought if deal.is_contract]
	return max(contracts or [deal.amount for deal in bought], default=_ZERO)


def _is_overdue(deal: Deal, as_of: date) -> bool:
	if deal.due_on is None:
		return False
	is_paid = deal.paid_on is not None and deal.paid_on <= as_of
	return deal.due_on < (deal.paid_on if is_paid and deal.paid_on else as_of)


def _payment_days(bought: list[Deal], as_of: date) -> dict[str, Decimal]:
	"""Mean days from deal to payment, to two places, of what was paid up to the day."""
	days = [(deal.paid_on - deal.posted_on).days for deal in bought if deal.paid_on and deal.paid_on <= as_of]
	if not days:
		return {}
	return {terms.PAYMENT_DAYS: (Decimal(sum(days)) / len(days)).quantize(_CENT, ROUND_HALF_UP)}
