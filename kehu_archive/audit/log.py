"""Writing the access log: one statement for an entry or a set of entries, in the caller's transaction, before anything is shown.

An entry carries its own keyed digest and knows nothing of other entries, so readers never wait for one another; the chain is made later by
``audit.seal``. If an entry cannot be written, the caller gets an error and shows nothing (fail closed).

Clause: R-DSC-04, R-DSC-06.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping
from typing import Any, Final, NoReturn

import frappe
from frappe import _
from frappe.utils import now_datetime

from kehu_archive.constants import ARCHIVE, ENTRY
from kehu_archive.domain import audit_chain
from kehu_archive.exceptions import AuditError, MasterKeyError

DESK: Final = "Screen"
REST: Final = "REST"
JOB: Final = "Background Job"
CONSOLE: Final = "Command Line"

_STORED: Final = (
	*audit_chain.ENTRY_COLUMNS,
	"digest",
	"seal",
	"owner",
	"modified_by",
	"creation",
	"modified",
	"docstatus",
	"idx",
)
_INSERT: Final = f"insert into `tab{ENTRY}` ({', '.join(f'`{column}`' for column in _STORED)}) values "
_PLACES: Final = f"({', '.join(['%s'] * len(_STORED))})"
_MOST_ROWS: Final = 500
_MOST_DATA: Final = 140
_MOST_DETAIL: Final = 1000
_MOST_NUMBER: Final = 2**31 - 1


def record(
	action: str,
	*,
	archive: str | None = None,
	document: tuple[str, str] | None = None,
	purpose: str = "",
	quantity: int = 0,
	detail: str = "",
	user: str | None = None,
) -> str:
	"""Write one entry in the present transaction and return its name. A GET request commits it with its answer.

	Args:
		action: one of the actions of Access Log Entry, such as ``Open File``.
		archive: number of the archive concerned.
		document: DocType and name of what was touched.
		purpose: why, in the person's words.
		quantity: how many records, pages or rows.
		detail: a few words; never a value of the archive, never a secret.
		user: who did it; the session's user by default.

	Raises:
		AuditError: the entry cannot be written; show nothing.
	"""
	row = {
		"action": action,
		"archive": archive,
		"document": document,
		"purpose": purpose,
		"quantity": quantity,
		"detail": detail,
		"user": user,
	}
	return record_many([row])[0]


def record_many(rows: Iterable[Mapping[str, Any]]) -> list[str]:
	"""Write many entries with few statements, digested as ``record`` does, in the present transaction; return their names.

	Args:
		rows: for each entry what ``record`` takes: ``action`` and, as far as there is any, ``archive``, ``document``, ``purpose``, ``quantity``, ``detail``, ``user``.

	Raises:
		AuditError: the entries cannot be written; show nothing, do nothing.
	"""
	failure: Exception
	try:
		return _write([_content(row) for row in rows])
	except Exception as error:
		failure = error
	# Outside of the handler: what went wrong inside is for the log file, not for the answer.
	return refuse(failure)


def _content(row: Mapping[str, Any]) -> dict[str, Any]:
	"""What the caller says of an entry, as the database will give it back."""
	document = row.get("document")
	content = {
		"action": row["action"],
		"archive": row.get("archive"),
		"document_type": document[0] if document else "",
		"document_name": document[1] if document else "",
		"purpose": row.get("purpose") or "",
		"quantity": max(-_MOST_NUMBER, min(_MOST_NUMBER, int(row.get("quantity") or 0))),
		"detail": row.get("detail") or "",
		"user": row.get("user") or frappe.session.user or "Guest",
	}
	return {
		column: _plain(value, _MOST_DETAIL if column == "detail" else _MOST_DATA) for column, value in content.items()
	}


def _write(contents: list[dict[str, Any]]) -> list[str]:
	from kehu_archive.vault import keyring

	if not contents:
		return []
	connection = database()
	key_id, key = keyring.audit_key()
	departments, levels = _circumstances(connection, contents)
	common = {"road": road(), "ip_address": _plain(getattr(frappe.local, "request_ip", None), _MOST_DATA), "key_id": key_id}
	names = []
	values: list[Any] = []
	for content in contents:
		content |= {
			**common,
			"name": new_name(),
			"happened_at": audit_chain.stamp(now_datetime()),
			"department": departments.get(_folded(content["user"])) or "",
			"confidentiality": levels.get(_folded(content["archive"])) or "",
		}
		said = [content[column] for column in audit_chain.ENTRY_COLUMNS]
		user, stamp = content["user"], content["happened_at"]
		values += [*said, audit_chain.entry_digest(key, said), 0, user, user, stamp, stamp, 0, 0]
		names.append(str(content["name"]))
	for start in range(0, len(names), _MOST_ROWS):
		part = values[start * len(_STORED) : (start + _MOST_ROWS) * len(_STORED)]
		connection.sql(_INSERT + ", ".join([_PLACES] * (len(part) // len(_STORED))), part)
	frappe.local.flags.commit = True
	return names


def new_name() -> str:
	"""A name that sorts by time and that nobody has to reserve: microseconds since 1970 and a random part, in hexadecimal digits."""
	return f"{time.time_ns() // 1000:016x}{secrets.token_hex(6)}"


def database() -> Any:
	"""The connection that writes; lists are read from a replica where there is one."""
	return getattr(frappe.local, "primary_db", None) or frappe.db


def _circumstances(connection: Any, contents: list[dict[str, Any]]) -> tuple[dict[str, str], dict[str, str]]:
	"""The people's departments and the archives' confidentiality at this moment, in one question."""
	rows = connection.sql(
		f"""select 1, user, parent, idx from `tabArchive Department Member` where user in %(users)s
		union all select 0, name, confidentiality, 0 from `tab{ARCHIVE}` where name in %(archives)s""",
		{
			"users": tuple({content["user"] for content in contents}),
			"archives": tuple({content["archive"] for content in contents}),
		},
	)
	levels = {_folded(name): value for is_person, name, value, _place in rows if not is_person}
	people = sorted((row for row in rows if row[0]), key=lambda row: (row[3], row[2]), reverse=True)
	# The first membership counts; it comes last.
	return {_folded(name): department for _is_person, name, department, _place in people}, levels


def _folded(name: str) -> str:
	"""A name as the database compares it."""
	return name.rstrip().lower()


def road() -> str:
	"""By which road the present call came, as far as it tells."""
	request = getattr(frappe.local, "request", None)
	if not request:
		from rq import get_current_job

		return JOB if get_current_job() else CONSOLE
	if request.headers.get("Authorization"):
		return REST
	is_script = (
		request.path.startswith("/api/") and request.headers.get("X-Requested-With") != "XMLHttpRequest"
	)
	return REST if is_script else DESK


def _plain(value: Any, most: int) -> Any:
	"""A value exactly as the database will give it back: nothing that a column cuts or refuses."""
	if isinstance(value, int):
		return value
	return str(value or "").replace("\0", "").encode("utf-8", "replace").decode()[:most]


def refuse(error: Exception) -> NoReturn:
	"""Say that the log cannot be written, whatever the reason; the reason goes to the log file only.

	Raises:
		AuditError: always.
	"""
	if isinstance(error, MasterKeyError):
		frappe.clear_last_message()
	frappe.logger("kehu_archive").error("an access log entry could not be written", exc_info=error)
	frappe.throw(
		_(
			"The access log cannot be written, so nothing is shown and nothing was done. Try again; if it stays so, tell the administrator: the table of access log entries or its key needs repair."
		),
		AuditError,
		title=_("Access Log Not Written"),
	)
	raise AssertionError  # frappe.throw never returns
