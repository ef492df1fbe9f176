"""Archive numbers: patterns, formats, never twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain import numbering
from kehu_archive.domain.numbering import DEFAULT_PATTERN, NumberPattern, parse_pattern

parts = st.text(st.sampled_from("ABZ019客"), min_size=1, max_size=4)
patterns = st.sampled_from(
	[
		DEFAULT_PATTERN,
		"{class}.{serial:3}",
		"KH-{year}-{serial:6}",
		"{fonds}{class}_{year}_{serial:5}",
		"客-{serial:4}",
	]
)


def test_default_pattern():
	checked = parse_pattern(DEFAULT_PATTERN)
	assert checked.value == NumberPattern("{fonds}-{class}-{year}-", 5) and checked.ok
	prefix = numbering.series_prefix(checked.value, "KH", "C", 2024)
	assert prefix == "KH-C-2024-"
	assert numbering.format_number(prefix, 123, checked.value.width) == "KH-C-2024-00123"


@pytest.mark.parametrize(
	("pattern", "code"),
	[
		("", "pattern-empty"),
		("{fonds-{serial:5}", "pattern-braces"),
		("fonds}-{serial:5}", "pattern-braces"),
		("{dept}-{serial:5}", "pattern-unknown"),
		("{}-{serial:5}", "pattern-unknown"),
		("{year}-{year}-{serial:5}", "pattern-twice"),
		("{serial:4}-{serial:5}", "pattern-twice"),
		("{fonds}-{year}", "pattern-serial"),
		("{serial:5}-{year}", "pattern-last"),
		("{year}-{serial}", "pattern-width"),
		("{year}-{serial:2}", "pattern-width"),
		("{year}-{serial:10}", "pattern-width"),
		("{year}{serial:5}", "pattern-separator"),
		("{serial:5}", "pattern-separator"),
		("A/B-{serial:5}", "pattern-literal"),
		("A<-{serial:5}", "pattern-literal"),
	],
)
def test_wrong_patterns(pattern: str, code: str):
	checked = parse_pattern(pattern)
	assert checked.value is None and [fault.code for fault in checked.faults] == [code]
	assert checked.faults[0].render()


def test_full_width_pattern_is_read():
	assert parse_pattern("｛ｙｅａｒ｝－｛ｓｅｒｉａｌ：５｝").value == NumberPattern("{year}-", 5)


@given(patterns, parts, parts, st.integers(1900, 2200), st.integers(1, 10**7))
def test_a_number_falls_apart_again(pattern: str, fonds: str, class_code: str, year: int, serial: int):
	parsed = parse_pattern(pattern).value
	assert parsed
	prefix = numbering.series_prefix(parsed, fonds, class_code, year)
	number = numbering.format_number(prefix, serial, parsed.width)
	assert number.startswith(prefix) and int(number.removeprefix(prefix)) == serial
	assert len(number) >= len(prefix) + parsed.width


@given(patterns, parts, parts, parts, st.integers(2020, 2030), st.integers(1, 10**6), st.integers(1, 10**6))
def test_different_prefix_or_serial_gives_a_different_number(
	pattern: str, fonds: str, one: str, other: str, year: int, first: int, second: int
):
	parsed = parse_pattern(pattern).value
	assert parsed
	left = (numbering.series_prefix(parsed, fonds, one, year), first)
	right = (numbering.series_prefix(parsed, fonds, other, year), second)
	same = numbering.format_number(*left, parsed.width) == numbering.format_number(*right, parsed.width)
	assert same == (left == right)


def test_serial_outgrows_its_width_without_collision():
	assert numbering.format_number("K-", 100_000, 5) == "K-100000"


@pytest.mark.parametrize("serial", [0, -1])
def test_serial_starts_at_one(serial: int):
	with pytest.raises(ValueError, match="starts at 1"):
		numbering.format_number("K-", serial, 5)


@pytest.mark.parametrize("code", ["", "A-B", "A B", "A/B", "x" * 11])
def test_wrong_parts(code: str):
	assert numbering.check_part(code, "fonds").faults[0].code == "code-part"


def test_right_parts():
	assert numbering.check_part(" ＫＨ ", "fonds").value == "KH"
	assert numbering.check_part("客户", "fonds").ok
