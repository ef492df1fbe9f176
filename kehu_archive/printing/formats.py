"""Which print formats a restricted DocType may have."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.utils import cint

from kehu_archive.exceptions import ArchiveError
from kehu_archive.permissions import registry


def validate(doc: Any, method: str | None = None) -> None:
	"""Refuse formats whose prints would carry neither mark nor watermark: those of the new builder, and raw commands for a printer.

	Raises:
		ArchiveError: names what to use instead.
	"""
	if doc.doc_type in registry.RESTRICTED and (
		cint(doc.get("print_format_builder_beta")) or cint(doc.get("raw_printing"))
	):
		frappe.throw(
			_("Prints of {0} carry a confidentiality mark; use a Jinja format or the classic builder").format(
				_(doc.doc_type)
			),
			ArchiveError,
		)
