"""Whether one record is open to a person, asked without loading it."""

from __future__ import annotations

from typing import Any, Final

import frappe

from kehu_archive.permissions import documents, registry

#: Every DocType of ours that not everybody with its role sees.
OURS: Final = frozenset(registry.RESTRICTED)
ROWS_OF_OTHERS: Final = frozenset((*registry.CHILDREN, *registry.SHARED_CHILDREN))


def by_role(doctype: str, ptype: str = "read", user: str | None = None) -> bool:
	"""Whether a person's roles give him this right on a DocType at all. Says nothing to the user."""
	name = user or frappe.session.user
	if name == "Administrator":
		return True
	parents = registry.SHARED_CHILDREN.get(doctype) or (registry.CHILDREN.get(doctype, doctype),)
	return any(_has_role(parent, ptype, name) for parent in parents)


def _has_role(doctype: str, ptype: str, user: str) -> bool:
	return bool(frappe.permissions.get_role_permissions(frappe.get_meta(doctype), user=user).get(ptype))


def is_open(doctype: str, name: str, user: str | None = None, ptype: str = "read") -> bool:
	"""Whether a record of ours exists and a person may do this with it; False for a missing one."""
	person = user or frappe.session.user
	if not name or not by_role(doctype, ptype, person):
		return False
	stub = _stub(doctype, name)
	return bool(stub) and documents.has_permission(stub, ptype, person)


def _stub(doctype: str, name: str) -> Any:
	"""As much of a record as the rule asks for; None when it is missing."""
	fields = ["name", "parent", "parenttype"] if doctype in ROWS_OF_OTHERS else ["name"]
	found = frappe.db.get_value(doctype, name, fields, as_dict=True)
	return frappe._dict(found, doctype=doctype) if found else None


def refuse() -> None:
	"""Refuse in the same words whether a record is hidden or missing.

	Raises:
		AccessDeniedError: always.
	"""
	documents.refuse()
