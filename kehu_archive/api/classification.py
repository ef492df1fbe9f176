"""What the forms call to have an archive classified and to set the grade that access is bound to."""

from __future__ import annotations

import frappe

from kehu_archive.constants import ARCHIVE
from kehu_archive.permissions import documents
from kehu_archive.services import classification, secrecy


@frappe.whitelist(methods=["POST"])
def report(archive: str, data_scope: str = "") -> str:
	"""Report an archive for classification; return the request's name (R-SEC-01)."""
	documents.check(str(archive), "find")
	frappe.new_doc(classification.REQUEST).check_permission("create")
	return classification.report(str(archive), str(data_scope or ""))


@frappe.whitelist(methods=["POST"])
def set_grade(archive: str, grade: str, reason: str) -> str:
	"""Set the grade that access is bound to; return it in its normal form (R-SEC-08)."""
	documents.check(str(archive))
	frappe.has_permission(ARCHIVE, "read", throw=True)
	return secrecy.set_grade(str(archive), str(grade or ""), str(reason or ""))
