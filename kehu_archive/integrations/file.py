"""File: what is attached to an archive is private, stays while the archive lives, and is frozen with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import frappe
from frappe import _

from kehu_archive.constants import ARCHIVE, CONTACT, SENSITIVE, TRANSACTION
from kehu_archive.domain.lifecycle import DRAFT
from kehu_archive.exceptions import ArchiveError
from kehu_archive.services import deletion, lifecycle

if TYPE_CHECKING:
	from frappe.model.document import Document

#: DocTypes that are, or hang on, an archive.
HELD: Final = (ARCHIVE, CONTACT, TRANSACTION, SENSITIVE)


def validate(file: Document, method: str | None = None) -> None:
	"""Refuse a public file and a file on a frozen archive.

	Raises:
		ArchiveError: the file would be readable without logging in.
		SealedArchiveError: the archive takes no papers now (R-ARC-21).
	"""
	if file.attached_to_doctype not in HELD:
		return
	if not file.is_private:
		frappe.throw(_("A paper of a customer archive is private; tick Private when uploading it"), ArchiveError)
	archive = _archive_of(file)
	if archive and file.is_new():
		lifecycle.refuse_if_frozen(archive, file)


def on_trash(file: Document, method: str | None = None) -> None:
	"""Refuse to delete a paper once its archive has left the draft.

	Raises:
		DeletionRefusedError: papers leave only by a destruction order.
	"""
	if file.attached_to_doctype not in HELD or frappe.flags.in_uninstall:
		return
	archive = _archive_of(file)
	if archive and frappe.db.get_value(ARCHIVE, archive, "workflow_state") != DRAFT:
		deletion.refuse(file)


def _archive_of(file: Document) -> str | None:
	if file.attached_to_doctype == ARCHIVE:
		return str(file.attached_to_name) if file.attached_to_name else None
	found = frappe.db.get_value(file.attached_to_doctype, file.attached_to_name, "archive")
	return str(found) if found else None
