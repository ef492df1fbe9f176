"""Archive numbers: counted up per pattern prefix, never given twice (R-ARC-01)."""

from __future__ import annotations

from datetime import date

import frappe
from frappe import _
from frappe.utils import getdate

from kehu_archive.constants import ARCHIVE, SETTINGS
from kehu_archive.domain import numbering as rule
from kehu_archive.exceptions import ArchiveError


def next_numbers(archive_type: str, archive_date: date | str, count: int = 1) -> list[str]:
	"""Take ``count`` fresh archive numbers for one archive type and year.

	The counter row stays locked until the caller's transaction ends, so two writers cannot take the same
	number. A number that some archive bears already, because an administrator reset the counter, is passed over.

	Raises:
		ArchiveError: the archive type has no class code, or the pattern in the settings is unusable.
	"""
	settings = frappe.get_cached_doc(SETTINGS)
	class_code = frappe.get_cached_value("Archive Type", archive_type, "class_code") if archive_type else None
	if not class_code:
		raise _refused(_("Archive Type: choose one that has a class code"))
	pattern = rule.parse_pattern(settings.number_pattern or rule.DEFAULT_PATTERN).value
	if pattern is None:
		raise _refused(_("The number pattern in the settings cannot be used; correct it there"))
	prefix = rule.series_prefix(pattern, settings.fonds_code or "", class_code, getdate(archive_date).year)
	numbers: list[str] = []
	while len(numbers) < count:
		wanted = count - len(numbers)
		last = _advance(prefix, wanted)
		fresh = [rule.format_number(prefix, n, pattern.width) for n in range(last - wanted + 1, last + 1)]
		numbers += _unused(fresh)
	return numbers


def _refused(message: str) -> ArchiveError:
	"""Put the message before the user and return the error to raise."""
	frappe.msgprint(message, indicator="red")
	return ArchiveError(message)


def _advance(prefix: str, step: int) -> int:
	"""Move the framework's own counter of this prefix and return its new value."""
	frappe.db.sql(
		"""insert into `tabSeries` (`name`, `current`) values (%(prefix)s, %(step)s)
		on duplicate key update `current` = `current` + %(step)s""",
		{"prefix": prefix, "step": step},
	)
	return int(frappe.db.sql("select `current` from `tabSeries` where `name` = %s", prefix)[0][0])


def _unused(numbers: list[str]) -> list[str]:
	taken = set(frappe.get_all(ARCHIVE, filters={"name": ("in", numbers)}, pluck="name"))
	return [number for number in numbers if number not in taken]
