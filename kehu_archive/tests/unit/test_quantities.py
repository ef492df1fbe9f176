"""Amounts and dates as people write them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain.quantities import parse_amount, parse_date


@pytest.mark.parametrize(
	("written", "yuan"),
	[
		("１，２００万元", "12000000"),
		("1.2亿元", "120000000"),
		("人民币500万", "5000000"),
		("￥1,200.50", "1200.50"),
		("¥ 80", "80"),
		("RMB 5万", "50000"),
		("5萬圓整", "50000"),
		("5万（人民币）", "50000"),
		("1200元整", "1200"),
		("0.00001万", "0.10"),
		(1200.5, "1200.50"),
		(0.1 + 0.2, "0.30"),
		(3, "3"),
		(Decimal("1.005"), "1.01"),
	],
)
def test_amounts(written: object, yuan: str):
	checked = parse_amount(written)
	assert checked.value == Decimal(yuan) and checked.faults == ()


def test_the_columns_unit_counts_unless_the_cell_has_its_own():
	assert parse_amount("1200", "万元").value == Decimal(12_000_000)
	assert parse_amount(1200, "万元").value == Decimal(12_000_000)
	assert parse_amount("1200元", "万元").value == Decimal(1200)


@pytest.mark.parametrize(
	("written", "code"),
	[
		("100万美元", "amount-currency"),
		("US$5", "amount-currency"),
		("HKD 100", "amount-currency"),
		("€1", "amount-currency"),
		("100萬歐元", "amount-currency"),
		("约500万", "amount-unclear"),
		("500-1000万", "amount-unclear"),
		("1,2,00", "amount-unclear"),
		("5万万", "amount-unclear"),
		("1e5", "amount-unclear"),
		("面议", "amount-unclear"),
		("壹佰万元整", "amount-capitals"),
		("-3", "negative"),
		(-3, "negative"),
		(float("nan"), "amount-unclear"),
		(float("inf"), "amount-unclear"),
		(True, "amount-unclear"),
		(10**20, "amount-size"),
		("9" * 40, "amount-size"),
	],
)
def test_unclear_amounts(written: object, code: str):
	checked = parse_amount(written)
	assert checked.value is None and [fault.code for fault in checked.faults] == [code]


def test_negative_amounts_where_they_make_sense():
	assert parse_amount("-3.5", allow_negative=True).value == Decimal("-3.5")


def test_empty_amount_and_date():
	assert parse_amount("").value is None and parse_amount(None).ok
	assert parse_date(" ").value is None and parse_date(None).ok


@given(st.decimals(0, 10**9, places=2))
def test_every_amount_is_read_back(amount: Decimal):
	assert parse_amount(f"{amount:,}元").value == amount
	assert parse_amount(str(amount)).value == amount
	assert parse_amount(f"{amount:f}万元").value == amount * 10_000


@pytest.mark.parametrize(
	"written",
	[
		"2015年3月8日",
		"2015年03月08号",
		"2015/3/8",
		"2015.3.8",
		"2015-03-08",
		"２０１５－０３－０８",
		"20150308",
		"二〇一五年三月八日",
		"二零一五年三月八日",
		"2015-03-08 00:00:00",
		"2015-03-08T12:30:00",
		42071,
		42071.0,
		42071.75,
		"42071",
		date(2015, 3, 8),
		datetime(2015, 3, 8, 23, 59),
	],
)
def test_dates(written: object):
	assert parse_date(written).value == date(2015, 3, 8)


@pytest.mark.parametrize(
	("written", "code"),
	[
		("2015年3月", "date-incomplete"),
		("2015-3", "date-incomplete"),
		("2015", "date-incomplete"),
		(2015, "date-incomplete"),
		("二〇一五年三月", "date-incomplete"),
		("2015-02-30", "date-impossible"),
		("20151301", "date-impossible"),
		("二〇一五年十三月一日", "date-impossible"),
		("15-3-8", "date-unclear"),
		("8/3/2015", "date-unclear"),
		("昨天", "date-unclear"),
		(float("nan"), "date-unclear"),
		(10**9, "date-unclear"),
		(-1, "date-unclear"),
	],
)
def test_unclear_dates(written: object, code: str):
	checked = parse_date(written)
	assert checked.value is None and [fault.code for fault in checked.faults] == [code]


CHINESE_DIGITS = "〇一二三四五六七八九"


def chinese(number: int) -> str:
	tens, ones = divmod(number, 10)
	if not tens:
		return CHINESE_DIGITS[ones]
	return ("" if tens == 1 else CHINESE_DIGITS[tens]) + "十" + (CHINESE_DIGITS[ones] if ones else "")


@given(st.dates(date(1902, 1, 1), date(2199, 12, 31)))
def test_every_date_is_read_back_in_every_spelling(day: date):
	year = "".join(CHINESE_DIGITS[int(digit)] for digit in str(day.year))
	serial = (day - date(1899, 12, 30)).days
	for written in (
		day.isoformat(),
		f"{day.year}年{day.month}月{day.day}日",
		f"{day.year}/{day.month}/{day.day}",
		day.strftime("%Y%m%d"),
		f"{year}年{chinese(day.month)}月{chinese(day.day)}日",
	):
		assert parse_date(written).value == day
	if not 1800 <= serial <= 2199:
		assert parse_date(serial).value == day


@given(st.one_of(st.text(max_size=20), st.floats(), st.integers()))
def test_nothing_breaks_the_readers(value: object):
	parse_date(value)
	parse_amount(value, "万元")
