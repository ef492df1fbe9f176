"""Shares, assignments, following, notices, boards, keys, kept results and mailed reports: none hands a record on past the rules (R-OUT-04, R-DSC-02)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import frappe
import pytest

from kehu_archive.exceptions import AccessDeniedError
from kehu_archive.permissions.guards import sharing
from kehu_archive.tests import factories
from kehu_archive.tests.security import leaks
from kehu_archive.tests.security.conftest import Visitor
from kehu_archive.tests.security.leaks import Target

Visit = Callable[[str | None], Visitor]
ARCHIVE = "Customer Archive"


@pytest.mark.parametrize("sharer", [leaks.INSIDER, leaks.KEEPER])
def test_nobody_shares_an_archive(visit: Visit, target: Target, sharer: str) -> None:
	visitor = visit(sharer)
	for answer in (
		visitor.call("frappe.share.add", doctype=ARCHIVE, name=target.archive, user=leaks.STRANGER, read=1),
		visitor.call("frappe.share.add", doctype=ARCHIVE, name=target.archive, everyone=1, read=1),
		visitor.call(
			"frappe.share.set_permission",
			doctype=ARCHIVE,
			name=target.archive,
			user=leaks.STRANGER,
			permission_to="read",
		),
		visitor.post(
			"/api/resource/DocShare",
			{"share_doctype": ARCHIVE, "share_name": target.archive, "user": leaks.STRANGER, "read": 1},
		),
		visitor.call(
			"frappe.desk.form.assign_to.add",
			doctype=ARCHIVE,
			name=target.archive,
			assign_to=json.dumps([leaks.STRANGER]),
		),
	):
		assert answer.status_code >= 400, answer.text[:300]
	frappe.db.rollback()
	assert not frappe.db.count("DocShare", {"share_name": target.archive})
	assert not frappe.db.count("ToDo", {"reference_name": target.archive, "allocated_to": leaks.STRANGER})


def test_a_share_from_before_is_taken_away_by_the_migration(visit: Visit, target: Target) -> None:
	frappe.set_user("Administrator")
	frappe.db.sql(
		"insert into `tabDocShare` (name, user, share_doctype, share_name, `read`) select coalesce(max(name), 0) + 1, %s, %s, %s, 1 from `tabDocShare`",
		(leaks.STRANGER, ARCHIVE, target.archive),
	)
	assert frappe.db.count("DocShare", {"share_name": target.archive}) == 1
	sharing.remove_old()
	frappe.db.commit()
	assert not frappe.db.count("DocShare", {"share_name": target.archive})
	assert visit(leaks.STRANGER).get(f"/api/resource/{ARCHIVE}/{target.archive}").status_code == 403


def test_an_assignment_to_somebody_who_may_read_it_works(
	visit: Visit, target: Target, people: factories.People
) -> None:
	answer = visit(leaks.INSIDER).call(
		"frappe.desk.form.assign_to.add",
		doctype=ARCHIVE,
		name=target.archive,
		assign_to=json.dumps([people[leaks.KEEPER]]),
		description="看一下",
	)
	assert answer.status_code == 200, answer.text[:300]


def test_a_notice_to_somebody_who_may_not_read_it_is_empty(
	db: Any, target: Target, people: factories.People
) -> None:
	for user, is_told in ((leaks.STRANGER, False), (people[leaks.INSIDER], True)):
		notice = frappe.get_doc(
			{
				"doctype": "Notification Log",
				"for_user": user,
				"from_user": "Administrator",
				"type": "Mention",
				"document_type": ARCHIVE,
				"document_name": target.archive,
				"subject": f"about {target.mark}",
				"email_content": target.mark,
			}
		)
		notice.run_method("before_insert")
		assert (target.mark in json.dumps(notice.as_dict(), default=str, ensure_ascii=False)) is is_told, user


def test_following_an_archive_does_not_begin(db: Any, target: Target) -> None:
	follow = frappe.get_doc(
		{
			"doctype": "Document Follow",
			"ref_doctype": ARCHIVE,
			"ref_docname": target.archive,
			"user": leaks.STRANGER,
		}
	)
	follow.insert(ignore_permissions=True)
	assert not frappe.db.exists("Document Follow", follow.name)


def _own_report() -> str:
	name = "Channel Report of Archives"
	if not frappe.db.exists("Report", name):
		frappe.get_doc(
			{
				"doctype": "Report",
				"report_name": name,
				"ref_doctype": ARCHIVE,
				"report_type": "Report Builder",
				"is_standard": "No",
				"json": "{}",
			}
		).insert(ignore_permissions=True)
	return name


@pytest.mark.parametrize(
	"values",
	[
		{
			"doctype": "Kanban Board",
			"kanban_board_name": "B",
			"reference_doctype": ARCHIVE,
			"field_name": "workflow_state",
		},
		{
			"doctype": "Auto Repeat",
			"reference_doctype": ARCHIVE,
			"reference_document": "X",
			"frequency": "Daily",
			"start_date": "2026-01-01",
		},
		{
			"doctype": "Auto Email Report",
			"report": "REPORT",
			"user": "Administrator",
			"email_to": "a@b.c",
			"frequency": "Daily",
			"format": "HTML",
		},
		{"doctype": "Prepared Report", "report_name": "REPORT"},
		{"doctype": "Document Share Key", "reference_doctype": ARCHIVE, "reference_docname": "X"},
		{"doctype": "Web Form", "title": "W", "doc_type": ARCHIVE, "web_form_fields": []},
	],
	ids=lambda values: values["doctype"],
)
def test_no_copy_is_kept_for_others(db: Any, target: Target, values: dict[str, Any]) -> None:
	filled = {
		key: {"REPORT": _own_report(), "X": target.archive}.get(value, value)
		if isinstance(value, str)
		else value
		for key, value in values.items()
	}
	doc = frappe.get_doc(filled)
	doc.flags.ignore_links = True
	# The framework itself refuses to repeat a document whose DocType does not allow it.
	with pytest.raises(frappe.ValidationError if doc.doctype == "Auto Repeat" else AccessDeniedError):
		doc.insert(ignore_permissions=True)


def test_no_key_opens_the_print(visit: Visit, target: Target) -> None:
	"""A key that exists all the same opens nothing."""
	frappe.set_user("Administrator")
	key = frappe.get_doc(
		{
			"doctype": "Document Share Key",
			"reference_doctype": ARCHIVE,
			"reference_docname": target.archive,
			"key": frappe.generate_hash(),
			"expires_on": "2099-01-01",
		}
	)
	key.name = frappe.generate_hash()
	key.db_insert()
	frappe.db.commit()
	for outsider in leaks.OUTSIDERS:
		for answer in (
			visit(outsider).get("/printview", doctype=ARCHIVE, name=target.archive, key=key.key),
			visit(outsider).get(
				"/printview", doctype=ARCHIVE, name=target.archive, key=key.key, format="Standard"
			),
			visit(outsider).get(
				"/api/method/frappe.utils.print_format.download_pdf",
				doctype=ARCHIVE,
				name=target.archive,
				key=key.key,
			),
		):
			assert target.mark not in answer.text
			assert answer.status_code in (401, 403), (outsider, answer.status_code)
	shown = visit(leaks.KEEPER).get("/printview", doctype=ARCHIVE, name=target.archive)
	assert target.mark in shown.text, shown.text[:300]
	frappe.db.delete("Document Share Key", {"name": key.name})
	frappe.db.commit()


def test_several_prints_in_one(visit: Visit, target: Target) -> None:
	"""Nothing of a hidden archive comes along with others, in either form of the call."""
	for outsider in leaks.OUTSIDERS:
		for body in (
			{"doctype": ARCHIVE, "name": json.dumps([target.archive])},
			{"doctype": {ARCHIVE: [target.archive]}, "name": "x"},
			{"doctype": json.dumps({ARCHIVE: [target.archive]}), "name": "x"},
		):
			answer = visit(outsider).post("/api/method/frappe.utils.print_format.download_multi_pdf", body)
			assert not answer.content.startswith(b"%PDF"), (outsider, body)
			assert answer.status_code >= 400


@pytest.mark.parametrize("is_new", [{}, {"__islocal": 1}], ids=["as stored", "as new"])
@pytest.mark.parametrize(
	"forged", ["archive", "owner", "responsible", "department", "custodian", "workflow_state"]
)
def test_a_sent_document_is_judged_by_what_is_stored(
	visit: Visit, target: Target, forged: str, is_new: dict[str, int]
) -> None:
	"""R-DSC-02: run_doc_method and the print take a document from the caller."""
	stranger = visit(leaks.STRANGER)
	for doctype, name in ((ARCHIVE, target.archive), ("Archive Contact", target.contact)):
		document = json.dumps(
			{
				"doctype": doctype,
				"name": name,
				forged: leaks.STRANGER,
				**is_new,
				"customer_name": "x",
				"full_name": "x",
			}
		)
		for answer in (
			stranger.post("/api/method/run_doc_method", {"docs": document, "method": "get_title"}),
			stranger.call("frappe.www.printview.get_html_and_style", doc=document),
			stranger.call("frappe.client.save", doc=document),
			stranger.call("frappe.desk.form.save.savedocs", doc=document, action="Save"),
		):
			assert target.mark not in answer.text, (doctype, answer.text[:300])
			# What is sent as new is saved as new, under another name, or not at all.
			assert answer.status_code >= 400 or f'"name":"{name}"' not in answer.text, (
				doctype,
				answer.text[:300],
			)
	assert frappe.db.get_value(ARCHIVE, target.archive, "owner") != leaks.STRANGER
