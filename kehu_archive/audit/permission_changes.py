"""Whoever changes what others may do is on record: rules, roles, permissions, departments, settings and shares (R-DSC-04)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import frappe
from frappe.utils import cstr

from kehu_archive.audit import calls, log
from kehu_archive.audit.requests import PERMISSION_CHANGE

if TYPE_CHECKING:
	from frappe.model.document import Document

#: Fields of a person that decide what he may do.
_USER_FIELDS: Final = ("enabled", "user_type", "role_profile_name")
#: Records of the framework that matter only when they are about a DocType of ours, and the field that says so.
_ABOUT: Final = {
	"Custom DocPerm": "parent",
	"DocShare": "share_doctype",
	"Workflow": "document_type",
}
_NO_NEWS: Final = frozenset(
	{
		"name",
		"owner",
		"creation",
		"modified",
		"modified_by",
		"idx",
		"docstatus",
		"doctype",
		"parent",
		"parentfield",
		"parenttype",
	}
)
_MOST_VALUE: Final = 60
#: Settings that hold long texts or the app's own notes.
_NOT_QUOTED: Final = frozenset({"pledge_text", "seeded_records"})


def on_update(doc: Document, method: str | None = None) -> None:
	"""Record a new or changed record, in the same transaction as the change.

	Raises:
		AuditError: it cannot be recorded, so nothing changes.
	"""
	if not _concerns(doc):
		return
	before = doc.get_doc_before_save()
	words = _of_user(doc, before) if doc.doctype == "User" else _differences(doc, before)
	if words or (before is None and doc.doctype != "User"):
		_record(doc, "; ".join(words) if before else "; ".join(["new", *words]))


def on_trash(doc: Document, method: str | None = None) -> None:
	"""Record a deleted record.

	Raises:
		AuditError: it cannot be recorded, so nothing is deleted.
	"""
	if _concerns(doc):
		_record(doc, "; ".join(["deleted", *(_differences(doc, None) if doc.doctype != "User" else [])]))


def _concerns(doc: Document) -> bool:
	flags = frappe.flags
	if flags.in_install or flags.in_migrate or flags.in_patch or flags.in_uninstall:
		return False
	if doc.doctype == "Custom DocPerm" and getattr(frappe.local, "kehu_permission_change", False):
		return False  # the permission manager's call is on record already
	about = _ABOUT.get(doc.doctype)
	return about is None or bool(calls.ours(doc.get(about)))


def _record(doc: Document, detail: str) -> None:
	log.record(PERMISSION_CHANGE, document=(doc.doctype, cstr(doc.name)), detail=detail)


def _of_user(doc: Document, before: Any) -> list[str]:
	held = {row.role for row in doc.get("roles") or ()}
	known = {row.role for row in before.get("roles") or ()} if before else set()
	words = [f"+{role}" for role in sorted(held - known)] + [f"-{role}" for role in sorted(known - held)]
	if before:
		words += [
			_change(field, before.get(field), doc.get(field))
			for field in _USER_FIELDS
			if _differ(before.get(field), doc.get(field))
		]
	return words


def _differences(doc: Document, before: Any) -> list[str]:
	"""Every field that is not as before, a table by the rows it gained and lost; for a new or deleted record all that is filled in."""
	words = []
	for field in doc.meta.fields:
		name = field.fieldname
		if field.fieldtype in ("Table", "Table MultiSelect"):
			words += _row_changes(name, before.get(name) if before else (), doc.get(name))
		elif field.fieldtype not in frappe.model.no_value_fields:
			old, new = before.get(name) if before else None, doc.get(name)
			if _differ(old, new):
				words.append(
					name
					if name in _NOT_QUOTED
					else _change(name, old, new)
					if before
					else f"{name}={_short(new)}"
				)
	return words


def _row_changes(table: str, before: Any, now: Any) -> list[str]:
	old, new = ({_row(row) for row in rows or ()} for rows in (before, now))
	return [f"{table} +{row}" for row in sorted(new - old)] + [f"{table} -{row}" for row in sorted(old - new)]


def _row(row: Any) -> str:
	values = row.as_dict(no_default_fields=True)
	return ",".join(
		_short(value) for key, value in values.items() if key not in _NO_NEWS and value not in (None, "", 0)
	)


def _differ(old: Any, new: Any) -> bool:
	return (cstr(old) if old not in (0, "0") else "") != (cstr(new) if new not in (0, "0") else "")


def _change(field: str, old: Any, new: Any) -> str:
	return f"{field}: {_short(old) or '-'} -> {_short(new) or '-'}"


def _short(value: Any) -> str:
	text = " ".join(cstr(value).split())
	return text if len(text) <= _MOST_VALUE else text[: _MOST_VALUE - 1] + "…"
