"""The job that makes archives of staged rows; runs in a worker.

Contract: rows are taken in chunks, each chunk one transaction that writes the archives and marks their rows. Killed at any point, a row is
either still pending or has its archive. Clause: F-03, R-FZL-01, R-NFR-04.
"""

from __future__ import annotations

import json
import time
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import cint, now_datetime
from pypika.terms import Case

from kehu_archive.constants import SETTINGS
from kehu_archive.services import bulk, completeness, import_secrets
from kehu_archive.services import import_state as state
from kehu_archive.services.import_matching import Customer, KnownCustomers
from kehu_archive.services.import_report import attach_rejected_rows
from kehu_archive.services.import_staging import ROW
from kehu_archive.services.import_state import IMPORT, UNFINISHED
from kehu_archive.services.workbook import WorkbookWriteError

ATTEMPTS: Final = 5


def run(import_name: str) -> None:
	"""Import the staged rows; runs in a worker. A second worker, or one that comes late, leaves at once.

	Raises:
		Exception: whatever stopped it, after the import was marked as failed.
	"""
	with state.alone(import_name) as is_alone:
		if not is_alone or frappe.db.get_value(IMPORT, import_name, "status") not in (*UNFINISHED, "Failed"):
			return
		doc = frappe.get_doc(IMPORT, import_name)
		frappe.set_user_lang(doc.started_by or doc.owner)
		try:
			_begin(doc)
			_import_rows(doc)
			_finish(doc)
		except Exception as error:
			_record_failure(import_name, error)
			raise


def _begin(doc: Any) -> None:
	values = {"status": "Running", "error_message": None}
	if not doc.started_on:
		values["started_on"] = now_datetime()
	frappe.db.set_value(IMPORT, doc.name, values, update_modified=False)
	state.publish(doc.name)
	# Says at once that the work has begun; the chunks that follow stand for themselves.
	frappe.db.commit()


def _import_rows(doc: Any) -> None:
	most = size = cint(frappe.get_cached_doc(SETTINGS).import_chunk_rows) or 500
	while True:
		try:
			done = _retried(doc, size)
		except Exception as error:
			if not _is_refusal(error):
				raise
			frappe.db.rollback()
			if size == 1:
				_reject_next(doc, error)
			size = max(1, size // 10)
			continue
		if not done:
			return
		size = min(most, size * 2)


def _retried(doc: Any, size: int) -> int:
	for attempt in range(1, ATTEMPTS + 1):
		try:
			return import_chunk(doc, size)
		except Exception as error:
			if attempt == ATTEMPTS or not _is_busy(error):
				raise
			frappe.db.rollback()
			time.sleep(attempt)
	raise AssertionError  # the loop returns or raises


def _is_busy(error: Exception) -> bool:
	"""Another transaction was in the way: deadlock or lock wait."""
	if isinstance(error, (frappe.QueryDeadlockError, frappe.QueryTimeoutError)):
		return True
	return bool(error.args) and (frappe.db.is_deadlocked(error) or frappe.db.is_timedout(error))


def _is_refusal(error: Exception) -> bool:
	"""The content of some row is to blame, not the machine."""
	if isinstance(error, (frappe.ValidationError, frappe.DuplicateEntryError, frappe.db.DataError)):
		return True
	return bool(error.args) and frappe.db.is_duplicate_entry(error)


def import_chunk(doc: Any, size: int) -> int:
	"""Import up to ``size`` pending rows in one transaction and return how many rows were settled."""
	_one_import_at_a_time()
	rows = _pending(doc.name, size)
	if not rows:
		return 0
	mapped = [json.loads(row.mapped) for row in rows]
	customers = [Customer.from_dict(item["customer"]) for item in mapped]
	# Looked up again here, behind the lock: another import or a person may have been faster since the preview.
	known = KnownCustomers.load(customers)
	found = [known.find(customer) for customer in customers]
	fresh = [index for index, archive in enumerate(found) if not archive]
	owner = doc.started_by or doc.owner
	names = bulk.insert_archives(
		[{**mapped[index]["values"], "archive_type": doc.archive_type} for index in fresh],
		owner=owner,
	)
	import_secrets.insert(doc.name, [rows[index] for index in fresh], [mapped[index] for index in fresh], names, owner)
	completeness.refresh(names)
	_mark({rows[index].name: name for index, name in zip(fresh, names, strict=True)}, "Imported")
	_mark({row.name: archive for row, archive in zip(rows, found, strict=True) if archive}, "Existing")
	state.update_counts(doc.name)
	state.publish(doc.name)
	# A chunk's archives and the marks of its rows become visible together: killed before this line, nothing of the
	# chunk is there; killed after it, none of its rows is pending any more.
	frappe.db.commit()
	return len(rows)


def _one_import_at_a_time() -> None:
	"""Wait for other imports' chunks: the lock ends with the transaction, or with the connection of a killed worker.

	The row locked is the definition of Archive Import, which is always there and never written at work.
	"""
	# A transaction sees the state of its first read. Locking must come first, or what the others wrote while this one
	# waited stays invisible: so whatever was read since the last commit ends here (nothing has been written).
	frappe.db.rollback()
	frappe.db.sql("select `name` from `tabDocType` where `name` = %s for update", IMPORT)


def _pending(name: str, size: int) -> list[Any]:
	row = frappe.qb.DocType(ROW)
	return (
		frappe.qb.from_(row)
		.select(row.name, row.row_no, row.mapped)
		.where((row.import_batch == name) & (row.status == "Pending"))
		.orderby(row.row_no)
		.limit(size)
		.for_update()
		.run(as_dict=True)
	)


def _mark(archives: dict[str, str], status: str) -> None:
	"""Settle rows; what they held is in the archive now, or was there before."""
	if not archives:
		return
	row = frappe.qb.DocType(ROW)
	archive_of = Case()
	for name, archive in archives.items():
		archive_of = archive_of.when(row.name == name, archive)
	(
		frappe.qb.update(row)
		.set(row.status, status)
		.set(row.archive, archive_of)
		.set(row.mapped, None)
		.where(row.name.isin(list(archives)))
		.run()
	)


def _reject_next(doc: Any, error: Exception) -> None:
	"""Give the first pending row back with what the database or a rule said against it."""
	_one_import_at_a_time()
	rows = _pending(doc.name, 1)
	if rows:
		reason = _("The row was refused: {0}; correct it and import it again").format(state.plain_message(error))
		frappe.db.set_value(
			ROW, rows[0].name, {"status": "Rejected", "reason": reason, "fault_codes": "refused", "mapped": None}
		)
		state.update_counts(doc.name)
	# The row is settled: an interruption from here on must not try it again.
	frappe.db.commit()


def _finish(doc: Any) -> None:
	error_file = attach_rejected_rows(doc)
	_forget_settled_cells(doc.name)
	frappe.db.set_value(
		IMPORT,
		doc.name,
		{"status": "Completed", "progress": 100, "error_file": error_file, "finished_on": now_datetime(), **state.counts(doc.name)},
		update_modified=False,
	)
	state.publish(doc.name)
	# The end is reported together with the workbook of rejected rows.
	frappe.db.commit()


def _forget_settled_cells(name: str) -> None:
	"""Personal data is kept once: rows that have an archive need no copy of their cells."""
	row = frappe.qb.DocType(ROW)
	(
		frappe.qb.update(row)
		.set(row.cells, None)
		.where((row.import_batch == name) & row.status.isin(("Imported", "Existing")))
		.run()
	)
	if not frappe.db.exists(ROW, {"import_batch": name, "status": "Rejected"}):
		import_secrets.discard(name)


def _record_failure(name: str, error: Exception) -> None:
	if isinstance(error, WorkbookWriteError):
		text = _("All rows are settled, but the workbook of rejected rows could not be written ({0}); free space on the server's disk and press Start Import again")
	else:
		text = _("The import stopped ({0}); everything imported so far stays, press Start Import to continue")
	try:
		frappe.db.rollback()
		frappe.db.set_value(
			IMPORT, name, {"status": "Failed", "error_message": text.format(state.plain_message(error))}, update_modified=False
		)
		state.publish(name)
		# The job ends in an error and rolls back: the message must survive it.
		frappe.db.commit()
	except Exception:
		# No database, no message: the import stays "Running" without a worker, which resume_unfinished takes up.
		frappe.logger().error(f"Archive Import {name}: the failure could not be recorded", exc_info=True)
