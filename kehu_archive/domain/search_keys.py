"""What the search index holds and how a query is read.

Contract: the index is a narrow table (token, kind, archive). A token matches a query term when it *begins with* it, so a part of a name is found
through the suffixes of the name. Tokens and terms are folded the same way and consist of letters and digits only, hence they are safe inside a
LIKE pattern; both are cut at 64 characters. Clause: 000 篇一 (R-QRY-01, R-CON-06).

What is found: any piece of an archive's name that begins before the legal form (two characters or more, up to 24 characters into the name), in
either spelling; its pinyin from any syllable on; its initials; a contact's name, given name, pinyin and initials; a phone from its first
digit, without area code, or its last four digits; the archive number from its start or after any separator; credit code and household number.

How a query is read: it is split at spaces into at most five terms, all of which must match (a phone number written with spaces stays one). A
term needs one Chinese character, two letters or two digits; digits look like phones and numbers from three on. A term that is only a legal
form (公司, Ltd) is dropped when others remain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from kehu_archive.domain.contact_points import dialled
from kehu_archive.domain.pinyin_keys import everyday_syllables, initials_of, syllables
from kehu_archive.domain.text import (
	digits,
	fold_name,
	has_cjk,
	is_cjk,
	is_company_form,
	normalise,
	strip_company_form,
	with_plain_dashes,
	without_brackets,
)

TOKEN_LENGTH: Final = 64
MAX_SUFFIXES: Final = 24
MAX_TERMS: Final = 5
TAIL_LENGTH: Final = 4
SHORTEST_PHONE: Final = 5
SHORTEST_LOCAL: Final = 7


class Kind(str, Enum):
	"""Where a token comes from. `PART` is a name from its middle on, `TAIL` the last four digits of a phone."""

	NAME = "name"
	PART = "part"
	PERSON = "person"
	PINYIN = "pinyin"
	INITIALS = "initials"
	PHONE = "phone"
	TAIL = "tail"
	NUMBER = "number"
	CODE = "code"


@dataclass(frozen=True)
class ArchiveNames:
	"""Everything of an archive that can be typed into the search box.

	`names` are short and former names, `old_numbers` the numbers of archives merged into it, `is_person` a private customer.
	"""

	name: str
	number: str = ""
	names: tuple[str, ...] = ()
	contacts: tuple[str, ...] = ()
	phones: tuple[str, ...] = ()
	credit_code: str = ""
	household_no: str = ""
	is_person: bool = False
	old_numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchKey:
	"""One row of the index."""

	kind: Kind
	token: str


@dataclass(frozen=True)
class QueryTerm:
	"""One word of a query and the kinds of key it may match; the match is by prefix, for TAIL it is then complete."""

	token: str
	kinds: frozenset[Kind]

	def matches(self, key: SearchKey) -> bool:
		"""True when the index row answers this term."""
		return key.kind in self.kinds and key.token.startswith(self.token)


@dataclass(frozen=True)
class Hit:
	"""An index row found for a term."""

	kind: Kind
	token: str
	term: str


def index_keys(archive: ArchiveNames) -> frozenset[SearchKey]:
	"""Return the index rows of one archive."""
	keys: set[SearchKey] = set()
	for name in (archive.name, *archive.names):
		keys.update(_name_keys(name, archive.is_person))
	for contact in archive.contacts:
		keys.update(_person_keys(contact))
	for phone in archive.phones:
		keys.update(_phone_keys(phone))
	for number in (archive.number, *archive.old_numbers):
		keys.update(_number_keys(number))
	for code in (archive.credit_code, archive.household_no):
		keys.add(SearchKey(Kind.CODE, fold_name(code)[:TOKEN_LENGTH]))
	return frozenset(key for key in keys if key.token)


def _name_keys(name: str, person: bool) -> Iterator[SearchKey]:
	variants = dict.fromkeys((normalise(name), without_brackets(name)))
	for variant in variants:
		folded = fold_name(variant)
		core = len(strip_company_form(variant))
		yield SearchKey(Kind.NAME, folded[:TOKEN_LENGTH])
		for start in range(1, min(core, MAX_SUFFIXES)):
			if len(folded) - start > 1:
				yield SearchKey(Kind.PART, folded[start : start + TOKEN_LENGTH])
		if has_cjk(folded):
			yield from _spoken_keys(variant, core, person)


def _spoken_keys(name: str, core: int, person: bool) -> Iterator[SearchKey]:
	"""Pinyin and initials from every syllable that begins in the first `core` characters."""
	readings = {everyday_syllables(name)} | ({syllables(name, person=True)} if person else set())
	starts = min(_pieces_within(name, core), MAX_SUFFIXES)
	for reading in readings:
		short = initials_of(name, reading)
		for start in range(min(starts, len(reading))):
			if start == 0 or len(reading) - start > 1:
				yield SearchKey(Kind.PINYIN, "".join(reading[start:])[:TOKEN_LENGTH])
			token = "".join(short[start:])[:TOKEN_LENGTH]
			if len(token) > 1:
				yield SearchKey(Kind.INITIALS, token)


def _pieces_within(name: str, core: int) -> int:
	"""How many syllables begin within the first `core` characters of the folded name."""
	count = 0
	previous_latin = False
	for char in fold_name(name)[:core]:
		latin = not is_cjk(char)
		count += not (latin and previous_latin)
		previous_latin = latin
	return count


def _person_keys(name: str) -> Iterator[SearchKey]:
	for key in _name_keys(name, person=True):
		kind = Kind.PERSON if key.kind in (Kind.NAME, Kind.PART) else key.kind
		yield SearchKey(kind, key.token)


def phone_key(phone: str) -> str:
	"""Return the digits of a phone number without the country code of China and without an extension."""
	return dialled(phone)


def _phone_keys(phone: str) -> Iterator[SearchKey]:
	number = phone_key(phone)
	if len(number) < SHORTEST_PHONE:
		return
	yield SearchKey(Kind.PHONE, number[:TOKEN_LENGTH])
	yield SearchKey(Kind.TAIL, number[-TAIL_LENGTH:])
	if number.startswith("0"):
		area = 3 if number[1] in "12" else 4
		if len(number) - area >= SHORTEST_LOCAL:
			yield SearchKey(Kind.PHONE, number[area:])


def _number_keys(number: str) -> Iterator[SearchKey]:
	parts = [fold_name(part) for part in re.split(r"[\W_]+", with_plain_dashes(normalise(number)))]
	parts = [part for part in parts if part]
	for start in range(len(parts)):
		yield SearchKey(Kind.NUMBER, "".join(parts[start:])[:TOKEN_LENGTH])
	if parts and parts[-1].isdigit():
		serial = parts[-1].lstrip("0")
		if len(serial) > 2:
			yield SearchKey(Kind.NUMBER, serial)


_NAMES: Final = frozenset({Kind.NAME, Kind.PART, Kind.PERSON})
_CODES: Final = frozenset({Kind.NUMBER, Kind.CODE})
_SPOKEN: Final = frozenset({Kind.PINYIN, Kind.INITIALS})
_PHONE_QUERY: Final = re.compile(r"[+(]?[\d\s()+-]{7,}")


def parse_query(text: str) -> tuple[QueryTerm, ...]:
	"""Return the terms of a query, all of which an archive must answer; empty when nothing in it is long enough to search for."""
	plain = with_plain_dashes(normalise(text))
	if _PHONE_QUERY.fullmatch(plain) and " " in plain and len(digits(plain)) >= SHORTEST_LOCAL:
		plain = phone_key(plain)
	words = plain.split(" ")
	kept = [word for word in words if not is_company_form(word)] or words
	terms = dict.fromkeys(term for term in map(_term, kept) if term is not None)
	return tuple(terms)[:MAX_TERMS]


def _term(word: str) -> QueryTerm | None:
	token = fold_name(word)
	if has_cjk(token):
		return QueryTerm(token[:TOKEN_LENGTH], _NAMES | _CODES)
	if len(token) < 2:
		return None
	if token.isdigit():
		return _digit_term(word, token)
	if token.isalpha():
		spoken = token.replace("ü", "v")
		return QueryTerm(spoken[:TOKEN_LENGTH], _NAMES | _SPOKEN | _CODES)
	return QueryTerm(token[:TOKEN_LENGTH], _NAMES | _SPOKEN | _CODES)


def _digit_term(word: str, token: str) -> QueryTerm:
	if len(token) < 3:
		return QueryTerm(token, _NAMES)
	kinds = _NAMES | _CODES | {Kind.PHONE}
	if len(token) == TAIL_LENGTH:
		kinds |= {Kind.TAIL}
	is_phone = word.startswith("+") or len(phone_key(word)) == 11 or "-" in word
	return QueryTerm((phone_key(word) if is_phone else token)[:TOKEN_LENGTH], kinds)


_BASE: Final[dict[Kind, tuple[int, int]]] = {
	Kind.NUMBER: (980, 600),
	Kind.CODE: (970, 590),
	Kind.NAME: (1000, 800),
	Kind.PERSON: (760, 640),
	Kind.PART: (700, 680),
	Kind.PINYIN: (560, 500),
	Kind.INITIALS: (460, 400),
	Kind.PHONE: (960, 340),
	Kind.TAIL: (965, 320),
}
"""Points of a complete match and of a match by prefix."""


def rank(hit: Hit) -> int:
	"""Return how well a hit answers its term, more is better.

	Order: a complete name, number, code, phone or last four digits; the beginning of a name; the middle of a name; a contact; pinyin; initials; part of a phone.
	Within each, the larger the share of the token that was typed, the better (up to 19 points).
	"""
	complete, prefix = _BASE[hit.kind]
	if hit.token == hit.term:
		return complete
	return prefix + 19 * len(hit.term) // max(len(hit.token), 1)


def rank_archive(hits: Iterable[Hit]) -> int:
	"""Return the rank of an archive: the best hit of each term, averaged over the terms."""
	best: dict[str, int] = {}
	for hit in hits:
		best[hit.term] = max(rank(hit), best.get(hit.term, 0))
	return sum(best.values()) // len(best) if best else 0
