"""Exports: only the records of archives that the user may export leave the system, and each export is on record.

While a guarded export runs, the list conditions of our DocTypes ask the operation "export" besides "read", so that whichever list function the framework uses
leaves the other rows out. What leaves is counted in what was made, and carries the confidentiality, the person and the time.
Clause: R-SEC-02, R-DSC-04, R-DSC-07.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import frappe

from kehu_archive.audit import log
from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import access
from kehu_archive.permissions import documents, query, registry
from kehu_archive.permissions.guards import opening, original
from kehu_archive.printing import marks, watermark

REPORT_VIEW: Final = "frappe.desk.reportview.export_query"
DATA_EXPORT: Final = "frappe.core.doctype.data_export.exporter.export_data"
TEMPLATE: Final = "frappe.core.doctype.data_import.data_import.download_template"
_ROW: Final = re.compile(rb"<row[ >]")
#: A workbook is an archive of files.
_WORKBOOK: Final = b"PK"


@contextmanager
def exporting() -> Iterator[None]:
	"""Ask the operation "export" of every list meanwhile."""
	frappe.local.kehu_exporting = True
	try:
		yield
	finally:
		frappe.local.kehu_exporting = False


def condition(doctype: str, user: str | None = None) -> str:
	"""What an export adds to the list condition of a DocType; '' outside of an export and for records of no archive."""
	if not getattr(frappe.local, "kehu_exporting", False):
		return ""
	parent = registry.CHILDREN.get(doctype)
	if parent:
		through = _through(parent, f"`tab{doctype}`.`parent`", user, is_parent=True)
	else:
		field = registry.archive_field(doctype)
		through = _through(doctype, f"`tab{doctype}`.`{field}`", user) if field else ""
	return through


def _through(doctype: str, column: str, user: str | None, is_parent: bool = False) -> str:
	allowed = query.visible_archives(user, access.EXPORT)
	if allowed == query.EVERYTHING:
		return ""
	archives = f"select `tab{ARCHIVE}`.`name` from `tab{ARCHIVE}` where {allowed}"
	if not is_parent or doctype == ARCHIVE:
		return f"({column} in ({archives}))"
	field = registry.archive_field(doctype)
	return (
		f"({column} in (select `tab{doctype}`.`name` from `tab{doctype}` where `tab{doctype}`.`{field}` in ({archives})))"
		if field
		else ""
	)


@frappe.whitelist()
def export_report_view(**given: Any) -> Any:
	"""Export the rows of a list.

	Raises:
		AccessDeniedError: none of the rows may be exported.
	"""
	doctype = str(given.get("doctype") or "")
	return guarded(REPORT_VIEW, given, doctype)


@frappe.whitelist()
def export_data(**given: Any) -> Any:
	"""Export records, or an empty form for them.

	Raises:
		AccessDeniedError: none of the rows may be exported.
	"""
	doctype = (
		frappe.parse_json(given.get("doctype"))
		if str(given.get("doctype") or "").startswith("[")
		else given.get("doctype")
	)
	name = str(doctype[0] if isinstance(doctype, list) and doctype else doctype or "")
	return guarded(DATA_EXPORT, given, name, is_empty_right=not frappe.utils.cint(given.get("with_data")))


@frappe.whitelist()
def download_template(**given: Any) -> Any:
	"""Export records in the form of an import, or an empty form.

	Raises:
		AccessDeniedError: none of the rows may be exported.
	"""
	return guarded(
		TEMPLATE, given, str(given.get("doctype") or ""), given.get("export_records") == "blank_template"
	)


def guarded(path: str, given: dict[str, Any], doctype: str, is_empty_right: bool = False) -> Any:
	"""Run an export of the framework, of our DocTypes as this module says."""
	if doctype not in opening.OURS:
		return original.call(path, given)
	if not is_empty_right:
		require_right(doctype)
	return recorded(lambda: original.call(path, given), ("DocType", doctype), is_empty_right)


def require_right(doctype: str) -> None:
	"""Ask the roles for the right to export, which the framework does not ask of system managers.

	Raises:
		AccessDeniedError: no role has it.
	"""
	if not opening.by_role(doctype, "export"):
		documents.refuse(access.EXPORT)


def recorded(run: Callable[[], Any], what: tuple[str, str], is_empty_right: bool = False) -> Any:
	"""Run an export, count its rows, put it on record and stamp it; without a record and a stamp nothing is handed out. An empty form gets no stamp."""
	with exporting():
		answer = run()
	rows = rows_of(_content())
	try:
		if not rows and not is_empty_right:
			documents.refuse(access.EXPORT)
		if rows or not is_empty_right:
			log.record(
				"Export", document=what, quantity=rows, detail=_kind(frappe.local.response.get("filename"))
			)
		if not is_empty_right:
			_stamp(what[1])
	except Exception:
		for key in ("filecontent", "result", "type", "filename", "doctype"):
			frappe.local.response.pop(key, None)
		raise
	return answer


def _kind(filename: Any) -> str:
	"""The ending of a file's name: the name itself is the caller's and may tell anything."""
	return str(filename or "").rpartition(".")[2][:10]


def _content() -> bytes:
	found = frappe.local.response.get("filecontent") or frappe.local.response.get("result") or b""
	return found.encode() if isinstance(found, str) else found


def _stamp(title: str) -> None:
	"""Put the watermark's lines into the table that was made."""
	content = _content()
	lines = marks.export_lines(title, query.visible_archives(operation=access.EXPORT))
	stamp = watermark.stamp_workbook if content[:2] == _WORKBOOK else watermark.stamp_csv
	response = frappe.local.response
	key = "filecontent" if response.get("filecontent") else "result"
	stamped = stamp(content, lines)
	response[key] = stamped.decode() if isinstance(response[key], str) else stamped


def rows_of(content: bytes) -> int:
	"""Number of rows below the head line of a table that was made, as a workbook or as text."""
	if content[:2] == _WORKBOOK:
		with zipfile.ZipFile(io.BytesIO(content)) as book:
			sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
			return max(0, sum(len(_ROW.findall(book.read(name))) for name in sheets) - 1)
	text = content.decode("utf-8-sig", "replace")
	return max(0, sum(1 for row in csv.reader(io.StringIO(text)) if any(row)) - 1)
