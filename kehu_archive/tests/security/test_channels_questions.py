"""Questions that carry more than columns, reach from elsewhere into an archive, or call a guarded function by a back door (R-DSC-02, R-QRY-02)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import frappe
import pytest

from kehu_archive.tests.security import leaks
from kehu_archive.tests.security.conftest import Visitor
from kehu_archive.tests.security.leaks import Target

Visit = Callable[[str | None], Visitor]
ARCHIVE = "Customer Archive"
SUBQUERY = "(select `customer_name` from `tabCustomer Archive` limit 1)"

QUESTIONS: dict[str, tuple[str, dict[str, Any]]] = {
	"a filter in SQL": ("frappe.client.get_list", {"doctype": ARCHIVE, "fields": ["customer_name"], "filters": json.dumps(["1=1 or 1=1"])}),
	"a filter in SQL over REST": (f"/api/resource/{ARCHIVE}", {"fields": '["customer_name"]', "filters": json.dumps(["1=1 or 1=1"])}),
	"a filter in SQL on another": (
		"frappe.client.get_list",
		{"doctype": "Note", "filters": json.dumps([f"exists (select 1 from `tab{ARCHIVE}`)"])},
	),
	"a union": (
		"frappe.client.get_list",
		{"doctype": "Note", "filters": json.dumps([f"1=0 union select customer_name from `tab{ARCHIVE}` -- "])},
	),
	"a query in a field": ("frappe.client.get_list", {"doctype": "Note", "fields": json.dumps([f"max({SUBQUERY}) as x"])}),
	"a query in a field of the report view": (
		"frappe.desk.reportview.get",
		{"doctype": "Note", "fields": json.dumps([f"count({SUBQUERY})"]), "filters": "[]"},
	),
	"a query in an order": ("frappe.client.get_list", {"doctype": "Note", "order_by": f"if({SUBQUERY} like 'a%', name, owner)"}),
	"a query in a group": (
		"frappe.desk.reportview.get",
		{"doctype": "Note", "fields": '["name"]', "filters": "[]", "group_by": f"{SUBQUERY}"},
	),
	"a query in a filter's field": (
		"frappe.client.get_list",
		{"doctype": "Note", "filters": json.dumps([[f"ifnull({SUBQUERY},'')", "like", "%"]])},
	),
	"a query in a filter field": (
		"frappe.desk.search.search_widget",
		{"doctype": "User", "txt": "", "filter_fields": json.dumps([f"name`, {SUBQUERY} as `x"])},
	),
	"a query in a chart": (
		"frappe.desk.doctype.dashboard_chart.dashboard_chart.get",
		{"chart": json.dumps({"name": "z", "chart_type": "Group By", "group_by_type": "Count", "document_type": "Note", "group_by_based_on": SUBQUERY})},
	),
	"a query in a card": (
		"frappe.desk.doctype.number_card.number_card.get_result",
		{"doc": json.dumps({"document_type": "Note", "function": "Maximum", "aggregate_function_based_on": SUBQUERY}), "filters": "[]"},
	),
	"a query in a report's column": (
		"frappe.desk.query_report.get_data_for_custom_field",
		{"doctype": "Note", "field": f"max({SUBQUERY})"},
	),
	"a table of ours from elsewhere": ("frappe.client.get_list", {"doctype": "Note", "fields": json.dumps([f"`tab{ARCHIVE}`.`customer_name`"])}),
	"a filter on a table of ours from elsewhere": (
		"frappe.client.get_list",
		{"doctype": "Tag", "filters": json.dumps([["Customer Archive Preference", "preference", "like", "%"]])},
	),
	"a contact's other link": ("frappe.client.get_list", {"doctype": "Archive Merge", "fields": json.dumps(["source_archive.customer_name"])}),
	"a grant's archive": ("frappe.client.get_list", {"doctype": "Access Grant", "fields": json.dumps(["archive.customer_name"])}),
	"a function over a column": ("frappe.client.get_list", {"doctype": ARCHIVE, "fields": json.dumps(["group_concat(customer_name) as x"])}),
	"the search index": ("frappe.client.get_list", {"doctype": "Note", "filters": json.dumps(["exists (select 1 from `__kehu_archive_search`)"])}),
	"a chart's distribution, called by search": (
		"frappe.desk.search.search_link",
		{
			"doctype": "",
			"query": "frappe.desk.doctype.dashboard_chart.dashboard_chart.get",
			"txt": json.dumps({"name": "q", "type": "Heatmap", "chart_type": "Count", "document_type": ARCHIVE, "based_on": "creation"}),
		},
	),
	"a list, called by search": (
		"frappe.desk.search.search_link",
		{"doctype": "Note", "query": "frappe.client.get_list", "txt": json.dumps([f"count({SUBQUERY}) as x"]), "searchfield": "name"},
	),
	"a tree's function on archives": (
		"frappe.desk.treeview.get_all_nodes",
		{"doctype": ARCHIVE, "label": "x", "parent": "y", "tree_method": "frappe.client.get_list"},
	),
	"link titles, called by the tree": (
		"frappe.desk.treeview.get_all_nodes",
		{"doctype": "Archive Contact", "label": "x", "parent": "y", "tree_method": "frappe.desk.search.get_link_title"},
	),
	"a goal": (
		"frappe.utils.goal.get_monthly_goal_graph_data",
		{
			"title": "x", "doctype": "User", "docname": leaks.STRANGER, "goal_value_field": "idx", "goal_total_field": "idx",
			"goal_history_field": "bio", "goal_doctype": "Archive Transaction", "goal_doctype_link": "owner", "goal_field": "amount",
			"date_field": "posted_on",
		},
	),
	"a map": ("frappe.geo.utils.get_coords", {"doctype": ARCHIVE, "filters": "[]", "type": "coordinates"}),
	"options of a web form": (
		"frappe.website.doctype.web_form.web_form.get_link_options",
		{"web_form_name": "request-data", "doctype": ARCHIVE, "allow_read_on_all_link_options": 1},
	),
	"data of a web form": (
		"frappe.website.doctype.web_form.web_form.get_form_data",
		{"web_form_name": "request-data", "doctype": ARCHIVE, "docname": "TARGET"},
	),
	"a portal's list": ("frappe.www.list.get_list_data", {"doctype": ARCHIVE}),
	"a portal's rows": ("frappe.www.list.get", {"doctype": ARCHIVE}),
	"live updates of a list": ("frappe.realtime.can_subscribe_doctype", {"doctype": ARCHIVE}),
	"a file's pack under another name": ("frappe.core.doctype.file.file.zip_files", {"files": json.dumps(["PAPER"])}),
}  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_reaches_past_the_rules(visit: Visit, target: Target, question: str) -> None:
	method, body = QUESTIONS[question]
	body = {
		key: value.replace("TARGET", target.archive).replace("PAPER", target.paper)
		if isinstance(value, str)
		else value
		for key, value in body.items()
	}
	for outsider in leaks.OUTSIDERS:
		visitor = visit(outsider)
		answer = (
			visitor.get(method, **body)
			if method.startswith("/")
			else visitor.post(f"/api/method/{method}", body)
		)
		assert answer.status_code in (401, 403, 404, 417), (
			question,
			outsider,
			answer.status_code,
			answer.text[:500],
		)
		assert not target.shown_in(answer.text), (question, outsider)


def test_a_longer_path_calls_the_same_function(visit: Visit, target: Target) -> None:
	"""Older versions read no further than the function's name."""
	answer = visit(leaks.STRANGER).post(
		"/api/method/frappe.www.list.get_list_data/further", {"doctype": ARCHIVE}
	)
	assert answer.status_code >= 400, answer.text
	answer = visit(leaks.STRANGER).post("/?cmd=frappe.www.list.get_list_data", {"doctype": ARCHIVE})
	assert answer.status_code >= 400, answer.text


@pytest.mark.parametrize(
	"question",
	["a filter in SQL", "a function over a column", "a query in a field", "a table of ours from elsewhere"],
)
def test_insiders_ask_plain_questions_too(visit: Visit, target: Target, question: str) -> None:
	method, body = QUESTIONS[question]
	assert visit(leaks.INSIDER).post(f"/api/method/{method}", body).status_code >= 400


PLAIN: dict[str, dict[str, Any]] = {
	"columns with aliases": {
		"doctype": "User",
		"fields": ["name as user", "`tabUser`.`full_name`"],
		"order_by": "`tabUser`.`modified` desc, name asc",
	},
	"a count": {"doctype": "User", "fields": ["count(name) as total"]},
	"a word in a value": {
		"doctype": "User",
		"filters": json.dumps([["full_name", "like", "%(select x from y)%"]]),
	},
	"four parts": {"doctype": "User", "filters": json.dumps([["User", "enabled", "=", 1]])},
	"rows of a user": {
		"doctype": "User",
		"fields": ["name", "`tabHas Role`.`role`"],
		"filters": json.dumps([["Has Role", "role", "=", "System Manager"]]),
	},
}


@pytest.mark.parametrize("question", PLAIN)
def test_the_framework_answers_others_as_ever(visit: Visit, target: Target, question: str) -> None:
	"""The guards leave questions about other records alone."""
	answer = visit(leaks.MANAGER).call("frappe.client.get_list", **PLAIN[question])
	assert answer.status_code == 200, answer.text
	assert isinstance(answer.json()["message"], list)


OURS_PLAIN: dict[str, dict[str, Any]] = {
	"a table's column": {"doctype": ARCHIVE, "fields": ["name", "preferences.preference"]},
	"two filters": {
		"doctype": ARCHIVE,
		"filters": [["name", "!=", ""], [ARCHIVE, "customer_name", "like", "%(select)%"]],
	},
	"a filter on a row": {
		"doctype": ARCHIVE,
		"filters": [["Customer Archive Preference", "preference", "is", "set"]],
	},
	"an order": {
		"doctype": ARCHIVE,
		"order_by": "`tabCustomer Archive`.`modified` desc, `customer_name` asc",
	},
	"everything": {"doctype": ARCHIVE, "fields": ["*"]},
	"an aggregate": {
		"doctype": "Archive Transaction",
		"fields": ["sum(amount) as amount", "count(name) as deals"],
	},
	"a contact's archive": {
		"doctype": "Archive Contact",
		"fields": ["name", "archive.customer_name as customer"],
	},
}


@pytest.mark.parametrize("question", OURS_PLAIN)
def test_plain_questions_about_archives_are_answered(visit: Visit, target: Target, question: str) -> None:
	answer = visit(leaks.INSIDER).call("frappe.client.get_list", **OURS_PLAIN[question])
	assert answer.status_code == 200, answer.text
	assert isinstance(answer.json()["message"], list)


def test_another_apps_link_does_not_tell_what_exists(visit: Visit, target: Target, db: Any) -> None:
	"""A document of others with a link to an archive is saved only when the archive is open; a missing one answers the same."""
	from frappe.custom.doctype.custom_field.custom_field import create_custom_field

	if not frappe.get_meta("Note").has_field("channel_archive"):
		create_custom_field(
			"Note",
			{"fieldname": "channel_archive", "label": "Archive", "fieldtype": "Link", "options": ARCHIVE},
		)
		frappe.db.commit()
	answers = [
		visit(leaks.STRANGER).post("/api/resource/Note", {"title": f"n{name}", "channel_archive": name})
		for name in (target.archive, target.missing)
	]
	assert leaks.shape(answers[0], target.archive) == leaks.shape(answers[1], target.missing)
	assert answers[0].status_code == 403
	assert (
		visit(leaks.INSIDER)
		.post("/api/resource/Note", {"title": f"i{target.archive}", "channel_archive": target.archive})
		.status_code
		== 200
	)
	joined = visit(leaks.STRANGER).call(
		"frappe.client.get_list", doctype="Note", fields=["name", "channel_archive.customer_name"]
	)
	assert joined.status_code == 403
	assert target.mark not in joined.text


def test_every_road_that_names_a_parameter_is_known_to_the_framework() -> None:
	"""A guard on a function that the running version does not have would guard nothing: only those of other versions may be missing."""
	from kehu_archive import hooks
	from kehu_archive.permissions.guards import calls

	elsewhere = {"frappe.utils.print_format.download_multi_pdf_async"}
	for path in (*hooks.override_whitelisted_methods, *calls.CLOSED):
		if path not in elsewhere:
			assert calls._function(path) is not None, path
