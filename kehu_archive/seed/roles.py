"""Roles named by the regulations (R-ROL-01/02/03/08). None of them is exempt from the rules.

The framework creates the roles that our DocTypes name while it installs these, before any seed runs. So the
roles that a site had before are noted beforehand, and they alone survive the removal of the app.
"""

from __future__ import annotations

import json

import frappe

from kehu_archive.domain import roles
from kehu_archive.seed.ledger import Ledger

_NOTE = "kehu_archive_roles_before_install"


def note_existing() -> None:
	"""Remember which of our roles the site has already; a second installation over the first changes nothing."""
	if frappe.db.get_default(_NOTE) is None:
		existing = frappe.get_all("Role", filters={"name": ("in", roles.ROLES)}, pluck="name")
		frappe.db.set_default(_NOTE, json.dumps(existing))


def forget_existing() -> list[str]:
	"""Return the roles that were there before us, and remove the note."""
	noted = frappe.db.get_default(_NOTE)
	frappe.db.delete("DefaultValue", {"defkey": _NOTE})
	return list(json.loads(noted)) if noted else []


def seed(book: Ledger) -> None:
	for role in roles.ROLES:
		book.create({"doctype": "Role", "name": role, "role_name": role, "desk_access": 1})
