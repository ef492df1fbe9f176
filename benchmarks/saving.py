"""Saving a full archive with five contacts, against a document of the same fields that has no rules."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import Any

import frappe
from measuring import alternate, median, milliseconds, percentile
from registry import AT_MOST, Outcome, benchmark
from site_context import Site

from kehu_archive.demo import office
from kehu_archive.demo.invent import Inventor

ARCHIVE = "Customer Archive"
PLAIN = "Benchmark Plain"
TURNS = 120
WARM_UP = 15
TABLE_TYPES = ("Table", "Table MultiSelect")


@benchmark("saving")
def saving(site: Site) -> list[Outcome]:
	"""Both documents hold the same values and child rows; each save changes one field."""
	with site.connected():
		_remove_plain()
		try:
			archive = _make_archive()
			_make_plain_doctypes()
			plain = _make_plain(archive)
			frappe.db.commit()  # DocTypes and documents are there, as for any later save
			ours, others = alternate(
				_saver(ARCHIVE, archive, "address"), _saver(PLAIN, plain, "address"), TURNS, WARM_UP
			)
			renamed, plain_renamed = alternate(
				_saver(ARCHIVE, archive, "customer_name"),
				_saver(PLAIN, plain, "customer_name"),
				TURNS // 4,
				5,
			)
			return [_outcome(archive, (ours, others), (renamed, plain_renamed))]
		finally:
			frappe.db.rollback()
			_remove_plain()


def _outcome(
	archive: str, plainly: tuple[list[float], list[float]], renamed: tuple[list[float], list[float]]
) -> Outcome:
	ours, others = plainly
	fields = len(frappe.get_meta(ARCHIVE).get_valid_columns())
	rows = sum(len(frappe.get_doc(ARCHIVE, archive).get(table.fieldname)) for table in _tables(ARCHIVE))
	name_ratio = median(renamed[0]) / median(renamed[1])
	return Outcome(
		"saving an archive with 5 contacts, over saving a plain document",
		median(ours) / median(others),
		AT_MOST,
		1.5,
		details=(
			f"archive: median {milliseconds(median(ours))}, p95 {milliseconds(percentile(ours, 0.95))};"
			f" plain: median {milliseconds(median(others))}, p95 {milliseconds(percentile(others, 0.95))}",
			f"{TURNS} saves of each in turn, {fields} columns and {rows} child rows, changes tracked on both",
			f"when the name changes, so that duplicates and search keys are looked at: {name_ratio:.2f} x (no bound)",
		),
	)


def _saver(doctype: str, name: str, field: str) -> Callable[[int], float]:
	first = str(frappe.db.get_value(doctype, name, field))

	def save(turn: int) -> float:
		doc = frappe.get_doc(doctype, name)
		doc.set(field, f"{first[:100]}{turn % 97}")
		start = time.perf_counter()
		doc.save()
		seconds = time.perf_counter() - start
		frappe.db.commit()  # each save is a request of its own
		return seconds

	return save


def _make_archive() -> str:
	"""The fullest of the demo's companies, as a draft, with its five contacts."""
	customer = Inventor(date.today(), seed=int(time.time())).companies(3)[2]
	types, levels = office.archive_types(), office.position_levels()
	archive = frappe.get_doc(
		{**customer.archive, "doctype": ARCHIVE, "archive_type": types["KH"], "responsible": "Administrator"}
	).insert()
	for values in customer.contacts:
		level = levels[values["rank"]]
		contact = {key: value for key, value in values.items() if key != "rank"}
		frappe.get_doc(
			{**contact, "doctype": "Archive Contact", "archive": archive.name, "position_level": level}
		).insert()
	if frappe.db.count("Archive Contact", {"archive": archive.name}) != 5:
		raise RuntimeError("the archive does not have five contacts")
	return str(archive.name)


def _tables(doctype: str) -> list[Any]:
	return frappe.get_meta(doctype).get_table_fields()


def _plain_name(child: str) -> str:
	return child.replace(ARCHIVE, PLAIN)


def _make_plain_doctypes() -> None:
	for table in _tables(ARCHIVE):
		_make_doctype(_plain_name(table.options), table.options, istable=1)
	_make_doctype(PLAIN, ARCHIVE)


def _make_doctype(name: str, model: str, **settings: Any) -> None:
	"""A DocType with the model's fields and none of its rules."""
	fields = [_plain_field(field) for field in frappe.get_meta(model).fields]
	meta = frappe.get_meta(model)
	permissions = [] if settings else [{"role": "System Manager", "read": 1, "write": 1, "create": 1}]
	frappe.get_doc(
		{
			"doctype": "DocType",
			"name": name,
			"module": "Custom",
			"custom": 1,
			"autoname": "hash",
			"track_changes": meta.track_changes,
			"fields": fields,
			"permissions": permissions,
			**settings,
		}
	).insert()


def _plain_field(field: Any) -> dict[str, Any]:
	keep = (
		"fieldname",
		"fieldtype",
		"label",
		"options",
		"precision",
		"length",
		"search_index",
		"hidden",
		"no_copy",
	)
	values = {key: field.get(key) for key in keep}
	if field.fieldtype in TABLE_TYPES:
		values["options"] = _plain_name(field.options)
	return values


def _make_plain(archive: str) -> str:
	"""A document with the archive's own values, child rows included."""
	model = frappe.get_doc(ARCHIVE, archive).as_dict(no_default_fields=True)
	values = {key: value for key, value in model.items() if not isinstance(value, list)}
	for table in _tables(ARCHIVE):
		values[table.fieldname] = [_row(row) for row in model.get(table.fieldname) or []]
	return str(frappe.get_doc({**values, "doctype": PLAIN}).insert().name)


def _row(row: dict[str, Any]) -> dict[str, Any]:
	skip = (
		"name",
		"doctype",
		"parent",
		"parenttype",
		"parentfield",
		"owner",
		"creation",
		"modified",
		"modified_by",
	)
	return {key: value for key, value in row.items() if key not in skip}


def _remove_plain() -> None:
	"""Take the plain DocTypes away, also those an interrupted run left."""
	for name in frappe.get_all("DocType", filters={"name": ("like", f"{PLAIN}%"), "custom": 1}, pluck="name"):
		frappe.delete_doc("DocType", name, force=True)
		frappe.db.sql_ddl(f"drop table if exists `tab{name}`")
	frappe.db.commit()  # dropping tables commits anyhow
