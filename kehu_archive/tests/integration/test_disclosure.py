"""Disclosure to outsiders on the site. R-OUT-01 to R-OUT-06, R-PRV-08, form F-25."""

from __future__ import annotations

from typing import Any

import frappe
import pytest
from frappe.utils import add_days, today

from kehu_archive.domain import access, roles
from kehu_archive.domain import disclosure as rule
from kehu_archive.exceptions import (
	AccessDeniedError,
	ApprovalError,
	ArchiveError,
	DeletionRefusedError,
	DisclosureError,
	InvalidFieldsError,
)
from kehu_archive.permissions import documents
from kehu_archive.services import disclosure, signatures
from kehu_archive.tests import factories
from kehu_archive.tests.papers import signature

ERRORS = (ArchiveError, frappe.ValidationError, frappe.PermissionError)
HEAD, MARKETING = roles.SALES_DIRECTOR, roles.MARKETING_DIRECTOR


def request(people: factories.People, archive: str | None = None, role: str = roles.SALESPERSON, **values: Any) -> Any:
	"""A request of the salesperson for his own filed archive."""
	name = archive or filed(people)
	with factories.acting(people[role]):
		return frappe.get_doc(
			{
				"doctype": disclosure.REQUEST,
				"archive": name,
				"recipient": "某会计师事务所",
				"purpose": "年度审计函证",
				"scope": "营业执照与合同",
				"valid_until": add_days(today(), 10),
				"items": [{"material": "营业执照复印件", "copies": 2}, {"material": "合同", "copies": 1}],
				**values,
			}
		).insert()


def filed(people: factories.People, **values: Any) -> str:
	with factories.acting(people[roles.SALESPERSON]):
		name = str(factories.make_archive(**values).name)
	factories.advance(name, people)
	return name


def evidence(request_name: str) -> str:
	"""A private file on the request."""
	file = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": f"consent-{frappe.generate_hash(length=6)}.txt",
			"content": "同意",
			"is_private": 1,
			"attached_to_doctype": disclosure.REQUEST,
			"attached_to_name": request_name,
		}
	).insert(ignore_permissions=True)
	return str(file.file_url)


def consent(doc: Any, people: factories.People) -> None:
	url = evidence(doc.name)
	with factories.acting(people[roles.SALESPERSON]):
		fresh = frappe.get_doc(disclosure.REQUEST, doc.name)
		fresh.update({"consent_evidence": url, "consent_on": today()})
		fresh.save()


def act(people: factories.People, role: str, step: str, name: str, *values: Any, **more: Any) -> str:
	with factories.acting(people[role]):
		return getattr(disclosure, step)(name, *values, **more)


def status(name: str) -> str:
	return str(frappe.db.get_value(disclosure.REQUEST, name, "status"))


@pytest.mark.parametrize("order", [(HEAD, MARKETING), (MARKETING, HEAD)])
def test_department_head_and_marketing_director_sign_in_any_order(db: Any, people: factories.People, order: tuple[str, str]) -> None:
	doc = request(people)
	assert (doc.status, doc.approval_mode, doc.total_copies, doc.department) == (rule.REQUESTED, access.JOINT, 3, factories.SALES)
	assert [row.approver_user or row.approver_role for row in doc.approvals] == [people[HEAD], MARKETING]
	assert act(people, order[0], "approve", doc.name) == rule.REQUESTED, "one signature is not enough"
	with pytest.raises(ApprovalError):
		act(people, order[0], "approve", doc.name)
	assert act(people, order[1], "approve", doc.name) == rule.APPROVED
	actions = frappe.get_all("Access Log Entry", filters={"document_name": doc.name}, pluck="action", order_by="name")
	assert actions == ["Request", "Approve", "Approve"]


def test_before_the_approval_and_after_it_nothing_is_open_to_the_applicant(db: Any, people: factories.People) -> None:
	"""An approval creates no grant: the materials come from who keeps them (R-OUT-01)."""
	name = filed(people)
	applicant = people[roles.SALESPERSON]
	doc = request(people, name)
	for _step in range(3):
		found = documents.decision(name, access.EXPORT, access.OTHER, applicant)
		assert found and not found.allowed
		if status(doc.name) == rule.REQUESTED:
			act(people, HEAD if _step == 0 else MARKETING, "approve", doc.name)
	assert status(doc.name) == rule.APPROVED
	assert not frappe.db.count("Access Grant", {"archive": name})


def test_nobody_approves_his_own_request(db: Any, people: factories.People) -> None:
	doc = request(people, role=roles.MARKETING_DIRECTOR)
	with pytest.raises(ApprovalError):
		act(people, MARKETING, "approve", doc.name)
	for role in (roles.SALESPERSON, roles.ARCHIVIST, roles.COMPANY_LEADER, roles.ARCHIVE_ADMINISTRATOR):
		with pytest.raises(ERRORS):
			act(people, role, "approve", doc.name)
	assert status(doc.name) == rule.REQUESTED


def test_one_refusal_ends_it_and_says_why(db: Any, people: factories.People) -> None:
	doc = request(people)
	with pytest.raises(ApprovalError):
		act(people, HEAD, "decline", doc.name, " ")
	assert act(people, MARKETING, "decline", doc.name, "无必要") == rule.REFUSED
	with pytest.raises(DisclosureError):
		act(people, HEAD, "approve", doc.name)
	assert frappe.db.get_value(disclosure.REQUEST, doc.name, "refusal_reason") == "无必要"


def test_the_general_managers_variant(db: Any, people: factories.People) -> None:
	"""R-OUT-02: another rule, other approvers."""
	name = filed(people)
	frappe.db.sql("update `tabAccess Rule` set is_disabled = 1 where on_disclose = 1")
	frappe.get_doc(
		{
			"doctype": "Access Rule",
			"rule_name": "外传须总经理授权",
			"outcome": access.APPROVAL,
			"on_disclose": 1,
			"for_keeper": 1,
			"approvers": [{"approver_kind": "Role", "role": roles.GENERAL_MANAGER}],
		}
	).insert()
	doc = request(people, name)
	assert [row.approver_role for row in doc.approvals] == [roles.GENERAL_MANAGER]
	assert act(people, roles.GENERAL_MANAGER, "approve", doc.name) == rule.APPROVED


def test_a_type_that_never_leaves_is_refused_at_once(db: Any, people: factories.People) -> None:
	name = filed(people)
	frappe.db.set_value("Archive Type", factories.archive_type(), "never_disclosed", 1)
	with pytest.raises(DisclosureError, match=factories.archive_type()):
		request(people, name)
	assert not frappe.db.count(disclosure.REQUEST, {"archive": name})


def test_a_type_that_is_closed_later_stops_what_was_approved(db: Any, people: factories.People) -> None:
	doc = request(people)
	for role in (HEAD, MARKETING):
		act(people, role, "approve", doc.name)
	frappe.db.set_value("Archive Type", factories.archive_type(), "never_disclosed", 1)
	with pytest.raises(DisclosureError):
		act(people, roles.ARCHIVIST, "hand_over", doc.name, signature())
	assert status(doc.name) == rule.APPROVED


def test_a_rule_that_refuses_leaves_nothing_stored(db: Any, people: factories.People) -> None:
	name = filed(people)
	frappe.db.sql("update `tabAccess Rule` set is_disabled = 1 where on_disclose = 1")
	with pytest.raises(DisclosureError):
		request(people, name)
	assert not frappe.db.count(disclosure.REQUEST, {"archive": name})


def test_a_hidden_archive_and_none_get_the_same_answer(db: Any, people: factories.People) -> None:
	"""Who may neither find an archive nor ask for it does not learn that it exists."""
	hidden = filed(people)
	frappe.db.sql("update `tabAccess Rule` set is_disabled = 1 where on_disclose = 1 or on_find = 1 or on_read = 1")
	answers = set()
	for name in (hidden, "QZ01-KH-2026-99999"):
		with pytest.raises(AccessDeniedError) as caught:
			request(people, name, role=roles.FINANCE_AUDITOR)
		answers.add(str(caught.value))
	assert len(answers) == 1


@pytest.mark.parametrize("values", [{"scope": "联系人手机号"}, {"items": [{"material": "身份证复印件", "copies": 1}]}])
def test_personal_information_needs_separate_consent(db: Any, people: factories.People, values: dict[str, Any]) -> None:
	doc = request(people, has_personal_info=0, **values)
	assert doc.has_personal_info and doc.personal_info_kinds
	with pytest.raises(DisclosureError):
		act(people, HEAD, "approve", doc.name)
	with factories.acting(people[roles.SALESPERSON]):
		for made_up in ("同意", "/private/files/none.pdf"):
			fresh = frappe.get_doc(disclosure.REQUEST, doc.name)
			fresh.consent_evidence, fresh.consent_on = made_up, today()
			frappe.db.savepoint("try")
			try:
				fresh.save()
				with pytest.raises(DisclosureError):
					act(people, HEAD, "approve", doc.name)
			except frappe.ValidationError:
				pass
			frappe.db.rollback(save_point="try")
	consent(doc, people)
	for role in (HEAD, MARKETING):
		act(people, role, "approve", doc.name)
	assert status(doc.name) == rule.APPROVED


def test_a_persons_file_always_needs_consent(db: Any, people: factories.People) -> None:
	name = filed(people, party_kind="Individual", customer_name="陈晓", legal_representative="")
	doc = request(people, name, has_personal_info=0)
	assert doc.has_personal_info
	with factories.acting(people[roles.SALESPERSON]):
		fresh = frappe.get_doc(disclosure.REQUEST, doc.name)
		fresh.has_personal_info = 0
		fresh.save()
		assert fresh.has_personal_info
	with pytest.raises(DisclosureError):
		act(people, MARKETING, "approve", doc.name)


def test_both_sides_sign_or_it_is_not_closed(db: Any, people: factories.People) -> None:
	doc = request(people)
	keeper = roles.ARCHIVIST
	with pytest.raises(DisclosureError):
		act(people, keeper, "hand_over", doc.name, signature())
	for role in (HEAD, MARKETING):
		act(people, role, "approve", doc.name)
	for role in (roles.SALESPERSON, HEAD, MARKETING, roles.GENERAL_MANAGER):
		with pytest.raises(ERRORS):
			act(people, role, "hand_over", doc.name, signature())
	for wrong in ("", "x", signature(blank=True)):
		with pytest.raises(DisclosureError):
			act(people, keeper, "hand_over", doc.name, wrong)
	assert act(people, keeper, "hand_over", doc.name, signature()) == rule.HANDED_OVER
	for given in ({}, {"received_by_name": "王五"}, {"recipient_signature": signature()}, {"received_by_name": "王五", "receipt": "/private/files/x"}):
		with pytest.raises(DisclosureError):
			act(people, keeper, "close", doc.name, **given)
	assert act(people, keeper, "close", doc.name, received_by_name="王五", recipient_signature=signature()) == rule.CLOSED
	stored = frappe.get_doc(disclosure.REQUEST, doc.name)
	assert (stored.handed_over_by, stored.received_by_name) == (people[keeper], "王五")
	assert stored.handed_over_on and stored.closed_on
	entries = frappe.get_all("Access Log Entry", filters={"document_name": doc.name, "action": "Disclose"}, fields=["user", "quantity"])
	assert {row.user for row in entries} == {people[keeper]} and 3 in [row.quantity for row in entries]


def test_a_signed_receipt_takes_the_place_of_the_signature(db: Any, people: factories.People) -> None:
	doc = request(people)
	for role in (HEAD, MARKETING):
		act(people, role, "approve", doc.name)
	act(people, roles.ARCHIVIST, "hand_over", doc.name, signature(), received_by_name="王五")
	assert act(people, roles.ARCHIVIST, "close", doc.name, receipt=evidence(doc.name)) == rule.CLOSED


def test_what_was_decided_on_stands_still_and_no_client_writes_the_rest(db: Any, people: factories.People) -> None:
	doc = request(people)
	forged = {"status": rule.APPROVED, "applicant": "Administrator", "handed_over_by": "Administrator", "approvals": [], "issuer_signature": signature()}
	for user in (people[roles.SALESPERSON], "Administrator"):
		with factories.acting(user):
			fresh = frappe.get_doc(disclosure.REQUEST, doc.name)
			fresh.update(forged)
			fresh.save()
	stored = frappe.get_doc(disclosure.REQUEST, doc.name)
	assert (stored.status, stored.applicant, len(stored.approvals)) == (rule.REQUESTED, people[roles.SALESPERSON], 2)
	assert not stored.issuer_signature and not stored.handed_over_by
	with factories.acting(people[HEAD]), pytest.raises(DisclosureError):
		stored.recipient = "别家"
		stored.save()
	act(people, HEAD, "approve", doc.name)
	with factories.acting(people[roles.SALESPERSON]), pytest.raises(DisclosureError):
		fresh = frappe.get_doc(disclosure.REQUEST, doc.name)
		fresh.append("items", {"material": "报价单", "copies": 1})
		fresh.save()


def test_periods_copies_withdrawal_and_deletion(db: Any, people: factories.People) -> None:
	with pytest.raises(DisclosureError):
		request(people, valid_until=add_days(today(), -1))
	with pytest.raises(InvalidFieldsError):
		request(people, items=[{"material": "合同", "copies": 0}])
	doc = request(people)
	with pytest.raises(ERRORS):
		act(people, HEAD, "withdraw", doc.name)
	for actor in ("Administrator", people[roles.SALESPERSON], people[roles.ARCHIVE_ADMINISTRATOR]):
		with factories.acting(actor), pytest.raises((DeletionRefusedError, frappe.PermissionError)):
			frappe.delete_doc(disclosure.REQUEST, doc.name, force=True)
	assert act(people, roles.SALESPERSON, "withdraw", doc.name) == rule.WITHDRAWN
	frappe.db.set_value(disclosure.REQUEST, doc.name, {"status": rule.REQUESTED, "valid_until": add_days(today(), -1)})
	with pytest.raises(DisclosureError):
		act(people, HEAD, "approve", doc.name)


def test_what_the_form_offers_is_what_the_server_allows(db: Any, people: factories.People) -> None:
	doc = request(people)

	def offered(role: str) -> set[str]:
		with factories.acting(people[role]):
			return {step for step, is_open in disclosure.steps_open(doc.name).items() if is_open}

	assert offered(roles.SALESPERSON) == {"withdraw"}
	assert offered(HEAD) == offered(MARKETING) == {"decide"}
	assert offered(roles.ARCHIVIST) == set()
	for role in (HEAD, MARKETING):
		act(people, role, "approve", doc.name)
	assert offered(roles.ARCHIVIST) == {"hand_over"}
	act(people, roles.ARCHIVIST, "hand_over", doc.name, signature())
	assert offered(roles.ARCHIVIST) == {"close"} and offered(roles.SALESPERSON) == set()


@pytest.mark.parametrize(
	"text", ["", None, "data:image/png;base64,", "data:image/png;base64,AAAA", "data:image/svg+xml;base64,PHN2Zz4=", "x" * 10]
)
def test_what_is_no_signature(text: str | None) -> None:
	assert not signatures.is_drawn(text)


def test_what_is_a_signature() -> None:
	assert signatures.is_drawn(signature())
	assert not signatures.is_drawn(signature(blank=True))


def test_no_link_is_made_for_outsiders(db: Any, people: factories.People) -> None:
	"""R-OUT-04: no share key for an archive or for what hangs on it, not even by the server's own call."""
	name = filed(people)
	for doctype, record in (("Customer Archive", name), ("Disclosure Request", request(people, name).name)):
		with pytest.raises(AccessDeniedError):
			frappe.get_doc(doctype, record).get_document_share_key()
		with pytest.raises(AccessDeniedError):
			frappe.get_doc(
				{"doctype": "Document Share Key", "reference_doctype": doctype, "reference_docname": record}
			).insert()
	assert frappe.get_doc("User", "Administrator").get_document_share_key()
