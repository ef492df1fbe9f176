"""审计查询: who did what with which archive, when and by which road (R-DSC-04)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import cstr, getdate, today

from kehu_archive.constants import ENTRY
from kehu_archive.exceptions import InvalidFieldsError

REPORT: Final = "Audit Query"
MOST_ROWS: Final = 5000
_COLUMNS: Final = (
	("happened_at", "Datetime", "", 170),
	("user", "Link", "User", 170),
	("department", "Data", "", 110),
	("action", "Data", "", 100),
	("archive", "Data", "", 150),
	("document_type", "Data", "", 120),
	("document_name", "Data", "", 150),
	("quantity", "Int", "", 80),
	("purpose", "Data", "", 140),
	("confidentiality", "Data", "", 110),
	("road", "Data", "", 80),
	("ip_address", "Data", "", 120),
	("detail", "Data", "", 240),
	("seal", "Int", "", 80),
)
_TRANSLATED: Final = ("action", "document_type", "confidentiality", "road")


def execute(
	filters: dict[str, Any] | None = None,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], str | None, dict[str, Any] | None]:
	"""Return columns, rows with the latest first, a message when there are more, and a chart of actions by day.

	Raises:
		PermissionError: the user may not read the access log, or the report was made a prepared one, whose stored result others could open.
		InvalidFieldsError: the period ends before it begins.
	"""
	if not frappe.has_permission(ENTRY, "read"):
		raise frappe.PermissionError
	if frappe.db.get_value("Report", REPORT, "prepared_report"):
		frappe.throw(
			_(
				"Switch off Prepared Report for this report: its stored result would show the access log to others"
			),
			frappe.PermissionError,
		)
	condition, values = _condition(frappe._dict(filters or {}))
	rows = frappe.db.sql(
		f"""select {", ".join(f"`{column[0]}`" for column in _COLUMNS)} from `tab{ENTRY}` where {condition}
		order by happened_at desc, name desc limit {MOST_ROWS + 1}""",
		values,
		as_dict=True,
	)
	message = (
		_("Only the latest {0} entries are shown; narrow the filters").format(MOST_ROWS)
		if len(rows) > MOST_ROWS
		else None
	)
	return _columns(), [_shown(row) for row in rows[:MOST_ROWS]], message, _chart(condition, values)


def _condition(chosen: Any) -> tuple[str, dict[str, Any]]:
	"""The filters as a condition over the log, each by an index of it."""
	start, end = getdate(chosen.from_date or today()), getdate(chosen.to_date or today())
	if end < start:
		frappe.throw(_("The period ends before it begins"), InvalidFieldsError)
	words = ["happened_at >= %(start)s", "happened_at < %(end)s"]
	values: dict[str, Any] = {"start": start, "end": end + timedelta(days=1)}
	for field in ("user", "archive", "action"):
		if chosen.get(field):
			words.append(f"`{field}` = %({field})s")
			values[field] = cstr(chosen[field])
	return " and ".join(words), values


def _columns() -> list[dict[str, Any]]:
	meta = frappe.get_meta(ENTRY)
	return [
		{
			"fieldname": field,
			"label": _(meta.get_label(field)),
			"fieldtype": fieldtype,
			"options": options,
			"width": width,
		}
		for field, fieldtype, options, width in _COLUMNS
	]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
	translated = {field: _(row[field]) if row[field] else "" for field in _TRANSLATED}
	return {**row, **translated, "action_value": row["action"]}


def _chart(condition: str, values: dict[str, Any]) -> dict[str, Any] | None:
	"""Entries of each action by day; the five most frequent actions by name, the rest together."""
	rows = frappe.db.sql(
		f"select date(happened_at), action, count(*) from `tab{ENTRY}` where {condition} group by date(happened_at), action",
		values,
	)
	if not rows:
		return None
	totals: Counter[str] = Counter()
	for _day, action, count in rows:
		totals[action] += count
	named = [action for action, _count in totals.most_common(5)]
	days = sorted({day for day, _action, _count in rows})
	counts: dict[str, Counter[Any]] = {action: Counter() for action in [*named, ""]}
	for day, action, count in rows:
		counts[action if action in named else ""][day] += count
	datasets = [
		{"name": _(action) if action else _("Other"), "values": [by_day[day] for day in days]}
		for action, by_day in counts.items()
		if by_day
	]
	labels = [str(day) for day in days]
	return {
		"data": {"labels": labels, "datasets": datasets},
		"type": "bar",
		"barOptions": {"stacked": 1},
		"height": 220,
	}
