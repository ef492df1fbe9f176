"""Keep plain text out of error reports: the texts that this request has seen are known, and taken out of whatever is reported.

It is the last of three nets; the first is `ingress`, the second `guarded`.
"""

from __future__ import annotations

import re
from typing import Final

import frappe

from kehu_archive.vault.guarded import Plain

HIDDEN: Final = "••••"
#: Shorter texts are not taken out of a report: "1" or "无" would stand in half of its lines.
_SHORTEST: Final = 4
_SEEN: Final = "kehu_vault_seen"
_DIGITS: Final = re.compile(r"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|\d{16}|\d{19})(?![0-9A-Za-z])")


def remember(text: str) -> None:
	"""Note a plain text, so that `scrub` takes it out of whatever this request or job reports."""
	seen = getattr(frappe.local, _SEEN, None)
	if seen is None:
		seen = set()
		setattr(frappe.local, _SEEN, seen)
	if len(text.strip()) >= _SHORTEST:
		seen.add(Plain(text))


def scrub(report: str) -> str:
	"""Return a report without the plain texts this request has seen, and without anything that is a valid ID or card number."""
	for text in sorted(getattr(frappe.local, _SEEN, None) or (), key=len, reverse=True):
		for form in {str.__str__(text), text.strip(), _escaped(text)}:
			report = report.replace(form, HIDDEN)
	return _DIGITS.sub(lambda found: HIDDEN if _is_number(found.group()) else found.group(), report)


def _escaped(text: str) -> str:
	"""As JSON writes it: line breaks and characters beyond ASCII as escapes."""
	return (
		str(frappe.as_json(text))[1:-1] if text.isascii() else text.encode("unicode_escape").decode("ascii")
	)


def _is_number(digits: str) -> bool:
	from stdnum import luhn
	from stdnum.cn import ric

	return bool(ric.is_valid(digits.upper()) if len(digits) == 18 else luhn.is_valid(digits))
