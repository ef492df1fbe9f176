"""A request to decide the confidentiality of an archive (form F-24 密级界定审批单). What each step does lives in ``services.classification``."""

from __future__ import annotations

from typing import Any

from frappe.model.document import Document

from kehu_archive.printing.checks import PrintRecorded
from kehu_archive.services import classification, deletion


class ClassificationRequest(PrintRecorded, Document):
	def insert(self, *args: Any, **kwargs: Any) -> Document:
		# Before the framework looks up the links: its answer would tell a hidden archive from one that does not exist.
		classification.refuse_unknown(self)
		return super().insert(*args, **kwargs)

	def save(self, *args: Any, **kwargs: Any) -> Document:
		if self.name and not self.is_new():
			classification.keep_archive(self)
		return super().save(*args, **kwargs)

	def before_validate(self) -> None:
		classification.prepare(self)

	def validate(self) -> None:
		classification.check(self)

	def on_update(self) -> None:
		classification.follow(self)

	def on_trash(self) -> None:
		deletion.refuse(self)
