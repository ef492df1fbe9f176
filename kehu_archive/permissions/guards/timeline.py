"""What comes along with a record: mails that belong to another one, and the titles of what it links."""

from __future__ import annotations

from typing import Any, Final

import frappe

from kehu_archive.permissions.guards import opening, original

GETDOC: Final = "frappe.desk.form.load.getdoc"
DOCINFO: Final = "frappe.desk.form.load.get_docinfo"
COMMUNICATIONS: Final = "frappe.desk.form.load.get_communications"
MAILS: Final = ("communications", "automated_messages")


@frappe.whitelist()
def getdoc(doctype: str, name: str, **given: Any) -> Any:
	"""Load a form; what comes along of hidden records is left out."""
	answer = original.call(GETDOC, given, doctype=doctype, name=name)
	_clean_response()
	return answer


@frappe.whitelist()
def get_docinfo(**given: Any) -> Any:
	"""Load what stands beside a form; what comes along of hidden records is left out."""
	given.pop("doc", None)
	answer = original.call(DOCINFO, given)
	_clean_response()
	return answer


@frappe.whitelist()
def get_communications(doctype: str, name: str, **given: Any) -> Any:
	"""Return the mails of a record without those that belong to hidden ones."""
	return _open_mails(original.call(COMMUNICATIONS, given, doctype=doctype, name=name))


def _clean_response() -> None:
	response = frappe.local.response
	info = response.get("docinfo")
	if info:
		for key in MAILS:
			if info.get(key):
				info[key] = _open_mails(info[key])
	titles = response.get("_link_titles")
	if titles:
		response["_link_titles"] = {key: title for key, title in titles.items() if _is_title_open(key)}


def _open_mails(rows: Any) -> Any:
	return [
		row for row in rows or [] if row.get("reference_doctype") not in opening.OURS or _is_mail_open(row)
	]


def _is_mail_open(row: Any) -> bool:
	return opening.is_open(row["reference_doctype"], str(row.get("reference_name") or ""))


def _is_title_open(key: str) -> bool:
	doctype, _colons, name = key.partition("::")
	return doctype not in opening.OURS or opening.is_open(doctype, name)
