"""What a client sends for a Sensitive Record is taken out of the request before anything else sees it.

The framework writes a failed request with all local variables of every frame, its form values among them, to Redis, Error Log and log
files. So the content is replaced by a ticket at the beginning of the request and put in again by the record's own check (`redeem`).
A ticket means something only within the request that drew it. Clause: R-DSC-01.
"""

from __future__ import annotations

import json
import secrets
from typing import Any, Final

import frappe

from kehu_archive.constants import SENSITIVE
from kehu_archive.vault.guarded import Plain, quiet
from kehu_archive.vault.hygiene import remember

_FIELD: Final = "value"
_TICKETS: Final = "kehu_vault_tickets"
_PREFIX: Final = "kehu-sealed-input:"
_LOOK_UP: Final = "kehu_archive.api.vault.find"
_LOOK_UP_ARGUMENT: Final = "value"
#: Deeper than any request of the Desk; a client that nests deeper gets no ticket and keeps its text where it is.
_DEPTH: Final = 12


@quiet()
def before_request() -> None:
	"""Replace contents of Sensitive Records in the present request by tickets (hook ``before_request``)."""
	form = frappe.local.form_dict
	path = frappe.local.request.path
	if _LOOK_UP in (form.get("cmd"), path.rpartition("/")[2]) and form.get(_LOOK_UP_ARGUMENT):
		form[_LOOK_UP_ARGUMENT] = _ticket(str(form[_LOOK_UP_ARGUMENT]))
	elif f"/{SENSITIVE}" in path:
		_take_from_resource(form)
	elif _mentions(form):
		frappe.local.form_dict = frappe._dict(_taken(form, 0, form.get("doctype") == SENSITIVE))


def redeem(text: str) -> Plain:
	"""The content behind a ticket of this request; any other text as it is."""
	tickets = getattr(frappe.local, _TICKETS, None) or {}
	plain = tickets.get(text, text)
	return plain if isinstance(plain, Plain) else Plain(plain)


def _ticket(text: str) -> str:
	tickets = getattr(frappe.local, _TICKETS, None)
	if tickets is None:
		tickets = {}
		setattr(frappe.local, _TICKETS, tickets)
	ticket = _PREFIX + secrets.token_hex(12)
	tickets[ticket] = Plain(text)
	remember(text)
	return ticket


def _take_from_resource(form: Any) -> None:
	"""REST gives the document as the whole body, which the framework reads a second time unless ``data`` is there."""
	if frappe.local.request.method not in ("POST", "PUT", "PATCH"):
		return
	for name, value in _taken(form, 0, True).items():
		form[name] = value
	if form.get("data") is None and not frappe.local.request.path.startswith("/api/v2/"):
		form["data"] = json.dumps({name: value for name, value in form.items() if name != "data"})


def _mentions(form: Any) -> bool:
	return any(SENSITIVE in (value if isinstance(value, str) else str(value)) for value in form.values())


def _taken(node: Any, depth: int, inside: bool) -> Any:
	"""The same with contents replaced; ``inside``: what stands here belongs to a Sensitive Record."""
	if depth > _DEPTH:
		return node
	if isinstance(node, dict):
		inside = inside or node.get("doctype") == SENSITIVE
		return {name: _taken_value(node, name, value, depth, inside) for name, value in node.items()}
	if isinstance(node, list):
		return [_taken(item, depth + 1, inside) for item in node]
	if isinstance(node, str) and node[:1] in "{[" and (inside or SENSITIVE in node):
		return _taken_json(node, depth, inside)
	return node


def _taken_value(parent: Any, name: str, value: Any, depth: int, inside: bool) -> Any:
	# client.set_value names the field in one argument and gives its value in another of the same name as ours.
	if inside and name == _FIELD and parent.get("fieldname", _FIELD) == _FIELD and _is_content(value):
		return _ticket(str(value))
	return _taken(value, depth + 1, inside)


def _is_content(value: Any) -> bool:
	return isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""


def _taken_json(text: str, depth: int, inside: bool) -> str:
	try:
		content = json.loads(text)
	except ValueError:
		return text
	return json.dumps(_taken(content, depth + 1, inside), ensure_ascii=False)
