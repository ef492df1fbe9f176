"""Brings some demo archives through the real life cycle, each step by a user who has its role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import frappe
from frappe.model.document import Document
from frappe.model.workflow import apply_workflow

from kehu_archive.constants import ARCHIVE
from kehu_archive.demo.people import user_of
from kehu_archive.domain import lifecycle as rule
from kehu_archive.domain import roles


@contextmanager
def acting_as(role: str) -> Iterator[None]:
	"""Do what follows as the demo user of this role, with his permissions only."""
	before = frappe.session.user
	frappe.set_user(user_of(role))
	try:
		yield
	finally:
		frappe.set_user(before)


def _record_verification(archive: Document) -> None:
	archive.verification_result = "Confirmed"
	archive.verification_note = "已电话及上门核实,资料与营业执照一致"


def _propose_confidentiality(archive: Document) -> None:
	archive.confidentiality = "Core Trade Secret" if archive.is_important else "Internal"
	archive.custodian = user_of(roles.ARCHIVIST)


#: Filing, state after state; who writes something before a step, and what.
TO_FILED = (rule.SUBMITTED, rule.VERIFIED, rule.CLASSIFIED, rule.FILED)
BEHIND_FILING = (rule.UPDATING, rule.SEALED, rule.UNDER_APPRAISAL)
PREPARATIONS: dict[str, tuple[str, Callable[[Document], None]]] = {
	rule.VERIFIED: (roles.MARKET_INSPECTOR, _record_verification),
	rule.CLASSIFIED: (roles.CUSTOMER_SERVICE_STAFF, _propose_confidentiality),
}


def walk(archive: str, state: str) -> None:
	"""Bring a draft into the state through every step on the way, each action and role as the rule's table has it.

	Raises:
		whatever the workflow raises: the demo stops when the rules and its people no longer fit together.
	"""
	here = rule.DRAFT
	for there in _road(state):
		if there in PREPARATIONS:
			role, prepare = PREPARATIONS[there]
			with acting_as(role):
				doc = frappe.get_doc(ARCHIVE, archive)
				prepare(doc)
				doc.save()
		step = _step(here, there)
		with acting_as(step.role):
			apply_workflow(frappe.get_doc(ARCHIVE, archive), step.action)
		here = there


def send_back(archive: str) -> None:
	"""Submit a draft and return it for correction, as an inspector does who finds something amiss."""
	for before, after in ((rule.DRAFT, rule.SUBMITTED), (rule.SUBMITTED, rule.DRAFT)):
		step = _step(before, after)
		with acting_as(step.role):
			apply_workflow(frappe.get_doc(ARCHIVE, archive), step.action)


def _road(state: str) -> tuple[str, ...]:
	if state in BEHIND_FILING:
		return (*TO_FILED, state)
	return TO_FILED[: TO_FILED.index(state) + 1] if state in TO_FILED else ()


def _step(here: str, there: str) -> rule.Transition:
	table = rule.allowed_transitions(rule.Switches())
	return next(row for row in table if (row.from_state, row.to_state) == (here, there))
