"""Credit codes, identity numbers, bank accounts: what is wrong is said, what is right passes."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric, uscc

from kehu_archive.domain.identity import (
	USCC_ALPHABET,
	check_bank_account,
	check_credit_code,
	check_resident_id,
	is_credit_code,
)
from kehu_archive.tests.unit.strategies import credit_code, credit_codes

TODAY = date(2024, 11, 22)
RIGHT = "91110000600037341L"


def codes_of(checked: object) -> list[str]:
	return [fault.code for fault in checked.faults]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
	"written",
	[RIGHT, "９１１１００００６０００３７３４１ｌ", " 9111 0000 6000 3734 1L ", "91110000-600037341-l"],
)
def test_right_code_in_any_spelling(written: str):
	assert check_credit_code(written).value == RIGHT
	assert check_credit_code(written).ok


def test_length_alphabet_and_check_character_are_told_apart():
	length = check_credit_code(RIGHT[:16])
	assert codes_of(length) == ["uscc-length"] and length.faults[0].param("length") == 16
	alphabet = check_credit_code("9111000060003734IL")
	assert codes_of(alphabet) == ["uscc-alphabet"]
	assert (alphabet.faults[0].param("character"), alphabet.faults[0].param("position")) == ("I", 17)
	region = check_credit_code("911A0000600037341L")
	assert codes_of(region) == ["uscc-alphabet"] and region.faults[0].param("position") == 4
	wrong = check_credit_code("91110000600037341M")
	assert codes_of(wrong) == ["uscc-check"] and wrong.faults[0].param("expected") == "L"


def test_empty_is_no_fault():
	for check in (check_credit_code, check_bank_account):
		assert check(" ").value is None and check(None).ok
	assert check_resident_id("", TODAY).value is None
	assert not is_credit_code("")


def test_rural_collectives_begin_with_a_letter():
	assert is_credit_code(credit_code("N2110000600037341"))
	assert not uscc.is_valid(credit_code("N2110000600037341"))


@given(credit_codes)
def test_agrees_with_the_library_on_companies(code: str):
	assert uscc.is_valid(code) and is_credit_code(code)


@given(credit_codes, st.integers(8, 17), st.sampled_from(USCC_ALPHABET))
def test_one_wrong_character_is_always_noticed(code: str, index: int, char: str):
	wrong = code[:index] + char + code[index + 1 :]
	assert is_credit_code(wrong) == (wrong == code)


@given(credit_codes, st.integers(0, 16), st.text(USCC_ALPHABET, min_size=1, max_size=1))
def test_the_expected_character_makes_it_right(code: str, _index: int, char: str):
	checked = check_credit_code(code[:-1] + char)
	if not checked.ok:
		assert is_credit_code(code[:-1] + str(checked.faults[0].param("expected")))


def resident(region: str, born: str, order: str = "002") -> str:
	body = region + born + order
	return body + ric.calc_check_digit(body + "0")


def test_right_identity_number_tells_birth_and_sex():
	found = check_resident_id("11010519491231002x", TODAY)
	assert found.ok and found.value
	assert found.value.number == "11010519491231002X"
	assert found.value.birth_date == date(1949, 12, 31)
	assert found.value.sex == "Female"


@pytest.mark.parametrize(
	("number", "code"),
	[
		("1101051949123100", "ric-length"),
		("110105491231002", "ric-old"),
		("11010519491231A02X", "ric-alphabet"),
		("11010519491231002A", "ric-alphabet"),
		("110105194912310021", "ric-check"),
		(resident("170105", "19491231"), "ric-region"),
		(resident("110105", "19490231"), "ric-birth"),
		(resident("110105", "20250101"), "ric-birth"),
		(resident("110105", "18000101"), "ric-birth"),
	],
)
def test_wrong_identity_numbers(number: str, code: str):
	checked = check_resident_id(number, TODAY)
	assert codes_of(checked) == [code] and not checked.ok


def test_unknown_county_is_only_a_warning():
	checked = check_resident_id(resident("119999", "19800101"), TODAY)
	assert codes_of(checked) == ["ric-county"] and checked.ok


def test_a_county_younger_than_the_person_is_no_fault():
	number = resident("360426", "19500101")
	assert not ric.is_valid(number)
	assert check_resident_id(number, TODAY).faults == ()


@pytest.mark.parametrize("region", ["810000", "820000", "830000", "911156"])
def test_residence_permits_and_foreign_residents(region: str):
	assert check_resident_id(resident(region, "19800101"), TODAY).faults == ()


def test_identity_faults_never_repeat_the_number():
	for number in ("110105194912310021", "11010519491331002X", "170105194912310021"):
		for fault in check_resident_id(number, TODAY).faults:
			assert number not in fault.render() and number[6:14] not in fault.render()


@given(st.dates(date(1930, 1, 1), TODAY), st.integers(0, 999))
def test_every_constructed_number_passes_and_one_wrong_digit_does_not(born: date, order: int):
	number = resident("110105", born.strftime("%Y%m%d"), f"{order:03d}")
	assert check_resident_id(number, TODAY).faults == ()
	swapped = number[:16] + str((int(number[16]) + 1) % 10) + number[17]
	assert codes_of(check_resident_id(swapped, TODAY)) == ["ric-check"]


@pytest.mark.parametrize(
	("account", "code"),
	[
		("1234567", "bank-length"),
		("1" * 31, "bank-length"),
		("6222 0212 3456 789X", "bank-digits"),
		("二二二二二二二二", "bank-digits"),
	],
)
def test_wrong_accounts(account: str, code: str):
	assert codes_of(check_bank_account(account)) == [code]


@given(st.integers(10**14, 10**15 - 1))
def test_card_check_digit_is_a_warning(body: int):
	right = f"{body}{luhn.calc_check_digit(str(body))}"
	wrong = f"{body}{(int(right[-1]) + 1) % 10}"
	assert check_bank_account(right).faults == ()
	assert codes_of(check_bank_account(wrong)) == ["bank-luhn"] and check_bank_account(wrong).ok


@given(st.integers(8, 30).filter(lambda length: length not in (16, 19)))
def test_company_accounts_have_no_check_digit(length: int):
	assert check_bank_account("1" * length).faults == ()
