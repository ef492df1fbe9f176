"""The life cycle of an archive as a decision table.

Contract: `allowed_transitions(switches)` is the whole table, one row for each action, state and role; the framework's workflow is generated from
it and `check` refuses whatever is not in it, whichever way the change arrives. A step that is switched off loses its state; archives that stand in
that state from before still have a way on. `Destroyed` is in no row: only a destruction order leads there, and nothing leads away.
Who entered an archive may neither verify, classify, file nor unseal it. An archive sealed before its appraisal is kept sealed, so that the
appraisal is no way around the General Manager.
Clause: R-ARC-06 (states), R-ARC-09 (custodian), R-ARC-07 (Sales Director files), R-ARC-08 (Market Inspector verifies), R-ARC-21 (sealing), R-SEC-01 (Company Leader
approves the confidentiality), V-07 (steps can be switched off).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from kehu_archive.domain import roles
from kehu_archive.domain.faults import Fault, fault

DRAFT: Final = "Draft"
SUBMITTED: Final = "Submitted"
VERIFIED: Final = "Verified"
CLASSIFIED: Final = "Classified"
FILED: Final = "Filed"
UPDATING: Final = "Updating"
SEALED: Final = "Sealed"
UNDER_APPRAISAL: Final = "Under Appraisal"
DESTROYED: Final = "Destroyed"

STATES: Final = (DRAFT, SUBMITTED, VERIFIED, CLASSIFIED, FILED, UPDATING, SEALED, UNDER_APPRAISAL, DESTROYED)
READ_ONLY_STATES: Final = frozenset({SEALED, UNDER_APPRAISAL, DESTROYED})
"""States in which the content cannot be edited by anyone. Clause: R-ARC-21."""

EDITORS: Final[dict[str, tuple[str, ...]]] = {
	DRAFT: (roles.SALESPERSON, roles.ARCHIVIST),
	SUBMITTED: (
		roles.MARKET_INSPECTOR,
		roles.CUSTOMER_SERVICE_STAFF,
		roles.CUSTOMER_SERVICE_MANAGER,
		roles.ARCHIVIST,
	),
	VERIFIED: (roles.CUSTOMER_SERVICE_STAFF, roles.CUSTOMER_SERVICE_MANAGER, roles.ARCHIVIST),
	CLASSIFIED: (roles.ARCHIVIST,),
	FILED: (roles.ARCHIVIST, roles.CUSTOMER_SERVICE_MANAGER),
	UPDATING: (roles.ARCHIVIST, roles.CUSTOMER_SERVICE_MANAGER),
	SEALED: (),
	UNDER_APPRAISAL: (),
	DESTROYED: (),
}
"""Roles that edit the content in a state; nobody in the read-only ones."""

NEED_VERIFICATION: Final = "verification_confirmed"
NEED_CLASSIFICATION: Final = "classification_proposed"
NEED_CUSTODIAN: Final = "custodian_named"
NEED_UNSEALED: Final = "not_sealed_before"
_NEED_MESSAGES: Final[dict[str, str]] = {
	NEED_VERIFICATION: "need-verification",
	NEED_CLASSIFICATION: "need-classification",
	NEED_CUSTODIAN: "need-custodian",
	NEED_UNSEALED: "need-unsealed",
}


@dataclass(frozen=True)
class Switches:
	"""Which of the three filing steps the company uses. Clause: V-07; all on by default."""

	verification: bool = True
	classification: bool = True
	approval: bool = True


@dataclass(frozen=True)
class Facts:
	"""What a step needs to know of the archive; None means that the fact is not kept and is not asked for."""

	verification_confirmed: bool | None = None
	classification_proposed: bool | None = None
	custodian_named: bool | None = None
	not_sealed_before: bool | None = None


@dataclass(frozen=True)
class Transition:
	"""One row of the table; `self_approval` False keeps out who entered the archive; `needs` names `Facts` that must not be False."""

	action: str
	from_state: str
	to_state: str
	role: str
	self_approval: bool = True
	needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Request:
	"""A wished change of state: `from_state` '' for a new archive, the user's roles, whether the user entered the archive."""

	from_state: str
	to_state: str
	roles: frozenset[str]
	is_owner: bool = False
	by_destruction_order: bool = False
	facts: Facts = Facts()


@dataclass(frozen=True)
class _Step:
	action: str
	state: str
	role: str
	needs: tuple[str, ...] = ()


_VERIFICATION: Final = _Step("Verify", VERIFIED, roles.MARKET_INSPECTOR, (NEED_VERIFICATION,))
_CLASSIFICATION: Final = _Step(
	"Approve Classification", CLASSIFIED, roles.COMPANY_LEADER, (NEED_CLASSIFICATION,)
)
_APPROVAL: Final = _Step("Approve Filing", FILED, roles.SALES_DIRECTOR)
_STEPS: Final = (_VERIFICATION, _CLASSIFICATION, _APPROVAL)
_PENDING: Final = (SUBMITTED, VERIFIED, CLASSIFIED)

_AFTER_FILING: Final = (
	Transition("Start Update", FILED, UPDATING, roles.ARCHIVIST),
	Transition("Finish Update", UPDATING, FILED, roles.ARCHIVIST),
	Transition("Seal", FILED, SEALED, roles.CUSTOMER_SERVICE_MANAGER),
	Transition("Unseal", SEALED, FILED, roles.GENERAL_MANAGER, self_approval=False),
	Transition("Start Appraisal", FILED, UNDER_APPRAISAL, roles.ARCHIVIST),
	Transition("Start Appraisal", SEALED, UNDER_APPRAISAL, roles.ARCHIVIST),
	Transition("Keep", UNDER_APPRAISAL, FILED, roles.CUSTOMER_SERVICE_MANAGER, needs=(NEED_UNSEALED,)),
	Transition("Keep Sealed", UNDER_APPRAISAL, SEALED, roles.CUSTOMER_SERVICE_MANAGER),
)


@lru_cache(maxsize=8)
def allowed_transitions(switches: Switches) -> tuple[Transition, ...]:
	"""Return every row of the table under the given switches."""
	enabled = _enabled(switches)
	rows: list[Transition] = []
	if enabled:
		rows += [
			Transition("Submit", DRAFT, SUBMITTED, role) for role in (roles.SALESPERSON, roles.ARCHIVIST)
		]
	else:
		rows.append(Transition("Submit", DRAFT, FILED, roles.ARCHIVIST, needs=(NEED_CUSTODIAN,)))
	for position, state in enumerate(_PENDING):
		forward = _forward(state, position, enabled)
		rows.append(forward)
		rows.append(Transition("Return for Correction", state, DRAFT, forward.role))
	return (*rows, *_AFTER_FILING)


def _enabled(switches: Switches) -> tuple[_Step, ...]:
	flags = (switches.verification, switches.classification, switches.approval)
	return tuple(step for step, on in zip(_STEPS, flags, strict=True) if on)


def _forward(state: str, position: int, enabled: tuple[_Step, ...]) -> Transition:
	"""The next enabled step after a pending state; the last enabled step leads to Filed whatever its own state."""
	ahead = [step for step in enabled if _STEPS.index(step) >= position]
	if not enabled:
		return Transition("Approve Filing", state, FILED, roles.ARCHIVIST, needs=(NEED_CUSTODIAN,))
	step = ahead[0] if ahead else enabled[-1]
	files = step is enabled[-1]
	needs = (*step.needs, NEED_CUSTODIAN) if files else step.needs
	return Transition(step.action, state, FILED if files else step.state, step.role, False, needs)


def check(request: Request, switches: Switches, table: tuple[Transition, ...] | None = None) -> Fault | None:
	"""Return why a change of state is refused, None when it is allowed. A state that stays as it is is no change, except that a new archive
	must be a draft. `table` is the company's own table when it has edited the workflow (V-07: the role of each step is configurable).
	"""
	field = "state"
	for state in (request.from_state or DRAFT, request.to_state):
		if state not in STATES:
			return fault(field, "state-unknown", state=state)
	if not request.from_state:
		return None if request.to_state == DRAFT else fault(field, "state-start")
	if request.from_state == request.to_state:
		return None
	if DESTROYED in (request.from_state, request.to_state):
		return _check_destruction(request, field)
	return _check_table(request, allowed_transitions(switches) if table is None else table, field)


def _check_destruction(request: Request, field: str) -> Fault | None:
	if request.from_state == DESTROYED:
		return fault(field, "state-final")
	if not request.by_destruction_order:
		return fault(field, "state-destroy")
	if request.from_state != UNDER_APPRAISAL:
		return fault(field, "state-destroy-from")
	return None


def _check_table(request: Request, table: tuple[Transition, ...], field: str) -> Fault | None:
	leaving = [row for row in table if row.from_state == request.from_state]
	rows = [row for row in leaving if row.to_state == request.to_state]
	if not rows:
		return _no_step(request, leaving, field)
	mine = [row for row in rows if row.role in request.roles]
	if not mine:
		needed = tuple(dict.fromkeys(row.role for row in rows))
		return fault(field, "state-role", action=rows[0].action, roles_needed=needed)
	if request.is_owner and not any(row.self_approval for row in mine):
		return fault(field, "state-self", action=mine[0].action)
	for need in mine[0].needs:
		if getattr(request.facts, need) is False:
			return fault(field, _NEED_MESSAGES[need], action=mine[0].action)
	return None


def _no_step(request: Request, leaving: list[Transition], field: str) -> Fault:
	ends: dict[str, str] = {"from_state": request.from_state, "to_state": request.to_state}
	if not leaving:
		return fault(field, "state-end", **ends)
	next_states = tuple(dict.fromkeys(row.to_state for row in leaving))
	return fault(field, "state-closed", next_states=next_states, **ends)


CLASSIFIERS: Final = frozenset(
	{roles.CUSTOMER_SERVICE_STAFF, roles.CUSTOMER_SERVICE_MANAGER, roles.ARCHIVIST, roles.ARCHIVE_ADMINISTRATOR}
)
"""Who proposes a confidentiality. Clause: 003 §4.1c."""


GRADERS: Final = frozenset(
	{
		roles.CUSTOMER_SERVICE_STAFF,
		roles.CUSTOMER_SERVICE_MANAGER,
		roles.ARCHIVIST,
		roles.MARKETING_MANAGER,
		roles.MARKETING_DIRECTOR,
	}
)
"""Who sets the grade that access is bound to. Clause: R-SEC-08."""
CUSTODIANS_SUPERIOR: Final = roles.CUSTOMER_SERVICE_MANAGER
KEPT_STATES: Final = frozenset({FILED, UPDATING})
"""States in which an archive is edited by the one person who keeps it."""


def check_editor(state: str, user_roles: frozenset[str], editors: frozenset[str]) -> Fault | None:
	"""Return why content may not be changed in a state, None when the user has one of the editing roles."""
	if editors & user_roles:
		return None
	return fault("state", "not-editor", state=state, roles_needed=tuple(sorted(editors)) or ("-",))


def check_custodian(state: str, user: str, user_roles: frozenset[str], custodian: str) -> Fault | None:
	"""Return why a kept archive may not be edited by this person: its custodian does, or the custodian's superior (R-ARC-09)."""
	if state not in KEPT_STATES or not custodian or user == custodian or CUSTODIANS_SUPERIOR in user_roles:
		return None
	return fault("custodian", "not-custodian", roles_needed=(CUSTODIANS_SUPERIOR,))


def check_guarded(
	changed: frozenset[str], state: str, user_roles: frozenset[str], verifiers: frozenset[str], classification: bool
) -> Fault | None:
	"""Return why one of the fields may not change that a step stands on.

	`changed` holds the names of the changed fields, `state` is the one before the save. The verification is recorded by
	who verifies and only while the archive is submitted; the confidentiality is proposed by customer service and fixed
	once it was approved. Who keeps the archive is named by those who keep archives, because the custodian sees all
	of it; the grade that access is bound to is set by those whom the regulations name.
	"""
	for field in sorted(changed & {"verification_result", "verification_note"}):
		if state != SUBMITTED or not verifiers & user_roles:
			return fault(field, "verification-early")
	if "confidentiality" in changed:
		if not CLASSIFIERS & user_roles:
			return fault("confidentiality", "classification-others")
		if classification and state in (CLASSIFIED, FILED, UPDATING):
			return fault("confidentiality", "classification-late")
	if "custodian" in changed and not CLASSIFIERS & user_roles:
		return fault("custodian", "custodian-others", roles_needed=tuple(sorted(CLASSIFIERS)))
	if "access_grade" in changed and not GRADERS & user_roles:
		return fault("access_grade", "grade-others", roles_needed=tuple(sorted(GRADERS)))
	return None
