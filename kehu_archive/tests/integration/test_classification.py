"""Confidentiality on the site: rank, request, custody, grade, reminders. R-SEC-01/03/04/08/10, R-ARC-09, R-ARC-15."""

from __future__ import annotations

from typing import Any

import frappe
import pytest
from frappe.model.workflow import apply_workflow
from frappe.utils import add_days, add_years, getdate, today

from kehu_archive.domain import lifecycle, roles
from kehu_archive.domain import secrecy as rule
from kehu_archive.exceptions import ArchiveError, ClassificationError, InvalidFieldsError, LifeCycleError
from kehu_archive.seed import classification_workflow
from kehu_archive.services import bulk, secrecy
from kehu_archive.tests import factories

ERRORS = (ArchiveError, frappe.ValidationError, frappe.PermissionError)
REQUEST = "Classification Request"


def archive(people: factories.People, state: str = lifecycle.VERIFIED, **values: Any) -> str:
	"""An archive of the sales department in a state."""
	with factories.acting(people[roles.SALESPERSON]):
		name = str(factories.make_archive(**values).name)
	if state != lifecycle.DRAFT:
		factories.advance(name, people, state)
	return name


def report(name: str, people: factories.People, role: str = roles.SALESPERSON, **values: Any) -> Any:
	with factories.acting(people[role]):
		return frappe.get_doc({"doctype": REQUEST, "archive": name, "data_scope": "全部资料", **values}).insert()


def propose(request: str, people: factories.People, role: str = roles.CUSTOMER_SERVICE_STAFF, **values: Any) -> Any:
	with factories.acting(people[role]):
		doc = frappe.get_doc(REQUEST, request)
		doc.update({"proposed_level": "Ordinary Trade Secret", "service_opinion": "含报价", **values})
		doc.save()
		return apply_workflow(doc, rule.PROPOSE)


def decide(request: str, people: factories.People, action: str = rule.APPROVE, role: str = roles.COMPANY_LEADER) -> Any:
	with factories.acting(people[role]):
		return apply_workflow(frappe.get_doc(REQUEST, request), action)


def stored(name: str) -> Any:
	return frappe.get_doc("Customer Archive", name)


def entries(action: str, name: str) -> list[Any]:
	return frappe.get_all(
		"Access Log Entry",
		filters={"action": action, "archive": name},
		fields=["user", "detail", "document_type"],
		order_by="name",
	)


def rank(name: str) -> int:
	return int(frappe.db.get_value("Customer Archive", name, "secrecy_rank"))


# The rank


def test_rank_follows_the_level_and_the_approval(db: Any, people: factories.People) -> None:
	name = archive(people, lifecycle.DRAFT)
	assert rank(name) == 3
	factories.advance(name, people, lifecycle.VERIFIED)
	with factories.acting(people[roles.CUSTOMER_SERVICE_STAFF]):
		doc = stored(name)
		doc.confidentiality, doc.custodian = "Internal", people[roles.ARCHIVIST]
		doc.save()
	assert rank(name) == 3, "proposed is not approved"
	with factories.acting(people[roles.COMPANY_LEADER]):
		apply_workflow(stored(name), "Approve Classification")
	assert rank(name) == 1
	with factories.acting(people[roles.SALES_DIRECTOR]):
		apply_workflow(stored(name), "Return for Correction")
	returned = stored(name)
	assert (returned.workflow_state, returned.secrecy_rank) == ("Draft", 3)
	assert not returned.classified_on, "what is corrected is approved anew"


def test_no_client_writes_what_only_an_approved_request_writes(db: Any, people: factories.People) -> None:
	name = archive(people, lifecycle.DRAFT, secrecy_rank=1, confidential_until="2030-01-01", access_scheme="X")
	for user in (people[roles.SALESPERSON], "Administrator"):
		with factories.acting(user):
			doc = stored(name)
			doc.update({"secrecy_rank": 1, "confidential_until": "2030-01-01", "access_scheme": "X"})
			doc.append("need_to_know", {"user": people[roles.FINANCE_AUDITOR]})
			doc.remark = user
			doc.save()
		found = stored(name)
		assert found.remark == user
		assert (found.secrecy_rank, found.confidential_until, found.access_scheme) == (3, None, None)
		assert not found.need_to_know


def test_bulk_rows_get_their_rank(db: Any, people: factories.People) -> None:
	common = {"archive_type": factories.archive_type(), "party_kind": "Organisation"}
	rows = [
		{**common, "customer_name": factories.company_name(), "workflow_state": state, "confidentiality": level, "access_grade": " a "}
		for state, level in (("Filed", "Internal"), ("Draft", "Internal"), ("Filed", "Unclassified"), ("Filed", "Ordinary Trade Secret"))
	]
	rows[0]["confidential_until"] = "2030-01-01"
	names = bulk.insert_archives(rows)
	assert [rank(name) for name in names] == [1, 3, 3, 2]
	assert {stored(name).access_grade for name in names} == {"A"}
	assert stored(names[0]).confidential_until is None


def test_patch_and_switched_step_derive_every_rank_again(db: Any, people: factories.People) -> None:
	filed = bulk.insert_archives(
		[{"customer_name": factories.company_name(), "workflow_state": "Filed", "confidentiality": level} for level in rule.LEVELS]
	)
	draft = archive(people, lifecycle.DRAFT)
	frappe.db.set_value("Customer Archive", draft, "confidentiality", "Internal", update_modified=False)
	frappe.db.sql("update `tabCustomer Archive` set secrecy_rank = 0")
	from kehu_archive.patches.derive_secrecy_rank import execute

	execute()
	assert [rank(name) for name in (*filed, draft)] == [1, 2, 3, 3]
	assert not frappe.db.count("Customer Archive", {"secrecy_rank": ("not in", (1, 2, 3))})
	settings = frappe.get_doc("Kehu Archive Settings")
	for skip, expected in ((1, 1), (0, 3)):
		settings.skip_classification = skip
		settings.save()
		assert rank(draft) == expected


def test_merge_keeps_the_stricter_rank(db: Any, people: factories.People) -> None:
	from kehu_archive.services import merge

	kept, gone = bulk.insert_archives(
		[
			{"customer_name": factories.company_name(), "workflow_state": "Filed", "confidentiality": level}
			for level in ("Internal", "Core Trade Secret")
		]
	)
	merge.merge(gone, kept, "重复")
	assert (stored(kept).confidentiality, rank(kept)) == ("Core Trade Secret", 3)


# The request


def test_reported_proposed_approved_returned(db: Any, people: factories.People) -> None:
	name = archive(people)
	with factories.acting(people[roles.CUSTOMER_SERVICE_STAFF]):
		doc = stored(name)
		doc.custodian = people[roles.ARCHIVIST]
		doc.save()
	request = report(name, people, approved_by=people[roles.SALESPERSON], proposed_level="Internal")
	assert (request.reported_by, request.workflow_state) == (people[roles.SALESPERSON], rule.REPORTED)
	assert request.reporting_department == factories.SALES
	assert not request.approved_by and not request.proposed_level
	readers = [{"user": people[roles.FINANCE_AUDITOR], "reason": "审计"}, {"user": people[roles.FINANCE_AUDITOR], "reason": "again"}]
	proposed = propose(request.name, people, period_years=3, need_to_know=readers)
	assert proposed.proposed_by == people[roles.CUSTOMER_SERVICE_STAFF] and proposed.proposed_on
	approved = decide(request.name, people)
	until = getdate(add_years(today(), 3))
	assert approved.approved_by == people[roles.COMPANY_LEADER]
	assert approved.approved_on and approved.returned_on
	assert getdate(approved.confidential_until) == until
	found = stored(name)
	assert found.workflow_state == "Classified", "moved on by its own life cycle"
	assert found.classified_by == people[roles.COMPANY_LEADER]
	assert (found.confidentiality, found.secrecy_rank) == ("Ordinary Trade Secret", 2)
	assert (getdate(found.confidential_until), found.classification_request) == (until, request.name)
	assert [(row.user, getdate(row.until)) for row in found.need_to_know] == [(people[roles.FINANCE_AUDITOR], until)]
	change = entries("Confidentiality Change", name)[-1]
	assert change.user == people[roles.COMPANY_LEADER] and change.document_type == REQUEST
	told = frappe.get_all("Notification Log", filters={"document_name": request.name}, pluck="for_user")
	assert people[roles.SALESPERSON] in told and people[roles.COMPANY_LEADER] in told


def test_a_filed_archive_is_classified_anew_where_it_stands(db: Any, people: factories.People) -> None:
	name = archive(people, lifecycle.FILED)
	request = report(name, people).name
	propose(request, people, proposed_level="Core Trade Secret", confidential_until=add_days(today(), 30))
	decide(request, people)
	found = stored(name)
	assert (found.workflow_state, found.confidentiality, found.secrecy_rank) == ("Filed", "Core Trade Secret", 3)
	with factories.acting(people[roles.ARCHIVIST]), pytest.raises(LifeCycleError, match="密级"):
		found.confidentiality = "Internal"
		found.save()


def test_a_sealed_archive_takes_a_new_level_and_nothing_else(db: Any, people: factories.People) -> None:
	name = archive(people, lifecycle.FILED)
	with factories.acting(people[roles.CUSTOMER_SERVICE_MANAGER]):
		apply_workflow(stored(name), "Seal")
	request = report(name, people, roles.CUSTOMER_SERVICE_MANAGER).name
	propose(request, people)
	decide(request, people)
	assert (stored(name).workflow_state, stored(name).confidentiality) == ("Sealed", "Ordinary Trade Secret")


def test_before_the_verification_nothing_is_decided(db: Any, people: factories.People) -> None:
	name = archive(people, lifecycle.SUBMITTED)
	request = report(name, people).name
	propose(request, people)
	with pytest.raises(ClassificationError):
		decide(request, people)
	assert stored(name).confidentiality == "Unclassified"


def test_what_the_leader_sends_back_is_proposed_anew(db: Any, people: factories.People) -> None:
	name = archive(people)
	request = report(name, people).name
	propose(request, people)
	with pytest.raises(InvalidFieldsError):
		decide(request, people, rule.RETURN)
	with factories.acting(people[roles.COMPANY_LEADER]):
		doc = frappe.get_doc(REQUEST, request)
		doc.leader_opinion = "应为核心商密"
		doc.save()
		assert apply_workflow(doc, rule.RETURN).workflow_state == rule.RETURNED
	assert stored(name).secrecy_rank == 3
	propose(request, people, roles.CUSTOMER_SERVICE_MANAGER, proposed_level="Core Trade Secret")
	doc = frappe.get_doc(REQUEST, request)
	assert (doc.workflow_state, doc.proposed_by) == (rule.PROPOSED, people[roles.CUSTOMER_SERVICE_MANAGER])


def test_every_step_is_closed_to_everybody_else_by_whatever_road(db: Any, people: factories.People) -> None:
	name = archive(people)
	request = report(name, people).name
	for start in (rule.REPORTED, rule.PROPOSED):
		if start == rule.PROPOSED:
			propose(request, people)
		allowed = {(row.to_state, row.role) for row in rule.TABLE if row.from_state == start}
		for role in roles.ROLES:
			for target in rule.STATES:
				if target == start or (target, role) in allowed:
					continue
				frappe.db.savepoint("try")
				with factories.acting(people[role]), pytest.raises(ERRORS):
					doc = frappe.get_doc(REQUEST, request)
					doc.workflow_state = target
					doc.save()
				frappe.db.rollback(save_point="try")
				assert frappe.db.get_value(REQUEST, request, "workflow_state") == start


def test_nobody_decides_what_he_reported_or_proposed(db: Any, people: factories.People) -> None:
	both = factories.ensure_user("leader.service@kehu.test", roles.CUSTOMER_SERVICE_STAFF, roles.COMPANY_LEADER)
	name = archive(people)
	request = report(name, people).name
	with factories.acting(both):
		doc = frappe.get_doc(REQUEST, request)
		doc.update({"proposed_level": "Internal", "service_opinion": "x", "workflow_state": rule.PROPOSED})
		doc.save()
		for state in (rule.APPROVED, rule.RETURNED):
			doc = frappe.get_doc(REQUEST, request)
			doc.workflow_state, doc.leader_opinion = state, "x"
			with pytest.raises(ClassificationError):
				doc.save()
	assert stored(name).confidentiality == "Unclassified"


def test_stamps_and_settled_fields_stay(db: Any, people: factories.People) -> None:
	name = archive(people)
	request = report(name, people).name
	propose(request, people)
	with factories.acting(people[roles.COMPANY_LEADER]):
		doc = frappe.get_doc(REQUEST, request)
		doc.update({"proposed_by": "Administrator", "reported_by": "Administrator", "archive": archive(people, lifecycle.DRAFT)})
		doc.leader_opinion = "看过"
		doc.save()
		assert (doc.proposed_by, doc.reported_by, doc.archive) == (
			people[roles.CUSTOMER_SERVICE_STAFF],
			people[roles.SALESPERSON],
			name,
		)
		doc.proposed_level = "Internal"
		with pytest.raises(ClassificationError):
			doc.save()
	decide(request, people)
	with factories.acting(people[roles.CUSTOMER_SERVICE_STAFF]), pytest.raises(ClassificationError):
		doc = frappe.get_doc(REQUEST, request)
		doc.append("need_to_know", {"user": people[roles.SALESPERSON]})
		doc.save()


@pytest.mark.parametrize(
	"values",
	[{"period_years": 101}, {"period_years": 1, "confidential_until": "2099-01-01"}, {"confidential_until": "2020-01-01"}],
)
def test_impossible_periods(db: Any, people: factories.People, values: dict[str, Any]) -> None:
	request = report(archive(people), people).name
	with pytest.raises(InvalidFieldsError):
		propose(request, people, **values)


def test_one_open_request_for_an_archive_and_none_for_a_merged_one(db: Any, people: factories.People) -> None:
	name = archive(people)
	report(name, people)
	with pytest.raises(ClassificationError, match="MJ-"):
		report(name, people, roles.ARCHIVIST)
	other = archive(people, lifecycle.DRAFT)
	frappe.db.set_value("Customer Archive", other, "merged_into", name)
	with pytest.raises(ERRORS):
		report(other, people, roles.ARCHIVIST)


def test_requests_are_never_deleted_and_the_workflow_is_seeded_once(db: Any, people: factories.People) -> None:
	request = report(archive(people), people)
	with pytest.raises(frappe.ValidationError):
		request.delete()
	workflow = frappe.get_doc("Workflow", classification_workflow.NAME)
	workflow.transitions[0].allowed = roles.ARCHIVIST
	workflow.save()
	from kehu_archive import setup

	setup.seed()
	assert frappe.get_doc("Workflow", classification_workflow.NAME).transitions[0].allowed == roles.ARCHIVIST
	frappe.clear_cache(doctype=REQUEST)


# Custody, important customers, grades


def test_only_custodian_and_his_superior_edit_a_filed_archive(db: Any, people: factories.People) -> None:
	name = archive(people, lifecycle.FILED)
	other = factories.ensure_user("second.archivist@kehu.test", roles.ARCHIVIST)
	for user, may in ((other, False), (people[roles.ARCHIVIST], True), (people[roles.CUSTOMER_SERVICE_MANAGER], True)):
		with factories.acting(user):
			doc = stored(name)
			doc.remark = user
			if may:
				doc.save()
			else:
				with pytest.raises(LifeCycleError, match="保管"):
					doc.save()
	with factories.acting(other), pytest.raises(LifeCycleError):
		doc = stored(name)
		doc.custodian, doc.remark = other, "mine now"
		doc.save()


def test_nobody_makes_himself_custodian(db: Any, people: factories.People) -> None:
	seller = people[roles.SALESPERSON]
	name = archive(people, lifecycle.DRAFT, custodian=seller)
	assert not stored(name).custodian
	with factories.acting(seller), pytest.raises(LifeCycleError, match="保管"):
		doc = stored(name)
		doc.custodian = seller
		doc.save()


def test_an_archive_becomes_important_only_with_remark_and_place(db: Any, people: factories.People) -> None:
	name = archive(people, lifecycle.FILED)
	store = frappe.get_doc(
		{"doctype": "Storage Location", "location_name": "重要客户专柜", "location_code": "ZK-T1", "is_key_customer_store": 1}
	).insert()
	with factories.acting(people[roles.ARCHIVIST]):
		for values in ({"remark": ""}, {"remark": "战略客户"}):
			doc = stored(name)
			doc.update({"is_important": 1, **values})
			with pytest.raises(LifeCycleError):
				doc.save()
		doc = stored(name)
		doc.update({"is_important": 1, "remark": "战略客户", "storage_location": store.name})
		doc.save()
		doc.storage_location = None
		with pytest.raises(LifeCycleError):
			doc.save()


def test_grades_are_set_by_those_named_and_recorded(db: Any, people: factories.People) -> None:
	name = archive(people, lifecycle.FILED)
	with factories.acting(people[roles.MARKETING_MANAGER]):
		assert secrecy.set_grade(name, " ａ ", "年度评级") == "A"
	found = entries("Grade Change", name)
	assert [(row.user, row.detail) for row in found] == [(people[roles.MARKETING_MANAGER], "- → A")]
	for role in (roles.SALESPERSON, roles.SALES_DIRECTOR, roles.GENERAL_MANAGER, roles.FINANCE_AUDITOR):
		with factories.acting(people[role]), pytest.raises(ERRORS):
			secrecy.set_grade(name, "C", "x")
	with factories.acting(people[roles.MARKETING_MANAGER]), pytest.raises(LifeCycleError):
		secrecy.set_grade(name, "B", " ")
	draft = archive(people, lifecycle.DRAFT, access_grade="A")
	assert not stored(draft).access_grade
	with factories.acting(people[roles.SALESPERSON]), pytest.raises(LifeCycleError):
		doc = stored(draft)
		doc.access_grade = "C"
		doc.save()


# R-SEC-10


def test_levels_that_end_are_told_in_time_and_stay_in_force(db: Any, people: factories.People) -> None:
	frappe.db.sql("update `tabCustomer Archive` set confidential_until = null")
	soon, later, over = bulk.insert_archives(
		[{"customer_name": factories.company_name(), "workflow_state": "Filed", "confidentiality": "Internal"} for _ in range(3)]
	)
	for name, days in ((soon, 30), (later, 31), (over, -1)):
		frappe.db.set_value("Customer Archive", name, "confidential_until", add_days(today(), days))
	frappe.db.set_single_value("Kehu Archive Settings", "secrecy_reminded_on", None)
	assert secrecy.remind() == 2
	assert secrecy.remind() == 0, "once a day"
	told = frappe.get_all(
		"Notification Log", filters={"for_user": people[roles.CUSTOMER_SERVICE_STAFF], "document_name": ("in", (soon, later, over))}, pluck="document_name"
	)
	assert sorted(told) == sorted((soon, over))
	assert (stored(over).confidentiality, rank(over)) == ("Internal", 1)
