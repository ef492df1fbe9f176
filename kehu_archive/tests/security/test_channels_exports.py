"""Exports and reports: what may not be exported stays, what leaves is counted and recorded (R-SEC-02, R-DSC-04)."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import frappe
import openpyxl
import pytest
import requests

from kehu_archive.domain import roles
from kehu_archive.printing import marks
from kehu_archive.tests import factories
from kehu_archive.tests.security import leaks
from kehu_archive.tests.security.conftest import Visitor
from kehu_archive.tests.security.leaks import Target

Visit = Callable[[str | None], Visitor]
Road = Callable[..., requests.Response]
ARCHIVE = "Customer Archive"


def _report_view(visitor: Visitor, kind: str = "CSV", **more: Any) -> requests.Response:
	return visitor.call(
		"frappe.desk.reportview.export_query",
		doctype=ARCHIVE,
		file_format_type=kind,
		title="x",
		fields=json.dumps(["`tabCustomer Archive`.`name`", "`tabCustomer Archive`.`customer_name`"]),
		filters="[]",
		**more,
	)


def _selected(target: Target) -> Road:
	return lambda visitor: _report_view(visitor, selected_items=json.dumps([target.archive]))


def _data_export(visitor: Visitor) -> requests.Response:
	return visitor.call(
		"frappe.core.doctype.data_export.exporter.export_data",
		doctype=ARCHIVE,
		parent_doctype=ARCHIVE,
		with_data=1,
		file_type="CSV",
		select_columns=json.dumps({ARCHIVE: ["name", "customer_name"]}),
		filters="{}",
	)


def _template(visitor: Visitor) -> requests.Response:
	return visitor.call(
		"frappe.core.doctype.data_import.data_import.download_template",
		doctype=ARCHIVE,
		export_fields=json.dumps({ARCHIVE: ["name", "customer_name"]}),
		export_records="all",
		export_filters="{}",
		file_type="CSV",
	)


EXPORTS: dict[str, Road] = {
	"report view": _report_view,
	"workbook": lambda visitor: _report_view(visitor, "Excel"),
	"data export": _data_export,
	"import template with data": _template,
}


def _text(answer: requests.Response) -> str:
	if answer.content[:2] != b"PK":
		return answer.content.decode("utf-8", "replace")
	book = openpyxl.load_workbook(io.BytesIO(answer.content))
	return "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)


def _exports(user: str) -> list[Any]:
	frappe.db.rollback()
	return frappe.get_all(
		"Access Log Entry",
		filters={"action": "Export", "user": user},
		fields=["quantity", "document_name"],
		order_by="name desc",
	)


@pytest.mark.parametrize("road", EXPORTS)
def test_an_export_is_counted_and_recorded(
	visit: Visit, target: Target, people: factories.People, road: str
) -> None:
	keeper = people[roles.CUSTOMER_SERVICE_MANAGER]
	before = len(_exports(keeper))
	answer = EXPORTS[road](visit(roles.CUSTOMER_SERVICE_MANAGER))
	assert answer.status_code == 200, answer.text[:500]
	assert target.mark in _text(answer)
	entries = _exports(keeper)
	assert len(entries) == before + 1
	if road == "workbook":
		# Above the rows stand the stamp and the names of the columns.
		rows = openpyxl.load_workbook(io.BytesIO(answer.content)).active.max_row - 2
		assert entries[0].quantity == rows
	assert entries[0].quantity > 0
	assert entries[0].document_name == ARCHIVE


@pytest.mark.parametrize("road", [*EXPORTS, "selected"])
@pytest.mark.parametrize("outsider", [*leaks.OUTSIDERS, roles.SALES_DIRECTOR])
def test_what_may_not_be_exported_stays(
	visit: Visit, target: Target, road: str, outsider: str | None
) -> None:
	"""The sales director reads the archive of his department and may export by his role, but no rule lets him export it."""
	run = _selected(target) if road == "selected" else EXPORTS[road]
	answer = run(visit(outsider))
	assert not target.shown_in(_text(answer)), _text(answer)[:300]


def test_reading_is_not_enough_for_an_export(visit: Visit, target: Target) -> None:
	director = visit(roles.SALES_DIRECTOR)
	assert director.get(f"/api/resource/{ARCHIVE}/{target.archive}").status_code == 200
	answer = _selected(target)(director)
	assert answer.status_code == 403, answer.text[:300]


def test_rows_that_may_not_be_exported_are_left_out(
	visit: Visit, target: Target, people: factories.People, db: Any
) -> None:
	"""A grant for one archive of many that the sales director reads: his export holds that one and none of the others."""
	from kehu_archive.services import grants

	director = people[roles.SALES_DIRECTOR]
	other = factories.make_archive(department=factories.SALES).name
	factories.advance(other, people)
	ends_on = frappe.utils.add_days(frappe.utils.now_datetime(), 1)
	grant = grants.issue(director, target.archive, ends_on=ends_on, operations=("read", "export"))
	frappe.db.commit()
	visitor = visit(roles.SALES_DIRECTOR)
	try:
		assert visitor.get(f"/api/resource/{ARCHIVE}/{other}").status_code == 200
		for road, run in EXPORTS.items():
			answer = run(visitor)
			assert answer.status_code == 200, (road, answer.text[:300])
			assert target.archive in _text(answer), road
			assert other not in _text(answer), road
		assert _selected(target)(visitor).status_code == 200
		assert _exports(director)[0].quantity == 1
	finally:
		frappe.set_user("Administrator")
		grants.revoke(grant, "test")
		frappe.db.commit()
	assert _selected(target)(visitor).status_code == 403


@pytest.mark.parametrize("road", EXPORTS)
def test_an_export_says_how_secret_it_is_who_took_it_and_when(
	visit: Visit, target: Target, people: factories.People, road: str
) -> None:
	"""R-SEC-02, R-DSC-07: in the first line, whatever the format; as secret as the most secret file among those that he may export."""
	keeper = people[roles.CUSTOMER_SERVICE_MANAGER]
	levels = set(frappe.get_all(ARCHIVE, pluck="confidentiality"))
	answer = EXPORTS[road](visit(roles.CUSTOMER_SERVICE_MANAGER))
	stamp = _text(answer).lstrip("\ufeff").splitlines()[0]
	most = max((level or "Unclassified" for level in levels), key=marks.LEVELS.index)
	assert f"密级：{frappe._(most, lang='zh')}" in stamp
	assert f"<{keeper}>" in stamp
	assert frappe.utils.today() in stamp


def test_an_empty_form_leaves_without_a_record(visit: Visit, people: factories.People) -> None:
	keeper = people[roles.CUSTOMER_SERVICE_MANAGER]
	before = len(_exports(keeper))
	answer = visit(roles.CUSTOMER_SERVICE_MANAGER).call(
		"frappe.core.doctype.data_import.data_import.download_template",
		doctype=ARCHIVE,
		export_fields=json.dumps({ARCHIVE: ["customer_name"]}),
		export_records="blank_template",
		file_type="CSV",
	)
	assert answer.status_code == 200, answer.text[:300]
	assert len(_exports(keeper)) == before
	assert keeper not in _text(answer), "a stamp would be no column of an import"


def _make_reports() -> dict[str, str]:
	"""Reports of somebody else's that read archives, committed."""
	frappe.set_user("Administrator")
	made = {
		"a query": {
			"report_type": "Query Report",
			"ref_doctype": "User",
			"query": "select name, customer_name from `tabCustomer Archive`",
		},
		"a query over archives": {
			"report_type": "Query Report",
			"ref_doctype": ARCHIVE,
			"query": "select customer_name from `tabCustomer Archive`",
		},
		"added columns": {
			"report_type": "Custom Report",
			"ref_doctype": "User",
			"reference_report": "Permitted Documents For User",
			"json": json.dumps(
				{
					"columns": [{"doctype": ARCHIVE, "fieldname": "customer_name", "link_field": "name"}],
					"filters": {},
				}
			),
		},
	}
	for key, values in made.items():
		name = f"Channel report: {key}"
		if not frappe.db.exists("Report", name):
			frappe.get_doc(
				{
					"doctype": "Report",
					"report_name": name,
					"is_standard": "No",
					"roles": [{"role": "Report Manager"}, {"role": "Salesperson"}],
					**values,
				}
			).insert(ignore_permissions=True)
	frappe.db.commit()
	return {key: f"Channel report: {key}" for key in made}


def test_reports_of_others_do_not_read_archives(visit: Visit, target: Target) -> None:
	for key, name in _make_reports().items():
		for person in (leaks.INSIDER, *leaks.OUTSIDERS):
			for body in ({}, {"user": "Administrator"}, {"ignore_prepared_report": 1}):
				answer = visit(person).call("frappe.desk.query_report.run", report_name=name, **body)
				assert not target.shown_in(answer.text), (key, person)
			answer = visit(person).call(
				"frappe.desk.query_report.export_query",
				report_name=name,
				file_format_type="CSV",
				visible_idx="[]",
			)
			assert not target.shown_in(_text(answer)), (key, person)
			assert (
				visit(person)
				.call(
					"frappe.core.doctype.prepared_report.prepared_report.make_prepared_report",
					report_name=name,
				)
				.status_code
				>= 400
			), (key, person)


def test_columns_of_archives_are_not_added_to_a_report(visit: Visit, target: Target) -> None:
	columns = json.dumps(
		[{"doctype": ARCHIVE, "fieldname": "customer_name", "link_field": "name", "insert_after_index": 0}]
	)
	for person in (leaks.INSIDER, *leaks.OUTSIDERS):
		answer = visit(person).call(
			"frappe.desk.query_report.run", report_name="Duplicate Archives", custom_columns=columns
		)
		assert answer.status_code >= 400
		assert not target.shown_in(answer.text)


def test_our_report_runs_for_the_session_and_no_other(visit: Visit, target: Target) -> None:
	"""R-DSC-02: whoever is named as user, the report shows what the caller may see."""
	for person in leaks.OUTSIDERS:
		answer = visit(person).call(
			"frappe.desk.query_report.run",
			report_name="Duplicate Archives",
			user="Administrator",
			filters="{}",
		)
		assert not target.shown_in(answer.text), person
	assert (
		visit(roles.CUSTOMER_SERVICE_MANAGER)
		.call("frappe.desk.query_report.run", report_name="Duplicate Archives", filters="{}")
		.status_code
		== 200
	)


def test_an_unwritable_log_stops_the_export(site: str) -> None:
	"""Fail closed: the table was made, yet nothing of it is handed out."""
	from kehu_archive.exceptions import AuditError
	from kehu_archive.permissions.guards import exporting

	def run() -> None:
		frappe.local.response = frappe._dict(filecontent="a,b\n1,2\n", type="binary", filename="x.csv")

	kept, response = exporting.log.record, frappe.local.response
	exporting.log.record = _refusing
	try:
		with pytest.raises(AuditError):
			exporting.recorded(run, ("DocType", ARCHIVE))
		assert "filecontent" not in frappe.local.response
	finally:
		exporting.log.record = kept
		frappe.local.response = response


def _refusing(*_words: Any, **_more: Any) -> str:
	from kehu_archive.exceptions import AuditError

	raise AuditError
