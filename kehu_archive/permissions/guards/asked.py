"""What a request asks for, read from its path and its parameters before anything is called.

Parameters come as text, as JSON, or as JSON within JSON; all of it is decoded here once. A `Record` is a record of ours that the request names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import frappe
from frappe.modules.utils import load_doctype_module

from kehu_archive.constants import ARCHIVE, CONTACT, SENSITIVE, TRANSACTION
from kehu_archive.permissions.guards.opening import OURS, ROWS_OF_OTHERS

#: Parameter that holds a DocType -> parameters beside it that name records of it.
NAMED_BY: Final[dict[str, tuple[str, ...]]] = {
	"doctype": (
		"name",
		"docname",
		"docnames",
		"doc_name",
		"dn",
		"old_name",
		"old",
		"items",
		"names",
		"doc_names",
	),
	"dt": ("dn", "docs", "name"),
	"doc": ("name",),
	"reference_doctype": ("reference_name", "reference_docname", "reference_document"),
	"reference_type": ("reference_name",),
	"ref_doctype": ("ref_docname", "ref_name", "docname"),
	"reference_dt": ("reference_doc",),
	"attached_to_doctype": ("attached_to_name",),
	"share_doctype": ("share_name",),
	"document_type": ("document_name",),
	"reminder_doctype": ("reminder_docname",),
	"link_doctype": ("link_name",),
	"parenttype": ("parent",),
	"export_from": ("reference_document",),
}
#: Further names of single calls.
ALSO_NAMED: Final = {"frappe.desk.form.utils.get_next": ("value",)}
#: Calls whose ``name`` is that of something else.
NAME_OF_OTHERS: Final = frozenset(
	{
		"frappe.desk.reportview.save_report",
		"frappe.printing.page.print_format_builder.print_format_builder.create_custom_format",
	}
)
#: Calls that make new records; these have no name yet, or one that is to be given.
MAKERS: Final = frozenset({"frappe.client.insert", "frappe.client.insert_many"})
#: Parameters of the app's own calls that name a record.
OWN_NAMES: Final = {
	"archive": ARCHIVE,
	"source": ARCHIVE,
	"target": ARCHIVE,
	"contact": CONTACT,
	"transaction": TRANSACTION,
	"feedback": "Customer Feedback",
	"merge": "Archive Merge",
	"grant": "Access Grant",
}
#: Module of the app's own calls -> the DocType of their ``name``.
OWN_BY_MODULE: Final = {
	"search": ARCHIVE,
	"imports": "Archive Import",
	"vault": SENSITIVE,
	"borrowing": "Archive Borrowing",
}
DEEPEST: Final = 6
#: The form of a record that is not stored yet is asked for as ``new`` or ``new-...``; no stored one is called so.
_PREFIX_OF_NEW: Final = "new-"


@dataclass(frozen=True)
class Record:
	"""A record of ours that a request names."""

	doctype: str
	name: str


@dataclass
class Asked:
	"""A request, decoded. `method` is the call's name, '' for REST and pages; `doctype` and `name` are those of a REST road."""

	path: str
	verb: str
	method: str = ""
	doctype: str = ""
	name: str = ""
	values: dict[str, Any] = field(default_factory=dict)
	ours: frozenset[str] = frozenset()
	records: tuple[Record, ...] = ()

	@property
	def is_own(self) -> bool:
		"""Whether a call of this app is asked, which checks by itself."""
		return self.method.startswith("kehu_archive.")


def read(request: Any, form: Mapping[str, Any]) -> Asked:
	"""Decode a request."""
	path = str(request.path)
	method, doctype, name = _road(path, form)
	asked = Asked(path, request.method, method, doctype, name)
	asked.values = {key: decode(value) for key, value in form.items() if key != "cmd"}
	asked.ours = frozenset(OURS & ({doctype} | _texts(asked.values)))
	if asked.ours:
		asked.records = tuple(dict.fromkeys(_records(asked)))
	return asked


def _road(path: str, form: Mapping[str, Any]) -> tuple[str, str, str]:
	"""(call, DocType, name) of a path; a ``cmd`` parameter goes before the path, as in the framework."""
	if form.get("cmd"):
		return str(form["cmd"]), "", ""
	parts = path.strip("/").split("/")
	if parts[0] != "api":
		return "", "", ""
	version = parts.pop(1) if len(parts) > 1 and parts[1] in ("v1", "v2") else ""
	kind, first = (*parts[1:3], "", "")[:2]
	rest = "/".join(parts[3:])
	if kind == "method":
		return (_of_controller(first, rest) if version == "v2" and rest else first), "", ""
	if kind in ("resource", "document", "doctype"):
		name = rest.split("/method/")[0].rstrip("/") if kind == "document" else rest
		return "", first, "" if kind == "doctype" else name
	return "", "", ""


def _of_controller(doctype: str, function: str) -> str:
	"""The name of a function in a DocType's own module, as the second REST interface calls it."""
	try:
		return f"{load_doctype_module(doctype).__name__}.{function}"
	except Exception:
		return function


def decode(value: Any, depth: int = 0) -> Any:
	"""Decode JSON in a parameter, also inside of decoded JSON."""
	if depth >= DEEPEST:
		return value
	if isinstance(value, str):
		return _decode_text(value, depth)
	if isinstance(value, Mapping):
		return {key: decode(one, depth + 1) for key, one in value.items()}
	if isinstance(value, list | tuple):
		return [decode(one, depth + 1) for one in value]
	return value


def _decode_text(text: str, depth: int) -> Any:
	if text.lstrip()[:1] not in ("[", "{"):
		return text
	try:
		return decode(json.loads(text), depth + 1)
	except ValueError:
		return text


def _texts(value: Any) -> set[str]:
	"""Every text in a decoded parameter, keys included."""
	if isinstance(value, str):
		return {value}
	found: set[str] = set()
	if isinstance(value, Mapping):
		found.update(key for key in value if isinstance(key, str))
		value = list(value.values())
	if isinstance(value, list):
		for one in value:
			found |= _texts(one)
	return found


def _records(asked: Asked) -> Iterator[Record]:
	if asked.doctype in OURS and asked.name:
		yield Record(asked.doctype, asked.name)
	if asked.is_own:
		return
	yield from _within(asked.values, asked.method, 0)
	if asked.path.endswith("download_multi_pdf") and isinstance(asked.values.get("doctype"), dict):
		for doctype, names in asked.values["doctype"].items():
			yield from _each(doctype, names)


def _within(values: Any, method: str, depth: int) -> Iterator[Record]:
	if isinstance(values, list):
		for one in values:
			yield from _within(one, method, depth + 1)
	if not isinstance(values, Mapping):
		return
	is_row = depth > 0 and values.get("doctype") in ROWS_OF_OTHERS
	for key, doctype in values.items():
		if isinstance(doctype, str) and doctype in OURS and key in NAMED_BY and not is_row:
			yield from _beside(values, key, doctype, method, depth)
	for one in values.values():
		if isinstance(one, list | Mapping):
			yield from _within(one, method, depth + 1)


def _beside(values: Mapping[str, Any], key: str, doctype: str, method: str, depth: int) -> Iterator[Record]:
	"""The records that the parameters beside a DocType name."""
	if key == "doctype" and depth > 0 and (method in MAKERS or values.get("__islocal")):
		return
	for name_key in (*NAMED_BY[key], *ALSO_NAMED.get(method, ())):
		if name_key != "name" or method not in NAME_OF_OTHERS:
			yield from _each(doctype, values.get(name_key))


def _each(doctype: str, names: Any) -> Iterator[Record]:
	for name in names if isinstance(names, list) else [names]:
		if (
			isinstance(name, str | int)
			and str(name)
			and not f"{name}-".startswith(_PREFIX_OF_NEW)
			and doctype in OURS
		):
			yield Record(doctype, str(name))


def linked(asked: Asked) -> Iterator[Record]:
	"""Records of ours that a document in the request links, and those that the app's own calls name."""
	if asked.is_own:
		yield from _own_names(asked)
	documents = [asked.values]
	if asked.doctype:
		documents = [{**asked.values, "doctype": asked.doctype}]
		if isinstance(asked.values.get("data"), Mapping):
			documents.append({**asked.values["data"], "doctype": asked.doctype})
	for one in documents:
		yield from _links_within(one)


def _own_names(asked: Asked) -> Iterator[Record]:
	module = asked.method.split(".")[-2] if asked.method.count(".") > 1 else ""
	for key, value in asked.values.items():
		doctype = OWN_BY_MODULE.get(module) if key == "name" else OWN_NAMES.get(key)
		if doctype and isinstance(value, str) and value:
			yield Record(doctype, value)


def _links_within(value: Any) -> Iterator[Record]:
	if isinstance(value, list):
		for one in value:
			yield from _links_within(one)
	if not isinstance(value, Mapping):
		return
	doctype = value.get("doctype")
	if isinstance(doctype, str) and frappe.db.exists("DocType", doctype):
		yield from links(value)
	for one in value.values():
		if isinstance(one, list | Mapping):
			yield from _links_within(one)


def links(document: Any) -> Iterator[Record]:
	"""Records of ours that the link fields of a document, or of a mapping that describes one, name."""
	meta = frappe.get_meta(document.get("doctype"))
	for df in meta.get_link_fields() + meta.get_dynamic_link_fields():
		target = df.options if df.fieldtype == "Link" else document.get(df.options)
		value = document.get(df.fieldname)
		if isinstance(target, str) and target in OURS and isinstance(value, str) and value:
			yield Record(target, value)
