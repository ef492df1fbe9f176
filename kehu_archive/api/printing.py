"""The framework's own printing functions, with check and stamp in front; and what the Desk asks about printing.

Registered under ``override_whitelisted_methods``; arguments are passed on as they come, because the framework's versions differ in them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from html import unescape
from typing import Any, Final

import frappe
from frappe import _

from kehu_archive.audit import log
from kehu_archive.constants import ARCHIVE
from kehu_archive.exceptions import AccessDeniedError
from kehu_archive.permissions import query, registry
from kehu_archive.printing import checks, marks, watermark

DOWNLOAD: Final = "frappe.utils.print_format.download_pdf"
DOWNLOAD_MANY: Final = "frappe.utils.print_format.download_multi_pdf"
DOWNLOAD_LATER: Final = "frappe.utils.print_format.download_multi_pdf_async"
DOWNLOAD_BUILT: Final = "frappe.utils.weasyprint.download_pdf"
BY_SERVER: Final = "frappe.utils.print_format.print_by_server"
REPORT: Final = "frappe.utils.print_format.report_to_pdf"
#: Rows of a printed report whose archives settle the confidentiality on it.
MOST_ARCHIVES: Final = 5000
_NAMED_ARCHIVES: Final = re.compile(r'<meta name="kehu-archives" content="([^"]*)"')


@frappe.whitelist(allow_guest=True)
def download_pdf(doctype: str, name: str, **others: Any) -> Any:
	"""Give one document as PDF; a restricted one is checked, recorded and stamped.

	Raises:
		AccessDeniedError: not allowed; the message says how to apply.
	"""
	# A document sent along would be printed in place of the stored one.
	others.pop("doc", None)
	if doctype not in registry.RESTRICTED:
		return _original(DOWNLOAD, doctype=doctype, name=name, **others)
	checks.check(doctype, name)
	with marks.stamping():
		_original(DOWNLOAD, doctype=doctype, name=name, **others)
	_stamp(doctype, marks.archives_of(doctype, [name]))
	return None


@frappe.whitelist()
def download_multi_pdf(doctype: str | dict[str, list[str]], name: str | list[str], **others: Any) -> Any:
	"""Give several documents as one PDF; refused as a whole when one of them may not be printed.

	Raises:
		AccessDeniedError: one document may not be printed; the message says how to apply.
	"""
	chosen = _chosen(doctype, name)
	restricted = {kind: names for kind, names in chosen.items() if kind in registry.RESTRICTED}
	passed_on = name if isinstance(name, str) else json.dumps(name)
	if not restricted:
		return _original(DOWNLOAD_MANY, doctype=doctype, name=passed_on, **others)
	for kind, names in restricted.items():
		for one in names:
			checks.check(kind, one)
	with marks.stamping():
		_original(DOWNLOAD_MANY, doctype=doctype, name=passed_on, **others)
	archives = {number for kind, names in restricted.items() for number in marks.archives_of(kind, names)}
	_stamp(next(iter(restricted)) if len(restricted) == 1 else "", sorted(archives))
	return None


@frappe.whitelist()
def download_multi_pdf_async(
	doctype: str | dict[str, list[str]], name: str | list[str], **others: Any
) -> Any:
	"""Refuse restricted documents: a PDF made in the background would lie on the server as a file.

	Raises:
		AccessDeniedError: there are restricted documents among them.
	"""
	if any(kind in registry.RESTRICTED for kind in _chosen(doctype, name)):
		frappe.throw(
			_("Select fewer documents: customer archives are printed at once, not in the background"),
			AccessDeniedError,
		)
	return _original(DOWNLOAD_LATER, doctype=doctype, name=name, **others)


@frappe.whitelist()
def download_built_pdf(doctype: str, name: str, **others: Any) -> Any:
	"""Refuse restricted documents: this kind of print format shows neither mark nor watermark.

	Raises:
		AccessDeniedError: the document is restricted.
	"""
	if doctype in registry.RESTRICTED:
		refuse_unmarked()
	return _original(DOWNLOAD_BUILT, doctype=doctype, name=name, **others)


@frappe.whitelist()
def print_by_server(doctype: str, name: str, **others: Any) -> Any:
	"""Refuse restricted documents: what the server sends to a printer is not stamped, and lies in the tray for anybody.

	Raises:
		AccessDeniedError: the document is restricted.
	"""
	if doctype in registry.RESTRICTED:
		frappe.throw(
			_("Customer archives are printed by the person who needs them, from the browser or as PDF"),
			AccessDeniedError,
		)
	return _original(BY_SERVER, doctype=doctype, name=name, **others)


@frappe.whitelist()
def report_to_pdf(html: str, **others: Any) -> Any:
	"""Give a page of the browser as PDF. What it shows is not known here, so it is stamped for everybody who may read archives at all.

	The Desk names the archives of a report in the page's head; they settle the confidentiality.
	"""
	if not _reads_archives():
		return _original(REPORT, html=html, **others)
	log.record(checks.PDF, document=("Report", ""), quantity=1)
	_original(REPORT, html=html, **others)
	named = _NAMED_ARCHIVES.search(html)
	_stamp("", _readable(set(unescape(named[1]).split())) if named else [])
	return None


@frappe.whitelist()
def may_print(doctype: str, name: str) -> bool:
	"""Whether the Desk shows the print button of a document."""
	return checks.may_print(doctype, name)


@frappe.whitelist(methods=["POST"])
def mark_report(doctype: str, names: str | list[str], archives: str | list[str], title: str = "") -> str:
	"""Record that a list or report of a restricted DocType is printed from the browser; the HTML of its mark and watermark, '' for other DocTypes.

	Args:
		doctype: what the report lists.
		names: the documents shown.
		archives: the archives shown, where the report has a column of them.
		title: the report's name, for the access log.

	Raises:
		AccessDeniedError: the user's roles may not print this DocType.
	"""
	if doctype not in registry.RESTRICTED:
		return ""
	if not frappe.has_permission(doctype, "print"):
		frappe.throw(_("Your roles may not print {0}").format(_(doctype)), AccessDeniedError)
	shown = [str(name) for name in frappe.parse_json(names) or []]
	numbers = {str(number) for number in frappe.parse_json(archives) or [] if number}
	numbers.update(
		marks.archives_of(doctype, shown[:MOST_ARCHIVES]) if doctype in registry.STANDALONE else []
	)
	log.record(checks.PRINT, document=(doctype, title[:100]), quantity=len(shown))
	return marks.layer(doctype, _readable(numbers), 400 * len(shown))


def refuse_unmarked() -> None:
	"""Say which kind of print format can be used.

	Raises:
		AccessDeniedError: always.
	"""
	frappe.throw(
		_(
			"This kind of print format shows no confidentiality mark; choose another format for customer archives"
		),
		AccessDeniedError,
	)


def _readable(numbers: Collection[str]) -> list[str]:
	"""Those of the archives that the user may read: the mark tells nothing about others."""
	if not numbers:
		return []
	table = f"`tab{ARCHIVE}`"
	condition = query.visible_archives()
	rows = frappe.db.sql(
		f"select {table}.`name` from {table} where {table}.`name` in %s and {condition}",
		(sorted(numbers)[:MOST_ARCHIVES],),
	)
	return [name for (name,) in rows]


def _reads_archives() -> bool:
	return any(frappe.has_permission(doctype, "read") for doctype in (ARCHIVE, "Archive Borrowing"))


def _chosen(doctype: str | dict[str, list[str]], name: str | list[str]) -> dict[str, list[str]]:
	"""DocTypes and names that are asked for, in either of the two ways the framework knows."""
	kinds = frappe.parse_json(doctype) if isinstance(doctype, str) and doctype.startswith("{") else doctype
	if isinstance(kinds, dict):
		return {str(kind): [str(one) for one in names] for kind, names in kinds.items()}
	names = frappe.parse_json(name)
	return {str(kinds): [str(one) for one in (names if isinstance(names, list) else [names])]}


def _stamp(doctype: str, archives: Collection[str]) -> None:
	content = frappe.local.response.filecontent
	frappe.local.response.filecontent = watermark.stamp_pdf(
		bytes(content), marks.stamp_for(doctype, archives)
	)


def _original(method: str, **arguments: Any) -> Any:
	"""Call the function that would run without us: another app's override, or the framework's own."""
	others = [
		path
		for path in frappe.get_hooks("override_whitelisted_methods").get(method, [])
		if not path.startswith("kehu_archive.")
	]
	return frappe.call(others[-1] if others else method, **arguments)
