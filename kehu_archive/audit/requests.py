"""Web requests on the record: lists that are read, documents that are answered without the framework's reading step, refused attempts.

``on_request`` runs when the person is known and before anything is answered (hook ``auth_hooks``); its entry stands and falls with the request's
transaction. ``after_request`` records a refusal in a transaction of its own.

Clause: R-DSC-04.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import frappe
from frappe.model.base_document import get_controller
from frappe.utils import cint, cstr, now_datetime

from kehu_archive.audit import calls, log, reading
from kehu_archive.audit.calls import AGAIN, DOCUMENT, LIST, PERMISSIONS, REPORT, SEARCH, Call
from kehu_archive.constants import ARCHIVE, ENTRY, SEAL
from kehu_archive.exceptions import MasterKeyError
from kehu_archive.permissions import registry
from kehu_archive.vault import keyring

FIND: Final = "Find"
REFUSED: Final = "Refused Access"
PERMISSION_CHANGE: Final = "Permission Change"
UNLIMITED: Final = "no limit"
FORBIDDEN: Final = 403
_SAME_VISIT: Final = timedelta(minutes=1)
_GUEST_PAUSE: Final = 60
_FILTERS: Final = ("filters", "or_filters", "group_by", "order_by", "query", "start", "limit_start")
#: Methods that pass the framework's reading step.
_READING: Final = ("frappe.client.get", "frappe.desk.form.load.getdoc")
_LISTED: Final = frozenset((*registry.RESTRICTED, ENTRY, SEAL))


def on_request() -> None:
	"""Record what this request is about to read.

	Raises:
		AuditError: it cannot be recorded, so nothing is answered.
	"""
	request = getattr(frappe.local, "request", None)
	if not request or frappe.session.user == "Guest":
		return
	failure: Exception
	try:
		_record(request)
		return
	except (
		MasterKeyError,
		frappe.db.OperationalError,
		frappe.db.ProgrammingError,
		frappe.db.InternalError,
	) as error:
		failure = error
	log.refuse(failure)


def _record(request: Any) -> None:
	form = frappe.local.form_dict
	call = calls.of_request(request.path, request.method, form)
	if call.kind == PERMISSIONS and call.doctype:
		_record_permissions(call, form)
	elif call.kind in (LIST, REPORT, SEARCH) and call.doctype in _LISTED:
		_record_list(call, form)
	elif call.doctype in registry.RESTRICTED and call.name:
		_record_document(call)
	elif call.doctype in registry.RESTRICTED and call.method == "frappe.client.get":
		_record_list(call, form)


def _record_list(call: Call, form: Mapping[str, Any]) -> None:
	limit = _limit(call, form)
	words = [_filters(form)] if call.kind != REPORT else []
	if limit == 0 and call.kind == LIST:
		words.append(UNLIMITED)
	document = ("Report", call.name) if call.kind == REPORT else (call.doctype, "")
	log.record(FIND, document=document, quantity=limit, detail="; ".join(filter(None, words)))


def _limit(call: Call, form: Mapping[str, Any]) -> int:
	"""The rows a list may answer at most; 0 means all of them."""
	if call.method in ("frappe.client.get_value", "frappe.client.get"):
		return 1
	asked = [
		form[key] for key in ("limit_page_length", "page_length", "limit") if form.get(key) not in (None, "")
	]
	if asked:
		return max(0, cint(asked[0]))
	# The report view's own road has no page length unless the caller names one.
	return 0 if call.method.startswith("frappe.desk.") else 20


def _filters(form: Mapping[str, Any]) -> str:
	"""A short keyed digest: two equal searches can be told to be equal, what was searched for cannot be read from it."""
	asked = {key: cstr(form[key]) for key in _FILTERS if form.get(key) not in (None, "", [], {}, "[]", "{}")}
	if not asked:
		return ""
	_key_id, key = keyring.audit_key()
	return (
		"filters "
		+ hmac.digest(key, b"filters" + json.dumps(asked, sort_keys=True).encode(), "sha256").hex()[:12]
	)


def _record_document(call: Call) -> None:
	"""Roads that answer a document without the framework's reading step, and DocTypes whose controller does not record it."""
	if call.kind == AGAIN:
		if not _is_same_visit(call.name):
			reading.opened(call.doctype, call.name, call.name)
	elif call.kind == DOCUMENT and not _is_recorded_later(call):
		reading.opened(call.doctype, call.name, archive_of(call.doctype, call.name))


def _is_recorded_later(call: Call) -> bool:
	"""Whether the document's own controller records the reading; then a refusal leaves no entry to take back."""
	form = frappe.local.form_dict
	is_plain = call.method in _READING or (not call.method and frappe.local.request.method == "GET")
	runs_method = "run_method" in form or "/method/" in frappe.local.request.path
	return is_plain and not runs_method and issubclass(get_controller(call.doctype), reading.ReadRecorded)


def _is_same_visit(archive: str) -> bool:
	"""Whether the person opened this archive within the last minute, as one does who looks at its form."""
	return bool(
		frappe.db.sql(
			f"""select 1 from `tab{ENTRY}` where archive = %s and happened_at >= %s and user = %s
			and action = %s and document_type = %s limit 1""",
			(archive, now_datetime() - _SAME_VISIT, frappe.session.user, reading.OPEN, ARCHIVE),
		)
	)


def archive_of(doctype: str, name: str) -> str | None:
	"""The archive that a stored record is, belongs to or is about."""
	if doctype in registry.CHILDREN or doctype in registry.SHARED_CHILDREN:
		row = frappe.db.get_value(doctype, name, ["parenttype", "parent"])
		return archive_of(*row) if row and row[0] and row[1] else None
	field = registry.archive_field(doctype)
	if not field or field == "name":
		return name if field else None
	found = frappe.db.get_value(doctype, name, field)
	return str(found) if found else None


def _record_permissions(call: Call, form: Mapping[str, Any]) -> None:
	"""The permission manager writes by statements of its own that no document event notices."""
	words = [call.method.rpartition(".")[2]]
	words += [
		f"{key}={cstr(form[key])}"
		for key in ("role", "permlevel", "ptype", "value", "user")
		if form.get(key) is not None
	]
	log.record(PERMISSION_CHANGE, document=("DocType", call.doctype), detail=" ".join(words))
	frappe.local.kehu_permission_change = True


def after_request(response: Any = None, request: Any = None) -> None:
	"""Record a refused attempt on one of our DocTypes or on a paper of an archive."""
	if not getattr(frappe.local, "db", None) or not request:
		return
	is_file = request.path.startswith("/private/files/")
	# Older versions hand over no response when a file is refused.
	if getattr(response, "status_code", FORBIDDEN if is_file else 0) != FORBIDDEN:
		return
	frappe.db.rollback()
	target = _paper(request.path) if is_file else _target(request)
	if target and not _is_silent_guest():
		log.record(REFUSED, archive=archive_of(*target) if target[1] else None, document=target)
		frappe.db.commit()  # the refused request left nothing else to write


def _target(request: Any) -> tuple[str, str] | None:
	call = calls.of_request(request.path, request.method, frappe.local.form_dict)
	if call.kind == REPORT and call.doctype:
		return "Report", call.name
	return (call.doctype, call.name) if call.doctype else None


def _paper(path: str) -> tuple[str, str] | None:
	row = frappe.db.get_value("File", {"file_url": path}, ["attached_to_doctype", "attached_to_name"])
	return (row[0], row[1] or "") if row and calls.ours(row[0]) else None


def _is_silent_guest() -> bool:
	"""Whether this address has been noted within the last minute: nobody fills the log without logging in."""
	if frappe.session.user not in (None, "", "Guest"):
		return False
	key = f"kehu_archive_refused:{getattr(frappe.local, 'request_ip', '')}"
	if frappe.cache.get_value(key, expires=True):
		return True
	frappe.cache.set_value(key, 1, expires_in_sec=_GUEST_PAUSE)
	return False
