"""What the access rule asks about people and archives, read from the database and never from a caller's document.

Within one web request each person's facts are read once; outside of one, in jobs, tests and consoles, they are read anew each time. A changed rule, grant,
department or pledge therefore counts from the next request on (R-SEC-09), and a grant ends by the clock without anybody ending it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

import frappe
from frappe.model.workflow import get_workflow_name, get_workflow_safe_globals
from frappe.utils import cint, cstr, now_datetime, today

from kehu_archive.constants import ARCHIVE, SETTINGS
from kehu_archive.domain import access, lifecycle
from kehu_archive.domain.access import Approver, ArchiveFacts, Rule, UserFacts
from kehu_archive.services import pledge
from kehu_archive.services.lifecycle import current_switches

T = TypeVar("T")

COLUMNS: Final = (
	"name",
	"archive_type",
	"department",
	"responsible",
	"custodian",
	"owner",
	"workflow_state",
	"secrecy_rank",
	"access_scheme",
	"access_grade",
	"is_important",
)
#: Operation -> the box of a grant that allows it.
GRANT_BOXES: Final = {
	access.READ: "can_read",
	access.COPY: "can_copy",
	access.PRINT: "can_print",
	access.EXPORT: "can_export",
}
_WAITING: Final = frozenset({lifecycle.SUBMITTED, lifecycle.VERIFIED, lifecycle.CLASSIFIED, lifecycle.SEALED})
_RELATION_BOXES: Final = {
	"for_keeper": access.KEEPER,
	"for_oversight": access.OVERSIGHT,
	"for_step": access.STEP,
	"for_responsible": access.RESPONSIBLE,
	"for_named": access.NAMED,
	"for_own_department": access.OWN_DEPARTMENT,
	"for_other_department": access.OTHER_DEPARTMENT,
}
_PURPOSE_BOXES: Final = {
	"for_return_visit": access.RETURN_VISIT,
	"for_work_need": access.WORK_NEED,
	"for_other_purpose": access.OTHER,
}


def once_a_request(key: Any, read: Callable[[], T]) -> T:
	"""Return what `read` gives, remembered for the rest of a web request."""
	if not getattr(frappe.local, "request", None):
		return read()
	known = getattr(frappe.local, "kehu_access", None)
	if known is None:
		known = frappe.local.kehu_access = {}
	if key not in known:
		known[key] = read()
	return known[key]


def forget() -> None:
	"""Read everything anew: something that access depends on was written in this request."""
	frappe.local.kehu_access = None


def strategy() -> str:
	"""How several matching rules are read."""
	return cstr(frappe.get_cached_doc(SETTINGS).rule_strategy) or access.STRICTEST


def user_facts(user: str | None = None) -> UserFacts:
	"""The facts of a person, of the session's by default."""
	name = user or frappe.session.user
	return once_a_request(("user", name), lambda: _read_user(name))


def _read_user(user: str) -> UserFacts:
	held = frozenset(frappe.get_roles(user))
	departments, rank = _position(user)
	return UserFacts(
		user=user,
		roles=held,
		departments=departments,
		rank=rank,
		kept_types=_kept_types(held),
		oversees=bool(held & access.OVERSIGHT_ROLES),
		step_states=_step_states(held),
		is_inside=user != frappe.session.user or _is_inside(),
		has_pledged=pledge.has_signed(user),
	)


def _position(user: str) -> tuple[frozenset[str], int]:
	"""A person's departments, with all below those he heads, and his highest position level."""
	rows = frappe.db.sql(
		"""select member.parent, level.rank, 0 from `tabArchive Department Member` member
		left join `tabPosition Level` level on level.name = member.position_level
		where member.user = %(user)s and member.parenttype = 'Archive Department'
		union all select name, 0, 1 from `tabArchive Department` where manager = %(user)s""",
		{"user": user},
	)
	headed = {department for department, _rank, heads in rows if heads}
	below = _with_all_below(headed) if headed else headed
	own = {department for department, _rank, heads in rows if not heads}
	return frozenset(own | below), max((cint(rank) for _department, rank, _heads in rows), default=0)


def _with_all_below(departments: set[str]) -> set[str]:
	tree = frappe.db.sql("select name, parent_department from `tabArchive Department`")
	below = set(departments)
	while more := {name for name, parent in tree if parent in below} - below:
		below |= more
	return below


def _kept_types(held: frozenset[str]) -> frozenset[str]:
	"""The archive types whose custodian role a person has, or that name none while he has a keeper's role (V-06)."""
	keeps = bool(held & access.KEEPER_ROLES)
	return frozenset(row.name for row in _archive_types() if (row.custodian_role in held if row.custodian_role else keeps))


def _archive_types() -> list[Any]:
	return once_a_request("types", lambda: frappe.db.sql("select * from `tabArchive Type`", as_dict=True))


def _step_states(held: frozenset[str]) -> frozenset[str]:
	"""The states in which the next step of the life cycle is one of these roles', by the company's own table as the settings are now."""
	name = get_workflow_name(ARCHIVE)
	if not name:
		table = lifecycle.allowed_transitions(current_switches())
		return frozenset(row.from_state for row in table if row.role in held and row.from_state in _WAITING)
	rows = [row for row in frappe.get_cached_doc("Workflow", name).transitions if row.allowed in held and row.state in _WAITING]
	known: dict[str, bool] = {}
	return frozenset(row.state for row in rows if _condition_holds(cstr(row.condition).strip(), known))


def _condition_holds(condition: str, known: dict[str, bool]) -> bool:
	"""Whether a step's condition on the settings holds. One that asks about the archive itself opens nothing: no archive is at hand here."""
	if condition and condition not in known:
		try:
			known[condition] = bool(frappe.safe_eval(condition, get_workflow_safe_globals(), {"doc": frappe._dict()}))
		except Exception:
			known[condition] = False
	return not condition or known[condition]


def _is_inside() -> bool:
	"""Whether the request comes from the office network; every address does while none is named (V-17)."""
	networks = cstr(frappe.get_cached_doc(SETTINGS).internal_networks).split()
	address = getattr(frappe.local, "request_ip", None)
	if not networks or not getattr(frappe.local, "request", None):
		return True
	try:
		asked = ipaddress.ip_address(address or "")
		return any(asked in ipaddress.ip_network(network, strict=False) for network in networks)
	except ValueError:
		return False


def archive_facts(name: str, user: str | None = None) -> ArchiveFacts | None:
	"""The stored facts of an archive towards a person; None when there is no such archive."""
	person = user or frappe.session.user
	columns = ", ".join(f"archive.`{column}`" for column in COLUMNS)
	rows = frappe.db.sql(
		f"""select {columns}, exists (select 1 from `tabCustomer Archive Reader` reader where {_NAMED} and reader.parent = archive.name)
		as is_named, ({_HANDLED}) as has_handled from `tabCustomer Archive` archive where archive.name = %(archive)s""",
		{"user": person, "today": today(), "archive": name},
		as_dict=True,
	)
	if not name or not rows:
		return None
	row = rows[0]
	granted = granted_archives(person, row.name)
	texts = {column: row[column] or "" for column in COLUMNS if column not in ("secrecy_rank", "is_important")}
	return ArchiveFacts(
		**texts,
		secrecy_rank=cint(row.secrecy_rank) or access.CORE,
		is_important=bool(row.is_important),
		is_named=bool(row.is_named),
		has_handled=bool(row.has_handled and user_facts(person).step_states),
		grants=frozenset(key for key, archives in granted.items() if row.name in archives),
	)


#: A step counts until its day ends; the columns are the stamps of the steps that lead out of a person's sight.
_HANDLED: Final = " or ".join(
	f"(archive.`{by}` = %(user)s and archive.`{on}` >= %(today)s)"
	for by, on in (("verified_by", "verified_on"), ("classified_by", "classified_on"), ("filed_by", "filed_on"))
)
_NAMED: Final = (
	"reader.user = %(user)s and reader.parenttype = 'Customer Archive' and (reader.until is null or reader.until >= %(today)s)"
)


def handled_archives(user: str) -> frozenset[str]:
	"""The archives of whose life cycle a person took a step today; nobody else's steps are looked for."""
	if not user_facts(user).step_states:
		return frozenset()
	rows = frappe.db.sql(
		f"select archive.name from `tabCustomer Archive` archive where {_HANDLED}", {"user": user, "today": today()}
	)
	return frozenset(name for (name,) in rows)


def named_archives(user: str) -> frozenset[str]:
	"""The archives on whose need-to-know list a person stands today."""
	rows = frappe.db.sql(
		f"select reader.parent from `tabCustomer Archive Reader` reader where {_NAMED}", {"user": user, "today": today()}
	)
	return frozenset(name for (name,) in rows)


def granted_archives(user: str, archive: str | None = None) -> dict[tuple[str, str], frozenset[str]]:
	"""(operation, purpose) -> the archives for which a grant of a person holds at this moment; only the one asked for when one is named."""
	rows = frappe.db.sql(
		f"""select archive, purpose, {', '.join(GRANT_BOXES.values())} from `tabAccess Grant`
		where user = %(user)s and revoked = 0 and starts_on <= %(now)s and ends_on > %(now)s
		{"and archive = %(archive)s" if archive else ""}""",
		{"user": user, "now": now_datetime(), "archive": archive},
	)
	found: dict[tuple[str, str], set[str]] = {}
	for name, purpose, *boxes in rows:
		for operation, box in zip(GRANT_BOXES, boxes, strict=True):
			if box:
				found.setdefault((operation, purpose or access.WORK_NEED), set()).add(name)
	return {key: frozenset(names) for key, names in found.items()}


def rules(with_approvers: bool = False) -> tuple[Rule, ...]:
	"""The company's access rules that are switched on; who approves is read only where it is asked."""
	return once_a_request(("rules", with_approvers), lambda: _read_rules(with_approvers))


def _read_rules(with_approvers: bool) -> tuple[Rule, ...]:
	rows = frappe.db.sql(
		"""select rule.*, level_from.rank as rank_from, level_below.rank as rank_below from `tabAccess Rule` rule
		left join `tabPosition Level` level_from on level_from.name = rule.level_from
		left join `tabPosition Level` level_below on level_below.name = rule.level_below
		where rule.is_disabled = 0""",
		as_dict=True,
	)
	approvers = _approvers() if with_approvers else {}
	types = _archive_types()
	return tuple(_rule(row, approvers.get(row.name, ()), types) for row in rows)


def _approvers() -> dict[str, tuple[Approver, ...]]:
	rows = frappe.db.sql(
		"select parent, approver_kind, role, user from `tabAccess Rule Approver` order by parent, idx", as_dict=True
	)
	found: dict[str, tuple[Approver, ...]] = {}
	for row in rows:
		found[row.parent] = (*found.get(row.parent, ()), Approver(row.approver_kind, row.role or "", row.user or ""))
	return found


def _rule(row: Any, approvers: tuple[Approver, ...], types: Iterable[Any]) -> Rule:
	return Rule(
		name=row.name,
		outcome=row.outcome,
		priority=cint(row.priority),
		basis=cstr(row.basis),
		operations=frozenset(operation for operation in access.OPERATIONS if row[f"on_{operation}"]),
		relations=frozenset(name for box, name in _RELATION_BOXES.items() if row[box]),
		purposes=frozenset(name for box, name in _PURPOSE_BOXES.items() if row[box]),
		archive_types=_types(row, types),
		grade_scheme=cstr(row.grade_scheme),
		grade=cstr(row.grade),
		secrecy_from=access.SECRECY_RANKS.get(row.secrecy_from, access.INTERNAL),
		secrecy_to=access.SECRECY_RANKS.get(row.secrecy_to, access.CORE),
		important_only=bool(row.important_only),
		sealed_only=bool(row.sealed_only),
		role=cstr(row.role),
		department=cstr(row.department),
		level_from=row.rank_from,
		level_below=row.rank_below,
		outside_network=bool(row.outside_network),
		mode=row.approval_mode or access.IN_TURN,
		approvers=approvers,
		longest_days=cint(row.longest_days),
		same_day=bool(row.same_day_return),
		no_leaving=bool(row.no_leaving),
		no_copies=bool(row.no_copies),
		no_renewal=bool(row.no_renewal),
		needs_consent=bool(row.needs_consent),
		needs_hand_over=bool(row.needs_hand_over),
	)


def _types(row: Any, types: Iterable[Any]) -> frozenset[str] | None:
	"""The archive types of a rule: the one it names, those of its pack, or None for all but those that have rules of their own only."""
	if row.archive_type and not row.pack:
		return frozenset({row.archive_type})
	if not row.pack:
		general = frozenset(one.name for one in types if not one.get("own_rules_only"))
		return general if any(one.get("own_rules_only") for one in types) else None
	return frozenset(
		one.name
		for one in types
		if one.pack == row.pack and (not row.archive_type or one.name == row.archive_type)
	)
