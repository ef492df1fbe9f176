"""Nothing of an archive is deleted: the only exit is a destruction order (003 §5.2.6, R-ARC-06)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import frappe
from frappe import _

from kehu_archive.exceptions import DeletionRefusedError

if TYPE_CHECKING:
	from frappe.model.document import Document


def refuse(doc: Document) -> None:
	"""Refuse the deletion in every state and for every user, the Administrator included.

	Raises:
		DeletionRefusedError: always.
	"""
	frappe.throw(
		_(
			"{0} {1} cannot be deleted. Records of a customer archive leave only by a destruction order after appraisal."
		).format(_(doc.doctype), frappe.bold(doc.name)),
		DeletionRefusedError,
		title=_("Deletion Refused"),
	)
