"""One timeline of a customer: deals, people, complaints, borrowings, feedback, preferences and changes (R-TRX-06)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import frappe
from frappe import _
from frappe.utils import fmt_money, get_datetime, strip_html

from kehu_archive.constants import ARCHIVE, CONTACT, TRANSACTION

if TYPE_CHECKING:
	from frappe.model.document import Document

Event = dict[str, Any]
Records = dict[str, list[dict[str, Any]]]

LONGEST = 60
_VERSIONS = 50
_TEXT = 120
#: Fields whose change says nothing to a reader.
_SILENT = frozenset(
	{
		"completeness",
		"transaction_count",
		"transaction_total",
		"default_count",
		"first_transaction_on",
		"last_transaction_on",
		"name_key",
		"pinyin_key",
		"phone_key",
		"code_key",
		"household_key",
	}
)


def build(archive: Document, records: Records) -> list[Event]:
	"""The newest events first, at most ``LONGEST``.

	An event has ``at`` (ISO date, with the time where one is known), ``kind`` (a stable word), ``title`` and
	``text`` in the user's language and, where there is one, the document it stands for. Texts are plain: the
	screen escapes them.
	"""
	events = [
		*_of_archive(archive),
		*_of_contacts(records[CONTACT]),
		*_of_transactions(records[TRANSACTION]),
		*_of_complaints(records["Customer Complaint"]),
		*_of_feedback(records["Customer Feedback"]),
		*_of_borrowings(records["Archive Borrowing"]),
		*_of_changes(archive),
		*_of_comments(archive),
	]
	events.sort(key=lambda event: event.pop("order"), reverse=True)
	return events[:LONGEST]


def _event(
	at: Any,
	kind: str,
	title: str,
	text: str = "",
	row: dict[str, Any] | None = None,
	doctype: str = "",
	creation: Any = None,
) -> Event:
	return {
		"order": _order(at, kind, creation or (row or {}).get("creation")),
		"at": _moment(at),
		"kind": kind,
		"title": title,
		"text": _shorten(text),
		"doctype": doctype if row else "",
		"name": str(row["name"]) if row else "",
	}


def _order(at: Any, kind: str, creation: Any) -> tuple[datetime, bool, datetime]:
	"""What an event is sorted by: its second, then what was entered later; an archive's own beginning comes first.

	A day without a time takes the time at which it was entered, if that was on the same day.
	"""
	moment = get_datetime(at)
	entered = get_datetime(creation) if creation else moment
	if not isinstance(at, datetime) and entered.date() == moment.date():
		moment = entered
	return moment.replace(microsecond=0), kind != "archive", entered


def _moment(at: Any) -> str:
	if isinstance(at, datetime):
		return at.isoformat(sep=" ", timespec="minutes")
	return at.isoformat() if isinstance(at, date) else str(at)


def _shorten(text: str) -> str:
	plain = " ".join(strip_html(str(text or "")).split())
	return plain if len(plain) <= _TEXT else plain[: _TEXT - 1] + "…"


def _of_archive(archive: Document) -> Iterator[Event]:
	yield _event(archive.creation, "archive", _("Archive created"), archive.archive_no)
	for change in archive.major_changes:
		yield _event(change.change_date, "change", _("Major change"), change.matter, creation=change.creation)
	for news in archive.developments:
		yield _event(news.news_date, "change", _("Development"), news.content, creation=news.creation)
	for preference in archive.preferences:
		if preference.observed_on:
			title = _("Preference: {0}").format(_(preference.category))
			yield _event(
				preference.observed_on, "preference", title, preference.preference, creation=preference.creation
			)


def _of_contacts(contacts: list[dict[str, Any]]) -> Iterator[Event]:
	for row in contacts:
		text = " ".join(part for part in (row["full_name"], row["position"]) if part)
		yield _event(row["started_on"] or row["creation"], "contact", _("Contact added"), text, row, CONTACT)
		if row["ended_on"]:
			yield _event(row["ended_on"], "contact", _("Contact left"), text, row, CONTACT)


def _of_transactions(transactions: list[dict[str, Any]]) -> Iterator[Event]:
	for row in transactions:
		parts = [fmt_money(row["amount"], currency="CNY"), row["place"] or "", row["transaction_no"] or ""]
		if row["is_default"]:
			parts.append(_("In Breach"))
		if row["is_cancelled"]:
			parts.append(_("Cancelled"))
		text = " · ".join(part for part in parts if part)
		yield _event(row["posted_on"], "transaction", _(row["transaction_kind"]), text, row, TRANSACTION)


def _of_complaints(complaints: list[dict[str, Any]]) -> Iterator[Event]:
	for row in complaints:
		title = _("Complaint: {0}").format(_(row["complaint_kind"]))
		text = f"{row['complainant']} · {_(row['status'])}"
		yield _event(row["complained_at"], "complaint", title, text, row, "Customer Complaint")


def _of_feedback(feedback: list[dict[str, Any]]) -> Iterator[Event]:
	for row in feedback:
		title = _("Feedback: {0}").format(_(row["feedback_kind"]))
		yield _event(row["received_on"], "feedback", title, row["content"], row, "Customer Feedback")


def _of_borrowings(borrowings: list[dict[str, Any]]) -> Iterator[Event]:
	for row in borrowings:
		method = _(row["method"])
		for at, title in (
			(row["applied_on"], _("Borrowing requested")),
			(row["lent_on"], _("Lent out")),
			(row["returned_on"], _("Returned")),
		):
			if at:
				yield _event(at, "borrowing", title, f"{row['name']} · {method}", row, "Archive Borrowing")


def _of_changes(archive: Document) -> Iterator[Event]:
	"""Which fields changed and when; the values stay in the version itself."""
	versions = frappe.get_all(
		"Version",
		filters={"ref_doctype": ARCHIVE, "docname": archive.name},
		fields=["creation", "owner", "data"],
		order_by="creation desc",
		limit_page_length=_VERSIONS,
	)
	for version in versions:
		data = json.loads(version.data or "{}")
		step = next((row for row in data.get("changed") or [] if row[0] == "workflow_state"), None)
		if step:
			text = f"{_(step[1] or 'Draft')} → {_(step[2])}"
			yield _event(version.creation, "state", _("State changed"), text)
			continue
		labels = changed_labels(archive, data)
		if labels:
			yield _event(version.creation, "update", _("Data updated"), ", ".join(labels))


def changed_labels(archive: Document, data: dict[str, Any]) -> list[str]:
	"""Labels of the fields a version changed, in the user's language, each once."""
	fields = [row[0] for row in data.get("changed") or []]
	for part in ("added", "removed", "row_changed"):
		fields += [row[0] for row in data.get(part) or []]
	shown = dict.fromkeys(field for field in fields if field not in _SILENT)
	return [_(label) for label in map(archive.meta.get_label, shown) if label]


def _of_comments(archive: Document) -> Iterator[Event]:
	comments = frappe.get_all(
		"Comment",
		filters={"reference_doctype": ARCHIVE, "reference_name": archive.name, "comment_type": "Comment"},
		fields=["creation", "content", "comment_by"],
		order_by="creation desc",
		limit_page_length=_VERSIONS,
	)
	for comment in comments:
		title = _("Comment by {0}").format(comment.comment_by or "")
		yield _event(comment.creation, "comment", title, comment.content)
