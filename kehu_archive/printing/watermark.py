"""Stamp finished files: PDF pages, workbooks, tables of text. Knows nothing of the framework; the caller says what is to be written.

No lines means that the watermark is switched off: workbooks and tables come back as they are, PDF pages still get their head and page number.
"""

from __future__ import annotations

import csv
import io
import itertools
import math
import threading
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any, Final

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from pypdf import PdfReader, PdfWriter
from reportlab.lib.colors import Color
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from kehu_archive.printing import fonts

MILLIMETRE: Final = 72 / 25.4
#: Between one repetition of the watermark and the next.
STEP_ACROSS: Final = 85 * MILLIMETRE
STEP_UP: Final = 62 * MILLIMETRE
ANGLE: Final = 30
SIZE: Final = 11
SMALL: Final = 8
#: Excel keeps no more characters of a page's header or footer.
MOST_HEADER_CHARACTERS: Final = 250
#: Rows that settle the widths of the columns.
ROWS_MEASURED: Final = 200
#: From here on a character is as wide as two Latin ones.
FIRST_WIDE_CHARACTER: Final = 0x2E7F
_SEPARATOR: Final = " · "
_BYTE_ORDER_MARK: Final = "﻿".encode()
_TEXT: Final = Color(0.25, 0.25, 0.25, alpha=1)
_PALE: Final = Color(0.35, 0.35, 0.35, alpha=0.16)
#: The PDF library keeps its fonts for the whole process.
_FONTS: Final = threading.Lock()


@dataclass(frozen=True)
class Stamp:
	"""What is written on every page: the watermark's lines, the mark at the head, the page number with {0} and {1} for page and pages."""

	lines: tuple[str, ...] = ()
	head: str = ""
	pages: str = ""


def stamp_pdf(content: bytes, stamp: Stamp) -> bytes:
	"""Write the stamp as text on every page of a PDF, whatever size the pages have.

	Raises:
		ValueError: the PDF is protected by a password or is none.
	"""
	try:
		reader = PdfReader(io.BytesIO(content))
	except Exception as error:
		raise ValueError("no PDF that can be stamped") from error
	if reader.is_encrypted:
		raise ValueError("a PDF with a password cannot be stamped")
	sizes = [(float(page.mediabox.width), float(page.mediabox.height)) for page in reader.pages]
	overlay = PdfReader(io.BytesIO(_overlay(sizes, stamp)))
	writer = PdfWriter()
	for page, layer in zip(reader.pages, overlay.pages, strict=True):
		writer.add_page(page).merge_page(layer)
	result = io.BytesIO()
	writer.write(result)
	return result.getvalue()


def _overlay(sizes: Sequence[tuple[float, float]], stamp: Stamp) -> bytes:
	file = io.BytesIO()
	lines = [fonts.writable(line) for line in stamp.lines]
	head = fonts.writable(stamp.head)
	with _FONTS:
		font = fonts.register("".join((*lines, _SEPARATOR, head, stamp.pages)))
		canvas = Canvas(file)
		for number, size in enumerate(sizes, start=1):
			canvas.setPageSize(size)
			_draw_watermark(canvas, size, font, lines)
			_draw_edges(
				canvas, size, font, (head, _SEPARATOR.join(lines), stamp.pages.format(number, len(sizes)))
			)
			canvas.showPage()
		if not sizes:
			canvas.showPage()
		canvas.save()
	return file.getvalue()


def _draw_watermark(canvas: Any, size: tuple[float, float], font: str, lines: Sequence[str]) -> None:
	"""Slanted over the whole page, so that no cut-out of a copy is without it; long lines are made smaller, so that they stay readable."""
	canvas.setFillColor(_PALE)
	widest = max((stringWidth(line, font, SIZE) for line in lines), default=0)
	size_of_text = min(SIZE, SIZE * STEP_ACROSS / widest) if widest else SIZE
	for x, y in _places(size) if lines else ():
		canvas.saveState()
		canvas.translate(x, y)
		canvas.rotate(ANGLE)
		canvas.setFont(font, size_of_text)
		for row, line in enumerate(lines):
			canvas.drawCentredString(0, -row * SIZE * 1.5, line)
		canvas.restoreState()


def _places(size: tuple[float, float]) -> Iterator[tuple[float, float]]:
	"""At least one place on any page, every second row shifted by half a step."""
	width, height = size
	across, up = max(1, math.ceil(width / STEP_ACROSS)), max(1, math.ceil(height / STEP_UP))
	for row in range(up):
		shift = STEP_ACROSS / 4 * (1 if row % 2 else -1)
		for column in range(across):
			yield (column + 0.5) * width / across + shift / 2, (row + 0.5) * height / up


def _draw_edges(canvas: Any, size: tuple[float, float], font: str, texts: tuple[str, str, str]) -> None:
	"""The mark at the head, who and when at the foot, the page number."""
	width, height = size
	head, foot, number = texts
	canvas.setFillColor(_TEXT)
	canvas.setFont(font, SMALL + 1)
	canvas.drawRightString(width - 12 * MILLIMETRE, height - 8 * MILLIMETRE, head)
	canvas.setFont(font, SMALL)
	canvas.drawString(12 * MILLIMETRE, 6 * MILLIMETRE, foot)
	canvas.drawRightString(width - 12 * MILLIMETRE, 6 * MILLIMETRE, number)


def stamp_workbook(content: bytes, lines: Sequence[str]) -> bytes:
	"""Put the lines into an exported workbook: as first row, as header and footer of the printed pages, and as the file's properties.

	The sheets are copied as a stream, with values, number formats, fonts, fills, alignment and widths; what looks like a formula stays text.

	Raises:
		ValueError: the content is no workbook.
	"""
	if not lines:
		return content
	try:
		source = load_workbook(io.BytesIO(content), read_only=True)
	except Exception as error:
		raise ValueError("no workbook that can be stamped") from error
	target = Workbook(write_only=True)
	text = _SEPARATOR.join(lines)
	styles: dict[int, _Style] = {}
	for sheet in source.worksheets:
		_copy_sheet(sheet, target.create_sheet(sheet.title), text, styles)
	source.close()
	properties = target.properties
	properties.creator, properties.description, properties.keywords = lines[-1], text, text
	properties.category = lines[0]
	result = io.BytesIO()
	target.save(result)
	return result.getvalue()


def _copy_sheet(source: Any, target: Any, text: str, styles: dict[int, _Style]) -> None:
	source.reset_dimensions()
	stream = source.iter_rows()
	beginning = list(itertools.islice(stream, ROWS_MEASURED))
	# Widths stand before the rows in the file.
	for column, width in _widths(beginning).items():
		target.column_dimensions[get_column_letter(column)].width = width
	target.freeze_panes = "A3"
	target.print_title_rows = "1:2"
	_set_edges(target, text)
	first = WriteOnlyCell(target, text)
	first.font = Font(bold=True)
	target.append([first])
	for row in itertools.chain(beginning, stream):
		target.append([_copy_cell(cell, target, styles) for cell in row])


def _set_edges(sheet: Any, text: str) -> None:
	"""An ampersand would begin a code of Excel's."""
	short = text.replace("&", "＆")[:MOST_HEADER_CHARACTERS]
	sheet.oddHeader.center.text = short
	sheet.oddFooter.left.text = short
	sheet.oddFooter.right.text = "&P / &N"


def _widths(rows: Sequence[Sequence[Any]]) -> dict[int, int]:
	widths: dict[int, int] = {}
	for row in rows:
		for column, cell in enumerate(row, start=1):
			text = "" if cell.value is None else str(cell.value)[:60]
			wide = sum(2 if ord(char) > FIRST_WIDE_CHARACTER else 1 for char in text)
			widths[column] = max(widths.get(column, 10), min(50, wide + 2))
	return widths


def _copy_cell(cell: Any, sheet: Any, styles: dict[int, _Style]) -> Any:
	"""A formula becomes the text it was written with: exports hold none, customers' names may look like one."""
	if cell.value is None:
		return None
	value = cell.value if cell.data_type != "f" else str(getattr(cell.value, "text", None) or cell.value)
	is_risky = isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t")
	if not cell.has_style and not is_risky:
		return value
	result = WriteOnlyCell(sheet, value)
	if cell.has_style:
		if cell._style_id not in styles:
			styles[cell._style_id] = _Style.of(cell)
		style = styles[cell._style_id]
		result.number_format, result.font = style.number_format, style.font
		result.fill, result.alignment = style.fill, style.alignment
	if is_risky:
		result.data_type = "s"
		result.quotePrefix = True
	return result


@dataclass(frozen=True)
class _Style:
	number_format: str
	font: Any
	fill: Any
	alignment: Any

	@classmethod
	def of(cls, cell: Any) -> _Style:
		return cls(cell.number_format, copy(cell.font), copy(cell.fill), copy(cell.alignment))


def stamp_csv(content: bytes, lines: Sequence[str]) -> bytes:
	"""Put the lines as first row into an exported table of comma-separated text; a byte order mark stays in front."""
	if not lines:
		return content
	mark = _BYTE_ORDER_MARK if content.startswith(_BYTE_ORDER_MARK) else b""
	row = io.StringIO()
	csv.writer(row, quoting=csv.QUOTE_ALL).writerow([_SEPARATOR.join(lines)])
	return mark + row.getvalue().encode() + content[len(mark) :]
