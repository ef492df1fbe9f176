"""Document Share Key: a link that opens a document to anybody who has it. No record of an archive gets one (R-OUT-04)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import frappe
from frappe import _

from kehu_archive.exceptions import AccessDeniedError
from kehu_archive.permissions import registry

if TYPE_CHECKING:
	from frappe.model.document import Document


def validate(key: Document, method: str | None = None) -> None:
	"""Refuse a link to an archive or to what hangs on it, for every user.

	Raises:
		AccessDeniedError: names the way that is open instead.
	"""
	if key.reference_doctype in registry.RESTRICTED:
		frappe.throw(
			_("{0} cannot be shared by a link; whoever needs it applies for it").format(_(key.reference_doctype)),
			AccessDeniedError,
			title=_("Sharing Refused"),
		)
