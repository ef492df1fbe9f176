"""Codes that identify a customer: unified social credit code, resident identity number, bank account.

Contract: every function takes the raw text and the field's name and returns `Checked`; the value is normalised even when a fault was found, so
that the form can show what was understood; an empty text gives None and no fault. Faults never repeat an identity or account number.
Check characters are computed by python-stdnum. Its own `validate` is not used where it is narrower than the rules in force: credit codes
may begin with a letter (N for rural collectives, A for the military), and a county founded after a person's birth is no error, since the number
is given when the card is issued. Clause: R-FEP-06 (GB 32100-2015), R-FCA-05, R-CON-03 (GB 11643-1999).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, Protocol

from stdnum import luhn, numdb
from stdnum.cn import ric, uscc

from kehu_archive.domain.faults import Checked, Fault, fault, warning
from kehu_archive.domain.text import normalise

USCC_LENGTH: Final = 18
USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_DIGITS_ONLY: Final = range(2, 8)
RIC_LENGTH: Final = 18
OLD_RIC_LENGTH: Final = 15
_RESIDENCE_PERMIT: Final = ("81", "82", "83")
_FOREIGN_RESIDENT: Final = "9"
BANK_LENGTHS: Final = range(8, 31)
CARD_LENGTHS: Final = (16, 19)
_SEPARATORS: Final = str.maketrans("", "", " -_·.")


def compact(text: object) -> str:
	"""Return a code in upper case, half-width, without spaces, hyphens and dots."""
	return normalise(text).upper().translate(_SEPARATORS)


def check_credit_code(text: object, field: str = "credit_code") -> Checked[str]:
	"""Check a unified social credit code; the fault says whether length, a character or the check character is wrong and which is expected."""
	code = compact(text)
	if not code:
		return Checked(None)
	found = _credit_code_fault(code, field)
	return Checked(code, (found,) if found else ())


def _credit_code_fault(code: str, field: str) -> Fault | None:
	if len(code) != USCC_LENGTH:
		return fault(field, "uscc-length", length=len(code))
	for index, char in enumerate(code):
		allowed = "0123456789" if index in _USCC_DIGITS_ONLY else USCC_ALPHABET
		if char not in allowed:
			return fault(field, "uscc-alphabet", character=char, position=index + 1)
	expected = uscc.calc_check_digit(code[:-1])
	if code[-1] != expected:
		return fault(field, "uscc-check", expected=expected)
	return None


def is_credit_code(text: object) -> bool:
	"""True for a complete and correct unified social credit code."""
	checked = check_credit_code(text)
	return checked.value is not None and checked.ok


@dataclass(frozen=True)
class Resident:
	"""What an identity number says: the number, the date of birth and the sex (`Male` or `Female`)."""

	number: str
	birth_date: date | None
	sex: str


class _NumberBook(Protocol):
	def info(self, number: str) -> list[tuple[str, dict[str, str]]]: ...


@lru_cache(maxsize=1)
def _regions() -> _NumberBook:
	book: _NumberBook = numdb.get("cn/loc")
	return book


def check_resident_id(text: object, today: date, field: str = "id_number") -> Checked[Resident]:
	"""Check a resident identity number: length, characters, region, date of birth (not after `today`) and check digit.

	Residence permits of Hong Kong, Macao and Taiwan residents (81, 82, 83) and cards of foreign permanent residents (9) are accepted. A
	county missing from the published list is a warning, an impossible province an error.
	"""
	number = compact(text)
	if not number:
		return Checked(None)
	shape = _resident_shape(number, field)
	if shape:
		return Checked(Resident(number, None, ""), (shape,))
	born = _birth_date(number, today)
	sex = "Male" if int(number[16]) % 2 else "Female"
	faults = [_region_fault(number, field)]
	if born is None:
		faults.append(fault(field, "ric-birth"))
	elif number[-1] != ric.calc_check_digit(number):
		faults.append(fault(field, "ric-check"))
	return Checked(Resident(number, born, sex), tuple(item for item in faults if item))


def _resident_shape(number: str, field: str) -> Fault | None:
	if len(number) == OLD_RIC_LENGTH and number.isascii() and number.isdigit():
		return fault(field, "ric-old")
	if len(number) != RIC_LENGTH:
		return fault(field, "ric-length", length=len(number))
	body, last = number[:-1], number[-1]
	if not (body.isascii() and body.isdigit() and last in "0123456789X"):
		return fault(field, "ric-alphabet")
	return None


def _region_fault(number: str, field: str) -> Fault | None:
	if number.startswith((*_RESIDENCE_PERMIT, _FOREIGN_RESIDENT)):
		return None
	known: set[str] = set()
	for _, properties in _regions().info(number[:6]):
		known.update(properties)
	if "province" not in known:
		return fault(field, "ric-region", region=number[:2])
	if "county" not in known:
		return warning(field, "ric-county", region=number[:6])
	return None


def _birth_date(number: str, today: date) -> date | None:
	try:
		born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
	except ValueError:
		return None
	return born if date(1850, 1, 1) <= born <= today else None


def check_bank_account(text: object, field: str = "bank_account") -> Checked[str]:
	"""Check a bank account number: 8 to 30 digits; for the length of a card (16 or 19) a wrong check digit is a warning, because company
	accounts of that length carry none.
	"""
	number = compact(text)
	if not number:
		return Checked(None)
	if not (number.isascii() and number.isdigit()):
		return Checked(number, (fault(field, "bank-digits"),))
	if len(number) not in BANK_LENGTHS:
		return Checked(number, (fault(field, "bank-length", length=len(number)),))
	if len(number) in CARD_LENGTHS and not luhn.is_valid(number):
		return Checked(number, (warning(field, "bank-luhn"),))
	return Checked(number)
