"""Fields, filters and orders of a request keep to the grammar of plain columns, and none reaches from another DocType into ours.

Older versions of the framework put some of these into SQL as they come: a filter that is a text, a field inside a function, an order. They join the table of a
linked DocType for ``link.field`` and ask only its role permissions. So for our DocTypes nothing passes but columns, the usual aggregates and filters of three or
four parts; for other DocTypes nothing that carries a query of its own or names a table of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import frappe
from frappe import _

from kehu_archive.constants import SEARCH_TABLE
from kehu_archive.exceptions import AccessDeniedError
from kehu_archive.permissions import registry
from kehu_archive.permissions.guards.asked import Asked
from kehu_archive.permissions.guards.opening import OURS

#: Parameters that hold columns.
COLUMNS: Final = (
	"fields",
	"order_by",
	"group_by",
	"pluck",
	"filter_fields",
	"searchfield",
	"sort_field",
	"field",
	"workflow_state_field",
	"aggregate_on_field",
	"goal_field",
	"date_field",
	"based_on",
	"value_based_on",
	"group_by_based_on",
	"aggregate_function_based_on",
	"stats",
	"field_map",
	"export_fields",
	"select_columns",
)
FILTERS: Final = ("filters", "or_filters", "current_filters", "export_filters", "filters_json")
#: Parameters that hold the definition of a chart or a card, in calls whose name begins so.
DEFINITIONS: Final = ("doc", "chart", "args")
DEFINED_CALLS: Final = ("frappe.desk.doctype.dashboard_chart.", "frappe.desk.doctype.number_card.")

#: Links to a record of the same archive, as is checked when they are saved.
SAME_ARCHIVE: Final = frozenset({("Customer Feedback", "contact"), ("Sensitive Record", "contact")})

_COLUMN: Final = re.compile(r"`tab[\w -]+`\.(?:`\w+`|\w+|\*)|`?\w+`?\.`?\w+`?|`\w+`|\w+|\*")
_AGGREGATE: Final = re.compile(r"(?:count|sum|avg|min|max)\(\s*(?:distinct\s+)?(.*?)\s*\)", re.IGNORECASE)
_ALIAS: Final = re.compile(r"\s+as\s+[`'\"]?[\w :.-]+[`'\"]?$", re.IGNORECASE)
_DIRECTION: Final = re.compile(r"\s+(?:asc|desc)$", re.IGNORECASE)
_QUERY: Final = re.compile(r"\b(?:select|union)\b", re.IGNORECASE)
_TABLE: Final = re.compile(r"tab([\w -]+)")


def check(asked: Asked) -> None:
	"""Refuse a question that is no plain one.

	Raises:
		AccessDeniedError: the question would reach what the rules keep.
	"""
	if asked.is_own or _is_writing(asked):
		return
	for base, columns, filters in _questions(asked):
		for column in columns:
			_check_column(column, base)
		for one in filters:
			_check_filter(one, base)


def _is_writing(asked: Asked) -> bool:
	"""Whether the parameters are values of a document, and no question."""
	return (
		bool(asked.doctype) and asked.verb not in ("GET", "HEAD")
	) or asked.method == "frappe.client.set_value"


def _questions(asked: Asked) -> Iterator[tuple[str, list[Any], list[Any]]]:
	"""Base DocType, columns and filters of what a request asks; once for the request and once for each definition in it."""
	values = asked.values
	definitions = []
	if asked.method.startswith(DEFINED_CALLS):
		definitions = [values[key] for key in DEFINITIONS if isinstance(values.get(key), Mapping)]
	base = asked.doctype or _base(values) or next((found for one in definitions if (found := _base(one))), "")
	for one in (values, *definitions):
		keys = (*COLUMNS, "fieldname") if asked.method == "frappe.client.get_value" else COLUMNS
		columns = [column for key in keys if key in one for column in _flat(one[key], key)]
		filters = [part for key in FILTERS if one.get(key) for part in _parts(one[key])]
		if columns or filters:
			yield _base(one) or base, columns, filters


def _base(values: Mapping[str, Any]) -> str:
	"""The DocType that a question is about."""
	named = _text(values.get("doctype")) or _text(values.get("document_type"))
	if named in ("Dashboard Chart", "Number Card"):
		named = _text(values.get("document_type"))
	chart = _text(values.get("chart_name"))
	return named or (
		str(frappe.db.get_value("Dashboard Chart", chart, "document_type") or "") if chart else ""
	)


def _text(value: Any) -> str:
	return value if isinstance(value, str) else ""


def _flat(value: Any, key: str) -> Iterator[Any]:
	"""The columns in a parameter: a text, a list of texts, or the values of a mapping."""
	if isinstance(value, str):
		yield from (
			part
			for part in (value.split(",") if key in ("order_by", "group_by", "fields") else [value])
			if part.strip()
		)
	elif isinstance(value, Mapping):
		yield from _flat(value.get("name", "") if key == "stats" else list(value.values()), key)
	elif isinstance(value, list):
		for one in value:
			yield from _flat(one, "stats" if key == "stats" else "")


def _parts(value: Any) -> list[Any]:
	"""The conditions in a filter parameter."""
	if isinstance(value, Mapping):
		return [[key, "=", ""] for key in value]
	if isinstance(value, list):
		return value
	return []


def _check_column(column: Any, base: str) -> None:
	text = _ALIAS.sub("", _DIRECTION.sub("", str(column).strip()))
	inner = _AGGREGATE.fullmatch(text)
	name = inner.group(1) if inner else text
	if base in OURS and not _COLUMN.fullmatch(name) and not name.isnumeric():
		_refuse()
	_check_reach(text, base)
	_check_joint(name, base)


def _check_filter(condition: Any, base: str) -> None:
	if isinstance(condition, Mapping):
		for key in condition:
			_check_place(str(key), base)
	elif isinstance(condition, list):
		if len(condition) >= 4:
			_check_other(str(condition[0]), base)
			_check_place(str(condition[1]), base)
		elif condition:
			_check_place(str(condition[0]), base)
	elif isinstance(condition, str):
		# Older versions take a text among the filters for a condition in SQL.
		if base in OURS or _QUERY.search(condition):
			_refuse()
		_check_reach(condition, base)


def _check_place(place: str, base: str) -> None:
	"""The column of a filter."""
	if base in OURS and not _COLUMN.fullmatch(place):
		_refuse()
	_check_reach(place, base)
	_check_joint(place, base)


def _check_reach(text: str, base: str) -> None:
	"""No query inside a question, no table of ours from elsewhere."""
	if "(" in text and _QUERY.search(text):
		_refuse()
	if SEARCH_TABLE in text:
		_refuse()
	for table in _TABLE.findall(text):
		_check_other(table.strip(), base)


def _check_other(doctype: str, base: str) -> None:
	"""Only a DocType's own table and those of its rows may stand in a question about it."""
	if doctype == base:
		return
	is_own_row = doctype in registry.CHILDREN and registry.CHILDREN[doctype] == base
	is_shared_row = base in registry.SHARED_CHILDREN.get(doctype, ())
	if doctype in OURS and not (is_own_row or is_shared_row):
		_refuse()


def _check_joint(name: str, base: str) -> None:
	"""``link.field`` reaches into ours only by the field through which a record hangs on its archive."""
	if "." not in name or "`tab" in name or not base or not frappe.db.exists("DocType", base):
		return
	field = frappe.get_meta(base).get_field(name.split(".", 1)[0].strip("` "))
	if not field or field.fieldtype != "Link" or field.options not in OURS:
		return
	if (base, field.fieldname) not in SAME_ARCHIVE and registry.HANGING.get(base) != field.fieldname:
		_refuse()


def _refuse() -> None:
	frappe.throw(
		_("A question about archives may name columns only, each of its own record"), AccessDeniedError
	)
