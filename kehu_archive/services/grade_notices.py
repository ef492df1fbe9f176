"""Notices about grades: what a customer that became important lacks (R-ARC-15)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import escape_html

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import lifecycle, roles
from kehu_archive.services import notices, staff

#: Above this number, one notice for all of them.
MOST_SINGLE: Final = 20


def tell_what_is_missing(archives: Sequence[str]) -> None:
	"""Tell the archivist which of these filed archives lack the detailed remark or the place of their own that an important customer needs (003 §5.1.2)."""
	lacking = _lacking(archives) if archives else []
	if not lacking:
		return
	archivists = staff.holders(roles.ARCHIVIST)
	if len(lacking) > MOST_SINGLE:
		text = _("{0} filed archives became important and lack a remark or a place of their own; {1} is the first of them")
		notices.tell(archivists, (ARCHIVE, lacking[0].name), text.format(len(lacking), escape_html(lacking[0].name)))
		return
	for row in lacking:
		notices.tell({row.custodian} if row.custodian else archivists, (ARCHIVE, row.name), _sentence(row))


def _lacking(archives: Sequence[str]) -> list[Any]:
	return list(
		frappe.db.sql(
			"""select archive.name, archive.custodian, trim(ifnull(archive.remark, '')) = '' as no_remark, ifnull(place.is_key_customer_store, 0) = 0 as no_place
			from `tabCustomer Archive` archive left join `tabStorage Location` place on place.name = archive.storage_location
			where archive.name in %(names)s and archive.workflow_state in %(filed)s
			having no_remark or no_place order by archive.name""",
			{"names": tuple(archives), "filed": (lifecycle.FILED, lifecycle.UPDATING)},
			as_dict=True,
		)
	)


def _sentence(row: Any) -> str:
	name = escape_html(row.name)
	if row.no_remark and row.no_place:
		return _("Archive {0} became important; enter its remark and choose a location of the key customer store").format(name)
	if row.no_remark:
		return _("Archive {0} became important; enter its remark").format(name)
	return _("Archive {0} became important; choose a location of the key customer store").format(name)
