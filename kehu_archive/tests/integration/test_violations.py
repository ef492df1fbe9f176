"""Violations: proposed at a bad return, confirmed by leadership, appealed, and the file replaced. R-PEN-01 to R-PEN-05, R-ACC-16."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import frappe
import pytest
from frappe.utils import today

from kehu_archive.domain import roles
from kehu_archive.exceptions import DeletionRefusedError, InvalidFieldsError, ViolationError
from kehu_archive.services import borrowing_counter, borrowing_reminders, violations
from kehu_archive.tests import factories, loans
from kehu_archive.tests.loans import BORROWER, BORROWING, RIVAL, ask, do, stored

MANAGER = factories.email(roles.GENERAL_MANAGER)
LEADER = factories.email(roles.COMPANY_LEADER)
CLERK = factories.email(roles.CUSTOMER_SERVICE_STAFF)
CHIEF = factories.email(roles.CUSTOMER_SERVICE_MANAGER)
ARCHIVIST = factories.email(roles.ARCHIVIST)
NOON = datetime(2026, 11, 20, 12)


@pytest.fixture
def office(office: str) -> str:
	"""Everybody may also borrow it."""
	loans.rule("others", "borrow", for_keeper=0, for_oversight=0)
	return office


def returned(archive: str, condition: str, pages: int = 24) -> tuple[str, str]:
	"""The names of a loan that came back like this and of the violation that it showed."""
	name = ask(archive).name
	do(borrowing_counter.lend, CLERK, name, 24)
	return name, str(do(borrowing_counter.give_back, CLERK, name, pages, condition, None, "封面破损"))


def make(user: str = CHIEF, **values: Any) -> Any:
	with factories.acting(user):
		return frappe.get_doc(
			{"doctype": "Violation", "violation_kind": "Leak", "person": BORROWER, "facts": "<p>外传客户名单</p>", **values}
		).insert()


def violation(name: str, *fields: str) -> Any:
	return stored(name, *fields, doctype="Violation")


@pytest.mark.parametrize(
	("condition", "pages", "kind", "status"),
	[
		("Lost", 0, "Lost File", "Lost"),
		("Damaged", 24, "Damaged File", "Returned"),
		("Intact", 20, "Missing File", "Returned"),
	],
)
def test_a_bad_return_proposes_a_violation_and_a_task_for_today(
	office: str, condition: str, pages: int, kind: str, status: str
) -> None:
	"""R-PEN-01, R-PEN-02."""
	loan, name = returned(office, condition, pages)
	doc = frappe.get_doc("Violation", name)
	assert (doc.violation_kind, doc.person, doc.borrowing, doc.archive) == (kind, BORROWER, loan, office)
	assert (doc.status, doc.proposed_by, doc.penalty_basis, doc.penalty_amount) == ("Proposed", CLERK, "Fixed Range", 50)
	assert str(doc.replacement_due) == today()
	task = frappe.get_doc("ToDo", doc.replacement_task)
	assert (task.allocated_to, str(task.date), task.status) == (BORROWER, today(), "Open")
	# The task shares the case with nobody.
	assert not frappe.db.exists("DocShare", {"share_doctype": "Violation", "share_name": name})
	assert stored(loan, "status") == status
	assert stored(loan, "open_loan_key") == (office if status == "Lost" else None)


def test_a_lost_file_stays_out_until_it_is_replaced(office: str) -> None:
	loan, name = returned(office, "Lost", 0)
	with pytest.raises(frappe.ValidationError, match="遗失"):
		ask(office, user=RIVAL)
	for user in (BORROWER, RIVAL, MANAGER):
		with pytest.raises(ViolationError):
			do(violations.mark_replaced, user, name)
	do(violations.mark_replaced, ARCHIVIST, name)
	assert violation(name, "replaced_by") == ARCHIVIST
	assert frappe.db.get_value("ToDo", violation(name, "replacement_task"), "status") == "Closed"
	assert stored(loan, "status", "condition", "open_loan_key") == {
		"status": "Returned",
		"condition": "Lost",
		"open_loan_key": None,
	}
	assert ask(office, user=RIVAL).status == "Approved"
	with pytest.raises(ViolationError):
		do(violations.mark_replaced, ARCHIVIST, name)


def test_a_file_that_is_found_again_can_be_lent(office: str) -> None:
	loan, _name = returned(office, "Lost", 0)
	assert do(borrowing_counter.give_back, CLERK, loan, 24, "Intact") is None
	assert stored(loan, "status", "open_loan_key") == {"status": "Returned", "open_loan_key": None}
	assert frappe.db.count("Violation", {"borrowing": loan}) == 1


@pytest.mark.parametrize("amount", [49, 49.99, 500.01, 501, -50])
def test_a_penalty_outside_the_range_is_not_saved(office: str, amount: float) -> None:
	_loan, name = returned(office, "Damaged")
	with factories.acting(CHIEF):
		doc = frappe.get_doc("Violation", name)
		doc.penalty_amount = amount
		with pytest.raises(InvalidFieldsError) as caught:
			doc.save()
	assert "处罚金额" in str(caught.value)
	if amount > 0:
		assert "50 至 500" in str(caught.value)


@pytest.mark.parametrize("amount", [50, 200, 500])
def test_a_penalty_within_the_range_is_saved(office: str, amount: float) -> None:
	_loan, name = returned(office, "Damaged")
	with factories.acting(CHIEF):
		doc = frappe.get_doc("Violation", name)
		doc.penalty_amount = amount
		doc.save()
	assert violation(name, "penalty_amount") == amount


def test_the_range_is_a_setting(office: str) -> None:
	settings = frappe.get_doc("Kehu Archive Settings")
	settings.db_set({"fine_least": 100, "fine_most": 300})
	frappe.clear_document_cache("Kehu Archive Settings", "Kehu Archive Settings")
	_loan, name = returned(office, "Damaged")
	assert violation(name, "penalty_amount") == 100
	doc = frappe.get_doc("Violation", name)
	doc.penalty_amount = 400
	with pytest.raises(InvalidFieldsError, match="100 至 300"):
		doc.save()


def test_a_leak_is_confirmed_with_loss_and_liability(office: str) -> None:
	"""R-PEN-04, R-PEN-05: the regulation is cited by itself."""
	doc = make()
	assert (doc.penalty_basis, doc.policy_document) == (
		"Regulation",
		frappe.db.get_single_value("Kehu Archive Settings", "fine_policy"),
	)
	with pytest.raises(InvalidFieldsError) as caught:
		do(violations.confirm, MANAGER, doc.name)
	assert "损失金额" in str(caught.value) and "责任认定" in str(caught.value)
	with factories.acting(CHIEF):
		doc.reload()
		doc.update({"loss_amount": 20000, "liability": "直接责任"})
		doc.save()
	do(violations.confirm, MANAGER, doc.name, "按制度处理")
	row = violation(doc.name, "status", "confirmed_by", "confirmation_note")
	assert dict(row) == {"status": "Confirmed", "confirmed_by": MANAGER, "confirmation_note": "按制度处理"}


def test_neither_the_person_nor_the_proposer_confirms(office: str) -> None:
	facts = {"loss_amount": 1, "liability": "x"}
	own = make(person=MANAGER, **facts)
	with pytest.raises(ViolationError):
		do(violations.confirm, MANAGER, own.name)
	frappe.db.set_value("Violation", own.name, "proposed_by", LEADER)
	with pytest.raises(ViolationError):
		do(violations.confirm, LEADER, own.name)
	for user in (CLERK, CHIEF, RIVAL, ARCHIVIST):
		with pytest.raises(ViolationError):
			do(violations.confirm, user, own.name)
	frappe.db.set_value("Violation", own.name, "proposed_by", CHIEF)
	do(violations.confirm, LEADER, own.name)
	assert violation(own.name, "status") == "Confirmed"


def test_the_person_appeals_and_leadership_answers(office: str) -> None:
	_loan, name = returned(office, "Damaged")
	with pytest.raises(ViolationError):
		do(violations.appeal, BORROWER, name, "还未确认")
	do(violations.confirm, MANAGER, name)
	for user in (RIVAL, CLERK, MANAGER):
		with pytest.raises(ViolationError):
			do(violations.appeal, user, name, "代为申诉")
	with pytest.raises(ViolationError):
		do(violations.appeal, BORROWER, name, " ")
	do(violations.appeal, BORROWER, name, "借出时已破损")
	with pytest.raises(ViolationError):
		do(violations.close, LEADER, name, "")
	do(violations.drop, LEADER, name, "申诉成立")
	assert violation(name, "status", "appeal_note") == {"status": "Dropped", "appeal_note": "借出时已破损"}
	assert frappe.db.get_value("ToDo", violation(name, "replacement_task"), "status") == "Closed"
	assert loans.logged(name) == ["Approve", "Request", "Deny"]


def test_closing_a_confirmed_case(office: str) -> None:
	_loan, name = returned(office, "Damaged")
	do(violations.confirm, MANAGER, name)
	do(violations.close, LEADER, name)
	assert violation(name, "status") == "Closed"
	with pytest.raises(ViolationError):
		do(violations.confirm, MANAGER, name)
	with pytest.raises(ViolationError, match="没有这个步骤"):
		violations.take("pardon", name, "")


def test_the_person_concerned_does_not_edit_his_case(office: str) -> None:
	doc = make(person=CHIEF, user=ARCHIVIST)
	with factories.acting(CHIEF):
		doc.reload()
		doc.facts = "没有此事"
		with pytest.raises(ViolationError):
			doc.save()


def test_a_save_changes_no_step_and_nothing_after_the_confirmation(office: str) -> None:
	_loan, name = returned(office, "Damaged")
	with factories.acting(CHIEF):
		doc = frappe.get_doc("Violation", name)
		doc.update(
			{
				"status": "Confirmed",
				"confirmed_by": MANAGER,
				"proposed_by": RIVAL,
				"person": RIVAL,
				"replaced_on": NOON,
				"replacement_due": "2999-01-01",
				"penalty_amount": 300,
			}
		)
		doc.save()
	row = violation(name, "status", "confirmed_by", "proposed_by", "person", "replaced_on", "penalty_amount")
	assert dict(row) == {
		"status": "Proposed",
		"confirmed_by": None,
		"proposed_by": CLERK,
		"person": BORROWER,
		"replaced_on": None,
		"penalty_amount": 300,
	}
	do(violations.confirm, MANAGER, name)
	with factories.acting(CHIEF):
		doc.reload()
		doc.update({"penalty_amount": 50, "facts": "改"})
		doc.save()
	assert violation(name, "penalty_amount") == 300
	with pytest.raises(DeletionRefusedError):
		frappe.delete_doc("Violation", name)


def test_a_borrowing_of_somebody_else_is_not_cited(office: str) -> None:
	loan, _name = returned(office, "Damaged")
	with pytest.raises(ViolationError):
		make(person=RIVAL, borrowing=loan, archive=office)


def test_an_overdue_replacement_is_called_for_once_a_day(office: str, monkeypatch: pytest.MonkeyPatch) -> None:
	"""R-PEN-02."""
	loans.set_clock(monkeypatch, NOON)
	_loan, name = returned(office, "Damaged")
	assert borrowing_reminders.remind_replacements() == 0
	for day, told in ((1, 1), (2, 2)):
		loans.set_clock(monkeypatch, NOON + timedelta(days=day))
		frappe.db.sql("update `tabNotification Log` set creation = creation - interval 1 day where document_name = %s", name)
		for _run in range(2):
			borrowing_reminders.remind_replacements()
		assert sum("补档已逾期" in text for text in loans.notices(name, BORROWER)) == told
	assert any("补档已逾期" in text for text in loans.notices(name, CHIEF))
	do(violations.mark_replaced, ARCHIVIST, name)
	assert borrowing_reminders.remind_replacements() == 0


def test_who_sees_a_violation(office: str) -> None:
	_loan, name = returned(office, "Damaged")

	def sees(user: str) -> bool:
		with factories.acting(user):
			listed = bool(frappe.get_list("Violation", filters={"name": name}))
			assert listed == bool(frappe.get_doc("Violation", name).has_permission("read"))
			return listed

	assert all(sees(user) for user in (BORROWER, CLERK, CHIEF, MANAGER, LEADER))
	assert not sees(RIVAL)
	assert frappe.db.count(BORROWING, {"archive": office}) == 1
