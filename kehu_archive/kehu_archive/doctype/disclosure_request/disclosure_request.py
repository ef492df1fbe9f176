"""A request to give materials of an archive to an outsider (form F-25 对外提供客户资料审批单)."""

from __future__ import annotations

from typing import Any

from frappe.model.document import Document

from kehu_archive.printing.checks import PrintRecorded
from kehu_archive.services import deletion, disclosure, lifecycle


class DisclosureRequest(PrintRecorded, Document):
	def insert(self, *args: Any, **kwargs: Any) -> Document:
		# Before the framework looks up the links: its answer would tell a hidden archive from one that does not exist.
		disclosure.refuse_unknown(self)
		return super().insert(*args, **kwargs)

	def save(self, *args: Any, **kwargs: Any) -> Document:
		if self.name and not self.is_new():
			disclosure.keep_archive(self)
		return super().save(*args, **kwargs)

	def before_validate(self) -> None:
		disclosure.prepare(self)

	def validate(self) -> None:
		lifecycle.refuse_if_merged(self.archive)
		disclosure.check(self)

	def after_insert(self) -> None:
		disclosure.announce(self)

	def on_trash(self) -> None:
		deletion.refuse(self)
