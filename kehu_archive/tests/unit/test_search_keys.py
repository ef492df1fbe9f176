"""The search index answers what people type."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from opencc import OpenCC

from kehu_archive.domain.pinyin_keys import initial_pieces, syllables
from kehu_archive.domain.search_keys import (
	MAX_TERMS,
	TOKEN_LENGTH,
	ArchiveNames,
	Hit,
	Kind,
	index_keys,
	parse_query,
	phone_key,
	rank,
	rank_archive,
)
from kehu_archive.domain.text import core_name, fold_name, is_company_form
from kehu_archive.tests.unit.strategies import company_names, mobiles, name_text

HUAWEI = ArchiveNames(
	name="北京华为科技有限公司",
	number="KH-A-2024-00123",
	names=("华为",),
	contacts=("单小明",),
	phones=("13800138000", "010-65521234-801"),
	credit_code="91110000600037341L",
	household_no="3-1-502",
)


def found(query: str, archive: ArchiveNames) -> bool:
	terms = parse_query(query)
	keys = index_keys(archive)
	return bool(terms) and all(any(term.matches(key) for key in keys) for term in terms)


@pytest.mark.parametrize(
	"query",
	[
		"北京华为科技有限公司",
		"華為",
		"华为科技",
		"科技",
		"为科技有限",
		"ＨＵＡＷＥＩ",
		"huawei keji",
		"beijinghuaweikejiyouxiangongsi",
		"bjhwkj",
		"hwkjyxgs",
		"华为 公司",
		"13800138000",
		"138 0013 8000",
		"+86 138-0013-8000",
		"1380013",
		"8000",
		"010-65521234",
		"01065521234",
		"65521234",
		"+86 10 6552 1234",
		"１２３４",
		"KH-A-2024-00123",
		"kh-a-2024",
		"2024-00123",
		"00123",
		"123",
		"91110000600037341L",
		"91110000600037341l",
		"9111000060",
		"单小明",
		"小明",
		"shanxiaoming",
		"danxiaoming",
		"sxm",
		"3-1-502",
	],
)
def test_found_by(query: str):
	assert found(query, HUAWEI)


@pytest.mark.parametrize(
	"query", ["上海", "huawei shanghai", "13900139000", "0013", "KH-B", "zz", "华为 上海"]
)
def test_not_found_by(query: str):
	assert not found(query, HUAWEI)


@given(company_names, st.data())
def test_every_piece_of_the_core_name_finds_it(name: str, data: st.DataObject):
	core = core_name(name)
	start = data.draw(st.integers(0, len(core) - 2))
	end = data.draw(st.integers(start + 2, len(core)))
	piece = core[start:end]
	assert found(piece, ArchiveNames(name=name))
	assert found(OpenCC("s2t").convert(piece), ArchiveNames(name=name))


@given(company_names, st.data())
def test_pinyin_and_initials_from_any_syllable_find_it(name: str, data: st.DataObject):
	core = core_name(name)
	start = data.draw(st.integers(0, len(core) - 2))
	spoken = "".join(syllables(name)[start:])
	length = data.draw(st.integers(2, len(spoken)))
	short = "".join(initial_pieces(name)[start:])
	for query in (spoken[:length], short):
		assume(not is_company_form(query))
		assert found(query, ArchiveNames(name=name)), query


@given(mobiles, st.sampled_from(["{}", "+86{}", "86-{}", "0086 {}", " {} "]))
def test_phone_is_found_from_its_start_and_by_its_tail(mobile: str, written: str):
	archive = ArchiveNames(name="某某", phones=(written.format(mobile),))
	assert found(mobile, archive) and found(mobile[-4:], archive) and found(mobile[:5], archive)
	assert found(f"{mobile[:3]} {mobile[3:7]} {mobile[7:]}", archive)


@given(name_text, name_text)
def test_tokens_are_safe_and_short(name: str, contact: str):
	keys = index_keys(
		ArchiveNames(name=name, contacts=(contact,), number="KH-2024-00001", phones=("13800138000",))
	)
	for key in keys:
		assert 0 < len(key.token) <= TOKEN_LENGTH
		assert key.token.isalnum()


def test_number_of_rows_stays_small():
	typical = ArchiveNames(
		name="北京华为科技有限公司",
		number="KH-2024-00123",
		contacts=("张小明",),
		phones=("13800138000",),
		credit_code="91110000600037341L",
	)
	assert len(index_keys(typical)) <= 34
	assert len(index_keys(ArchiveNames(name="中" * 140))) <= 24 * 3 + 2


@pytest.mark.parametrize(
	("query", "tokens"),
	[
		("", []),
		("  ", []),
		("a", []),
		("1", []),
		("华", ["华"]),
		("有限公司", ["有限公司"]),
		("Acme Corp", ["acme"]),
		("100% _", ["100"]),
		("甲 甲", ["甲"]),
		("lüdi", ["lvdi"]),
	],
)
def test_reading_a_query(query: str, tokens: list[str]):
	assert [term.token for term in parse_query(query)] == tokens


def test_kinds_follow_the_characters():
	kinds = {query: parse_query(query)[0].kinds for query in ("华为", "hw", "13", "138", "8000", "KH-2024")}
	assert Kind.PINYIN not in kinds["华为"] and Kind.NAME in kinds["华为"]
	assert {Kind.PINYIN, Kind.INITIALS, Kind.NAME, Kind.NUMBER, Kind.CODE} <= kinds["hw"]
	assert Kind.PHONE not in kinds["13"] and Kind.PHONE in kinds["138"]
	assert Kind.TAIL in kinds["8000"] and Kind.TAIL not in kinds["138"]
	assert {Kind.NUMBER, Kind.CODE} <= kinds["KH-2024"]


@given(st.text(max_size=80))
def test_any_query_is_read_and_has_few_safe_terms(query: str):
	terms = parse_query(query)
	assert len(terms) <= MAX_TERMS
	assert all(term.token.isalnum() and term.kinds and len(term.token) <= TOKEN_LENGTH for term in terms)


@pytest.mark.parametrize(
	("phone", "key"),
	[
		("+86 10 6552 1234", "01065521234"),
		("0571-8765-4321-801", "057187654321"),
		("010-65521234转801", "01065521234"),
		("010-6552-1234", "01065521234"),
		("8613800138000", "13800138000"),
		("+8613800138000", "13800138000"),
		("1380013-8000", "13800138000"),
		("65521234-801", "65521234"),
		("+49 30 123456", "4930123456"),
		("0086-10-65521234", "01065521234"),
		("010-655", "010655"),
		("400-820-8820", "4008208820"),
	],
)
def test_phone_key(phone: str, key: str):
	assert phone_key(phone) == key


def test_rank_orders_as_documented():
	ordered = [
		Hit(Kind.NAME, "华为", "华为"),
		Hit(Kind.NUMBER, "kh202400001", "kh202400001"),
		Hit(Kind.PHONE, "13800138000", "13800138000"),
		Hit(Kind.NAME, "华为技术", "华为"),
		Hit(Kind.PART, "华为技术有限公司", "华为"),
		Hit(Kind.PINYIN, "huaweijishu", "huawei"),
		Hit(Kind.INITIALS, "hwjs", "hw"),
		Hit(Kind.PHONE, "13800138000", "1380"),
	]
	points = [rank(hit) for hit in ordered]
	assert points == sorted(points, reverse=True) and len(set(points)) == len(points)


@given(st.sampled_from(list(Kind)), st.text("ab", min_size=1, max_size=20), st.integers(1, 20))
def test_a_complete_match_is_never_worse(kind: Kind, token: str, length: int):
	term = token[:length]
	assert rank(Hit(kind, token, token)) >= rank(Hit(kind, token, term))


def test_rank_of_an_archive_takes_the_best_hit_of_each_term():
	good, weak = Hit(Kind.NAME, "华为", "华为"), Hit(Kind.PART, "华为x", "华为")
	other = Hit(Kind.INITIALS, "hwjs", "hw")
	assert rank_archive([weak, good, other]) == (rank(good) + rank(other)) // 2
	assert rank_archive([]) == 0


@given(company_names)
def test_the_whole_name_ranks_complete(name: str):
	term = parse_query(name)[0].token
	hits = [
		Hit(key.kind, key.token, term)
		for key in index_keys(ArchiveNames(name=name))
		if key.token.startswith(term)
	]
	assert rank_archive(hits) == 1000 and fold_name(name) == term
