"""Import of customers from a workbook: preview, start, the job that does it, and taking up what was interrupted.

What makes it safe to kill at any point: the preview stages every row in one transaction; the job moves staged
rows to archives in chunks, each chunk one transaction that writes the archives and marks their rows. Whatever
happens, a row is either still pending or has its archive. Clause: F-03, R-FZL-01, R-NFR-04.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NoReturn

import frappe
from frappe import _
from frappe.utils import cint, cstr, now_datetime, strip_html
from frappe.utils.background_jobs import get_job, is_job_enqueued
from pypika.functions import Count
from pypika.terms import Case

from kehu_archive.constants import SETTINGS
from kehu_archive.exceptions import ImportRefusedError
from kehu_archive.services import bulk, completeness
from kehu_archive.services.import_matching import Customer, KnownCustomers
from kehu_archive.services.import_report import attach_rejected_rows
from kehu_archive.services.import_staging import ROW, Target, find_table, stage
from kehu_archive.services.workbook import WorkbookWriteError, open_workbook

IMPORT: Final = "Archive Import"
JOB_SECONDS: Final = 6 * 3600
ATTEMPTS: Final = 5
#: An import in one of these states may be previewed, or started.
PREVIEWABLE: Final = ("New", "Previewed", "Failed")
STARTABLE: Final = ("Previewed", "Failed", "Queued", "Running")
UNFINISHED: Final = ("Queued", "Running")


# -- preview -----------------------------------------------------------------------------------------------------------


def preview(name: str) -> None:
	"""Read the workbook into staged rows and count them; the caller's transaction keeps all of it or nothing.

	Raises:
		ImportRefusedError: the file cannot be read, its columns are not recognised, or the import has begun.
	"""
	doc = frappe.get_doc(IMPORT, name, for_update=True)
	if has_begun(doc):
		frappe.throw(_("This import has begun; make a new one for another workbook"), ImportRefusedError)
	settings = frappe.get_cached_doc(SETTINGS)
	path = workbook_path(doc)
	frappe.db.delete(ROW, {"import_batch": name})
	with open_workbook(path, cint(settings.import_max_mb) or 50) as sheets:
		table = find_table(sheets)
		stage(table, Target(name, doc.department, cint(settings.import_max_rows) or 50_000))
	doc.update(
		{
			"status": "Previewed",
			"progress": 0,
			"error_message": None,
			"error_file": None,
			"file_hash": _digest(path),
			"header_cells": json.dumps(table.names, ensure_ascii=False),
			"warning_rows": _doubtful(name),
			**_counts(name),
		}
	)
	_save(doc)


def has_begun(doc: Any) -> bool:
	"""Whether rows of it were imported or are about to be: then its workbook stays as it is."""
	return doc.status not in PREVIEWABLE or bool(_count(doc.name).get("Imported"))


def record_refusal(name: str, error: ImportRefusedError) -> str:
	"""Keep with the import why its workbook was refused, and return the text; what an earlier preview staged goes.

	The caller has undone what the refused preview wrote. An import without file digest cannot be started.
	"""
	doc = frappe.get_doc(IMPORT, name, for_update=True)
	text = _plain_message(error)
	frappe.db.delete(ROW, {"import_batch": name})
	doc.update(
		{
			"status": "Failed",
			"progress": 0,
			"error_message": text,
			"error_file": None,
			"file_hash": None,
			"header_cells": None,
			"warning_rows": 0,
			**_counts(name),
		}
	)
	_save(doc)
	return text


def workbook_path(doc: Any) -> Path:
	"""Where the uploaded workbook lies on the disk.

	Raises:
		ImportRefusedError: none, a web address, or a public file.
	"""
	names = _files(doc)
	return Path(frappe.get_doc("File", names[0]).get_full_path())


def check_workbook_access(doc: Any) -> None:
	"""Refuse a file that the user may not read: an address typed by hand must not open somebody else's.

	It must run before the document is stored, since storing attaches the file to it and so makes it readable.

	Raises:
		ImportRefusedError: also when there is no such file, so that nobody learns which exist.
	"""
	if not any(frappe.get_doc("File", name).has_permission("read") for name in _files(doc)):
		_refuse_file()


def _files(doc: Any) -> list[str]:
	url = cstr(doc.source_file)
	if not url.startswith("/private/files/"):
		frappe.throw(_("Upload the workbook as a private file"), ImportRefusedError)
	names = frappe.get_all("File", filters={"file_url": url, "is_folder": 0}, pluck="name")
	if not names:
		_refuse_file()
	return names


def _refuse_file() -> NoReturn:
	frappe.throw(_("The workbook was not found; upload it again"), ImportRefusedError)
	raise AssertionError  # frappe.throw never returns


def _digest(path: Path) -> str:
	digest = hashlib.sha256()
	with path.open("rb") as stream:
		while block := stream.read(1 << 20):
			digest.update(block)
	return digest.hexdigest()


# -- start -------------------------------------------------------------------------------------------------------------


def start(name: str) -> None:
	"""Queue the job that imports the staged rows; also takes up an import that failed or died.

	Raises:
		ImportRefusedError: not previewed yet, at work already, or done.
	"""
	doc = frappe.get_doc(IMPORT, name, for_update=True)
	if doc.status not in STARTABLE or not doc.file_hash:
		text = _("Press Preview first") if not doc.file_hash or doc.status == "New" else _("This import is done; make a new one for another workbook")
		frappe.throw(text, ImportRefusedError)
	if doc.status in UNFINISHED and is_alive(name, doc.status):
		frappe.throw(_("This import is at work already"), ImportRefusedError)
	doc.update({"status": "Queued", "error_message": None, "started_by": frappe.session.user})
	_save(doc)
	_enqueue(name)


def _enqueue(name: str) -> None:
	job_id = _job_id(name)
	if stale := get_job(job_id):
		stale.delete()  # whoever calls made sure that nobody works on it: what is left is a dead worker's
	frappe.enqueue(
		"kehu_archive.services.importing.run",
		queue="long",
		timeout=JOB_SECONDS,
		job_id=job_id,
		deduplicate=True,
		enqueue_after_commit=True,
		import_name=name,
	)


def resume_unfinished() -> list[str]:
	"""Queue again every import whose job is dead; return their names."""
	resumed = []
	for name, status in frappe.get_all(IMPORT, filters={"status": ("in", UNFINISHED)}, fields=["name", "status"], as_list=True):
		if not is_alive(name, status):
			_enqueue(name)
			resumed.append(name)
	return resumed


def is_alive(name: str, status: str) -> bool:
	"""Whether a worker is at this import, or it waits in the queue.

	A worker's connection holds a lock that the database gives back when the connection ends, however it ends;
	the queue's own books say for minutes that a killed worker is still busy.
	"""
	if not frappe.db.sql("select is_free_lock(%s)", _lock_name(name))[0][0]:
		return True
	return status == "Queued" and is_job_enqueued(_job_id(name))


def _job_id(name: str) -> str:
	return f"archive-import-{name}"


def _lock_name(name: str) -> str:
	"""Lock names are shared by all sites of a database server and at most 64 characters long."""
	return "kehu-import-" + hashlib.sha1(f"{frappe.conf.db_name}/{name}".encode(), usedforsecurity=False).hexdigest()


@contextmanager
def _alone(name: str) -> Iterator[bool]:
	"""Hold the import for this connection; gives False when another worker has it."""
	got = frappe.db.sql("select get_lock(%s, 0)", _lock_name(name))[0][0] == 1
	try:
		yield got
	finally:
		if got:
			# The connection may be gone, and with it the lock.
			with suppress(Exception):
				frappe.db.sql("do release_lock(%s)", _lock_name(name))


# -- the job -----------------------------------------------------------------------------------------------------------


def run(import_name: str) -> None:
	"""Import the staged rows; runs in a worker. A second worker, or one that comes late, leaves at once.

	Raises:
		Exception: whatever stopped it, after the import was marked as failed.
	"""
	with _alone(import_name) as alone:
		if not alone or frappe.db.get_value(IMPORT, import_name, "status") not in (*UNFINISHED, "Failed"):
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
	_publish(doc.name)
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
	names = bulk.insert_archives(
		[{**mapped[index]["values"], "archive_type": doc.archive_type} for index in fresh],
		owner=doc.started_by or doc.owner,
	)
	completeness.refresh(names)
	_mark({rows[index].name: name for index, name in zip(fresh, names, strict=True)}, "Imported")
	_mark({row.name: archive for row, archive in zip(rows, found, strict=True) if archive}, "Existing")
	_update_counts(doc.name)
	_publish(doc.name)
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
		reason = _("The row was refused: {0}; correct it and import it again").format(_plain_message(error))
		frappe.db.set_value(
			ROW, rows[0].name, {"status": "Rejected", "reason": reason, "fault_codes": "refused", "mapped": None}
		)
		_update_counts(doc.name)
	# The row is settled: an interruption from here on must not try it again.
	frappe.db.commit()


def _finish(doc: Any) -> None:
	error_file = attach_rejected_rows(doc)
	_forget_settled_cells(doc.name)
	frappe.db.set_value(
		IMPORT,
		doc.name,
		{"status": "Completed", "progress": 100, "error_file": error_file, "finished_on": now_datetime(), **_counts(doc.name)},
		update_modified=False,
	)
	_publish(doc.name)
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


def _record_failure(name: str, error: Exception) -> None:
	if isinstance(error, WorkbookWriteError):
		text = _("All rows are settled, but the workbook of rejected rows could not be written ({0}); free space on the server's disk and press Start Import again")
	else:
		text = _("The import stopped ({0}); everything imported so far stays, press Start Import to continue")
	try:
		frappe.db.rollback()
		frappe.db.set_value(
			IMPORT, name, {"status": "Failed", "error_message": text.format(_plain_message(error))}, update_modified=False
		)
		_publish(name)
		# The job ends in an error and rolls back: the message must survive it.
		frappe.db.commit()
	except Exception:
		# No database, no message: the import stays "Running" without a worker, which resume_unfinished takes up.
		frappe.logger().error(f"Archive Import {name}: the failure could not be recorded", exc_info=True)


def _plain_message(error: Exception) -> str:
	return cstr(strip_html(cstr(error)) or type(error).__name__)[:500]


# -- counts and progress -----------------------------------------------------------------------------------------------


def _count(name: str) -> dict[str, int]:
	row = frappe.qb.DocType(ROW)
	return dict(
		frappe.qb.from_(row)
		.select(row.status, Count("*"))
		.where(row.import_batch == name)
		.groupby(row.status)
		.run()
	)


def _counts(name: str) -> dict[str, int]:
	by_status = _count(name)
	return {
		"total_rows": sum(by_status.values()),
		"imported_rows": by_status.get("Imported", 0),
		"existing_rows": by_status.get("Existing", 0),
		"rejected_rows": by_status.get("Rejected", 0),
	}


def _doubtful(name: str) -> int:
	row = frappe.qb.DocType(ROW)
	doubtful = (
		frappe.qb.from_(row)
		.select(Count("*"))
		.where((row.import_batch == name) & (row.status != "Rejected") & (row.fault_codes != ""))
		.run()
	)
	return int(doubtful[0][0])


def _update_counts(name: str) -> None:
	counts = _counts(name)
	settled = counts["imported_rows"] + counts["existing_rows"] + counts["rejected_rows"]
	progress = 100 * settled / max(1, counts["total_rows"])
	# 100 is for the end, when the workbook of rejected rows is there too.
	frappe.db.set_value(IMPORT, name, {**counts, "progress": min(99, progress)}, update_modified=False)


def _publish(name: str) -> None:
	state = frappe.db.get_value(
		IMPORT, name, ["status", "progress", "total_rows", "imported_rows", "existing_rows", "rejected_rows"], as_dict=True
	)
	frappe.publish_realtime(
		"archive_import_progress", {"name": name, **state}, doctype=IMPORT, docname=name, after_commit=True
	)


def _save(doc: Any) -> None:
	"""The permission was checked by the caller on the stored document; the fields written here are the program's own."""
	doc.flags.by_program = True
	doc.save(ignore_permissions=True)
