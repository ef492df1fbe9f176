"""Pinyin of names, for searching and for finding the same name spelled with other characters.

Contract: syllables are lower case without tones, ü is written v (lv, nve); runs of Latin letters and digits stay one piece. The conversion sees
whole words, so 重庆 is chongqing. For persons the first character is read as a surname (单 shan, 曾 zeng, 解 xie).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any, Final

from pypinyin import lazy_pinyin

from kehu_archive.domain.text import has_cjk, is_cjk, normalise, to_simplified

SURNAMES: Final[dict[str, str]] = {
	"单": "shan",
	"曾": "zeng",
	"解": "xie",
	"仇": "qiu",
	"区": "ou",
	"查": "zha",
	"盖": "ge",
	"朴": "piao",
	"尉": "wei",
	"覃": "qin",
	"乐": "yue",
	"缪": "miao",
	"翟": "zhai",
	"折": "she",
	"黑": "he",
	"秘": "bi",
	"洗": "xian",
	"种": "chong",
	"繁": "po",
	"员": "yun",
	"召": "shao",
	"祭": "zhai",
	"乜": "nie",
	"牟": "mu",
	"佴": "nai",
	"隗": "wei",
	"句": "gou",
	"炅": "gui",
	"晟": "cheng",
	"石": "shi",
	"葛": "ge",
	"华": "hua",
	"任": "ren",
	"宁": "ning",
	"行": "xing",
	"长": "chang",
	"訾": "zi",
	"尉迟": "yu chi",
	"万俟": "mo qi",
	"长孙": "zhang sun",
	"澹台": "tan tai",
	"单于": "chan yu",
	"令狐": "ling hu",
	"宿": "su",
	"逄": "pang",
}
"""Surnames whose reading as a surname differs from, or competes with, the everyday reading."""

_PIECE: Final = re.compile(r"[a-z0-9]+")


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
	"""Letters and digits of the text in simplified characters, words considered."""
	lowered = unicodedata.normalize("NFKC", normalise(text).casefold())
	return "".join(char for char in to_simplified(lowered) if char.isalnum())


def _piece(chunk: str) -> list[str]:
	"""Pieces of what has no pinyin: Latin runs whole, anything else character by character."""
	pieces: list[str] = []
	end = 0
	for match in _PIECE.finditer(chunk):
		pieces.extend(chunk[end : match.start()])
		pieces.append(match.group())
		end = match.end()
	pieces.extend(chunk[end:])
	return pieces


def syllables(text: str, person: bool = False) -> tuple[str, ...]:
	"""Return the syllables of a name, one for each Chinese character and one for each run of letters or digits."""
	plain = _plain(text)
	if not plain:
		return ()
	if not has_cjk(plain):
		return tuple(_piece(plain))
	if person:
		for length in (2, 1):
			reading = SURNAMES.get(plain[:length])
			if reading and len(plain) > length:
				return (*reading.split(), *_read(plain[length:]))
	return _read(plain)


@lru_cache(maxsize=1024)
def _read(plain: str) -> tuple[str, ...]:
	# the library takes a list of pieces from its error handler, its annotation knows only a string
	handler: Any = _piece
	found = lazy_pinyin(plain, errors=handler, v_to_u=False)
	return tuple(item.replace("ü", "v") for item in found)


def everyday_syllables(text: str) -> tuple[str, ...]:
	"""Return the syllables as an ordinary word would be read, whatever the surname; what someone types who does not know better."""
	return syllables(text, person=False)


def initials(text: str, person: bool = False) -> str:
	"""Return the first letters: 北京华为 gives bjhw; a run of letters or digits is kept whole (TCL集团 gives tcljt)."""
	return "".join(initial_pieces(text, person))


def initial_pieces(text: str, person: bool = False) -> tuple[str, ...]:
	"""Return the pieces of `initials`, one for each syllable."""
	return initials_of(text, syllables(text, person))


def initials_of(text: str, spoken: tuple[str, ...]) -> tuple[str, ...]:
	"""Return the initials of a name whose syllables are known already, one for each syllable."""
	return tuple(
		syllable[:1] if is_cjk(first) else syllable
		for syllable, first in zip(spoken, _first_characters(_plain(text)), strict=True)
	)


def _first_characters(plain: str) -> list[str]:
	"""The first character behind each syllable."""
	return [piece[0] for piece in _piece(plain)]
