"""A full disk says so before a file is written, instead of breaking off in the middle of it."""

from __future__ import annotations

import shutil
from typing import Final

import frappe
from frappe import _
from frappe.utils import cint, get_files_path

from kehu_archive.exceptions import ImportRefusedError

MEGABYTE: Final = 1024 * 1024
#: What stays free for everything else that writes to the same disk.
RESERVE: Final = 2 * MEGABYTE


def check(file_size: int | str | None = None, **_unused: object) -> None:
	"""Refuse an upload that does not fit; the framework calls it before it writes any file.

	Raises:
		ImportRefusedError: names the space left.
	"""
	free = shutil.disk_usage(get_files_path(is_private=1)).free
	if free < cint(file_size) + RESERVE:
		frappe.throw(
			_(
				"The disk of the server has {0} MB left, too little for this file; ask the administrator to free space and upload it again"
			).format(free // MEGABYTE),
			ImportRefusedError,
		)
