"""The demo's borrowing register: requests that walk through their real steps, each taken by the person whose step it is."""

from __future__ import annotations

from typing import Final

import frappe
from frappe.utils import add_days, cint, today

from kehu_archive.demo.journey import acting_as
from kehu_archive.demo.people import BY_ROLE, PEOPLE
from kehu_archive.domain import borrowing as rule
from kehu_archive.domain import roles
from kehu_archive.services import borrowing, borrowing_counter

PAGES: Final = 24
#: Method, purpose and what becomes of it, one customer after the other.
ROADS: Final = (
	(rule.BORROW, "Work Need", "waiting"),
	(rule.CONSULT, "Return Visit", "approved"),
	(rule.BORROW, "Work Need", "lent"),
	(rule.PHOTOCOPY, "Work Need", "returned"),
	(rule.BORROW, "Other", "overdue"),
	(rule.BORROW, "Work Need", "lost"),
	(rule.TAKE_OUT, "Other", "refused"),
	(rule.BORROW, "Return Visit", "withdrawn"),
	(rule.BORROW, "Work Need", "damaged"),
)


def add(archive: str, position: int) -> None:
	"""One request by the salesman, brought as far as its road goes."""
	method, purpose, end = ROADS[position % len(ROADS)]
	with acting_as(roles.SALESPERSON):
		doc = frappe.get_doc(
			{
				"doctype": "Archive Borrowing",
				"archive": archive,
				"purpose": purpose,
				"purpose_note": "配合客户年度对账" if purpose == "Other" else None,
				"method": method,
				"copies": 2 if method == rule.PHOTOCOPY else 0,
				"page_range": "1-12",
				"wished_due_on": add_days(today(), 3),
				"remark": "演示数据",
			}
		).insert()
	if end == "withdrawn" and _status(doc.name) == rule.REQUESTED:
		with acting_as(roles.SALESPERSON):
			borrowing.withdraw(doc.name)
	elif end == "refused":
		_decide(doc.name, agree=False)
	elif end != "waiting":
		_decide(doc.name, agree=True)
		_lend(doc.name, end)


def _status(name: str) -> str:
	return str(frappe.db.get_value("Archive Borrowing", name, "status"))


def _decide(name: str, agree: bool) -> None:
	"""Each awaited approver in his turn."""
	while _status(name) == rule.REQUESTED:
		with acting_as(_awaited(name)):
			if agree:
				borrowing.approve(name, "同意,请按期归还")
			else:
				borrowing.decline(name, "资料涉及核心商密,请在档案室查阅")


def _awaited(name: str) -> str:
	step = next(row for row in frappe.get_doc("Archive Borrowing", name).approvals if not row.decision)
	if step.approver_role in BY_ROLE:
		return str(step.approver_role)
	return next(person.role for person in PEOPLE if person.user == step.approver_user)


def _lend(name: str, end: str) -> None:
	if end == "approved" or _status(name) != rule.APPROVED:
		return
	with acting_as(roles.ARCHIVIST):
		borrowing_counter.lend(name, PAGES)
		if end == "returned":
			borrowing_counter.add_slip(name, "1-12", note="核对合同条款")
			borrowing_counter.give_back(name, PAGES, rule.INTACT)
		elif end == "damaged":
			borrowing_counter.give_back(name, PAGES - 1, rule.DAMAGED, note="第 7 页破损")
		elif end == "lost":
			borrowing_counter.give_back(name, 0, rule.CONDITION_LOST)
		elif end == "lent" and frappe.db.get_value("Archive Borrowing", name, "may_renew"):
			borrowing_counter.renew(name, "对账尚未完成")
	if end == "overdue":
		_let_time_pass(name)


def _let_time_pass(name: str) -> None:
	"""A demo of one day cannot have waited a week; the dates move back, and the nightly job finds it overdue by itself."""
	days = cint(frappe.db.get_single_value("Kehu Archive Settings", "loan_days")) + 13
	frappe.db.sql(
		"""update `tabArchive Borrowing` set applied_on = applied_on - interval %(days)s day, due_on = due_on - interval %(days)s day,
		lent_on = lent_on - interval %(days)s day, approved_on = approved_on - interval %(days)s day where name = %(name)s""",
		{"days": days, "name": name},
	)
