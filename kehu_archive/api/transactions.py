"""What the form of a transaction calls."""

from __future__ import annotations

import frappe

from kehu_archive.constants import TRANSACTION
from kehu_archive.services import transactions


@frappe.whitelist(methods=["POST"])
def cancel(transaction: str, reason: str) -> None:
	"""Take a wrongly recorded transaction out of the totals; it stays visible with its reason."""
	doc = frappe.get_doc(TRANSACTION, transaction)
	doc.check_permission("write")
	transactions.cancel(doc, reason)
