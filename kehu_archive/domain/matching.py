"""Whether two archives are the same customer.

Contract: `compare` is symmetric and needs nothing but its two candidates and thresholds. Its verdict is SAME, LIKELY or NO, with a score from 0 to 100
and every piece of evidence as a reason. Two different valid credit codes always mean two customers (a branch is not its parent). Any verdict but
NO implies a common key of `blocking_keys`, so that pairs can be found with set operations instead of comparing all with all.
Clause: R-ARC-22, R-ARC-11 (one dossier a household).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz

from kehu_archive.domain.identity import compact, is_credit_code
from kehu_archive.domain.pinyin_keys import syllables
from kehu_archive.domain.search_keys import phone_key
from kehu_archive.domain.text import bracketed, core_name, fold_name, has_cjk
from kehu_archive.domain.validators import is_mobile

SAME: Final = "SAME"
LIKELY: Final = "LIKELY"
NO: Final = "NO"

SAME_CREDIT_CODE: Final = "same credit code"
DIFFERENT_CREDIT_CODE: Final = "different credit codes"
SAME_HOUSEHOLD: Final = "same household number"
SAME_NAME: Final = "same name"
SAME_CORE_NAME: Final = "same name apart from the legal form"
DIFFERENT_REGION: Final = "different region in the name"
SAME_PINYIN: Final = "same pinyin"
SIMILAR_NAME: Final = "similar name"
SAME_MOBILE: Final = "same mobile number"
SAME_PHONE: Final = "same phone number"

REASONS: Final = (
	SAME_CREDIT_CODE,
	DIFFERENT_CREDIT_CODE,
	SAME_HOUSEHOLD,
	SAME_NAME,
	SAME_CORE_NAME,
	DIFFERENT_REGION,
	SAME_PINYIN,
	SIMILAR_NAME,
	SAME_MOBILE,
	SAME_PHONE,
)
"""Source strings of all reasons, for translation."""

BLOCK_LENGTH: Final = 3
SHORTEST_SPOKEN: Final = 3
_DISTINGUISHING: Final = re.compile(r"\d+|[一二三四五六七八九十零甲乙丙丁戊东西南北]")


@dataclass(frozen=True)
class Thresholds:
	"""Score from which a pair is SAME or LIKELY, and the name similarity (0-100) from which names count as similar."""

	same: int = 95
	likely: int = 70
	name_ratio: int = 85


@dataclass(frozen=True)
class Candidate:
	"""What is compared of an archive: keys, not spellings. Build it with `candidate`."""

	ref: str
	full_key: str
	core_key: str
	region: str = ""
	pinyin: str = ""
	syllable_count: int = 0
	credit_code: str = ""
	phones: frozenset[str] = frozenset()
	mobiles: frozenset[str] = frozenset()
	household_no: str = ""
	archive_class: str = ""
	is_person: bool = False


@dataclass(frozen=True)
class Match:
	"""The outcome of a comparison."""

	score: int
	reasons: tuple[str, ...]
	verdict: str


def candidate(
	ref: str,
	name: str,
	credit_code: str = "",
	phones: Iterable[str] = (),
	household_no: str = "",
	archive_class: str = "",
	is_person: bool = False,
) -> Candidate:
	"""Build a candidate from an archive's own spellings. An invalid credit code counts as none, so that a typing error separates nobody."""
	core = core_name(name)
	spoken = syllables(core, is_person) if has_cjk(core) else ()
	code = compact(credit_code)
	known = [phone for phone in phones if phone]
	return Candidate(
		ref=ref,
		full_key=fold_name(name),
		core_key=core,
		region=bracketed(name),
		pinyin="".join(spoken),
		syllable_count=len(spoken),
		credit_code=code if is_credit_code(code) else "",
		phones=frozenset(filter(None, map(phone_key, known))),
		mobiles=frozenset(phone_key(phone) for phone in known if is_mobile(phone)),
		household_no=fold_name(household_no),
		archive_class=archive_class,
		is_person=is_person,
	)


def compare(a: Candidate, b: Candidate, thresholds: Thresholds | None = None) -> Match:
	"""Weigh the evidence that two archives are one customer."""
	limits = thresholds or Thresholds()
	if a.credit_code and b.credit_code:
		if a.credit_code == b.credit_code:
			return Match(100, (SAME_CREDIT_CODE,), SAME)
		return Match(0, (DIFFERENT_CREDIT_CODE,), NO)
	if a.household_no and a.household_no == b.household_no and a.archive_class == b.archive_class:
		return Match(100, (SAME_HOUSEHOLD,), SAME)
	name_score, reasons = _name_evidence(a, b, limits)
	phone_score, phone_reasons = _phone_evidence(a, b)
	score = max(name_score, phone_score)
	if name_score and phone_score:
		score = min(99, name_score + (20 if phone_score >= limits.likely else 12))
	return Match(score, (*reasons, *phone_reasons), _verdict(score, limits))


def _verdict(score: int, limits: Thresholds) -> str:
	if score >= limits.same:
		return SAME
	return LIKELY if score >= limits.likely else NO


def _name_evidence(a: Candidate, b: Candidate, limits: Thresholds) -> tuple[int, tuple[str, ...]]:
	if not a.core_key or not b.core_key or a.is_person != b.is_person:
		return 0, ()
	if a.full_key == b.full_key:
		return (75 if a.is_person else 90), (SAME_NAME,)
	if a.core_key == b.core_key:
		if a.region and b.region and a.region != b.region:
			return 50, (SAME_CORE_NAME, DIFFERENT_REGION)
		return 80, (SAME_CORE_NAME,)
	return _resemblance(a, b, limits)


def _resemblance(a: Candidate, b: Candidate, limits: Thresholds) -> tuple[int, tuple[str, ...]]:
	"""Names that differ: same sound, or similar writing with the same numbers, and a common beginning or end."""
	if _DISTINGUISHING.findall(a.core_key) != _DISTINGUISHING.findall(b.core_key):
		return 0, ()
	ratio = int(fuzz.ratio(a.core_key, b.core_key))
	if a.pinyin and a.pinyin == b.pinyin:
		long_enough = min(a.syllable_count, b.syllable_count) >= SHORTEST_SPOKEN and not a.is_person
		return (78 if long_enough and ratio >= 50 else 60), (SAME_PINYIN,)
	if a.is_person or ratio < limits.name_ratio or not _ends(a) & _ends(b):
		return 0, ()
	return max(limits.likely, min(79, ratio - 15)), (SIMILAR_NAME,)


def _phone_evidence(a: Candidate, b: Candidate) -> tuple[int, tuple[str, ...]]:
	if a.mobiles & b.mobiles:
		return 75, (SAME_MOBILE,)
	if a.phones & b.phones:
		return 50, (SAME_PHONE,)
	return 0, ()


def _ends(item: Candidate) -> frozenset[str]:
	core = item.core_key
	return frozenset({f"head:{core[:BLOCK_LENGTH]}", f"tail:{core[-BLOCK_LENGTH:]}"})


def blocking_keys(item: Candidate) -> frozenset[str]:
	"""Return the keys under which an archive is looked for: two archives that share none cannot be the same customer.

	A `head:` or `tail:` key may be shared by thousands (公司 of one city); whoever pairs by set may leave out such keys above a size, at the cost of
	similar spellings only.
	"""
	keys = {
		f"code:{item.credit_code}" if item.credit_code else "",
		f"household:{item.archive_class}:{item.household_no}" if item.household_no else "",
		f"full:{item.full_key}" if item.full_key else "",
		f"core:{item.core_key}" if item.core_key else "",
		f"pinyin:{item.pinyin}" if item.pinyin else "",
		*(f"phone:{phone}" for phone in item.phones),
	}
	if item.core_key and not item.is_person:
		keys |= _ends(item)
	return frozenset(keys - {""})
