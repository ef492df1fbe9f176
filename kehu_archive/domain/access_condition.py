"""The access rule as a condition over archives: what a list shows is what `domain.access.decide` allows.

Contract: `condition(user, rules, operation, ...)` is a boolean expression over an archive's columns, the need-to-know list and the grants, such that for every
archive `evaluate(condition, archive) == decide(user, archive, ...).allowed`. It is a disjunction with a branch for each way to stand in a relation and for
the grants (`branches`), so that a database can look each of them up by its own index. Negations stand at the leaves only, so that a missing value reads
as "does not hold" on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from kehu_archive.domain import access, lifecycle
from kehu_archive.domain.access import ArchiveFacts, Question, Rule, UserFacts


@dataclass(frozen=True)
class Constant:
	"""Always or never."""

	holds: bool


@dataclass(frozen=True)
class OneOf:
	"""The column's value is, or is not, one of these; an empty value is none of them."""

	column: str
	values: frozenset[str]
	negated: bool = False


@dataclass(frozen=True)
class Within:
	"""The secrecy rank lies, or does not lie, between two bounds, both included."""

	least: int
	most: int
	negated: bool = False


@dataclass(frozen=True)
class Flag:
	"""A check box of the archive."""

	column: str
	negated: bool = False


@dataclass(frozen=True)
class Named:
	"""The person stands on the need-to-know list."""

	negated: bool = False


@dataclass(frozen=True)
class Handled:
	"""The person took a step of the archive's life cycle today."""

	negated: bool = False


@dataclass(frozen=True)
class Granted:
	"""A grant for the operation and one of the purposes holds now."""

	operation: str
	purposes: frozenset[str]
	negated: bool = False


@dataclass(frozen=True)
class All:
	parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Any:
	parts: tuple[Condition, ...]


Leaf = OneOf | Within | Flag | Named | Handled | Granted
Listed = Named | Handled | Granted
Condition = Constant | OneOf | Within | Flag | Named | Handled | Granted | All | Any
ALWAYS: Final = Constant(True)
NEVER: Final = Constant(False)


def all_of(parts: Iterable[Condition]) -> Condition:
	"""Every part holds; constants and repetitions are worked in."""
	flat = dict.fromkeys(one for part in parts for one in (part.parts if isinstance(part, All) else (part,)) if one != ALWAYS)
	if NEVER in flat:
		return NEVER
	return next(iter(flat)) if len(flat) == 1 else All(tuple(flat)) if flat else ALWAYS


def any_of(parts: Iterable[Condition]) -> Condition:
	"""At least one part holds; constants and repetitions are worked in."""
	flat = dict.fromkeys(one for part in parts for one in (part.parts if isinstance(part, Any) else (part,)) if one != NEVER)
	if ALWAYS in flat:
		return ALWAYS
	return next(iter(flat)) if len(flat) == 1 else Any(tuple(flat)) if flat else NEVER


def opposite(condition: Condition) -> Condition:
	"""The condition that holds exactly where this one does not, its negations at the leaves."""
	if isinstance(condition, Constant):
		return Constant(not condition.holds)
	if isinstance(condition, All):
		return any_of(opposite(part) for part in condition.parts)
	if isinstance(condition, Any):
		return all_of(opposite(part) for part in condition.parts)
	return type(condition)(**{**condition.__dict__, "negated": not condition.negated})


def branches(
	user: UserFacts,
	rules: Sequence[Rule],
	operation: str,
	purpose: str = access.WORK_NEED,
	strategy: str = access.STRICTEST,
) -> tuple[Condition, ...]:
	"""The ways in which the operation is allowed, each led by what makes it one; empty when there is none."""
	if not user.has_pledged:
		return ()
	stands = relations(user)
	question = Question(operation, purpose, strategy)
	ways = [
		all_of((one, stands[name], _outcome(user, rules, question, name, access.ALLOWED)))
		for name, holds in _raw_relations(user).items()
		for one in (holds.parts if isinstance(holds, Any) else (holds,))
	]
	ways += _by_grant(user, rules, question, stands)
	return tuple(dict.fromkeys(way for way in ways if way != NEVER))


def condition(
	user: UserFacts,
	rules: Sequence[Rule],
	operation: str,
	purpose: str = access.WORK_NEED,
	strategy: str = access.STRICTEST,
) -> Condition:
	"""The whole condition: any of `branches`."""
	return any_of(branches(user, rules, operation, purpose, strategy))


def relations(user: UserFacts) -> dict[str, Condition]:
	"""For each relation the condition that a person stands in exactly this one; see `access.relation`."""
	closest: dict[str, Condition] = {}
	before: list[Condition] = []
	for name, holds in _raw_relations(user).items():
		closest[name] = all_of((holds, *(opposite(one) for one in before)))
		before.append(holds)
	return closest


def keeps(user: UserFacts) -> Condition:
	"""The archives that a person keeps or oversees."""
	raw = _raw_relations(user)
	return any_of((raw[access.KEEPER], raw[access.OVERSIGHT]))


def _raw_relations(user: UserFacts) -> dict[str, Condition]:
	return {
		access.KEEPER: any_of((_is("custodian", user.user), _one_of("archive_type", user.kept_types))),
		access.OVERSIGHT: Constant(user.oversees),
		access.STEP: any_of(
			(
				Handled() if user.step_states else NEVER,
				_one_of("workflow_state", user.step_states),
				all_of((_is("owner", user.user), _is("workflow_state", lifecycle.DRAFT))),
			)
		),
		access.RESPONSIBLE: any_of(
			(
				_is("responsible", user.user),
				all_of((_is("owner", user.user), OneOf("workflow_state", access.BEFORE_FILING))),
			)
		),
		access.NAMED: Named(),
		access.OWN_DEPARTMENT: _one_of("department", user.departments),
		access.OTHER_DEPARTMENT: ALWAYS,
	}


def _is(column: str, value: str) -> Condition:
	return _one_of(column, frozenset({value}))


def _one_of(column: str, values: frozenset[str]) -> Condition:
	asked = values - {""}
	return OneOf(column, asked) if asked else NEVER


def _outcome(user: UserFacts, rules: Sequence[Rule], question: Question, stands: str, outcome: str) -> Condition:
	"""Where the rules for one relation come to one outcome."""
	asked = [
		rule
		for rule in access.in_order(rules)
		if stands in rule.relations and access.asks_user(rule, user, question)
	]
	forbidden = any_of(
		_of_archive(rule) for rule in asked if rule.outcome == access.RESTRICTS and access.forbids(rule, question.operation)
	)
	decided = _decided([rule for rule in asked if rule.outcome != access.RESTRICTS], question, outcome)
	if outcome == access.REFUSED:
		return any_of((decided, forbidden))
	return all_of((decided, opposite(forbidden)))


def _decided(rules: Sequence[Rule], question: Question, outcome: str) -> Condition:
	"""Where the rules that decide, in their order, come to one outcome."""
	asked = [(access.outcome_of(rule, question.operation), _of_archive(rule)) for rule in rules]
	if question.strategy == access.FIRST:
		return any_of(
			all_of((matches, *(opposite(earlier) for _, earlier in asked[:place])))
			for place, (found, matches) in enumerate(asked)
			if found == outcome
		)
	stricter = [m for found, m in asked if access.STRICTNESS[found] > access.STRICTNESS[outcome]]
	return all_of((any_of(m for found, m in asked if found == outcome), opposite(any_of(stricter))))


def _by_grant(
	user: UserFacts, rules: Sequence[Rule], question: Question, stands: dict[str, Condition]
) -> list[Condition]:
	"""A grant for a purpose, where no rule refuses that purpose; purposes that are refused alike go together."""
	alike: dict[Condition, set[str]] = {}
	for purpose in access.PURPOSES:
		asked = Question(question.operation, purpose, question.strategy)
		refused = any_of(all_of((stands[name], _outcome(user, rules, asked, name, access.REFUSED))) for name in access.RELATIONS)
		alike.setdefault(refused, set()).add(purpose)
	return [
		all_of((Granted(question.operation, frozenset(purposes)), opposite(refused))) for refused, purposes in alike.items()
	]


def _of_archive(rule: Rule) -> Condition:
	"""What a rule says about the archive; see `access.asks_archive`."""
	parts: list[Condition] = []
	if rule.archive_types is not None:
		parts.append(OneOf("archive_type", rule.archive_types) if rule.archive_types else NEVER)
	if rule.grade_scheme:
		parts.append(_is("access_scheme", rule.grade_scheme))
	if rule.grade:
		parts.append(_is("access_grade", rule.grade))
	if (rule.secrecy_from, rule.secrecy_to) != (access.INTERNAL, access.CORE):
		parts.append(Within(rule.secrecy_from, rule.secrecy_to))
	if rule.important_only:
		parts.append(Flag("is_important"))
	if rule.sealed_only:
		parts.append(_is("workflow_state", lifecycle.SEALED))
	return all_of(parts)


def evaluate(condition: Condition, archive: ArchiveFacts) -> bool:
	"""Whether a condition holds for an archive."""
	if isinstance(condition, Constant):
		return condition.holds
	if isinstance(condition, All):
		return all(evaluate(part, archive) for part in condition.parts)
	if isinstance(condition, Any):
		return any(evaluate(part, archive) for part in condition.parts)
	return _leaf(condition, archive) != condition.negated


def _leaf(leaf: Leaf, archive: ArchiveFacts) -> bool:
	if isinstance(leaf, OneOf):
		return getattr(archive, leaf.column) in leaf.values
	if isinstance(leaf, Within):
		return leaf.least <= archive.secrecy_rank <= leaf.most
	if isinstance(leaf, Flag):
		return bool(getattr(archive, leaf.column))
	if isinstance(leaf, Named):
		return archive.is_named
	if isinstance(leaf, Handled):
		return archive.has_handled
	return any((leaf.operation, purpose) in archive.grants for purpose in leaf.purposes)
