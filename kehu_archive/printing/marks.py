"""What is written on a print: the confidentiality of the archives concerned, who printed and when (R-SEC-02, R-DSC-07)."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import cint, escape_html, formatdate, now_datetime

from kehu_archive.constants import ARCHIVE, MODULE, SETTINGS
from kehu_archive.permissions import registry
from kehu_archive.printing.watermark import Stamp

#: From the least secret to the most; what is not classified yet is kept like the most secret.
LEVELS: Final = ("", "Internal", "Ordinary Trade Secret", "Core Trade Secret", "Unclassified")
#: The watermark is repeated this often a page; what stands beyond the page's end is cut off.
_TILES_AT_LEAST: Final = 24
_TILES_AT_MOST: Final = 4000
_CHARACTERS_A_TILE: Final = 400
#: How the framework's standard format asks for its head to be repeated on every page.
_REPEATED_HEAD: Final = 'id="header-html" class="hidden-pdf"'
_TILE_MILLIMETRES: Final = 62


def confidentiality(archives: Collection[str]) -> str:
	"""The most secret level among the archives, as an option of Customer Archive; '' when none is known."""
	if not archives:
		return ""
	table = frappe.qb.DocType(ARCHIVE)
	found = (
		frappe.qb.from_(table)
		.select(table.confidentiality)
		.distinct()
		.where(table.name.isin(list(archives)))
		.run()
	)
	return _most_secret(found)


def _most_secret(levels: Iterable[tuple[str | None]]) -> str:
	return max((level or "Unclassified" for (level,) in levels), key=LEVELS.index, default="")


def head(archives: Collection[str]) -> str:
	"""The confidentiality mark in the user's language, with the end of the period where one archive has one."""
	text = _mark(confidentiality(archives))
	until = (
		frappe.db.get_value(ARCHIVE, next(iter(archives)), "confidential_until")
		if len(archives) == 1
		else None
	)
	return f"{text} ★ {formatdate(until)}" if until else text


def _mark(level: str) -> str:
	return _("Confidentiality: {0}").format(_(level) if level else _("Internal material"))


def is_on() -> bool:
	"""Whether the company wants the watermark."""
	return bool(cint(frappe.get_cached_doc(SETTINGS).watermark))


def boot(bootinfo: Any) -> None:
	"""Tell the Desk which screens it shows under a watermark; nothing when the company wants none."""
	if frappe.session.user == "Guest" or not is_on():
		return
	bootinfo.kehu_watermark = {
		"doctypes": list(registry.STANDALONE),
		"reports": frappe.get_all("Report", filters={"module": MODULE}, pluck="name"),
		"pages": frappe.get_all("Page", filters={"module": MODULE}, pluck="name"),
	}


def lines_for(doctype: str, archives: Collection[str]) -> list[str]:
	"""The watermark's lines: confidentiality, full name and user id, site time. Empty when the watermark is switched off.

	Args:
		doctype: what is printed; '' for several.
		archives: numbers of the archives concerned.
	"""
	return _lines(head(archives), doctype) if is_on() else []


def export_lines(title: str, condition: str) -> list[str]:
	"""The watermark's lines of an export, empty when it is switched off.

	Args:
		title: the DocType or report that is exported.
		condition: SQL of the archives that may stand in it; the most secret of them gives the mark, so that no row is more secret than the mark says.
	"""
	if not is_on():
		return []
	found = frappe.db.sql(f"select distinct `tab{ARCHIVE}`.confidentiality from `tab{ARCHIVE}` where {condition}")
	return _lines(_mark(_most_secret(found)), title)


def _lines(mark: str, kind: str) -> list[str]:
	"""How secret and what, who, when."""
	user = frappe.session.user
	return [
		" · ".join(part for part in (mark, _(kind) if kind else "") if part),
		f"{frappe.utils.get_fullname(user)} <{user}>",
		now_datetime().strftime("%Y-%m-%d %H:%M:%S"),
	]


def stamp_for(doctype: str, archives: Collection[str]) -> Stamp:
	"""What every page of a PDF gets."""
	return Stamp(tuple(lines_for(doctype, archives)), head(archives), _("Sheet {0} of {1}"))


def archives_of(doctype: str, names: Collection[str]) -> list[str]:
	"""Numbers of the archives that documents are about, read from the database."""
	field = registry.archive_field(doctype)
	if not field or not names:
		return []
	found = frappe.get_all(
		doctype, filters={"name": ("in", list(names))}, pluck=field, distinct=True, order_by=field
	)
	return [str(name) for name in found if name]


@contextlib.contextmanager
def stamping() -> Iterator[None]:
	"""The finished PDF will be stamped, so its HTML needs no watermark of its own; the prints made meanwhile are PDFs."""
	frappe.flags.kehu_pdf = True
	try:
		yield
	finally:
		frappe.flags.kehu_pdf = False


def body_html(template: Any, args: dict[str, Any], **context: Any) -> str:
	"""The framework's hook ``pdf_body_html``: whatever renders a restricted document, by whatever road, is checked and marked here."""
	from kehu_archive.printing import checks

	doc = args["doc"]
	restricted = doc.doctype in registry.RESTRICTED
	if restricted:
		checks.ensure_checked(doc)
	html = _others_body(template, args, context)
	if not restricted:
		return html
	if frappe.flags.kehu_pdf:
		return html if _repeats_headers() else html.replace(_REPEATED_HEAD, "")
	return layer(doc.doctype, archives_of(doc.doctype, [str(doc.name)]), len(html)) + html


@lru_cache(maxsize=1)
def _repeats_headers() -> bool:
	"""Whether the installed wkhtmltopdf draws a repeated head; Debian's leaves it out, and with it the page's upper margin and the document's title."""
	try:
		version = subprocess.run(
			["wkhtmltopdf", "--version"], capture_output=True, text=True, check=False, timeout=10
		).stdout
	except (OSError, subprocess.SubprocessError):
		return True
	return "patched" in version


def _others_body(template: Any, args: dict[str, Any], context: dict[str, Any]) -> str:
	"""Render as the framework or another app would without us."""
	others = [path for path in frappe.get_hooks("pdf_body_html") if not path.startswith("kehu_archive.")]
	return str(frappe.get_attr(others[-1])(template=template, args=args, **context))


def layer(doctype: str, archives: Collection[str], length: int = 0) -> str:
	"""HTML of the mark at the head and of the watermark over the whole print, `length` characters long; it shows on screen and on paper."""
	lines = lines_for(doctype, archives)
	tiles = min(_TILES_AT_MOST, _TILES_AT_LEAST + length // _CHARACTERS_A_TILE) if lines else 0
	return frappe.render_template(
		"kehu_archive/templates/print/layer.html",
		{
			"head": escape_html(head(archives)),
			"lines": [escape_html(line) for line in lines],
			"tiles": tiles,
			"step": _TILE_MILLIMETRES,
			"pages": _("Sheet {0} of {1}"),
		},
	)
