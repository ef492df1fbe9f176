"""Checks on the settings: a value that would stop the app from working is refused at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import frappe
from frappe import _

from kehu_archive.domain import numbering
from kehu_archive.exceptions import InvalidFieldsError
from kehu_archive.services.messages import throw_faults

if TYPE_CHECKING:
	from frappe.model.document import Document

#: Field, least and greatest value that make sense.
RANGES = (
	("similarity_threshold", 50, 100),
	("import_max_mb", 1, 1024),
	("import_max_rows", 1, 1_000_000),
	("import_chunk_rows", 10, 5000),
	("search_max_results", 1, 100),
	("licence_warn_days", 0, 365),
	("loan_days", 1, 3650),
	("renewal_days", 1, 3650),
	("most_renewals", 0, 100),
	("remind_days", 0, 365),
	("audit_months", 6, 1200),
	("bulk_reads", 0, 100_000),
	("bulk_minutes", 1, 1440),
	("bulk_rows", 0, 10_000_000),
)


def check(settings: Document) -> None:
	"""Refuse an unusable number pattern or a limit out of range.

	Raises:
		InvalidFieldsError: names the field and the values it takes.
	"""
	# The list of what was seeded decides what a removal deletes; no client writes it.
	settings.seeded_records = frappe.db.get_single_value(settings.doctype, "seeded_records", cache=False)
	pattern = numbering.parse_pattern(settings.number_pattern or "")
	fonds = numbering.check_part(settings.fonds_code or "", "fonds_code")
	throw_faults([*pattern.faults, *fonds.faults], settings.meta)
	for field, least, greatest in RANGES:
		value = settings.get(field)
		if value is None or not least <= int(value) <= greatest:
			label = _(settings.meta.get_label(field))
			frappe.throw(
				_("{0}: enter a number from {1} to {2}").format(label, least, greatest), InvalidFieldsError
			)
