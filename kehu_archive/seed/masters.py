"""Archive types, position levels and the archive department, named in the site's language.

They are ordinary records afterwards: a company renames, adds and disables them as it likes, so each kind is
seeded only while the site has none of it.
"""

from __future__ import annotations

import frappe
from frappe import _

from kehu_archive.domain import completeness
from kehu_archive.seed.ledger import Ledger

#: Who can be a customer in the regulations' sense: 001 第二条 (R-ARC-03), 003 §3.1 (R-ARC-02).
ARCHIVE_TYPES = (
	("Customer", "KH", "Organisation"),
	("Partner", "HB", "Organisation"),
	("Supplier", "GY", "Organisation"),
	("Agent", "DL", "Organisation"),
	("End User", "ZD", "Individual"),
)
#: Ordered, so that "marketing manager and above" is a comparison (design: position levels).
POSITION_LEVELS = (
	("Staff Level", 10, 0),
	("Supervisor Level", 20, 0),
	("Manager Level", 30, 0),
	("Director Level", 40, 1),
	("General Manager Level", 50, 1),
)


def seed(book: Ledger) -> None:
	language = frappe.db.get_default("lang") or frappe.local.lang
	_seed_types(book, language)
	_seed_levels(book, language)
	_seed_department(book, language)


def _seed_types(book: Ledger, language: str) -> None:
	if frappe.db.count("Archive Type"):
		return
	for source, code, kind in ARCHIVE_TYPES:
		label = _(source, lang=language)
		book.create(
			{
				"doctype": "Archive Type",
				"name": label,
				"type_name": label,
				"class_code": code,
				"party_kind": kind,
				"requirements": [
					{"item": completeness.ITEM_LABELS[need.item], "weight": need.weight}
					for need in completeness.default_requirements(kind)
				],
			}
		)


def _seed_levels(book: Ledger, language: str) -> None:
	if frappe.db.count("Position Level"):
		return
	for source, rank, senior in POSITION_LEVELS:
		label = _(source, lang=language)
		book.create(
			{
				"doctype": "Position Level",
				"name": label,
				"level_name": label,
				"rank": rank,
				"is_management": senior,
			}
		)


def _seed_department(book: Ledger, language: str) -> None:
	if frappe.db.count("Archive Department"):
		return
	label = _("Customer Service Department", lang=language)
	book.create(
		{
			"doctype": "Archive Department",
			"name": label,
			"department_name": label,
			"unit_kind": "Department",
			"is_data_manager": 1,
		}
	)
