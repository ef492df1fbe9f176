"""Pinyin: words, surnames, Latin runs, one piece for each character."""

from __future__ import annotations

import pytest
from hypothesis import given

from kehu_archive.domain import pinyin_keys as pinyin
from kehu_archive.tests.unit.strategies import core_names, name_text


@pytest.mark.parametrize(
	("name", "full", "short"),
	[
		("北京华为", "beijinghuawei", "bjhw"),
		("重庆银行", "chongqingyinhang", "cqyh"),
		("重慶銀行", "chongqingyinhang", "cqyh"),
		("TCL集团", "tcljituan", "tcljt"),
		("绿地", "lvdi", "ld"),
		("58同城", "58tongcheng", "58tc"),
		("Acme", "acme", "acme"),
		("", "", ""),
		("（）", "", ""),
	],
)
def test_companies(name: str, full: str, short: str):
	assert "".join(pinyin.syllables(name)) == full
	assert pinyin.initials(name) == short


@pytest.mark.parametrize(
	("name", "full"),
	[
		("单雄信", "shanxiongxin"),
		("曾国藩", "zengguofan"),
		("解晓东", "xiexiaodong"),
		("仇英", "qiuying"),
		("區小明", "ouxiaoming"),
		("查良镛", "zhaliangyong"),
		("朴成", "piaocheng"),
		("尉迟恭", "yuchigong"),
		("令狐冲", "linghuchong"),
	],
)
def test_surnames_of_persons(name: str, full: str):
	assert "".join(pinyin.syllables(name, person=True)) == full


def test_a_surname_reading_is_for_persons_only():
	assert pinyin.syllables("单位") == ("dan", "wei")
	assert pinyin.everyday_syllables("单雄信")[0] == "dan"
	assert pinyin.syllables("单", person=True) == ("dan",)


@given(name_text)
def test_one_initial_for_each_syllable(name: str):
	for person in (False, True):
		spoken = pinyin.syllables(name, person)
		short = pinyin.initial_pieces(name, person)
		assert len(spoken) == len(short)
		assert all(
			piece and syllable.startswith(piece) for syllable, piece in zip(spoken, short, strict=True)
		)


@given(core_names)
def test_each_chinese_character_is_one_syllable(name: str):
	assert len(pinyin.syllables(name)) == len(name)
	assert "".join(pinyin.syllables(name)).isascii()


def test_surname_table_reads_every_character():
	for surname, reading in pinyin.SURNAMES.items():
		assert len(reading.split()) == len(surname)
