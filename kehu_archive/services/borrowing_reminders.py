"""What the clock does to loans: reminders before the last day, overdue from its end, and the end of electronic access.

Nothing depends on these jobs for safety: a grant ends by its own clock and a late loan shows as overdue at once. They write the status, count the days and
tell people; run again, they change and say nothing new.
Clause: R-ACC-02, R-ACC-12, R-FUP-13, R-PEN-02.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import frappe
from frappe import _
from frappe.utils import add_days, cint, cstr, get_datetime, getdate, now_datetime

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import borrowing as rule
from kehu_archive.domain import roles
from kehu_archive.domain import violations as penalty
from kehu_archive.services import loan_parties, notices, staff, violations

if TYPE_CHECKING:
	from datetime import date

	from frappe.model.document import Document

BORROWING: Final = loan_parties.BORROWING


def run(after_each: Callable[[], None] | None = None) -> dict[str, int]:
	"""Do all of it; ``after_each`` is called after every loan, so that a killed run loses only one. Return the numbers."""
	return {
		"overdue": mark_overdue(after_each),
		"reminded": remind_before(after_each),
		"ended": end_electronic(after_each),
	}


def mark_overdue(after_each: Callable[[], None] | None = None) -> int:
	"""Write what is overdue, count its days, and ask for it back once a day; return how many are overdue."""
	day = getdate(now_datetime())
	names = frappe.get_all(
		BORROWING, filters={"status": ["in", (rule.LENT, rule.OVERDUE)], "due_on": ["<", day]}, pluck="name", order_by="name"
	)
	return _each(names, lambda name: _mark_one(name, day), after_each)


def _mark_one(name: str, day: date) -> bool:
	doc = loan_parties.locked(name)
	due_on = getdate(doc.due_on) if doc.due_on else None
	now = get_datetime(now_datetime())
	if not rule.is_overdue(doc.status, due_on, now):
		return False
	days = rule.overdue_days(due_on, day)
	is_new = doc.status != rule.OVERDUE
	asked = doc.last_reminded_on and getdate(doc.last_reminded_on) >= day
	if is_new or cint(doc.overdue_days) != days or not asked:
		doc.update({"status": rule.OVERDUE, "overdue_days": days})
		if not asked:
			doc.update({"last_reminded_on": day, "reminders_sent": cint(doc.reminders_sent) + 1})
			_ask_back(doc, days, day)
		loan_parties.store(doc)
	if is_new:
		violations.propose_for(doc, penalty.OVERDUE_RETURN)
	return True


def _ask_back(doc: Document, days: int, day: date) -> None:
	text = _("Borrowing {0} is overdue since {1} ({2} days); bring the file back").format(doc.name, cstr(doc.due_on), days)
	notices.tell([doc.applicant, *_keepers(doc)], (BORROWING, doc.name), text, once_on=day)


def _keepers(doc: Document) -> list[str | None]:
	"""Who handed the file out and who keeps it."""
	return [doc.lent_by, frappe.db.get_value(ARCHIVE, doc.archive, "custodian")]


def remind_before(after_each: Callable[[], None] | None = None) -> int:
	"""Remind the borrower once, some days before the last one; return how many were reminded."""
	day = getdate(now_datetime())
	before = cint(loan_parties.settings().remind_days)
	names = frappe.get_all(
		BORROWING,
		filters={"status": rule.LENT, "due_on": ["between", (day, getdate(add_days(day, before)))], "last_reminded_on": ["is", "not set"]},
		pluck="name",
		order_by="name",
	)
	return _each(names, lambda name: _remind_one(name, day, before), after_each)


def _remind_one(name: str, day: date, before: int) -> bool:
	doc = loan_parties.locked(name)
	due_on = getdate(doc.due_on) if doc.due_on else None
	if doc.status != rule.LENT or doc.last_reminded_on or not rule.must_remind(due_on, day, before):
		return False
	doc.update({"last_reminded_on": day, "reminders_sent": cint(doc.reminders_sent) + 1})
	loan_parties.store(doc)
	text = _("Borrowing {0} is due back on {1}").format(name, cstr(doc.due_on))
	notices.tell([doc.applicant], (BORROWING, name), text, once_on=day)
	return True


def end_electronic(after_each: Callable[[], None] | None = None) -> int:
	"""Close in the register what was open electronically and has ended by its clock; return how many."""
	day = getdate(now_datetime())
	names = frappe.get_all(
		BORROWING,
		filters={"status": rule.APPROVED, "due_on": ["<", day], "method": ["not in", tuple(rule.PAPER_ONLY)]},
		pluck="name",
		order_by="name",
	)
	return _each(names, _end_one, after_each)


def _end_one(name: str) -> bool:
	doc = loan_parties.locked(name)
	loan = loan_parties.loan(doc)
	if loan.status != rule.APPROVED or not loan.is_open or not loan.due_on or not rule.is_over(loan.due_on, get_datetime(now_datetime())):
		return False
	# The access ended with the last second of its last day, not now.
	doc.update({"status": rule.RETURNED, "returned_on": frappe.utils.add_to_date(rule.end_of(loan.due_on), seconds=-1)})
	loan_parties.store(doc)
	return True


def remind_replacements() -> int:
	"""Tell the person, the proposer and the heads of customer service once a day that a replacement is overdue; return how many cases (R-PEN-02)."""
	day = getdate(now_datetime())
	rows = frappe.get_all(
		violations.VIOLATION,
		filters={"replacement_due": ["<", day], "replaced_on": ["is", "not set"], "status": ["!=", penalty.DROPPED]},
		fields=["name", "person", "proposed_by"],
	)
	heads = staff.holders(roles.CUSTOMER_SERVICE_MANAGER) if rows else set()
	for row in rows:
		notices.tell(
			[row["person"], row["proposed_by"], *heads],
			(violations.VIOLATION, row["name"]),
			_("Violation {0}: the replacement of the file is overdue").format(row["name"]),
			once_on=day,
		)
	return len(rows)


def _each(names: list[str], step: Callable[[str], bool], after_each: Callable[[], None] | None) -> int:
	"""Take the loans one by one; in a job, which keeps what is done, one that fails is logged and does not stop the others."""
	count = 0
	for name in names:
		try:
			count += step(name)
		except Exception:
			if not after_each:
				raise
			frappe.db.rollback()
			frappe.log_error(title=_("Borrowing {0} could not be followed up").format(name))
		if after_each:
			after_each()
	return count
