"""The wrapped data key of an archive. Written by ``vault.store`` and ``vault.rotation`` only, never through a document."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document

from kehu_archive.exceptions import ArchiveError


class ArchiveDataKey(Document):
	def validate(self) -> None:
		_refuse()

	def before_rename(self, old: str, new: str, merge: bool = False) -> None:
		_refuse()

	def on_trash(self) -> None:
		_refuse()

	def as_dict(self, *args: Any, **kwargs: Any) -> Any:
		values = super().as_dict(*args, **kwargs)
		values.pop("wrapped_key", None)
		return values


def _refuse() -> None:
	frappe.throw(_("Data keys are written by the program only: without them secrets cannot be read"), ArchiveError)
