"""The life cycle on the server: the table, no self approval, sealing, switches. R-ARC-06/07/08/21, V-07."""

from __future__ import annotations

from typing import Any

import frappe
import pytest
from frappe.model.workflow import apply_workflow, get_transitions

from kehu_archive.domain import lifecycle, roles
from kehu_archive.exceptions import InvalidFieldsError, LifeCycleError, SealedArchiveError
from kehu_archive.permissions import documents
from kehu_archive.seed import workflow
from kehu_archive.tests import factories

ERRORS = (LifeCycleError, frappe.ValidationError, frappe.PermissionError)


def set_state(name: str, state: str) -> Any:
	doc = frappe.get_doc("Customer Archive", name)
	doc.workflow_state = state
	return doc.save()


def test_whole_chain_by_the_people_whose_steps_they_are(db: Any, people: factories.People) -> None:
	archive = factories.advance(factories.make_archive().name, people)
	assert archive.workflow_state == "Filed"
	assert archive.submitted_by == people[roles.SALESPERSON]
	assert archive.verified_by == people[roles.MARKET_INSPECTOR]
	assert archive.classified_by == people[roles.COMPANY_LEADER]
	assert archive.filed_by == people[roles.SALES_DIRECTOR]
	assert archive.filed_on
	assert archive.archive_code.startswith("KH-D-N-")


def test_every_other_change_is_refused(db: Any, people: factories.People) -> None:
	"""From every state of the filing chain, every role tries every state: only the table's rows succeed."""
	allowed = {
		(row.from_state, row.to_state, row.role) for row in lifecycle.allowed_transitions(lifecycle.Switches())
	}
	for start in ("Draft", "Submitted", "Verified", "Classified", "Filed"):
		name = factories.make_archive().name
		if start != "Draft":
			factories.advance(name, people, start)
		for role in roles.ROLES:
			for target in lifecycle.STATES:
				if target == start or (start, target, role) in allowed:
					continue
				frappe.db.savepoint("try")
				with factories.acting(people[role]), pytest.raises(ERRORS):
					set_state(name, target)
				frappe.db.rollback(save_point="try")
				assert frappe.db.get_value("Customer Archive", name, "workflow_state") == start


def test_new_archive_begins_as_a_draft(db: Any) -> None:
	with pytest.raises(ERRORS):
		factories.make_archive(workflow_state="Filed")


def test_nobody_verifies_what_he_entered(db: Any, people: factories.People) -> None:
	both = factories.ensure_user("both@kehu.test", roles.SALESPERSON, roles.MARKET_INSPECTOR)
	with factories.acting(both):
		name = factories.make_archive().name
		set_state(name, "Submitted")
		doc = frappe.get_doc("Customer Archive", name)
		doc.verification_result = "Confirmed"
		doc.save()
		with pytest.raises(LifeCycleError):
			set_state(name, "Verified")
		with pytest.raises(frappe.ValidationError):
			apply_workflow(frappe.get_doc("Customer Archive", name), "Verify")


def test_submission_needs_address_and_a_way_to_reach_the_customer(db: Any, people: factories.People) -> None:
	name = factories.make_archive(address="", phone="", main_contact_phone="", legal_representative="").name
	with factories.acting(people[roles.SALESPERSON]), pytest.raises(InvalidFieldsError) as caught:
		set_state(name, "Submitted")
	for word in ("地址", "电话", "法"):
		assert word in str(caught.value)


def test_person_needs_no_legal_representative(db: Any, people: factories.People) -> None:
	name = factories.make_archive(party_kind="Individual", customer_name="陈晓", legal_representative="").name
	with factories.acting(people[roles.SALESPERSON]):
		assert set_state(name, "Submitted").workflow_state == "Submitted"


def test_verification_needs_its_result(db: Any, people: factories.People) -> None:
	name = factories.make_archive().name
	factories.advance(name, people, "Submitted")
	with factories.acting(people[roles.MARKET_INSPECTOR]), pytest.raises(LifeCycleError, match="核实"):
		set_state(name, "Verified")


def test_sealed_archive_is_read_only_for_everyone(db: Any, people: factories.People) -> None:
	archive = factories.advance(factories.make_archive().name, people)
	with factories.acting(people[roles.CUSTOMER_SERVICE_MANAGER]):
		set_state(archive.name, "Sealed")
	for change in ({"remark": "改"}, {"developments": [{"content": "新闻", "news_date": "2026-01-01"}]}):
		doc = frappe.get_doc("Customer Archive", archive.name)
		doc.update(change)
		with pytest.raises(SealedArchiveError):
			doc.save()
	with pytest.raises(SealedArchiveError):
		factories.make_transaction(archive.name)
	contact = frappe.get_doc("Archive Contact", {"archive": archive.name})
	contact.hobbies = "钓鱼"
	with pytest.raises(SealedArchiveError):
		contact.save()
	with factories.acting(people[roles.ARCHIVIST]), pytest.raises(ERRORS):
		set_state(archive.name, "Filed")
	with factories.acting(people[roles.GENERAL_MANAGER]):
		assert set_state(archive.name, "Filed").workflow_state == "Filed"


@pytest.mark.parametrize(
	("state", "role"), [("Submitted", roles.MARKET_INSPECTOR), ("Classified", roles.SALES_DIRECTOR)]
)
def test_who_sends_an_archive_back_sees_it_until_the_day_ends(
	db: Any, people: factories.People, state: str, role: str
) -> None:
	"""Else the form closes under his hands with a refusal after a step that succeeded."""
	name = factories.make_archive(department=factories.ensure_department("退回部")).name
	factories.advance(name, people, state)
	with factories.acting(people[role]):
		returned = apply_workflow(frappe.get_doc("Customer Archive", name), "Return for Correction")
		assert (returned.workflow_state, returned.returned_by) == ("Draft", people[role])
		assert documents.may(name)
		assert [row.name for row in frappe.get_list("Customer Archive", filters={"name": name})] == [name]
		frappe.db.set_value("Customer Archive", name, "returned_on", frappe.utils.add_days(frappe.utils.now(), -1))
		assert not documents.may(name)
		assert not frappe.get_list("Customer Archive", filters={"name": name})


def test_nothing_is_filed_that_customer_service_has_not_taken_over(db: Any, people: factories.People) -> None:
	"""R-ARC-16: the Sales Director approves, but only what customer service keeps; nobody else names who keeps it."""
	name = factories.make_archive().name
	factories.advance(name, people, "Classified")
	frappe.db.set_value("Customer Archive", name, "custodian", None)
	with factories.acting(people[roles.SALES_DIRECTOR]):
		with pytest.raises(LifeCycleError, match="保管"):
			apply_workflow(frappe.get_doc("Customer Archive", name), "Approve Filing")
		doc = frappe.get_doc("Customer Archive", name)
		doc.custodian = people[roles.SALES_DIRECTOR]
		with pytest.raises(LifeCycleError):
			doc.save()
	frappe.db.set_value("Customer Archive", name, "custodian", people[roles.ARCHIVIST])
	for role in (roles.SALESPERSON, roles.MARKETING_MANAGER, roles.COMPANY_LEADER):
		with factories.acting(people[role]), pytest.raises(ERRORS):
			set_state(name, "Filed")
	with factories.acting(people[roles.SALES_DIRECTOR]):
		filed = apply_workflow(frappe.get_doc("Customer Archive", name), "Approve Filing")
	assert (filed.workflow_state, filed.custodian) == ("Filed", people[roles.ARCHIVIST])


def test_destroyed_is_not_reachable_by_hand(db: Any, people: factories.People) -> None:
	archive = factories.advance(factories.make_archive().name, people)
	with factories.acting(people[roles.ARCHIVIST]):
		set_state(archive.name, "Under Appraisal")
	with pytest.raises(ERRORS):
		set_state(archive.name, "Destroyed")


def test_stamps_cannot_be_forged(db: Any, people: factories.People) -> None:
	archive = factories.make_archive(
		filed_by="Administrator", filed_on="2020-01-01 00:00:00", returned_by="Administrator"
	)
	assert not archive.filed_by and not archive.returned_by
	archive.verified_by = archive.returned_by = "Administrator"
	archive.save()
	assert not archive.verified_by and not archive.returned_by


@pytest.mark.parametrize(
	("switches", "chain"),
	[
		({"skip_verification": 1}, ["Submitted", "Classified", "Filed"]),
		({"skip_classification": 1}, ["Submitted", "Verified", "Filed"]),
		({"skip_approval": 1}, ["Submitted", "Verified", "Filed"]),
		({"skip_verification": 1, "skip_classification": 1}, ["Submitted", "Filed"]),
		({"skip_verification": 1, "skip_classification": 1, "skip_approval": 1}, ["Filed"]),
	],
)
def test_steps_can_be_switched_off(
	db: Any, people: factories.People, switches: dict[str, int], chain: list[str]
) -> None:
	settings = frappe.get_doc("Kehu Archive Settings")
	settings.update(switches)
	settings.save()
	name = factories.make_archive(confidentiality="Internal", custodian=people[roles.ARCHIVIST]).name
	now = "Draft"
	for state in chain:
		rows = [
			row
			for row in lifecycle.allowed_transitions(_switches(switches))
			if (row.from_state, row.to_state) == (now, state)
		]
		assert rows, (now, state)
		if now == "Submitted" and not switches.get("skip_verification"):
			with factories.acting(people[roles.MARKET_INSPECTOR]):
				doc = frappe.get_doc("Customer Archive", name)
				doc.verification_result = "Confirmed"
				doc.save()
		with factories.acting(people[rows[0].role]):
			doc = frappe.get_doc("Customer Archive", name)
			offered = {(row.action, row.next_state) for row in get_transitions(doc)}
			assert (rows[0].action, state) in offered
			assert apply_workflow(doc, rows[0].action).workflow_state == state
		now = state


def _switches(skipped: dict[str, int]) -> lifecycle.Switches:
	return lifecycle.Switches(
		verification=not skipped.get("skip_verification"),
		classification=not skipped.get("skip_classification"),
		approval=not skipped.get("skip_approval"),
	)


def test_company_may_give_a_step_to_another_role(db: Any, people: factories.People) -> None:
	"""V-07: the role of each step is configurable; the server asks the edited workflow."""
	table = frappe.get_doc("Workflow", "Customer Archive Life Cycle")
	for row in table.transitions:
		if row.state == "Submitted" and row.next_state == "Verified":
			row.allowed = roles.MARKETING_MANAGER
	table.save()
	frappe.clear_cache(doctype="Customer Archive")
	try:
		name = factories.make_archive().name
		factories.advance(name, people, "Submitted")
		frappe.db.set_value("Customer Archive", name, "verification_result", "Confirmed")
		with factories.acting(people[roles.MARKET_INSPECTOR]), pytest.raises(ERRORS):
			set_state(name, "Verified")
	finally:
		frappe.clear_cache(doctype="Customer Archive")


def test_conditions_hold_for_exactly_their_positions() -> None:
	"""Each row's condition, evaluated for all eight switch positions, selects what the rule's own table holds."""
	for position in workflow.ALL_POSITIONS:
		skipped = dict(zip(workflow.SWITCHES, ("0" if on else "1" for on in position), strict=True))
		fake = frappe._dict(db=frappe._dict(get_value=lambda _d, _n, field, skipped=skipped: skipped[field]))
		chosen = {
			(row["state"], row["action"], row["next_state"], row["allowed"])
			for row in workflow.transition_rows()
			if not row["condition"] or eval(str(row["condition"]), {"frappe": fake, "int": int})
		}
		table = {
			(row.from_state, row.action, row.to_state, row.role)
			for row in lifecycle.allowed_transitions(lifecycle.Switches(*position))
		}
		assert chosen == table


CONTENT = {"remark": "改"}


def test_content_is_changed_by_the_editors_of_a_state_and_nobody_else(db: Any, people: factories.People) -> None:
	for state in ("Draft", "Submitted", "Verified", "Classified", "Filed"):
		name = factories.make_archive().name
		if state != "Draft":
			factories.advance(name, people, state)
		for role in roles.ROLES:
			frappe.db.savepoint("try")
			with factories.acting(people[role]):
				doc = frappe.get_doc("Customer Archive", name)
				doc.update(CONTENT)
				if role in lifecycle.EDITORS[state]:
					doc.save()
				else:
					with pytest.raises(ERRORS):
						doc.save()
			frappe.db.rollback(save_point="try")


def test_results_of_a_step_are_recorded_by_those_whose_step_it_is(db: Any, people: factories.People) -> None:
	with factories.acting(people[roles.SALESPERSON]):
		archive = factories.make_archive(verification_result="Confirmed", confidentiality="Core Trade Secret")
		assert not archive.verification_result
		assert archive.confidentiality == "Unclassified"
		for field, value in (("verification_result", "Confirmed"), ("confidentiality", "Internal")):
			doc = frappe.get_doc("Customer Archive", archive.name)
			doc.set(field, value)
			with pytest.raises(LifeCycleError):
				doc.save()
	filed = factories.advance(archive.name, people)
	with factories.acting(people[roles.ARCHIVIST]):
		filed = frappe.get_doc("Customer Archive", filed.name)
		filed.confidentiality = "Unclassified"
		with pytest.raises(LifeCycleError, match="密级"):
			filed.save()


def test_archive_has_no_docstatus(db: Any) -> None:
	archive = factories.make_archive()
	archive.docstatus = 1
	with pytest.raises(frappe.ValidationError):
		archive.save()
