"""Who may do what with an archive: one decision from the rules that the company has written down.

Contract: `decide` is the whole rule. Facts go in, a `Decision` comes out; nothing is loaded here and nothing is remembered. The list's SQL condition
is built from the same rules by `domain.access_condition` and means the same for `READ`; a property test holds the two together.

How the rules are read:

- A person stands in exactly one relation to an archive, the closest one that holds (`RELATIONS`, closest first).
- A rule matches when everything it names holds. An empty condition names nothing.
- Strictest wins (the default): of all matching rules the strictest outcome counts, the restrictions of all of them add up, and every approver of every
  rule that asks for approval is needed. So a further matching rule never opens anything. First by priority: only the first matching rule counts.
- No matching rule means refused. Without a signed pledge nothing is open.
- A grant, which an approved request has created, opens what needs approval; it never opens what a rule refuses.
- An archive whose confidentiality is not approved counts as the strictest (`secrecy_rank` 3).

Clause: V-01, R-ACC-15, R-SEC-03, R-SEC-05, R-SEC-08, R-SEC-09, R-ROL-05 (nobody is exempt).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from kehu_archive.domain import lifecycle, roles

FIND: Final = "find"
READ: Final = "read"
COPY: Final = "copy"
BORROW: Final = "borrow"
TAKE_OUT: Final = "take_out"
DISCLOSE: Final = "disclose"
PRINT: Final = "print"
EXPORT: Final = "export"
OPERATIONS: Final = (FIND, READ, COPY, BORROW, TAKE_OUT, DISCLOSE, PRINT, EXPORT)

RETURN_VISIT: Final = "Return Visit"
WORK_NEED: Final = "Work Need"
OTHER: Final = "Other"
PURPOSES: Final = (RETURN_VISIT, WORK_NEED, OTHER)

KEEPER: Final = "keeper"
OVERSIGHT: Final = "oversight"
STEP: Final = "step"
RESPONSIBLE: Final = "responsible"
NAMED: Final = "named"
OWN_DEPARTMENT: Final = "own_department"
OTHER_DEPARTMENT: Final = "other_department"
RELATIONS: Final = (KEEPER, OVERSIGHT, STEP, RESPONSIBLE, NAMED, OWN_DEPARTMENT, OTHER_DEPARTMENT)
"""Closest first."""

ALLOWED: Final = "Allowed"
APPROVAL: Final = "Approval"
REFUSED: Final = "Refused"
STRICTNESS: Final = {ALLOWED: 0, APPROVAL: 1, REFUSED: 2}

STRICTEST: Final = "Strictest Wins"
FIRST: Final = "First by Priority"
IN_TURN: Final = "In Turn"
JOINT: Final = "Joint"

INTERNAL: Final = 1
ORDINARY: Final = 2
CORE: Final = 3
SECRECY_RANKS: Final = {"Internal": INTERNAL, "Ordinary Trade Secret": ORDINARY, "Core Trade Secret": CORE}

KEEPER_ROLES: Final = frozenset(
	{roles.CUSTOMER_SERVICE_STAFF, roles.CUSTOMER_SERVICE_MANAGER, roles.ARCHIVIST, roles.ARCHIVE_ADMINISTRATOR}
)
"""Who keeps archives of a type that names no role of its own. Clause: V-06, R-ARC-16."""
OVERSIGHT_ROLES: Final = frozenset({roles.GENERAL_MANAGER, roles.COMPANY_LEADER, roles.ARCHIVE_AUDITOR})
BEFORE_FILING: Final = frozenset({lifecycle.DRAFT, lifecycle.SUBMITTED, lifecycle.VERIFIED, lifecycle.CLASSIFIED})
"""States in which who entered an archive still stands by it."""


@dataclass(frozen=True)
class UserFacts:
	"""What the rules ask about a person.

	`departments` are his own and all below those he heads; `rank` is his position level's, 0 when he has none; `kept_types` are the archive types that
	he keeps; `step_states` are the life-cycle states in which the next step is his; `is_inside` tells whether he asks from the office network.
	"""

	user: str
	roles: frozenset[str] = frozenset()
	departments: frozenset[str] = frozenset()
	rank: int = 0
	kept_types: frozenset[str] = frozenset()
	oversees: bool = False
	step_states: frozenset[str] = frozenset()
	is_inside: bool = True
	has_pledged: bool = True


@dataclass(frozen=True)
class ArchiveFacts:
	"""What the rules ask about an archive, and what was settled between it and the person: the need-to-know list and the grants that hold now."""

	name: str
	archive_type: str = ""
	department: str = ""
	responsible: str = ""
	custodian: str = ""
	owner: str = ""
	workflow_state: str = ""
	secrecy_rank: int = CORE
	access_scheme: str = ""
	access_grade: str = ""
	is_important: bool = False
	is_named: bool = False
	grants: frozenset[tuple[str, str]] = frozenset()
	"""(operation, purpose) of every grant that holds at this moment."""


@dataclass(frozen=True)
class Approver:
	"""Who has to approve: a role, a user, a department's head or the custodian."""

	kind: str
	role: str = ""
	user: str = ""


@dataclass(frozen=True)
class Rule:
	"""One row of the company's access rules; empty strings and None ask nothing. `archive_types` None means every type."""

	name: str
	outcome: str
	operations: frozenset[str]
	relations: frozenset[str]
	purposes: frozenset[str] = frozenset(PURPOSES)
	priority: int = 100
	basis: str = ""
	archive_types: frozenset[str] | None = None
	grade_scheme: str = ""
	grade: str = ""
	secrecy_from: int = INTERNAL
	secrecy_to: int = CORE
	important_only: bool = False
	sealed_only: bool = False
	role: str = ""
	department: str = ""
	level_from: int | None = None
	level_below: int | None = None
	outside_network: bool = False
	mode: str = IN_TURN
	approvers: tuple[Approver, ...] = ()
	longest_days: int = 0
	same_day: bool = False
	no_leaving: bool = False
	no_copies: bool = False
	no_renewal: bool = False
	needs_consent: bool = False
	needs_hand_over: bool = False


@dataclass(frozen=True)
class Decision:
	"""The answer. `reason` is "rule", "grant", "no-rule" or "pledge"; `rules` names what matched, `clause` their basis; `longest_days` 0 is no limit."""

	allowed: bool
	outcome: str
	reason: str
	relation: str = ""
	rules: tuple[str, ...] = ()
	clause: str = ""
	approvers: tuple[Approver, ...] = ()
	mode: str = IN_TURN
	longest_days: int = 0
	same_day: bool = False
	may_leave: bool = True
	may_copy: bool = True
	may_renew: bool = True
	needs_consent: bool = False
	needs_hand_over: bool = False

	@property
	def may_ask(self) -> bool:
		"""Whether a request makes sense: the answer is not a refusal."""
		return self.outcome != REFUSED


@dataclass(frozen=True)
class Question:
	"""What is asked: an operation for a purpose."""

	operation: str
	purpose: str = WORK_NEED
	strategy: str = field(default=STRICTEST)


def relation(user: UserFacts, archive: ArchiveFacts) -> str:
	"""The closest relation that holds between a person and an archive."""
	holds = {
		KEEPER: user.user == archive.custodian or archive.archive_type in user.kept_types,
		OVERSIGHT: user.oversees,
		STEP: archive.workflow_state in user.step_states,
		RESPONSIBLE: user.user == archive.responsible
		or (user.user == archive.owner and archive.workflow_state in BEFORE_FILING),
		NAMED: archive.is_named,
		OWN_DEPARTMENT: bool(archive.department) and archive.department in user.departments,
	}
	return next((name for name in RELATIONS if holds.get(name)), OTHER_DEPARTMENT)


def asks_user(rule: Rule, user: UserFacts, question: Question) -> bool:
	"""Whether what a rule says about the requester, the operation and the purpose holds."""
	return (
		question.operation in rule.operations
		and question.purpose in rule.purposes
		and (not rule.role or rule.role in user.roles)
		and (not rule.department or rule.department in user.departments)
		and (rule.level_from is None or user.rank >= rule.level_from)
		and (rule.level_below is None or user.rank < rule.level_below)
		and not (rule.outside_network and user.is_inside)
	)


def asks_archive(rule: Rule, archive: ArchiveFacts) -> bool:
	"""Whether what a rule says about the archive itself holds."""
	return (
		(rule.archive_types is None or archive.archive_type in rule.archive_types)
		and (not rule.grade_scheme or rule.grade_scheme == archive.access_scheme)
		and (not rule.grade or rule.grade == archive.access_grade)
		and rule.secrecy_from <= archive.secrecy_rank <= rule.secrecy_to
		and (archive.is_important or not rule.important_only)
		and (archive.workflow_state == lifecycle.SEALED or not rule.sealed_only)
	)


def matching(user: UserFacts, archive: ArchiveFacts, rules: Iterable[Rule], question: Question) -> tuple[Rule, ...]:
	"""The rules that count, in the order of priority and name: all that match, or the first of them where the strategy says so."""
	stands = relation(user, archive)
	found = [
		rule
		for rule in in_order(rules)
		if stands in rule.relations and asks_user(rule, user, question) and asks_archive(rule, archive)
	]
	return tuple(found[:1] if question.strategy == FIRST else found)


def in_order(rules: Iterable[Rule]) -> list[Rule]:
	"""Rules by priority, then by name."""
	return sorted(rules, key=lambda rule: (rule.priority, rule.name))


def decide(
	user: UserFacts,
	archive: ArchiveFacts,
	rules: Sequence[Rule],
	operation: str,
	purpose: str = WORK_NEED,
	strategy: str = STRICTEST,
) -> Decision:
	"""Decide one operation on one archive for one person; see the module for how rules are read. Never raises."""
	question = Question(operation, purpose, strategy)
	if not user.has_pledged:
		return Decision(False, REFUSED, "pledge", relation(user, archive), may_leave=False, may_copy=False, may_renew=False)
	found = matching(user, archive, rules, question)
	decision = _combined(found, relation(user, archive))
	if not decision.allowed and _granted(user, archive, rules, question):
		return Decision(**{**decision.__dict__, "allowed": True, "outcome": ALLOWED, "reason": "grant"})
	return decision


def _granted(user: UserFacts, archive: ArchiveFacts, rules: Sequence[Rule], question: Question) -> bool:
	"""Whether a grant opens it: one for a purpose that no rule refuses."""
	return any(
		not any(
			rule.outcome == REFUSED
			for rule in matching(user, archive, rules, Question(question.operation, purpose, question.strategy))
		)
		for operation, purpose in archive.grants
		if operation == question.operation
	)


def _combined(found: tuple[Rule, ...], stands: str) -> Decision:
	if not found:
		return Decision(False, REFUSED, "no-rule", stands, may_leave=False, may_copy=False, may_renew=False)
	outcome = max((rule.outcome for rule in found), key=STRICTNESS.__getitem__)
	asking = [rule for rule in found if rule.outcome == APPROVAL]
	modes = {rule.mode for rule in asking}
	limits = [rule.longest_days for rule in found if rule.longest_days > 0]
	return Decision(
		allowed=outcome == ALLOWED,
		outcome=outcome,
		reason="rule",
		relation=stands,
		rules=tuple(rule.name for rule in found),
		clause="; ".join(dict.fromkeys(rule.basis for rule in found if rule.basis)),
		approvers=tuple(dict.fromkeys(one for rule in asking for one in rule.approvers)) if outcome == APPROVAL else (),
		mode=JOINT if modes == {JOINT} else IN_TURN,
		longest_days=min(limits, default=0),
		same_day=any(rule.same_day for rule in found),
		may_leave=not any(rule.no_leaving for rule in found),
		may_copy=not any(rule.no_copies for rule in found),
		may_renew=not any(rule.no_renewal for rule in found),
		needs_consent=any(rule.needs_consent for rule in found),
		needs_hand_over=any(rule.needs_hand_over for rule in found),
	)
