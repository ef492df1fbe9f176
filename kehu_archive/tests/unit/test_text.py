"""Normal forms: idempotent, blind to spelling, never empty for a real name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from kehu_archive.domain import text
from kehu_archive.tests.unit.strategies import company_names, core_names, name_text, traditional_names


@pytest.mark.parametrize(
	("typed", "stored"),
	[
		("ＡＢＣ　１２３", "ABC 123"),
		("  北京\u200b华为\u3000科技\n有限公司 ", "北京华为 科技 有限公司"),
		("\ufeff客户", "客户"),
		("（０１０）６５５２－１２３４", "(010)6552-1234"),
		(None, ""),
		(12, "12"),
		("a\x00b", "ab"),
	],
)
def test_normalise(typed: object, stored: str):
	assert text.normalise(typed) == stored


@given(name_text)
def test_normalise_and_folds_are_idempotent(value: str):
	for function in (
		text.normalise,
		text.fold_name,
		text.core_name,
		text.strip_company_form,
		text.without_brackets,
	):
		once = function(value)
		assert function(once) == once, function.__name__


@given(name_text)
def test_core_is_empty_only_when_the_fold_is(value: str):
	assert bool(text.core_name(value)) == bool(text.fold_name(value))


@given(name_text)
def test_stripping_only_cuts_the_end(value: str):
	assert text.fold_name(value).startswith(text.strip_company_form(value))


@given(st.one_of(core_names, traditional_names), st.data())
def test_the_fold_of_a_piece_is_a_piece_of_the_fold(name: str, data: st.DataObject):
	start = data.draw(st.integers(0, len(name) - 1))
	end = data.draw(st.integers(start + 1, len(name)))
	assert text.fold_name(name)[start:end] == text.fold_name(name[start:end])


@given(company_names)
def test_traditional_and_simplified_spelling_fold_alike(name: str):
	assert text.fold_name(OpenCC("s2t").convert(name)) == text.fold_name(name)


@pytest.mark.parametrize(
	("simplified", "traditional"),
	[
		("恢复", "恢復"),
		("覆盖", "覆蓋"),
		("了解", "瞭解"),
		("乾坤", "乾坤"),
		("干燥", "乾燥"),
		("供应链", "供應鏈"),
		("着色", "著色"),
		("台湾", "臺灣"),
		("发展头发", "發展頭髮"),
		("钟表", "鐘錶"),
		("余粮", "餘糧"),
	],
)
def test_difficult_pairs_fold_alike(simplified: str, traditional: str):
	assert text.fold_name(simplified) == text.fold_name(traditional)


def test_to_simplified_keeps_words():
	assert text.to_simplified("乾坤發展") == "乾坤发展"


@pytest.mark.parametrize(
	("name", "core"),
	[
		("北京华为科技有限公司", "北京华为科技"),
		("華為技術（北京）有限公司", "华为技术"),
		("华为(北京)技术股份有限公司", "华为技术"),
		("阿里巴巴集团控股有限公司", "阿里巴巴集团控股"),
		("大众汽车集团有限公司", "大众汽车"),
		("Acme Co., Ltd.", "acme"),
		("ACME Company Limited", "acme"),
		("Acme Inc", "acme"),
		("Zinc", "zinc"),
		("Zinc Co Ltd", "zinc"),
		("有限公司", "有限公司"),
		("钢厂", "钢厂"),
		("某某有限公司北京分公司", "某某有限公司北京分公司"),
		("（北京）", "北京"),
		("张三", "张三"),
	],
)
def test_core_name(name: str, core: str):
	assert text.core_name(name) == core


def test_region_and_form():
	assert text.bracketed("华为（北京）技术有限公司") == "北京"
	assert text.bracketed("华为技术有限公司") == ""
	assert text.strip_company_form("华为技术（北京）有限公司") == "华为技术北京"
	assert text.is_company_form("有限公司") and text.is_company_form("Ltd.") and text.is_company_form("corp")
	assert not text.is_company_form("华为") and not text.is_company_form("zinc")
	assert text.has_company_form("华为有限公司") and text.has_company_form("华为上海分公司")
	assert not text.has_company_form("张三")


def test_digits_are_decimal_and_half_width():
	assert text.digits("１３８-0013 转 8") == "13800138"
	assert text.digits("一二三") == ""
