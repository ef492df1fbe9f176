"""Violations: what a penalty may be, what must be found before it counts, and who decides it.

Contract: a penalty is a proposal until the General Manager or a Company Leader confirms it; neither the person concerned nor the proposer decides. Amounts in
CNY. A leak is pursued according to the loss: it needs the loss and a finding on liability before it is confirmed.
Clause: R-PEN-01 (50 to 500 yuan), R-PEN-02 (replacement the same day), R-PEN-04, R-PEN-05, V-10.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kehu_archive.domain import roles
from kehu_archive.domain.faults import Fault, fault

LOST_FILE: Final = "Lost File"
DAMAGED_FILE: Final = "Damaged File"
MISSING_FILE: Final = "Missing File"
LEAK: Final = "Leak"
UNAUTHORISED: Final = "Unauthorised Access"
OVERDUE_RETURN: Final = "Overdue Return"
KINDS: Final = (
	LOST_FILE,
	DAMAGED_FILE,
	MISSING_FILE,
	LEAK,
	UNAUTHORISED,
	OVERDUE_RETURN,
	"Delay",
	"Complaint Liability",
)
FILE_KINDS: Final = frozenset({LOST_FILE, DAMAGED_FILE, MISSING_FILE})
"""Something of a file is gone: it must be replaced at once."""

FIXED: Final = "Fixed Range"
SHARE: Final = "Share of Loss"
REGULATION: Final = "Regulation"

PROPOSED: Final = "Proposed"
CONFIRMED: Final = "Confirmed"
APPEALED: Final = "Appealed"
CLOSED: Final = "Closed"
DROPPED: Final = "Dropped"
STATES: Final = (PROPOSED, CONFIRMED, APPEALED, CLOSED, DROPPED)

CONFIRM: Final = "confirm"
APPEAL: Final = "appeal"
CLOSE: Final = "close"
DROP: Final = "drop"
REPLACE: Final = "replace"
DECIDERS: Final = frozenset({roles.GENERAL_MANAGER, roles.COMPANY_LEADER})

_STATES: Final = {
	CONFIRM: frozenset({PROPOSED}),
	APPEAL: frozenset({CONFIRMED}),
	CLOSE: frozenset({CONFIRMED, APPEALED}),
	DROP: frozenset({PROPOSED, APPEALED}),
	REPLACE: frozenset({PROPOSED, CONFIRMED, APPEALED, CLOSED}),
}
ACTIONS: Final = tuple(_STATES)


@dataclass(frozen=True)
class Case:
	"""What is asked about a violation; `needs_file` tells that a replacement is still due."""

	status: str
	person: str
	proposed_by: str = ""
	kind: str = LOST_FILE
	is_replaced: bool = False


@dataclass(frozen=True)
class Actor:
	"""Who acts; `keeps` tells whether he is one of those who keep the archive."""

	user: str
	roles: frozenset[str] = frozenset()
	keeps: bool = False


def usual_basis(kind: str) -> str:
	"""What the penalty of a kind is measured by unless something else is said. Clause: V-10."""
	if kind in FILE_KINDS:
		return FIXED
	return SHARE if kind in ("Delay", "Complaint Liability") else REGULATION


def kind_of_return(condition: str, pages_lent: int, pages_returned: int) -> str | None:
	"""The violation that a return shows, None when all is there."""
	if condition == "Lost":
		return LOST_FILE
	if condition == "Damaged":
		return DAMAGED_FILE
	return MISSING_FILE if pages_returned < pages_lent else None


def check_amount(basis: str, amount: float, least: float, most: float) -> Fault | None:
	"""Refuse a penalty outside the range of its regulation; other bases know no range, only no negative amount."""
	if amount < 0:
		return fault("penalty_amount", "negative")
	if basis == FIXED and not least <= amount <= most:
		return fault("penalty_amount", "fine-range", least=_plain(least), most=_plain(most))
	return None


def missing_for_confirmation(values: Mapping[str, Any]) -> Iterable[Fault]:
	"""What a proposal must say before it can be confirmed."""
	wanted = ["penalty_basis", "facts"]
	if values.get("violation_kind") == LEAK:
		wanted += ["loss_amount", "liability", "policy_document"]
	if values.get("penalty_basis") == REGULATION and "policy_document" not in wanted:
		wanted.append("policy_document")
	for name in wanted:
		value = values.get(name)
		if value in (None, "", 0) or not str(value).strip():
			yield fault(name, "missing")


def refusal(action: str, case: Case, actor: Actor) -> Fault | None:
	"""Why this person may not take a step now; None when he may. An unknown action is a programming error (KeyError)."""
	if case.status not in _STATES[action]:
		return fault("status", "violation-state", state=case.status)
	if action == APPEAL:
		return None if actor.user == case.person else fault("person", "violation-appeal")
	if action == REPLACE:
		return _replace_refusal(case, actor)
	if actor.user == case.person:
		return fault("person", "violation-person")
	if not actor.roles & DECIDERS:
		return fault("status", "violation-decider")
	return fault("proposed_by", "violation-proposer") if actor.user == case.proposed_by else None


def _replace_refusal(case: Case, actor: Actor) -> Fault | None:
	if case.kind not in FILE_KINDS:
		return fault("replaced_on", "violation-no-file")
	if case.is_replaced:
		return fault("replaced_on", "violation-replaced")
	return None if actor.keeps and actor.user != case.person else fault("replaced_by", "violation-keeper")


def allowed(case: Case, actor: Actor) -> tuple[str, ...]:
	"""The steps that this person may take now."""
	return tuple(action for action in ACTIONS if refusal(action, case, actor) is None)


def _plain(amount: float) -> str:
	return f"{amount:g}"
