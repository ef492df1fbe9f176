"""The framework's own Data Import reaches the same rules as the form and the app's import. F-03, R-FCA-02."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import frappe
import pytest
from frappe.core.doctype.data_import.data_import import start_import

from kehu_archive.tests import factories, import_books
from kehu_archive.tests.import_books import imported

LABELS = ("Customer Name", "Archive Type", "Customer Kind", "Address", "Postcode", "Phone", "Unified Social Credit Code")


@pytest.fixture
def clean(db: Any) -> Iterator[None]:
	import_books.remove_all()
	yield
	import_books.remove_all()
	for name in frappe.get_all("Data Import", filters={"reference_doctype": "Customer Archive"}, pluck="name"):
		frappe.db.delete("Data Import Log", {"data_import": name})
		frappe.delete_doc("Data Import", name, force=True)
	frappe.db.commit()


def line(**values: Any) -> list[Any]:
	row = {
		"Customer Name": f"{import_books.MARK}{factories.company_name()}",
		"Archive Type": factories.archive_type(),
		"Customer Kind": "Organisation",
		"Address": "学院路1号",
		"Postcode": "100083",
		"Phone": "０１０－６５５２１２３４",
		"Unified Social Credit Code": factories.credit_code(),
	}
	row.update(values)
	return [row[label] for label in LABELS]


def as_csv(lines: list[list[Any]]) -> tuple[str, bytes]:
	stream = io.StringIO()
	csv.writer(stream).writerows([[frappe._(label) for label in LABELS], *lines])
	return "archives.csv", stream.getvalue().encode()


def as_xlsx(lines: list[list[Any]]) -> tuple[str, bytes]:
	return "archives.xlsx", import_books.book(lines, headings=[frappe._(label) for label in LABELS])


def data_import(name: str, content: bytes) -> list[dict[str, Any]]:
	"""Run the framework's import and give its log."""
	file = frappe.get_doc({"doctype": "File", "file_name": name, "content": content, "is_private": 1}).insert()
	doc = frappe.get_doc(
		{
			"doctype": "Data Import",
			"reference_doctype": "Customer Archive",
			"import_type": "Insert New Records",
			"import_file": file.file_url,
		}
	).insert()
	frappe.db.commit()
	start_import(doc.name)
	frappe.local.lang = "zh"
	frappe.db.rollback()
	assert not frappe.db.get_value("Data Import", doc.name, "template_warnings")
	return frappe.get_all(
		"Data Import Log",
		filters={"data_import": doc.name},
		fields=["success", "docname", "messages", "row_indexes"],
		order_by="log_index asc",
	)


@pytest.mark.parametrize("as_file", [as_csv, as_xlsx])
def test_rows_pass_the_same_rules(clean: None, as_file: Any) -> None:
	twice = line()
	log = data_import(
		*as_file(
			[
				line(),
				line(**{"Unified Social Credit Code": "91110108MA01ABCD12", "Postcode": "12"}),
				twice,
				twice,
			]
		)
	)
	assert [bool(entry.success) for entry in log] == [True, False, True, False]
	archives = {archive.name: archive for archive in imported()}
	good = archives[log[0].docname]
	assert good.phone == "010-65521234" and good.name == good.archive_no
	assert good.workflow_state == "Draft" and good.name_key
	refused = said(log[1])
	assert "校验码" in refused and "邮编" in refused
	assert log[2].docname in said(log[3])
	assert len(archives) == 2


def said(entry: Any) -> str:
	"""What the log tells about a row; the framework keeps messages as JSON texts or as mappings."""
	messages = json.loads(entry.messages or "[]")
	return " ".join(json.dumps(item if isinstance(item, dict) else json.loads(item), ensure_ascii=False) for item in messages)
