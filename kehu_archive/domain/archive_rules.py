"""What the fields of an archive, a contact or a transaction may hold, put together from the single checks.

Contract: each function takes plain field values and returns a `Cleaned`: the values in their normal form and
every fault found. Form, import, REST and bulk load all pass here, so that they cannot disagree. A fault of a
table's column is named `table:column` and carries its row. Names keep the writer's spelling; only codes,
numbers and addresses are brought into a normal form.
Clause: R-FCA-01 to R-FCA-13, R-FEP-01/03/06, R-COL-10, R-CON-02.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from kehu_archive.domain import validators
from kehu_archive.domain.faults import Checked, Fault, fault
from kehu_archive.domain.identity import check_resident_id

Values = Mapping[str, Any]
Rows = Sequence[Values]
PHONE_SEPARATOR: Final = "; "


@dataclass(frozen=True)
class Cleaned:
	"""Normal forms of those fields that have one, and what was found wrong or doubtful."""

	values: dict[str, Any] = field(default_factory=dict)
	faults: tuple[Fault, ...] = ()


def _phones(text: object, name: str) -> Checked[str]:
	checked = validators.check_phones(text, name)
	joined = PHONE_SEPARATOR.join(checked.value) if checked.value else None
	return Checked(joined, checked.faults)


_ARCHIVE_CHECKS: Final[dict[str, Callable[[object, str], Checked[str]]]] = {
	"credit_code": validators.check_credit_code,
	"email": validators.check_email,
	"website": validators.check_website,
	"postcode": validators.check_postcode,
	"phone": _phones,
	"fax": _phones,
	"main_contact_phone": _phones,
}
_CONTACT_CHECKS: Final[dict[str, Callable[[object, str], Checked[str]]]] = {
	"mobile": validators.check_mobile,
	"direct_line": validators.check_phone,
	"phone": _phones,
	"fax": _phones,
	"email": validators.check_email,
}
_CHANNEL_CHECKS: Final[dict[str, Callable[[object, str], Checked[str]]]] = {
	"Mobile": validators.check_mobile,
	"Direct Line": validators.check_phone,
	"Phone": validators.check_phone,
	"Fax": validators.check_phone,
	"E-mail": validators.check_email,
}
NAME_LENGTH: Final = 140
EARLIEST_YEAR: Final = 1900
#: What a currency column of the framework holds, with room for sums.
LARGEST_AMOUNT: Final = 1e12


def clean_archive(values: Values, today: date) -> Cleaned:
	"""Check the field values of an archive; `today` is the site's date."""
	cleaned = _run(_ARCHIVE_CHECKS, values)
	faults = [
		*cleaned.faults,
		*_name(values, "customer_name"),
		*_not_future(values, ("archive_date", "founded_on", "birth_date"), today),
		*_not_ancient(values, ("archive_date",)),
		*_not_negative(values, ("registered_capital",)),
		*validators.check_headcount(
			_int(values.get("headcount")), _int(values.get("chinese_staff")), _int(values.get("foreign_staff"))
		),
		*_table_faults(values, today),
	]
	return Cleaned(cleaned.values, tuple(faults))


def clean_contact(values: Values, today: date) -> Cleaned:
	"""Check the field values of a contact."""
	cleaned = _run(_CONTACT_CHECKS, values)
	faults = [*cleaned.faults, *_name(values, "full_name"), *_not_future(values, ("birth_date",), today)]
	faults += _period(values, "started_on", "ended_on")
	for row, channel in enumerate(_rows(values, "other_channels"), start=1):
		check = _CHANNEL_CHECKS.get(str(channel.get("channel") or ""))
		if check:
			faults += _in_table("other_channels", row, check(channel.get("value"), "value").faults)
	return Cleaned(cleaned.values, tuple(faults))


def clean_transaction(values: Values, today: date) -> Cleaned:
	"""Check a transaction: a deal lies in the past, a contract ends after it begins, a default is described."""
	faults = [*_not_future(values, ("posted_on",), today), *_period(values, "valid_from", "valid_to")]
	faults += [*_not_negative(values, ("amount", "quantity")), *_amount_fits(values, "amount")]
	if values.get("is_default") and not str(values.get("default_note") or "").strip():
		faults.append(fault("default_note", "missing"))
	return Cleaned({}, tuple(faults))


def clean_complaint(values: Values, today: date) -> Cleaned:
	"""Check a complaint's registration."""
	cleaned = _run({"contact_phone": validators.check_phone}, values)
	return Cleaned(cleaned.values, (*cleaned.faults, *_not_future(values, ("complained_at",), today)))


def clean_borrowing(values: Values, today: date) -> Cleaned:
	"""Check a borrowing request: it is due on or after the day it is asked for, copies are counted."""
	faults = [
		*_period(values, "applied_on", "due_on"),
		*_not_negative(values, ("copies", "lent_pages", "returned_pages")),
	]
	wished, applied = as_date(values.get("wished_due_on")), as_date(values.get("applied_on"))
	if wished and applied and wished < applied:
		faults.append(fault("wished_due_on", "wish-past", value=wished.isoformat()))
	if values.get("method") == "Photocopy" and not _int(values.get("copies")):
		faults.append(fault("copies", "missing"))
	return Cleaned({}, tuple(faults))


def missing_for_submission(values: Values) -> tuple[Fault, ...]:
	"""What an archive must say before it leaves the draft; organisations and persons differ (R-ARC-02, R-ARC-05)."""
	needed = ["customer_name", "address"]
	if values.get("party_kind") == "Organisation":
		needed.append("legal_representative")
	faults = [fault(name, "missing") for name in needed if not str(values.get(name) or "").strip()]
	if not any(values.get(name) for name in ("phone", "main_contact_phone", "email", "fax")):
		faults.append(fault("phone", "missing"))
	return tuple(faults)


def check_id_number(value: str, today: date) -> Checked[str]:
	"""A resident identity number in its normal form."""
	checked = check_resident_id(value, today, "value")
	return Checked(checked.value.number if checked.value else None, checked.faults)


def _run(checks: Mapping[str, Callable[[object, str], Checked[str]]], values: Values) -> Cleaned:
	normal: dict[str, Any] = {}
	faults: list[Fault] = []
	for name, check in checks.items():
		if values.get(name) in (None, ""):
			continue
		checked = check(values[name], name)
		faults += checked.faults
		if checked.ok:
			normal[name] = checked.value
	return Cleaned(normal, tuple(faults))


def _table_faults(values: Values, today: date) -> Iterable[Fault]:
	shares = [row.get("share_percent") for row in _rows(values, "shareholders")]
	yield from _prefixed("shareholders", validators.check_shares(shares))
	for table in ("yearly_sales", "financials"):
		years = [_int(row.get("year")) for row in _rows(values, table)]
		yield from _prefixed(table, validators.check_sales_years(years, today))
	for number, row in enumerate(_rows(values, "licences"), start=1):
		yield from _in_table("licences", number, _period(row, "issued_on", "valid_until"))
	for number, row in enumerate(_rows(values, "collections"), start=1):
		yield from _in_table("collections", number, _collection(row, today))


def _collection(row: Values, today: date) -> Iterable[Fault]:
	"""One collected piece of information: a survey agency is named, a mailed sheet returns after it was sent."""
	yield from _not_future(row, ("obtained_on",), today)
	if row.get("channel") == "Survey Agency" and not str(row.get("agency_name") or "").strip():
		yield fault("agency_name", "missing")
	yield from _period(row, "sent_on", "returned_on")


def _prefixed(table: str, faults: Iterable[Fault]) -> Iterable[Fault]:
	for found in faults:
		yield found.at(f"{table}:{found.field}")


def _in_table(table: str, row: int, faults: Iterable[Fault]) -> Iterable[Fault]:
	for found in faults:
		params = tuple(sorted({**dict(found.params), "row": row}.items()))
		yield Fault(f"{table}:{found.field}", found.code, found.message, params, found.severity)


def _name(values: Values, name: str) -> Iterable[Fault]:
	text = str(values.get(name) or "").strip()
	if not text:
		yield fault(name, "missing")
	elif len(text) > NAME_LENGTH:
		yield fault(name, "too-long", length=len(text), limit=NAME_LENGTH)


def _not_future(values: Values, names: Iterable[str], today: date) -> Iterable[Fault]:
	for name in names:
		day = as_date(values.get(name))
		if day and day > today:
			yield fault(name, "future-date", value=day.isoformat(), today=today.isoformat())


def _not_ancient(values: Values, names: Iterable[str]) -> Iterable[Fault]:
	for name in names:
		day = as_date(values.get(name))
		if day and day.year < EARLIEST_YEAR:
			yield fault(name, "year-range", year=str(day.year))


def _amount_fits(values: Values, name: str) -> Iterable[Fault]:
	number = values.get(name)
	if number not in (None, "") and abs(float(str(number))) >= LARGEST_AMOUNT:
		yield fault(name, "amount-size")


def _not_negative(values: Values, names: Iterable[str]) -> Iterable[Fault]:
	for name in names:
		number = values.get(name)
		if number not in (None, "") and float(str(number)) < 0:
			yield fault(name, "negative")


def _period(values: Values, start: str, end: str) -> Iterable[Fault]:
	found = validators.check_period(as_date(values.get(start)), as_date(values.get(end)), end)
	if found:
		yield found


def as_date(value: object) -> date | None:
	"""A date from what a document holds: a date, a datetime or ISO text; None for anything else."""
	if isinstance(value, datetime):
		return value.date()
	if isinstance(value, date):
		return value
	try:
		return date.fromisoformat(str(value)[:10]) if value else None
	except ValueError:
		return None


def _rows(values: Values, table: str) -> Rows:
	rows: Rows = values.get(table) or ()
	return rows


def _int(value: object) -> int | None:
	try:
		return int(float(str(value))) if value not in (None, "") else None
	except ValueError:
		return None
