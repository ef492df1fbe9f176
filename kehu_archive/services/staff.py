"""The company's people as the services look them up: their departments and who holds a role."""

from __future__ import annotations

from collections.abc import Iterable

import frappe


def department_of(user: str) -> tuple[str | None, str | None]:
	"""A person's department and position level; the department that he heads when he is no member of one."""
	rows = frappe.db.sql(
		"""select member.parent, member.position_level from `tabArchive Department Member` member
		join `tabArchive Department` department on department.name = member.parent
		where member.user = %s and member.parenttype = 'Archive Department' and department.is_disabled = 0
		order by member.idx, member.parent limit 1""",
		user,
	)
	if rows:
		return rows[0][0], rows[0][1]
	headed = frappe.db.get_value("Archive Department", {"manager": user, "is_disabled": 0}, "name", order_by="name")
	return headed, None


def holders(roles: str | Iterable[str]) -> set[str]:
	"""Everybody who has one of the roles and can log in; Administrator holds every role, but stands for no person."""
	wanted = (roles,) if isinstance(roles, str) else tuple(roles)
	found = frappe.db.sql(
		"""select user.name from `tabHas Role` held join `tabUser` user on user.name = held.parent
		where held.parenttype = 'User' and held.role in %s and user.enabled = 1 and user.name not in ('Administrator', 'Guest')""",
		(wanted or ("",),),
	)
	return {name for (name,) in found}
