"""The interface is Chinese throughout: every string has its row, and every row is a real translation (R-NFR-05)."""

from __future__ import annotations

import csv
import re
from collections import Counter

from kehu_archive.tests import strings

_PLACEHOLDER = re.compile(r"\{\w*(?::\d+)?\}")
_CJK = re.compile(r"[一-鿿]")
#: Rows that hold no word, only punctuation around what is filled in.
_SAME_IN_BOTH = {"{0}: {1}"}


def test_every_string_has_a_row() -> None:
	rows = strings.rows()
	missing = {text: place for text, place in strings.all_strings().items() if text not in rows}
	assert not missing, f"{len(missing)} strings without a row: {missing}"


def test_every_row_is_chinese() -> None:
	wrong = {
		source: target
		for source, target in strings.rows().items()
		if not _CJK.search(target) and source not in _SAME_IN_BOTH
	}
	assert not wrong


def test_placeholders_survive_translation() -> None:
	for source, target in strings.rows().items():
		assert Counter(_PLACEHOLDER.findall(source)) == Counter(_PLACEHOLDER.findall(target)), source


def test_no_source_stands_twice() -> None:
	with strings.TRANSLATIONS.open(encoding="utf-8", newline="") as handle:
		counts = Counter(row[0] for row in csv.reader(handle) if row)
	assert not [source for source, count in counts.items() if count > 1]
