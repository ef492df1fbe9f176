"""The checks of a customer archive, gathered: codes, contact points, amounts and dates, and what several fields say together.

Contract: checks of one value return `Checked` (normal form and faults); checks of several return a tuple of faults or one fault or None. Rows are
numbered from 1 and reported as the parameter `row`. Clause: R-FCA-02 to R-FCA-09, R-FCA-13, R-FEP-06.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from kehu_archive.domain.contact_points import (
	check_email,
	check_landline,
	check_mobile,
	check_phone,
	check_phones,
	check_postcode,
	check_website,
	is_mobile,
	split_phones,
)
from kehu_archive.domain.faults import Fault, fault, warning
from kehu_archive.domain.identity import (
	Resident,
	check_bank_account,
	check_credit_code,
	check_resident_id,
	is_credit_code,
)
from kehu_archive.domain.quantities import parse_amount, parse_date

__all__ = [
	"Resident",
	"check_bank_account",
	"check_credit_code",
	"check_email",
	"check_founded_on",
	"check_headcount",
	"check_landline",
	"check_mobile",
	"check_period",
	"check_phone",
	"check_phones",
	"check_postcode",
	"check_resident_id",
	"check_sales_years",
	"check_shares",
	"check_website",
	"is_credit_code",
	"is_mobile",
	"parse_amount",
	"parse_date",
	"split_phones",
]

HUNDRED = Decimal(100)


def check_shares(shares: Sequence[Decimal | float | None], field: str = "share_percent") -> tuple[Fault, ...]:
	"""Check the shareholders' percentages: each from 0 to 100 and no more than 100 together. Clause: R-FCA-04."""
	faults: list[Fault] = []
	total = Decimal(0)
	for row, share in enumerate(shares, start=1):
		percent = Decimal(str(share or 0))
		if not percent.is_finite() or not 0 <= percent <= HUNDRED:
			faults.append(fault(field, "share-range", row=row))
		else:
			total += percent
	if total > HUNDRED:
		faults.append(fault(field, "share-total", total=f"{total.normalize():f}"))
	return tuple(faults)


def check_founded_on(founded: date | None, today: date, field: str = "founded_on") -> Fault | None:
	"""Refuse a date of foundation after `today`. Clause: R-FCA-04."""
	if founded and founded > today:
		return fault(field, "future-date", value=founded.isoformat(), today=today.isoformat())
	return None


def check_headcount(
	headcount: int | None, chinese_staff: int | None, foreign_staff: int | None, field: str = "headcount"
) -> tuple[Fault, ...]:
	"""Refuse negative numbers; hint when Chinese and foreign staff do not add up to the headcount. Clause: R-FCA-09.

	The hint needs a headcount and at least one of the two parts; a missing part counts as 0.
	"""
	numbers = {field: headcount, "chinese_staff": chinese_staff, "foreign_staff": foreign_staff}
	negative = tuple(fault(name, "negative") for name, number in numbers.items() if number and number < 0)
	if negative:
		return negative
	chinese, foreign = chinese_staff or 0, foreign_staff or 0
	if not headcount or not (chinese or foreign) or chinese + foreign == headcount:
		return ()
	return (
		warning(
			field, "headcount", chinese=chinese, foreign=foreign, sum=chinese + foreign, headcount=headcount
		),
	)


def check_sales_years(years: Sequence[int | None], today: date, field: str = "year") -> tuple[Fault, ...]:
	"""Refuse a year that is listed twice or lies outside 1900 to the present one. Clause: R-FCA-13."""
	faults: list[Fault] = []
	seen: set[int] = set()
	for row, year in enumerate(years, start=1):
		if year is None:
			continue
		if not 1900 <= year <= today.year:
			faults.append(fault(field, "year-range", year=str(year), row=row))
		elif year in seen:
			faults.append(fault(field, "year-twice", year=str(year), row=row))
		seen.add(year)
	return tuple(faults)


def recent_years(today: date, count: int = 3) -> tuple[int, ...]:
	"""Return the last complete years, newest first: the rows of 公司近3年销售业绩. Clause: R-FCA-13."""
	return tuple(today.year - back for back in range(1, count + 1))


def check_period(start: date | None, end: date | None, field: str = "to_date") -> Fault | None:
	"""Refuse an end before its beginning; an open side is allowed."""
	if start and end and end < start:
		return fault(field, "date-order", start=start.isoformat(), end=end.isoformat())
	return None
