"""Read and write workbooks as streams, trusting nothing about the file.

A workbook comes from outside: it may be something else under another name, encrypted, damaged, or built to
fill the memory. Every such file ends in an ``ImportRefusedError`` that says what to do; nothing else escapes.
"""

from __future__ import annotations

import mmap
import os
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final, NoReturn

import frappe
from frappe import _
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from kehu_archive.exceptions import ImportRefusedError

MEGABYTE: Final = 1024 * 1024
#: Far more than 100,000 rows of the statistics sheet need, far less than a compressed bomb unfolds to.
MOST_UNPACKED_BYTES: Final = 512 * MEGABYTE
MOST_SHARED_TEXT_BYTES: Final = 160 * MEGABYTE
MOST_PARTS: Final = 5000
#: Columns looked at; the statistics sheet has 15, real sheets add a few of their own.
MOST_COLUMNS: Final = 64
LAST_ROW_OF_A_SHEET: Final = 1_048_576
#: An Excel cell holds no more; digits beyond the fifteenth of a number are lost.
MOST_CELL_CHARACTERS: Final = 32_767
EXACT_INTEGER: Final = 10**15

_ZIP: Final = b"PK\x03\x04"
_COMPOUND: Final = bytes.fromhex("D0CF11E0A1B11AE1")
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_WORKBOOK_PART: Final = "xl/workbook.xml"
_SHARED_TEXT_PART: Final = "xl/sharedStrings.xml"

Cells = tuple[Any, ...]
Line = tuple[int, Cells]


class WorkbookWriteError(OSError):
	"""A workbook could not be written; the disk is full or refuses."""


@dataclass(frozen=True)
class Sheet:
	"""One sheet of an open workbook: its title, and its lines as often as they are asked for."""

	title: str
	source: Any

	def lines(self, columns: int = MOST_COLUMNS) -> Iterator[Line]:
		"""Give (row number as Excel shows it, values of the first ``columns`` cells), without loading the sheet.

		A formula comes as text that begins with ``=``, an error value as text such as ``#N/A``.

		Raises:
			ImportRefusedError: the sheet is damaged.
		"""
		self.source.reset_dimensions()
		rows = self.source.iter_rows(max_col=columns, max_row=LAST_ROW_OF_A_SHEET)
		for number, row in enumerate(_guarded(rows), start=1):
			yield number, tuple(_value(cell) for cell in row)


@contextmanager
def open_workbook(path: str | Path, most_megabytes: int) -> Iterator[list[Sheet]]:
	"""Open a workbook for reading and give its visible sheets in their order.

	Args:
		path: the file on the server's disk.
		most_megabytes: larger files are refused before a byte is read.

	Raises:
		ImportRefusedError: too large, empty, of another kind, protected by a password, damaged, or
			unfolding to more than an honest workbook does.
	"""
	file = Path(path)
	_check_size(file, most_megabytes)
	_check_kind(file)
	_check_parts(file)
	try:
		book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
	except Exception as error:  # the parser fails in a dozen ways on a damaged file; all mean the same here
		_refuse_damaged(error)
	try:
		yield [
			Sheet(sheet.title, sheet)
			for sheet in book.worksheets
			if getattr(sheet, "sheet_state", "visible") == "visible"
		]
	finally:
		book.close()


def _check_size(file: Path, most_megabytes: int) -> None:
	try:
		size = file.stat().st_size
	except FileNotFoundError:
		frappe.throw(_("The uploaded workbook is no longer on the server; upload it again"), ImportRefusedError)
	if size == 0:
		frappe.throw(_("The file is empty (0 bytes); save the workbook again and upload it"), ImportRefusedError)
	if size > most_megabytes * MEGABYTE:
		frappe.throw(
			_("The file has {0} MB, at most {1} MB are taken; split it into several workbooks").format(
				-(-size // MEGABYTE), most_megabytes
			),
			ImportRefusedError,
		)


def _check_kind(file: Path) -> None:
	with file.open("rb") as stream:
		head = stream.read(8)
	if head.startswith(_ZIP):
		return
	if head == _COMPOUND:
		_refuse_compound(file)
	frappe.throw(
		_("This is no Excel workbook, whatever its name says; open it in Excel or WPS, save it as .xlsx and upload that"),
		ImportRefusedError,
	)


def _refuse_compound(file: Path) -> NoReturn:
	"""The same container holds old .xls files and encrypted new ones; the name of a stream inside tells."""
	with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
		encrypted = content.find(_ENCRYPTED) >= 0
	if encrypted:
		text = _("The workbook is protected by a password; remove the password in Excel or WPS, save it and upload it again")
	else:
		text = _("This is a workbook of the old kind (.xls), whatever its name says; save it as .xlsx and upload that")
	frappe.throw(text, ImportRefusedError)
	raise AssertionError  # frappe.throw never returns


def _check_parts(file: Path) -> None:
	"""Look at the list of parts before unpacking any: sizes stated there bound what the unpacker will give."""
	try:
		with zipfile.ZipFile(file) as archive:
			parts = {part.filename: part for part in archive.infolist()}
	except (zipfile.BadZipFile, OSError, ValueError) as error:
		_refuse_damaged(error)
	if _WORKBOOK_PART not in parts:
		frappe.throw(
			_("The file holds no Excel workbook (.xlsx); open it in Excel or WPS, save it as .xlsx and upload that"),
			ImportRefusedError,
		)
	shared = parts.get(_SHARED_TEXT_PART)
	unpacked = sum(part.file_size for part in parts.values())
	if (
		len(parts) > MOST_PARTS
		or unpacked > MOST_UNPACKED_BYTES
		or (shared and shared.file_size > MOST_SHARED_TEXT_BYTES)
	):
		frappe.throw(
			_("Unpacked, the workbook would fill {0} MB; copy the rows into a new workbook and upload that").format(
				-(-unpacked // MEGABYTE)
			),
			ImportRefusedError,
		)


def _guarded(rows: Iterable[Any]) -> Iterator[Any]:
	source = iter(rows)
	while True:
		try:
			row = next(source)
		except StopIteration:
			return
		except Exception as error:  # as above: whatever the parser stumbles over, the file is damaged
			_refuse_damaged(error)
		yield row


def _refuse_damaged(error: Exception) -> NoReturn:
	frappe.logger().info(f"workbook refused: {error!r}")
	frappe.throw(
		_("The workbook is damaged and cannot be read; open it in Excel or WPS, save it again and upload it"),
		ImportRefusedError,
	)
	raise AssertionError  # frappe.throw never returns


def _value(cell: Any) -> Any:
	if cell.data_type == "f":
		return str(getattr(cell.value, "text", None) or cell.value or "=")
	return cell.value


def plain(value: Any) -> str | int | float | bool | None:
	"""Return a cell's value in a form that JSON keeps: dates as ISO text, everything unknown as text."""
	if value is None or isinstance(value, (str, bool, int, float)):
		return value
	if isinstance(value, datetime):
		return value.date().isoformat() if value.time() == time.min else value.isoformat(sep=" ", timespec="seconds")
	return value.isoformat() if isinstance(value, (date, time)) else str(value)


@dataclass(frozen=True)
class Heading:
	"""A column of a workbook we write: its name, width in characters, whether it stands out."""

	text: str
	width: int = 16
	strong: bool = False


def write_workbook(
	path: str | Path, title: str, columns: Sequence[Heading], rows: Iterable[Sequence[Any]]
) -> int:
	"""Write one sheet as a stream and return the number of rows; the file appears complete or not at all.

	Every text stays text: a cell that begins with ``=``, ``+``, ``-`` or ``@`` is never a formula.

	Raises:
		WorkbookWriteError: the disk is full or refuses; nothing is left behind.
	"""
	target = Path(path)
	partial = target.with_name(f".{target.name}.part")
	book = Workbook(write_only=True)
	sheet = book.create_sheet(title)
	try:
		count = _write_rows(sheet, columns, rows)
		with partial.open("wb") as stream:
			book.save(stream)
			stream.flush()
			os.fsync(stream.fileno())
		os.replace(partial, target)
	except (frappe.db.OperationalError, frappe.db.InternalError):
		_remove_leftovers(sheet, partial)
		raise
	except Exception as error:  # depending on the XML library a full disk is an OSError or an error of its own
		_remove_leftovers(sheet, partial)
		raise WorkbookWriteError(str(error)) from error
	return count


def _write_rows(sheet: Any, columns: Sequence[Heading], rows: Iterable[Sequence[Any]]) -> int:
	for number, column in enumerate(columns, start=1):
		sheet.column_dimensions[get_column_letter(number)].width = column.width
	sheet.freeze_panes = "A2"
	sheet.append([_heading(sheet, column) for column in columns])
	count = 0
	for row in rows:
		sheet.append([_cell(sheet, value) for value in row])
		count += 1
	return count


def _heading(sheet: Any, column: Heading) -> Any:
	cell = _cell(sheet, column.text)
	cell.font = Font(bold=True)
	cell.alignment = Alignment(wrap_text=True, vertical="center")
	if column.strong:
		cell.fill = PatternFill("solid", fgColor="FFF2CC")
	return cell


def _cell(sheet: Any, value: Any) -> Any:
	"""A number that Excel keeps exactly stays a number; everything else is text, marked so that editing keeps it text."""
	if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < EXACT_INTEGER:
		return WriteOnlyCell(sheet, value)
	if value is None:
		return None
	text = _printable(str(value))[:MOST_CELL_CHARACTERS]
	cell = WriteOnlyCell(sheet, text)
	if text[:1] in ("=", "+", "-", "@", "\t"):
		cell.data_type = "s"
		cell.quotePrefix = True
	return cell


def _printable(text: str) -> str:
	"""XML has no place for most control characters."""
	return "".join(char for char in text if char >= " " or char in "\t\n\r")


def _remove_leftovers(sheet: Any, partial: Path) -> None:
	"""The library keeps a sheet's rows in a temporary file and removes it only when all goes well."""
	partial.unlink(missing_ok=True)
	temporary = getattr(getattr(sheet, "_writer", None), "out", None)
	if isinstance(temporary, str):
		Path(temporary).unlink(missing_ok=True)
