"""Private papers: who may not read the archive does not get its papers, by their address, by their name, packed, or copied; also not who uploaded them.

The framework lets whoever uploaded a file read it for ever, packs any file whose name is known, and copies any file whose address is known. An address that is
refused and one that does not exist get the same answer.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import unquote

import frappe
from frappe import _
from werkzeug.exceptions import Forbidden

from kehu_archive.audit import log
from kehu_archive.permissions import registry
from kehu_archive.permissions.guards import opening
from kehu_archive.permissions.guards.asked import Asked

PREFIX: Final = "/private/files/"
BY_ADDRESS: Final = frozenset(
	{
		"download_file",
		"frappe.handler.download_file",
		"frappe.core.doctype.file.file.download_file",
		"frappe.utils.file_manager.download_file",
	}
)
PACKING: Final = (".zip_files", ".unzip_file")
UPLOADS: Final = frozenset(
	{"upload_file", "uploadfile", "frappe.handler.upload_file", "frappe.handler.uploadfile"}
)


def check(asked: Asked) -> None:
	"""Refuse a paper that is not open, and record one that is handed out.

	Raises:
		Forbidden: the paper is hidden; as the framework answers for a missing one.
		AuditError: the hand-out cannot be recorded.
	"""
	if not asked.method and asked.path.startswith(PREFIX):
		_check_address(asked.path)
	elif asked.method in BY_ADDRESS:
		_check_address(str(asked.values.get("file_url") or ""))
	elif asked.method.endswith(PACKING):
		_check_packed(asked)
	elif asked.method in UPLOADS and is_copy_of_hidden(str(asked.values.get("file_url") or "")):
		opening.refuse()
	if asked.values.get("attachments"):
		_check_attachments(asked.values["attachments"])


def _check_address(address: str) -> None:
	rows = _at(address)
	ours = [row for row in rows if row.attached_to_doctype in opening.OURS]
	if not ours:
		return
	open_ones = [row for row in ours if is_paper_open(row.attached_to_doctype, row.attached_to_name)]
	if open_ones:
		_record(open_ones[0])
	elif not any(_is_open_elsewhere(row) for row in rows if row not in ours):
		raise Forbidden(_("You don't have permission to access this file"))


def _at(address: str) -> list[Any]:
	columns = ["name", "file_name", "owner", "attached_to_doctype", "attached_to_name", "is_private"]
	return frappe.get_all("File", filters={"file_url": unquote(address)}, fields=columns, order_by="")


def _is_open_elsewhere(row: Any) -> bool:
	"""A file with the same content that belongs to something else."""
	return bool(frappe.get_doc("File", row.name).is_downloadable())


def _check_packed(asked: Asked) -> None:
	for name in _names(asked):
		row = frappe.db.get_value(
			"File", name, ["name", "file_name", "attached_to_doctype", "attached_to_name"], as_dict=True
		)
		if row and row.attached_to_doctype in opening.OURS:
			if not is_paper_open(row.attached_to_doctype, row.attached_to_name):
				opening.refuse()
			_record(row)
		elif row and not frappe.get_doc("File", name).is_downloadable():
			raise frappe.PermissionError


def _check_attachments(sent: Any) -> None:
	"""Files that a mail takes along, by name or by address."""
	for one in sent if isinstance(sent, list) else [sent]:
		name = (one.get("fid") or one.get("file_url") or one.get("name")) if isinstance(one, dict) else one
		if not isinstance(name, str):
			continue
		row = frappe.db.get_value("File", name, ["attached_to_doctype", "attached_to_name"], as_dict=True)
		hidden = (
			row
			and row.attached_to_doctype in opening.OURS
			and not is_paper_open(row.attached_to_doctype, row.attached_to_name)
		)
		if hidden or is_copy_of_hidden(name):
			opening.refuse()


def _names(asked: Asked) -> Iterator[str]:
	found = asked.values.get("files") or asked.values.get("name") or []
	for one in found if isinstance(found, list) else [found]:
		name = one.get("name") if isinstance(one, dict) else one
		if isinstance(name, str):
			yield name


def _record(row: Any) -> None:
	log.record(
		"Download",
		archive=archive_of(row.attached_to_doctype, row.attached_to_name),
		document=("File", row.name),
	)


def archive_of(doctype: str, name: str) -> str | None:
	"""The archive that a record belongs to."""
	parent = registry.CHILDREN.get(doctype)
	if parent:
		return archive_of(parent, str(frappe.db.get_value(doctype, name, "parent") or ""))
	field = registry.archive_field(doctype)
	found = name if field == "name" else frappe.db.get_value(doctype, name, field) if field else None
	return str(found) if found else None


def is_paper_open(doctype: str, name: str | None, user: str | None = None, ptype: str = "read") -> bool:
	"""Whether a person may read, or with "write" add and take, the papers of a record."""
	return bool(name) and opening.is_open(doctype, str(name), user, ptype)


def is_copy_of_hidden(address: str | None, user: str | None = None) -> bool:
	"""Whether an address is that of papers of ours, none of which is open to a person; however the address is spelled."""
	base = os.path.basename(unquote(address or "").rstrip("/"))
	if not base or not (address or "").strip("/").startswith(("private", "files", "api", "http", ".")):
		return False
	rows = frappe.get_all(
		"File",
		filters={"file_url": ("like", f"%/{base}"), "attached_to_doctype": ("in", sorted(opening.OURS))},
		fields=["attached_to_doctype", "attached_to_name"],
		order_by="",
	)
	return bool(rows) and not _any_open(rows, user)


def _any_open(rows: Iterable[Any], user: str | None) -> bool:
	return any(is_paper_open(row.attached_to_doctype, row.attached_to_name, user) for row in rows)
