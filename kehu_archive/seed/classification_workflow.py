"""The framework's workflow for classification requests, generated from the rule's own table; seeded once, a company's edits stay."""

from __future__ import annotations

from typing import Final

from kehu_archive.domain import roles
from kehu_archive.domain import secrecy as rule
from kehu_archive.seed.ledger import Ledger

NAME: Final = "Classification Request"
STYLES: Final = {rule.REPORTED: "Warning", rule.PROPOSED: "Info", rule.APPROVED: "Success", rule.RETURNED: "Danger"}
#: Who the form lets edit in a state; the server asks field by field.
EDITORS: Final[dict[str, tuple[str, ...]]] = {
	rule.REPORTED: (
		*sorted(rule.PROPOSERS),
		roles.ARCHIVIST,
		roles.SALESPERSON,
		roles.SALES_DIRECTOR,
		roles.MARKETING_MANAGER,
		roles.MARKETING_DIRECTOR,
		roles.ARCHIVE_ADMINISTRATOR,
	),
	rule.PROPOSED: tuple(sorted(rule.APPROVERS)),
	rule.RETURNED: tuple(sorted(rule.PROPOSERS)),
	# A decided request is edited by no one, but the framework wants a row.
	rule.APPROVED: (roles.ARCHIVE_ADMINISTRATOR,),
}


def seed(book: Ledger) -> None:
	"""Create states, actions and the workflow as far as they are missing."""
	for state in rule.STATES:
		book.create({"doctype": "Workflow State", "name": state, "workflow_state_name": state, "style": STYLES[state]})
	for action in dict.fromkeys(row.action for row in rule.TABLE):
		book.create({"doctype": "Workflow Action Master", "name": action, "workflow_action_name": action})
	book.create(
		{
			"doctype": "Workflow",
			"name": NAME,
			"workflow_name": NAME,
			"document_type": "Classification Request",
			"is_active": 1,
			"send_email_alert": 0,
			"override_status": 1,
			"workflow_state_field": "workflow_state",
			"states": [
				{"state": state, "doc_status": "0", "allow_edit": role} for state in rule.STATES for role in EDITORS[state]
			],
			"transitions": [
				{
					"state": row.from_state,
					"action": row.action,
					"next_state": row.to_state,
					"allowed": row.role,
					"allow_self_approval": int(not row.decides),
				}
				for row in rule.TABLE
			],
		}
	)
