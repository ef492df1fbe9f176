"""The job: rows become archives once, whatever happens around it; rejected rows come back as a workbook. F-03, R-NFR-04."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import frappe
import pytest
from openpyxl import load_workbook

from kehu_archive.exceptions import ImportRefusedError
from kehu_archive.services import bulk, import_job, import_state, importing, search
from kehu_archive.tests import factories, import_books
from kehu_archive.tests.import_books import HEADINGS, book, imported, make_import, rows, staged


@pytest.fixture
def clean(db: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
	"""Imports commit: what they leave is removed before and after. Nothing reaches the queue; its entries are listed."""
	queued: list[str] = []
	monkeypatch.setattr(importing, "_enqueue", queued.append)
	import_books.remove_all()
	yield queued
	import_books.set_chunk_rows(500)
	import_books.remove_all()


def run(content: bytes, **values: Any) -> Any:
	"""Preview, start and run at once; the import afterwards."""
	doc = make_import(content, **values)
	importing.preview(doc.name)
	importing.start(doc.name)
	frappe.db.commit()
	import_job.run(doc.name)
	return frappe.get_doc("Archive Import", doc.name)


def counts(doc: Any) -> tuple[int, int, int]:
	return doc.imported_rows, doc.existing_rows, doc.rejected_rows


def rejected_lines(doc: Any) -> list[list[Any]]:
	"""The workbook that came back, with its line of column names."""
	file = frappe.get_doc("File", {"file_url": doc.error_file})
	assert file.is_private and file.attached_to_name == doc.name
	sheet = load_workbook(file.get_full_path()).active
	return [[cell.value for cell in line] for line in sheet.iter_rows()]


def test_good_rows_become_archives_with_contacts_and_search_keys(clean: Any) -> None:
	lines = rows(30)
	doc = run(book(lines))
	assert (doc.status, doc.progress) == ("Completed", 100)
	assert counts(doc) == (30, 0, 0)
	archives = imported()
	assert [archive.customer_name for archive in archives] == [line[1] for line in lines]
	assert {archive.archive_type for archive in archives} == {doc.archive_type}
	assert {archive.workflow_state for archive in archives} == {"Draft"}
	contacts = frappe.get_all("Archive Contact", filters={"archive": archives[0].name}, pluck="full_name")
	assert lines[0][9] in contacts and lines[0][2] in contacts
	assert archives[0].name in [hit["name"] for hit in search.find(lines[0][1])]
	assert [row.archive for row in staged(doc.name)] == [archive.name for archive in archives]


def test_settled_rows_keep_no_copy_of_personal_data(clean: Any) -> None:
	doc = run(book(rows(3)))
	assert all(not row.cells and not row.mapped for row in staged(doc.name, "Imported"))


def test_traditional_names_are_found_by_simplified_ones(clean: Any) -> None:
	"""R-NFR-04"""
	run(book([["臺灣積體電路導入測試有限公司导入测试", "張忠謀"]], headings=("客戶名稱", "法人代表")))
	[archive] = imported()
	assert archive.customer_name == "臺灣積體電路導入測試有限公司导入测试"
	assert archive.name in [hit["name"] for hit in search.find("台湾积体电路")]


def test_the_second_run_changes_nothing(clean: Any) -> None:
	content = book(rows(40))
	run(content)
	before = imported()
	again = run(content)
	assert counts(again) == (0, 40, 0)
	assert imported() == before
	assert [row.archive for row in staged(again.name)] == [archive.name for archive in before]


def test_the_same_import_cannot_be_run_again(clean: Any) -> None:
	doc = run(book(rows(3)))
	import_job.run(doc.name)
	assert len(imported()) == 3
	with pytest.raises(ImportRefusedError):
		importing.start(doc.name)
	with pytest.raises(ImportRefusedError):
		importing.preview(doc.name)


def test_rejected_rows_come_back_with_their_reason(clean: Any) -> None:
	bad = [1, "=HYPERLINK(\"http://x\",\"甲\")", "+1", "-地址", "12", "1234", "@传真", "经营", 5, None, None, None, None, "123"]
	doc = run(book([*rows(2), bad]))
	assert counts(doc) == (2, 0, 1)
	head, line = rejected_lines(doc)
	assert head == [*HEADINGS, "原因"]
	assert line[1] == bad[1] and line[2:4] == bad[2:4] and line[8] == 5
	for name in ("客户名称", "电话", "邮编", "传真", "统一社会信用代码"):
		assert f"{name}：" in line[-1]


def test_no_cell_of_the_returned_workbook_is_a_formula(clean: Any) -> None:
	line = rows(1)[0]
	line[HEADINGS.index("地址")], line[HEADINGS.index("邮编")] = "=cmd|' /C calc'!A0", "x"
	doc = run(book([line]))
	file = frappe.get_doc("File", {"file_url": doc.error_file})
	sheet = load_workbook(file.get_full_path()).active
	cell = sheet.cell(2, HEADINGS.index("地址") + 1)
	assert (cell.value, cell.data_type, cell.quotePrefix) == ("=cmd|' /C calc'!A0", "s", True)


def test_a_corrected_return_is_imported(clean: Any) -> None:
	line = rows(1)[0]
	line[HEADINGS.index("邮编")] = "x"
	doc = run(book([line]))
	head, bad = rejected_lines(doc)
	bad[HEADINGS.index("邮编")] = "100083"
	again = run(book([bad], headings=head))
	assert counts(again) == (1, 0, 0)


def test_a_sheet_of_faults_only_still_comes_back(clean: Any) -> None:
	doc = run(book([["甲", "1"], ["乙", "2"]], headings=("客户名称", "邮编")))
	assert doc.status == "Completed" and counts(doc) == (0, 0, 2)
	assert len(rejected_lines(doc)) == 3


def test_a_customer_who_came_after_the_preview_is_not_made_twice(clean: Any) -> None:
	lines = rows(5)
	doc = make_import(book(lines))
	importing.preview(doc.name)
	faster = factories.make_archive(customer_name=lines[2][1], credit_code=lines[2][13])
	importing.start(doc.name)
	frappe.db.commit()
	import_job.run(doc.name)
	doc.reload()
	assert counts(doc) == (4, 1, 0)
	assert staged(doc.name, "Existing")[0].archive == faster.name


def test_two_imports_of_one_file_make_each_customer_once(clean: Any, site: str) -> None:
	"""Two workers at the same time, each with its own connection; chunks interleave.

	No row has a credit code: the unique key of the database would otherwise catch what the lock must.
	"""
	content = book([[*line[:13], None] for line in rows(600)])
	docs = [make_import(content), make_import(content)]
	import_books.set_chunk_rows(25)
	for doc in docs:
		importing.preview(doc.name)
		importing.start(doc.name)
	frappe.db.commit()
	workers = [import_books.run_in_process(doc.name, site) for doc in docs]
	assert [worker.wait(120) for worker in workers] == [0, 0]
	frappe.db.rollback()
	done = [frappe.get_doc("Archive Import", doc.name) for doc in docs]
	assert [doc.status for doc in done] == ["Completed", "Completed"]
	assert sum(doc.imported_rows for doc in done) == 600
	assert sum(doc.existing_rows for doc in done) == 600
	names = [archive.customer_name for archive in imported()]
	assert len(names) == len(set(names)) == 600


def test_one_import_is_run_by_one_worker(clean: Any, site: str) -> None:
	doc = make_import(book(rows(3)))
	importing.preview(doc.name)
	importing.start(doc.name)
	frappe.db.commit()
	with import_state.alone(doc.name) as mine:
		assert mine and import_state.is_alive(doc.name, "Running")
		assert import_books.run_in_process(doc.name, site).wait(60) == 0
		assert not imported()
	assert not import_state.is_alive(doc.name, "Running")


def test_a_break_between_chunks_is_taken_up(clean: Any, monkeypatch: pytest.MonkeyPatch) -> None:
	doc = make_import(book(rows(50)))
	import_books.set_chunk_rows(10)
	importing.preview(doc.name)
	importing.start(doc.name)
	frappe.db.commit()
	insert, calls = bulk.insert_archives, []

	def break_the_third(lines: list[dict[str, Any]], **more: Any) -> list[str]:
		calls.append(len(lines))
		names = insert(lines, **more)
		if len(calls) == 3:
			raise RuntimeError("the machine gave up")
		return names

	monkeypatch.setattr(bulk, "insert_archives", break_the_third)
	with pytest.raises(RuntimeError):
		import_job.run(doc.name)
	doc.reload()
	assert doc.status == "Failed"
	assert "the machine gave up" in doc.error_message and "开始导入" in doc.error_message
	assert len(imported()) == 20 == len(staged(doc.name, "Imported"))
	importing.start(doc.name)
	frappe.db.commit()
	import_job.run(doc.name)
	doc.reload()
	assert doc.status == "Completed" and counts(doc) == (50, 0, 0)
	assert len(imported()) == 50


def test_a_row_the_database_refuses_is_given_back_alone(clean: Any, monkeypatch: pytest.MonkeyPatch) -> None:
	lines = rows(30)
	doc = make_import(book(lines))
	importing.preview(doc.name)
	importing.start(doc.name)
	frappe.db.commit()
	insert = bulk.insert_archives

	def refuse_one(values: list[dict[str, Any]], **more: Any) -> list[str]:
		names = insert(values, **more)
		if any(value["customer_name"] == lines[7][1] for value in values):
			frappe.throw("这一行不行")
		return names

	monkeypatch.setattr(bulk, "insert_archives", refuse_one)
	import_job.run(doc.name)
	doc.reload()
	assert doc.status == "Completed" and counts(doc) == (29, 0, 1)
	[bad] = staged(doc.name, "Rejected")
	assert bad.customer_name == lines[7][1] and "这一行不行" in bad.reason
	assert len(imported()) == 29


def test_an_import_without_worker_is_queued_again(clean: list[str]) -> None:
	doc = make_import(book(rows(3)))
	importing.preview(doc.name)
	frappe.db.set_value("Archive Import", doc.name, "status", "Running")
	done = run(book(rows(2, seed=3)))
	clean.clear()
	assert importing.resume_unfinished() == [doc.name] == clean
	assert done.status == "Completed"


def test_a_start_while_it_waits_is_refused(clean: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
	doc = make_import(book(rows(3)))
	importing.preview(doc.name)
	importing.start(doc.name)
	monkeypatch.setattr(import_state, "is_job_enqueued", lambda job_id: True)
	with pytest.raises(ImportRefusedError, match="正在进行"):
		importing.start(doc.name)
	assert clean == [doc.name]


def test_the_returned_workbook_replaces_the_former_one(clean: Any) -> None:
	doc = run(book([["甲", "1"]], headings=("客户名称", "邮编")))
	import_job._finish(doc)
	files = frappe.get_all("File", filters={"attached_to_name": doc.name, "attached_to_field": "error_file"}, pluck="file_url")
	assert files == [doc.error_file]
	folder = Path(frappe.get_site_path("private", "files"))
	assert not list(folder.glob(".*.part"))
