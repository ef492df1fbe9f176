"""Which document, list or report of ours a web request asks for, as far as the framework's own roads go.

Every supported version of the framework answers ``cmd`` in the form first, then the path.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import frappe
from frappe.utils import cstr

from kehu_archive.permissions import registry

LIST: Final = "list"
REPORT: Final = "report"
SEARCH: Final = "search"
DOCUMENT: Final = "document"
AGAIN: Final = "again"
"""A part of a document that is asked for right after its form was opened."""
PERMISSIONS: Final = "permissions"
OTHER: Final = "other"

#: Method -> what it answers, and the arguments that name the DocType and the document; ``doc`` and ``docs`` hold a document as JSON.
METHODS: Final[dict[str, tuple[str, str, str]]] = {
	"frappe.desk.reportview.get": (LIST, "doctype", ""),
	"frappe.desk.reportview.get_list": (LIST, "doctype", ""),
	"frappe.client.get_list": (LIST, "doctype", ""),
	"frappe.client.get_value": (LIST, "doctype", ""),
	"frappe.desk.calendar.get_events": (LIST, "doctype", ""),
	"frappe.desk.form.linked_with.get": (DOCUMENT, "doctype", "docname"),
	"frappe.desk.form.load.get_docinfo": (DOCUMENT, "doctype", "name"),
	"frappe.desk.form.load.getdoc": (DOCUMENT, "doctype", "name"),
	"frappe.client.get": (DOCUMENT, "doctype", "name"),
	"frappe.client.set_value": (DOCUMENT, "doctype", "name"),
	"frappe.client.save": (DOCUMENT, "doc", ""),
	"frappe.client.submit": (DOCUMENT, "doc", ""),
	"frappe.client.cancel": (DOCUMENT, "doctype", "name"),
	"frappe.desk.form.save.savedocs": (DOCUMENT, "doc", ""),
	"frappe.desk.form.save.cancel": (DOCUMENT, "doctype", "name"),
	"frappe.model.workflow.apply_workflow": (DOCUMENT, "doc", ""),
	"frappe.handler.run_doc_method": (DOCUMENT, "docs", ""),
	"frappe.desk.query_report.run": (REPORT, "", ""),
	"frappe.core.page.permission_manager.permission_manager.add": (PERMISSIONS, "parent", ""),
	"frappe.core.page.permission_manager.permission_manager.update": (PERMISSIONS, "doctype", ""),
	"frappe.core.page.permission_manager.permission_manager.remove": (PERMISSIONS, "doctype", ""),
	"frappe.core.page.permission_manager.permission_manager.reset": (PERMISSIONS, "doctype", ""),
	"frappe.core.doctype.user_permission.user_permission.clear_user_permissions": (
		PERMISSIONS,
		"for_doctype",
		"",
	),
	"kehu_archive.api.search.find": (SEARCH, "", ""),
	"kehu_archive.api.search.card": (AGAIN, "", "name"),
	"kehu_archive.api.overview.get": (AGAIN, "", "archive"),
	"kehu_archive.api.grades.why": (AGAIN, "", "archive"),
	"kehu_archive.api.grades.history": (AGAIN, "", "archive"),
	"kehu_archive.api.duplicates.similar": (AGAIN, "", "archive"),
	"kehu_archive.api.duplicates.preview": (AGAIN, "", "target"),
}
_SHORT: Final = {
	"run_doc_method": "frappe.handler.run_doc_method",
	"runserverobj": "frappe.handler.run_doc_method",
}
_DOCTYPE_ARGUMENTS: Final = (
	"doctype",
	"dt",
	"reference_doctype",
	"ref_doctype",
	"document_type",
	"parent_doctype",
)
_NAME_ARGUMENTS: Final = ("name", "docname", "dn", "reference_name", "document_name")
_BY_LOWER_NAME: Final = {doctype.lower(): doctype for doctype in (*registry.RESTRICTED, *registry.BY_ROLE)}


@dataclass(frozen=True)
class Call:
	"""What a request asks for; ``doctype`` is one of ours or empty."""

	kind: str
	method: str
	doctype: str = ""
	name: str = ""


def ours(doctype: Any) -> str:
	"""The app's DocType of this name, in whatever case it is written; empty when there is none."""
	return _BY_LOWER_NAME.get(cstr(doctype).strip().lower(), "")


def of_request(path: str, verb: str, form: Mapping[str, Any]) -> Call:
	"""Read a request."""
	words = [word for word in path.split("/") if word]
	if form.get("cmd"):
		return _of_method(cstr(form["cmd"]), form)
	if words[:1] != ["api"]:
		return _named(OTHER, "", form)
	words = words[2:] if words[1:2] in (["v1"], ["v2"]) else words[1:]
	if words[:1] == ["method"] and len(words) > 1:
		return _of_method(".".join(words[1:]) if len(words) > 2 else words[1], form)
	if words[:1] in (["resource"], ["document"]) and len(words) > 1:
		return _of_resource(ours(words[1]), "/".join(words[2:]), verb)
	return _named(OTHER, "", form)


def _of_resource(doctype: str, name: str, verb: str) -> Call:
	if name:
		# The framework's own route ends a document's name before the method that it runs.
		name, _slash, _method = name.partition("/method/")
		return Call(OTHER if verb == "DELETE" else DOCUMENT, "", doctype, name)
	return Call(LIST if verb in ("GET", "HEAD") else OTHER, "", doctype)


def _of_method(called: str, form: Mapping[str, Any]) -> Call:
	method = _canonical(called)
	if method not in METHODS:
		return _named(OTHER, method, form)
	kind, doctype, name = METHODS[method]
	if doctype in ("doc", "docs"):
		return _of_document(method, form)
	if kind == REPORT:
		report = cstr(form.get("report_name"))
		found = frappe.get_cached_value("Report", report, "ref_doctype") if report else ""
		return Call(kind, method, ours(found), report)
	if kind in (AGAIN, SEARCH):
		return Call(kind, method, "Customer Archive", cstr(form.get(name)) if name else "")
	return Call(kind, method, ours(form.get(doctype)), cstr(form.get(name)) if name else "")


def _of_document(method: str, form: Mapping[str, Any]) -> Call:
	"""A document that the caller sends along; a new one has no name yet and is not read by saving it."""
	sent = form.get("doc") or form.get("docs")
	try:
		values = json.loads(sent) if isinstance(sent, str) else sent
	except ValueError:
		values = None
	if not isinstance(values, Mapping):
		return Call(DOCUMENT, method, ours(form.get("dt")), cstr(form.get("dn")))
	name = "" if values.get("__islocal") else cstr(values.get("name"))
	return Call(DOCUMENT, method, ours(values.get("doctype")), name)


def _named(kind: str, method: str, form: Mapping[str, Any]) -> Call:
	"""What the arguments of any other call name."""
	doctype = next((found for key in _DOCTYPE_ARGUMENTS if (found := ours(form.get(key)))), "")
	name = next((cstr(form[key]) for key in _NAME_ARGUMENTS if form.get(key)), "")
	if not doctype and method.startswith("kehu_archive.api.") and form.get("archive"):
		return Call(kind, method, "Customer Archive", cstr(form["archive"]))
	return Call(kind, method, doctype, name)


@lru_cache(maxsize=4096)
def _canonical(called: str) -> str:
	"""A method's own name, also when it is called by that of its override or of a module that merely imported it."""
	called = _SHORT.get(called, called)
	for original, overrides in frappe.get_hooks("override_whitelisted_methods").items():
		if called in overrides and original in METHODS:
			return str(original)
	if called in METHODS or "." not in called:
		return called
	function = _function(called)
	if function is None:
		return called
	return next((method for method in METHODS if _function(method) is function), called)


def _function(method: str) -> Any:
	try:
		return frappe.get_attr(method)
	except Exception:
		# What cannot be found cannot be called either; the framework says so to the caller.
		return None
