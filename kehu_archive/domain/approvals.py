"""A chain of approvals: whose turn it is, who may decide, and what the decisions so far come to.

Contract: a chain is a tuple of `Step`, each for a role or for one person, decided in turn or jointly. Whoever asks never decides, whatever roles he has.
One person decides at most one step, unless a further step names him alone. One refusal ends the chain.
Clause: V-01, R-ACC-04, R-ACC-15, R-OUT-01 (two persons sign).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from kehu_archive.domain.faults import Fault, fault

IN_TURN: Final = "In Turn"
JOINT: Final = "Joint"
AGREED: Final = "Agreed"
DECLINED: Final = "Declined"
OPEN: Final = "Open"


@dataclass(frozen=True)
class Step:
	"""One approval: `user` when one person is named, else anybody with `role`. `decision` is empty while it is open."""

	number: int
	role: str = ""
	user: str = ""
	decision: str = ""
	decided_by: str = ""

	@property
	def is_open(self) -> bool:
		"""Nobody has decided it yet."""
		return not self.decision


@dataclass(frozen=True)
class Person:
	"""Who wants to decide."""

	user: str
	roles: frozenset[str] = frozenset()


def outcome(steps: Sequence[Step]) -> str:
	"""Agreed when every step is agreed (also when there is none), Declined after one refusal, else Open."""
	if any(step.decision == DECLINED for step in steps):
		return DECLINED
	return OPEN if any(step.is_open for step in steps) else AGREED


def awaited(steps: Sequence[Step], mode: str) -> tuple[Step, ...]:
	"""The steps that can be decided now: the next one in turn, or every open one."""
	if outcome(steps) != OPEN:
		return ()
	waiting = tuple(sorted((step for step in steps if step.is_open), key=lambda step: step.number))
	return waiting if mode == JOINT else waiting[:1]


def step_for(steps: Sequence[Step], mode: str, person: Person, requester: str) -> Step | None:
	"""The step that this person may decide now, the one that names him first; None when there is none."""
	if person.user == requester:
		return None
	mine = [step for step in awaited(steps, mode) if _fits(step, person) and _is_free(step, steps, person)]
	return min(mine, key=lambda step: (not step.user, step.number), default=None)


def refusal(steps: Sequence[Step], mode: str, person: Person, requester: str) -> Fault | None:
	"""Why this person decides nothing now; None when he may."""
	if person.user == requester:
		return fault("approvals", "approve-own")
	if step_for(steps, mode, person, requester):
		return None
	result = outcome(steps)
	if result != OPEN:
		return fault("approvals", "approve-over")
	if any(step.decided_by == person.user for step in steps if not step.is_open):
		return fault("approvals", "approve-twice")
	if any(_fits(step, person) for step in steps if step.is_open):
		return fault("approvals", "approve-turn")
	return fault("approvals", "approve-others")


def candidates(steps: Sequence[Step], mode: str, people: Iterable[Person], requester: str) -> frozenset[str]:
	"""Those of the people who may decide now."""
	return frozenset(person.user for person in people if step_for(steps, mode, person, requester))


def _fits(step: Step, person: Person) -> bool:
	if step.user:
		return step.user == person.user
	return bool(person.user and step.role) and step.role in person.roles


def _is_free(step: Step, steps: Sequence[Step], person: Person) -> bool:
	return bool(step.user) or all(other.decided_by != person.user for other in steps)
