"""What the report of duplicates and the forms ask to merge archives and to take it back."""

from __future__ import annotations

from typing import Any

import frappe

from kehu_archive.constants import ARCHIVE
from kehu_archive.services import duplicates, merge_undo
from kehu_archive.services import merge as merge_service


@frappe.whitelist(methods=["GET", "POST"])
def similar(archive: str) -> list[dict[str, Any]]:
	"""Return the archives that may be the same customer as this one, as far as the user may see them.

	Raises:
		PermissionError: the user may not read the archive.
	"""
	doc = frappe.get_doc(ARCHIVE, archive)
	doc.check_permission("read")
	return duplicates.similar(doc)


@frappe.whitelist(methods=["GET", "POST"])
def preview(source: str, target: str) -> dict[str, Any]:
	"""Return what merging would move and fill, nothing being changed.

	Raises:
		PermissionError: the user may not merge these two.
		MergeError: they cannot be merged.
	"""
	merge_service.check_permission(source, target)
	return merge_service.preview(source, target)


@frappe.whitelist(methods=["POST"])
def merge(source: str, target: str, reason: str) -> str:
	"""Merge the source into the target; return the name of the trace (R-ARC-22).

	Raises:
		PermissionError: the user may not merge these two.
		MergeError: they cannot be merged, or the reason is missing.
	"""
	merge_service.check_permission(source, target)
	return merge_service.merge(source, target, reason)


@frappe.whitelist(methods=["POST"])
def undo(merge: str) -> list[str]:
	"""Take a merge back; return what was changed since and stays as it is.

	Raises:
		PermissionError: the user may not merge these two.
		MergeError: it cannot be undone.
	"""
	merge_service.check_role()
	return merge_undo.undo(merge)
