"""Normal forms of what people type: full-width forms, invisible characters, traditional spelling, company names.

Contract: `normalise` is for values that are stored and shown; it keeps the reader's spelling. `fold_name` and `core_name` are comparison keys
only: never store them in place of a name. All functions are idempotent. Folding works character by character, so the fold of a part of a name
is a part of the name's fold; a search for any piece of a name therefore meets the same key.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, Protocol

from opencc import OpenCC

_SAME_KEY: Final = str.maketrans(
	"覆藉瞭揹著伕擡薰幷馀锺讬谘钜雠彷链祇牠暱缐薴苧赒牴",
	"复借了背着夫抬熏并余钟托咨巨仇仿炼只它昵线苎苎周抵",
)
"""Spellings that one traditional character and its simplified phrases leave apart; merged in keys, where meaning does not matter."""

_INVISIBLE: Final = frozenset({"Cf", "Cc", "Cs", "Co", "Cn"})
_DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣－", "-"))

COMPANY_FORMS: Final = (
	"有限责任公司",
	"股份有限公司",
	"集团有限公司",
	"有限合伙",
	"普通合伙",
	"股份公司",
	"有限公司",
	"集团公司",
	"责任公司",
	"个体工商户",
	"总公司",
	"公司",
	"集团",
	"商行",
	"总厂",
	"厂",
)
"""Chinese endings that name a legal form, folded."""

_BRANCHES: Final = ("分公司", "子公司", "分厂")
_SHORTEST_CORE: Final = 2
_LATIN_FORM: Final = re.compile(
	r"(?<=[^\s,.])[\s,.]+(?:co|company|corp|corporation|inc|incorporated|limited|ltd|llc|llp|plc|gmbh)[\s,.]*$"
)
_BRACKET: Final = re.compile(r"[(\[{<〔【《「『][^()\[\]{}<>〔〕【】《》「」『』]*[)\]}>〕】》」』]")


class _Converter(Protocol):
	def convert(self, string: str) -> str: ...


@lru_cache(maxsize=1)
def _converter() -> _Converter:
	converter: _Converter = OpenCC("t2s")
	return converter


def normalise(value: object) -> str:
	"""Return the text as it is stored: half-width, without invisible characters, single spaces, trimmed; None gives ''."""
	if value is None:
		return ""
	text = str(value)
	for _ in range(4):
		again = _normalise_once(text)
		if again == text:
			break
		text = again
	return text


def _normalise_once(text: str) -> str:
	if text.isascii() and text.isprintable():
		return " ".join(text.split())
	if not text.isprintable():
		spaced = (" " if char.isspace() else char for char in text)
		text = "".join(char for char in spaced if not _is_invisible(char))
	return " ".join(unicodedata.normalize("NFKC", text).split())


def _is_invisible(char: str) -> bool:
	return unicodedata.category(char) in _INVISIBLE


def with_plain_dashes(text: str) -> str:
	"""Return the text with every kind of dash written as a hyphen, for numbers and codes."""
	return text.translate(_DASHES)


def to_simplified(text: str) -> str:
	"""Return the text in simplified characters, words considered (乾坤 stays 乾坤); for showing and for pinyin."""
	if text.isascii():
		return text
	return _converter().convert(text)


@lru_cache(maxsize=32768)
def _simplified_char(char: str) -> str:
	return _converter().convert(char).translate(_SAME_KEY)


@lru_cache(maxsize=2048)
def fold_name(name: str) -> str:
	"""Return the comparison key of a name: simplified, half-width, lower case, letters and digits only.

	Two spellings of one name, traditional or simplified, full-width or half-width, with or without punctuation, give the same key.
	"""
	text = normalise(name)
	for _ in range(4):
		again = _fold_once(text)
		if again == text:
			break
		text = again
	return text


def _fold_once(text: str) -> str:
	if text.isascii():
		return "".join(char for char in text.lower() if char.isalnum())
	lowered = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
	return "".join(_simplified_char(char) for char in lowered if char.isalnum())


@lru_cache(maxsize=1024)
def strip_company_form(name: str) -> str:
	"""Return the folded name without its legal form (有限公司, Co., Ltd ...), a bracketed region kept.

	The result is a beginning of `fold_name(name)` and is empty only when that is. A branch (分公司) keeps its ending: it is not its parent.
	"""
	text = normalise(name).lower()
	while (shorter := _LATIN_FORM.sub("", text)) != text:
		text = shorter
	folded = fold_name(text) or fold_name(name)
	while (shorter := _without_form(folded)) != folded:
		folded = shorter
	return folded


def is_company_form(term: str) -> bool:
	"""True when the text is nothing but a legal form: 有限公司, Ltd."""
	folded = fold_name(term)
	return folded in COMPANY_FORMS or _LATIN_FORM.fullmatch("x " + folded, 1) is not None


def has_company_form(name: str) -> bool:
	"""True when the name ends with a legal form or is that of a branch."""
	folded = fold_name(name)
	return folded.endswith(_BRANCHES) or strip_company_form(name) != folded


def _without_form(folded: str) -> str:
	if folded.endswith(_BRANCHES) or folded in COMPANY_FORMS:
		return folded
	for form in COMPANY_FORMS:
		if folded.endswith(form) and len(folded) >= len(form) + _SHORTEST_CORE:
			return folded[: -len(form)]
	return folded


def without_brackets(name: str) -> str:
	"""Return the name without bracketed parts such as （北京）, unless nothing else would be left."""
	text = normalise(name)
	rest = normalise(_BRACKET.sub(" " if text.isascii() else "", text))
	return rest if fold_name(rest) else text


def bracketed(name: str) -> str:
	"""Return the folded content of the brackets in a name, '' when there are none: the region of 某某（北京）有限公司."""
	return "".join(fold_name(part) for part in _BRACKET.findall(normalise(name)))


def core_name(name: str) -> str:
	"""Return the key of what is special in a name: no legal form, no bracketed region; falls back to the whole fold, so never empty
	when the name has a letter or digit.
	"""
	return strip_company_form(without_brackets(name)) or fold_name(name)


def digits(text: object) -> str:
	"""Return only the decimal digits, full-width ones as half-width."""
	return "".join(char for char in normalise(text) if char.isascii() and char.isdigit())


def is_cjk(char: str) -> bool:
	"""True for a Chinese character."""
	return (
		"\u3400" <= char <= "\u9fff"
		or "\U00020000" <= char <= "\U0003ffff"
		or "\uf900" <= char <= "\ufaff"
		or char == "〇"
	)


def has_cjk(text: str) -> bool:
	"""True when the text holds at least one Chinese character."""
	return any(is_cjk(char) for char in text)
