"""Turn what the rules found into messages for the person at the screen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import frappe
from frappe import _
from frappe.utils import escape_html

from kehu_archive.domain.faults import Fault
from kehu_archive.exceptions import InvalidFieldsError


def label_of(meta: Any, field: str) -> str:
	"""The English label of a field; ``table:child_field`` names a column of a child table."""
	table, _colon, child = field.partition(":")
	if child:
		table_field = meta.get_field(table)
		meta, field = _frappe_meta(table_field.options), child
	docfield = meta.get_field(field)
	return str(docfield.label) if docfield and docfield.label else field


def _frappe_meta(doctype: str) -> Any:
	return frappe.get_meta(doctype)


def render(fault: Fault, meta: Any, row: int | None = None) -> str:
	"""One fault as a sentence in the user's language, safe to show as HTML."""
	return escape_html(fault.render(_, label_of(meta, fault.field), row))


def line(fault: Fault, meta: Any) -> str:
	"""A fault with the table it stands in, when it stands in one."""
	table, colon, _child = fault.field.partition(":")
	text = render(fault, meta, row_of(fault))
	return f"{escape_html(_(meta.get_label(table)))}: {text}" if colon else text


def throw_faults(faults: Iterable[Fault], meta: Any) -> None:
	"""Raise one error that lists every fault, or return when there is none.

	Raises:
		InvalidFieldsError: at least one fault; nothing was saved.
	"""
	lines = [line(fault, meta) for fault in faults]
	if lines:
		frappe.throw(
			lines[0] if len(lines) == 1 else lines,
			InvalidFieldsError,
			title=_("Please Correct"),
			as_list=len(lines) > 1,
		)


def show_warnings(faults: Iterable[Fault], meta: Any) -> None:
	"""Show what is doubtful; the document is saved all the same."""
	lines = [line(fault, meta) for fault in faults]
	if lines:
		frappe.msgprint(lines[0] if len(lines) == 1 else lines, title=_("Please Check"), indicator="orange", as_list=len(lines) > 1)


def row_of(fault: Fault) -> int | None:
	"""The table row a fault belongs to, when its rule named one (parameter ``row``)."""
	number = fault.param("row")
	return number if isinstance(number, int) else None
