"""Settings that a company fills in once: numbers, life-cycle steps, duplicate checks and limits."""

from __future__ import annotations

from frappe.model.document import Document

from kehu_archive.services import pledge, secrecy, settings


class KehuArchiveSettings(Document):
	def validate(self) -> None:
		settings.check(self)
		pledge.check_settings(self)

	def on_update(self) -> None:
		secrecy.after_settings(self)
