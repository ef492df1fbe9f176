"""What a customer archive shows when it is opened: how complete it is, who to call, what was bought, what needs attention.

Every part is one query over the archive's records, whatever their number. Parts whose DocType the user may not
read are left out, so the answer never holds more than the lists would show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import frappe
from frappe import _
from frappe.utils import add_days, cint, date_diff, flt, getdate, today

from kehu_archive.constants import CONTACT, SENSITIVE, SETTINGS, TRANSACTION
from kehu_archive.services import completeness, timeline, transactions

if TYPE_CHECKING:
	from frappe.model.document import Document

LATEST_TRANSACTIONS = 20
_CONTACT_FIELDS = [
	"name",
	"full_name",
	"position",
	"position_level",
	"status",
	"started_on",
	"ended_on",
	"replaced_by",
	"mobile",
	"direct_line",
	"phone",
	"email",
	"fax",
	"is_legal_representative",
	"is_principal",
	"is_main_contact",
	"is_daily_contact",
	"is_emergency_contact",
	"is_leader",
	"is_key_person",
	"creation",
]
_TRANSACTION_FIELDS = [
	"name",
	"transaction_no",
	"transaction_kind",
	"posted_on",
	"place",
	"amount",
	"responsible",
	"responsible_name",
	"is_default",
	"default_note",
	"is_cancelled",
	"remark",
	"creation",
]


def build(archive: Document) -> dict[str, Any]:
	"""Everything the form's overview shows of one archive, read once.

	The caller has checked that the user may read the archive. Amounts in CNY, dates as ISO strings.
	Clause: 000 篇三·四·2; R-TRX-05, R-TRX-06, R-ARC-13.
	"""
	score = completeness.score_of(archive.name)
	records = {doctype: _rows(doctype, archive.name) for doctype in _PARTS}
	years = transactions.yearly_totals(archive.name) if _readable(TRANSACTION) else []
	return {
		"completeness": completeness.describe(score),
		"alerts": alerts(archive, records, len(score.missing)),
		"contacts": records[CONTACT],
		"years": [
			{"year": row["year"], "deals": cint(row["deals"]), "amount": flt(row["amount"])} for row in years
		],
		"summary": purchase_summary(archive, years),
		"transactions": _with_names(records[TRANSACTION]),
		"sensitive": records[SENSITIVE],
		"timeline": timeline.build(archive, records),
		"may_create": {
			doctype: bool(frappe.has_permission(doctype, "create"))
			for doctype in (
				CONTACT,
				TRANSACTION,
				SENSITIVE,
				"Customer Complaint",
				"Customer Feedback",
				"Archive Borrowing",
			)
		},
	}


#: DocType, its fields, its order and how many rows at most (0: all).
_PARTS: dict[str, tuple[list[str], str, int]] = {
	CONTACT: (
		_CONTACT_FIELDS,
		"status asc, is_main_contact desc, is_legal_representative desc, creation asc",
		0,
	),
	TRANSACTION: (_TRANSACTION_FIELDS, "posted_on desc, creation desc", LATEST_TRANSACTIONS),
	SENSITIVE: (
		["name", "record_kind", "label", "masked_value", "valid_until", "contact"],
		"record_kind asc, creation asc",
		0,
	),
	"Customer Complaint": (
		["name", "complainant", "complained_at", "complaint_kind", "status", "creation"],
		"complained_at desc",
		50,
	),
	"Customer Feedback": (["name", "received_on", "feedback_kind", "content", "creation"], "received_on desc", 50),
	"Archive Borrowing": (
		["name", "applicant", "applied_on", "method", "status", "due_on", "lent_on", "returned_on", "creation"],
		"applied_on desc",
		50,
	),
}


def _readable(doctype: str) -> bool:
	return bool(frappe.has_permission(doctype, "read"))


def _rows(doctype: str, archive: str) -> list[dict[str, Any]]:
	"""The user's own view of one kind of record; ``get_list`` applies his permissions."""
	if not _readable(doctype):
		return []
	fields, order, limit = _PARTS[doctype]
	return frappe.get_list(
		doctype, filters={"archive": archive}, fields=fields, order_by=order, limit_page_length=limit
	)


def _with_names(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
	"""Show the person in charge by name, looked up once for all rows."""
	names = full_names({row["responsible"] for row in rows if row["responsible"]})
	for row in rows:
		row["in_charge"] = names.get(row["responsible"]) or row["responsible_name"] or ""
	return rows


def full_names(users: set[str]) -> dict[str, str]:
	"""User to full name, for names that stand beside a record the reader may see."""
	if not users:
		return {}
	rows = frappe.get_all("User", filters={"name": ["in", sorted(users)]}, fields=["name", "full_name"])
	return {row.name: row.full_name or row.name for row in rows}


def purchase_summary(archive: Document, years: list[dict[str, Any]]) -> dict[str, Any]:
	"""Purchase history in a few numbers, with the preference tags beside them (R-TRX-05); amounts in CNY."""
	deals = sum(cint(row["deals"]) for row in years)
	total = sum(flt(row["amount"]) for row in years)
	last = archive.last_transaction_on
	return {
		"deals": deals,
		"total": flt(total, 2),
		"average": flt(total / deals, 2) if deals else 0.0,
		"first_on": archive.first_transaction_on,
		"last_on": last,
		"days_since": date_diff(today(), last) if last else None,
		"defaults": cint(archive.default_count),
		"preferences": [{"category": row.category, "text": row.preference} for row in archive.preferences],
	}


def licence_horizon() -> str:
	"""The last day on which a licence counts as expiring, as an ISO date."""
	days = cint(frappe.get_cached_doc(SETTINGS).licence_warn_days)
	return str(add_days(today(), days))


def alerts(archive: Document, records: dict[str, list[dict[str, Any]]], missing: int) -> list[dict[str, str]]:
	"""What needs attention, the urgent first. Each alert names the field or the list it leads to."""
	found = [
		*_licence_alerts(archive),
		*_complaint_alerts(records["Customer Complaint"]),
		*_borrowing_alerts(records["Archive Borrowing"]),
		*_state_alerts(archive, missing),
	]
	return sorted(found, key=lambda alert: ("red", "orange", "blue").index(alert["level"]))


def _alert(level: str, text: str, **target: str) -> dict[str, str]:
	return {"level": level, "text": text, **target}


def _licence_alerts(archive: Document) -> list[dict[str, str]]:
	horizon, now = getdate(licence_horizon()), getdate(today())
	found = []
	for licence in archive.licences:
		if not licence.valid_until or getdate(licence.valid_until) > horizon:
			continue
		expired = getdate(licence.valid_until) < now
		text = _("{0} expired on {1}") if expired else _("{0} expires on {1}")
		day = frappe.format(licence.valid_until, {"fieldtype": "Date"})
		found.append(
			_alert(
				"red" if expired else "orange", text.format(_(licence.licence_kind), day), field="licences"
			)
		)
	return found


def _complaint_alerts(complaints: list[dict[str, Any]]) -> list[dict[str, str]]:
	count = sum(row["status"] != "Closed" for row in complaints)
	if not count:
		return []
	return [_alert("red", _("{0} open complaints").format(count), list="Customer Complaint")]


def _borrowing_alerts(borrowings: list[dict[str, Any]]) -> list[dict[str, str]]:
	found = []
	for row in borrowings:
		if row["status"] not in ("Lent", "Overdue", "Lost"):
			continue
		if row["status"] == "Lost":
			found.append(
				_alert("red", _("Lost while lent out: {0}").format(row["name"]), list="Archive Borrowing")
			)
			continue
		late = row["status"] == "Overdue" or (row["due_on"] and getdate(row["due_on"]) < getdate(today()))
		day = frappe.format(row["due_on"], {"fieldtype": "Date"}) if row["due_on"] else _("no date set")
		text = _("Lent out and overdue since {0}") if late else _("Lent out, due back on {0}")
		found.append(_alert("red" if late else "orange", text.format(day), list="Archive Borrowing"))
	return found


def _state_alerts(archive: Document, missing: int) -> list[dict[str, str]]:
	found = []
	if cint(archive.default_count):
		found.append(
			_alert("red", _("{0} transactions in breach").format(archive.default_count), list=TRANSACTION)
		)
	if not archive.custodian:
		found.append(_alert("orange", _("No custodian is named"), field="custodian"))
	if missing:
		found.append(_alert("orange", _("{0} items are missing").format(missing), field="overview_html"))
	if archive.is_important:
		found.append(
			_alert("blue", _("Important customer: kept apart from the others"), field="storage_location")
		)
	return found
