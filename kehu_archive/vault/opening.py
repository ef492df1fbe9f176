"""Opening and finding encrypted contents: checked on what is stored, logged, and only then answered. Clause: R-FCA-05, R-DSC-02."""

from __future__ import annotations

from typing import Any, Final

import frappe
from frappe import _

from kehu_archive.constants import ARCHIVE, SENSITIVE
from kehu_archive.domain import access, masking
from kehu_archive.exceptions import AccessDeniedError, ArchiveError
from kehu_archive.vault import ingress, limits, store
from kehu_archive.vault.guarded import Plain, quiet
from kehu_archive.vault.store import Home

MOST_FOUND: Final = 100


@quiet()
def reveal(name: str, purpose: str) -> Plain:
	"""The content of a Sensitive Record in clear.

	Raises:
		PermissionError: the session's user may not read the record or its archive; also when there is no such record.
		ArchiveError: no purpose was given.
		AuditError: the access log cannot be written.
		SecretUnreadableError, MasterKeyError: it cannot be decrypted.
	"""
	from kehu_archive.audit import log
	from kehu_archive.permissions import documents

	purpose = purpose.strip()
	if not purpose or purpose == access.OTHER:
		frappe.throw(_("Purpose: say what you need the content for"), ArchiveError)
	limits.count("reveal")
	record = _readable(name)
	documents.check(record.archive, access.READ, purpose if purpose in access.PURPOSES else access.OTHER)
	# Before anything is decrypted: what cannot be logged is not shown.
	log.record("Reveal", archive=record.archive, document=(SENSITIVE, name), purpose=purpose, quantity=1)
	if not record.ciphertext:
		return Plain("")
	return store.unseal(Home(record.name, record.archive, record.record_kind), record.ciphertext)


def _readable(name: str) -> Any:
	if not frappe.has_permission(SENSITIVE, "read") or not frappe.db.exists(SENSITIVE, name):
		frappe.throw(_("There is no such record, or you may not read it"), AccessDeniedError)
	record = frappe.get_doc(SENSITIVE, name)
	record.check_permission("read")
	return record


@quiet()
def find(kind: str, value: str) -> list[dict[str, Any]]:
	"""The records with exactly this number, as far as the session's user may see them and their archives.

	Raises:
		PermissionError: the user may not read Sensitive Records.
		ArchiveError: the kind has no numbers.
		AuditError, MasterKeyError: the access log cannot be written; the keys are missing.
	"""
	from kehu_archive.audit import log

	limits.count("find")
	if not frappe.has_permission(SENSITIVE, "read"):
		frappe.throw(_("You may not look up sensitive records"), AccessDeniedError)
	if kind not in masking.NUMBERS:
		frappe.throw(_("Only ID numbers and account numbers can be looked up"), ArchiveError)
	number = ingress.redeem(value).strip()
	names = [name for name, _archive in store.search(kind, number)] if number else []
	records = _visible(SENSITIVE, names, ["name", "archive", "contact", "label", "masked_value"])
	archives = _visible(ARCHIVE, [row["archive"] for row in records], ["name", "customer_name"])
	customers = {row["name"]: row["customer_name"] for row in archives}
	answer = [
		{**row, "customer_name": customers[row["archive"]]} for row in records if row["archive"] in customers
	]
	log.record("Find", quantity=len(answer), detail=f"{SENSITIVE}: {kind}")
	return answer


def _visible(doctype: str, names: list[str], fields: list[str]) -> list[dict[str, Any]]:
	"""Those that the framework's list shows to the session's user."""
	if not names:
		return []
	filters = {"name": ("in", names)}
	return list(
		frappe.get_list(doctype, filters=filters, fields=fields, order_by="name asc", limit=MOST_FOUND)
	)
