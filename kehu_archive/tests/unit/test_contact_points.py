"""Telephone, e-mail, postcode, web address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain.contact_points import (
	MAX_PHONES,
	check_email,
	check_landline,
	check_mobile,
	check_phone,
	check_phones,
	check_postcode,
	check_website,
	is_mobile,
	split_phones,
)
from kehu_archive.tests.unit.strategies import mobiles


@pytest.mark.parametrize(
	("written", "normal"),
	[
		("13800138000", "13800138000"),
		("+86 138 0013 8000", "13800138000"),
		("86-13800138000", "13800138000"),
		("１３８００１３８０００", "13800138000"),
		("010-65521234", "010-65521234"),
		("01065521234", "010-65521234"),
		("0571-8765432", "0571-8765432"),
		("010-65521234-801", "010-65521234-801"),
		("(0571)8765-4321转801", "0571-87654321-801"),
		("021 5555 6666 ext. 12", "021-55556666-12"),
		("０１０－６５５２１２３４", "010-65521234"),
		("010—65521234", "010-65521234"),
		("65521234", "65521234"),
		("65521234-801", "65521234-801"),
		("010-6552-1234", "010-65521234"),
		("0571-8765432-1", "0571-8765432-1"),
		("0571-8765-4321", "0571-87654321"),
		("6552123-4", "6552123-4"),
		("4008-208-820", "400-820-8820"),
		("+86 400 820 8820", "400-820-8820"),
		("0086-10-65521234", "010-65521234"),
		("4008208820", "400-820-8820"),
		("800-820-8820", "800-820-8820"),
		("95588", "95588"),
		("12345", "12345"),
		("+49 30 123456", "+4930123456"),
		("00852 2123 4567", "+85221234567"),
	],
)
def test_phones_get_one_form(written: str, normal: str):
	checked = check_phone(written)
	assert checked.faults == () and checked.value == normal
	assert check_phone(normal).value == normal


@pytest.mark.parametrize(
	("written", "code"),
	[
		("1380013800", "mobile"),
		("138001380000", "mobile"),
		("12800138000", "phone"),
		("010-655", "landline-area"),
		("010-15521234", "phone"),
		("abc", "phone"),
		("+49", "phone-country"),
		("+0301234567", "phone-country"),
		("+86 123", "phone"),
		("无电话", "phone"),
	],
)
def test_wrong_phones(written: str, code: str):
	assert [fault.code for fault in check_phone(written).faults] == [code]


def test_mobile_and_landline_do_not_take_each_other():
	assert check_mobile("010-65521234").faults[0].code == "mobile"
	assert check_landline("13800138000").faults[0].code == "landline"
	assert is_mobile("138 0013 8000") and not is_mobile("95588") and not is_mobile("")


@pytest.mark.parametrize(
	"check", [check_mobile, check_landline, check_phone, check_email, check_postcode, check_website]
)
def test_empty_is_no_fault(check: object):
	for empty in ("", None, "  ", "\u3000"):
		checked = check(empty)  # type: ignore[operator]
		assert checked.value is None and checked.ok


@given(mobiles)
def test_every_mobile_passes_and_keeps_its_digits(mobile: str):
	assert check_phone(mobile).value == mobile == check_mobile(mobile).value


@given(st.text(max_size=30))
def test_no_text_breaks_a_check_and_normal_forms_are_stable(text: str):
	for check in (check_phone, check_email, check_postcode, check_website):
		checked = check(text)
		if checked.ok and checked.value:
			assert check(checked.value).value == checked.value


def test_cells_with_several_numbers():
	cell = "13800138000/010-65521234；65521235、 13900139000 13900139001\n021-55556666 或 95588"
	assert split_phones(cell) == (
		"13800138000",
		"010-65521234",
		"65521235",
		"13900139000",
		"13900139001",
		"021-55556666",
		"95588",
	)
	checked = check_phones(cell)
	assert checked.value is not None and len(checked.value) == MAX_PHONES
	assert [fault.code for fault in checked.faults] == ["phones-many"] and checked.ok
	assert check_phones("13800138000,13800138000").value == ("13800138000",)
	assert check_phones("13800138000/12").faults[0].code == "phone"
	assert split_phones(None) == ()


@pytest.mark.parametrize(
	("written", "normal"),
	[
		("Zhang.San@Example.COM", "Zhang.San@example.com"),
		("ａ＠ｂ．ｃｎ", "a@b.cn"),
		("a+b@公司.中国", "a+b@公司.中国"),
	],
)
def test_right_addresses(written: str, normal: str):
	assert check_email(written).value == normal and check_email(written).ok


@pytest.mark.parametrize(
	"written",
	[
		"a",
		"a@",
		"@b.cn",
		"a@b",
		"a@@b.cn",
		"a..b@c.cn",
		".a@c.cn",
		"a@-b.cn",
		"a@b.1",
		"a,b@c.cn",
		"x" * 65 + "@b.cn",
		"a@" + "b" * 250 + ".cn",
	],
)
def test_wrong_addresses(written: str):
	assert [fault.code for fault in check_email(written).faults] == ["email"]


def test_postcodes():
	assert check_postcode("１００ ０００").value == "100000"
	for wrong in ("10000", "1000000", "000000", "10000a", "一二三四五六"):
		assert not check_postcode(wrong).ok


@pytest.mark.parametrize(
	("written", "normal"),
	[
		("WWW.Example.com", "www.example.com"),
		("https://example.com/A?b=C", "https://example.com/A?b=C"),
		("HTTP://例子.中国:8080", "http://例子.中国:8080"),
	],
)
def test_right_websites(written: str, normal: str):
	assert check_website(written).value == normal and check_website(written).ok


@pytest.mark.parametrize(
	"written", ["javascript:alert(1)", "ftp://example.com", "example", "http://", "a b", "http://x@evil.com"]
)
def test_wrong_websites(written: str):
	assert [fault.code for fault in check_website(written).faults] == ["website"]
