"""What the search page, the list and every link field ask."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import cint

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import access
from kehu_archive.permissions import documents
from kehu_archive.services import card as card_service
from kehu_archive.services import search


@frappe.whitelist(methods=["GET", "POST"])
def find(query: str, limit: int | None = None) -> list[dict[str, Any]]:
	"""Return the archives that answer the query and that the user may see, best first (R-QRY-01, R-CON-06).

	Raises:
		PermissionError: the user may read no archives at all.
	"""
	_check_reader()
	return search.find(str(query or ""), cint(limit) or None)


@frappe.whitelist(methods=["GET", "POST"])
def card(name: str) -> dict[str, Any]:
	"""Return the card of one archive, shown while one searches.

	Raises:
		PermissionError: the user may not read the archive.
	"""
	_check_reader()
	doc = frappe.get_doc(ARCHIVE, name)
	doc.check_permission("read")
	return card_service.build(doc)


@frappe.whitelist(methods=["GET", "POST"])
def link_query(
	doctype: str,
	txt: str,
	searchfield: str | None = None,
	start: int | str = 0,
	page_len: int | str = 10,
	filters: dict | list | str | None = None,
	as_dict: bool = False,
	**_more: Any,
) -> list[Any]:
	"""Offer archives in a link field by all that the search page knows: pinyin, phone, part of the name.

	Answers as the framework's own link search does, its filters and the user's permissions applied. Nothing typed: the archives changed last.
	"""
	_check_reader()
	rows = search.offer(
		str(txt or ""), frappe.parse_json(filters) if filters else None, cint(start), cint(page_len) or 10
	)
	return _choices(rows, as_dict)


@frappe.whitelist(methods=["GET", "POST"])
def request_query(
	doctype: str,
	txt: str,
	searchfield: str | None = None,
	start: int | str = 0,
	page_len: int | str = 10,
	filters: dict | list | str | None = None,
	as_dict: bool = False,
	**_more: Any,
) -> list[Any]:
	"""Offer archives in the link field of a request to borrow: also those that the user may find but not read (V-18)."""
	_check_reader()
	rows = [] if cint(start) else search.offer_for_request(str(txt or ""), cint(page_len) or 10)
	return _choices(rows, as_dict)


@frappe.whitelist(methods=["GET", "POST"])
def customer_of(name: str) -> str:
	"""The customer's name of an archive that the user may find or read; empty for any other and for a missing one."""
	_check_reader()
	if not (documents.may(name, access.READ) or documents.may(name, access.FIND)):
		return ""
	return str(frappe.db.get_value(ARCHIVE, name, "customer_name") or "")


def _choices(rows: list[dict[str, Any]], as_dict: bool) -> list[Any]:
	"""The rows as a link field of either version of the framework asks for them."""
	return rows if as_dict else [tuple(row.values()) for row in rows]


def _check_reader() -> None:
	"""Refuse guests, website users and whoever may read no archives; the same error in every version of the framework."""
	if not frappe.has_permission(ARCHIVE, "read"):
		raise frappe.PermissionError
