"""Error Log: what the vault knows to be secret is taken out of a report before it is stored (R-DSC-01)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from frappe.utils import cstr

from kehu_archive.vault import hygiene

if TYPE_CHECKING:
	from frappe.model.document import Document

_FIELDS: Final = ("method", "error")


def before_insert(report: Document, method: str | None = None) -> None:
	"""Hook of Error Log."""
	for field in _FIELDS:
		if report.get(field):
			report.set(field, hygiene.scrub(cstr(report.get(field))))
