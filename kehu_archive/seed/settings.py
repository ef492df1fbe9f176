"""Default settings: only what is still empty is filled."""

from __future__ import annotations

import frappe

from kehu_archive import compat
from kehu_archive.constants import SETTINGS


def seed() -> None:
	meta = frappe.get_meta(SETTINGS)
	rows = frappe.db.sql("select `field`, `value` from `tabSingles` where `doctype` = %s", SETTINGS)
	stored: dict[str, str | None] = dict(rows)
	for field in meta.fields:
		if field.default is not None and field.fieldname not in stored:
			compat.set_single(SETTINGS, field.fieldname, field.default)
	if not stored.get("default_archive_type"):
		_point_at("default_archive_type", "Archive Type", {"class_code": "KH"})
	if not stored.get("data_department"):
		_point_at("data_department", "Archive Department", {"is_data_manager": 1})
	frappe.clear_document_cache(SETTINGS, SETTINGS)


def _point_at(field: str, doctype: str, filters: dict[str, object]) -> None:
	name = frappe.db.get_value(doctype, filters, "name")
	if name:
		compat.set_single(SETTINGS, field, name)
