"""The card of a customer, shown at once while one searches (及时显示): who it is, how it stands, what needs attention.

Contract: everything on the card is what the session user may read; the caller has checked the archive itself. A constant number of statements.
Clause: 000 篇一 (R-QRY-01).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import frappe

from kehu_archive.constants import CONTACT, TRANSACTION
from kehu_archive.services import completeness, overview, search_index

if TYPE_CHECKING:
	from frappe.model.document import Document

FIELDS: Final = (
	"name",
	"customer_name",
	"short_name",
	"archive_type",
	"party_kind",
	"market_status",
	"workflow_state",
	"confidentiality",
	"is_important",
	"credit_code",
	"address",
	"phone",
	"legal_representative",
	"main_contact",
	"main_contact_phone",
	"responsible",
	"department",
	"credit_grade",
	"credit_limit",
	"transaction_count",
	"transaction_total",
	"default_count",
	"last_contact_on",
	"last_transaction_on",
	"merged_into",
)
#: Records whose state can raise an alert: DocType to the fields the alert needs.
_WATCHED: Final = {
	"Customer Complaint": ["name", "status"],
	"Archive Borrowing": ["name", "status", "due_on"],
}
MOST_WATCHED: Final = 50


def build(archive: Document) -> dict[str, Any]:
	"""Return the card of an archive: ``summary`` (its fields), ``last_transaction``, ``contacts``, ``completeness`` and ``alerts``. Amounts in CNY."""
	score = completeness.score_of(archive.name)
	return {
		"summary": {
			**{field: archive.get(field) for field in FIELDS},
			"responsible_name": _full_name(archive.responsible),
			"merged_numbers": search_index.merged_numbers([archive.name]).get(archive.name, []),
		},
		"last_transaction": _last_transaction(archive.name),
		"contacts": _contacts(archive.name),
		"completeness": completeness.describe(score),
		"alerts": overview.alerts(archive, _watched(archive.name), len(score.missing)),
		"may_write": bool(archive.has_permission("write")) and not archive.merged_into,
	}


def _watched(archive: str) -> dict[str, list[dict[str, Any]]]:
	return {
		doctype: _rows(doctype, archive, fields, "creation desc", MOST_WATCHED)
		for doctype, fields in _WATCHED.items()
	}


def _contacts(archive: str) -> list[dict[str, Any]]:
	"""The people to call, the main contact first."""
	fields = ["name", "full_name", "position", "mobile", "direct_line", "phone", "is_main_contact"]
	rows = _rows(CONTACT, archive, fields, "is_main_contact desc, creation asc", 5, status="In Post")
	return [{**row, "number": row["mobile"] or row["direct_line"] or row["phone"]} for row in rows]


def _last_transaction(archive: str) -> dict[str, Any] | None:
	fields = ["name", "transaction_kind", "posted_on", "amount"]
	rows = _rows(TRANSACTION, archive, fields, "posted_on desc, creation desc", 1, is_cancelled=0)
	return rows[0] if rows else None


def _rows(
	doctype: str, archive: str, fields: list[str], order: str, limit: int, **more: Any
) -> list[dict[str, Any]]:
	"""The user's own view of one kind of record; nothing of a kind he may not read."""
	if not frappe.has_permission(doctype, "read"):
		return []
	return frappe.get_list(
		doctype, filters={"archive": archive, **more}, fields=fields, order_by=order, limit_page_length=limit
	)


def _full_name(user: str | None) -> str:
	return overview.full_names({user}).get(user, user) if user else ""
