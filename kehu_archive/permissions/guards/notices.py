"""Notices to people about records: whoever may not open the record learns that there is something, and nothing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import frappe
from frappe import _

from kehu_archive.permissions.guards import asked, opening

if TYPE_CHECKING:
	from frappe.model.document import Document


def before_notice(notice: Document, method: str | None = None) -> None:
	"""Empty a notice to somebody who may not open the record."""
	if notice.document_type not in opening.OURS or _may_know(notice):
		return
	notice.subject = _("There is a notice about a record that is not open to you")
	notice.email_content = None
	notice.attached_file = None
	notice.link = None
	# The framework makes a link to whatever stands here.
	notice.document_type = "User"
	notice.document_name = notice.for_user


def _may_know(notice: Document) -> bool:
	return bool(notice.document_name) and opening.is_open(
		notice.document_type, notice.document_name, notice.for_user
	)


def check_links(doc: Document, method: str | None = None) -> None:
	"""A document of others that links a record of ours is saved by a person only when that record is open to him; a missing one answers the same.

	Raises:
		AccessDeniedError: the record is hidden.
	"""
	if (
		not getattr(frappe.local, "request", None)
		or doc.flags.ignore_permissions
		or doc.doctype in opening.OURS
	):
		return
	if frappe.session.user == "Administrator":
		return
	before = doc.get_doc_before_save()
	for record in asked.links(doc):
		if not _was_linked(before, record) and not opening.is_open(record.doctype, record.name):
			opening.refuse()


def _was_linked(before: Document | None, record: asked.Record) -> bool:
	return before is not None and record in set(asked.links(before))
