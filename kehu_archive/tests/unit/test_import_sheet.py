"""客户信息统计表 as users have it: columns found, rows read, reasons given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from kehu_archive.domain.import_sheet import (
	COLUMN_LABELS,
	COLUMNS,
	SOURCE_CHANNELS,
	Header,
	MappedRow,
	find_header,
	is_footer,
	map_row,
	mark_duplicates,
	source_channel,
)
from kehu_archive.domain.sheet_choices import CATEGORIES
from kehu_archive.domain.sheet_columns import recognise
from kehu_archive.tests.unit.strategies import credit_code

CODE = "91110000600037341L"
TITLES = (
	("客 户 信 息 统 计 表",),
	("統計部門：銷售一部", None, "統計日期：2024年3月"),
	(None, None),
)
NAMES = (
	"序號",
	"客戶\n名稱*",
	"法定代表人",
	"地　址",
	"電話",
	"郵編",
	"傳真",
	"經營範圍",
	"註冊資本（萬元）",
	"聯繫人",
	"聯繫電話",
	"客戶類別",
	"本期成交額",
	"信用等級",
	"主責人",
	"信息來源",
	"本周是否更新/更新内容标注",
	"備 註",
	"統一社會信用代碼",
	"Ｅ－ｍａｉｌ",
	"網址",
	"客户类型",
	"自定列",
)


def header_of(*names: object) -> Header:
	found = find_header([names]).value
	assert found
	return found


def read(row: dict[str, object], number: int = 7) -> MappedRow:
	"""Map a row given by column label names."""
	header = header_of(*row.keys(), "序号")
	mapped = map_row((*row.values(), None), header, number)
	assert mapped
	return mapped


def codes(mapped: MappedRow) -> list[tuple[str, str]]:
	return [(fault.field, fault.code) for fault in mapped.faults]


def test_header_below_merged_titles_in_traditional_and_full_width():
	checked = find_header([*TITLES, NAMES])
	header = checked.value
	assert checked.faults == () and header
	assert header.row_index == 3
	assert header.codes == set(COLUMN_LABELS)
	assert dict(header.columns)[4] == "phone" and dict(header.columns)[10] == "contact_phone"
	assert header.unit("registered_capital") == "万元" and header.unit("period_amount") == ""
	assert header.unknown == ("自定列",)
	assert (header.department, header.period) == ("销售一部", "2024年3月")


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.code)
def test_every_name_is_recognised_in_every_spelling(column: object):
	to_traditional = OpenCC("s2t")
	for name in column.names:  # type: ignore[attr-defined]
		wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in name)
		for spelling in (
			name,
			to_traditional.convert(name),
			wide,
			f" {name}* ",
			f"{name}（必填）",
			"\n".join(name),
		):
			assert recognise(spelling) == column.code, spelling  # type: ignore[attr-defined]


def test_second_phone_belongs_to_the_contact():
	assert dict(header_of("客户名称", "联系电话").columns)[1] == "phone"
	assert dict(header_of("客户名称", "联系人", "联系电话").columns)[2] == "contact_phone"
	both = header_of("客户名称", "电话", "联系人", "电话")
	assert (dict(both.columns)[1], dict(both.columns)[3]) == ("phone", "contact_phone")


def test_wrong_headers_are_named():
	assert [fault.code for fault in find_header([]).faults] == ["sheet-empty"]
	assert [fault.code for fault in find_header([(None, ""), ()]).faults] == ["sheet-empty"]
	nothing = find_header([("一", "二"), ("三", 4)])
	assert nothing.faults[0].code == "sheet-header" and nothing.faults[0].param("column") == "Customer Name"
	missing = find_header([("电话", "地址", "邮编")])
	assert missing.value and missing.faults[0].code == "sheet-column"
	assert missing.faults[0].param("column") == "Customer Name"
	twice = find_header([("客户名称", "单位名称", "地址")])
	assert twice.faults[0].code == "sheet-twice"
	assert (twice.faults[0].param("first"), twice.faults[0].param("second")) == ("客户名称", "单位名称")


def test_header_is_looked_for_in_twenty_rows():
	filler = [("标题",)] * 19
	assert find_header([*filler, ("客户名称", "电话")]).value is not None
	assert find_header([*filler, ("标题",), ("客户名称", "电话")]).value is None


def test_a_row_is_normalised():
	mapped = read(
		{
			"客户名称": " 北京華為（科技）有限公司 ",
			"电话": "（０１０）６５５２－１２３４",
			"邮编": 100000,
			"注册资本(万元)": "１，２００",
			"联系人": "张三",
			"联系人电话": 13800138000.0,
			"客户类别": "重點客戶",
			"信息来源": "网上信息收集",
			"统一社会信用代码": CODE.lower(),
			"E-mail": "A@B.CN",
			"备注": datetime(2024, 3, 8),
			"传真": "无",
		}
	)
	assert mapped.ok and mapped.warnings == ()
	assert mapped.values == {
		"customer_name": "北京華為(科技)有限公司",
		"phone": ("010-65521234",),
		"postcode": "100000",
		"registered_capital": Decimal(12_000_000),
		"contact_name": "张三",
		"contact_phone": ("13800138000",),
		"customer_category": CATEGORIES["重点"],
		"source_channel": "Internet",
		"credit_code": CODE,
		"email": "A@b.cn",
		"remark": "2024-03-08 00:00:00",
		"customer_type": "Organisation",
	}
	assert mapped.keys == (f"code:{CODE}", "name:北京华为科技有限公司")
	assert mapped.row == 7


@pytest.mark.parametrize(
	("column", "cell", "code"),
	[
		("电话", "=B2", "formula"),
		("电话", "=VLOOKUP(A1,B:C,2)", "formula"),
		("电话", object(), "formula"),
		("地址", "#REF!", "cell-error"),
		("地址", "#N/A", "cell-error"),
		("地址", True, "not-text"),
		("地址", "长" * 2001, "too-long"),
		("主责人", "长" * 141, "too-long"),
		("电话", "12", "phone"),
		("邮编", "12", "postcode"),
		("邮编", 1.5, "postcode"),
		("注册资本", "约五百万", "amount-unclear"),
		("注册资本", "-5", "negative"),
		("统一社会信用代码", CODE[:-1] + "M", "uscc-check"),
		("统一社会信用代码", 911100006000373415, "lost-digits"),
		("E-mail", "nobody", "email"),
		("网址", "javascript:x", "website"),
		("客户类型", "火星", "type-unknown"),
	],
)
def test_bad_cells_are_refused_with_the_field(column: str, cell: object, code: str):
	mapped = read({"客户名称": "某某有限公司", column: cell})
	expected = recognise(column)
	assert codes(mapped) == [(expected, code)] and not mapped.ok
	assert all(fault.render(label=COLUMN_LABELS[fault.field], row=mapped.row) for fault in mapped.faults)


def test_every_fault_of_a_row_is_reported():
	mapped = read({"客户名称": "", "电话": "12", "邮编": "1", "E-mail": "x"})
	assert codes(mapped) == [
		("phone", "phone"),
		("postcode", "postcode"),
		("email", "email"),
		("customer_name", "name-empty"),
	]


def test_a_formula_as_name_is_not_also_an_empty_name():
	assert codes(read({"客户名称": "=A1", "地址": "某地"})) == [("customer_name", "formula")]


def test_lost_leading_zero_is_added_with_a_warning():
	mapped = read({"客户名称": "某某有限公司", "邮编": 10000})
	assert mapped.values["postcode"] == "010000" and [fault.code for fault in mapped.warnings] == [
		"postcode-padded"
	]


def test_unknown_source_is_other_with_a_warning():
	mapped = read({"客户名称": "某某有限公司", "信息来源": "朋友介绍"})
	assert mapped.ok and mapped.values["source_channel"] == "Other"
	assert [fault.code for fault in mapped.warnings] == ["source-unknown"]


@pytest.mark.parametrize(
	("written", "channel"),
	[
		("网上信息收集", "Internet"),
		("客户相关宣传广告和产品广告", "Advertising"),
		("同客户的交易记录", "Transaction Records"),
		("向客户所在的行业协会或国家相关行政管理部门查询", "Association or Authority"),
		("由销售代表在进行市场调查和客户访问时进行整理汇总", "Sales Survey and Visit"),
		("向客户邮寄客户资料表，请客户填写", "Mailed Data Sheet"),
		("委托专业调查机构进行专项调查", "Survey Agency"),
		("其他渠道", "Other"),
		("網絡", "Internet"),
		("拜訪", "Sales Survey and Visit"),
		("(3)", "Transaction Records"),
		("⑦", "Survey Agency"),
	],
)
def test_the_eight_channels(written: str, channel: str):
	assert source_channel(written).value == channel and source_channel(written).faults == ()


@pytest.mark.parametrize("channel", SOURCE_CHANNELS)
def test_stored_channels_are_read_back(channel: str):
	assert source_channel(channel).value == channel


@pytest.mark.parametrize(
	"cells",
	[
		("合计", 12),
		(None, "填报人：张三"),
		("部门负责人",),
		("部門負責人：李四",),
		("客服部接收人/日期：",),
		("填报人签字", ""),
		("总计：",),
		("合 计",),
	],
)
def test_footers(cells: Sequence[object]):
	assert is_footer(cells)
	assert map_row(cells, header_of("客户名称", "电话"), 9) is None


@pytest.mark.parametrize("name", ["合计划科技有限公司", "总计算机公司", "制表机械厂", "小计子", "负责人"])
def test_names_that_only_look_like_footers(name: str):
	assert not is_footer((1, name)) and not is_footer((name,))


def test_blank_rows_repeated_names_and_bare_serial_numbers_are_skipped():
	header = header_of("序号", "客户名称", "电话")
	for cells in ((), (None, "", "  "), (3, None, None), ("-", "无", "/"), ("序號", "客戶名稱", "電話")):
		assert map_row(cells, header, 5) is None


def test_short_rows_are_read():
	mapped = map_row((1, "某某有限公司"), header_of("序号", "客户名称", "电话", "地址"), 5)
	assert mapped and mapped.ok and mapped.values["customer_name"] == "某某有限公司"


@pytest.mark.parametrize(
	("row", "kind", "sure"),
	[
		({"客户名称": "王小明"}, "Individual", False),
		({"客户名称": "王小明", "法人代表": "王小明"}, "Organisation", True),
		({"客户名称": "老王家常菜馆"}, "Organisation", False),
		({"客户名称": "某某厂家直销有限公司"}, "Organisation", True),
		({"客户名称": "王小明", "客户类型": "个人"}, "Individual", True),
		({"客户名称": "王小明", "客户类型": "單位"}, "Organisation", True),
	],
)
def test_customer_type(row: dict[str, object], kind: str, sure: bool):
	mapped = read(row)
	assert mapped.values["customer_type"] == kind
	assert ([fault.code for fault in mapped.warnings] == []) == sure


def marked(*rows: dict[str, object]) -> list[list[tuple[str, str]]]:
	names = ("客户名称", "统一社会信用代码", "电话", "客户类型")
	header = header_of(*names)
	mapped = [
		map_row([row.get(name) for name in names], header, number) for number, row in enumerate(rows, 2)
	]
	return [codes(item) for item in mark_duplicates(item for item in mapped if item)]


def test_duplicates_inside_the_file():
	name = "北京华为科技有限公司"
	assert marked({"客户名称": name}, {"客户名称": "北京華為科技 有限公司"}) == [
		[],
		[("customer_name", "row-twice")],
	]
	assert marked(
		{"客户名称": name, "统一社会信用代码": CODE}, {"客户名称": "别名有限公司", "统一社会信用代码": CODE}
	) == [
		[],
		[("credit_code", "row-twice")],
	]
	assert marked({"客户名称": name, "统一社会信用代码": CODE}, {"客户名称": name}) == [
		[],
		[("customer_name", "row-twice")],
	]


def test_same_name_with_another_valid_code_is_another_customer():
	other = credit_code("91110000MA0000001")
	name = "某某有限公司"
	rows = ({"客户名称": name, "统一社会信用代码": CODE}, {"客户名称": name, "统一社会信用代码": other})
	assert marked(*rows) == [[], []]


def test_persons_of_one_name_differ_by_phone():
	def person(phone: str) -> dict[str, object]:
		return {"客户名称": "张伟", "客户类型": "个人", "电话": phone}

	assert marked(person("13800138000"), person("13900139000"), person("138 0013 8000")) == [
		[],
		[],
		[("customer_name", "row-twice")],
	]


def test_a_refused_row_is_not_the_first_of_its_customer():
	name = "某某有限公司"
	assert marked({"客户名称": name, "电话": "12"}, {"客户名称": name}) == [[("phone", "phone")], []]


cells = st.one_of(
	st.none(),
	st.booleans(),
	st.integers(),
	st.floats(),
	st.datetimes(),
	st.text(max_size=30),
	st.sampled_from(NAMES),
)


@given(st.lists(cells, max_size=len(NAMES)))
def test_any_row_is_read_the_same_way_twice(row: list[object]):
	header = header_of(*NAMES)
	first, second = map_row(row, header, 9), map_row(row, header, 9)
	if first is None:
		assert second is None
		return
	assert second and first.keys == second.keys
	assert first.ok == (first.faults == ())
	assert all(fault.is_error for fault in first.faults) and not any(
		fault.is_error for fault in first.warnings
	)
	assert all(value not in (None, "", ()) for value in first.values.values())


@given(st.lists(st.lists(cells, max_size=8), max_size=25))
def test_any_sheet_has_a_header_or_a_reason(rows: list[list[object]]):
	checked = find_header(rows)
	assert checked.value is not None or not checked.ok
	if checked.value:
		taken = [code for _, code in checked.value.columns]
		assert len(taken) == len(set(taken)) and 0 <= checked.value.row_index < 20


@pytest.mark.parametrize(
	("text", "stored", "known"),
	[
		("现有", "Existing Customer", True),
		("現有客戶", "Existing Customer", True),
		("潜在", "Potential Customer", True),
		("现有重点客户", "Key Customer", True),
		("甲等", "甲等", False),
		("现有/潜在", "现有/潜在", False),
		("重点潜在", "重点潜在", False),
	],
)
def test_category_is_the_market_status_too_and_other_words_only_warn(text: str, stored: str, known: bool):
	mapped = read({"客户名称": "某某有限公司", "客户类别": text})
	assert mapped.ok and mapped.values["customer_category"] == stored
	assert [warning.code for warning in mapped.warnings] == ([] if known else ["category-unknown"])
