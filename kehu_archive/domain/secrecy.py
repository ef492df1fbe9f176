"""Confidentiality of an archive: how strictly it counts, until when it holds, and who decides on it.

Contract: pure functions on plain values. `secrecy_rank` is what the access rules compare; whatever nobody has approved counts as the strictest. A level
stays in force after its last day until it is decided anew: only people lower it, never the calendar. A classification request runs Reported → Proposed →
Approved or Sent Back → Proposed; `check_step` is its decision table and `locked_fields` says what may not be changed in a state.
Clause: 003 §4.1c, §5.1.5 (R-SEC-01), R-SEC-03, R-SEC-04, R-SEC-10; access grades: 000 篇三·六·3 (R-SEC-08).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from kehu_archive.domain import lifecycle, roles
from kehu_archive.domain.access import CORE, SECRECY_RANKS
from kehu_archive.domain.faults import Fault, fault

LEVELS: Final = tuple(SECRECY_RANKS)
SETTLED_STATES: Final = frozenset(
	{
		lifecycle.CLASSIFIED,
		lifecycle.FILED,
		lifecycle.UPDATING,
		lifecycle.SEALED,
		lifecycle.UNDER_APPRAISAL,
		lifecycle.DESTROYED,
	}
)
"""States that an archive reaches only after its confidentiality was approved."""


def is_approved(state: str, classification_step: bool) -> bool:
	"""Whether the company has approved the level: the archive has passed that step, or the company does not use it (V-07)."""
	return not classification_step or state in SETTLED_STATES


def secrecy_rank(confidentiality: str, is_approved: bool) -> int:
	"""1 Internal, 2 Ordinary Trade Secret, 3 Core Trade Secret and everything that is unclassified, unknown or not approved."""
	return SECRECY_RANKS.get(confidentiality, CORE) if is_approved else CORE


LONGEST_YEARS: Final = 100


def check_period(years: int, given: date | None, today: date) -> Fault | None:
	"""Return what is wrong with the period of a level; 0 years and no day mean for as long as the file is kept."""
	if not 0 <= years <= LONGEST_YEARS:
		return fault("period_years", "period-range", limit=LONGEST_YEARS)
	if years and given:
		return fault("confidential_until", "period-twice")
	if given and given < today:
		return fault("confidential_until", "past-date", value=given.isoformat())
	return None


def expires_on(years: int, given: date | None, approved_on: date) -> date | None:
	"""The last day of a level: the day given, or so many years from the approval; None without end. 29 February ends on 28 February."""
	if given or not years:
		return given
	try:
		return approved_on.replace(year=approved_on.year + years)
	except ValueError:
		return approved_on.replace(year=approved_on.year + years, day=28)


def has_expired(until: date | None, today: date) -> bool:
	"""Whether the last day has passed; the level stays in force all the same until it is decided anew."""
	return until is not None and until < today


LEAD_DAYS: Final = (30, 7, 0)
"""Customer service is reminded so many days before the last day of a level."""


def reminder_due(until: date, last_run: date | None, today: date) -> bool:
	"""Whether a run today reminds of a level's end: one of the days to remind fell after the last run, so that no day is lost and none told twice.
	The first run reminds of every level that ends within the longest lead or has ended.
	"""
	due = [until - timedelta(days=lead) for lead in LEAD_DAYS]
	return any((last_run is None or last_run < day) and day <= today for day in due)


GRADERS: Final = lifecycle.GRADERS
LONGEST_GRADE: Final = 20


def normal_grade(text: str | None) -> str:
	"""A grade as rules compare it: full-width letters made narrow, capitals, no spaces around it."""
	return unicodedata.normalize("NFKC", text or "").strip().upper()


# The classification request

REPORTED: Final = "Reported"
PROPOSED: Final = "Proposed"
APPROVED: Final = "Approved"
RETURNED: Final = "Sent Back"
STATES: Final = (REPORTED, PROPOSED, APPROVED, RETURNED)
PROPOSE: Final = "Propose"
APPROVE: Final = "Approve"
RETURN: Final = "Return for Correction"

PROPOSERS: Final = frozenset({roles.CUSTOMER_SERVICE_STAFF, roles.CUSTOMER_SERVICE_MANAGER})
"""Customer service proposes. Clause: 003 §4.1c."""
APPROVERS: Final = frozenset({roles.COMPANY_LEADER})


@dataclass(frozen=True)
class Row:
	"""One row of the request's table; `decides` marks the steps that keep out who reported or proposed."""

	action: str
	from_state: str
	to_state: str
	role: str
	decides: bool = False


TABLE: Final = (
	*(Row(PROPOSE, start, PROPOSED, role) for start in (REPORTED, RETURNED) for role in sorted(PROPOSERS)),
	*(Row(APPROVE, PROPOSED, APPROVED, role, True) for role in sorted(APPROVERS)),
	*(Row(RETURN, PROPOSED, RETURNED, role, True) for role in sorted(APPROVERS)),
)


@dataclass(frozen=True)
class Step:
	"""A wished change of a request's state, '' for a new one, by a user with these roles; `took_part`: he reported or proposed."""

	from_state: str
	to_state: str
	roles: frozenset[str]
	took_part: bool = False


def check_step(step: Step, table: Sequence[Row] = TABLE) -> Fault | None:
	"""Return why a step of a request is refused; a state that stays as it is is no step. `table` is the company's own, when it edited the workflow."""
	if not step.from_state:
		return None if step.to_state == REPORTED else fault("workflow_state", "request-start")
	if step.from_state == step.to_state:
		return None
	leaving = [row for row in table if row.from_state == step.from_state]
	if not leaving:
		return fault("workflow_state", "request-end")
	rows = [row for row in leaving if row.to_state == step.to_state]
	if not rows:
		ends = tuple(dict.fromkeys(row.to_state for row in leaving))
		return fault("workflow_state", "request-closed", from_state=step.from_state, next_states=ends)
	mine = [row for row in rows if row.role in step.roles]
	if not mine:
		needed = tuple(dict.fromkeys(row.role for row in rows))
		return fault("workflow_state", "state-role", action=rows[0].action, roles_needed=needed)
	if step.took_part and any(row.decides for row in rows):
		return fault("workflow_state", "request-self", action=mine[0].action)
	return None


def missing_for(values: Mapping[str, Any], from_state: str, to_state: str) -> tuple[Fault, ...]:
	"""What a request must say for a step: the proposal its level and opinion, the return its reason."""
	needed: tuple[str, ...] = ()
	if to_state in (PROPOSED, APPROVED):
		needed = ("proposed_level", "service_opinion")
	elif to_state == RETURNED and from_state != RETURNED:
		needed = ("leader_opinion",)
	return tuple(fault(name, "missing") for name in needed if not str(values.get(name) or "").strip())


REPORT_FIELDS: Final = frozenset({"reporting_department", "data_scope"})
PROPOSAL_FIELDS: Final = frozenset(
	{"proposed_level", "period_years", "confidential_until", "service_opinion", "need_to_know"}
)
DECISION_FIELDS: Final = frozenset({"leader_opinion"})


def open_fields(state: str, user_roles: frozenset[str], is_reporter: bool, table: Sequence[Row] = TABLE) -> frozenset[str]:
	"""The fields that a person may change in a state: the report by its author and customer service, the proposal by customer service, the
	leader's opinion by who decides, and nothing once it is decided.
	"""
	proposes = any(row.from_state == state and row.to_state == PROPOSED and row.role in user_roles for row in table)
	decides = any(row.from_state == state and row.decides and row.role in user_roles for row in table)
	allowed: frozenset[str] = frozenset()
	if state == REPORTED and (is_reporter or proposes):
		allowed |= REPORT_FIELDS
	if proposes:
		allowed |= PROPOSAL_FIELDS
	if decides:
		allowed |= DECISION_FIELDS
	return allowed
