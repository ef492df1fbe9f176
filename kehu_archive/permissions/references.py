"""DocTypes of the framework that speak of other records: what they say of ours is seen by whoever may see the record itself.

`reference_table.TABLE` is the one list of them. `condition` and `has_permission` are made from it for each; both leave what speaks of other DocTypes to the framework. A line for a
DocType or a field that the running version does not have does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import frappe

from kehu_archive import compat
from kehu_archive.permissions import facts, query, registry
from kehu_archive.permissions.guards import files, opening
from kehu_archive.permissions.reference_table import TABLE

if TYPE_CHECKING:
	from frappe.model.document import Document

#: What is added to a record by somebody who may change it.
_CHANGING: Final = frozenset({"write", "create", "delete"})


def condition(user: str | None = None, doctype: str | None = None, *, of: str) -> str:
	"""The condition on the table of one of these DocTypes."""
	person = user or frappe.session.user
	if person == "Administrator":
		return ""
	columns = set(frappe.db.get_table_columns(of))
	pairs = [pair for pair in TABLE[of] if set(pair) <= columns]
	each = [_readable(f"`tab{of}`.`{kind}`", f"`tab{of}`.`{name}`", person) for kind, name in pairs]
	return f"({' and '.join(each)})" if each else ""


def _readable(kind: str, name: str, user: str) -> str:
	"""That a pair of columns names a record that is not ours, or one that the person may see."""
	ours = ", ".join(frappe.db.escape(one) for one in sorted(opening.OURS))
	ways = [f"ifnull({kind}, '') not in ({ours})"]
	for doctype in registry.STANDALONE:
		if opening.by_role(doctype, user=user):
			found = facts.once_a_request(
				("reference", doctype, user), partial(query.condition_for, doctype, user)
			)
			if found != query.NOTHING:
				names = f"select `tab{doctype}`.`name` from `tab{doctype}` where {found or query.EVERYTHING}"
				ways.append(f"({kind} = {frappe.db.escape(doctype)} and {name} in ({names}))")
	return f"({' or '.join(ways)})"


def has_permission(
	doc: Document, ptype: str | None = None, user: str | None = None, debug: bool = False
) -> bool | None:
	"""The framework's hook: False for what speaks of a record that is not open; everything else is left to the framework's own rules."""
	person = user or frappe.session.user
	if person == "Administrator" or doc.doctype not in TABLE:
		return compat.undecided()
	if doc.doctype == "File" and _is_copy(doc, ptype, person):
		return False
	for pair in TABLE[doc.doctype]:
		for kind, name in _named(doc, pair):
			if kind in opening.OURS and not _may(doc.doctype, kind, name, ptype or "read", person):
				return False
	return compat.undecided()


def _may(of: str, kind: str, name: str, ptype: str, user: str) -> bool:
	if of == "File":
		return files.is_paper_open(kind, name, user, "write" if ptype in _CHANGING else "read")
	return opening.is_open(kind, name, user)


def _is_copy(doc: Document, ptype: str | None, user: str) -> bool:
	"""Whether a file takes the address of hidden papers; one that brings its own content takes none."""
	if ptype not in _CHANGING or (doc.get("content") and doc.is_new()):
		return False
	stored = frappe.db.get_value("File", doc.name, "file_url") if doc.get("name") else None
	return stored != doc.get("file_url") and files.is_copy_of_hidden(doc.get("file_url"), user)


def _named(doc: Document, pair: tuple[str, str]) -> set[tuple[str, str]]:
	"""What a document names now and what it names as it is stored: a caller cannot point it elsewhere to open it."""
	found = {(str(doc.get(pair[0]) or ""), str(doc.get(pair[1]) or ""))}
	if doc.get("name") and not doc.get("__islocal"):
		stored: Any = frappe.db.get_value(doc.doctype, doc.name, list(pair))
		if stored:
			found.add((str(stored[0] or ""), str(stored[1] or "")))
	return found


def prepared_reports(user: str | None = None, doctype: str | None = None) -> str:
	"""Stored results of reports over our records are nobody's."""
	person = user or frappe.session.user
	if person == "Administrator":
		return ""
	ours = ", ".join(frappe.db.escape(one) for one in sorted(opening.OURS))
	return f"(`tabPrepared Report`.`report_name` not in (select `tabReport`.`name` from `tabReport` where `tabReport`.`ref_doctype` in ({ours})))"


def has_prepared_report(
	doc: Document, ptype: str | None = None, user: str | None = None, debug: bool = False
) -> bool | None:
	"""See `prepared_reports`."""
	is_ours = frappe.db.get_value("Report", doc.get("report_name"), "ref_doctype") in opening.OURS
	return False if is_ours and (user or frappe.session.user) != "Administrator" else compat.undecided()


_BY_NAME: Final[dict[str, Callable[..., str]]] = {
	registry.function_name(of): partial(condition, of=of) for of in TABLE
}


def __getattr__(name: str) -> Callable[..., str]:
	"""The condition of a DocType by its name in small letters, as the hooks spell it."""
	try:
		return _BY_NAME[name]
	except KeyError:
		raise AttributeError(name) from None
