"""Duplicates: what is one customer, what is not, and that pairs are found by keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain import matching
from kehu_archive.domain.matching import (
	LIKELY,
	NO,
	SAME,
	Candidate,
	Thresholds,
	blocking_keys,
	candidate,
	compare,
)
from kehu_archive.tests.unit.strategies import REGIONS, core_names, credit_code, credit_codes, mobiles

CODE, OTHER_CODE = credit_code("91110000600037341"), credit_code("91110000MA0000001")
PHONE = "13800138000"


def company(name: str, **more: object) -> Candidate:
	return candidate("x", name, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
	("a", "b", "verdict", "reason"),
	[
		(
			company("甲有限公司", credit_code=CODE),
			company("乙有限公司", credit_code=CODE.lower()),
			SAME,
			matching.SAME_CREDIT_CODE,
		),
		(
			company("甲乙丙", credit_code=CODE),
			company("甲乙丙", credit_code=OTHER_CODE),
			NO,
			matching.DIFFERENT_CREDIT_CODE,
		),
		(
			company("甲乙丙", credit_code=CODE),
			company("甲乙丙", credit_code="123"),
			LIKELY,
			matching.SAME_NAME,
		),
		(
			company("张三", household_no="3-1-502"),
			company("李四", household_no="３－１－５０２"),
			SAME,
			matching.SAME_HOUSEHOLD,
		),
		(company("北京华为有限公司"), company("北京華為有限公司"), LIKELY, matching.SAME_NAME),
		(company("北京华为有限公司"), company("北京华为股份有限公司"), LIKELY, matching.SAME_CORE_NAME),
		(company("华为（北京）有限公司"), company("华为有限公司"), LIKELY, matching.SAME_CORE_NAME),
		(company("华为（北京）有限公司"), company("华为（上海）有限公司"), NO, matching.DIFFERENT_REGION),
		(
			company("北京华为", phones=[PHONE]),
			company("北京華為", phones=["+86 138 0013 8000"]),
			SAME,
			matching.SAME_MOBILE,
		),
		(
			company("明华贸易", phones=[PHONE]),
			company("东方电子", phones=[PHONE]),
			LIKELY,
			matching.SAME_MOBILE,
		),
		(
			company("明华贸易", phones=["010-65521234"]),
			company("东方电子", phones=["01065521234"]),
			NO,
			matching.SAME_PHONE,
		),
		(company("金龙鱼贸易"), company("金隆鱼贸易"), LIKELY, matching.SAME_PINYIN),
		(company("华为"), company("华伟"), NO, matching.SAME_PINYIN),
		(company("北京宏远光明电子设备"), company("北京宏远光明电子设施"), LIKELY, matching.SIMILAR_NAME),
	],
)
def test_verdicts(a: Candidate, b: Candidate, verdict: str, reason: str):
	match = compare(a, b)
	assert match.verdict == verdict and reason in match.reasons


@pytest.mark.parametrize(
	("a", "b"),
	[
		("北京第一机床工具制造厂", "北京第二机床工具制造厂"),
		("CDNOW Customer 00001", "CDNOW Customer 00002"),
		("北京东城宏远光明电子设备", "北京西城宏远光明电子设备"),
		("华为技术有限公司", "华为技术有限公司北京分公司"),
	],
)
def test_names_that_only_look_alike(a: str, b: str):
	assert compare(company(a), company(b)).verdict == NO


def test_household_counts_within_its_class():
	a = company("张三", household_no="1", archive_class="A")
	assert compare(a, company("李四", household_no="1", archive_class="B")).verdict == NO


def test_persons_need_the_very_name():
	def person(name: str, phone: str = "") -> Candidate:
		return candidate("p", name, phones=[phone], is_person=True)

	assert compare(person("张伟"), person("張偉")).verdict == LIKELY
	assert compare(person("张伟"), person("章伟")).verdict == NO
	assert compare(person("张伟", PHONE), person("張偉", PHONE)).verdict == SAME
	assert compare(person("张伟"), company("张伟")).verdict == NO


def test_thresholds_are_obeyed():
	a, b = company("北京华为有限公司"), company("北京华为股份有限公司")
	assert compare(a, b, Thresholds(same=80)).verdict == SAME
	assert compare(a, b, Thresholds(likely=81)).verdict == NO
	assert compare(a, b).score == 80


candidates = st.builds(
	candidate,
	ref=st.just("r"),
	name=st.builds(
		lambda core, region, form: core + (f"（{region}）" if region else "") + form,
		core_names,
		st.sampled_from(("", *REGIONS)),
		st.sampled_from(("有限公司", "股份有限公司", "")),
	),
	credit_code=st.one_of(st.just(""), st.sampled_from([CODE, OTHER_CODE, "123"]), credit_codes),
	phones=st.lists(st.one_of(mobiles, st.sampled_from([PHONE, "010-65521234", "95588"])), max_size=2),
	household_no=st.sampled_from(["", "1", "2"]),
	archive_class=st.sampled_from(["", "A"]),
	is_person=st.booleans(),
)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Candidate, Candidate]:
	"""Two candidates, the second often a variant of the first."""
	first = draw(candidates)
	if draw(st.booleans()):
		return first, draw(candidates)
	core = list(first.core_key)
	core[draw(st.integers(0, len(core) - 1))] = draw(st.sampled_from("华化龙隆金鑫"))
	other = candidate(
		"s", "".join(core), phones=draw(st.sampled_from([first.phones, ()])), is_person=first.is_person
	)
	return first, other


@given(pairs())
def test_comparing_is_symmetric_and_bounded(pair: tuple[Candidate, Candidate]):
	a, b = pair
	assert compare(a, b) == compare(b, a)
	match = compare(a, b)
	assert 0 <= match.score <= 100 and set(match.reasons) <= set(matching.REASONS)


@given(pairs())
def test_what_matches_shares_a_blocking_key(pair: tuple[Candidate, Candidate]):
	a, b = pair
	if compare(a, b).verdict != NO:
		assert blocking_keys(a) & blocking_keys(b)


@given(candidates)
def test_everyone_is_like_himself(item: Candidate):
	assert compare(item, item).verdict in (SAME, LIKELY)
	assert "" not in blocking_keys(item)


def test_an_empty_candidate_matches_nobody():
	nobody = candidate("x", "")
	assert compare(nobody, nobody).verdict == NO and blocking_keys(nobody) == frozenset()
