"""Writing the access log: one statement for each entry, in the caller's transaction, before anything is shown.

An entry carries its own keyed digest and knows nothing of other entries, so readers never wait for one another; the chain is made later by
``audit.seal``. If an entry cannot be written, the caller gets an error and shows nothing (fail closed).

Clause: R-DSC-04, R-DSC-06.
"""

from __future__ import annotations

import secrets
import time
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
_INSERT: Final = f"insert into `tab{ENTRY}` ({', '.join(f'`{column}`' for column in _STORED)}) values ({', '.join(['%s'] * len(_STORED))})"
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
	failure: Exception
	try:
		return _write(
			{
				"action": action,
				"archive": archive,
				"document_type": document[0] if document else "",
				"document_name": document[1] if document else "",
				"purpose": purpose,
				"quantity": max(-_MOST_NUMBER, min(_MOST_NUMBER, int(quantity))),
				"detail": detail,
				"user": user or frappe.session.user or "Guest",
			}
		)
	except Exception as error:
		failure = error
	# Outside of the handler: what went wrong inside is for the log file, not for the answer.
	return refuse(failure)


def _write(content: dict[str, Any]) -> str:
	from kehu_archive.vault import keyring

	connection = database()
	key_id, key = keyring.audit_key()
	content = {
		column: _plain(value, _MOST_DETAIL if column == "detail" else _MOST_DATA)
		for column, value in content.items()
	}
	department, confidentiality = _circumstances(connection, content["user"], content["archive"])
	content |= {
		"name": new_name(),
		"happened_at": audit_chain.stamp(now_datetime()),
		"road": road(),
		"ip_address": _plain(getattr(frappe.local, "request_ip", None), _MOST_DATA),
		"department": department,
		"confidentiality": confidentiality,
		"key_id": key_id,
	}
	values = [content[column] for column in audit_chain.ENTRY_COLUMNS]
	user, stamp = content["user"], content["happened_at"]
	digest = audit_chain.entry_digest(key, values)
	connection.sql(_INSERT, [*values, digest, 0, user, user, stamp, stamp, 0, 0])
	frappe.local.flags.commit = True
	return str(content["name"])


def new_name() -> str:
	"""A name that sorts by time and that nobody has to reserve: microseconds since 1970 and a random part, in hexadecimal digits."""
	return f"{time.time_ns() // 1000:016x}{secrets.token_hex(6)}"


def database() -> Any:
	"""The connection that writes; lists are read from a replica where there is one."""
	return getattr(frappe.local, "primary_db", None) or frappe.db


def _circumstances(connection: Any, user: str, archive: str) -> tuple[str, str]:
	"""The person's department and the archive's confidentiality at this moment, in one question."""
	rows = connection.sql(
		f"""select (select parent from `tabArchive Department Member` where user = %s order by idx, parent limit 1),
		(select confidentiality from `tab{ARCHIVE}` where name = %s)""",
		(user, archive),
	)
	department, confidentiality = rows[0]
	return department or "", confidentiality or ""


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
