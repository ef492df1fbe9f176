"""Stamps on finished files: really there as text on every page, in every workbook and table (R-SEC-02, R-DSC-07)."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from pypdf import PdfReader, PdfWriter
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from kehu_archive.printing import fonts, watermark
from kehu_archive.printing.watermark import Stamp

LINES = ("密级：核心商密 · 客户档案", "张三丰 <zhang.sanfeng@kehu.test>", "2026-11-22 03:30:59")
HEAD = "密级：核心商密 ★ 2031-11-22"
STAMP = Stamp(LINES, HEAD, "第 {0} 页 共 {1} 页")
A4 = (595.0, 842.0)
LANDSCAPE = (842.0, 595.0)
TINY = (120.0, 90.0)
#: Whatever a person's name may be written with.
NAMES = st.text(
	st.characters(min_codepoint=0x21, max_codepoint=0x9FA5, whitelist_categories=("L", "N")),
	min_size=1,
	max_size=12,
)


def pdf(*sizes: tuple[float, float]) -> bytes:
	file = io.BytesIO()
	canvas = Canvas(file)
	for number, size in enumerate(sizes, start=1):
		canvas.setPageSize(size)
		canvas.drawString(20, 40, f"content {number}")
		canvas.showPage()
	canvas.save()
	return file.getvalue()


def texts(content: bytes) -> list[str]:
	return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def test_every_page_of_every_size_carries_who_when_and_how_secret() -> None:
	sizes = (A4, LANDSCAPE, A4, TINY)
	stamped = texts(watermark.stamp_pdf(pdf(*sizes), STAMP))
	assert len(stamped) == len(sizes)
	for number, text in enumerate(stamped, start=1):
		assert f"content {number}" in text
		assert HEAD in text
		assert f"第 {number} 页 共 4 页" in text
		assert " · ".join(LINES) in text
		for line in LINES:
			# Once at the foot and at least once across the page.
			assert text.count(line) >= 2, (number, line)


def test_the_watermark_covers_the_page_not_one_spot() -> None:
	places = list(watermark._places(A4))
	wide, high = 320, 230
	for left in range(0, int(A4[0]) - wide, 20):
		for below in range(0, int(A4[1]) - high, 20):
			assert any(left <= x <= left + wide and below <= y <= below + high for x, y in places), (
				left,
				below,
			)


def test_without_lines_a_page_still_has_its_mark_and_number() -> None:
	(text,) = texts(watermark.stamp_pdf(pdf(A4), Stamp((), HEAD, "第 {0} 页 共 {1} 页")))
	assert HEAD in text and "第 1 页 共 1 页" in text and LINES[1] not in text


@pytest.fixture
def font_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
	"""The only place where fonts are looked for; empty at first, and no text has been written yet."""
	monkeypatch.setattr(fonts, "FOLDERS", (str(tmp_path),))
	# The library never forgets a font, so the tests' own needs a name of its own.
	monkeypatch.setattr(fonts, "NAME", "KehuArchiveTest")
	monkeypatch.setattr(fonts, "_registered", [])
	monkeypatch.setattr(fonts, "_needed", set())
	fonts._source.cache_clear()
	yield tmp_path
	fonts._source.cache_clear()


def install_font(folder: Path, characters: str) -> None:
	"""A font with PostScript outlines as Noto Sans CJK has them: the same square for every character."""
	pen = T2CharStringPen(1000, None)
	for place, point in enumerate(((100, 0), (900, 0), (900, 800), (100, 800))):
		(pen.lineTo if place else pen.moveTo)(point)
	pen.closePath()
	square = pen.getCharString()
	names = {ord(char): f"u{ord(char):04X}" for char in characters}
	builder = FontBuilder(1000, isTTF=False)
	builder.setupGlyphOrder([".notdef", *names.values()])
	builder.setupCharacterMap(names)
	builder.setupCFF("Test", {}, dict.fromkeys((".notdef", *names.values()), square), {})
	builder.setupHorizontalMetrics(dict.fromkeys((".notdef", *names.values()), (1000, 100)))
	builder.setupHorizontalHeader(ascent=880, descent=-120)
	builder.setupNameTable({"familyName": fonts.FAMILY, "styleName": "Regular"})
	builder.setupOS2()
	builder.setupPost()
	builder.save(folder / "NotoSansCJKsc-Regular.otf")


def fonts_of(content: bytes) -> list[Any]:
	page = PdfReader(io.BytesIO(content)).pages[0]
	return [font.get_object() for font in page["/Resources"]["/Font"].values()]


def test_the_font_is_inside_the_file(font_folder: Path) -> None:
	install_font(font_folder, "".join(sorted({*"".join(LINES), *HEAD, *" ·第页共0123456789"})))
	stamped = watermark.stamp_pdf(pdf(A4), STAMP)
	described = [font["/FontDescriptor"].get_object() for font in fonts_of(stamped) if "/FontDescriptor" in font]
	assert any("KehuArchiveTest" in one["/FontName"] and "/FontFile2" in one for one in described)
	assert " · ".join(LINES) in texts(stamped)[0]


def test_without_the_font_the_readers_own_is_named(font_folder: Path) -> None:
	stamped = watermark.stamp_pdf(pdf(A4), STAMP)
	names = [font["/BaseFont"] for font in fonts_of(stamped)]
	assert any(fonts.FALLBACK in name for name in names)
	assert not any("KehuArchive" in name for name in names)
	assert " · ".join(LINES) in texts(stamped)[0]


@settings(max_examples=25, deadline=None)
@given(name=NAMES)
def test_any_name_can_be_read_back(name: str) -> None:
	"""One name after the other in one process: the font grows with what they need."""
	(text,) = texts(watermark.stamp_pdf(pdf(A4), Stamp((f"<{name}>",), "", "")))
	assert _plain(f"<{fonts.writable(name)}>") in _plain(text)


def _plain(text: str) -> str:
	return "".join(unicodedata.normalize("NFKC", text).split())


def test_the_foot_of_plain_lines_is_readable_too() -> None:
	(text,) = texts(watermark.stamp_pdf(pdf(A4), Stamp(("one", "two"), "", "")))
	assert "one · two" in text


def test_a_long_line_does_not_run_into_the_next() -> None:
	widths: list[float] = []

	class Recorder(Canvas):
		def drawCentredString(self, x: float, y: float, text: str, **more: Any) -> None:
			widths.append(stringWidth(text, self._fontname, self._fontsize))

	line = "long.name@" + "x" * 80 + ".test"
	watermark._draw_watermark(Recorder(io.BytesIO()), A4, "Helvetica", [line, "short"])
	assert widths and max(widths) <= watermark.STEP_ACROSS + 0.01


def test_what_no_font_has_becomes_a_box() -> None:
	assert fonts.writable("a\u0007b\U000e0041") == "a□b□"


@pytest.mark.parametrize("content", [b"", b"no pdf at all"])
def test_what_is_no_pdf_is_refused(content: bytes) -> None:
	with pytest.raises(ValueError, match="no PDF"):
		watermark.stamp_pdf(content, STAMP)


def test_a_pdf_with_a_password_is_refused() -> None:
	writer = PdfWriter()
	writer.add_page(PdfReader(io.BytesIO(pdf(A4))).pages[0])
	writer.encrypt("secret")
	file = io.BytesIO()
	writer.write(file)
	with pytest.raises(ValueError, match="password"):
		watermark.stamp_pdf(file.getvalue(), STAMP)


def workbook(rows: list[list[Any]]) -> bytes:
	book = Workbook()
	sheet = book.active
	sheet.title = "客户"
	for row in rows:
		sheet.append(row)
	for cell in sheet[1]:
		cell.font = Font(bold=True)
	book.create_sheet("second").append(["more"])
	file = io.BytesIO()
	book.save(file)
	return file.getvalue()


def test_a_workbook_carries_the_lines_first_in_head_and_foot_and_in_its_properties() -> None:
	rows = [["名称", "日期", "金额"], ["甲公司", datetime(2026, 1, 2), 12.5], ["=HYPERLINK(1)", None, -3]]
	book = load_workbook(io.BytesIO(watermark.stamp_workbook(workbook(rows), LINES)))
	text = " · ".join(LINES)
	assert book.sheetnames == ["客户", "second"]
	for sheet in book.worksheets:
		assert sheet["A1"].value == text
		assert sheet.oddHeader.center.text == text
		assert sheet.oddFooter.left.text == text
	sheet = book["客户"]
	assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == rows
	assert sheet["A2"].font.b and not sheet["A3"].font.b
	assert sheet["B3"].is_date
	assert sheet["A4"].data_type == "s", "a name that looks like a formula stays text"
	assert (book.properties.description, book.properties.category) == (text, LINES[0])


def test_an_ampersand_in_a_name_is_no_code_of_the_page_header() -> None:
	book = load_workbook(io.BytesIO(watermark.stamp_workbook(workbook([["a"]]), ["王&P&D李"])))
	assert book.active["A1"].value == "王&P&D李"
	assert book.active.oddHeader.center.text == "王＆P＆D李"


def test_what_is_no_workbook_is_refused() -> None:
	with pytest.raises(ValueError, match="no workbook"):
		watermark.stamp_workbook(b"a,b\r\n", LINES)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_table_of_text_begins_with_the_lines(mark: bytes) -> None:
	content = mark + '"名称","金额"\r\n"甲,乙",1\r\n'.encode()
	stamped = watermark.stamp_csv(content, ['a "quoted" name', *LINES])
	assert stamped.startswith(mark)
	rows = list(csv.reader(io.StringIO(stamped.decode("utf-8-sig"))))
	assert rows == [[" · ".join(['a "quoted" name', *LINES])], ["名称", "金额"], ["甲,乙", "1"]]


def test_switched_off_leaves_files_as_they_are() -> None:
	book = workbook([["a"]])
	assert watermark.stamp_workbook(book, []) is book
	assert watermark.stamp_csv(b"a,b\r\n", []) == b"a,b\r\n"
