"""A person who represents, or represented, the customer."""

from __future__ import annotations

from frappe.model.document import Document

from kehu_archive.audit.reading import ReadRecorded
from kehu_archive.printing.checks import PrintRecorded
from kehu_archive.services import archives, contacts, deletion, lifecycle, protected, search_index


class ArchiveContact(ReadRecorded, PrintRecorded, Document):
	def before_validate(self) -> None:
		protected.restore(self)
		archives.clean(self)

	def validate(self) -> None:
		lifecycle.refuse_if_frozen(self.archive, self)
		contacts.guard_history(self)
		archives.check(self)

	def on_update(self) -> None:
		contacts.keep_one_main(self)
		contacts.mirror(self.archive)
		if not self.flags.from_archive:
			search_index.write([self.archive])

	def on_trash(self) -> None:
		deletion.refuse(self)
