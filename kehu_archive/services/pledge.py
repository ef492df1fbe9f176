"""The confidentiality pledge: who has not signed it opens nothing (R-SEC-05, R-SEC-06).

A signature is one record, written once with the text that was signed; a new version of the text is signed anew.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import frappe
from frappe import _
from frappe.permissions import get_doctype_roles
from frappe.utils import cint, cstr, escape_html, now_datetime

from kehu_archive.audit import log
from kehu_archive.constants import ARCHIVE, MODULE, SETTINGS
from kehu_archive.exceptions import PledgeError

if TYPE_CHECKING:
	from frappe.model.document import Document

PLEDGE: Final = "Confidentiality Pledge"
_FIRST_VERSION: Final = "1"


def to_sign(settings: Mapping[str, Any]) -> str:
	"""The version that settings ask for before the first access; '' when they ask for none."""
	return version(settings) if cint(settings.get("require_pledge")) else ""


def is_required() -> bool:
	"""Whether the company asks for the pledge before the first access."""
	return bool(to_sign(frappe.get_cached_doc(SETTINGS)))


def version(settings: Mapping[str, Any] | None = None) -> str:
	"""The version that has to be signed now."""
	asked = frappe.get_cached_doc(SETTINGS) if settings is None else settings
	return cstr(asked.get("pledge_version")).strip() or _FIRST_VERSION


def has_signed(user: str) -> bool:
	"""Whether a person has signed the present version, or none is asked for."""
	return not is_required() or bool(_signature(user, version()))


def _signature(user: str, number: str) -> str | None:
	found = frappe.db.get_value(PLEDGE, {"user": user, "pledge_version": number}, "name")
	return str(found) if found else None


def boot(bootinfo: Any) -> None:
	"""Tell the Desk what its user has to sign before he may open archives; nothing for those who have none to open."""
	user = frappe.session.user
	if user in ("Administrator", "Guest") or has_signed(user) or not _is_concerned():
		return
	bootinfo.kehu_pledge = {
		**text_to_sign(),
		"doctypes": frappe.get_all("DocType", filters={"module": MODULE}, pluck="name"),
		"reports": frappe.get_all("Report", filters={"module": MODULE}, pluck="name"),
	}


def _is_concerned() -> bool:
	return bool(frappe.has_permission(ARCHIVE, "read"))


def text_to_sign() -> dict[str, str]:
	"""Version, text and the name that the session's user signs with."""
	return {
		"version": version(),
		"text": cstr(frappe.get_cached_doc(SETTINGS).pledge_text),
		"full_name": _full_name(),
	}


def _full_name() -> str:
	return cstr(frappe.db.get_value("User", frappe.session.user, "full_name")).strip()


def sign(typed_name: str) -> str:
	"""Sign the present version as the session's user and nobody else; return the record's name. Signing twice changes nothing.

	Raises:
		PledgeError: the typed name is not the user's full name, or there is no text to sign.
		PermissionError: a guest, or a user who has nothing to do with archives.
	"""
	user = frappe.session.user
	if user == "Guest" or not _is_concerned():
		raise frappe.PermissionError
	if _folded(typed_name) != _folded(_full_name()):
		frappe.throw(_("Type your full name as it is shown: {0}").format(frappe.bold(escape_html(_full_name()))), PledgeError)
	offered = text_to_sign()
	if not offered["text"].strip():
		frappe.throw(_("There is no pledge text yet; ask the administrator to fill it in"), PledgeError)
	# Of two clicks at once the second waits here and finds the record of the first.
	frappe.db.get_value("User", user, "name", for_update=True)
	return _signature(user, offered["version"]) or _write(user, offered, cstr(typed_name).strip())


def _write(user: str, offered: dict[str, str], typed_name: str) -> str:
	doc = frappe.get_doc(
		{
			"doctype": PLEDGE,
			"user": user,
			"signed_on": now_datetime(),
			"pledge_version": offered["version"],
			"pledge_text": offered["text"],
			"typed_name": typed_name,
			"ip_address": getattr(frappe.local, "request_ip", None),
		}
	)
	doc.flags.by_service = True
	# Nobody may create such a record; this is the one place where it comes about, for the session's user alone.
	doc.insert(ignore_permissions=True)
	log.record("Pledge", document=(PLEDGE, doc.name), detail=f"version {offered['version']}")
	# The access rule is imported late: it asks this module who has signed.
	from kehu_archive.permissions import facts

	facts.forget()
	return str(doc.name)


def _folded(name: str) -> str:
	return " ".join(unicodedata.normalize("NFKC", cstr(name)).split())


def refuse_other_roads(doc: Document) -> None:
	"""Refuse a pledge that does not come from signing, and every later change.

	Raises:
		PledgeError: always, except for a new record of this service.
	"""
	if not (doc.flags.by_service and doc.is_new()):
		frappe.throw(_("A pledge is signed by the person himself and never changed or deleted afterwards"), PledgeError)


def check_settings(settings: Document) -> None:
	"""Refuse a changed text under a version that people have signed already, and an empty version.

	Raises:
		PledgeError: names what to do.
	"""
	settings.pledge_version = cstr(settings.pledge_version).strip()
	if cint(settings.require_pledge) and not (settings.pledge_version and cstr(settings.pledge_text).strip()):
		frappe.throw(_("Confidentiality Pledge: enter a version and a text, or do not ask for it"), PledgeError)
	before = settings.get_doc_before_save()
	if not before or cstr(before.pledge_text) == cstr(settings.pledge_text):
		return
	if frappe.db.exists(PLEDGE, {"pledge_version": settings.pledge_version}):
		frappe.throw(
			_("Pledge Version: version {0} was signed already; give the changed text a new version").format(
				frappe.bold(escape_html(settings.pledge_version))
			),
			PledgeError,
		)


def status() -> list[dict[str, Any]]:
	"""Everybody who can open archives, with the last version signed and whether it is the present one, the missing ones first."""
	number = version()
	rows = frappe.db.sql(
		"""select distinct user.name as user, user.full_name, pledge.pledge_version, pledge.signed_on
		from `tabUser` user
		join `tabHas Role` held on held.parent = user.name and held.parenttype = 'User' and held.role in %(roles)s
		left join `tabConfidentiality Pledge` pledge on pledge.name = (
			select one.name from `tabConfidentiality Pledge` one where one.user = user.name
			order by one.pledge_version = %(number)s desc, one.signed_on desc limit 1
		)
		where user.enabled = 1 and user.user_type = 'System User' and user.name <> 'Administrator'""",
		{"roles": tuple(get_doctype_roles(ARCHIVE)), "number": number},
		as_dict=True,
	)
	for row in rows:
		row["state"] = "Signed" if row.pledge_version == number else "Outdated" if row.pledge_version else "Missing"
	return sorted(rows, key=lambda row: (row["state"] == "Signed", row["full_name"] or "", row["user"]))
