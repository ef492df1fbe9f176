"""A record that is hidden and a record that is missing: whoever asks for one by name gets the same status and the same words for both (R-DSC-02).

Each road takes a name; the test asks it for the hidden archive's and for one that nothing has, and compares the two answers with the names blotted out. The
insider's answer for his own archive has to be another one, so that the comparison can fail.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import frappe
import pytest
import requests

from kehu_archive.tests.security import leaks
from kehu_archive.tests.security.conftest import Visitor
from kehu_archive.tests.security.leaks import Target

Visit = Callable[[str | None], Visitor]
Road = Callable[[Visitor, str], requests.Response]
ARCHIVE = "Customer Archive"


def _call(path: str, name_key: str = "name", doctype_key: str = "doctype", **more: Any) -> Road:
	return lambda visitor, name: visitor.call(path, **{doctype_key: ARCHIVE, name_key: name, **more})


def _document(path: str, key: str = "doc", **more: Any) -> Road:
	def road(visitor: Visitor, name: str) -> requests.Response:
		document = {
			"doctype": ARCHIVE,
			"name": name,
			"customer_name": "甲",
			"modified": "2026-01-01 00:00:00.000000",
		}
		return visitor.call(path, **{key: json.dumps(document), **more})

	return road


def _inserted(doctype: str, **fields: Any) -> Road:
	"""A new record that names the archive."""

	def road(visitor: Visitor, name: str) -> requests.Response:
		values = {key: name if value is NAME else value for key, value in fields.items()}
		return visitor.post(f"/api/resource/{doctype}", values)

	return road


NAME = object()
ASKED: dict[str, Road] = {
	"rest read": lambda visitor, name: visitor.get(f"/api/resource/{ARCHIVE}/{name}"),
	"rest change": lambda visitor, name: visitor.put(f"/api/resource/{ARCHIVE}/{name}", {"address": "乙"}),
	"rest change with a bad date": lambda visitor, name: visitor.put(
		f"/api/resource/{ARCHIVE}/{name}", {"archive_date": "昨天"}
	),
	"rest delete": lambda visitor, name: visitor.delete(f"/api/resource/{ARCHIVE}/{name}"),
	"rest method": lambda visitor, name: visitor.get(
		f"/api/resource/{ARCHIVE}/{name}", run_method="get_title"
	),
	"rest method by post": lambda visitor, name: visitor.post(
		f"/api/resource/{ARCHIVE}/{name}", {"run_method": "add_comment"}
	),
	"get": _call("frappe.client.get"),
	"get by filter": lambda visitor, name: visitor.call(
		"frappe.client.get", doctype=ARCHIVE, filters=json.dumps({"name": name})
	),
	"value": _call("frappe.client.get_value", "filters", fieldname="customer_name"),
	"set value": _call("frappe.client.set_value", fieldname="address", value="乙"),
	"save": _document("frappe.client.save"),
	"form save": _document("frappe.desk.form.save.savedocs", action="Save"),
	"bulk update": lambda visitor, name: visitor.call(
		"frappe.client.bulk_update", docs=json.dumps([{"doctype": ARCHIVE, "docname": name, "address": "乙"}])
	),
	"delete": _call("frappe.client.delete"),
	"rename": lambda visitor, name: visitor.call(
		"frappe.client.rename_doc", doctype=ARCHIVE, old_name=name, new_name=f"{name}A"
	),
	"title": _call("frappe.model.rename_doc.update_document_title", "docname", title="丙"),
	"may I": _call("frappe.client.has_permission", "docname"),
	"rights": _call("frappe.client.get_doc_permissions", "docname"),
	"link title": _call("frappe.desk.search.get_link_title", "docname"),
	"validate link": _call("frappe.client.validate_link", "docname"),
	"validate link with fields": _call("frappe.client.validate_link", "docname", fields='["customer_name"]'),
	"preview": _call("frappe.desk.link_preview.get_preview_data", "docname"),
	"form": _call("frappe.desk.form.load.getdoc"),
	"beside the form": _call("frappe.desk.form.load.get_docinfo"),
	"mails": _call("frappe.desk.form.load.get_communications"),
	"next": lambda visitor, name: visitor.call(
		"frappe.desk.form.utils.get_next", doctype=ARCHIVE, value=name, prev=0
	),
	"open counts": _call("frappe.desk.notifications.get_open_count"),
	"linked": _call("frappe.desk.form.linked_with.get", "docname"),
	"like": _call("frappe.desk.like.toggle_like", add="Yes"),
	"tag": _call("frappe.desk.doctype.tag.tag.add_tag", "dn", "dt", tag="丁"),
	"tags": lambda visitor, name: visitor.call(
		"frappe.desk.doctype.tag.tag.add_tags", dt=ARCHIVE, docs=json.dumps([name]), tags=json.dumps(["丁"])
	),
	"untag": _call("frappe.desk.doctype.tag.tag.remove_tag", "dn", "dt", tag="丁"),
	"follow": _call("frappe.desk.form.document_follow.update_follow", "doc_name", following=1),
	"followers": _call("frappe.desk.form.document_follow.get_follow_users", "doc_name"),
	"share": _call("frappe.share.add", user=leaks.STRANGER, read=1),
	"shares": _call("frappe.share.get_users"),
	"assign": lambda visitor, name: visitor.call(
		"frappe.desk.form.assign_to.add", doctype=ARCHIVE, name=name, assign_to=json.dumps([leaks.STRANGER])
	),
	"assign in arguments": lambda visitor, name: visitor.call(
		"frappe.desk.form.assign_to.add",
		args=json.dumps({"doctype": ARCHIVE, "name": name, "assign_to": json.dumps([leaks.STRANGER])}),
	),
	"assign several": lambda visitor, name: visitor.call(
		"frappe.desk.form.assign_to.add_multiple",
		doctype=ARCHIVE,
		name=json.dumps([name]),
		assign_to=json.dumps([leaks.STRANGER]),
	),
	"unassign": _call("frappe.desk.form.assign_to.remove", assign_to=leaks.STRANGER),
	"comment": _call(
		"frappe.desk.form.utils.add_comment",
		"reference_name",
		"reference_doctype",
		content="戊",
		comment_email="a@b.c",
		comment_by="a",
	),
	"website comment": _call(
		"frappe.templates.includes.comments.comments.add_comment",
		"reference_name",
		"reference_doctype",
		comment="己",
		comment_email="a@b.c",
		comment_by="a",
		route="",
	),
	"website like": _call(
		"frappe.templates.includes.likes.likes.like", "reference_name", "reference_doctype", like=1
	),
	"discussion": _call(
		"frappe.website.doctype.discussion_topic.discussion_topic.submit_discussion",
		"docname",
		reply="庚",
		title="庚",
	),
	"reminder": _call(
		"frappe.automation.doctype.reminder.reminder.create_new_reminder",
		"reminder_docname",
		"reminder_doctype",
		remind_at="2099-01-01 00:00:00",
		description="辛",
	),
	"transitions": _document("frappe.model.workflow.get_transitions"),
	"workflow": _document("frappe.model.workflow.apply_workflow", action="Seal"),
	"workflow of several": lambda visitor, name: visitor.call(
		"frappe.model.workflow.bulk_workflow_approval",
		docnames=json.dumps([name]),
		doctype=ARCHIVE,
		action="Seal",
	),
	"document method": lambda visitor, name: visitor.post(
		"/api/method/run_doc_method", {"dt": ARCHIVE, "dn": name, "method": "get_title"}
	),
	"document method by sent document": lambda visitor, name: visitor.post(
		"/api/method/run_doc_method",
		{
			"docs": json.dumps({"doctype": ARCHIVE, "name": name, "customer_name": "甲"}),
			"method": "get_title",
		},
	),
	"bulk edit": lambda visitor, name: visitor.call(
		"frappe.desk.doctype.bulk_update.bulk_update.submit_cancel_or_update_docs",
		doctype=ARCHIVE,
		docnames=json.dumps([name]),
		action="update",
		data=json.dumps({"address": "壬"}),
	),
	"delete from the list": lambda visitor, name: visitor.call(
		"frappe.desk.reportview.delete_items", doctype=ARCHIVE, items=json.dumps([name])
	),
	"print": lambda visitor, name: visitor.get("/printview", doctype=ARCHIVE, name=name),
	"print with a key": lambda visitor, name: visitor.get(
		"/printview", doctype=ARCHIVE, name=name, key="abcdef"
	),
	"print html": lambda visitor, name: visitor.call(
		"frappe.www.printview.get_html_and_style", doc=ARCHIVE, name=name
	),
	"print html of a sent document": _document("frappe.www.printview.get_html_and_style"),
	"pdf": _call("frappe.utils.print_format.download_pdf"),
	"several pdf": lambda visitor, name: visitor.call(
		"frappe.utils.print_format.download_multi_pdf", doctype=ARCHIVE, name=json.dumps([name])
	),
	"pdf of the builder": _call("frappe.utils.weasyprint.download_pdf", print_format="Standard"),
	"mail": _call(
		"frappe.core.doctype.communication.email.make",
		recipients="a@b.c",
		content="癸",
		subject="癸",
		send_email=0,
	),
	"live updates": _call("frappe.realtime.can_subscribe_doc", "docname"),
	"attach": _call(
		"frappe.client.attach_file",
		"docname",
		filename="a.txt",
		filedata="YQ==",
		decode_base64=1,
		is_private=1,
	),
	"upload": lambda visitor, name: visitor.session.post(
		f"{visitor.base_url}/api/method/upload_file",
		data={"doctype": ARCHIVE, "docname": name, "is_private": 1, "file_name": "b.txt"},
		files={"file": ("b.txt", b"b")},
		timeout=60,
	),
	"pictures": lambda visitor, name: visitor.call(
		"frappe.core.api.file.get_attached_images", doctype=ARCHIVE, names=json.dumps([name])
	),
	"energy points": _call("frappe.social.doctype.energy_point_log.energy_point_log.get_reviews", "docname"),
	"goal": _call(
		"frappe.utils.goal.get_monthly_goal_graph_data",
		"docname",
		title="x",
		goal_value_field="y",
		goal_total_field="z",
		goal_history_field="h",
		goal_doctype="ToDo",
		goal_doctype_link="owner",
		goal_field="idx",
		date_field="creation",
	),
	"contact of it": _inserted("Archive Contact", archive=NAME, full_name="张"),
	"transaction of it": _inserted("Archive Transaction", archive=NAME, posted_on="2026-01-01", amount=1),
	"complaint about it": _inserted("Customer Complaint", archive=NAME, complainant="李"),
	"feedback about it": _inserted("Customer Feedback", archive=NAME, content="王"),
	"secret of it": _inserted(
		"Sensitive Record", archive=NAME, record_kind="Bank Account", value="6222021234567890128"
	),
	"assignment of it": _inserted("ToDo", reference_type=ARCHIVE, reference_name=NAME, description="赵"),
	"comment on it": _inserted(
		"Comment", comment_type="Comment", reference_doctype=ARCHIVE, reference_name=NAME, content="钱"
	),
	"share of it": _inserted("DocShare", share_doctype=ARCHIVE, share_name=NAME, user=leaks.STRANGER, read=1),
	"file on it": _inserted(
		"File",
		file_name="c.txt",
		content="c",
		is_private=1,
		attached_to_doctype=ARCHIVE,
		attached_to_name=NAME,
	),
	"insert by call": lambda visitor, name: visitor.call(
		"frappe.client.insert",
		doc=json.dumps({"doctype": "Archive Contact", "archive": name, "full_name": "孙"}),
	),
	"card": lambda visitor, name: visitor.call("kehu_archive.api.search.card", name=name),
	"overview": lambda visitor, name: visitor.call("kehu_archive.api.overview.get", archive=name),
	"similar": lambda visitor, name: visitor.call("kehu_archive.api.duplicates.similar", archive=name),
	"count of one": lambda visitor, name: visitor.call(
		"frappe.client.get_count", doctype=ARCHIVE, filters=json.dumps({"name": name})
	),
	"list of one": lambda visitor, name: visitor.get(
		f"/api/resource/{ARCHIVE}", filters=json.dumps([["name", "=", name]])
	),
	"search for one": lambda visitor, name: visitor.call(
		"frappe.desk.search.search_link", doctype=ARCHIVE, txt=name
	),
}


@pytest.mark.parametrize("road", ASKED)
@pytest.mark.parametrize("outsider", leaks.OUTSIDERS)
def test_hidden_and_missing_are_one(visit: Visit, target: Target, road: str, outsider: str | None) -> None:
	hidden = ASKED[road](visit(outsider), target.archive)
	missing = ASKED[road](visit(outsider), target.missing)
	assert leaks.shape(hidden, target.archive) == leaks.shape(missing, target.missing), road
	assert target.mark not in hidden.text, road


#: Roads that end for the insider as for anybody else, whatever he asks for.
CLOSED_TO_ALL = (
	"delete", "delete from the list", "rest delete", "rename", "follow", "followers", "share", "share of it", "mail", "website comment",
	"website like", "discussion", "goal", "pdf of the builder", "rest method by post", "bulk update", "secret of it", "comment on it",
	"assign", "assign in arguments", "assign several", "unassign", "form save", "save", "transitions", "workflow", "workflow of several",
	"print with a key", "link title", "preview", "open counts", "linked", "pictures", "energy points", "next", "shares", "untag",
)  # fmt: skip


@pytest.mark.parametrize("road", [road for road in ASKED if road not in CLOSED_TO_ALL])
def test_the_insiders_answer_differs(visit: Visit, target: Target, road: str) -> None:
	"""Otherwise the comparison above could not fail."""
	shown = leaks.shape(ASKED[road](visit(leaks.INSIDER), target.archive), target.archive)
	missing = leaks.shape(ASKED[road](visit(leaks.INSIDER), target.missing), target.missing)
	assert shown != missing, (road, shown)


def test_a_links_title_is_shown_with_its_record_only(visit: Visit, target: Target) -> None:
	"""Contacts show their name in links; the form of another record brings the names of what it links."""
	ask = {"doctype": "Archive Contact", "docname": target.contact}
	call = "frappe.desk.search.get_link_title"
	assert target.mark in visit(leaks.INSIDER).call(call, **ask).json()["message"]
	for outsider in leaks.OUTSIDERS:
		assert target.mark not in visit(outsider).call(call, **ask).text
	assert visit(leaks.STRANGER).call(call, **ask).json()["message"] == target.contact


@pytest.mark.parametrize(
	"doctype",
	[
		"Archive Contact",
		"Archive Transaction",
		"Customer Complaint",
		"Sensitive Record",
		"Customer Archive Preference",
		"File",
		"ToDo",
		"Comment",
		"Communication",
	],
)
def test_hidden_records_of_the_archive_are_as_missing(visit: Visit, target: Target, doctype: str) -> None:
	name = {
		"Archive Contact": target.contact,
		"Archive Transaction": target.transaction,
		"Customer Complaint": target.complaint,
		"Sensitive Record": target.sensitive,
		"Customer Archive Preference": target.row,
		"File": target.paper,
		"ToDo": target.todo,
		"Comment": target.comment,
		"Communication": target.communication,
	}[doctype]
	ours = doctype not in ("File", "ToDo", "Comment", "Communication")
	for outsider in leaks.OUTSIDERS:
		hidden = visit(outsider).get(f"/api/resource/{doctype}/{name}")
		missing = visit(outsider).get(f"/api/resource/{doctype}/0000000000")
		assert hidden.status_code >= 400, (outsider, hidden.text)
		assert target.mark not in hidden.text
		if ours:
			assert leaks.shape(hidden, name) == leaks.shape(missing, "0000000000"), (doctype, outsider)


def test_nothing_was_done_to_the_archive_by_all_this(visit: Visit, target: Target) -> None:
	"""Runs after the attempts above: no like, tag, share, follower, assignment or file came from an outsider."""
	frappe.db.rollback()
	outsiders = (leaks.STRANGER, leaks.CLERK, leaks.VISITOR, "Guest")
	for doctype, field in (
		("File", "attached_to_name"),
		("Comment", "reference_name"),
		("ToDo", "reference_name"),
		("Archive Contact", "archive"),
		("Tag Link", "document_name"),
	):
		assert not frappe.get_all(doctype, filters={field: target.archive, "owner": ("in", outsiders)}), (
			doctype
		)
	assert not frappe.get_all("DocShare", filters={"share_name": target.archive})
	assert not frappe.get_all("Document Follow", filters={"ref_docname": target.archive})
	liked = frappe.db.get_value(ARCHIVE, target.archive, "_liked_by") or ""
	assert leaks.STRANGER not in liked
