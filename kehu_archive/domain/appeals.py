"""Grade appeals: a person asks that a customer gets another grade than the rules give, and somebody else decides.

Contract: pure functions on plain values. An appeal runs Draft → Submitted → Approved or Rejected; `check_step` is its decision table. Who applied never
decides. A manual grade always ends: at the latest `MOST_YEARS` after it began. Clause: R-GRD-18 (form 等级变更单).
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from kehu_archive.domain import roles
from kehu_archive.domain.faults import Fault, fault

DRAFT: Final = "Draft"
SUBMITTED: Final = "Submitted"
APPROVED: Final = "Approved"
REJECTED: Final = "Rejected"
STATES: Final = (DRAFT, SUBMITTED, APPROVED, REJECTED)
SUBMIT: Final = "Submit for Approval"
APPROVE: Final = "Approve"
REJECT: Final = "Reject"
ACTIONS: Final = {(DRAFT, SUBMITTED): SUBMIT, (SUBMITTED, APPROVED): APPROVE, (SUBMITTED, REJECTED): REJECT}
ALWAYS_DECIDES: Final = roles.GENERAL_MANAGER

MOST_YEARS: Final = 3
_TWELVE: Final = 12
ASKED: Final = frozenset({"wanted_grade", "reason", "evidence", "effective_from", "expires_on"})
"""What the applicant says, until he hands it in."""
OPINION: Final = frozenset({"opinion"})


@dataclass(frozen=True)
class Step:
	"""A wished change of state, '' for a new appeal, by a person. `decides`: he has the scheme's role, or is the General Manager."""

	from_state: str
	to_state: str
	is_applicant: bool
	decides: bool
	deciders: tuple[str, ...] = ()


def check_step(step: Step) -> Fault | None:
	"""Return why a step is refused; a state that stays as it is is no step."""
	if not step.from_state:
		return None if step.to_state == DRAFT else fault("workflow_state", "appeal-start")
	if step.from_state == step.to_state:
		return None
	action = ACTIONS.get((step.from_state, step.to_state))
	if not action:
		if step.from_state in (APPROVED, REJECTED):
			return fault("workflow_state", "appeal-end")
		return fault("workflow_state", "appeal-closed", from_state=step.from_state)
	if action == SUBMIT:
		return None if step.is_applicant else fault("workflow_state", "appeal-others", action=action)
	if step.is_applicant:
		return fault("workflow_state", "appeal-self", action=action)
	return None if step.decides else fault("workflow_state", "state-role", action=action, roles_needed=step.deciders)


def locked(changed: Collection[str], state: str, is_applicant: bool, decides: bool) -> Fault | None:
	"""Return which changed field may not be changed in a state by this person: what is asked by the applicant in a draft, the opinion by who decides."""
	allowed: frozenset[str] = frozenset()
	if state == DRAFT and is_applicant:
		allowed = ASKED
	elif state == SUBMITTED and decides and not is_applicant:
		allowed = OPINION
	refused = sorted((ASKED | OPINION) & set(changed) - allowed)
	return fault(refused[0], "request-field", state=state) if refused else None


def check_content(values: Mapping[str, Any], grades: Collection[str], present: str, today: date) -> list[Fault]:
	"""What is wrong with what is asked. `grades` are the codes of the version in force, `present` the customer's grade now."""
	found = [fault(name, "missing") for name in ("wanted_grade", "reason") if not str(values.get(name) or "").strip()]
	wanted = str(values.get("wanted_grade") or "").strip()
	if wanted and wanted not in grades:
		found.append(fault("wanted_grade", "appeal-grade", grade=wanted, grades=tuple(grades)))
	elif wanted and wanted == present:
		found.append(fault("wanted_grade", "appeal-same", grade=wanted))
	return found + _days(values.get("effective_from"), values.get("expires_on"), today)


def _days(begins: date | None, ends: date | None, today: date) -> list[Fault]:
	if begins and begins < today:
		return [fault("effective_from", "past-date", value=begins.isoformat())]
	if not ends:
		return []
	if ends < today:
		return [fault("expires_on", "past-date", value=ends.isoformat())]
	start = begins or today
	if ends < start:
		return [fault("expires_on", "date-order", start=start.isoformat(), end=ends.isoformat())]
	latest = add_months(start, _TWELVE * MOST_YEARS)
	return [fault("expires_on", "appeal-too-long", limit=MOST_YEARS, latest=latest.isoformat())] if ends > latest else []


def last_day(begins: date, wished: date | None, months: int) -> date:
	"""The last day of a manual grade: as wished, or so many months after it begins; never later than `MOST_YEARS` after."""
	latest = add_months(begins, _TWELVE * MOST_YEARS)
	return min(wished or add_months(begins, months if months > 0 else _TWELVE), latest)


def add_months(day: date, months: int) -> date:
	"""The same day so many months later; the last day of a month that is too short."""
	year, month = divmod(day.year * _TWELVE + day.month - 1 + months, _TWELVE)
	return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
