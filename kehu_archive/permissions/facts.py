"""What the access rule asks about people and archives, read from the database and never from a caller's document.

Within one web request each person's facts are read once; outside of one, in jobs, tests and consoles, they are read anew each time. A changed rule, grant,
department or pledge therefore counts from the next request on (R-SEC-09), and a grant ends by the clock without anybody ending it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Final

import frappe
from frappe.model.workflow import get_workflow_safe_globals
from frappe.utils import cint, now_datetime, today

from kehu_archive.domain import access, lifecycle
from kehu_archive.domain.access import ArchiveFacts, UserFacts
from kehu_archive.permissions import policy
from kehu_archive.permissions.request_cache import forget as forget
from kehu_archive.permissions.request_cache import once_a_request
from kehu_archive.services import pledge

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
#: The archives that are open to a person one by one: on whose need-to-know list he stands today, of whose life cycle he took a step today, and on which a
#: grant of his holds at this moment. Values are put in escaped.
NAMED: Final = """select reader.parent as `name` from `tabCustomer Archive Reader` reader
	where reader.user = {user} and reader.parenttype = 'Customer Archive' and (reader.until is null or reader.until >= {today})"""
_STAMPS: Final = (
	("verified_by", "verified_on"),
	("classified_by", "classified_on"),
	("filed_by", "filed_on"),
	("returned_by", "returned_on"),
)
_TAKEN: Final = " or ".join(f"(taken.`{by}` = {{user}} and taken.`{on}` >= {{today}})" for by, on in _STAMPS)
HANDLED: Final = f"select taken.name from `tabCustomer Archive` taken where ({_TAKEN})"
_HOLDS: Final = "held.user = {user} and held.revoked = 0 and held.starts_on <= {now} and held.ends_on > {now}"
GRANTED: Final = f"""select held.archive as `name` from `tabAccess Grant` held
	where {_HOLDS} and held.`{{box}}` = 1 and coalesce(nullif(held.purpose, ''), '{access.WORK_NEED}') in ({{purposes}})"""
_ASKED: Final = {"user": "%(user)s", "today": "%(today)s", "now": "%(now)s"}
NONE: Final = "select '' as `name` from dual where 1 = 0"
_WAITING: Final = frozenset({lifecycle.SUBMITTED, lifecycle.VERIFIED, lifecycle.CLASSIFIED, lifecycle.SEALED})


def strategy() -> str:
	"""How several matching rules are read."""
	return policy.current().strategy


def user_facts(user: str | None = None) -> UserFacts:
	"""The facts of a person, of the session's by default."""
	name = user or frappe.session.user
	return once_a_request(("user", name), lambda: _read_user(name))


def _read_user(user: str) -> UserFacts:
	held = frozenset(frappe.get_roles(user))
	company = policy.current()
	version = pledge.to_sign(company.settings)
	belongs, has_signed = _person(user, version)
	headed = {name for name, (_above, head) in company.departments.items() if head == user}
	return UserFacts(
		user=user,
		roles=held,
		departments=frozenset(belongs) | _with_all_below(headed, company),
		rank=max((company.ranks.get(level, 0) for level in belongs.values()), default=0),
		kept_types=_kept_types(held, company),
		oversees=bool(held & access.OVERSIGHT_ROLES),
		step_states=_step_states(held, company),
		is_inside=user != frappe.session.user or _is_inside(company),
		has_pledged=has_signed or not version,
	)


def _person(user: str, version: str) -> tuple[dict[str, str], bool]:
	"""A person's departments with his position level in each, and whether he has signed a version of the pledge."""
	rows = frappe.db.sql(
		"""select parent, position_level, 0 from `tabArchive Department Member`
		where user = %(user)s and parenttype = 'Archive Department'
		union all select '', '', exists (select 1 from `tabConfidentiality Pledge` where user = %(user)s and pledge_version = %(version)s)""",
		{"user": user, "version": version},
	)
	return {department: level or "" for department, level, _signed in rows if department}, any(signed for *_rest, signed in rows)


def _with_all_below(departments: Iterable[str], company: policy.Policy) -> frozenset[str]:
	below = frozenset(departments)
	while more := {name for name, (above, _head) in company.departments.items() if above in below} - below:
		below |= more
	return below


def _kept_types(held: frozenset[str], company: policy.Policy) -> frozenset[str]:
	"""The archive types whose custodian role a person has, or that name none while he has a keeper's role (V-06)."""
	keeps = bool(held & access.KEEPER_ROLES)
	return frozenset(name for name, role in company.custodian_roles.items() if (role in held if role else keeps))


def _step_states(held: frozenset[str], company: policy.Policy) -> frozenset[str]:
	"""The states in which the next step of the life cycle is one of these roles', by the company's own table as the settings are now."""
	if company.steps is None:
		table = lifecycle.allowed_transitions(company.switches)
		return frozenset(row.from_state for row in table if row.role in held and row.from_state in _WAITING)
	known: dict[str, bool] = {}
	rows = [(state, condition) for state, role, condition in company.steps if role in held and state in _WAITING]
	return frozenset(state for state, condition in rows if _condition_holds(condition, known))


def _condition_holds(condition: str, known: dict[str, bool]) -> bool:
	"""Whether a step's condition on the settings holds. One that asks about the archive itself opens nothing: no archive is at hand here."""
	if condition and condition not in known:
		try:
			known[condition] = bool(frappe.safe_eval(condition, get_workflow_safe_globals(), {"doc": frappe._dict()}))
		except Exception:
			known[condition] = False
	return not condition or known[condition]


def _is_inside(company: policy.Policy) -> bool:
	"""Whether the request comes from the office network; every address does while none is named (V-17)."""
	networks = company.settings.get("internal_networks", "").split()
	address = getattr(frappe.local, "request_ip", None)
	if not networks or not getattr(frappe.local, "request", None):
		return True
	try:
		asked = ipaddress.ip_address(address or "")
		return any(asked in ipaddress.ip_network(network, strict=False) for network in networks)
	except ValueError:
		return False


def moment() -> dict[str, str]:
	"""The clock that grants and lists end by, in site time."""
	return {"now": str(now_datetime()), "today": today()}


def archive_facts(name: str, user: str | None = None) -> ArchiveFacts | None:
	"""The stored facts of an archive towards a person; None when there is no such archive."""
	person = user or frappe.session.user
	columns = ", ".join(f"archive.`{column}`" for column in COLUMNS)
	rows = frappe.db.sql(
		f"""select {columns}, archive.name in ({NAMED.format(**_ASKED)} and reader.parent = %(archive)s) as is_named,
		archive.name in ({HANDLED.format(**_ASKED)} and taken.name = %(archive)s) as has_handled
		from `tabCustomer Archive` archive where archive.name = %(archive)s""",
		{"user": person, "archive": name, **moment()},
		as_dict=True,
	)
	if not name or not rows:
		return None
	row = rows[0]
	texts = {column: row[column] or "" for column in COLUMNS if column not in ("secrecy_rank", "is_important")}
	return ArchiveFacts(
		**texts,
		secrecy_rank=cint(row.secrecy_rank) or access.CORE,
		is_important=bool(row.is_important),
		is_named=bool(row.is_named),
		has_handled=bool(row.has_handled),
		grants=_grants_on(row.name, person),
	)


def _grants_on(archive: str, user: str) -> frozenset[tuple[str, str]]:
	"""(operation, purpose) of a person's grants that hold for one archive at this moment."""
	boxes = ", ".join(GRANT_BOXES.values())
	rows = frappe.db.sql(
		f"select purpose, {boxes} from `tabAccess Grant` held where {_HOLDS.format(**_ASKED)} and held.archive = %(archive)s",
		{"user": user, "archive": archive, **moment()},
	)
	return frozenset(
		(operation, purpose or access.WORK_NEED)
		for purpose, *ticked in rows
		for operation, box in zip(GRANT_BOXES, ticked, strict=True)
		if box
	)
