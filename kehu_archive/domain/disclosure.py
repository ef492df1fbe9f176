"""Giving materials of an archive to an outsider: who approves, when it is handed out, when it can be closed.

Contract: `check` is the whole decision table, one row for each action and state, with the facts that the action needs; it never raises. `chain` takes the
approvers from the access rule and falls back on the department's head and the Marketing Director jointly, so that nothing leaves without two signatures
unless the company wrote down another rule. `personal_terms` finds words that mean personal information; what it finds can be added to, not taken away.
No action deletes a request: what personal information was given to whom is kept for good, longer than the three years that the law asks.
Clause: 003 §5.2.4 (R-OUT-01), R-OUT-02, R-OUT-03, R-OUT-05, 002 篇三 a1 (R-OUT-06), R-PRV-08 (PIPL 23, 56); form F-25.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from kehu_archive.domain import access, roles
from kehu_archive.domain.access import Decision
from kehu_archive.domain.access_terms import REQUESTERS_HEAD, ROLE, Approver
from kehu_archive.domain.faults import Fault, fault

REQUESTED: Final = "Requested"
APPROVED: Final = "Approved"
HANDED_OVER: Final = "Handed Over"
CLOSED: Final = "Closed"
REFUSED: Final = "Refused"
WITHDRAWN: Final = "Withdrawn"
STATES: Final = (REQUESTED, APPROVED, HANDED_OVER, CLOSED, REFUSED, WITHDRAWN)

APPROVE: Final = "Approve"
DECLINE: Final = "Decline"
WITHDRAW: Final = "Withdraw"
HAND_OVER: Final = "Hand Out"
CLOSE: Final = "Close Request"

STEPS: Final[dict[tuple[str, str], str]] = {
	(REQUESTED, APPROVE): APPROVED,
	(REQUESTED, DECLINE): REFUSED,
	(REQUESTED, WITHDRAW): WITHDRAWN,
	(APPROVED, WITHDRAW): WITHDRAWN,
	(APPROVED, HAND_OVER): HANDED_OVER,
	(HANDED_OVER, CLOSE): CLOSED,
}
"""(state, action) -> next state; an approval leads there once the whole chain has agreed."""

USUAL_CHAIN: Final = (
	Approver(REQUESTERS_HEAD),
	Approver(ROLE, role=roles.MARKETING_DIRECTOR),
)
"""Both at once, in any order. Clause: 003 §5.2.4."""


@dataclass(frozen=True)
class Facts:
	"""What an action needs to know of a request and of the person who acts."""

	status: str
	is_applicant: bool = False
	is_keeper: bool = False
	never_disclosed: bool = False
	type_name: str = ""
	has_personal_info: bool = False
	has_evidence: bool = False
	consent_on: date | None = None
	valid_until: date | None = None
	issuer_signed: bool = False
	recipient_named: bool = False
	recipient_signed: bool = False


def chain(decision: Decision) -> tuple[tuple[Approver, ...], str]:
	"""The approvers and their mode: those of the company's rule, else the usual two jointly; never nobody."""
	if decision.outcome == access.APPROVAL and decision.approvers:
		return decision.approvers, decision.mode
	return USUAL_CHAIN, access.JOINT


def check(action: str, facts: Facts, today: date) -> Fault | None:
	"""Return why an action is refused, None when it is allowed. Who may approve is the chain's business (`domain.approvals`)."""
	if (facts.status, action) not in STEPS:
		return fault("status", "disclosure-closed", action=action, state=facts.status)
	if action == WITHDRAW:
		return None if facts.is_applicant else fault("applicant", "disclosure-applicant")
	if action == DECLINE:
		return None
	if action in (HAND_OVER, CLOSE) and not facts.is_keeper:
		return fault("handed_over_by", "disclosure-keeper")
	if action == CLOSE:
		return _unsigned(facts)
	found = _may_leave(facts, today)
	if found is None and action == HAND_OVER and not facts.issuer_signed:
		return fault("issuer_signature", "issuer-unsigned")
	return found


def may_request(facts: Facts, today: date) -> Fault | None:
	"""Return why such materials are not even asked for: a type that never leaves, a period that is over (R-OUT-03)."""
	if facts.never_disclosed:
		return fault("archive", "never-disclosed", type_name=facts.type_name)
	if facts.valid_until and facts.valid_until < today:
		return fault("valid_until", "past-date", value=facts.valid_until.isoformat())
	return None


def _may_leave(facts: Facts, today: date) -> Fault | None:
	"""What holds for the approval as for the hand-over: the type, the period, the separate consent (R-OUT-05)."""
	if facts.never_disclosed:
		return fault("archive", "never-disclosed", type_name=facts.type_name)
	if facts.valid_until and facts.valid_until < today:
		return fault("valid_until", "disclosure-over", value=facts.valid_until.isoformat())
	return consent_fault(facts, today)


def consent_fault(facts: Facts, today: date) -> Fault | None:
	"""Return what is missing of the separate consent; None when there is no personal information."""
	if not facts.has_personal_info:
		return None
	if not facts.has_evidence:
		return fault("consent_evidence", "consent-evidence")
	if facts.consent_on is None:
		return fault("consent_on", "consent-date")
	if facts.consent_on > today:
		return fault("consent_on", "future-date", value=facts.consent_on.isoformat(), today=today.isoformat())
	return None


def _unsigned(facts: Facts) -> Fault | None:
	"""Who hands out signs, who receives signs; one missing and the request cannot be closed (R-OUT-06)."""
	if not facts.issuer_signed:
		return fault("issuer_signature", "issuer-unsigned")
	if not facts.recipient_named:
		return fault("received_by_name", "recipient-unnamed")
	if not facts.recipient_signed:
		return fault("recipient_signature", "recipient-unsigned")
	return None


PERSONAL_TERMS: Final = (
	"身份证", "证件号", "护照", "手机", "联系人", "家庭", "住址", "生日", "出生", "健康", "病历", "体检", "银行卡", "银行账", "微信", "个人",
	"性别", "民族", "籍贯", "婚姻", "爱好", "照片", "人脸", "指纹", "通讯录", "identity card", "passport", "mobile", "contact person", "family",
	"home address", "birth", "health", "medical", "bank card", "bank account", "personal", "photo",
)  # fmt: skip
"""Words that mean a natural person's data. Clause: PIPL 4, 28."""


def personal_terms(texts: Iterable[str]) -> tuple[str, ...]:
	"""The words of `PERSONAL_TERMS` that occur in the scope and the materials, in the order of the list."""
	whole = "\n".join(texts).lower()
	return tuple(term for term in PERSONAL_TERMS if term in whole)


CONTENT: Final = frozenset(
	{
		"recipient",
		"recipient_contact",
		"purpose",
		"scope",
		"valid_until",
		"items",
		"has_personal_info",
		"personal_info_kinds",
	}
)
"""What the approvers decide on: it stands still from the first decision on."""
CONSENT: Final = frozenset({"consent_evidence", "consent_on"})
"""May be handed in until the request is approved."""


def locked(changed: frozenset[str], status: str, is_applicant: bool, any_decided: bool) -> Fault | None:
	"""Return why one of the changed fields may not change any more."""
	watched = sorted(changed & (CONTENT | CONSENT))
	if not watched:
		return None
	if not is_applicant:
		return fault(watched[0], "disclosure-applicant")
	if status != REQUESTED:
		return fault(watched[0], "request-field", state=status)
	fixed = sorted(changed & CONTENT)
	return fault(fixed[0], "disclosure-settled") if fixed and any_decided else None
