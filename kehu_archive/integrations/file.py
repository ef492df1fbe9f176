"""File: what is attached to an archive is private, read only with the archive, stays while the archive lives, and is frozen with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import frappe
from frappe import _

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain.lifecycle import DRAFT
from kehu_archive.exceptions import ArchiveError
from kehu_archive.permissions.guards import files, opening
from kehu_archive.services import deletion, lifecycle

if TYPE_CHECKING:
	from frappe.model.document import Document


def validate(file: Document, method: str | None = None) -> None:
	"""Refuse a public file, a file on a frozen archive, and a file on a record that its maker may not read.

	Raises:
		AccessDeniedError: he may not read the record.
		ArchiveError: the file would be readable without logging in.
		SealedArchiveError: the archive takes no papers now (R-ARC-21).
	"""
	_refuse_stranger(file)
	if file.attached_to_doctype not in opening.OURS:
		return
	if str(file.file_url or "").startswith("/private/"):
		# A second File of the same stored file: older versions do not read it off the address.
		file.is_private = 1
	if not file.is_private:
		frappe.throw(
			_("A paper of a customer archive is private; tick Private when uploading it"), ArchiveError
		)
	archive = files.archive_of(file.attached_to_doctype, file.attached_to_name)
	if archive and file.is_new():
		lifecycle.refuse_if_frozen(archive, file)


def _refuse_stranger(file: Document) -> None:
	"""The framework does not ask whether somebody may read the record to which he attaches a file."""
	if (
		not getattr(frappe.local, "request", None)
		or frappe.session.user == "Administrator"
		or _is_unsaved(file)
	):
		return
	if file.attached_to_doctype not in opening.OURS:
		return
	is_moved = (
		file.is_new()
		or file.has_value_changed("attached_to_name")
		or file.has_value_changed("attached_to_doctype")
	)
	if is_moved and not files.is_paper_open(file.attached_to_doctype, file.attached_to_name):
		opening.refuse()


def _is_unsaved(file: Document) -> bool:
	"""Attached in a form that was not saved yet; nobody reads it before it is."""
	return str(file.attached_to_name or "").startswith("new-")


def on_trash(file: Document, method: str | None = None) -> None:
	"""Refuse to delete a paper once its archive has left the draft.

	Raises:
		DeletionRefusedError: papers leave only by a destruction order.
	"""
	if file.attached_to_doctype not in opening.OURS or frappe.flags.in_uninstall:
		return
	archive = files.archive_of(file.attached_to_doctype, file.attached_to_name)
	if archive and frappe.db.get_value(ARCHIVE, archive, "workflow_state") != DRAFT:
		deletion.refuse(file)
