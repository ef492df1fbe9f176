"""Reading a workbook: what is refused as a whole, what is refused row by row, what is only doubtful. F-03, R-FZL-01."""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import frappe
import pytest
from openpyxl import Workbook, load_workbook

from kehu_archive.api import imports as api
from kehu_archive.exceptions import ImportRefusedError
from kehu_archive.services import import_report, importing
from kehu_archive.tests import factories, import_books
from kehu_archive.tests.import_books import HEADINGS, book, make_import, rows, staged


@pytest.fixture(autouse=True)
def no_leftovers(db: Any) -> None:
	"""Customers of a run that was broken off would count as existing; they are gone for the time of this test."""
	frappe.db.delete("Customer Archive", {"customer_name": ("like", f"%{import_books.MARK}%")})


def refused(content: bytes, name: str = "客户.xlsx") -> str:
	"""The message with which the preview refuses this file; nothing is staged."""
	doc = make_import(content, name)
	with pytest.raises(ImportRefusedError) as error:
		importing.preview(doc.name)
	assert not staged(doc.name)
	return str(error.value)


def previewed(content: bytes, **values: Any) -> Any:
	doc = make_import(content, **values)
	importing.preview(doc.name)
	return frappe.get_doc("Archive Import", doc.name)


def compound_file(stream_name: str) -> bytes:
	"""A minimal OLE container with one stream: header, one sector of allocation table, one of directory."""
	free, end, fat = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
	header = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16)
	header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0)
	header += struct.pack("<I", 0) + struct.pack("<I", free) * 108
	table = struct.pack("<II", fat, end) + struct.pack("<I", free) * 126

	def entry(name: str, kind: int, child: int) -> bytes:
		text = name.encode("utf-16-le")
		return text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text) + 2, kind, 1, free, free, child) + bytes(48)

	directory = entry("Root Entry", 5, 1) + entry(stream_name, 2, free) + bytes(256)
	return header[:512].ljust(512, b"\xff") + table + directory


def zip_of(**parts: bytes) -> bytes:
	stream = BytesIO()
	with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
		for name, content in parts.items():
			archive.writestr(name.replace("__", "/"), content)
	return stream.getvalue()


# -- refused as a whole ------------------------------------------------------------------------------------------------


def test_a_text_file_named_xlsx_is_refused(db: Any) -> None:
	assert "不是 Excel 工作簿" in refused("客户名称,电话\n甲公司,010-65521234\n".encode())


def test_a_csv_file_is_refused_with_the_way_out(db: Any) -> None:
	assert "另存为 .xlsx" in refused("客户名称,电话\n甲公司,010-65521234\n".encode(), "客户.csv")


def test_a_web_page_named_xls_is_refused(db: Any) -> None:
	assert "不是 Excel 工作簿" in refused(b"<html><table><tr><td>x</td></tr></table></html>", "export.xls")


def test_an_old_workbook_under_a_new_name_is_refused(db: Any) -> None:
	assert ".xls" in refused(compound_file("Workbook"), "客户.xlsx")


def test_a_password_protected_workbook_is_refused(db: Any) -> None:
	assert "密码" in refused(compound_file("EncryptedPackage"))


def test_another_zip_archive_is_refused(db: Any) -> None:
	assert "没有 Excel 工作簿" in refused(zip_of(word__document_xml=b"<x/>"), "文件.xlsx")


def test_a_truncated_workbook_is_refused(db: Any) -> None:
	whole = book(rows(50))
	assert "损坏" in refused(whole[: len(whole) // 2])


def test_a_workbook_with_a_broken_sheet_is_refused_and_leaves_nothing(db: Any) -> None:
	source = zipfile.ZipFile(BytesIO(book(rows(1500))))
	parts = {part: source.read(part) for part in source.namelist()}
	sheet = parts["xl/worksheets/sheet1.xml"]
	parts["xl/worksheets/sheet1.xml"] = sheet[: len(sheet) * 3 // 4]
	stream = BytesIO()
	with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
		for name, content in parts.items():
			archive.writestr(name, content)
	doc = make_import(stream.getvalue())
	frappe.db.savepoint("before_preview")
	with pytest.raises(ImportRefusedError) as error:
		importing.preview(doc.name)
	# The first 1000 rows had been staged when the break was met: the request's rollback takes them away.
	frappe.db.rollback(save_point="before_preview")
	assert "损坏" in str(error.value)
	assert not staged(doc.name)


def test_an_empty_file_is_refused(db: Any, tmp_path: Path) -> None:
	empty = tmp_path / "empty-import.xlsx"
	empty.touch()
	doc = import_books.make_import_of_file(empty)
	try:
		with pytest.raises(ImportRefusedError, match="0 字节"):
			importing.preview(doc.name)
	finally:
		Path(frappe.get_site_path("private", "files", empty.name)).unlink()


def test_an_empty_workbook_is_refused(db: Any) -> None:
	assert "至少" in refused(book([], headings=None))


def test_column_names_without_customers_are_refused(db: Any) -> None:
	assert "没有客户" in refused(book([]))


def test_a_missing_column_is_named(db: Any) -> None:
	message = refused(book([[1, "王伟", "学院路1号"]], headings=("序号", "法人代表", "地址")))
	assert "客户名称" in message


def test_a_bomb_is_refused_before_it_is_unpacked(db: Any) -> None:
	bomb = zip_of(xl__workbook_xml=b"<x/>".ljust(10)).replace(b"workbook_xml", b"workbook.xml")
	stream = BytesIO(bomb)
	with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive, archive.open(
		"xl/worksheets/sheet1.xml", "w", force_zip64=True
	) as part:
		for _ in range(600):
			part.write(bytes(1024 * 1024))
	assert len(stream.getvalue()) < 1024 * 1024
	assert "解压后" in refused(stream.getvalue())


def test_a_file_of_300_mb_is_refused_by_its_size_alone(db: Any, tmp_path: Path) -> None:
	large = tmp_path / "large-import.xlsx"
	with large.open("wb") as stream:
		stream.write(b"PK\x03\x04")
		stream.truncate(300 * 1024 * 1024)
	doc = import_books.make_import_of_file(large)
	try:
		with pytest.raises(ImportRefusedError, match="300 MB"):
			importing.preview(doc.name)
	finally:
		Path(frappe.get_site_path("private", "files", large.name)).unlink()


def test_more_rows_than_the_settings_allow_are_refused(db: Any) -> None:
	settings = frappe.get_doc("Kehu Archive Settings")
	settings.import_max_rows = 20
	settings.save()
	doc = make_import(book(rows(21)))
	with pytest.raises(ImportRefusedError, match="20"):
		importing.preview(doc.name)


def test_a_web_address_and_a_public_file_are_refused(db: Any) -> None:
	doc = make_import(book(rows(1)))
	for url in ("https://example.com/a.xlsx", "/files/a.xlsx", "/private/files/../../site_config.json"):
		doc.db_set("source_file", url)
		with pytest.raises(ImportRefusedError):
			importing.preview(doc.name)


# -- read as it is -----------------------------------------------------------------------------------------------------


def test_every_column_of_the_form_arrives(db: Any) -> None:
	"""R-FZL-01: the ten fields of the card and the sheet."""
	line = [1, "北京宏远导入测试有限公司", "张三", "学院路1号", "010-65521234", "100083", "010-65521235", "软件", 120.5, "李四", "13800138000", "重点客户", 1000, None]
	doc = previewed(book([line]))
	[row] = staged(doc.name)
	values = json.loads(row.mapped)["values"]
	assert row.status == "Pending"
	assert values == {
		"customer_name": "北京宏远导入测试有限公司",
		"party_kind": "Organisation",
		"legal_representative": "张三",
		"address": "学院路1号",
		"phone": "010-65521234",
		"postcode": "100083",
		"fax": "010-65521235",
		"business_scope": "软件",
		"registered_capital": 120.5,
		"main_contact": "李四",
		"main_contact_phone": "13800138000",
		"market_status": "Existing",
		"is_important": 1,
		"remark": "客户类别：重点客户\n本期成交额：1,000.00 元",
	}


def test_traditional_full_width_and_merged_titles(db: Any) -> None:
	"""R-NFR-04: names keep their spelling, numbers and codes get their normal form."""
	workbook = Workbook()
	sheet = workbook.active
	sheet.merge_cells("A1:F1")
	sheet["A1"] = "客戶信息統計表"
	sheet.merge_cells("A2:F2")
	sheet["A2"] = "統計部門：銷售一部　　統計日期：2024年3月"
	sheet.append(["客戶名稱", "法人代表", "聯繫人電話", "郵編", "註冊資本", "備註"])
	sheet.append(["臺灣積體電路導入測試有限公司", "張忠謀", "１３８００１３８０００", "１０００８３", "５００萬元", "繁體"])
	doc = previewed(import_books.saved(workbook))
	[row] = staged(doc.name)
	values = json.loads(row.mapped)["values"]
	assert row.row_no == 4
	assert values["customer_name"] == "臺灣積體電路導入測試有限公司"
	assert values["main_contact_phone"] == "13800138000"
	assert values["postcode"] == "100083"
	assert values["registered_capital"] == 500
	assert values["remark"] == "繁體"


def test_the_first_sheet_with_column_names_is_taken(db: Any) -> None:
	workbook = Workbook()
	workbook.active.append(["说明", "请填写第二张表"])
	sheet = workbook.create_sheet("数据")
	sheet.append(["客户名称", "电话"])
	sheet.append(["多表导入测试有限公司", "010-65521234"])
	doc = previewed(import_books.saved(workbook))
	assert [row.customer_name for row in staged(doc.name)] == ["多表导入测试有限公司"]


def test_a_hidden_sheet_is_not_read(db: Any) -> None:
	workbook = Workbook()
	workbook.active.append(["客户名称", "电话"])
	workbook.active.append(["看得见导入测试有限公司", "010-65521234"])
	hidden = workbook.create_sheet("旧", 0)
	hidden.append(["客户名称", "电话"])
	hidden.append(["看不见导入测试有限公司", "010-65521235"])
	hidden.sheet_state = "hidden"
	doc = previewed(import_books.saved(workbook))
	assert [row.customer_name for row in staged(doc.name)] == ["看得见导入测试有限公司"]


def test_a_sheet_whose_format_reaches_the_last_row_is_read(db: Any) -> None:
	workbook = Workbook()
	sheet = workbook.active
	sheet.append(["客户名称", "电话"])
	sheet.append(["远格式导入测试有限公司", "010-65521234"])
	sheet.cell(1_048_576, 3).number_format = "@"
	sheet.cell(2, 16_384).number_format = "@"
	doc = previewed(import_books.saved(workbook))
	assert doc.total_rows == 1


def test_the_department_of_the_title_is_taken_when_it_exists(db: Any) -> None:
	frappe.get_doc({"doctype": "Archive Department", "department_name": "导入测试部"}).insert()
	line = rows(1)[0]
	doc = previewed(book([line], above=[["统计部门：导入测试部 统计日期：2024年3月"]]))
	values = json.loads(staged(doc.name)[0].mapped)["values"]
	assert values["department"] == "导入测试部"
	assert "（2024年3月）" in values["remark"]


# -- refused row by row ------------------------------------------------------------------------------------------------


def faulty(**changes: Any) -> list[Any]:
	"""A valid row with some cells changed, by column name."""
	line = rows(1, seed=77)[0]
	for name, value in changes.items():
		line[HEADINGS.index(name)] = value
	return line


@pytest.mark.parametrize(
	("column", "value", "code"),
	[
		("客户名称", None, "name-empty"),
		("客户名称", "长" * 141, "too-long"),
		("统一社会信用代码", "91110108MA01ABCD12", "uscc-check"),
		("统一社会信用代码", "123", "uscc-length"),
		("统一社会信用代码", 911101087890123456, "lost-digits"),
		("电话", "12", "phone"),
		("联系人电话", "1380013800", "mobile"),
		("邮编", "1234", "postcode"),
		("地址", "=A1&B1", "formula"),
		("地址", "#REF!", "cell-error"),
		("注册资本(万元)", "很多", "amount-unclear"),
	],
)
def test_a_faulty_cell_comes_back_with_column_and_reason(db: Any, column: str, value: Any, code: str) -> None:
	doc = previewed(book([faulty(**{column: value}), rows(1, seed=78)[0]]))
	bad, good = staged(doc.name)
	assert (bad.status, good.status) == ("Rejected", "Pending")
	assert code in bad.fault_codes.split(",")
	assert bad.reason.startswith(column)
	assert doc.rejected_rows == 1


@pytest.mark.parametrize(
	("text", "market_status", "important", "remark", "codes"),
	[
		("现有", "Existing", 0, "客户类别：现有客户", ""),
		("潜在", "Prospective", 0, "客户类别：潜在客户", ""),
		("重点客户", "Existing", 1, "客户类别：重点客户", ""),
		("贵宾", "Prospective", 0, "客户类别：贵宾", "category-unknown"),
	],
)
def test_the_category_decides_the_market_status_and_never_refuses_a_row(
	db: Any, text: str, market_status: str, important: int, remark: str, codes: str
) -> None:
	doc = previewed(book([faulty(客户类别=text, 本期成交额=None)]))
	[row] = staged(doc.name, "Pending")
	values = json.loads(row.mapped)["values"]
	assert (values["market_status"], values["is_important"]) == (market_status, important)
	assert values["remark"] == remark
	assert row.fault_codes == codes


def test_a_formula_is_kept_as_text_in_the_returned_cells(db: Any) -> None:
	doc = previewed(book([faulty(地址="=HYPERLINK(\"http://x\")")]))
	[row] = staged(doc.name)
	assert json.loads(row.cells)[HEADINGS.index("地址")] == '=HYPERLINK("http://x")'


def test_the_same_customer_twice_names_the_first_row(db: Any) -> None:
	first = rows(1)[0]
	doc = previewed(book([first, rows(1, seed=5)[0], [2, *first[1:]]]))
	again = staged(doc.name)[2]
	assert again.status == "Rejected"
	assert "2" in again.reason and again.fault_codes == "row-twice"
	assert import_report.summary(doc.name)["twice_rows"] == 1


def test_customers_with_an_archive_are_recognised(db: Any) -> None:
	by_code = factories.make_archive(credit_code=factories.credit_code())
	by_name = factories.make_archive(credit_code=None)
	person = factories.make_archive(party_kind="Individual", customer_name="欧阳导入", phone="13911112222", main_contact_phone=None, main_contact=None, legal_representative=None)
	heads = ("客户名称", "客户类型", "联系电话", "统一社会信用代码")
	doc = previewed(
		book(
			[
				["改了名的导入测试有限公司", "单位", None, by_code.credit_code],
				[by_name.customer_name, "单位", None, None],
				["欧阳导入", "个人", "139-1111-2222", None],
				["欧阳导入", "个人", "13911113333", None],
			],
			headings=heads,
		)
	)
	found = [(row.status, row.archive) for row in staged(doc.name)]
	assert found == [("Existing", by_code.name), ("Existing", by_name.name), ("Existing", person.name), ("Pending", None)]


def test_the_same_name_with_another_credit_code_is_another_customer(db: Any) -> None:
	known = factories.make_archive(credit_code=factories.credit_code())
	doc = previewed(book([[known.customer_name, factories.credit_code()]], headings=("客户名称", "统一社会信用代码")))
	assert [row.status for row in staged(doc.name)] == ["Pending"]


def test_a_customer_who_was_merged_away_is_not_made_again(db: Any) -> None:
	kept, merged = factories.make_archive(), factories.make_archive()
	frappe.db.set_value("Customer Archive", merged.name, {"merged_into": kept.name, "code_key": None})
	doc = previewed(book([[merged.customer_name, "010-65521234"]], headings=("客户名称", "电话")))
	assert [(row.status, row.archive) for row in staged(doc.name)] == [("Existing", kept.name)]


def test_a_similar_name_only_warns(db: Any) -> None:
	known = factories.make_archive(customer_name="北京宏远导入测试贸易有限公司", credit_code=None)
	doc = previewed(book([["北京宏远导入测试贸易股份有限公司", "010-61234567"]], headings=("客户名称", "电话")))
	[row] = staged(doc.name)
	assert row.status == "Pending"
	assert known.name in row.reason
	assert doc.warning_rows == 1


def test_a_name_belongs_to_a_salesperson_when_only_one_has_it(db: Any) -> None:
	user = factories.ensure_user("import.seller@kehu.test", "Salesperson")
	frappe.db.set_value("User", user, "full_name", "导入王小二")
	doc = previewed(book([["责任导入测试有限公司", "导入王小二"], ["责任导入测试二有限公司", "查无此人"]], headings=("客户名称", "业务员")))
	first, second = (json.loads(row.mapped)["values"] for row in staged(doc.name))
	assert first["responsible"] == user
	assert "responsible" not in second and "查无此人" in second["remark"]


# -- the form ----------------------------------------------------------------------------------------------------------


def test_the_summary_shows_counts_kinds_and_first_rows(db: Any) -> None:
	doc = previewed(book([*rows(25), faulty(邮编="1"), faulty(邮编="2", 客户名称="乙导入测试有限公司", 统一社会信用代码=None)]))
	shown = import_report.summary(doc.name)
	assert (shown["total_rows"], shown["pending_rows"], shown["rejected_rows"]) == (27, 25, 2)
	assert len(shown["first_rows"]) == 20
	assert shown["columns"] == list(HEADINGS)
	[kind] = [kind for kind in shown["kinds"] if kind["code"] == "postcode"]
	assert kind["rows"] == 2 and kind["rejected"] and "邮编" in kind["example"]


def test_the_example_of_a_kind_is_the_first_row_s(db: Any) -> None:
	words = ("Z 级", "A 级", "B 级")
	lines = [faulty(客户类别=word, 客户名称=f"例{word}导入测试有限公司", 统一社会信用代码=None) for word in words]
	# A kind of its own in the second row: its group comes later, though the words sort before.
	lines[1][HEADINGS.index("邮编")] = 10083
	doc = previewed(book(lines))
	kinds = {kind["code"]: kind for kind in import_report.summary(doc.name)["kinds"]}
	assert kinds["category-unknown"]["rows"] == 3 and "Z 级" in kinds["category-unknown"]["example"]


def test_a_kind_that_a_row_has_twice_keeps_the_examples_apart(db: Any) -> None:
	doc = previewed(book([faulty(电话="12", 联系人电话="12", 邮编="98")]))
	kinds = {kind["code"]: kind for kind in import_report.summary(doc.name)["kinds"]}
	assert kinds["phone"]["rows"] == 1 and kinds["postcode"]["rows"] == 1
	assert kinds["phone"]["example"].startswith("电话")
	assert kinds["postcode"]["example"].startswith("邮编")


def test_a_refused_workbook_leaves_its_message_with_the_import(db: Any) -> None:
	doc = previewed(book(rows(3)))
	broken = make_import(b"no workbook")
	doc.source_file = broken.source_file
	doc.save()
	frappe.local.message_log, frappe.local.response = [], frappe._dict()
	shown = api.preview(doc.name)
	assert shown["status"] == "Failed" and shown["total_rows"] == 0 and not staged(doc.name)
	doc.reload()
	assert doc.error_message == shown["error_message"] and "xlsx" in doc.error_message
	assert len(frappe.local.message_log) == 1 and "exc_type" not in frappe.local.response
	with pytest.raises(ImportRefusedError, match="预览"):
		importing.start(doc.name)
	# Another workbook is taken, and the message goes.
	doc.source_file = make_import(book(rows(2))).source_file
	doc.save()
	assert (doc.status, doc.error_message) == ("New", None)
	assert api.preview(doc.name)["pending_rows"] == 2


def test_an_import_that_has_begun_is_not_marked_as_failed(db: Any) -> None:
	doc = previewed(book(rows(2)))
	doc.db_set("status", "Completed")
	with pytest.raises(ImportRefusedError):
		api.preview(doc.name)
	assert frappe.db.get_value("Archive Import", doc.name, ["status", "error_message"]) == ("Completed", None)
	assert len(staged(doc.name)) == 2


def test_a_second_preview_replaces_the_first(db: Any) -> None:
	doc = previewed(book(rows(5)))
	importing.preview(doc.name)
	assert len(staged(doc.name)) == 5


def test_a_client_cannot_write_what_the_program_writes(db: Any) -> None:
	doc = previewed(book(rows(3)))
	doc.status, doc.imported_rows, doc.error_file = "Completed", 999, "/private/files/other.xlsx"
	doc.save()
	doc.reload()
	assert (doc.status, doc.imported_rows, doc.error_file) == ("Previewed", 0, None)


def test_another_workbook_asks_for_a_new_preview(db: Any) -> None:
	doc = previewed(book(rows(3)))
	other = make_import(book(rows(4)))
	doc.source_file = other.source_file
	doc.save()
	assert doc.status == "New"
	with pytest.raises(ImportRefusedError, match="预览"):
		importing.start(doc.name)


def test_the_template_is_read_back_by_the_import(db: Any) -> None:
	workbook = load_workbook(BytesIO(import_report.template()))
	sheet = workbook.active
	names = [cell.value for cell in sheet[3]]
	assert {"客户名称*", "法人代表", "地址", "电话", "邮编", "传真", "经营范围", "联系人", "联系人电话", "统一社会信用代码"} <= set(names)
	empty = make_import(import_report.template())
	with pytest.raises(ImportRefusedError, match="没有客户"):
		importing.preview(empty.name)
	sheet.cell(4, names.index("客户名称*") + 1).value = "模板导入测试有限公司"
	sheet.cell(4, names.index("注册资本（万元）") + 1).value = 50
	doc = previewed(import_books.saved(workbook))
	[row] = staged(doc.name)
	assert json.loads(row.mapped)["values"]["registered_capital"] == 50


# -- who may -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def as_user(people: Any, db: Any) -> Iterator[Any]:
	def become(role: str) -> None:
		frappe.set_user(people[role])
		frappe.local.lang = "zh"

	yield become
	frappe.set_user("Administrator")


@pytest.mark.parametrize("role", ["Archivist", "Customer Service Manager", "Archive Administrator"])
def test_those_who_keep_archives_may_import(as_user: Any, role: str) -> None:
	as_user(role)
	doc = make_import(book(rows(2)))
	assert api.preview(doc.name)["pending_rows"] == 2
	api.template()
	assert frappe.response["filecontent"].startswith(b"PK")


@pytest.mark.parametrize("role", ["Salesperson", "Market Inspector", "Archive Auditor", "General Manager"])
def test_others_may_neither_preview_nor_start_nor_look(as_user: Any, role: str) -> None:
	doc = make_import(book(rows(2)))
	importing.preview(doc.name)
	as_user(role)
	for call in (api.preview, api.start, api.summary):
		with pytest.raises(frappe.PermissionError):
			call(doc.name)
	with pytest.raises(frappe.PermissionError):
		api.template()


def test_somebody_elses_file_is_not_read(as_user: Any, people: Any) -> None:
	as_user("Customer Service Manager")
	foreign = frappe.get_doc({"doctype": "File", "file_name": "foreign.xlsx", "content": book(rows(2, seed=9)), "is_private": 1}).insert()
	as_user("Archivist")
	typed = {"doctype": "Archive Import", "source_file": foreign.file_url, "archive_type": factories.archive_type()}
	with pytest.raises(ImportRefusedError, match="找不到"):
		frappe.get_doc(typed).insert()
	own = make_import(book(rows(2, seed=10)))
	own.source_file = foreign.file_url
	with pytest.raises(ImportRefusedError, match="找不到"):
		own.save()


def test_markup_in_a_sheet_runs_nowhere(db: Any) -> None:
	"""Lists and messages of the framework show these texts as they are."""
	markup = "<img src=x onerror=alert(1)>"
	doc = make_import(book([[f"{markup}王记商行", "王伟", "北京市 1 号", "13800138000"]]))
	importing.preview(doc.name)
	for row in frappe.get_all("Archive Import Row", filters={"import_batch": doc.name}, fields=["customer_name", "reason"]):
		assert "onerror" not in f"{row.customer_name}{row.reason}"
