"""What the company has written down and access depends on: rules, archive types, departments, position levels, steps of the life cycle, settings.

Every request asks the database for a stamp over all of it; what was read under the same stamp before is taken again. So a rule that was changed by any road
counts from the next request on (R-SEC-09), and one that was not changed costs one short question. The stamp is over contents, not over times, so that
statements which leave ``modified`` alone are noticed as well, and sites that share a process never take one another's rules.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import frappe
from frappe.utils import cint, cstr

from kehu_archive.constants import ARCHIVE, SETTINGS
from kehu_archive.domain import access
from kehu_archive.domain.access import Approver, Rule
from kehu_archive.domain.lifecycle import Switches
from kehu_archive.permissions.request_cache import once_a_request

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
_RULE: Final = (
	*("name", "outcome", "priority", "basis", "pack", "archive_type", "grade_scheme", "grade", "secrecy_from", "secrecy_to"),
	*("important_only", "sealed_only", "role", "department", "level_from", "level_below", "outside_network"),
	*("approval_mode", "longest_days", "same_day_return", "no_leaving", "no_copies", "no_renewal"),
	*("needs_consent", "needs_hand_over"),
	*(f"on_{operation}" for operation in access.OPERATIONS),
	*_RELATION_BOXES,
	*_PURPOSE_BOXES,
)
_SETTINGS: Final = (
	*("rule_strategy", "require_pledge", "pledge_version", "internal_networks"),
	*("skip_verification", "skip_classification", "skip_approval"),
)
_STEPS: Final = f"""parenttype = 'Workflow' and parent in
	(select name from `tabWorkflow` where document_type = '{ARCHIVE}' and is_active = 1)"""
_OF_SETTINGS: Final = f"doctype = '{SETTINGS}' and field in ({', '.join(repr(one) for one in _SETTINGS)})"


@dataclass(frozen=True)
class _Source:
	"""A table that access depends on: the columns read, the rows, and a column that tells them apart."""

	table: str
	columns: tuple[str, ...]
	where: str = "1 = 1"
	key: str = "name"


_RULES: Final = _Source("Access Rule", _RULE, "is_disabled = 0")
_APPROVERS: Final = _Source("Access Rule Approver", ("name", "parent", "idx", "approver_kind", "role", "user"))
_DEPARTMENTS: Final = _Source("Archive Department", ("name", "parent_department", "manager"))
_TYPES: Final = _Source("Archive Type", ("name", "pack", "own_rules_only", "custodian_role"))
_LEVELS: Final = _Source("Position Level", ("name", "rank"))
_WORKFLOWS: Final = _Source("Workflow", ("name",), f"document_type = '{ARCHIVE}' and is_active = 1")
_TRANSITIONS: Final = _Source("Workflow Transition", ("name", "state", "allowed", "condition"), _STEPS)
_SINGLES: Final = _Source("Singles", ("field", "value"), _OF_SETTINGS, "field")
_SOURCES: Final = (_RULES, _APPROVERS, _DEPARTMENTS, _TYPES, _LEVELS, _WORKFLOWS, _TRANSITIONS, _SINGLES)
_QUESTION: Final = "select count(*), group_concat(md5(json_array({columns})) order by `{key}`) from `tab{table}` where {where}"
#: Length of one row's digest with the comma behind it.
_DIGEST: Final = 33
#: So many different policies are kept in a process.
_KEPT: Final = 16


@dataclass(frozen=True)
class Policy:
	"""The company's regulations. Two with one stamp are the same.

	Attributes:
		rules: those that are switched on, with who approves.
		custodian_roles: archive type -> the role that keeps it, '' where none is named.
		departments: department -> (the one above it, its head), '' for none.
		ranks: position level -> rank.
		steps: (state, role, condition) of the life cycle's workflow; None while the company has switched it off.
		settings: field -> value, of those that access depends on.
	"""

	stamp: str
	rules: tuple[Rule, ...] = field(compare=False)
	custodian_roles: Mapping[str, str] = field(compare=False)
	departments: Mapping[str, tuple[str, str]] = field(compare=False)
	ranks: Mapping[str, int] = field(compare=False)
	steps: tuple[tuple[str, str, str], ...] | None = field(compare=False)
	settings: Mapping[str, str] = field(compare=False)

	@property
	def strategy(self) -> str:
		"""How several matching rules are read."""
		return self.settings.get("rule_strategy") or access.STRICTEST

	@property
	def switches(self) -> Switches:
		"""Which filing steps the company uses (V-07)."""
		skipped = {name: bool(cint(self.settings.get(f"skip_{name}"))) for name in ("verification", "classification", "approval")}
		return Switches(**{name: not skips for name, skips in skipped.items()})


_known: dict[str, Policy] = {}


def current() -> Policy:
	"""The regulations as they stand now."""
	return once_a_request("policy", _current)


def _current() -> Policy:
	stamp = _stamp()
	if stamp in _known:
		return _known[stamp]
	read = _read(stamp)
	if not stamp or _stamp() != stamp:
		# Written meanwhile, or cut short by the server: good for this once, and equal to no other.
		return _read(uuid.uuid4().hex)
	while len(_known) >= _KEPT:
		_known.pop(next(iter(_known)), None)
	return _known.setdefault(stamp, read)


def _stamp() -> str:
	"""The digests of everything that `_read` reads; '' when the server cut them short (``group_concat_max_len``)."""
	each = (
		_QUESTION.format(columns=_columns(one.columns), key=one.key, table=one.table, where=one.where) for one in _SOURCES
	)
	rows = frappe.db.sql(" union all ".join(each))
	is_whole = all(len(digests or "") == max(0, count * _DIGEST - 1) for count, digests in rows)
	return " ".join(digests or "-" for _count, digests in rows) if is_whole else ""


def _read(stamp: str) -> Policy:
	types, ranks = _rows(_TYPES), {row.name: cint(row.rank) for row in _rows(_LEVELS)}
	approvers = _approvers()
	steps = tuple((row.state, row.allowed, cstr(row.condition).strip()) for row in _rows(_TRANSITIONS))
	return Policy(
		stamp=stamp,
		rules=tuple(_rule(row, approvers.get(row.name, ()), types, ranks) for row in _rows(_RULES)),
		custodian_roles={row.name: cstr(row.custodian_role) for row in types},
		departments={row.name: (cstr(row.parent_department), cstr(row.manager)) for row in _rows(_DEPARTMENTS)},
		ranks=ranks,
		steps=steps if _rows(_WORKFLOWS) else None,
		settings={row.field: cstr(row.value) for row in _rows(_SINGLES)},
	)


def _rows(source: _Source) -> list[Any]:
	rows = frappe.db.sql(f"select {_columns(source.columns)} from `tab{source.table}` where {source.where}", as_dict=True)
	return list(rows)


def _columns(columns: Iterable[str]) -> str:
	return ", ".join(f"`{one}`" for one in columns)


def _approvers() -> dict[str, tuple[Approver, ...]]:
	found: dict[str, tuple[Approver, ...]] = {}
	for row in sorted(_rows(_APPROVERS), key=lambda row: (row.parent, row.idx)):
		found[row.parent] = (*found.get(row.parent, ()), Approver(row.approver_kind, row.role or "", row.user or ""))
	return found


def _rule(row: Any, approvers: tuple[Approver, ...], types: Iterable[Any], ranks: Mapping[str, int]) -> Rule:
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
		level_from=ranks.get(row.level_from),
		level_below=ranks.get(row.level_below),
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
		general = frozenset(one.name for one in types if not one.own_rules_only)
		return general if any(one.own_rules_only for one in types) else None
	return frozenset(
		one.name
		for one in types
		if one.pack == row.pack and (not row.archive_type or one.name == row.archive_type)
	)
