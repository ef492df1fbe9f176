"""Unusual reading is told to those who watch over the archives; looked for every five minutes in the access log itself. Clause: R-DSC-04."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import cint, escape_html, now_datetime

from kehu_archive.audit import log
from kehu_archive.audit.requests import FIND, UNLIMITED
from kehu_archive.constants import ENTRY, SETTINGS
from kehu_archive.domain import roles
from kehu_archive.domain.bulk_reading import Access, Burst, Limits, bursts
from kehu_archive.services import notices, staff

ALERT: Final = "Alert"
_READS: Final = ("Open File", "Reveal", "Print", "PDF", "Download")
_EXPORT: Final = "Export"
_LOOK_BACK: Final = timedelta(hours=1)
"""Beyond the window, so that a scheduler that stood still misses nothing."""
_WATCHERS: Final = (roles.ARCHIVE_AUDITOR, roles.ARCHIVE_ADMINISTRATOR)


def check() -> list[str]:
	"""Look for people who opened or took out unusually much and raise one alert for each and each window; returns the alerts' names."""
	settings = frappe.get_cached_doc(SETTINGS)
	window = timedelta(minutes=max(1, cint(settings.bulk_minutes)))
	limits = Limits(cint(settings.bulk_reads), cint(settings.bulk_rows), window)
	found = bursts(_accesses(now_datetime() - window - _LOOK_BACK, limits), limits)
	return [_raise(burst, window) for burst in found if not _is_known(burst, window)]


def _accesses(since: datetime, limits: Limits) -> Iterator[Access]:
	rows = frappe.db.sql(
		f"""select user, happened_at, action, coalesce(nullif(archive, ''), concat(document_type, '/', document_name)) as file,
		quantity, road, detail from `tab{ENTRY}` where happened_at >= %(since)s and (action in %(reads)s or action = %(export)s
		or (action = %(find)s and road = %(rest)s)) order by happened_at, name""",
		{"since": since, "reads": _READS, "export": _EXPORT, "find": FIND, "rest": log.REST},
		as_dict=True,
	)
	for row in rows:
		is_read = row.action in _READS
		yield Access(
			row.user, row.happened_at, row.file if is_read else "", 0 if is_read else _rows(row, limits)
		)


def _rows(row: Any, limits: Limits) -> int:
	"""Records that left the system: a script that asks for a list without an end counts as one who takes all."""
	return limits.rows if row.action == FIND and UNLIMITED in (row.detail or "") else cint(row.quantity)


def _is_known(burst: Burst, window: timedelta) -> bool:
	return bool(
		frappe.db.sql(
			f"select 1 from `tab{ENTRY}` where user = %s and happened_at > %s and action = %s and document_type = 'User' limit 1",
			(burst.user, burst.moment - window, ALERT),
		)
	)


def _raise(burst: Burst, window: timedelta) -> str:
	minutes = int(window.total_seconds() // 60)
	entry = log.record(
		ALERT,
		document=("User", burst.user),
		quantity=max(burst.files, burst.rows),
		detail=f"files {burst.files}; rows {burst.rows}; minutes {minutes}; at {burst.moment:%Y-%m-%d %H:%M:%S}",
		user=burst.user,
	)
	subject = _("Unusual reading: {0} opened {1} files and took out {2} records within {3} minutes").format(
		escape_html(burst.user), burst.files, burst.rows, minutes
	)
	notices.tell(staff.holders(_WATCHERS), (ENTRY, entry), subject)
	return entry
