"""What an import tells its user: the summary for the form, the workbook of rejected rows, the empty template."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import cstr, get_files_path
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from pypika.functions import Count, Min

from kehu_archive.domain.import_sheet import COLUMNS, Column
from kehu_archive.services import import_secrets
from kehu_archive.services.import_staging import ROW
from kehu_archive.services.workbook import Heading, write_workbook

IMPORT: Final = "Archive Import"
FIRST_ROWS: Final = 20
PAGE: Final = 1000
REJECTED_SUFFIX: Final = "-rejected.xlsx"
TEMPLATE_ROWS: Final = 1000
#: Columns of the template: those of F-03 and the code that recognises a company best.
TEMPLATE_COLUMNS: Final = (
	"serial_no",
	"customer_name",
	"customer_type",
	"credit_code",
	"legal_representative",
	"address",
	"phone",
	"postcode",
	"fax",
	"business_scope",
	"registered_capital",
	"contact_name",
	"contact_phone",
	"customer_category",
	"period_amount",
	"remark",
)
WIDE: Final = frozenset({"customer_name", "address", "business_scope", "credit_code", "remark"})
AS_TEXT: Final = frozenset({"credit_code", "phone", "postcode", "fax", "contact_phone"})
#: The form's own names are Chinese in every language; the unit stands in the name, where the reader looks for it.
UNITS: Final = {"registered_capital": "（万元）", "period_amount": "（元）"}
#: What the columns with a choice offer; the sheet's reader understands the translated words.
CHOICES: Final = {
	"customer_type": ("Organisation", "Individual"),
	"customer_category": ("Key Customer", "Stable Customer", "General Customer", "Potential Customer"),
}


def summary(name: str) -> dict[str, Any]:
	"""Counts, kinds of faults, and the first rows, for the form."""
	doc = frappe.get_doc(IMPORT, name)
	fields = (
		"status",
		"progress",
		"total_rows",
		"imported_rows",
		"existing_rows",
		"rejected_rows",
		"warning_rows",
		"error_message",
		"error_file",
	)
	kinds = _kinds(name)
	columns = json.loads(doc.header_cells or "[]")
	return {
		**{field: doc.get(field) for field in fields},
		"pending_rows": frappe.db.count(ROW, {"import_batch": name, "status": "Pending"}),
		"twice_rows": sum(kind["rows"] for kind in kinds if kind["code"] == "row-twice" and kind["rejected"]),
		"similar_rows": sum(kind["rows"] for kind in kinds if kind["code"] == "similar" and not kind["rejected"]),
		"kinds": kinds,
		"columns": columns,
		"first_rows": _first_rows(name, columns),
	}


def _kinds(name: str) -> list[dict[str, Any]]:
	"""Each kind of fault with how many rows have it and the example of the first row, most frequent first; refusals before warnings."""
	row = frappe.qb.DocType(ROW)
	groups = (
		frappe.qb.from_(row)
		.select(row.status, row.fault_codes, Count("*"), Min(row.row_no).as_("first"))
		.where((row.import_batch == name) & (row.fault_codes != ""))
		.groupby(row.status, row.fault_codes)
		.orderby("first")
		.run()
	)
	reason_of = _reasons(name, [first for *_group, first in groups])
	rows: Counter[tuple[bool, str]] = Counter()
	examples: dict[tuple[bool, str], str] = {}
	for status, codes, count, first in groups:
		# A row's codes stand in the order of the lines of its reason; one that occurs twice is one row all the same.
		lines = dict(reversed(list(zip(codes.split(","), reason_of[first].split("\n"), strict=False))))
		for code, line in lines.items():
			rows[status == "Rejected", code] += count
			examples.setdefault((status == "Rejected", code), line)
	ordered = sorted(rows.items(), key=lambda item: (not item[0][0], -item[1], item[0][1]))
	return [
		{"code": code, "rejected": rejected, "rows": count, "example": examples.get((rejected, code), "")}
		for (rejected, code), count in ordered
	]


def _reasons(name: str, numbers: list[int]) -> dict[int, str]:
	if not numbers:
		return {}
	found = frappe.get_all(
		ROW, filters={"import_batch": name, "row_no": ("in", numbers)}, fields=["row_no", "reason"], as_list=True, limit=0
	)
	return {number: cstr(reason) for number, reason in found}


def _first_rows(name: str, columns: list[str]) -> list[dict[str, Any]]:
	rows = frappe.get_all(
		ROW,
		filters={"import_batch": name},
		fields=["name", "row_no", "status", "customer_name", "reason", "archive", "cells"],
		order_by="row_no asc",
		limit=FIRST_ROWS,
	)
	shown = import_secrets.shown_cells(name, [(row.name, row.cells) for row in rows], columns)
	return [{**row, "cells": cells} for row, cells in zip(rows, shown, strict=True)]


def attach_rejected_rows(doc: Any) -> str | None:
	"""Write the rejected rows, each with its reason beside it, to a private file of the import; return its address.

	None when no row was rejected. Written again it replaces the former one.

	Raises:
		WorkbookWriteError: the disk is full; no file is left behind.
	"""
	if not frappe.db.exists(ROW, {"import_batch": doc.name, "status": "Rejected"}):
		return None
	names = json.loads(doc.header_cells or "[]")
	columns = [Heading(name or " ", width=18) for name in names] + [Heading(_("Reason"), width=60, strong=True)]
	path = Path(get_files_path(f"{doc.name}{REJECTED_SUFFIX}", is_private=1))
	write_workbook(path, _("Rejected Rows"), columns, _rejected(doc.name, len(names)))
	return _file_of(doc, path)


def _rejected(name: str, width: int) -> Iterator[list[Any]]:
	last = 0
	while rows := frappe.get_all(
		ROW,
		filters={"import_batch": name, "status": "Rejected", "row_no": (">", last)},
		fields=["name", "row_no", "cells", "reason"],
		order_by="row_no asc",
		limit=PAGE,
	):
		opened = import_secrets.open_cells(name, [(row.name, row.cells) for row in rows])
		for row, cells in zip(rows, (one[:width] for one in opened), strict=True):
			yield [*cells, *[None] * (width - len(cells)), row.reason]
		last = rows[-1].row_no


def _file_of(doc: Any, path: Path) -> str:
	url = f"/private/files/{path.name}"
	values = {"file_size": path.stat().st_size, "file_name": f"{doc.name}-{_('Rejected Rows')}.xlsx"}
	known = frappe.db.get_value("File", {"file_url": url, "attached_to_name": doc.name})
	if known:
		frappe.db.set_value("File", known, values)
		return url
	file = frappe.get_doc(
		{
			"doctype": "File",
			"file_url": url,
			"is_private": 1,
			"folder": "Home/Attachments",
			"attached_to_doctype": IMPORT,
			"attached_to_name": doc.name,
			"attached_to_field": "error_file",
			**values,
		}
	)
	# Written straight to the table: the document's own insert would load the whole workbook into memory,
	# refuse it above the limit for uploads, and save it a second time under another name.
	file.set_new_name()
	file.db_insert()
	return url


def template() -> bytes:
	"""An empty workbook of the statistics sheet: title, one line of explanation, the column names. Clause: F-03."""
	book = Workbook()
	sheet = book.active
	sheet.title = _("Customer Statistics Sheet")
	known = {column.code: column for column in COLUMNS}
	last = get_column_letter(len(TEMPLATE_COLUMNS))
	for line, (text, size, height) in enumerate(
		((_("Customer Statistics Sheet"), 16, 28), (_template_help(), 10, 62)), start=1
	):
		sheet.merge_cells(f"A{line}:{last}{line}")
		cell = sheet[f"A{line}"]
		cell.value = text
		cell.font = Font(bold=line == 1, size=size, color="000000" if line == 1 else "666666")
		cell.alignment = Alignment(horizontal="center" if line == 1 else "left", vertical="center", wrap_text=True)
		sheet.row_dimensions[line].height = height
	for number, code in enumerate(TEMPLATE_COLUMNS, start=1):
		_template_column(sheet, number, known[code])
	sheet.freeze_panes = "A4"
	stream = io.BytesIO()
	book.save(stream)
	return stream.getvalue()


def _template_help() -> str:
	return _(
		"One customer a row; columns with * must be filled. Write several phone numbers into one cell with a "
		"semicolon between them. Cells must hold values, not formulas. Registered capital in 10k CNY, the amount of the period in CNY."
	)


def _template_column(sheet: Any, number: int, column: Column) -> None:
	code = column.code
	letter = get_column_letter(number)
	cell = sheet[f"{letter}3"]
	cell.value = f"{column.names[0]}{UNITS.get(column.code, '')}{'*' if column.required else ''}"
	cell.font = Font(bold=True)
	cell.fill = PatternFill("solid", fgColor="DCE6F1")
	cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
	sheet.column_dimensions[letter].width = 28 if code in WIDE else 14
	rows = range(4, 4 + TEMPLATE_ROWS)
	if code in AS_TEXT:
		# Long digit strings typed into a general cell lose their leading zeros or their last digits.
		for row in rows:
			sheet[f"{letter}{row}"].number_format = "@"
	if code in CHOICES:
		listed = ",".join(_(choice) for choice in CHOICES[code])
		rule = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True)
		rule.add(f"{letter}{rows.start}:{letter}{rows.stop - 1}")
		sheet.add_data_validation(rule)
