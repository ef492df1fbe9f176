"""What the form of a customer archive and the workspace ask the server."""

from __future__ import annotations

from typing import Any

import frappe

from kehu_archive.constants import ARCHIVE, TRANSACTION
from kehu_archive.services import charts, completeness, overview


@frappe.whitelist()
def get(archive: str) -> dict[str, Any]:
	"""The overview of one archive. The derived figure in its list row follows what was found.

	Raises:
		PermissionError: the user may not read the archive.
	"""
	doc = frappe.get_doc(ARCHIVE, archive)
	doc.check_permission("read")
	shown = overview.build(doc)
	completeness.keep(doc.name, doc.completeness, shown["completeness"]["percent"])
	return shown


@frappe.whitelist()
def licence_horizon() -> str:
	"""The last day on which a licence counts as expiring (setting of the site), as an ISO date."""
	frappe.has_permission(ARCHIVE, "read", throw=True)
	return overview.licence_horizon()


@frappe.whitelist()
def expiring_licences() -> dict[str, Any]:
	"""Number of archives with a licence that has expired or expires soon, among those the user may read."""
	frappe.has_permission(ARCHIVE, "read", throw=True)
	archives = frappe.get_list(
		ARCHIVE,
		filters=[
			["Customer Archive Licence", "valid_until", "between", ["2000-01-01", overview.licence_horizon()]]
		],
		pluck="name",
		limit_page_length=0,
	)
	return {"value": len(set(archives)), "fieldtype": "Int"}


@frappe.whitelist()
def archives_by_state() -> dict[str, Any]:
	"""Chart data: archives the user may read, by state of the life cycle."""
	frappe.has_permission(ARCHIVE, "read", throw=True)
	return charts.archives_by_state()


@frappe.whitelist()
def transaction_amount_by_year() -> dict[str, Any]:
	"""Chart data: amount in units of 10,000 CNY of the transactions the user may read, by year."""
	frappe.has_permission(TRANSACTION, "read", throw=True)
	return charts.transaction_amount_by_year()


@frappe.whitelist()
def customers_by_grade() -> dict[str, Any]:
	"""Chart data: archives the user may read, by the grade of the scheme that analysis follows."""
	frappe.has_permission(ARCHIVE, "read", throw=True)
	return charts.customers_by_grade()
