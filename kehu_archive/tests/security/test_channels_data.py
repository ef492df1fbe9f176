"""Every road by which the framework gives data away, tried over HTTP by outsiders, with an insider who does get it (R-DSC-02, R-DSC-03, R-QRY-01).

A road stands here as a function of a visitor and the target; it never sends the mark itself, so that a mark in the answer comes from the archive.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import frappe
import pytest
import requests

from kehu_archive.tests.security import leaks
from kehu_archive.tests.security.conftest import Visitor
from kehu_archive.tests.security.leaks import Target

Visit = Callable[[str | None], Visitor]
Road = Callable[[Visitor, Target], requests.Response]
ARCHIVE = "Customer Archive"


def _listed(doctype: str, *fields: str, parent: str | None = None) -> Road:
	def road(visitor: Visitor, target: Target) -> requests.Response:
		body = {"doctype": doctype, "fields": list(fields), "limit_page_length": 0}
		return visitor.call("frappe.client.get_list", **body, **({"parent": parent} if parent else {}))

	return road


def _rest(doctype: str, field: str, **params: str) -> Road:
	return lambda visitor, target: visitor.get(
		f"/api/resource/{doctype}", fields=json.dumps(["name", field]), limit_page_length=0, **params
	)


def _report_view(doctype: str, *fields: str) -> Road:
	columns = json.dumps([field if "`" in field else f"`tab{doctype}`.`{field}`" for field in fields])
	return lambda visitor, target: visitor.call(
		"frappe.desk.reportview.get", doctype=doctype, fields=columns, filters="[]", page_length=5000, start=0
	)


def _search(doctype: str, **more: object) -> Road:
	return lambda visitor, target: visitor.call(
		"frappe.desk.search.search_link", doctype=doctype, txt=target.mark[1:4], page_length=5000, **more
	)


def _widget(visitor: Visitor, target: Target) -> requests.Response:
	return visitor.call(
		"frappe.desk.search.search_widget",
		doctype="Archive Contact",
		txt=target.mark[1:4],
		filter_fields=json.dumps(["full_name", "archive"]),
		ignore_user_permissions=1,
		page_length=5000,
	)


def _like(visitor: Visitor, target: Target, field: str = "customer_name") -> requests.Response:
	return visitor.call(
		"frappe.client.get_value",
		doctype=ARCHIVE,
		fieldname=["name", field],
		filters={field: ["like", f"%{target.mark[:8]}%"]},
	)


def _first_by_filter(visitor: Visitor, target: Target) -> requests.Response:
	return visitor.call(
		"frappe.client.get",
		doctype=ARCHIVE,
		filters=json.dumps({"customer_name": ["like", f"%{target.mark[:8]}%"]}),
	)


def _or_filters(visitor: Visitor, target: Target) -> requests.Response:
	return visitor.call(
		"frappe.client.get_list",
		doctype=ARCHIVE,
		fields=["customer_name"],
		or_filters=[["name", "!=", ""], ["owner", "!=", ""]],
		limit_page_length=0,
	)


def _grouped(visitor: Visitor, target: Target) -> requests.Response:
	return visitor.call(
		"frappe.desk.reportview.get",
		doctype=ARCHIVE,
		fields=json.dumps(
			[
				"count(`tabCustomer Archive`.`name`) as _aggregate_column",
				"`tabCustomer Archive`.`customer_name`",
			]
		),
		group_by="`tabCustomer Archive`.`customer_name`",
		filters="[]",
		page_length=5000,
	)


def _group_count(field: str) -> Road:
	return lambda visitor, target: visitor.call(
		"frappe.desk.listview.get_group_by_count",
		doctype=ARCHIVE,
		current_filters=json.dumps([[ARCHIVE, "address", "like", f"{target.mark[:8]}%"]]),
		field=field,
	)


def _stats(visitor: Visitor, target: Target) -> requests.Response:
	return visitor.call(
		"frappe.desk.reportview.get_sidebar_stats",
		doctype=ARCHIVE,
		stats=json.dumps(["_user_tags", "customer_name"]),
		filters="[]",
	)


def _tagged(visitor: Visitor, target: Target) -> requests.Response:
	return visitor.call("frappe.desk.doctype.tag.tag.get_tagged_docs", doctype=ARCHIVE, tag="%签%")


def _tag_documents(visitor: Visitor, target: Target) -> requests.Response:
	return visitor.call("frappe.desk.doctype.tag.tag.get_documents_for_tag", tag=f"#{target.tag}")


def _custom_field(visitor: Visitor, target: Target) -> requests.Response:
	return visitor.call(
		"frappe.desk.query_report.get_data_for_custom_field", doctype=ARCHIVE, field="customer_name"
	)


def _calendar(visitor: Visitor, target: Target) -> requests.Response:
	field_map = {"id": "name", "start": "archive_date", "end": "archive_date", "title": "customer_name"}
	return visitor.call(
		"frappe.desk.calendar.get_events",
		doctype=ARCHIVE,
		start="2000-01-01",
		end="2100-01-01",
		field_map=json.dumps(field_map),
		filters="[]",
		fields=json.dumps(["name", "archive_date", "customer_name"]),
	)


def _lookup(visitor: Visitor, target: Target) -> requests.Response:
	return visitor.call("kehu_archive.api.search.find", query=target.mark[1:])


def _linked(visitor: Visitor, target: Target) -> requests.Response:
	kind = frappe.db.get_value(ARCHIVE, target.archive, "archive_type")
	return visitor.call("frappe.desk.form.linked_with.get", doctype="Archive Type", docname=kind)


SHOWING: dict[str, Road] = {
	"list": _listed(ARCHIVE, "name", "customer_name"),
	"rest": _rest(ARCHIVE, "customer_name"),
	"report view": _report_view(ARCHIVE, "name", "customer_name"),
	"report view with a table's column": _report_view(
		ARCHIVE, "name", "`tabCustomer Archive Preference`.`preference`"
	),
	"list of contacts": _listed("Archive Contact", "name", "full_name"),
	"rest of contacts": _rest("Archive Contact", "full_name"),
	"the archive's name by way of the contact": _listed("Archive Contact", "name", "archive.customer_name"),
	"list of transactions": _listed("Archive Transaction", "name", "transaction_no"),
	"list of complaints": _listed("Customer Complaint", "name", "complainant"),
	"list of rows": _listed("Customer Archive Preference", "parent", "preference", parent=ARCHIVE),
	"rest of rows": _rest("Customer Archive Preference", "preference", parent=ARCHIVE),
	"value": _like,
	"first by filter": _first_by_filter,
	"or filters": _or_filters,
	"grouped": _grouped,
	"group count": _group_count("customer_name"),
	"link search": _search(ARCHIVE),
	"link search of contacts": _search("Archive Contact"),
	"link search, liberties taken": _search(
		"Archive Contact", ignore_user_permissions=1, reference_doctype="ToDo"
	),
	"search widget, liberties taken": _widget,
	"sidebar statistics": _stats,
	"tagged": _tagged,
	"documents of a tag": _tag_documents,
	"column for a report": _custom_field,
	"calendar": _calendar,
	"customer lookup": _lookup,
	"linked with a type": _linked,
	"comments": _listed("Comment", "name", "content"),
	"versions": _listed("Version", "docname"),
	"files": _listed("File", "file_name", "attached_to_name"),
	"mails": _listed("Communication", "subject", "content"),
	"tag links": _listed("Tag Link", "document_name", "title"),
	"assignments": _listed("ToDo", "description", "reference_name"),
}
#: Lists whose framework permissions close them to salesmen altogether; a system manager is their insider.
OF_MANAGERS = ("comments", "versions", "mails", "tag links", "documents of a tag")


@pytest.mark.parametrize("road", SHOWING)
def test_outsiders_get_nothing_and_insiders_do(visit: Visit, target: Target, road: str) -> None:
	insider = "Administrator" if road in OF_MANAGERS else leaks.INSIDER
	answer = SHOWING[road](administrator(visit) if insider == "Administrator" else visit(insider), target)
	assert target.shown_in(answer.text), (road, answer.status_code, answer.text[:500])
	for outsider in leaks.OUTSIDERS:
		answer = SHOWING[road](visit(outsider), target)
		assert not target.shown_in(answer.text), (road, outsider, answer.status_code, answer.text[:800])


def administrator(visit: Visit) -> Visitor:
	visitor = visit(leaks.INSIDER)
	other = Visitor(visitor.base_url, None)
	answer = other.session.post(
		f"{other.base_url}/api/method/login", data={"usr": "Administrator", "pwd": "admin"}, timeout=30
	)
	assert answer.status_code == 200
	return other


@pytest.mark.parametrize(
	"road",
	["comments", "versions", "files", "mails", "tag links", "assignments", "list", "linked with a type"],
)
def test_a_system_manager_without_a_role_of_ours_reads_no_traces(
	visit: Visit, target: Target, road: str
) -> None:
	"""Lists of the framework that he may read entirely leave out what speaks of archives."""
	answer = SHOWING[road](visit(leaks.MANAGER), target)
	assert not target.shown_in(answer.text), (road, answer.status_code, answer.text[:800])


def _count(visitor: Visitor, target: Target, digits: str) -> int:
	found = visitor.call(
		"frappe.client.get_count",
		doctype=ARCHIVE,
		filters=json.dumps([["customer_name", "like", f"%{digits}%"]]),
	)
	return int(found.json().get("message") or 0)


@pytest.mark.parametrize(
	("method", "body"),
	[
		("frappe.client.get_count", {}),
		("frappe.desk.reportview.get_count", {"fields": "[]", "distinct": "false"}),
	],
)
def test_counting(visit: Visit, target: Target, method: str, body: dict[str, str]) -> None:
	filters = json.dumps([[ARCHIVE, "customer_name", "like", f"%{target.mark}%"]])
	assert visit(leaks.INSIDER).call(method, doctype=ARCHIVE, filters=filters, **body).json()["message"] == 1
	for outsider in leaks.OUTSIDERS:
		assert (
			not visit(outsider).call(method, doctype=ARCHIVE, filters=filters, **body).json().get("message")
		), outsider


def test_counts_by_state_assignee_and_chart(visit: Visit, target: Target) -> None:
	"""One more hidden archive changes nothing in what a stranger is told."""
	roads = {
		"states": (
			"frappe.workflow.doctype.workflow.workflow.get_workflow_state_count",
			{"doctype": ARCHIVE, "workflow_state_field": "workflow_state", "states": "[]"},
		),
		"assigned": (
			"frappe.desk.listview.get_group_by_count",
			{"doctype": ARCHIVE, "current_filters": "[]", "field": "assigned_to"},
		),
		"heat map": (
			"frappe.desk.doctype.dashboard_chart.dashboard_chart.get",
			{
				"chart": json.dumps(
					{
						"name": "x",
						"type": "Heatmap",
						"chart_type": "Count",
						"document_type": ARCHIVE,
						"based_on": "creation",
						"filters_json": "[]",
					}
				)
			},
		),
		"group by chart": (
			"frappe.desk.doctype.dashboard_chart.dashboard_chart.get",
			{
				"chart": json.dumps(
					{
						"name": "y",
						"chart_type": "Group By",
						"group_by_type": "Count",
						"document_type": ARCHIVE,
						"group_by_based_on": "workflow_state",
						"filters_json": "[]",
					}
				)
			},
		),
		"card": (
			"frappe.desk.doctype.number_card.number_card.get_result",
			{
				"doc": json.dumps({"document_type": ARCHIVE, "function": "Count"}),
				"filters": json.dumps([[ARCHIVE, "name", "=", target.archive]]),
			},
		),
		"our chart": ("kehu_archive.api.overview.archives_by_state", {}),
	}
	for road, (method, body) in roads.items():
		seen = visit(leaks.INSIDER).call(method, **body)
		assert seen.status_code == 200, (road, seen.text[:500])
		assert figures(seen.json().get("message")), (road, seen.text)
		for outsider in leaks.OUTSIDERS:
			answer = visit(outsider).call(method, **body)
			most = 0 if road in ("assigned", "card") else _visible(outsider)
			assert answer.status_code >= 400 or sum(figures(answer.json().get("message"))) <= most, (
				road,
				outsider,
				answer.text[:400],
			)


def _visible(user: str | None) -> int:
	"""Number of archives that the rule itself lets somebody see."""
	from kehu_archive.permissions import query

	frappe.db.rollback()
	return int(
		frappe.db.sql(f"select count(*) from `tab{ARCHIVE}` where {query.visible_archives(user or 'Guest')}")[
			0
		][0]
	)


def figures(value: object) -> list[float]:
	"""Every number but nought in an answer."""
	if isinstance(value, dict):
		value = list(value.values())
	if isinstance(value, list):
		return [number for one in value for number in figures(one)]
	return [value] if isinstance(value, int | float) and value else []


def test_a_charts_kept_result_is_nobody_elses(visit: Visit, target: Target, db: object) -> None:
	"""The framework keeps a chart's figures under the chart's name for everybody."""
	if not frappe.db.exists("Dashboard Chart", "Channel Test Chart"):
		frappe.get_doc(
			{
				"doctype": "Dashboard Chart",
				"chart_name": "Channel Test Chart",
				"chart_type": "Group By",
				"group_by_type": "Count",
				"document_type": ARCHIVE,
				"group_by_based_on": "workflow_state",
				"filters_json": "[]",
				"type": "Bar",
				"is_public": 1,
			}
		).insert()
		frappe.db.commit()
	call = "frappe.desk.doctype.dashboard_chart.dashboard_chart.get"
	for refresh in (1, 0):
		answer = visit(leaks.INSIDER).call(call, chart_name="Channel Test Chart", refresh=refresh)
		shown = sum(answer.json()["message"]["datasets"][0]["values"])
		assert shown > _visible(leaks.STRANGER)
		hidden = visit(leaks.STRANGER).call(call, chart_name="Channel Test Chart")
		assert sum(figures(hidden.json().get("message"))) == _visible(leaks.STRANGER), hidden.text


def test_open_counts_of_linked_records(visit: Visit, target: Target) -> None:
	"""A dashboard of another record counts no hidden ones."""
	answer = visit(leaks.STRANGER).call(
		"frappe.desk.notifications.get_open_count",
		doctype="User",
		name=leaks.STRANGER,
		items=json.dumps([ARCHIVE, "Archive Contact"]),
	)
	assert not any(
		str(number) in answer.text
		for number in range(1, 100)
		if f'"count":{number}' in answer.text.replace(" ", "")
	), answer.text
