"""Where an import stands: its counts, what is reported of it, and whether somebody works on it. Nothing here commits."""

from __future__ import annotations

from typing import Final

import frappe
from frappe.utils import cstr, strip_html
from frappe.utils.background_jobs import is_job_enqueued
from pypika.functions import Count

from kehu_archive.services.import_staging import ROW
from kehu_archive.services.job_lock import alone as alone
from kehu_archive.services.job_lock import is_held

IMPORT: Final = "Archive Import"
UNFINISHED: Final = ("Queued", "Running")


def is_alive(name: str, status: str) -> bool:
	"""Whether a worker is at this import, or it waits in the queue.

	A queue's own books say for minutes that a killed worker is still busy; the lock does not.
	"""
	if is_held(name):
		return True
	return status == "Queued" and is_job_enqueued(job_id(name))


def job_id(name: str) -> str:
	"""The queue's name for the job of an import; there is never a second one."""
	return f"archive-import-{name}"


# -- counts and progress -----------------------------------------------------------------------------------------------


def count(name: str) -> dict[str, int]:
	"""Rows by status."""
	row = frappe.qb.DocType(ROW)
	return dict(
		frappe.qb.from_(row)
		.select(row.status, Count("*"))
		.where(row.import_batch == name)
		.groupby(row.status)
		.run()
	)


def counts(name: str) -> dict[str, int]:
	"""The count fields of an import, from its rows."""
	by_status = count(name)
	return {
		"total_rows": sum(by_status.values()),
		"imported_rows": by_status.get("Imported", 0),
		"existing_rows": by_status.get("Existing", 0),
		"rejected_rows": by_status.get("Rejected", 0),
	}


def doubtful(name: str) -> int:
	"""Rows that are not refused but carry a warning."""
	row = frappe.qb.DocType(ROW)
	doubtful = (
		frappe.qb.from_(row)
		.select(Count("*"))
		.where((row.import_batch == name) & (row.status != "Rejected") & (row.fault_codes != ""))
		.run()
	)
	return int(doubtful[0][0])


def update_counts(name: str) -> None:
	"""Store the counts and how far the import is, in percent."""
	present = counts(name)
	settled = present["imported_rows"] + present["existing_rows"] + present["rejected_rows"]
	progress = 100 * settled / max(1, present["total_rows"])
	# 100 is for the end, when the workbook of rejected rows is there too. Rows were settled: whatever dies next dies for the first time.
	values = {**present, "progress": min(99, progress), "attempts": 0}
	frappe.db.set_value(IMPORT, name, values, update_modified=False)


def publish(name: str) -> None:
	"""Tell open forms how far the import is, once the transaction is committed."""
	state = frappe.db.get_value(
		IMPORT, name, ["status", "progress", "total_rows", "imported_rows", "existing_rows", "rejected_rows"], as_dict=True
	)
	frappe.publish_realtime(
		"archive_import_progress", {"name": name, **state}, doctype=IMPORT, docname=name, after_commit=True
	)


def plain_message(error: Exception) -> str:
	"""What an exception says, without markup, at most 500 characters."""
	return cstr(strip_html(cstr(error)) or type(error).__name__)[:500]
