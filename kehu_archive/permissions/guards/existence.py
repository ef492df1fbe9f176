"""Calls that tell whether a record exists: of ours they answer for a hidden record as for a missing one."""

from __future__ import annotations

from typing import Any, Final

import frappe

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import access
from kehu_archive.permissions import documents
from kehu_archive.permissions.guards import opening, original

LINK_TITLE: Final = "frappe.desk.search.get_link_title"
VALIDATE: Final = "frappe.client.validate_link"
GET: Final = "frappe.client.get"
LINKED_WITH: Final = "frappe.desk.form.linked_with.get"


@frappe.whitelist()
def get_link_title(doctype: str, docname: str, **given: Any) -> Any:
	"""Return what a link shows; of a record that is not open, its own name, as the caller gave it."""
	if doctype in opening.OURS and not opening.is_open(doctype, docname):
		return docname
	return original.call(LINK_TITLE, given, doctype=doctype, docname=docname)


@frappe.whitelist()
def validate_link(doctype: str, docname: str, **given: Any) -> Any:
	"""Check the value of a link field; a record that is not open is as a missing one. Of an archive that one may find only (V-18), its number is confirmed."""
	if doctype in opening.OURS and not opening.is_open(doctype, docname):
		if doctype == ARCHIVE and opening.by_role(ARCHIVE) and documents.may(docname, access.FIND):
			return frappe._dict(name=docname)
		docname = frappe.generate_hash()
	return original.call(VALIDATE, given, doctype=doctype, docname=docname)


@frappe.whitelist()
def get(doctype: str, name: str | None = None, **given: Any) -> Any:
	"""Return a record; one of ours that is looked up by filters is looked up among those that are open.

	Raises:
		AccessDeniedError: none of them is open to the user.
	"""
	filters = frappe.parse_json(given.get("filters")) if given.get("filters") else None
	if doctype in opening.OURS and not name and filters is not None:
		parent = given.get("parent")
		found = frappe.get_list(
			doctype,
			filters=filters,
			pluck="name",
			limit_page_length=1,
			order_by="name",
			parent_doctype=parent,
		)
		if not found:
			opening.refuse()
		name = found[0]
	return original.call(GET, given, doctype=doctype, name=name)


@frappe.whitelist()
def linked_with(doctype: str, docname: str, **given: Any) -> dict[str, Any]:
	"""Return what is linked with a record, of ours only what is open."""
	answer = original.call(LINKED_WITH, given, doctype=doctype, docname=docname) or {}
	for linked in opening.OURS & set(answer):
		answer[linked] = [row for row in answer[linked] if opening.is_open(linked, row.get("name"))]
	return {linked: rows for linked, rows in answer.items() if rows}
