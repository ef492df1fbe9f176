"""A record that is hidden and a record that is missing get the same answer: the same status, the same words, the same shape.

After the framework has built its answer, a refusal about a record that is not open to the user is written anew. A refusal about a record that he may open
keeps its reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import escape_html

from kehu_archive.permissions.guards import asked as asked_module
from kehu_archive.permissions.guards import opening
from kehu_archive.permissions.guards.asked import Asked, Record

REFUSED: Final = 403
#: What a page answers to a wrong or old key, besides.
KEY_ERRORS: Final = (401, 410)
_PAGE: Final = '<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>'


def after_request(response: Any = None, request: Any = None) -> None:
	"""Make refusals the same; the framework's hook after each request."""
	found: Asked | None = getattr(frappe.local, "kehu_asked", None)
	if response is None or found is None or not _is_refusal(response, found):
		return
	if not (found.ours or found.is_own or _is_about(response, b"LinkValidationError", b"AccessDeniedError")):
		return
	if _any_closed(found):
		_rewrite(response)


def _is_refusal(response: Any, found: Asked) -> bool:
	status = response.status_code
	if status in KEY_ERRORS:
		return not found.path.startswith("/api/")
	return status in (REFUSED, 404) or (status == 417 and _is_about(response, b"LinkValidationError"))


def _is_about(response: Any, *errors: bytes) -> bool:
	"""Whether the answer names one of these errors; documents of others that link ours are told by them."""
	return response.mimetype == "application/json" and any(
		b'"' + error + b'"' in response.get_data() for error in errors
	)


def _any_closed(found: Asked) -> bool:
	return any(not opening.is_open(one.doctype, one.name) for one in _concerned(found))


def _concerned(found: Asked) -> Iterable[Record]:
	yield from found.records
	yield from asked_module.linked(found)


def _rewrite(response: Any) -> None:
	title = _("Not permitted")
	text = _("There is no such archive, or you may not open it; apply with a borrowing request")
	response.status_code = REFUSED
	if response.mimetype == "application/json":
		message = json.dumps({"message": text, "title": title, "indicator": "red"}, ensure_ascii=False)
		body = {
			"exc_type": "AccessDeniedError",
			"_server_messages": json.dumps([message], ensure_ascii=False),
		}
		response.set_data(json.dumps(body, ensure_ascii=False))
	else:
		response.mimetype = "text/html"
		response.set_data(_PAGE.format(title=escape_html(title), text=escape_html(text)))
	for header in ("Content-Disposition", "Content-Encoding"):
		response.headers.pop(header, None)
