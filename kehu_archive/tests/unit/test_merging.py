"""What goes from one archive into another (R-ARC-22)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain.merging import (
	CONFIDENTIALITY,
	is_gap,
	joined_former_names,
	plan_fields,
	rows_to_append,
	stricter,
)

values = st.one_of(st.none(), st.text(max_size=5), st.integers(-3, 3), st.dates())
records = st.dictionaries(st.sampled_from("abcde"), values)


@given(target=records, source=records)
def test_nothing_is_overwritten_and_nothing_is_lost(target: dict, source: dict) -> None:
	plan = plan_fields(target, source, "abcde")
	for field in "abcde":
		ours, theirs = target.get(field), source.get(field)
		assert (field in plan.filled) == (is_gap(ours) and not is_gap(theirs))
		if field in plan.kept:
			assert plan.kept[field] == (ours, theirs)
			assert not is_gap(ours)
	assert not set(plan.filled) & set(plan.kept)


def test_a_date_equals_its_text() -> None:
	assert plan_fields({"a": date(2026, 3, 1)}, {"a": "2026-03-01"}, ["a"]).kept == {}


@given(st.sampled_from(CONFIDENTIALITY), st.sampled_from(CONFIDENTIALITY))
def test_the_stricter_confidentiality_wins(one: str, other: str) -> None:
	result = stricter(one, other)
	assert result == stricter(other, one)
	assert CONFIDENTIALITY.index(result) == max(map(CONFIDENTIALITY.index, (one, other)))


@pytest.mark.parametrize("word", [None, "", "no such word"])
def test_an_unknown_confidentiality_does_not_open_a_secret(word: str | None) -> None:
	assert stricter(word, "Core Trade Secret") == "Core Trade Secret"
	assert stricter(word, None) == "Unclassified"


def test_former_names_are_kept_once_in_either_spelling() -> None:
	joined = joined_former_names("华为公司", "旧名\n", ["華為公司", "新来", "舊名", "新来", " "])
	assert joined.splitlines() == ["旧名", "新来"]


def test_rows_that_contradict_stay_behind() -> None:
	years = [{"year": 2024, "amount": 1}]
	assert rows_to_append(
		"yearly_sales", years, [{"year": 2024, "amount": 9}, {"year": 2023}], ["year", "amount"]
	) == [1]
	assert rows_to_append("licences", [{"no": "1"}], [{"no": "1"}, {"no": "2"}, {"no": "2"}], ["no"]) == [1]


def test_shares_never_exceed_the_whole() -> None:
	ours = [{"shareholder_name": "甲", "share_percent": 60}]
	assert rows_to_append("shareholders", ours, [{"shareholder_name": "乙", "share_percent": 40}], []) == [0]
	assert rows_to_append("shareholders", ours, [{"shareholder_name": "乙", "share_percent": 41}], []) == []
