"""The access rule on one document: whether this person may do this with it, asked of what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import frappe
from frappe import _

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import access
from kehu_archive.domain import access_condition as ac
from kehu_archive.domain.access import Decision
from kehu_archive.exceptions import AccessDeniedError
from kehu_archive.permissions import facts, policy, query, registry

if TYPE_CHECKING:
	from frappe.model.document import Document

#: The framework's permission type -> operation; every other one needs reading.
OPERATIONS: Final = {"print": access.PRINT, "export": access.EXPORT}
#: Nobody hands an archive on by the framework's own means (R-OUT-04).
NEVER: Final = frozenset({"share", "email"})


def decision(archive: str, operation: str, purpose: str = access.WORK_NEED, user: str | None = None) -> Decision | None:
	"""The decision of the company's rules; None when there is no such archive. Administrator is asked like anybody else."""
	found = facts.archive_facts(archive, user)
	if not found:
		return None
	return access.decide(facts.user_facts(user), found, policy.current().rules, operation, purpose, facts.strategy())


def may(archive: str, operation: str = access.READ, purpose: str = access.WORK_NEED, user: str | None = None) -> bool:
	"""Whether a person may do an operation on an archive now; False for an archive that does not exist. The framework's Administrator may."""
	if (user or frappe.session.user) == "Administrator":
		return bool(frappe.db.exists(ARCHIVE, archive))
	found = facts.archive_facts(archive, user)
	if not found:
		return False
	return access.decide(facts.user_facts(user), found, policy.current().rules, operation, purpose, facts.strategy()).allowed


def check(archive: str, operation: str = access.READ, purpose: str = access.WORK_NEED) -> None:
	"""Refuse what the session's user may not do.

	Raises:
		AccessDeniedError: says what to do; the same words for an archive that does not exist.
	"""
	if not may(archive, operation, purpose):
		refuse(operation)


def refuse(operation: str = access.READ) -> None:
	"""Say what to do instead.

	Raises:
		AccessDeniedError: always.
	"""
	if not facts.user_facts().has_pledged:
		frappe.throw(_("Sign the confidentiality pledge first; then open the archive again"), AccessDeniedError)
	messages = {
		access.PRINT: _("You may not print this archive; apply with a borrowing request, method Photocopy"),
		access.EXPORT: _("You may not export this archive; ask the customer service department"),
	}
	default = _("There is no such archive, or you may not open it; apply with a borrowing request")
	frappe.throw(messages.get(operation, default), AccessDeniedError)


def has_permission(doc: Document, ptype: str | None = None, user: str | None = None, debug: bool = False) -> bool:
	"""The framework's hook for every restricted DocType: always a real True or False."""
	person = user or frappe.session.user
	if person == "Administrator":
		return True
	wanted = ptype or "read"
	if wanted in NEVER:
		return False
	doctype = doc.doctype
	if doctype in registry.CHILDREN or doctype in registry.SHARED_CHILDREN:
		return _may_child(doc, wanted, person)
	if wanted == "create" and not _stored(doc):
		return _may_create(doc, person)
	return _may_stored(doctype, str(doc.name or ""), wanted, person)


def _stored(doc: Document) -> bool:
	return bool(doc.name and frappe.db.exists(doc.doctype, doc.name))


def _may_create(doc: Document, user: str) -> bool:
	"""A new record may be made on an archive that one may read; a request also on one that one may not."""
	if not facts.user_facts(user).has_pledged:
		return False
	field = registry.HANGING.get(doc.doctype)
	return not field or not doc.get(field) or may(str(doc.get(field)), access.READ, user=user)


def _may_child(doc: Document, ptype: str, user: str) -> bool:
	"""A row follows its document, as it is stored."""
	parent, name = doc.get("parenttype"), doc.get("parent")
	parents = registry.SHARED_CHILDREN.get(doc.doctype) or (registry.CHILDREN[doc.doctype],)
	return bool(parent in parents and name and _may_stored(str(parent), str(name), ptype, user))


def _may_stored(doctype: str, name: str, ptype: str, user: str) -> bool:
	"""Ask the rule for what hangs on an archive, and the list's own condition for everything else."""
	if not name:
		return False
	if doctype == ARCHIVE:
		return may(name, OPERATIONS.get(ptype, access.READ), user=user)
	if doctype in registry.HANGING:
		archive = frappe.db.get_value(doctype, name, registry.HANGING[doctype])
		return bool(archive) and may(str(archive), OPERATIONS.get(ptype, access.READ), user=user)
	condition = query.condition_for(doctype, user) or query.EVERYTHING
	table = f"`tab{doctype}`"
	# The condition's values are escaped already; a second interpolation would read their percent signs.
	return bool(frappe.db.sql(f"select 1 from {table} where {table}.name = {frappe.db.escape(name, percent=False)} and {condition}"))


def keeps(archive: str, user: str | None = None) -> bool:
	"""Whether a person keeps or oversees an archive (R-ARC-16)."""
	found = facts.archive_facts(archive, user)
	return bool(found) and ac.evaluate(ac.keeps(facts.user_facts(user)), found)
