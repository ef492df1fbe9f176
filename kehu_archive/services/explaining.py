"""Say what the access rules decide for a person and an archive, in words: for trying rules out before they count (R-ACC-15, R-SEC-09)."""

from __future__ import annotations

from typing import Any, Final

import frappe
from frappe import _

from kehu_archive.domain import access
from kehu_archive.domain.access import Approver, Decision
from kehu_archive.permissions import documents
from kehu_archive.permissions.facts import user_facts

_RELATIONS: Final = {
	access.KEEPER: "Who Keeps the File",
	access.OVERSIGHT: "Company Leadership and Audit",
	access.STEP: "Whose Life Cycle Step Is Next",
	access.RESPONSIBLE: "Responsible Salesperson or Author",
	access.NAMED: "Named in the Need-to-Know List",
	access.OWN_DEPARTMENT: "Same Department",
	access.OTHER_DEPARTMENT: "Other Departments",
}


def explain(user: str, archive: str, operation: str, purpose: str) -> dict[str, Any]:
	"""The decision with everything behind it. The caller has checked who may ask, and that the archive exists.

	Returns:
		``allowed``, ``outcome`` and ``reason`` in words, ``relation``, ``rank``, ``rules`` (each with its outcome and basis), ``approvers``, ``mode`` and
		``restrictions``.
	"""
	decision = documents.decision(archive, operation, purpose, user)
	if decision is None:
		raise frappe.DoesNotExistError
	return {
		"allowed": decision.allowed,
		"outcome": _(decision.outcome),
		"reason": _reason(decision),
		"relation": _(_RELATIONS[decision.relation]),
		"rank": user_facts(user).rank,
		"rules": _rules(decision),
		"approvers": [_approver(one) for one in decision.approvers],
		"mode": _(decision.mode),
		"restrictions": _restrictions(decision),
	}


def _reason(decision: Decision) -> str:
	reasons = {
		"rule": _("The rules below decide"),
		"grant": _("An access grant opens it now"),
		"no-rule": _("No rule applies, so it is refused"),
		"pledge": _("The confidentiality pledge is not signed"),
	}
	return reasons[decision.reason]


def _rules(decision: Decision) -> list[dict[str, str]]:
	if not decision.rules:
		return []
	rows = frappe.db.sql(
		"select name, outcome, basis from `tabAccess Rule` where name in %s", [decision.rules], as_dict=True
	)
	known = {row.name: row for row in rows}
	return [
		{"name": name, "outcome": _(known[name].outcome), "basis": known[name].basis or ""}
		for name in decision.rules
		if name in known
	]


def _approver(one: Approver) -> str:
	return _(one.role) if one.role else one.user or _(one.kind)


def _restrictions(decision: Decision) -> list[str]:
	if decision.outcome == access.REFUSED:
		return []
	said = (
		(decision.same_day, _("Same-day Return")),
		(not decision.may_leave, _("Must Not Leave the Office")),
		(not decision.may_copy, _("No Photocopies")),
		(not decision.may_renew, _("No Renewal")),
		(decision.needs_consent, _("Copies Need Consent")),
		(decision.needs_hand_over, _("Registered and Handed Out by Customer Service")),
		(decision.longest_days > 0, _("Longest Period (days): {0}").format(decision.longest_days)),
	)
	return [words for holds, words in said if holds]
