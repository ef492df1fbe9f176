"""Borrowing as a decision table: which step is open in which state, to whom, and until when a loan runs.

Contract: `refusal(action, loan, actor, moment)` is the whole table; the buttons of the form and the checks of the server are the same answer. Nobody hands
a file out to himself, takes it back from himself or renews his own loan. A day ends at 24:00 of the site: 23:59:59 belongs to it, the next second does not.
Electronic access ends by the clock; paper that is out after its day is overdue, whatever status is stored.
Clause: R-ACC-02, R-ACC-03, R-ACC-05, R-ACC-12, R-ACC-16, R-ARC-16.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from kehu_archive.domain.faults import Fault, fault

REQUESTED: Final = "Requested"
APPROVED: Final = "Approved"
LENT: Final = "Lent"
RETURNED: Final = "Returned"
OVERDUE: Final = "Overdue"
LOST: Final = "Lost"
REFUSED: Final = "Refused"
WITHDRAWN: Final = "Withdrawn"
STATES: Final = (REQUESTED, APPROVED, LENT, RETURNED, OVERDUE, LOST, REFUSED, WITHDRAWN)
OUT: Final = frozenset({LENT, OVERDUE, LOST})
"""The paper is not in its place; it cannot be lent again."""
CLOSED: Final = frozenset({RETURNED, REFUSED, WITHDRAWN})

CONSULT: Final = "Consult"
PHOTOCOPY: Final = "Photocopy"
BORROW: Final = "Borrow"
TAKE_OUT: Final = "Take Out"
DISCLOSE: Final = "Disclose"
PAPER_ONLY: Final = frozenset({BORROW, TAKE_OUT})
OPERATIONS: Final = {
	CONSULT: "read",
	PHOTOCOPY: "copy",
	BORROW: "borrow",
	TAKE_OUT: "take_out",
	DISCLOSE: "disclose",
}
"""Method of a request to the operation of the access rule."""

INTACT: Final = "Intact"
DAMAGED: Final = "Damaged"
CONDITION_LOST: Final = "Lost"
CONDITIONS: Final = (INTACT, DAMAGED, CONDITION_LOST)

RESOLVE: Final = "resolve"
TURN_AWAY: Final = "turn_away"
APPROVE: Final = "approve"
DECLINE: Final = "decline"
WITHDRAW: Final = "withdraw"
OPEN_ACCESS: Final = "open_access"
LEND: Final = "lend"
GIVE_BACK: Final = "give_back"
FINISH: Final = "finish"
RENEW: Final = "renew"
ADD_SLIP: Final = "add_slip"
RECALL: Final = "recall"

APPLICANT: Final = "applicant"
APPROVER: Final = "approver"
KEEPER: Final = "keeper"


@dataclass(frozen=True)
class Loan:
	"""What the table asks about a request. `is_open` tells whether access was given, on paper or by a grant."""

	status: str
	method: str = CONSULT
	has_archive: bool = True
	is_open: bool = False
	same_day: bool = False
	may_leave: bool = True
	may_renew: bool = True
	is_important: bool = False
	renewals: int = 0
	due_on: date | None = None


@dataclass(frozen=True)
class Actor:
	"""In which parts a person stands to a request."""

	is_applicant: bool = False
	is_approver: bool = False
	is_keeper: bool = False

	def plays(self, part: str) -> bool:
		"""Whether the person has a part in the request."""
		return {APPLICANT: self.is_applicant, APPROVER: self.is_approver, KEEPER: self.is_keeper}[part]


@dataclass(frozen=True)
class Moment:
	"""The clock of the site and what the settings allow."""

	now: datetime
	most_renewals: int = 1


Need = Callable[[Loan, Moment], Fault | None]


@dataclass(frozen=True)
class Row:
	"""One row of the table: the states an action is open in, who does it, and what else must hold."""

	action: str
	states: frozenset[str]
	parts: tuple[str, ...]
	needs: tuple[Need, ...] = ()


def _has_archive(loan: Loan, moment: Moment) -> Fault | None:
	return None if loan.has_archive else fault("archive", "loan-unresolved")


def _has_none(loan: Loan, moment: Moment) -> Fault | None:
	return fault("archive", "loan-resolved") if loan.has_archive else None


def _is_electronic(loan: Loan, moment: Moment) -> Fault | None:
	return fault("method", "loan-paper") if loan.method in PAPER_ONLY else None


def _not_open(loan: Loan, moment: Moment) -> Fault | None:
	return fault("lent_on", "loan-open") if loan.is_open else None


def _is_open(loan: Loan, moment: Moment) -> Fault | None:
	return None if loan.is_open else fault("lent_on", "loan-not-open")


def _may_leave(loan: Loan, moment: Moment) -> Fault | None:
	return fault("may_leave_office", "loan-stays") if loan.method == TAKE_OUT and not loan.may_leave else None


def _may_renew(loan: Loan, moment: Moment) -> Fault | None:
	if loan.is_important:
		return fault("may_renew", "renew-important")
	if loan.same_day:
		return fault("same_day_return", "renew-same-day")
	return None if loan.may_renew else fault("may_renew", "renew-rule")


def _renewals_left(loan: Loan, moment: Moment) -> Fault | None:
	if loan.renewals < moment.most_renewals:
		return None
	return fault("renewals", "renew-often", limit=moment.most_renewals)


def _not_late(loan: Loan, moment: Moment) -> Fault | None:
	return fault("due_on", "renew-late") if is_over(loan.due_on, moment.now) else None


TABLE: Final = (
	Row(RESOLVE, frozenset({REQUESTED}), (KEEPER,), (_has_none,)),
	Row(TURN_AWAY, frozenset({REQUESTED}), (KEEPER,), (_has_none,)),
	Row(APPROVE, frozenset({REQUESTED}), (APPROVER,), (_has_archive,)),
	Row(DECLINE, frozenset({REQUESTED}), (APPROVER,), (_has_archive,)),
	Row(WITHDRAW, frozenset({REQUESTED}), (APPLICANT,)),
	Row(OPEN_ACCESS, frozenset({APPROVED}), (KEEPER,), (_is_electronic, _not_open)),
	Row(LEND, frozenset({APPROVED}), (KEEPER,), (_may_leave,)),
	Row(GIVE_BACK, OUT, (KEEPER,)),
	Row(FINISH, frozenset({APPROVED}), (APPLICANT, KEEPER), (_is_open,)),
	Row(RENEW, frozenset({APPROVED, LENT, OVERDUE}), (KEEPER,), (_is_open, _may_renew, _not_late, _renewals_left)),
	Row(ADD_SLIP, frozenset({APPROVED, LENT, OVERDUE}), (APPLICANT, KEEPER), (_is_open,)),
	Row(RECALL, frozenset({LENT, OVERDUE}), (KEEPER,)),
)
ACTIONS: Final = tuple(row.action for row in TABLE)
_BY_ACTION: Final = {row.action: row for row in TABLE}


def refusal(action: str, loan: Loan, actor: Actor, moment: Moment) -> Fault | None:
	"""Why an action is not open to this person now; None when it is. An unknown action is a programming error (KeyError)."""
	row = _BY_ACTION[action]
	if loan.status not in row.states:
		return fault("status", "loan-state", state=loan.status)
	if actor.is_applicant and APPLICANT not in row.parts:
		return fault("applicant", "loan-own")
	if not any(actor.plays(part) for part in row.parts):
		return fault("status", "loan-approver" if row.parts == (APPROVER,) else "loan-keeper")
	return next((found for need in row.needs if (found := need(loan, moment))), None)


def allowed(loan: Loan, actor: Actor, moment: Moment) -> tuple[str, ...]:
	"""The actions that are open to this person now, in the order of the table."""
	return tuple(action for action in ACTIONS if refusal(action, loan, actor, moment) is None)


def opens_at_once(method: str, needs_hand_over: bool) -> bool:
	"""Whether the approval itself opens the electronic file; paper, and what customer service hands out, waits for the hand-over."""
	return method not in PAPER_ONLY and not needs_hand_over


@dataclass(frozen=True)
class Limits:
	"""Bounds of a loan in days; 0 is no bound of that kind."""

	same_day: bool = False
	longest_days: int = 0
	usual_days: int = 0


def due_date(today: date, wished: date | None, limits: Limits) -> date:
	"""The last day of a loan that begins today: today for a same-day return, else the earliest of wish, rule and usual period, never before today."""
	if limits.same_day:
		return today
	bounds = [today + timedelta(days=days) for days in (limits.longest_days, limits.usual_days) if days > 0]
	if wished:
		bounds.append(max(wished, today))
	return min(bounds, default=today)


def renewed_date(due_on: date, renewal_days: int, longest_days: int) -> date:
	"""The last day after a renewal: one more period, none longer than the rule's longest."""
	return due_on + timedelta(days=min(renewal_days, longest_days) if longest_days > 0 else renewal_days)


def end_of(day: date) -> datetime:
	"""24:00 of a day, which is 00:00 of the next; the first moment that no longer belongs to it."""
	return datetime.combine(day + timedelta(days=1), time.min)


def is_over(due_on: date | None, now: datetime) -> bool:
	"""Whether a last day has passed."""
	return bool(due_on) and now >= end_of(due_on)  # type: ignore[arg-type]


def is_overdue(status: str, due_on: date | None, now: datetime) -> bool:
	"""Whether paper is out after its day, by the clock. A lost file is lost, not overdue."""
	return status == OVERDUE or (status == LENT and is_over(due_on, now))


def overdue_days(due_on: date | None, day: date) -> int:
	"""Calendar days from the last day to another, 0 while it is in time."""
	return max((day - due_on).days, 0) if due_on else 0


def shown_status(status: str, due_on: date | None, now: datetime) -> str:
	"""The status as it is by the clock."""
	return OVERDUE if is_overdue(status, due_on, now) else status


def must_remind(due_on: date | None, today: date, days_before: int) -> bool:
	"""Whether today is within the days before the last day on which a reminder goes out."""
	return bool(due_on) and today <= due_on <= today + timedelta(days=max(days_before, 0))  # type: ignore[operator]


def copies_refusal(method: str, approved: int, made: int, more: int) -> Fault | None:
	"""Why further copies may not be made: none were asked for, or more than were approved."""
	if more <= 0:
		return None
	if method != PHOTOCOPY:
		return fault("copies_made", "copies-method")
	return fault("copies_made", "copies-many", approved=approved, made=made) if made + more > approved else None
