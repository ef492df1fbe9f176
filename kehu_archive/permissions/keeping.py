"""Who keeps an archive, and who oversees it (R-ARC-16, V-06)."""

from __future__ import annotations

import frappe

from kehu_archive.domain import access
from kehu_archive.permissions import facts


def keeps(archive: str | None, user: str | None = None) -> bool:
	"""Whether a person is one of those who keep an archive: its custodian, or the keepers of its type.

	A request whose file is not found yet is everybody's who keeps archives. Overseeing is not keeping; without a signed pledge nobody keeps anything.
	"""
	name = user or frappe.session.user
	if name == "Administrator":
		return True
	person = facts.user_facts(name)
	if not person.has_pledged:
		return False
	if not archive:
		return bool(person.roles & access.KEEPER_ROLES)
	return _relation(archive, name) == access.KEEPER


def keeps_or_oversees(archive: str, user: str | None = None) -> bool:
	"""Whether a person keeps an archive or oversees it: those who may know who has it and why somebody may not open it."""
	return _relation(archive, user or frappe.session.user) in (access.KEEPER, access.OVERSIGHT)


def _relation(archive: str, user: str) -> str | None:
	found = facts.archive_facts(archive, user)
	return access.relation(facts.user_facts(user), found) if found else None
