"""Archive numbers: the pattern and the numbers made from it.

Contract: a pattern such as `{fonds}-{class}-{year}-{serial:5}` ends with the running number behind a separator, so that a number falls apart
into prefix and serial in one way only and two prefixes never give the same number. Each prefix has a counter that only moves forward: a number
that was given out is never given again, not after a merge and not after destruction. A serial that outgrows its width gets longer. Clause: R-ARC-01, R-ARC-14; design: never reused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from kehu_archive.domain.faults import Checked, Fault, fault
from kehu_archive.domain.text import normalise, with_plain_dashes

DEFAULT_PATTERN: Final = "{fonds}-{class}-{year}-{serial:5}"
PLACEHOLDERS: Final = ("fonds", "class", "year")
WIDTHS: Final = range(3, 10)
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_SERIAL: Final = re.compile(r"serial(?::(\d+))?")
_LITERAL: Final = re.compile(r"[^A-Za-z0-9\u3400-\u9fff._-]")
_SEPARATORS: Final = ("-", ".", "_")
_PART: Final = re.compile(r"[A-Za-z0-9\u3400-\u9fff]{1,10}")


@dataclass(frozen=True)
class NumberPattern:
	"""A checked pattern: what stands before the running number, with its placeholders, and the width of the number."""

	prefix: str
	width: int


def parse_pattern(pattern: str, field: str = "number_pattern") -> Checked[NumberPattern]:
	"""Check a pattern and split it into prefix and width of the running number."""
	text = with_plain_dashes(normalise(pattern))
	found = _braces_fault(text, field) or _placeholder_fault(text, field) or _literal_fault(text, field)
	if found:
		return Checked(None, (found,))
	head, _, last = text.rpartition("{")
	serial = _SERIAL.fullmatch(last[:-1])
	width = int(serial.group(1) or 0) if serial else 0
	if width not in WIDTHS:
		return Checked(None, (fault(field, "pattern-width"),))
	if not head.endswith(_SEPARATORS):
		return Checked(None, (fault(field, "pattern-separator"),))
	return Checked(NumberPattern(head, width))


def _braces_fault(text: str, field: str) -> Fault | None:
	if not text:
		return fault(field, "pattern-empty", example=DEFAULT_PATTERN)
	rest = _PLACEHOLDER.sub("", text)
	return fault(field, "pattern-braces") if "{" in rest or "}" in rest else None


def _placeholder_fault(text: str, field: str) -> Fault | None:
	names = _PLACEHOLDER.findall(text)
	serials = [name for name in names if _SERIAL.fullmatch(name)]
	for name in names:
		if name not in PLACEHOLDERS and name not in serials:
			return fault(field, "pattern-unknown", placeholder=f"{{{name}}}")
		if names.count(name) > 1:
			return fault(field, "pattern-twice", placeholder=f"{{{name}}}")
	if not serials:
		return fault(field, "pattern-serial")
	if len(serials) > 1:
		return fault(field, "pattern-twice", placeholder="{serial}")
	return None if text.endswith(f"{{{serials[0]}}}") else fault(field, "pattern-last")


def _literal_fault(text: str, field: str) -> Fault | None:
	wrong = _LITERAL.search(_PLACEHOLDER.sub("", text))
	return fault(field, "pattern-literal", character=wrong.group()) if wrong else None


def check_part(code: str, field: str) -> Checked[str]:
	"""Check a fonds or class code: one to ten letters or digits, so that it adds no separator to the number."""
	text = normalise(code)
	return Checked(text) if _PART.fullmatch(text) else Checked(text, (fault(field, "code-part"),))


def series_prefix(pattern: NumberPattern, fonds: str, class_code: str, year: int) -> str:
	"""Return what stands before the running number; archives with the same prefix share one counter."""
	values = {"fonds": fonds, "class": class_code, "year": f"{year:04d}"}
	return _PLACEHOLDER.sub(lambda match: values[match.group(1)], pattern.prefix)


def format_number(prefix: str, serial: int, width: int) -> str:
	"""Return the archive number; `serial` starts at 1, anything smaller is a programming error (ValueError)."""
	if serial < 1:
		raise ValueError("a running number starts at 1")
	return f"{prefix}{serial:0{width}d}"
