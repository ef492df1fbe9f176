"""The outcome of a check of the access log, in words for the person at the console."""

from __future__ import annotations

from collections.abc import Iterator

import frappe
from frappe import _

from kehu_archive.audit.verify import UNSEALED_MINUTES, Outcome
from kehu_archive.constants import ENTRY
from kehu_archive.domain import audit_check
from kehu_archive.domain.audit_check import Fault


def lines(outcome: Outcome) -> Iterator[str]:
	"""Everything worth knowing, a line each; the first fault first."""
	findings = outcome.findings
	if outcome.is_sound:
		yield _(
			"The access log is sound: {0} entries under {1} seals, nothing changed, missing or added"
		).format(outcome.entries, outcome.seals)
	else:
		yield _("The access log is NOT sound: {0} faults among {1} entries and {2} seals").format(
			findings.total, outcome.entries, outcome.seals
		)
		yield _("First fault: {0}").format(describe(findings.first[0]))
		for kind, count in findings.counts.items():
			yield _("{0}: {1} in all").format(_kinds()[kind], count)
		for fault in findings.first[1:]:
			yield f"  - {describe(fault)}"
	yield from _limits(outcome)


def _limits(outcome: Outcome) -> Iterator[str]:
	"""What the check cannot vouch for."""
	if outcome.last_sealed_at:
		yield _("Last seal: {0}").format(outcome.last_sealed_at)
	if outcome.unsealed:
		yield _(
			"Not vouched for: {0} entries since {1} have no seal yet. Each was checked by its own digest; that none of this period was deleted, nobody can tell before the next seal."
		).format(outcome.unsealed, outcome.unsealed_since)
	if outcome.purged:
		yield _(
			"{0} old seals stand without their entries, which were taken out after the period of keeping"
		).format(outcome.purged)


def describe(fault: Fault) -> str:
	"""One fault with the entry, its time, person and action as far as they can be read."""
	place = _("seal {0}").format(fault.seal_no) if fault.seal_no else _("not sealed")
	if not fault.entry:
		return f"{_kinds()[fault.kind]} ({place})"
	return f"{_kinds()[fault.kind]} ({place}): {fault.entry}{_content(fault)}"


def _content(fault: Fault) -> str:
	row = frappe.db.get_value(ENTRY, fault.entry, ["happened_at", "user", "action", "archive", "seal"])
	if not row:
		return ""
	shown = ", ".join(str(value) for value in row[:4] if value)
	moved = _("now under seal {0}").format(row[4]) if fault.kind == audit_check.MISSING else ""
	return f" [{'; '.join(filter(None, (shown, moved)))}]"


def _kinds() -> dict[str, str]:
	return {
		audit_check.CHANGED: _("Entry changed"),
		audit_check.MISSING: _("Entry missing"),
		audit_check.EXTRA: _("Entry added that was never sealed there"),
		audit_check.SEAL_CHANGED: _("Seal changed"),
		audit_check.SEAL_MISSING: _("Seal missing"),
		audit_check.CHAIN_BROKEN: _("Chain broken: the seal does not follow the one before"),
		audit_check.TAIL_CUT: _("The last seals were cut off or replaced"),
		audit_check.HEAD_UNKNOWN: _("The note of the last seal beside the key file is missing"),
		audit_check.STALE: _(
			"Entry without a seal for more than {0} minutes: sealing stands still, or it was taken out of its seal"
		).format(UNSEALED_MINUTES),
		audit_check.KEY_UNKNOWN: _("Key not in the key file"),
		audit_check.PURGED_EARLY: _("Entries taken out without the rule's proof"),
	}
