"""Import of customers from a workbook: preview, start, and taking up what was interrupted; `import_job` does the work.

What makes it safe to kill at any point: the preview stages every row in one transaction; the job moves staged
rows to archives in chunks, each chunk one transaction that writes the archives and marks their rows. Whatever
happens, a row is either still pending or has its archive. Clause: F-03, R-FZL-01, R-NFR-04.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final, NoReturn

import frappe
from frappe import _
from frappe.translate import get_user_lang
from frappe.utils import cint, cstr
from frappe.utils.background_jobs import get_job

from kehu_archive.constants import SETTINGS
from kehu_archive.exceptions import ImportRefusedError
from kehu_archive.services import import_secrets, notices
from kehu_archive.services import import_state as state
from kehu_archive.services.import_job import run as run
from kehu_archive.services.import_staging import ROW, Target, find_table, stage
from kehu_archive.services.import_state import IMPORT as IMPORT
from kehu_archive.services.import_state import UNFINISHED
from kehu_archive.services.workbook import open_workbook

JOB_SECONDS: Final = 6 * 3600
#: An import in one of these states may be previewed, or started.
PREVIEWABLE: Final = ("New", "Previewed", "Failed")
STARTABLE: Final = ("Previewed", "Failed", "Queued", "Running")
#: How often an import is tried that gets no row further; then something in it, or the machine, kills every worker.
MOST_ATTEMPTS: Final = 3


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
	_forget_rows(name)
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
			"warning_rows": state.doubtful(name),
			**state.counts(name),
		}
	)
	_save(doc)


def _forget_rows(name: str) -> None:
	"""What an earlier preview staged, with the key to what it hid."""
	frappe.db.delete(ROW, {"import_batch": name})
	import_secrets.discard(name)


def has_begun(doc: Any) -> bool:
	"""Whether rows of it were imported or are about to be: then its workbook stays as it is."""
	return doc.status not in PREVIEWABLE or bool(state.count(doc.name).get("Imported"))


def record_refusal(name: str, error: ImportRefusedError) -> str:
	"""Keep with the import why its workbook was refused, and return the text; what an earlier preview staged goes.

	The caller has undone what the refused preview wrote. An import without file digest cannot be started.
	"""
	doc = frappe.get_doc(IMPORT, name, for_update=True)
	text = state.plain_message(error)
	_forget_rows(name)
	doc.update(
		{
			"status": "Failed",
			"progress": 0,
			"error_message": text,
			"error_file": None,
			"file_hash": None,
			"header_cells": None,
			"warning_rows": 0,
			**state.counts(name),
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
	if doc.status in UNFINISHED and state.is_alive(name, doc.status):
		frappe.throw(_("This import is at work already"), ImportRefusedError)
	doc.update({"status": "Queued", "error_message": None, "started_by": frappe.session.user, "attempts": 1})
	_save(doc)
	_enqueue(name)


def _enqueue(name: str) -> None:
	job_id = state.job_id(name)
	if stale := get_job(job_id):
		stale.delete()  # whoever calls made sure that nobody works on it: what is left is a dead worker's
	frappe.enqueue(
		"kehu_archive.services.import_job.run",
		queue="long",
		timeout=JOB_SECONDS,
		job_id=job_id,
		deduplicate=True,
		enqueue_after_commit=True,
		import_name=name,
	)


def resume_unfinished() -> list[str]:
	"""Queue again every import whose job is dead; return their names. One that died three times without settling a row is stopped."""
	resumed = []
	fields = ["name", "status", "attempts", "started_by", "owner"]
	for row in frappe.get_all(IMPORT, filters={"status": ("in", UNFINISHED)}, fields=fields):
		if state.is_alive(row.name, row.status):
			continue
		if cint(row.attempts) >= MOST_ATTEMPTS:
			_give_up(row)
			continue
		frappe.db.set_value(IMPORT, row.name, "attempts", cint(row.attempts) + 1, update_modified=False)
		_enqueue(row.name)
		resumed.append(row.name)
	return resumed


def _give_up(row: Any) -> None:
	"""Stop an import whose worker dies each time, say so on it, and tell who started it."""
	person = row.started_by or row.owner
	language = get_user_lang(person)
	text = _(
		"The import was broken off {0} times without getting further and is not tried again; everything imported so far stays. Have the server's memory and the log of the workers looked at, then press Start Import to continue",
		lang=language,
	).format(MOST_ATTEMPTS)
	frappe.db.set_value(IMPORT, row.name, {"status": "Failed", "error_message": text}, update_modified=False)
	subject = _("Import {0} was stopped: it was broken off {1} times", lang=language).format(row.name, MOST_ATTEMPTS)
	notices.tell([person], (IMPORT, row.name), subject)
	state.publish(row.name)


def _save(doc: Any) -> None:
	"""The permission was checked by the caller on the stored document; the fields written here are the program's own."""
	doc.flags.by_program = True
	doc.save(ignore_permissions=True)
