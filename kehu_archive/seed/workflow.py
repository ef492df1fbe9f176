"""The framework's workflow for the archive's life cycle, generated from the rule's own table.

Seeded once: a company that edits the workflow keeps its edits, and the server asks the edited table.
"""

from __future__ import annotations

from itertools import product

from kehu_archive.constants import ARCHIVE, SETTINGS, WORKFLOW
from kehu_archive.domain import lifecycle as rule
from kehu_archive.domain import roles
from kehu_archive.seed.ledger import Ledger

Position = tuple[bool, bool, bool]
Key = tuple[str, str, str, str, bool]
ALL_POSITIONS: frozenset[Position] = frozenset(product((True, False), repeat=3))
SWITCHES = ("skip_verification", "skip_classification", "skip_approval")
STYLES = {
	rule.DRAFT: "",
	rule.SUBMITTED: "Warning",
	rule.VERIFIED: "Info",
	rule.CLASSIFIED: "Primary",
	rule.FILED: "Success",
	rule.UPDATING: "Info",
	rule.SEALED: "Inverse",
	rule.UNDER_APPRAISAL: "Warning",
	rule.DESTROYED: "Danger",
}


def seed(book: Ledger) -> None:
	for state in rule.STATES:
		book.create(
			{"doctype": "Workflow State", "name": state, "workflow_state_name": state, "style": STYLES[state]}
		)
	rows = transition_rows()
	for action in dict.fromkeys(row["action"] for row in rows):
		book.create({"doctype": "Workflow Action Master", "name": action, "workflow_action_name": action})
	book.create(
		{
			"doctype": "Workflow",
			"name": WORKFLOW,
			"workflow_name": WORKFLOW,
			"document_type": ARCHIVE,
			"is_active": 1,
			"send_email_alert": 0,
			# The list shows the state by its own rule, because a merged archive has a state too.
			"override_status": 1,
			"workflow_state_field": "workflow_state",
			"states": _state_rows(),
			"transitions": rows,
		}
	)


def _state_rows() -> list[dict[str, object]]:
	"""One row for each state and each role that edits in it; a read-only state is edited by no one but needs a row."""
	return [
		{"state": state, "doc_status": "0", "allow_edit": role}
		for state in rule.STATES
		for role in (*rule.EDITORS[state], *_extra_editors(state))
	]


def _extra_editors(state: str) -> tuple[str, ...]:
	"""The form asks who may edit in a state; in a sealed state the server refuses all content, whoever it is."""
	return () if rule.EDITORS[state] else (roles.ARCHIVE_ADMINISTRATOR,)


def transition_rows() -> list[dict[str, object]]:
	"""Every row of the table under every position of the switches, with the condition under which it holds."""
	positions: dict[Key, set[Position]] = {}
	for position in sorted(ALL_POSITIONS, reverse=True):
		for row in rule.allowed_transitions(rule.Switches(*position)):
			key = (row.action, row.from_state, row.to_state, row.role, row.self_approval)
			positions.setdefault(key, set()).add(position)
	return [
		{
			"state": from_state,
			"action": action,
			"next_state": to_state,
			"allowed": role,
			"allow_self_approval": int(self_approval),
			"condition": condition(frozenset(held)),
		}
		for (action, from_state, to_state, role, self_approval), held in positions.items()
	]


def condition(held: frozenset[Position]) -> str:
	"""A Python expression over the settings that is true for exactly these switch positions; '' for all."""
	if held == ALL_POSITIONS:
		return ""
	direct = _conjunction(held)
	if direct:
		return direct
	others = _conjunction(ALL_POSITIONS - held)
	if others:
		return f"not ({others})"
	return " or ".join(f"({_conjunction(frozenset({position}))})" for position in sorted(held))


def _conjunction(held: frozenset[Position]) -> str:
	"""The positions as one conjunction of switch values, or '' when they are not of that form."""
	choices = [sorted({position[index] for position in held}) for index in range(3)]
	if frozenset(product(*choices)) != held:
		return ""
	return " and ".join(
		_switch(SWITCHES[index], on=values[0]) for index, values in enumerate(choices) if len(values) == 1
	)


def _switch(field: str, on: bool) -> str:
	skipped = f'int(frappe.db.get_value("{SETTINGS}", "{SETTINGS}", "{field}") or 0)'
	return f"not {skipped}" if on else skipped
