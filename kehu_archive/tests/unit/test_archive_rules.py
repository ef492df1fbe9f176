"""The fields of archives, contacts, transactions, complaints and borrowings, put together."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain import archive_rules as rules

TODAY = date(2026, 6, 1)
ARCHIVE: dict[str, Any] = {
	"customer_name": "北京华信机电设备有限公司",
	"party_kind": "Organisation",
	"address": "北京市海淀区 1 号",
	"phone": "13800138000",
	"legal_representative": "王伟",
}


def codes(cleaned: rules.Cleaned) -> set[tuple[str, str]]:
	return {(found.field, found.code) for found in cleaned.faults}


def archive(**values: Any) -> rules.Cleaned:
	return rules.clean_archive({**ARCHIVE, **values}, TODAY)


def test_a_sound_archive_has_no_fault() -> None:
	assert not archive().faults


@pytest.mark.parametrize(
	("values", "fault"),
	[
		({"customer_name": " "}, ("customer_name", "missing")),
		({"customer_name": "长" * 141}, ("customer_name", "too-long")),
		({"founded_on": TODAY + timedelta(1)}, ("founded_on", "future-date")),
		({"birth_date": "2026-06-02"}, ("birth_date", "future-date")),
		({"archive_date": "2099-01-01"}, ("archive_date", "future-date")),
		({"archive_date": "0001-01-01"}, ("archive_date", "year-range")),
		({"registered_capital": -0.01}, ("registered_capital", "negative")),
		({"headcount": 3, "chinese_staff": 1, "foreign_staff": 1}, ("headcount", "headcount")),
		({"credit_code": "123"}, ("credit_code", "uscc-length")),
		({"phone": "12"}, ("phone", "phone")),
		({"fax": "12"}, ("fax", "phone")),
		({"main_contact_phone": "12"}, ("main_contact_phone", "phone")),
		({"email": "a@"}, ("email", "email")),
		({"website": "no address"}, ("website", "website")),
		({"postcode": "12"}, ("postcode", "postcode")),
		({"shareholders": [{"share_percent": 60}, {"share_percent": 60}]}, ("shareholders:share_percent", "share-total")),
		({"yearly_sales": [{"year": 2024}, {"year": 2024}]}, ("yearly_sales:year", "year-twice")),
		({"financials": [{"year": 1700}]}, ("financials:year", "year-range")),
		({"licences": [{"issued_on": "2020-02-02", "valid_until": "2020-02-01"}]}, ("licences:valid_until", "date-order")),
		({"collections": [{"channel": "Survey Agency"}]}, ("collections:agency_name", "missing")),
		({"collections": [{"obtained_on": "2026-06-02"}]}, ("collections:obtained_on", "future-date")),
		(
			{"collections": [{"sent_on": "2026-02-02", "returned_on": "2026-02-01"}]},
			("collections:returned_on", "date-order"),
		),
	],
)
def test_each_fault_is_named_by_its_field(values: dict[str, Any], fault: tuple[str, str]) -> None:
	found = codes(archive(**values))
	assert fault in found or any(field == fault[0] and code.startswith(fault[1]) for field, code in found)


def test_row_faults_carry_their_row() -> None:
	found = archive(licences=[{}, {"issued_on": "2020-02-02", "valid_until": "2020-02-01"}]).faults
	assert [item.param("row") for item in found] == [2]


def test_today_is_no_future_and_the_same_day_is_in_order() -> None:
	assert not archive(founded_on=TODAY, licences=[{"issued_on": TODAY, "valid_until": TODAY}]).faults


def test_normal_forms_are_stable() -> None:
	first = archive(phone="０１０－６２３４５６７８；１３８００１３８０００", postcode="１０００８３", email="A@EXAMPLE.com").values
	assert first["phone"] == "010-62345678; 13800138000"
	again = archive(**first).values
	assert {key: again[key] for key in first} == first


@pytest.mark.parametrize(
	("values", "fault"),
	[
		({"full_name": ""}, ("full_name", "missing")),
		({"mobile": "010-62345678"}, ("mobile", "mobile")),
		({"direct_line": "1"}, ("direct_line", "phone")),
		({"email": "@"}, ("email", "email")),
		({"birth_date": "2026-06-02"}, ("birth_date", "future-date")),
		({"started_on": "2026-02-02", "ended_on": "2026-02-01"}, ("ended_on", "date-order")),
		({"other_channels": [{"channel": "E-mail", "value": "x"}]}, ("other_channels:value", "email")),
	],
)
def test_contact_faults(values: dict[str, Any], fault: tuple[str, str]) -> None:
	found = codes(rules.clean_contact({"full_name": "李娜", **values}, TODAY))
	assert fault in found


@pytest.mark.parametrize(
	("values", "fault"),
	[
		({"posted_on": "2026-06-02"}, ("posted_on", "future-date")),
		({"amount": -1}, ("amount", "negative")),
		({"quantity": -1}, ("quantity", "negative")),
		({"amount": 1e13}, ("amount", "amount-size")),
		({"valid_from": "2026-02-02", "valid_to": "2026-02-01"}, ("valid_to", "date-order")),
		({"is_default": 1, "default_note": " "}, ("default_note", "missing")),
	],
)
def test_transaction_faults(values: dict[str, Any], fault: tuple[str, str]) -> None:
	assert fault in codes(rules.clean_transaction({"posted_on": "2026-01-01", "amount": 1, **values}, TODAY))


def test_sound_transaction_complaint_and_borrowing() -> None:
	assert not rules.clean_transaction({"posted_on": TODAY, "amount": 0}, TODAY).faults
	assert not rules.clean_complaint({"contact_phone": "13800138000", "complained_at": "2026-06-01 10:00:00"}, TODAY).faults
	assert not rules.clean_borrowing({"method": "Photocopy", "copies": 1, "applied_on": TODAY, "due_on": TODAY}, TODAY).faults


@pytest.mark.parametrize(
	("values", "fault"),
	[
		({"method": "Photocopy"}, ("copies", "missing")),
		({"copies": -1}, ("copies", "negative")),
		({"applied_on": "2026-02-02", "due_on": "2026-02-01"}, ("due_on", "date-order")),
	],
)
def test_borrowing_faults(values: dict[str, Any], fault: tuple[str, str]) -> None:
	assert fault in codes(rules.clean_borrowing(values, TODAY))


def test_complaint_faults() -> None:
	found = codes(rules.clean_complaint({"contact_phone": "1", "complained_at": "2026-06-02 00:00:00"}, TODAY))
	assert {field for field, _code in found} == {"contact_phone", "complained_at"}


@pytest.mark.parametrize("kind", ["Organisation", "Individual"])
@pytest.mark.parametrize("field", ["customer_name", "address", "legal_representative", "phone"])
def test_what_is_needed_before_submission(kind: str, field: str) -> None:
	values = {**ARCHIVE, "party_kind": kind, field: None}
	missing = {found.field for found in rules.missing_for_submission(values)}
	assert missing == (set() if (kind, field) == ("Individual", "legal_representative") else {field})


@pytest.mark.parametrize("way", ["main_contact_phone", "email", "fax"])
def test_any_way_to_reach_the_customer_will_do(way: str) -> None:
	assert not rules.missing_for_submission({**ARCHIVE, "phone": "", way: "x"})


@given(st.one_of(st.none(), st.text(max_size=12), st.integers(), st.dates(), st.datetimes()))
def test_any_value_is_a_date_or_none(value: object) -> None:
	found = rules.as_date(value)
	assert found is None or type(found) is date
