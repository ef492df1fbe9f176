"""Amounts and dates as people write them.

Contract: `parse_amount` returns Chinese yuan as Decimal with at most two places, `parse_date` a date; both take what a spreadsheet cell can hold
(text, int, float, Decimal, date, datetime). Unclear input is a fault, never a guess. Clause: F-01 (注册资金, 成立日期), F-03.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

from kehu_archive.domain.faults import Checked, fault
from kehu_archive.domain.text import normalise, to_simplified, with_plain_dashes

UNITS: Final[dict[str, Decimal]] = {
	"": Decimal(1),
	"元": Decimal(1),
	"块": Decimal(1),
	"千": Decimal(1_000),
	"千元": Decimal(1_000),
	"万": Decimal(10_000),
	"万元": Decimal(10_000),
	"百万": Decimal(1_000_000),
	"百万元": Decimal(1_000_000),
	"千万": Decimal(10_000_000),
	"千万元": Decimal(10_000_000),
	"亿": Decimal(100_000_000),
	"亿元": Decimal(100_000_000),
	"万亿": Decimal(1_000_000_000_000),
	"万亿元": Decimal(1_000_000_000_000),
}
"""Unit behind a number to yuan."""

LARGEST_AMOUNT: Final = Decimal(10) ** 15
_CENT: Final = Decimal("0.01")
_NUMBER: Final = re.compile(r"([-+]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?:\s*([十百千万亿元块]+)(?:整|正)?)?")
_YUAN_SIGNS: Final = re.compile(
	r"^(?:人民币|rmb|cny|¥|￥)\s*[:]?|(?:\(?(?:人民币|rmb|cny)\)?)$", re.IGNORECASE
)
_CURRENCIES: Final[tuple[tuple[str, str], ...]] = (
	(r"usd|us\$|美元|美金", "USD"),
	(r"hkd|hk\$|港币|港元", "HKD"),
	(r"eur|€|欧元", "EUR"),
	(r"jpy|日元|円", "JPY"),
	(r"gbp|£|英镑", "GBP"),
	(r"twd|nt\$|新台币|台币", "TWD"),
	(r"krw|₩|韩元|韩币", "KRW"),
	(r"sgd|新加坡元|新币", "SGD"),
	(r"aud|澳元", "AUD"),
	(r"cad|加元", "CAD"),
	(r"\$", "USD"),
)
_CAPITALS: Final = re.compile(r"[壹贰叁肆伍陆柒捌玖拾佰仟]")


def parse_amount(
	value: object, unit: str = "", field: str = "amount", allow_negative: bool = False
) -> Checked[Decimal]:
	"""Return an amount in yuan.

	`unit` is the unit of the column (万元), used when the cell names none. Foreign currencies, ranges, estimates and capital numerals are faults.
	"""
	if value is None or isinstance(value, bool):
		return Checked(None, () if value is None else (fault(field, "amount-unclear"),))
	if isinstance(value, int | float | Decimal):
		return _scaled(Decimal(str(value)), UNITS[unit], field, allow_negative)
	text = to_simplified(with_plain_dashes(normalise(value))).replace("圆", "元")
	if not text:
		return Checked(None)
	currency = _foreign_currency(text)
	if currency:
		return Checked(None, (fault(field, "amount-currency", currency=currency),))
	if _CAPITALS.search(text):
		return Checked(None, (fault(field, "amount-capitals"),))
	match = _NUMBER.fullmatch(_without_yuan_signs(text))
	if not match or (match.group(4) or "") not in UNITS:
		return Checked(None, (fault(field, "amount-unclear"),))
	sign, whole, part, own_unit = match.groups()
	number = Decimal(f"{sign}{whole.replace(',', '')}{part or ''}")
	return _scaled(number, UNITS[own_unit or unit], field, allow_negative)


def _foreign_currency(text: str) -> str:
	for pattern, code in _CURRENCIES:
		if re.search(pattern, text, re.IGNORECASE):
			return code
	return ""


def _without_yuan_signs(text: str) -> str:
	for _ in range(3):
		text = _YUAN_SIGNS.sub("", text).strip()
	return text


def _scaled(number: Decimal, factor: Decimal, field: str, allow_negative: bool) -> Checked[Decimal]:
	if not number.is_finite():
		return Checked(None, (fault(field, "amount-unclear"),))
	if number < 0 and not allow_negative:
		return Checked(None, (fault(field, "negative"),))
	try:
		yuan = (number * factor).quantize(_CENT, rounding=ROUND_HALF_UP) + 0
	except InvalidOperation:
		return Checked(None, (fault(field, "amount-size"),))
	if abs(yuan) >= LARGEST_AMOUNT:
		return Checked(None, (fault(field, "amount-size"),))
	return Checked(yuan)


SERIAL_DAYS: Final = range(366, 109_574)
"""Excel day numbers that are taken for dates: 1901 to 2199."""
_SERIAL_START: Final = date(1899, 12, 30)
_NUMERALS: Final = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_CHINESE_DATE: Final = re.compile(
	r"([〇零○一二三四五六七八九]{4})年(?:([一二三四五六七八九十]{1,2})月)?(?:([一二三四五六七八九十]{1,3})[日号])?"
)
_DATE: Final = re.compile(
	r"(\d{4})\s*[年/.-]\s*(\d{1,2})\s*[月/.-]\s*(\d{1,2})\s*[日号]?(?:[\sT]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_COMPACT_DATE: Final = re.compile(r"([12]\d{3})(\d{2})(\d{2})")
_INCOMPLETE: Final = re.compile(r"(?:1[89]|20|21)\d{2}\s*(?:[年/.-]\s*(?:\d{1,2}\s*月?)?)?")


def parse_date(value: object, field: str = "date") -> Checked[date]:
	"""Return a date from 2015年3月8日, 2015/3/8, 2015.3.8, 20150308, 二〇一五年三月八日, an Excel day number, a date or a datetime."""
	if value is None:
		return Checked(None)
	if isinstance(value, datetime):
		return Checked(value.date())
	if isinstance(value, date):
		return Checked(value)
	if isinstance(value, float | Decimal) and value == value and value not in (float("inf"), float("-inf")):
		value = int(value)
	text = with_plain_dashes(normalise(value))
	if not text:
		return Checked(None)
	return _date_of(text, field)


def _date_of(text: str, field: str) -> Checked[date]:
	for pattern in (_DATE, _COMPACT_DATE):
		match = pattern.fullmatch(text)
		if match:
			year, month, day = (int(part) for part in match.groups())
			return _calendar(year, month, day, field)
	chinese = _CHINESE_DATE.fullmatch(text)
	if chinese:
		years, months, days = chinese.groups()
		if not months or not days:
			return Checked(None, (fault(field, "date-incomplete"),))
		return _calendar(
			int(years.translate(_NUMERALS)), _chinese_number(months), _chinese_number(days), field
		)
	if _INCOMPLETE.fullmatch(text):
		return Checked(None, (fault(field, "date-incomplete"),))
	if text.isascii() and text.isdigit() and len(text) <= 6 and int(text) in SERIAL_DAYS:
		return Checked(_SERIAL_START + timedelta(days=int(text)))
	return Checked(None, (fault(field, "date-unclear"),))


def _calendar(year: int, month: int, day: int, field: str) -> Checked[date]:
	try:
		return Checked(date(year, month, day))
	except ValueError:
		return Checked(None, (fault(field, "date-impossible"),))


def _chinese_number(text: str) -> int:
	"""Read 一 to 九十九; a wrong combination gives a number that no month or day has."""
	tens, ten, ones = text.rpartition("十")
	if not ten:
		return int(text.translate(_NUMERALS)) if len(text) == 1 else 0
	return (int(tens.translate(_NUMERALS)) if tens else 1) * 10 + (
		int(ones.translate(_NUMERALS)) if ones else 0
	)
