"""A customer gets one archive: caught on entry, listed for old data (R-ARC-11, R-ARC-22)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import frappe
import pytest

from kehu_archive.api import duplicates as api
from kehu_archive.domain import matching, roles
from kehu_archive.exceptions import DuplicateArchiveError
from kehu_archive.kehu_archive.report.duplicate_archives import duplicate_archives as report
from kehu_archive.services import bulk, duplicates
from kehu_archive.services.merge import merge
from kehu_archive.tests import factories
from kehu_archive.tests.factories import acting, archive_values, make_archive

NAME = "北京曌鼂宏远机电设备有限公司"


@pytest.fixture
def settings(db: Any) -> Iterator[Any]:
	"""The settings; changes are rolled back with the test."""
	yield frappe.get_doc("Kehu Archive Settings")
	frappe.db.rollback()
	frappe.clear_document_cache("Kehu Archive Settings", "Kehu Archive Settings")


def switch(settings: Any, **values: Any) -> None:
	settings.update(values)
	settings.save()


def warnings() -> str:
	messages = [
		frappe.parse_json(entry) if isinstance(entry, str) else entry for entry in frappe.local.message_log
	]
	return " ".join(str(entry.get("message")) for entry in messages if entry.get("indicator") == "orange")


def entered(**values: Any) -> Any:
	"""An archive as it stands when its duplicates are looked for, not saved."""
	doc = frappe.new_doc("Customer Archive")
	# A user permission on archives becomes the default of every link to one; an insert takes that away.
	doc.update({"merged_into": None, **archive_values(**values)})
	doc.run_method("before_validate")
	return doc


def test_same_credit_code_is_refused_with_the_existing_number(db: Any) -> None:
	code = factories.credit_code()
	first = make_archive(credit_code=code).name
	with pytest.raises(DuplicateArchiveError, match=first):
		make_archive(credit_code=code)
	with pytest.raises(DuplicateArchiveError, match=first):
		make_archive(credit_code=" ".join(code.lower()))


def test_same_household_is_refused_within_a_type(db: Any) -> None:
	first = make_archive(household_no="3-1201").name
	with pytest.raises(DuplicateArchiveError, match=first):
		make_archive(household_no="3-1201")
	with pytest.raises(DuplicateArchiveError, match=first):
		make_archive(household_no="３－１２０１", credit_code=factories.credit_code())
	assert make_archive(household_no="3-1201", archive_type=factories.archive_type("GY")).name != first


def test_same_name_and_phone_is_refused_unless_switched_off(settings: Any) -> None:
	first = make_archive(customer_name=NAME, phone="13911112222").name
	again = {"customer_name": NAME.replace("有限公司", "股份有限公司"), "phone": "+86 139 1111 2222"}
	with pytest.raises(DuplicateArchiveError, match=first):
		make_archive(**again)
	switch(settings, block_same_name_and_phone=0)
	assert make_archive(**again).name != first
	assert first in warnings()


def test_phone_of_a_contact_counts(db: Any) -> None:
	first = make_archive(customer_name=NAME, main_contact_phone="13911113333").name
	with pytest.raises(DuplicateArchiveError, match=first):
		make_archive(customer_name=NAME, phone="13911113333")


def test_former_name_counts(db: Any) -> None:
	first = make_archive(former_names="上海曌鼂旧名贸易有限公司", phone="13911114444").name
	with pytest.raises(DuplicateArchiveError, match=first):
		make_archive(customer_name="上海曌鼂旧名贸易有限公司", phone="13911114444")


def test_two_companies_with_credit_codes_of_their_own_are_two(db: Any) -> None:
	make_archive(customer_name=NAME, phone="13911115555", credit_code=factories.credit_code())
	make_archive(customer_name=NAME, phone="13911115555", credit_code=factories.credit_code())
	assert warnings() == ""


@pytest.mark.parametrize(
	"name",
	[
		"北京曌鼂宏远机电设备有限责任公司",
		"北京曌鼂宏遠機電設備有限公司",
		"北京曌鼂弘远机电设备有限公司",
		"北京曌鼂宏远机电设备（集团）有限公司",
		"北京曌鼂宏远机电设施有限公司",
		"北惊曌鼂宏远机电设备有限公司",
	],
)
def test_similar_names_are_pointed_out(db: Any, name: str) -> None:
	first = make_archive(customer_name=NAME).name
	frappe.clear_messages()
	make_archive(customer_name=name)
	assert first in warnings()


@pytest.mark.parametrize(
	"name", ["上海曌鼂宏远机电设备有限公司东区", "北京曌鼂餐饮有限公司", "北京曌鼂宏远机电设备二有限公司"]
)
def test_other_names_are_not(db: Any, name: str) -> None:
	make_archive(customer_name=NAME)
	frappe.clear_messages()
	make_archive(customer_name=name)
	assert warnings() == ""


def test_warning_can_be_switched_off(settings: Any) -> None:
	make_archive(customer_name=NAME)
	switch(settings, warn_similar=0)
	frappe.clear_messages()
	make_archive(customer_name=NAME)
	assert warnings() == ""


def test_warning_names_only_what_the_user_may_see_and_escapes_it(db: Any, people: factories.People) -> None:
	user = people[roles.SALESPERSON]
	seen = make_archive(customer_name=NAME).name
	hidden = make_archive(customer_name=NAME).name
	frappe.db.set_value("Customer Archive", seen, "customer_name", f"{NAME}<img src=x>")
	frappe.get_doc(
		{
			"doctype": "User Permission",
			"user": user,
			"allow": "Customer Archive",
			"for_value": seen,
			"apply_to_all_doctypes": 1,
		}
	).insert()
	frappe.clear_messages()
	try:
		with acting(user):
			duplicates.check_entry(entered(customer_name=NAME))
		assert seen in warnings()
		assert hidden not in warnings()
		assert "<img" not in warnings()
	finally:
		frappe.db.rollback()
		frappe.cache.hdel("user_permissions", user)


def test_merged_archives_are_no_duplicates(db: Any) -> None:
	code = factories.credit_code()
	gone, kept = (
		make_archive(credit_code=code, household_no="77-1").name,
		make_archive(credit_code=factories.credit_code()).name,
	)
	merge(gone, kept, "x")
	frappe.db.set_value("Customer Archive", kept, {"household_no": None, "household_key": None})
	assert make_archive(credit_code=code, household_no="77-1").name


def test_unchanged_fields_are_not_compared_again(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
	doc = make_archive()
	asked: list[Any] = []
	monkeypatch.setattr(duplicates, "on_entry", lambda *args: asked.append(args) or [])
	doc.address = "上海市浦东新区 2 号"
	doc.save()
	assert asked == []
	doc.phone = factories.mobile()
	doc.save()
	assert len(asked) == 1


def test_number_of_statements_does_not_grow(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
	def statements() -> int:
		doc = entered(customer_name=NAME)
		sent: list[Any] = []
		send = frappe.db.sql
		with monkeypatch.context() as patch:
			patch.setattr(
				frappe.db, "sql", lambda *args, **kwargs: (sent.append(args), send(*args, **kwargs))[1]
			)
			duplicates.check_entry(doc)
		return len(sent)

	make_archive(customer_name=NAME)
	one = statements()
	bulk.insert_archives([{**archive_values(customer_name=NAME), "doctype": None} for _ in range(40)])
	assert statements() == one <= 4


def listed(**filters: Any) -> dict[tuple[str, str], dict[str, Any]]:
	_columns, rows = report.execute(filters)
	return {(row["first"], row["second"]): row for row in rows}


def test_report_lists_old_duplicates_with_reasons(db: Any) -> None:
	names = bulk.insert_archives(
		[
			{**archive_values(**values), "doctype": None}
			for values in (
				{"customer_name": NAME},
				{"customer_name": NAME.replace("有限公司", "有限责任公司")},
				{"customer_name": "北京曌鼂弘远机电设备有限公司"},
				{"customer_name": "广州独一无二贸易有限公司", "phone": "13655557777"},
				{"customer_name": "深圳毫不相干食品有限公司", "main_contact_phone": "13655557777"},
				{"customer_name": "成都某某", "household_no": "9-9"},
				{"customer_name": "武汉别的"},
				{"customer_name": "只此一家有限公司"},
			)
		]
	)
	a, b, pinyin, phone, other_phone, house, other_house, alone = names
	# Such a pair can only be older than the rule: the database refuses it today.
	frappe.db.set_value("Customer Archive", other_house, "household_no", "9-9")
	rows = listed()
	assert {(a, b), (a, pinyin), (b, pinyin), (phone, other_phone), (house, other_house)} <= set(rows)
	assert not [pair for pair in rows if alone in pair]
	assert rows[(a, b)]["reasons"] == frappe._(matching.SAME_CORE_NAME)
	assert frappe._(matching.SAME_MOBILE) in rows[(phone, other_phone)]["reasons"]
	assert rows[(house, other_house)]["score"] == 100
	assert [row["score"] for row in rows.values()] == sorted(
		(row["score"] for row in rows.values()), reverse=True
	)
	assert (phone, other_phone) not in listed(least_score=90)
	assert (a, b) not in listed(archive_type=factories.archive_type("GY"))


def test_report_finds_similar_spelling_on_request(db: Any) -> None:
	names = bulk.insert_archives(
		[
			{**archive_values(customer_name=name), "doctype": None}
			for name in (NAME, "北京曌鼂宏远机电设施有限公司")
		]
	)
	assert tuple(names) not in listed()
	assert tuple(names) in listed(similar_spelling=1)


def test_report_shows_only_pairs_the_user_may_see(db: Any, people: factories.People) -> None:
	user = people[roles.CUSTOMER_SERVICE_MANAGER]
	names = bulk.insert_archives([{**archive_values(customer_name=NAME), "doctype": None} for _ in range(3)])
	for name in names[:2]:
		frappe.get_doc(
			{
				"doctype": "User Permission",
				"user": user,
				"allow": "Customer Archive",
				"for_value": name,
				"apply_to_all_doctypes": 1,
			}
		).insert()
	try:
		with acting(user):
			assert set(listed()) == set(listed(similar_spelling=1)) == {(names[0], names[1])}
			assert [row["archive"] for row in api.similar(names[0])] == [names[1]]
			with pytest.raises(frappe.PermissionError):
				api.similar(names[2])
	finally:
		frappe.db.rollback()
		frappe.cache.hdel("user_permissions", user)


def test_report_is_never_a_prepared_one(db: Any) -> None:
	frappe.db.set_value("Report", report.REPORT, "prepared_report", 1)
	with pytest.raises(frappe.PermissionError):
		report.execute({})


def test_report_is_refused_to_guests(db: Any) -> None:
	with acting("Guest"), pytest.raises(frappe.PermissionError):
		report.execute({})


def test_merged_archives_leave_the_report(db: Any) -> None:
	names = bulk.insert_archives([{**archive_values(customer_name=NAME), "doctype": None} for _ in range(2)])
	assert tuple(names) in listed()
	merge(names[1], names[0], "x")
	assert tuple(names) not in listed()
