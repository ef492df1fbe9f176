"""The framework's means of handing records on: shares, following, boards, stored results and reports by mail. None of them asks the access rules again, so none
is made for our records (R-OUT-04). Access is given by a borrowing or a need-to-know list, which end by themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import frappe
from frappe import _

from kehu_archive.exceptions import AccessDeniedError
from kehu_archive.permissions.guards import opening

if TYPE_CHECKING:
	from frappe.model.document import Document

#: DocType of the framework -> the field that names what is handed on.
_FIELDS: Final = {
	"Kanban Board": "reference_doctype",
	"Auto Repeat": "reference_doctype",
	"Web Form": "doc_type",
}


def validate_share(share: Document, method: str | None = None) -> None:
	"""Refuse to share a record of ours; an assignment to somebody who may not read it ends here, too.

	Raises:
		AccessDeniedError: always for our records.
	"""
	if share.share_doctype in opening.OURS:
		frappe.throw(
			_(
				"Archives are not shared; the person applies with a borrowing request, or is put on the need-to-know list"
			),
			AccessDeniedError,
		)


def validate_copy(doc: Document, method: str | None = None) -> None:
	"""Refuse a board or a repetition over our records: its cards and copies are there for everybody who may open it.

	Raises:
		AccessDeniedError: it is over our records.
	"""
	if doc.get(_FIELDS[doc.doctype]) in opening.OURS:
		frappe.throw(
			_("{0} would show archives past the access rules").format(_(doc.doctype)), AccessDeniedError
		)


def validate_report(doc: Document, method: str | None = None) -> None:
	"""Refuse to store or mail a report over our records.

	Raises:
		AccessDeniedError: the report is over our records.
	"""
	name = doc.get("report") or doc.get("report_name")
	if frappe.db.get_value("Report", name, "ref_doctype") in opening.OURS:
		frappe.throw(
			_("{0} would show archives past the access rules").format(_(doc.doctype)), AccessDeniedError
		)


def after_follow(follow: Document, method: str | None = None) -> None:
	"""Following a record sends its changes by mail and never asks again whether they may be read: it does not begin."""
	if follow.ref_doctype in opening.OURS:
		frappe.db.delete("Document Follow", {"name": follow.name})


def remove_old() -> None:
	"""Take away what was shared or followed before the app guarded it; after each migration."""
	ours = tuple(sorted(opening.OURS))
	for doctype, field in (
		("DocShare", "share_doctype"),
		("Document Follow", "ref_doctype"),
		("Document Share Key", "reference_doctype"),
	):
		if frappe.db.table_exists(doctype):
			frappe.db.delete(doctype, {field: ("in", ours)})
