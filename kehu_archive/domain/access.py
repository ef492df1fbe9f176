"""Who may do what with an archive: one decision from the rules that the company has written down.

Contract: `decide` is the whole rule. Facts go in, a `Decision` comes out; nothing is loaded here and nothing is remembered. The list's SQL condition
is built from the same rules by `domain.access_condition` and means the same for `READ`; a property test holds the two together.

How the rules are read:

- A person stands in exactly one relation to an archive, the closest one that holds (`RELATIONS`, closest first).
- A rule matches when everything it names holds. An empty condition names nothing.
- Strictest wins (the default): of all matching rules the strictest outcome counts, the restrictions of all of them add up, and every approver of every
  rule that asks for approval is needed. So a further matching rule never opens what another one decides. First by priority: only the first of the
  rules that decide counts.
- A rule that only restricts decides nothing: it opens nothing by itself, and its restrictions are added whatever the strategy.
- Taking out what must not leave the office, and copying what must not be copied, is refused.
- No matching rule means refused. Without a signed pledge nothing is open.
- A grant, which an approved request has created, opens what needs approval; it never opens what a rule refuses.
- An archive whose confidentiality is not approved counts as the strictest (`secrecy_rank` 3).

Clause: V-01, R-ACC-15, R-SEC-03, R-SEC-05, R-SEC-08, R-SEC-09, R-ROL-05 (nobody is exempt).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kehu_archive.domain import lifecycle
from kehu_archive.domain.access_terms import (
	ALLOWED,
	APPROVAL,
	BEFORE_FILING,
	BORROW,
	COPY,
	CORE,
	DISCLOSE,
	EXPORT,
	FIND,
	FIRST,
	IN_TURN,
	INTERNAL,
	JOINT,
	KEEPER,
	KEEPER_ROLES,
	NAMED,
	OPERATIONS,
	ORDINARY,
	OTHER,
	OTHER_DEPARTMENT,
	OVERSIGHT,
	OVERSIGHT_ROLES,
	OWN_DEPARTMENT,
	PRINT,
	PURPOSES,
	READ,
	REFUSED,
	RELATIONS,
	RESPONSIBLE,
	RESTRICTS,
	RETURN_VISIT,
	SECRECY_RANKS,
	STEP,
	STRICTEST,
	STRICTNESS,
	TAKE_OUT,
	WORK_NEED,
	Approver,
	ArchiveFacts,
	Decision,
	Rule,
	UserFacts,
)

__all__ = [
	"ALLOWED",
	"APPROVAL",
	"BEFORE_FILING",
	"BORROW",
	"COPY",
	"CORE",
	"DISCLOSE",
	"EXPORT",
	"FIND",
	"FIRST",
	"INTERNAL",
	"IN_TURN",
	"JOINT",
	"KEEPER",
	"KEEPER_ROLES",
	"NAMED",
	"OPERATIONS",
	"ORDINARY",
	"OTHER",
	"OTHER_DEPARTMENT",
	"OVERSIGHT",
	"OVERSIGHT_ROLES",
	"OWN_DEPARTMENT",
	"PRINT",
	"PURPOSES",
	"READ",
	"REFUSED",
	"RELATIONS",
	"RESPONSIBLE",
	"RESTRICTS",
	"RETURN_VISIT",
	"SECRECY_RANKS",
	"STEP",
	"STRICTEST",
	"STRICTNESS",
	"TAKE_OUT",
	"WORK_NEED",
	"Approver",
	"ArchiveFacts",
	"Decision",
	"Question",
	"Rule",
	"UserFacts",
	"asks_archive",
	"asks_user",
	"decide",
	"in_order",
	"matching",
	"relation",
]


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
		STEP: (archive.has_handled and bool(user.step_states))
		or archive.workflow_state in user.step_states
		or (user.user == archive.owner and archive.workflow_state == lifecycle.DRAFT),
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
	"""The rules that count, in the order of priority and name: all that match; of those that decide only the first where the strategy says so."""
	stands = relation(user, archive)
	found = [
		rule
		for rule in in_order(rules)
		if stands in rule.relations and asks_user(rule, user, question) and asks_archive(rule, archive)
	]
	if question.strategy != FIRST:
		return tuple(found)
	first = next((rule for rule in found if rule.outcome != RESTRICTS), None)
	return tuple(rule for rule in found if rule is first or rule.outcome == RESTRICTS)


def forbids(rule: Rule, operation: str) -> bool:
	"""Whether a rule refuses an operation, by its outcome or by a restriction that leaves nothing of it."""
	return (
		rule.outcome == REFUSED
		or (operation == TAKE_OUT and rule.no_leaving)
		or (operation == COPY and rule.no_copies)
	)


def outcome_of(rule: Rule, operation: str) -> str:
	"""What a rule says about an operation."""
	return REFUSED if forbids(rule, operation) else rule.outcome


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
	decision = _combined(found, relation(user, archive), operation)
	if not decision.allowed and _granted(user, archive, rules, question):
		return Decision(**{**decision.__dict__, "allowed": True, "outcome": ALLOWED, "reason": "grant"})
	return decision


def _granted(user: UserFacts, archive: ArchiveFacts, rules: Sequence[Rule], question: Question) -> bool:
	"""Whether a grant opens it: one for a purpose that no rule refuses."""
	return any(
		not any(
			forbids(rule, question.operation)
			for rule in matching(user, archive, rules, Question(question.operation, purpose, question.strategy))
		)
		for operation, purpose in archive.grants
		if operation == question.operation
	)


def _combined(found: tuple[Rule, ...], stands: str, operation: str) -> Decision:
	deciding = [one for one in (outcome_of(rule, operation) for rule in found) if one != RESTRICTS]
	if not deciding:
		return Decision(False, REFUSED, "no-rule", stands, may_leave=False, may_copy=False, may_renew=False)
	outcome = max(deciding, key=STRICTNESS.__getitem__)
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
