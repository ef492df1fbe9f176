"""One row of 客户信息统计表 into the values of an archive.

Contract: `map_row` never raises for what a cell holds. It returns None for rows that are no customer (blank, footer, repeated column names) and
otherwise a `MappedRow`: normalised values, faults (the row is refused, with these reasons beside it) and warnings (the row is taken).
Amounts are yuan as Decimal; several phone numbers in a cell are a tuple; a customer without type is judged by the row and gets a warning.
`keys` identify the customer: the same row gives the same keys in every run, which makes a second import change nothing.
Clause: F-03, R-FZL-01, R-COL-01 to R-COL-08.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from kehu_archive.domain.faults import Checked, Fault, errors, fault, warning, warnings
from kehu_archive.domain.sheet_choices import (
	BLANK_WORDS,
	COMPANY,
	INDIVIDUAL,
	SOURCE_CHANNELS,
	TYPES,
	Value,
	category,
	choice,
	shown,
	source_channel,
)
from kehu_archive.domain.sheet_columns import (
	COLUMN_LABELS,
	COLUMNS,
	HEADER_LIMIT,
	Column,
	Header,
	find_header,
	recognise,
)
from kehu_archive.domain.text import fold_name, has_company_form, is_cjk, normalise, to_simplified
from kehu_archive.domain.validators import (
	check_credit_code,
	check_email,
	check_phones,
	check_postcode,
	check_website,
	parse_amount,
)

__all__ = [
	"COLUMNS",
	"COLUMN_LABELS",
	"HEADER_LIMIT",
	"SOURCE_CHANNELS",
	"Column",
	"Header",
	"MappedRow",
	"find_header",
	"is_footer",
	"map_row",
	"mark_duplicates",
	"source_channel",
]

TEXT_LIMIT: Final = 140
LONG_TEXT: Final = frozenset({"address", "business_scope", "remark", "update_note"})
LONG_TEXT_LIMIT: Final = 2000
_PLAIN_TYPES: Final = (str, int, float, Decimal, date, datetime, time)
_CELL_ERROR: Final = re.compile(r"#(?:REF!|N/A|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)")
_FOOTER: Final = re.compile(
	r"^(?:填报人|填表人|制表人?|部门负责人|负责人签字|审核人?|客服部接收人?|接收人|合计|总计|小计|填报日期|制表日期)(?:$|[^一-鿿].*|\d.*|签[字名].*)"
)
_DIGIT_COLUMNS: Final = frozenset({"phone", "contact_phone", "fax", "postcode", "credit_code"})
_DOUBLE_DIGITS: Final = 15


@dataclass(frozen=True)
class MappedRow:
	"""A row read: its number in the sheet from 1, the normalised values that are there, faults, warnings and the customer's keys."""

	row: int
	values: dict[str, Value]
	faults: tuple[Fault, ...] = ()
	warnings: tuple[Fault, ...] = ()
	keys: tuple[str, ...] = ()

	@property
	def ok(self) -> bool:
		"""True when the row can be imported."""
		return not self.faults

	@property
	def key(self) -> str:
		"""The strongest key: credit code, else the name (a person's with the phone); '' when there is no name."""
		return self.keys[0] if self.keys else ""


def is_footer(cells: Sequence[object]) -> bool:
	"""True for the lines below the customers: 合计, 填报人, 部门负责人, 客服部接收人/日期."""
	filled = [text for text in map(shown, cells) if text]
	return bool(filled) and bool(_FOOTER.match(to_simplified(filled[0]).replace(" ", "")))


def map_row(cells: Sequence[object], header: Header, row: int) -> MappedRow | None:
	"""Read one row below the column names; None when it is blank, a footer or the column names once more (a printed page's next head)."""
	if not any(shown(cell) for cell in cells) or is_footer(cells) or _is_header_again(cells, header):
		return None
	values: dict[str, Value] = {}
	faults: list[Fault] = []
	for position, code in header.columns:
		raw = cells[position] if position < len(cells) else None
		checked = _cell(raw, code, header.unit(code))
		faults += checked.faults
		if checked.value is not None and checked.value not in ("", ()):
			values[code] = checked.value
	values.pop("serial_no", None)
	if not values and not faults:
		return None
	faults += _row_faults(values, faults)
	return MappedRow(row, values, errors(faults), warnings(faults), _keys(values))


def _is_header_again(cells: Sequence[object], header: Header) -> bool:
	"""The name's own cell is asked first, so that an ordinary row costs one look."""

	def repeats(position: int, code: str) -> bool:
		return position < len(cells) and recognise(cells[position]) == code

	if not any(repeats(position, code) for position, code in header.columns if code == "customer_name"):
		return False
	return sum(repeats(position, code) for position, code in header.columns) > 1


def _cell(raw: object, code: str, unit: str) -> Checked[Value]:
	if raw is None or raw == "":
		return Checked(None)
	if isinstance(raw, bool) or not isinstance(raw, _PLAIN_TYPES):
		return Checked(None, (fault(code, "formula" if not isinstance(raw, bool) else "not-text"),))
	if isinstance(raw, str):
		text = normalise(raw)
		if text.startswith("=") and len(text) > 1:
			return Checked(None, (fault(code, "formula"),))
		error = _CELL_ERROR.fullmatch(text)
		if error:
			return Checked(None, (fault(code, "cell-error", value=error.group()),))
		if text in BLANK_WORDS:
			return Checked(None)
	return _value(raw, code, unit)


def _value(raw: object, code: str, unit: str) -> Checked[Value]:
	if code in ("registered_capital", "period_amount"):
		return _widened(parse_amount(raw, unit, code, allow_negative=code == "period_amount"))
	if code in _DIGIT_COLUMNS and isinstance(raw, int | float | Decimal):
		return _numeric_cell(raw, code)
	return _text_value(raw, code)


def _numeric_cell(raw: int | float | Decimal, code: str) -> Checked[Value]:
	"""A code that the spreadsheet stored as a number: leading zeros and digits after the fifteenth may be lost."""
	number = Decimal(str(raw))
	if not number.is_finite() or number != number.to_integral_value() or number < 0:
		return _text_value(str(raw), code)
	text = f"{int(number)}"
	if len(text) > _DOUBLE_DIGITS:
		return Checked(None, (fault(code, "lost-digits"),))
	if code == "postcode" and len(text) == 5:
		return Checked("0" + text, (warning(code, "postcode-padded", value="0" + text),))
	return _text_value(text, code)


def _text_value(raw: object, code: str) -> Checked[Value]:
	if code in ("phone", "contact_phone", "fax"):
		return _widened(check_phones(raw, code))
	for known, check in (
		("postcode", check_postcode),
		("credit_code", check_credit_code),
		("email", check_email),
		("website", check_website),
	):
		if code == known:
			return _widened(check(raw, code))
	if code == "source_channel":
		return _widened(source_channel(raw))
	return _plain_text(raw, code)


def _plain_text(raw: object, code: str) -> Checked[Value]:
	if isinstance(raw, float) and raw.is_integer():
		raw = int(raw)
	text = normalise(raw.isoformat(" ") if isinstance(raw, datetime) else raw)
	limit = LONG_TEXT_LIMIT if code in LONG_TEXT else TEXT_LIMIT
	if len(text) > limit:
		return Checked(text, (fault(code, "too-long", length=len(text), limit=limit),))
	if code == "customer_category" and text:
		return category(text, code)
	if code == "customer_type" and text:
		return choice(text, TYPES, code, "type-unknown")
	return Checked(text)


def _widened(checked: Checked[str] | Checked[Decimal] | Checked[tuple[str, ...]]) -> Checked[Value]:
	return Checked(checked.value, checked.faults)


def _row_faults(values: dict[str, Value], found: list[Fault]) -> Iterator[Fault]:
	"""What the row as a whole lacks; fills in the customer type when the sheet has none."""
	named = {item.field for item in found}
	if "customer_name" not in values and "customer_name" not in named:
		yield fault("customer_name", "name-empty")
	if "customer_type" not in values and "customer_type" not in named and "customer_name" in values:
		assumed, sure = _assumed_type(values)
		values["customer_type"] = assumed
		if not sure:
			yield warning("customer_type", "type-assumed", kind=assumed)


def _assumed_type(values: dict[str, Value]) -> tuple[str, bool]:
	"""Company or person, and whether the row leaves no doubt."""
	name = str(values["customer_name"])
	company_facts = {"credit_code", "legal_representative", "registered_capital", "business_scope"}
	if company_facts & values.keys() or has_company_form(name):
		return COMPANY, True
	short = 2 <= len(name) <= 4 and all(is_cjk(char) for char in name)
	return (INDIVIDUAL if short else COMPANY), False


def _keys(values: dict[str, Value]) -> tuple[str, ...]:
	name = fold_name(str(values.get("customer_name", "")))
	code = values.get("credit_code")
	keys = [f"code:{code}"] if code else []
	if name and values.get("customer_type") == INDIVIDUAL:
		keys += [f"person:{name}:{phone}" for phone in _phones(values)] or [f"person:{name}:"]
	elif name:
		keys.append(f"name:{name}")
	return tuple(keys)


def _phones(values: dict[str, Value]) -> tuple[str, ...]:
	found: list[str] = []
	for code in ("phone", "contact_phone"):
		value = values.get(code, ())
		found += value if isinstance(value, tuple) else ()
	return tuple(dict.fromkeys(found))


def mark_duplicates(rows: Iterable[MappedRow]) -> Iterator[MappedRow]:
	"""Pass rows on in order; a row whose customer came before gets a fault that names the first row.

	Equal credit codes are the same customer. Equal names are, unless both rows have credit codes that differ. Persons need the same phone too.
	Rows with other faults do not count as first. Memory grows with the number of rows only.
	"""
	seen: dict[str, tuple[int, Value | None]] = {}
	for mapped in rows:
		first = _seen_before(mapped, seen)
		if first:
			field = "credit_code" if f"code:{mapped.values.get('credit_code')}" in seen else "customer_name"
			yield replace(mapped, faults=(*mapped.faults, fault(field, "row-twice", first=first)))
			continue
		if mapped.ok:
			for key in mapped.keys:
				seen.setdefault(key, (mapped.row, mapped.values.get("credit_code")))
		yield mapped


def _seen_before(mapped: MappedRow, seen: dict[str, tuple[int, Value | None]]) -> int:
	code = mapped.values.get("credit_code")
	for key in mapped.keys:
		row, other_code = seen.get(key, (0, None))
		if row and (key.startswith("code:") or not (code and other_code and code != other_code)):
			return row
	return 0
