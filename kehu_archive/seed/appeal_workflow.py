"""The framework's workflow for grade appeals, generated from the rule's own table; seeded once, a company's edits stay.

A scheme names the role that decides. The form offers the decision to that role and to the General Manager; the server asks again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from kehu_archive.domain import appeals as rule
from kehu_archive.domain import roles
from kehu_archive.seed.ledger import Ledger

NAME: Final = "Grade Appeal"
STYLES: Final = {rule.DRAFT: "", rule.SUBMITTED: "Warning", rule.APPROVED: "Success", rule.REJECTED: "Danger"}
#: Who may write an appeal by the DocType's permissions, and so may apply.
APPLICANTS: Final = (
	roles.ARCHIVE_ADMINISTRATOR,
	roles.CUSTOMER_SERVICE_MANAGER,
	roles.CUSTOMER_SERVICE_STAFF,
	roles.MARKETING_MANAGER,
	roles.MARKETING_DIRECTOR,
	roles.SALES_DIRECTOR,
	roles.SALESPERSON,
	roles.PROPERTY_MANAGER,
)
#: Roles that a scheme may name as the one that decides; the General Manager always does.
DECIDERS: Final = (
	roles.MARKETING_MANAGER,
	roles.MARKETING_DIRECTOR,
	roles.SALES_DIRECTOR,
	roles.CUSTOMER_SERVICE_MANAGER,
	roles.ARCHIVE_ADMINISTRATOR,
)


def seed(book: Ledger) -> None:
	"""Create states, actions and the workflow as far as they are missing."""
	for state in rule.STATES:
		book.create({"doctype": "Workflow State", "name": state, "workflow_state_name": state, "style": STYLES[state]})
	for action in (rule.SUBMIT, rule.APPROVE, rule.REJECT):
		book.create({"doctype": "Workflow Action Master", "name": action, "workflow_action_name": action})
	book.create(
		{
			"doctype": "Workflow",
			"name": NAME,
			"workflow_name": NAME,
			"document_type": "Grade Appeal",
			"is_active": 1,
			"send_email_alert": 0,
			"override_status": 1,
			"workflow_state_field": "workflow_state",
			"states": list(_states()),
			"transitions": list(_transitions()),
		}
	)


def _states() -> Iterator[dict[str, Any]]:
	editors = {
		rule.DRAFT: APPLICANTS,
		rule.SUBMITTED: (*DECIDERS, rule.ALWAYS_DECIDES),
		# A decided appeal is edited by no one, but the framework wants a row.
		rule.APPROVED: (roles.ARCHIVE_ADMINISTRATOR,),
		rule.REJECTED: (roles.ARCHIVE_ADMINISTRATOR,),
	}
	for state in rule.STATES:
		for role in editors[state]:
			yield {"state": state, "doc_status": "0", "allow_edit": role}


def _transitions() -> Iterator[dict[str, Any]]:
	for role in APPLICANTS:
		yield _transition(rule.SUBMIT, rule.DRAFT, rule.SUBMITTED, role, 1)
	for action, state in ((rule.APPROVE, rule.APPROVED), (rule.REJECT, rule.REJECTED)):
		yield _transition(action, rule.SUBMITTED, state, rule.ALWAYS_DECIDES, 0)
		for role in DECIDERS:
			condition = f'frappe.db.get_value("Grading Scheme", doc.scheme, "approve_role") == "{role}"'
			yield {**_transition(action, rule.SUBMITTED, state, role, 0), "condition": condition}


def _transition(action: str, state: str, next_state: str, role: str, own: int) -> dict[str, Any]:
	return {"state": state, "action": action, "next_state": next_state, "allowed": role, "allow_self_approval": own}
