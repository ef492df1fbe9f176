"""Ways to reach a customer: telephone, fax, e-mail, postcode, web address.

Contract: as in `identity`: raw text and field name in, `Checked` out, empty gives None without a fault. Normal forms: mobile `13800138000`,
landline `010-65521234-801`, service number `400-820-8820` or `95588`, foreign number `+4930123456`. Clause: R-FCA-02, R-FCA-03, R-CON-02.
"""

from __future__ import annotations

import re
from typing import Final

from kehu_archive.domain.faults import Checked, Fault, fault, warning
from kehu_archive.domain.text import digits, normalise, with_plain_dashes

_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_EXTENSION: Final = re.compile(r"(?:\s*(?:转|轉|分机|分機|ext\.?|#|x)\s*[:.]?\s*)(\d{1,6})$", re.IGNORECASE)
_HYPHEN_EXTENSION: Final = re.compile(r"^(.*\d)\s*-\s*(\d{1,6})$")
_SERVICE: Final = re.compile(r"9[56]\d{3,6}|1[0-2]\d{1,3}")
_TOLL_FREE: Final = re.compile(r"(400|800)(\d{3})(\d{4})")
_AREA: Final = re.compile(r"(010|02\d|0[3-9]\d{2})(\d+)")
_LOCAL: Final = re.compile(r"[2-9]\d{6,7}")
_WITHOUT_AREA: Final = re.compile(r"1[3-9]\d{9}|(?:400|800)\d{7}")
_CHINA: Final = re.compile(r"^(?:\+|00)86(?=\d)")
_MARKS: Final = re.compile(r"[\s().-]+")
_SPLIT: Final = re.compile(
	r"[/,;、|\n\r]+|\s{2,}|(?<=\d)\s+(?=1[3-9]\d{9}(?!\d))|(?<=\d)\s*(?:或|和|及)\s*(?=[\d+(])"
)
_EMAIL: Final = re.compile(
	r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@"
	r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,61}[^\W_])",
)
_HOST: Final = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][^\W_]+", re.UNICODE)
_WEBSITE: Final = re.compile(r"(?:(https?)://)?([^/:?#\s]+)(:\d{1,5})?([/?#]\S*)?", re.IGNORECASE)
EMAIL_LENGTH: Final = 254
FOREIGN_DIGITS: Final = range(7, 18)
MAX_PHONES: Final = 5


def check_mobile(text: object, field: str = "mobile") -> Checked[str]:
	"""Check a mobile number of mainland China: 11 digits from 13 to 19; +86 and separators are removed."""
	plain = with_plain_dashes(normalise(text))
	if not plain:
		return Checked(None)
	number = _CHINA.sub("", _MARKS.sub("", plain))
	if number.startswith("86") and len(number) == 13:
		number = number[2:]
	if _MOBILE.fullmatch(number):
		return Checked(number)
	return Checked(plain, (fault(field, "mobile"),))


def check_landline(text: object, field: str = "phone") -> Checked[str]:
	"""Check a landline with or without area code and extension, a 400 or 800 number, or a service number such as 95588."""
	plain = with_plain_dashes(normalise(text))
	if not plain:
		return Checked(None)
	number, extension = _split_extension(plain)
	shown = _landline(number)
	if shown:
		return Checked(f"{shown}-{extension}" if extension else shown)
	return Checked(plain, (_landline_fault(number, field),))


def _split_extension(plain: str) -> tuple[str, str]:
	"""Split into the number without separators and the extension.

	A last group behind a hyphen is an extension only when what precedes it is a whole number by itself: 010-6552-1234 has none.
	"""
	match = _EXTENSION.search(plain)
	if match:
		return _bare(plain[: match.start()]), match.group(1)
	whole = _bare(plain)
	hyphenated = _HYPHEN_EXTENSION.match(plain)
	if hyphenated and not _TOLL_FREE.fullmatch(whole):
		before = _bare(hyphenated.group(1))
		if _landline(before):
			return before, hyphenated.group(2)
	return whole, ""


def _bare(text: str) -> str:
	number = _MARKS.sub("", text)
	national = _CHINA.sub("", number)
	if national == number or national[0] == "0" or _WITHOUT_AREA.fullmatch(national):
		return national
	return "0" + national


def dialled(text: object) -> str:
	"""Return the digits of a number as dialled inside China: no country code 86, no extension; what is no number gives its digits."""
	number, _extension = _split_extension(with_plain_dashes(normalise(text)))
	found = digits(number)
	return found[2:] if found.startswith("86") and _MOBILE.fullmatch(found[2:]) else found


def _landline(number: str) -> str:
	"""Return the normal form of a bare landline number, '' when it is none."""
	toll_free = _TOLL_FREE.fullmatch(number)
	if toll_free:
		return "-".join(toll_free.groups())
	area = _AREA.fullmatch(number)
	if area:
		return "-".join(area.groups()) if _LOCAL.fullmatch(area.group(2)) else ""
	return number if _SERVICE.fullmatch(number) or _LOCAL.fullmatch(number) else ""


def _landline_fault(number: str, field: str) -> Fault:
	area = _AREA.fullmatch(number)
	if area and len(area.group(2)) not in (7, 8):
		return fault(field, "landline-area", area=area.group(1), digits=len(area.group(2)))
	return fault(field, "landline")


def check_phone(text: object, field: str = "phone") -> Checked[str]:
	"""Check any telephone number: mobile, landline, service number, or a foreign number that begins with + or 00."""
	plain = with_plain_dashes(normalise(text))
	if not plain:
		return Checked(None)
	mobile = check_mobile(plain, field)
	if mobile.ok:
		return mobile
	bare = _MARKS.sub("", plain)
	if bare.startswith(("+", "00")) and not _CHINA.match(bare):
		return _foreign(plain, bare, field)
	landline = check_landline(plain, field)
	if landline.ok:
		return landline
	error = landline.error
	code = error.code if error else ""
	if code == "landline-area":
		return landline
	specific = "mobile" if re.fullmatch(r"1[3-9]\d{7,11}", bare) else "phone"
	return Checked(plain, (fault(field, specific),))


def _foreign(plain: str, bare: str, field: str) -> Checked[str]:
	number = bare.removeprefix("+").removeprefix("00")
	if number.isascii() and number.isdigit() and number[0] != "0" and len(number) in FOREIGN_DIGITS:
		return Checked("+" + number)
	return Checked(plain, (fault(field, "phone-country"),))


def split_phones(text: object) -> tuple[str, ...]:
	"""Split a cell that holds several numbers, separated by slash, comma, semicolon, line break or 或."""
	raw = "" if text is None else str(text).replace("\n", ";").replace("\r", ";")
	plain = normalise(raw)
	return tuple(part.strip() for part in _SPLIT.split(plain) if part and part.strip())


def check_phones(text: object, field: str = "phone") -> Checked[tuple[str, ...]]:
	"""Check every number of a cell with several; at most five are kept, in their order and once each."""
	parts = split_phones(text)
	if not parts:
		return Checked(None)
	checked = [check_phone(part, field) for part in parts]
	faults = [item for one in checked for item in one.faults]
	numbers = tuple(dict.fromkeys(one.value for one in checked if one.value))
	if len(numbers) > MAX_PHONES:
		faults.append(warning(field, "phones-many", limit=MAX_PHONES))
	return Checked(numbers[:MAX_PHONES], tuple(faults))


def is_mobile(number: str) -> bool:
	"""True for a mobile number of mainland China."""
	return check_mobile(number).ok and bool(normalise(number))


def check_email(text: object, field: str = "email") -> Checked[str]:
	"""Check an e-mail address; the domain is written in lower case."""
	address = normalise(text).replace(" ", "")
	if not address:
		return Checked(None)
	name, sign, domain = address.rpartition("@")
	clean = name + sign + domain.lower()
	if len(address) > EMAIL_LENGTH or len(name) > 64 or not _EMAIL.fullmatch(clean):
		return Checked(address, (fault(field, "email"),))
	return Checked(clean)


def check_postcode(text: object, field: str = "postcode") -> Checked[str]:
	"""Check a Chinese postcode: six digits, not all of them zero."""
	code = normalise(text).replace(" ", "")
	if not code:
		return Checked(None)
	if re.fullmatch(r"[0-9]{6}", code) and code != "000000":
		return Checked(code)
	return Checked(code, (fault(field, "postcode"),))


def check_website(text: object, field: str = "website") -> Checked[str]:
	"""Check a web address; the scheme http or https may be missing, any other is refused."""
	address = normalise(text).replace(" ", "")
	if not address:
		return Checked(None)
	match = _WEBSITE.fullmatch(address)
	if not match or not _HOST.fullmatch(match.group(2)):
		return Checked(address, (fault(field, "website"),))
	scheme, host, port, path = match.groups()
	front = f"{scheme.lower()}://" if scheme else ""
	return Checked(f"{front}{host.lower()}{port or ''}{path or ''}")
