"""The archive itself: numbers, checks, derived fields, deletion. R-ARC-01/02/03/05/13, R-FCA-*, R-FEP-06."""

from __future__ import annotations

import threading
from typing import Any

import frappe
import pytest
from frappe.utils import today

from kehu_archive.exceptions import (
	ArchiveError,
	DeletionRefusedError,
	InvalidFieldsError,
	SealedArchiveError,
)
from kehu_archive.services import archives, numbering
from kehu_archive.tests import factories

CHILD_TABLES = (
	"shareholders",
	"yearly_sales",
	"financials",
	"developments",
	"major_changes",
	"weaknesses",
	"preferences",
	"seals",
	"licences",
	"collections",
	"extra_items",
)


def test_number_is_given_in_order_and_is_the_name(db: Any) -> None:
	first, second = factories.make_archive(), factories.make_archive()
	assert first.name == first.archive_no
	prefix, number = first.name.rsplit("-", 1)
	assert second.name == f"{prefix}-{int(number) + 1:05d}"
	assert str(first.archive_date) == today()


def test_number_cannot_be_chosen(db: Any) -> None:
	archive = factories.make_archive(name="MY-NUMBER", archive_no="MY-NUMBER")
	assert archive.name != "MY-NUMBER"
	frappe.flags.in_import = True
	try:
		imported = factories.make_archive(name="MY-OTHER")
	finally:
		frappe.flags.in_import = False
	assert imported.name != "MY-OTHER"


def test_number_is_passed_over_when_the_counter_was_reset(db: Any) -> None:
	archive = factories.make_archive()
	prefix = archive.name.rsplit("-", 1)[0] + "-"
	frappe.db.sql("update `tabSeries` set `current` = 0 where name = %s", prefix)
	again = factories.make_archive()
	assert again.name != archive.name


def test_number_pattern_is_a_setting(db: Any) -> None:
	settings = frappe.get_doc("Kehu Archive Settings")
	settings.number_pattern = "{class}.{year}.{serial:6}"
	settings.save()
	archive = factories.make_archive()
	year = today()[:4]
	assert archive.name.startswith(f"KH.{year}.")
	assert len(archive.name.rsplit(".", 1)[1]) == 6


def test_unusable_pattern_is_refused(db: Any) -> None:
	settings = frappe.get_doc("Kehu Archive Settings")
	settings.number_pattern = "{fonds}-{year}"
	with pytest.raises(InvalidFieldsError, match="编号"):
		settings.save()


def test_two_writers_never_get_one_number(site: str) -> None:
	"""Two connections take numbers at the same time; the counter's row lock keeps them apart."""
	taken: list[str] = []
	errors: list[BaseException] = []
	kind = factories.archive_type()
	sites_path = frappe.local.sites_path

	def take() -> None:
		frappe.init(site=site, sites_path=sites_path, force=True)
		frappe.connect()
		try:
			for _round in range(10):
				taken.extend(numbering.next_numbers(kind, today(), 3))
				frappe.db.commit()
		except BaseException as error:
			errors.append(error)
		finally:
			frappe.destroy()

	threads = [threading.Thread(target=take) for _worker in range(2)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	assert not errors
	assert len(taken) == len(set(taken)) == 60


@pytest.mark.parametrize(
	("field", "value", "words"),
	[
		("credit_code", "91110108MA01ABCD3X", "统一社会信用代码"),
		("postcode", "12345", "邮编"),
		("email", "name@", "E-mail|邮箱|电子邮"),
		("phone", "12", "电话"),
		("founded_on", "2999-01-01", "成立日期"),
		("customer_name", "   ", "客户名称"),
		("registered_capital", -1, "注册资"),
	],
)
def test_impossible_value_is_refused_in_chinese(db: Any, field: str, value: object, words: str) -> None:
	with pytest.raises((InvalidFieldsError, frappe.MandatoryError), match=words):
		factories.make_archive(**{field: value})


@pytest.mark.parametrize(
	("table", "rows", "words"),
	[
		("shareholders", [{"shareholder_name": "甲", "share_percent": 70}, {"shareholder_name": "乙", "share_percent": 40}], "110"),
		("yearly_sales", [{"year": 2024, "amount": 1}, {"year": 2024, "amount": 2}], "第 ?2 ?行.*2024"),
		(
			"licences",
			[{"licence_kind": "Business Licence", "issued_on": "2020-01-02", "valid_until": "2020-01-01"}],
			"第 ?1 ?行",
		),
		("collections", [{"channel": "Survey Agency", "obtained_on": "2024-01-01"}], "机构"),
	],
)
def test_impossible_row_is_refused_with_its_number(db: Any, table: str, rows: list[dict], words: str) -> None:
	with pytest.raises((InvalidFieldsError, frappe.MandatoryError), match=words):
		factories.make_archive(**{table: rows})


def test_values_are_brought_into_normal_form(db: Any) -> None:
	code = factories.credit_code()
	archive = factories.make_archive(
		credit_code=f" {code.lower()} ", phone="０１０－６２３４５６７８", email="Name@EXAMPLE.com", postcode="１０００８３"
	)
	assert (archive.credit_code, archive.phone, archive.postcode) == (code, "010-62345678", "100083")
	assert archive.email == "Name@example.com"


def test_headcount_that_does_not_add_up_is_only_a_hint(db: Any) -> None:
	archive = factories.make_archive(headcount=10, chinese_staff=5, foreign_staff=3)
	assert archive.name
	assert any("10" in str(message) for message in frappe.get_message_log())


def test_every_table_of_the_form_is_kept(db: Any) -> None:
	rows: dict[str, list[dict[str, object]]] = {
		"shareholders": [{"shareholder_name": "甲", "contribution": 100, "share_percent": 60}],
		"yearly_sales": [{"year": 2023, "amount": 1}, {"year": 2024, "amount": 2}, {"year": 2025, "amount": 3}],
		"financials": [{"year": 2025, "assets": 5, "liabilities": 2, "revenue": 3, "profit": 1}],
		"developments": [{"news_date": "2026-01-01", "content": "新厂投产", "source": "公司网站"}],
		"major_changes": [{"change_date": "2026-01-01", "matter": "法人变更", "impact": "无"}],
		"weaknesses": [{"weakness": "交货期长", "countermeasure": "备货"}],
		"preferences": [{"category": "Product", "preference": "不锈钢"}],
		"seals": [{"seal_kind": kind} for kind in ("Corporate Seal", "Contract Seal", "Finance Seal", "Legal Representative Seal")],
		"licences": [{"licence_kind": "Business Licence", "valid_until": "2030-01-01", "is_copy": 1}],
		"collections": [{"channel": "Internet", "obtained_on": "2026-01-01", "business_stage": "Market Research"}],
		"extra_items": [{"item_label": "开票要求", "item_value": "专票"}],
	}
	assert set(rows) == set(CHILD_TABLES)
	archive = frappe.get_doc("Customer Archive", factories.make_archive(**rows).name)
	for table, given in rows.items():
		assert len(archive.get(table)) == len(given), table
		for row, expected in zip(archive.get(table), given, strict=True):
			for field, value in expected.items():
				kept = row.get(field)
				kept = float(kept) if isinstance(value, int) else str(kept)
				assert kept == value, (table, field)


def test_derived_fields_ignore_what_a_client_sends(db: Any) -> None:
	other = factories.make_archive()
	archive = factories.make_archive(credit_grade="AAA", transaction_total=10**9, merged_into=other.name)
	assert not archive.credit_grade
	assert not archive.merged_into
	assert not archive.transaction_total
	archive.credit_grade = "AAA"
	archive.transaction_count = 99
	archive.save()
	archive.reload()
	assert not archive.credit_grade
	assert archive.transaction_count == 0


def test_archive_is_never_deleted_or_renamed(db: Any) -> None:
	archive = factories.make_archive()
	for force in (0, 1):
		with pytest.raises(DeletionRefusedError):
			frappe.delete_doc("Customer Archive", archive.name, force=force, ignore_permissions=True)
	with pytest.raises(ArchiveError):
		frappe.rename_doc("Customer Archive", archive.name, "OTHER", force=True)
	assert frappe.db.exists("Customer Archive", archive.name)


def test_customer_scope_has_the_five_kinds_and_grows(db: Any) -> None:
	codes = set(frappe.get_all("Archive Type", pluck="class_code"))
	assert {"KH", "HB", "GY", "DL", "ZD"} <= codes
	frappe.get_doc({"doctype": "Archive Type", "type_name": "租户", "class_code": "zh", "party_kind": "Organisation"}).insert()
	archive = factories.make_archive(archive_type="租户")
	assert "-ZH-" in archive.name


def test_important_customer_needs_remark_and_own_place(db: Any, people: factories.People) -> None:
	archive = factories.make_archive(is_important=1, remark="")
	with pytest.raises(ArchiveError, match="备注"):
		factories.advance(archive.name, people, "Submitted")
	frappe.db.set_value("Customer Archive", archive.name, "remark", "年采购额第一,总经理每季拜访")
	factories.advance(archive.name, people, "Classified")
	with factories.acting(people["Sales Director"]), pytest.raises(ArchiveError, match=r"库位|存放"):
		doc = frappe.get_doc("Customer Archive", archive.name)
		doc.workflow_state = "Filed"
		doc.save()


@pytest.mark.parametrize("values", [{"household_no": "3-1-402"}, {"credit_code": "91110108MA01ABCD3L"}])
def test_two_writers_cannot_store_one_household_or_code(db: Any, values: dict[str, str]) -> None:
	"""Both pass the check, because neither sees the other yet; the database keeps the second out."""
	first, second = factories.make_archive(), factories.make_archive()
	for archive, refused in ((first, False), (second, True)):
		archive.update(values)
		archive.flags.ignore_validate = True
		archives.clean(archive)
		if not refused:
			archive.db_update()
		else:
			with pytest.raises(frappe.UniqueValidationError):
				archive.db_update()


def attach(archive: str, **values: Any) -> Any:
	return frappe.get_doc(
		{
			"doctype": "File",
			"file_name": f"{frappe.generate_hash(length=8)}.txt",
			"content": frappe.generate_hash(length=20),
			"is_private": 1,
			"attached_to_doctype": "Customer Archive",
			"attached_to_name": archive,
			**values,
		}
	).insert()


def test_papers_are_private_and_stay(db: Any, people: factories.People) -> None:
	archive = factories.make_archive()
	with pytest.raises(ArchiveError, match="私有"):
		attach(archive.name, is_private=0)
	attach(archive.name).delete()
	kept = attach(archive.name)
	factories.advance(archive.name, people)
	with pytest.raises(DeletionRefusedError):
		kept.delete()
	with factories.acting(people["Customer Service Manager"]):
		doc = frappe.get_doc("Customer Archive", archive.name)
		doc.workflow_state = "Sealed"
		doc.save()
	with pytest.raises(SealedArchiveError):
		attach(archive.name)
