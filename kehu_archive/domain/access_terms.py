"""The words of the access rule: operations, purposes, relations, and the facts, rules and decisions that `domain.access` speaks of."""

from __future__ import annotations

from dataclasses import dataclass
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
RESTRICTS: Final = "Restriction Only"
STRICTNESS: Final = {ALLOWED: 0, APPROVAL: 1, REFUSED: 2}
"""The outcomes that decide."""

STRICTEST: Final = "Strictest Wins"
FIRST: Final = "First by Priority"
IN_TURN: Final = "In Turn"
JOINT: Final = "Joint"

# The kinds of an `Approver`, as the form of an access rule names them.
ROLE: Final = "Role"
REQUESTERS_HEAD: Final = "Requester's Department Head"
ARCHIVES_HEAD: Final = "Archive's Department Head"
CUSTODIAN: Final = "Custodian"
USER: Final = "User"

INTERNAL: Final = 1
ORDINARY: Final = 2
CORE: Final = 3
SECRECY_RANKS: Final = {"Internal": INTERNAL, "Ordinary Trade Secret": ORDINARY, "Core Trade Secret": CORE}

KEEPER_ROLES: Final = frozenset(
	{roles.CUSTOMER_SERVICE_STAFF, roles.CUSTOMER_SERVICE_MANAGER, roles.ARCHIVIST, roles.ARCHIVE_ADMINISTRATOR}
)
"""Who keeps archives of a type that names no role of its own. Clause: V-06, R-ARC-16."""
OVERSIGHT_ROLES: Final = frozenset({roles.GENERAL_MANAGER, roles.COMPANY_LEADER, roles.ARCHIVE_AUDITOR})
BEFORE_FILING: Final = frozenset({lifecycle.SUBMITTED, lifecycle.VERIFIED, lifecycle.CLASSIFIED})
"""States in which who entered an archive still stands by it; a draft's next step is his own."""


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
	has_handled: bool = False
	"""The person took a step of its life cycle today; he sees what became of it until the day ends."""
	grants: frozenset[tuple[str, str]] = frozenset()
	"""(operation, purpose) of every grant that holds at this moment."""


@dataclass(frozen=True)
class Approver:
	"""Who has to approve, by kind; `role` or `user` is filled where the kind asks for it."""

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
