"""The borrowing register with every column of the form 档案借阅登记表, in the form's order (R-ACC-13)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import cint, format_datetime, formatdate, getdate, today

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import borrowing
from kehu_archive.printing import forms

REPORT: Final = "Borrowing Register"
DOCTYPE: Final = "Archive Borrowing"
MOST_ROWS: Final = 5000
FIELDS: Final = (
	"name",
	"applied_on",
	"applicant",
	"department",
	"position_level",
	"archive",
	"wanted",
	"confidentiality",
	"access_grade",
	"purpose",
	"purpose_note",
	"method",
	"copies",
	"page_range",
	"wished_due_on",
	"due_on",
	"same_day_return",
	"status",
	"approved_on",
	"lent_on",
	"lent_by",
	"lent_pages",
	"borrower_signature",
	"returned_on",
	"returned_pages",
	"condition",
	"received_by",
	"receiver_signature",
	"overdue_days",
	"reminders_sent",
	"remark",
)
Row = dict[str, Any]


def execute(filters: Row | None = None) -> tuple[list[Row], list[Row], str | None, Row | None]:
	"""Return columns, rows, a remark and the chart; only borrowings that the session's user may see, whoever the caller claims to be.

	Raises:
		PermissionError: the user may read no borrowings, or the report was made a prepared one, whose stored result everybody could open.
	"""
	if not frappe.has_permission(DOCTYPE, "read"):
		raise frappe.PermissionError
	if frappe.db.get_value("Report", REPORT, "prepared_report"):
		frappe.throw(
			_(
				"Switch off Prepared Report for this report: its stored result would show archives to those who may not see them"
			),
			frappe.PermissionError,
		)
	chosen = frappe._dict(filters or {})
	found = frappe.get_list(
		DOCTYPE,
		fields=list(FIELDS),
		filters=_conditions(chosen),
		order_by="applied_on asc, name asc",
		limit_page_length=MOST_ROWS + 1,
	)
	is_cut = len(found) > MOST_ROWS
	loans = [
		loan
		for loan in found[:MOST_ROWS]
		if not cint(chosen.overdue_only) or days_overdue(loan, getdate(today()))
	]
	remark = (
		_("Only the first {0} borrowings are shown; choose a shorter period").format(MOST_ROWS)
		if is_cut
		else None
	)
	return columns(), _rows(loans), remark, _chart(loans)


def _conditions(chosen: Any) -> list[list[Any]]:
	"""Filters of the form as conditions; what is no date, no state or no name finds nothing rather than everything."""
	conditions: list[list[Any]] = []
	if chosen.from_date:
		conditions.append([DOCTYPE, "applied_on", ">=", getdate(str(chosen.from_date))])
	if chosen.to_date:
		conditions.append([DOCTYPE, "applied_on", "<=", getdate(str(chosen.to_date))])
	for field in ("status", "applicant", "archive"):
		if chosen.get(field):
			conditions.append([DOCTYPE, field, "=", str(chosen.get(field))])
	return conditions


def days_overdue(loan: Row, now: date) -> int:
	"""Whole days that the paper was, or is, out beyond its due day; 0 while it is not lent or in time."""
	if not loan["lent_on"] or not loan["due_on"]:
		return 0
	end = getdate(loan["returned_on"]) if loan["returned_on"] else now
	if loan["returned_on"] is None and loan["status"] not in borrowing.OUT:
		return cint(loan["overdue_days"])
	return max(0, (end - getdate(loan["due_on"])).days, cint(loan["overdue_days"]))


def columns() -> list[Row]:
	"""The 23 columns of the form."""
	listed = (
		("name", _("Borrowing No."), 130),
		("applied_on", _("Application Date"), 100),
		("applicant", _("Applicant"), 90),
		("place", _("Department/Position Level"), 130),
		("archive_title", _("Archive No./Title"), 220),
		("level", _("Confidentiality/Customer Grade"), 110),
		("purpose", _("Purpose of Consulting"), 120),
		("method", _("Way of Borrowing"), 80),
		("copies", _("Photocopies/Pages"), 100),
		("period", _("Period Applied for (Due Date)"), 120),
		("head", _("Department Head's Opinion/Signature"), 170),
		("service", _("Customer Service's Opinion/Signature"), 170),
		("director", _("Approved by Marketing Director/Property Manager/General Manager"), 170),
		("approved_on", _("Approval Date"), 100),
		("lent_on", _("Time Lent"), 130),
		("lent_by", _("Handled by (Archivist)"), 90),
		("lent_pages", _("Pages/Copies Counted"), 80),
		("borrower_signature", _("Signature of the Borrower"), 90),
		("returned_on", _("Time Returned"), 130),
		("checked", _("Pages Checked/Condition"), 100),
		("receiver_signature", _("Signature of the Receiver"), 90),
		("overdue", _("Overdue or Not/Days"), 90),
		("remark", _("Remarks (Renewals, Reminders)"), 180),
	)
	return [
		{
			"fieldname": field,
			"label": label,
			"fieldtype": "Link" if field == "name" else "Data",
			"options": DOCTYPE if field == "name" else None,
			"width": width,
		}
		for field, label, width in listed
	]


def _rows(loans: list[Row]) -> list[Row]:
	context = _Context(loans)
	return [
		{**_request(loan, context), **_approval(loan, context), **_hand_over(loan, context)} for loan in loans
	]


class _Context:
	"""What the rows look up, read in sets: people, titles, approval steps, renewals."""

	def __init__(self, loans: list[Row]) -> None:
		names = [loan["name"] for loan in loans]
		archives = {loan["archive"] for loan in loans if loan["archive"]}
		steps = _children("Archive Approval Step", names, "step_no")
		people = {loan[field] for loan in loans for field in ("applicant", "lent_by", "received_by")}
		people |= {step["decided_by"] for steps_of in steps.values() for step in steps_of}
		self.people = _full_names(people)
		self.titles = _titles(archives)
		self.custodians = _custodians(archives)
		self.steps = steps
		self.renewals = _children("Archive Renewal", names, "idx")
		self.now = getdate(today())

	def person(self, user: str | None) -> str:
		return self.people.get(user or "", user or "")


def _children(doctype: str, parents: Collection[str], order: str) -> dict[str, list[Row]]:
	"""Rows of documents that were found with the user's own permissions."""
	found: dict[str, list[Row]] = {}
	if not parents:
		return found
	for row in frappe.get_all(
		doctype,
		filters={"parent": ("in", list(parents)), "parenttype": DOCTYPE},
		fields=["*"],
		order_by=f"parent, {order}",
	):
		found.setdefault(row.parent, []).append(row)
	return found


def _full_names(users: Collection[str]) -> dict[str, str]:
	if not users:
		return {}
	found = frappe.get_all(
		"User", filters={"name": ("in", [user for user in users if user])}, fields=["name", "full_name"]
	)
	return {row.name: row.full_name or row.name for row in found}


def _titles(archives: Collection[str]) -> dict[str, str]:
	"""Customers' names of those archives that the user may read."""
	if not archives:
		return {}
	found = frappe.get_list(
		ARCHIVE,
		filters={"name": ("in", list(archives))},
		fields=["name", "customer_name"],
		limit_page_length=0,
	)
	return {row.name: row.customer_name for row in found}


def _custodians(archives: Collection[str]) -> dict[str, str]:
	if not archives:
		return {}
	found = frappe.get_all(ARCHIVE, filters={"name": ("in", list(archives))}, fields=["name", "custodian"])
	return {row.name: row.custodian or "" for row in found}


def _request(loan: Row, context: _Context) -> Row:
	title = context.titles.get(loan["archive"] or "") or loan["wanted"]
	return {
		"name": loan["name"],
		# No column: the confidentiality mark of a print is settled by it.
		"archive": loan["archive"],
		"applied_on": _day(loan["applied_on"]),
		"applicant": context.person(loan["applicant"]),
		"place": _joined(loan["department"], loan["position_level"]),
		"archive_title": _joined(loan["archive"], title),
		"level": _joined(_(loan["confidentiality"] or ""), loan["access_grade"]),
		"purpose": _joined(_(loan["purpose"] or ""), loan["purpose_note"]),
		"method": _(loan["method"] or ""),
		"copies": _joined(loan["copies"] or "", loan["page_range"]),
		"period": _joined(
			_("Same-day Return") if loan["same_day_return"] else "",
			_day(loan["due_on"] or loan["wished_due_on"]),
		),
	}


def _approval(loan: Row, context: _Context) -> Row:
	texts: dict[str, list[str]] = {forms.HEAD: [], forms.SERVICE: [], forms.DIRECTOR: []}
	custodian = context.custodians.get(loan["archive"] or "", "")
	for step in context.steps.get(loan["name"], []):
		column = forms.column_of(step.approver_role or "", step.approver_user or "", custodian)
		person = context.person(step.decided_by) if step.decided_by else _(step.approver or "")
		texts[column].append(
			_spaced(
				_(step.decision or "") or _("Not decided yet"), step.opinion, person, _day(step.decided_on)
			)
		)
	return {
		**{column: "; ".join(lines) for column, lines in texts.items()},
		"approved_on": _day(loan["approved_on"]),
	}


def _hand_over(loan: Row, context: _Context) -> Row:
	signed = _("Signed")
	days = days_overdue(loan, context.now)
	return {
		"lent_on": _moment(loan["lent_on"]),
		"lent_by": context.person(loan["lent_by"]),
		"lent_pages": str(loan["lent_pages"] or ""),
		"borrower_signature": _spaced(signed, context.person(loan["applicant"]))
		if loan["borrower_signature"]
		else "",
		"returned_on": _moment(loan["returned_on"]),
		"checked": _joined(str(loan["returned_pages"] or ""), _(loan["condition"] or "")),
		"receiver_signature": _spaced(
			signed if loan["receiver_signature"] else "", context.person(loan["received_by"])
		),
		"is_overdue": bool(days),
		"overdue": _("Overdue {0} days").format(days)
		if days
		else (_("Is not overdue") if loan["lent_on"] else ""),
		"remark": _spaced(
			*_reminders(loan), *_renewals(context.renewals.get(loan["name"], [])), loan["remark"]
		),
	}


def _reminders(loan: Row) -> list[str]:
	return [_("Reminded {0} times").format(loan["reminders_sent"])] if loan["reminders_sent"] else []


def _renewals(rows: Iterable[Row]) -> list[str]:
	return [
		_("Renewed on {0}, due {1}").format(_day(row["renewed_on"]), _day(row["new_due_on"])) for row in rows
	]


def _chart(loans: list[Row]) -> Row | None:
	"""Borrowings by month of application, and how many of them were or are overdue."""
	if not loans:
		return None
	now = getdate(today())
	asked = Counter(_month(loan) for loan in loans)
	late = Counter(_month(loan) for loan in loans if days_overdue(loan, now))
	months = sorted(asked)
	return {
		"type": "bar",
		"data": {
			"labels": months,
			"datasets": [
				{"name": _("Borrowings"), "values": [asked[month] for month in months]},
				{"name": _("Overdue Borrowings"), "values": [late[month] for month in months]},
			],
		},
		"colors": ["#2f5d8a", "#d9534f"],
	}


def _month(loan: Row) -> str:
	return getdate(loan["applied_on"]).strftime("%Y-%m")


def _joined(*parts: Any) -> str:
	return " / ".join(str(part) for part in parts if part)


def _spaced(*parts: Any) -> str:
	return " ".join(str(part) for part in parts if part)


def _day(value: Any) -> str:
	return str(formatdate(value)) if value else ""


def _moment(value: Any) -> str:
	return str(format_datetime(value, "yyyy-MM-dd HH:mm")) if value else ""
