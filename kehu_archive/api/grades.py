"""What the tab of an archive's grades asks the server."""

from __future__ import annotations

from typing import Any

import frappe

from kehu_archive.permissions import documents
from kehu_archive.services import grade_assignments, grade_faces


def _check(archive: str) -> str:
	"""Refuse what the user may not read, a hidden archive as a missing one."""
	name = str(archive or "")
	frappe.has_permission(grade_assignments.ASSIGNMENT, "read", throw=True)
	documents.check(name)
	return name


@frappe.whitelist()
def why(archive: str) -> list[dict[str, Any]]:
	"""The archive's grades, one for each scheme, each with ``explained``: the stored reasons and what the rules say today where that differs.

	Raises:
		AccessDeniedError: the user may not read the archive; the same for one that does not exist.
	"""
	name = _check(archive)
	return grade_faces.dressed(name, grade_assignments.why(name))


@frappe.whitelist()
def history(archive: str) -> list[dict[str, Any]]:
	"""Every grade the archive had, the newest first; times when it had none are rows too.

	Raises:
		AccessDeniedError: as above.
	"""
	return grade_faces.coloured(grade_assignments.history(_check(archive)))


@frappe.whitelist()
def reasons(assignment: str) -> dict[str, Any]:
	"""Why a grade was given, as it was stored, for its own form.

	Raises:
		AccessDeniedError: the user may not read the archive; the same for a grade that does not exist.
	"""
	name = str(assignment or "")
	archive = frappe.db.get_value(grade_assignments.ASSIGNMENT, name, "archive")
	_check(str(archive or ""))
	return grade_assignments.stored_reasons(name)
