"""Columns of a workbook that hold secrets. R-FCA-05, R-DSC-01."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain.sheet_columns import find_header
from kehu_archive.domain.sheet_secrets import (
	BANK_ACCOUNT,
	ID_NUMBER,
	SecretColumns,
	kind_of_column,
	secret_columns,
)


def columns(*names: str) -> SecretColumns:
	header = find_header([names]).value
	assert header
	return secret_columns(names, header)


@pytest.mark.parametrize(
	("name", "kind"),
	[
		("账号", BANK_ACCOUNT),
		("帳號", BANK_ACCOUNT),
		("银行账号*", BANK_ACCOUNT),
		("开户账号（对公）", BANK_ACCOUNT),
		("身份证号码", ID_NUMBER),
		("法人身份证号", ID_NUMBER),
		("家庭情况", "Family"),
		("开户行", None),
		("地址", None),
		("", None),
	],
)
def test_a_column_is_known_by_its_name(name: str, kind: str | None) -> None:
	assert kind_of_column(name) == kind


def test_a_rows_secrets_with_the_bank_they_belong_to() -> None:
	sheet = columns("客户名称", "地址", "开户行", "账号", "身份证号", "自定列")
	row = ("甲公司", "某路", "工商银行", 622202123456789.0, " 11010519491231002X ", "x")
	assert [(found.kind, found.label, found.text) for found in sheet.found(row)] == [
		(BANK_ACCOUNT, "工商银行", "622202123456789"),
		(ID_NUMBER, "身份证号", "11010519491231002X"),
	]
	assert sheet.unknown == {2, 3, 4, 5}


def test_an_account_without_bank_is_named_by_its_column() -> None:
	found = columns("客户名称", "地址", "账号").found(("甲", "乙", "12345678"))
	assert [(one.label, one.column, one.position) for one in found] == [("账号", "账号", 2)]


@given(st.lists(st.one_of(st.none(), st.text(max_size=12), st.integers(), st.floats()), max_size=8))
def test_whatever_a_row_holds_is_read_without_error(cells: list[object]) -> None:
	sheet = columns("客户名称", "账号", "身份证", "备忘", "地址")
	for found in sheet.found(cells):
		assert found.text
		assert found.position in (1, 2)


def test_columns_of_the_archive_are_no_secrets() -> None:
	assert columns("客户名称", "地址", "电话", "统一社会信用代码").unknown == frozenset()
