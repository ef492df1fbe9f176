"""A document is put on record before it is answered to a client, by whatever road (R-DSC-04).

The framework calls ``apply_fieldlevel_read_permissions`` on a document after the permission check and just before the answer: REST, Desk form and
``frappe.client.get`` alike, in every supported version. Roads that answer a document without it are recognised in ``audit.requests``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import frappe

from kehu_archive.audit import log
from kehu_archive.permissions import registry

if TYPE_CHECKING:
	from frappe.model.document import Document as _Base
else:
	_Base = object

OPEN: Final = "Open File"


class ReadRecorded(_Base):
	"""Mixin for the controllers of an archive and of what hangs on it; stands before ``Document``."""

	def apply_fieldlevel_read_permissions(self) -> None:
		"""As in the framework; then the opening is recorded.

		Raises:
			AuditError: it cannot be recorded, so nothing is shown.
		"""
		super().apply_fieldlevel_read_permissions()
		opened(self.doctype, str(self.name), archive_of(self))


def archive_of(doc: Any) -> str | None:
	"""The archive a document is, or is about."""
	field = registry.archive_field(doc.doctype)
	found = doc.get(field) if field else None
	return str(found) if found else None


def opened(doctype: str, name: str, archive: str | None, detail: str = "") -> None:
	"""Record that a document is about to be shown; once for each document and request.

	Raises:
		AuditError: it cannot be recorded.
	"""
	known = _known()
	writes = getattr(log.database(), "transaction_writes", 0)
	# An entry that a rollback took away does not count: the transaction's writes began anew.
	if known is not None and known.get((doctype, name), writes + 1) <= writes:
		return
	log.record(OPEN, archive=archive, document=(doctype, name), quantity=1, detail=detail)
	if known is not None:
		known[doctype, name] = getattr(log.database(), "transaction_writes", 0)


def _known() -> dict[tuple[str, str], int] | None:
	"""What this request has recorded; None outside of requests, where every reading counts."""
	if not getattr(frappe.local, "request", None):
		return None
	known = getattr(frappe.local, "kehu_opened", None)
	if known is None:
		known = frappe.local.kehu_opened = {}
	return known
