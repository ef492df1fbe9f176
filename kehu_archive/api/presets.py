"""What the list and the form of access rules ask the server."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _

from kehu_archive.domain import access, roles
from kehu_archive.exceptions import AccessRuleError
from kehu_archive.permissions import documents, keeping
from kehu_archive.services import explaining, presets

RULE = "Access Rule"


@frappe.whitelist(methods=["GET", "POST"])
def overview() -> list[dict[str, Any]]:
	"""Every preset of access rules, and whether it is on.

	Raises:
		PermissionError: the user may not read access rules.
	"""
	if not frappe.has_permission(RULE, "read"):
		raise frappe.PermissionError
	return presets.overview()


@frappe.whitelist(methods=["POST"])
def switch(wanted: dict[str, Any] | str) -> list[str]:
	"""Switch presets on and off: key to 1 or 0. Returns the keys of those that changed.

	Raises:
		PermissionError: the user is no Archive Administrator.
		AccessRuleError: a key is no preset's.
	"""
	_only_the_administrator()
	asked = frappe.parse_json(wanted)
	if not isinstance(asked, dict):
		frappe.throw(_("Name each preset with on or off"), AccessRuleError)
	return presets.switch({str(key): bool(frappe.utils.cint(on)) for key, on in asked.items()})


@frappe.whitelist(methods=["POST"])
def explain(user: str, archive: str, operation: str = access.READ, purpose: str = access.WORK_NEED) -> dict[str, Any]:
	"""What the rules say about one person and one archive, and why.

	Only for who may read that archive and is an Archive Administrator, keeps it or oversees it (R-ACC-15).

	Raises:
		PermissionError: the user is neither, or may not read the archive; the same for an archive that does not exist.
	"""
	person = frappe.session.user
	if person != "Administrator" and not (_is_administrator() or keeping.keeps_or_oversees(archive)):
		raise frappe.PermissionError
	documents.check(archive, access.READ)
	if operation not in access.OPERATIONS or purpose not in access.PURPOSES or not frappe.db.exists("User", user):
		frappe.throw(_("Choose a user, an operation and a purpose"), AccessRuleError)
	return explaining.explain(user, archive, operation, purpose)


def _only_the_administrator() -> None:
	if not _is_administrator():
		raise frappe.PermissionError


def _is_administrator() -> bool:
	return frappe.session.user == "Administrator" or roles.ARCHIVE_ADMINISTRATOR in frappe.get_roles()
