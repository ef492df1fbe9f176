"""How a request is read: every spelling of a road leads to the call or the record that the framework will take (R-DSC-02)."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest

from kehu_archive.permissions.guards import asked, exporting
from kehu_archive.permissions.guards.asked import Record

ARCHIVE = "Customer Archive"


def _read(path: str, verb: str = "POST", **form: Any) -> asked.Asked:
	return asked.read(SimpleNamespace(path=path, method=verb), form)


@pytest.mark.parametrize(
	("path", "form", "expected"),
	[
		("/api/method/frappe.client.get", {}, ("frappe.client.get", "", "")),
		("/api/method/frappe.client.get/further", {}, ("frappe.client.get", "", "")),
		("/api/v1/method/frappe.client.get", {}, ("frappe.client.get", "", "")),
		("/api/v2/method/frappe.client.get", {}, ("frappe.client.get", "", "")),
		("/", {"cmd": "frappe.client.get"}, ("frappe.client.get", "", "")),
		(f"/api/resource/{ARCHIVE}/A", {"cmd": "frappe.client.get"}, ("frappe.client.get", "", "")),
		(f"/api/resource/{ARCHIVE}/A/B", {}, ("", ARCHIVE, "A/B")),
		(f"/api/v2/document/{ARCHIVE}/A/", {}, ("", ARCHIVE, "A")),
		(f"/api/v2/document/{ARCHIVE}/A/method/archive", {}, ("", ARCHIVE, "A")),
		(f"/api/v2/doctype/{ARCHIVE}/count", {}, ("", ARCHIVE, "")),
		("/app/customer-archive/A", {}, ("", "", "")),
	],
)
def test_roads(site: str, path: str, form: dict[str, Any], expected: tuple[str, str, str]) -> None:
	found = _read(path, **form)
	assert (found.method, found.doctype, found.name) == expected


def test_a_controllers_function_by_the_second_interface(site: str) -> None:
	found = _read(f"/api/v2/method/{ARCHIVE}/anything")
	assert found.method == "kehu_archive.kehu_archive.doctype.customer_archive.customer_archive.anything"


@pytest.mark.parametrize(
	("form", "expected"),
	[
		({"doctype": ARCHIVE, "name": "A"}, {"A"}),
		({"doctype": ARCHIVE, "docnames": json.dumps(["A", "B"])}, {"A", "B"}),
		({"args": json.dumps({"doctype": ARCHIVE, "name": json.dumps(["A"])})}, {"A"}),
		({"doc": json.dumps({"doctype": ARCHIVE, "name": "A"})}, {"A"}),
		({"doc": ARCHIVE, "name": "A"}, {"A"}),
		({"doc": json.dumps({"doctype": ARCHIVE, "name": "A", "__islocal": 1})}, set()),
		({"doc": json.dumps({"doctype": "ToDo", "reference_type": ARCHIVE, "reference_name": "A"})}, {"A"}),
		({"doc": '{"doctype": "Customer\\u0020Archive", "name": "A"}'}, {"A"}),
		({"doctype": ARCHIVE, "docname": "new-customer-archive-1"}, set()),
		({"doctype": "User", "name": "A"}, set()),
	],
)
def test_names(site: str, form: dict[str, Any], expected: set[str]) -> None:
	found = _read("/api/method/frappe.some.call", **form)
	assert {record for record in found.records} == {Record(ARCHIVE, name) for name in expected}


def test_rows_of_what_was_made() -> None:
	assert exporting.rows_of(b"") == 0
	assert exporting.rows_of('\ufeff名,数\n甲,1\n"乙\n丙",2\n'.encode()) == 2
	book = openpyxl.Workbook()
	for row in (("a", "b"), (1, 2), (3, 4), (5, 6)):
		book.active.append(row)
	kept = io.BytesIO()
	book.save(kept)
	assert exporting.rows_of(kept.getvalue()) == 3
