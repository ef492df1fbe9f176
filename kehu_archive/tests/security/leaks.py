"""What a stranger must not learn, and how one tells that he did: an archive full of marks, and the comparison of two answers."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from typing import Any

import frappe
import requests

from kehu_archive.domain import roles
from kehu_archive.tests import factories

STRANGER = "channel.stranger@kehu.test"
CLERK = "channel.clerk@kehu.test"
VISITOR = "channel.visitor@kehu.test"
#: Has every power of the framework and no role of ours.
MANAGER = "channel.manager@kehu.test"
GUEST = None
INSIDER = roles.SALESPERSON
KEEPER = roles.CUSTOMER_SERVICE_MANAGER
#: A salesman of another department, a system user without a role of ours, a website user, nobody.
OUTSIDERS = (STRANGER, CLERK, VISITOR, GUEST)
ELSEWHERE = "外地分公司"


@dataclass(frozen=True)
class Target:
	"""An archive of the sales department with something of everything, each with the same mark in it."""

	archive: str
	mark: str
	contact: str
	transaction: str
	complaint: str
	row: str
	sensitive: str
	paper: str
	paper_url: str
	comment: str
	todo: str
	communication: str
	tag: str
	#: A name of the same shape that no archive has.
	missing: str

	@property
	def traces(self) -> tuple[str, ...]:
		"""What must not appear in an answer to somebody who may not see the archive and did not name it."""
		return (self.mark, self.archive, self.contact, self.transaction)

	def shown_in(self, text: str) -> list[str]:
		"""The traces in an answer, also where it spells characters as escapes."""
		plain = text + _unescaped(text)
		return [trace for trace in self.traces if trace in plain]


def _unescaped(text: str) -> str:
	return re.sub(r"\\+u([0-9a-fA-F]{4})", lambda found: chr(int(found.group(1), 16)), text)


def ensure_people() -> None:
	"""The outsiders, committed."""
	frappe.set_user("Administrator")
	factories.ensure_user(STRANGER, roles.SALESPERSON)
	factories.leave_departments(STRANGER)
	factories.join_department(STRANGER, ELSEWHERE)
	factories.ensure_user(CLERK, "Report Manager")
	factories.ensure_user(VISITOR, user_type="Website User")
	# The framework makes the first user of a site a system manager whatever one asked for.
	factories.ensure_user(MANAGER, "System Manager")
	users = [factories.email(role) for role in roles.ROLES] + [STRANGER, CLERK, VISITOR]
	frappe.db.delete("Has Role", {"role": "System Manager", "parent": ("in", users)})
	frappe.clear_cache()
	frappe.db.commit()


def make_target(people: factories.People) -> Target:
	"""The archive, filed through the real steps and committed."""
	ensure_people()
	mark = "密" + secrets.token_hex(5)
	with factories.acting(people[roles.SALESPERSON]):
		archive = factories.make_archive(
			customer_name=f"{mark}机电有限公司",
			address=f"{mark}路 1 号",
			main_contact=f"{mark}人",
			preferences=[{"category": "Product", "preference": f"{mark}好"}],
		).name
		deal = factories.make_transaction(archive, transaction_no=f"{mark}单").name
		complaint = _complaint(archive, mark)
	factories.advance(archive, people)
	frappe.set_user("Administrator")
	paper = _paper(archive, mark, people[roles.SALESPERSON])
	doc = frappe.get_doc("Customer Archive", archive)
	comment = doc.add_comment("Comment", text=f"{mark}评").name
	doc.add_tag(f"{mark}签")
	todo = _todo(archive, mark, people[roles.SALESPERSON])
	mail = _mail(archive, mark)
	sensitive = frappe.get_doc(
		{
			"doctype": "Sensitive Record",
			"archive": archive,
			"record_kind": "Bank Account",
			"value": "6222021234567890128",
		}
	).insert()
	frappe.db.commit()
	return Target(
		archive=archive,
		mark=mark,
		contact=frappe.db.get_value(
			"Archive Contact", {"archive": archive, "full_name": f"{mark}人"}, "name"
		),
		transaction=deal,
		complaint=complaint,
		row=frappe.db.get_value("Customer Archive Preference", {"parent": archive}, "name"),
		sensitive=sensitive.name,
		paper=paper.name,
		paper_url=paper.file_url,
		comment=comment,
		todo=todo,
		communication=mail,
		tag=f"{mark}签",
		missing=archive[:-4] + "9999" if archive[-4:].isdigit() else f"{archive}9",
	)


def _complaint(archive: str, mark: str) -> str:
	values = {
		"archive": archive,
		"complainant": f"{mark}诉",
		"complaint_kind": "Quality",
		"complaint_object": "轴承",
		"complaint_content": f"{mark}响",
		"demand": "退货",
	}
	return str(frappe.get_doc({"doctype": "Customer Complaint", **values}).insert().name)


def _paper(archive: str, mark: str, uploader: str) -> Any:
	paper = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": f"{mark}.txt",
			"content": f"{mark}文",
			"is_private": 1,
			"attached_to_doctype": "Customer Archive",
			"attached_to_name": archive,
		}
	).insert()
	frappe.db.set_value("File", paper.name, "owner", uploader)
	return paper


def _todo(archive: str, mark: str, user: str) -> str:
	values = {
		"reference_type": "Customer Archive",
		"reference_name": archive,
		"description": f"{mark}办",
		"allocated_to": user,
	}
	return str(frappe.get_doc({"doctype": "ToDo", **values}).insert().name)


def _mail(archive: str, mark: str) -> str:
	values = {
		"communication_type": "Communication",
		"communication_medium": "Other",
		"subject": f"{mark}信",
		"content": f"{mark}容",
		"reference_doctype": "Customer Archive",
		"reference_name": archive,
		"sent_or_received": "Sent",
	}
	return str(frappe.get_doc({"doctype": "Communication", **values}).insert().name)


def shape(answer: requests.Response, *names: str) -> tuple[int, str]:
	"""Status and body, with the names that were asked for blotted out and what differs between any two requests left out."""
	text = answer.text
	for name in sorted(names, key=len, reverse=True):
		text = text.replace(name, "NAME")
	if "json" in answer.headers.get("content-type", ""):
		body = json.loads(text)
		if isinstance(body, dict):
			for volatile in ("exc", "exception", "_debug_messages"):
				body.pop(volatile, None)
		text = json.dumps(body, sort_keys=True, ensure_ascii=False)
	return answer.status_code, re.sub(r"[0-9a-f]{56}|\d{4}-\d\d-\d\d[ T][\d:.]+", "", text)
