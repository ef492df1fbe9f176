"""Borrowing with real users: request, approvals, hand-over, return, renewal, reminders. R-ACC-01 to R-ACC-16, R-ARC-16, R-FUP-13."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import frappe
import pytest
from frappe.utils import add_days, getdate, today

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import roles
from kehu_archive.exceptions import (
	AccessDeniedError,
	ApprovalError,
	BorrowingError,
	DeletionRefusedError,
	InvalidFieldsError,
	LoanConflictError,
)
from kehu_archive.permissions import documents
from kehu_archive.printing import checks
from kehu_archive.services import borrowing, borrowing_counter, borrowing_reminders, borrowing_view
from kehu_archive.tests import factories, loans, papers
from kehu_archive.tests.loans import BORROWER, BORROWING, HEAD, RIVAL, STRANGER, ask, do, stored

DIRECTOR = factories.email(roles.MARKETING_DIRECTOR)
MANAGER = factories.email(roles.GENERAL_MANAGER)
ARCHIVIST = factories.email(roles.ARCHIVIST)
CLERK = factories.email(roles.CUSTOMER_SERVICE_STAFF)
NOON = datetime(2026, 11, 20, 12)


def others(*operations: str, **values: Any) -> str:
	"""A rule for those who do not keep or oversee the archive."""
	return loans.rule("others", *operations, **{"for_keeper": 0, "for_oversight": 0, **values})


def lent(archive: str, user: str = BORROWER, method: str = "Borrow", pages: int = 24, **values: Any) -> str:
	name = ask(archive, user, method, **values).name
	do(borrowing_counter.lend, CLERK, name, pages)
	return str(name)


# -- request -------------------------------------------------------------------------------------------------


def test_the_register_row_says_who_what_why_and_by_which_rule(office: str) -> None:
	"""R-ACC-01, R-ACC-13: time, person, department, content, purpose, copies and approver stand in the row."""
	place = frappe.get_doc({"doctype": "Archive Department", "department_name": "测试营销部"}).insert()
	level = frappe.db.get_value("Position Level", {"rank": 30})
	place.append("members", {"user": BORROWER, "position_level": level})
	place.save()
	others("copy", approvers=[roles.MARKETING_DIRECTOR], basis="003 5.2.3")
	name = ask(office, method="Photocopy", copies=2, page_range="1-3").name
	do(borrowing.approve, DIRECTOR, name, "同意")
	row = frappe.get_doc(BORROWING, name)
	assert (row.applicant, row.department, row.position_level) == (BORROWER, "测试营销部", level)
	assert (row.purpose, row.method, row.copies, row.page_range) == ("Work Need", "Photocopy", 2, "1-3")
	assert str(row.applied_on) == today()
	assert row.confidentiality == "Internal"
	assert "003 5.2.3" in row.rules_applied
	step = row.approvals[0]
	assert (step.decided_by, step.decision, step.opinion) == (DIRECTOR, "Agreed", "同意")
	assert row.approved_on and row.status == "Approved"
	assert loans.logged(name) == ["Request", "Approve"]


def test_allowed_by_rule_is_approved_at_once(office: str) -> None:
	others("read")
	doc = ask(office, method="Consult")
	assert doc.status == "Approved"
	assert not doc.approvals


def test_an_approval_rule_that_names_nobody_asks_customer_service(office: str) -> None:
	name = others("read", approvers=[roles.GENERAL_MANAGER])
	frappe.db.delete("Access Rule Approver", {"parent": name})
	doc = ask(office, method="Consult")
	assert doc.status == "Requested"
	assert [row.approver_role for row in doc.approvals] == [roles.CUSTOMER_SERVICE_MANAGER]


def test_refused_by_rule_is_recorded(office: str) -> None:
	others("borrow", outcome="Refused", basis="某条")
	doc = ask(office)
	assert doc.status == "Refused"
	assert "某条" in doc.refusal_reason
	assert loans.logged(doc.name) == ["Request", "Deny"]
	assert ask(office, method="Take Out").status == "Refused"


def test_disclosure_has_a_request_of_its_own(office: str) -> None:
	others("disclose")
	with pytest.raises(BorrowingError, match="对外提供"):
		ask(office, method="Disclose")


def test_the_applicant_is_the_session_user(office: str) -> None:
	others("borrow", approvers=[roles.MARKETING_DIRECTOR])
	doc = ask(office, applicant=RIVAL, status="Approved", due_on="2999-01-01", may_renew=1, lent_by=CLERK)
	assert stored(doc.name, "applicant", "status", "due_on", "lent_by") == {
		"applicant": BORROWER,
		"status": "Requested",
		"due_on": None,
		"lent_by": None,
	}


def test_administrator_takes_a_register_over_as_it_was(office: str) -> None:
	old = {"applied_on": "2020-03-01", "due_on": "2020-03-05", "status": "Returned", "lent_pages": 12, "returned_pages": 12}
	doc = ask(office, user="Administrator", applicant=RIVAL, **old)
	row = stored(doc.name, "applicant", *old)
	assert {field: str(value) for field, value in row.items()} == {field: str(value) for field, value in {"applicant": RIVAL, **old}.items()}
	assert not loans.logged(doc.name)
	manager = ask(office, user=CLERK, applicant=RIVAL, **old)
	assert stored(manager.name, "applicant", "due_on") == {"applicant": CLERK, "due_on": getdate(add_days(today(), 7))}


def test_a_file_that_may_not_be_found_answers_like_one_that_does_not_exist(db: Any, people: factories.People) -> None:
	loans.staff(people)
	loans.no_other_rules()
	hidden = loans.make_filed()
	texts = []
	for number in (hidden, hidden[:-1] + "X"):
		with pytest.raises(BorrowingError) as caught:
			ask(number)
		texts.append(str(caught.value).replace(number, "N"))
	assert texts[0] == texts[1]
	assert "查无此档案" in texts[0]


def test_wanted_is_resolved_by_those_who_keep_archives(db: Any, people: factories.People) -> None:
	loans.staff(people)
	loans.no_other_rules()
	archive = loans.make_filed()
	others("borrow", approvers=[roles.MARKETING_DIRECTOR])
	doc = ask(None, wanted="某某公司")
	assert doc.status == "Requested" and not doc.archive
	for user in (BORROWER, STRANGER, MANAGER):
		with pytest.raises(BorrowingError):
			do(borrowing.resolve, user, doc.name, archive)
	with pytest.raises(BorrowingError, match="KH-NONE"):
		do(borrowing.resolve, CLERK, doc.name, "KH-NONE")
	do(borrowing.resolve, CLERK, doc.name, archive)
	assert stored(doc.name, "archive", "status", "confidentiality") == {
		"archive": archive,
		"status": "Requested",
		"confidentiality": "",
	}
	with pytest.raises(BorrowingError):
		do(borrowing.resolve, CLERK, doc.name, archive)
	do(borrowing.approve, DIRECTOR, doc.name)
	assert stored(doc.name, "status", "confidentiality") == {"status": "Approved", "confidentiality": "Internal"}


def test_a_resolved_request_that_is_refused_does_not_name_the_file(db: Any, people: factories.People) -> None:
	loans.staff(people)
	loans.no_other_rules()
	archive = loans.make_filed()
	doc = ask(None, wanted="某某公司")
	assert do(borrowing.resolve, CLERK, doc.name, archive) == "Refused"
	row = frappe.get_doc(BORROWING, doc.name)
	assert (row.archive, row.confidentiality, row.rules_applied) == (None, "", "")
	other = ask(None, wanted="另一公司")
	do(borrowing.turn_away, CLERK, other.name, "查无此档")
	assert stored(other.name, "status", "refusal_reason") == {"status": "Refused", "refusal_reason": "查无此档"}
	with pytest.raises(InvalidFieldsError):
		ask(None)


def test_a_grant_from_before_is_no_approval(office: str) -> None:
	"""Who may read for a while cannot prolong it by asking again."""
	others("read", approvers=[roles.GENERAL_MANAGER])
	first = ask(office, method="Consult")
	do(borrowing.approve, MANAGER, first.name)
	assert documents.may(office, "read", user=BORROWER)
	assert ask(office, method="Consult").status == "Requested"


def test_a_wish_in_the_past_is_refused(office: str) -> None:
	others("borrow")
	with pytest.raises(InvalidFieldsError):
		ask(office, wished_due_on=add_days(today(), -1))


# -- approvals -----------------------------------------------------------------------------------------------


def test_other_departments_need_the_marketing_director(office: str) -> None:
	"""R-ACC-04: without his approval nothing is handed out."""
	others("borrow", approvers=[roles.MARKETING_DIRECTOR])
	doc = ask(office)
	with pytest.raises(BorrowingError):
		do(borrowing_counter.lend, CLERK, doc.name, 10)
	with pytest.raises(ApprovalError):
		do(borrowing.approve, MANAGER, doc.name)
	assert loans.notices(doc.name, DIRECTOR)
	do(borrowing.approve, DIRECTOR, doc.name)
	do(borrowing_counter.lend, CLERK, doc.name, 10)
	assert stored(doc.name, "status") == "Lent"


def test_the_requester_never_approves_whatever_roles_he_has(office: str) -> None:
	others("borrow", approvers=[roles.MARKETING_DIRECTOR])
	doc = ask(office, user=DIRECTOR)
	assert doc.status == "Requested"
	with pytest.raises(ApprovalError):
		do(borrowing.approve, DIRECTOR, doc.name)
	factories.ensure_user("second.director@kehu.test", roles.MARKETING_DIRECTOR, roles.SALESPERSON)
	loans.sign("second.director@kehu.test")
	assert do(borrowing.approve, "second.director@kehu.test", doc.name) == "Approved"


def test_in_turn_waits_and_jointly_does_not(office: str) -> None:
	name = others("borrow", approvers=[roles.MARKETING_DIRECTOR, roles.GENERAL_MANAGER], approval_mode="In Turn")
	doc = ask(office)
	with pytest.raises(ApprovalError):
		do(borrowing.approve, MANAGER, doc.name)
	assert do(borrowing.approve, DIRECTOR, doc.name) == "Requested"
	assert loans.notices(doc.name, MANAGER)
	assert do(borrowing.approve, MANAGER, doc.name) == "Approved"
	frappe.db.set_value("Access Rule", name, "approval_mode", "Joint")
	other = ask(office)
	assert other.approval_mode == "Joint"
	assert do(borrowing.approve, MANAGER, other.name) == "Requested"
	with pytest.raises(ApprovalError):
		do(borrowing.approve, MANAGER, other.name)
	assert do(borrowing.approve, DIRECTOR, other.name) == "Approved"


def test_one_person_with_two_roles_signs_once(office: str) -> None:
	both = factories.ensure_user("both@kehu.test", roles.MARKETING_DIRECTOR, roles.GENERAL_MANAGER)
	loans.sign(both)
	others("borrow", approvers=[roles.MARKETING_DIRECTOR, roles.GENERAL_MANAGER])
	doc = ask(office)
	assert do(borrowing.approve, both, doc.name) == "Requested"
	with pytest.raises(ApprovalError):
		do(borrowing.approve, both, doc.name)
	assert do(borrowing.approve, MANAGER, doc.name) == "Approved"


def test_heads_and_custodian_are_found_by_name(office: str) -> None:
	top = frappe.get_doc({"doctype": "Archive Department", "department_name": "测试总部", "manager": MANAGER}).insert()
	place = frappe.get_doc(
		{"doctype": "Archive Department", "department_name": "测试部", "manager": HEAD, "parent_department": top.name}
	).insert()
	level = frappe.db.get_value("Position Level", {"rank": 10})
	place.append("members", {"user": BORROWER, "position_level": level})
	place.save()
	others("borrow", approvers=[("Requester's Department Head", ""), ("Custodian", ""), ("User", DIRECTOR)])
	doc = ask(office)
	assert [row.approver_user for row in doc.approvals] == [HEAD, ARCHIVIST, DIRECTOR]
	own = ask(office, user=HEAD)
	# The head asks himself: the head above decides.
	assert [row.approver_user for row in own.approvals] == [MANAGER, ARCHIVIST, DIRECTOR]
	stranger = ask(office, user=STRANGER)
	assert stranger.approvals[0].approver_role == roles.GENERAL_MANAGER


def test_declining_needs_a_reason_and_ends_the_request(office: str) -> None:
	others("borrow", approvers=[roles.MARKETING_DIRECTOR, roles.GENERAL_MANAGER], approval_mode="Joint")
	doc = ask(office)
	with pytest.raises(ApprovalError):
		do(borrowing.decline, DIRECTOR, doc.name, " ")
	do(borrowing.decline, DIRECTOR, doc.name, "与工作无关")
	assert stored(doc.name, "status", "refusal_reason") == {"status": "Refused", "refusal_reason": "与工作无关"}
	with pytest.raises(BorrowingError):
		do(borrowing.approve, MANAGER, doc.name)
	assert loans.notices(doc.name, BORROWER)


def test_the_applicant_withdraws_while_it_is_open(office: str) -> None:
	others("borrow", approvers=[roles.MARKETING_DIRECTOR])
	doc = ask(office)
	with pytest.raises(BorrowingError):
		do(borrowing.withdraw, RIVAL, doc.name)
	do(borrowing.withdraw, BORROWER, doc.name)
	assert stored(doc.name, "status") == "Withdrawn"
	with pytest.raises(BorrowingError):
		do(borrowing.approve, DIRECTOR, doc.name)


def test_what_the_rules_refuse_meanwhile_is_not_handed_out(office: str) -> None:
	others("borrow")
	doc = ask(office)
	others("borrow", outcome="Refused")
	with pytest.raises(BorrowingError):
		do(borrowing_counter.lend, CLERK, doc.name, 10)


# -- hand-over and return -----------------------------------------------------------------------------------


def test_hand_over_is_for_those_who_keep_the_archive(office: str) -> None:
	"""R-ARC-16: and never to oneself."""
	others("borrow")
	doc = ask(office)
	for user in (STRANGER, MANAGER, BORROWER, DIRECTOR):
		with pytest.raises(BorrowingError):
			do(borrowing_counter.lend, user, doc.name, 10)
	own = ask(office, user=CLERK)
	with pytest.raises(BorrowingError):
		do(borrowing_counter.lend, CLERK, own.name, 10)
	with pytest.raises(BorrowingError):
		do(borrowing_counter.lend, ARCHIVIST, doc.name, 0)
	do(borrowing_counter.lend, ARCHIVIST, doc.name, 10, papers.PICTURE)
	row = stored(doc.name, "status", "lent_by", "lent_pages", "borrower_signature", "open_loan_key")
	assert dict(row) == {
		"status": "Lent",
		"lent_by": ARCHIVIST,
		"lent_pages": 10,
		"borrower_signature": papers.PICTURE,
		"open_loan_key": office,
	}


def test_a_signature_is_a_picture(office: str) -> None:
	others("borrow")
	doc = ask(office)
	for wrong in ('"><script>alert(1)</script>', "data:image/png;base64,iVBORw0KGgo=", papers.signature(blank=True)):
		with pytest.raises(BorrowingError, match="签名"):
			do(borrowing_counter.lend, CLERK, doc.name, 10, wrong)


def test_take_out_where_the_file_must_stay(office: str) -> None:
	"""R-ACC-03: refused at the request, and at the hand-over whatever the row says."""
	others("take_out", "borrow", no_leaving=1)
	assert ask(office, method="Take Out").status == "Refused"
	doc = ask(office)
	assert doc.may_leave_office == 0
	frappe.db.set_value(BORROWING, doc.name, "method", "Take Out")
	with pytest.raises(BorrowingError):
		do(borrowing_counter.lend, CLERK, doc.name, 10)


def test_no_double_loan_and_who_may_know_the_holder(office: str) -> None:
	"""R-ACC-16."""
	others("borrow")
	waiting = ask(office, user=RIVAL)
	lent(office)
	holder = str(frappe.db.get_value("User", BORROWER, "full_name"))
	with pytest.raises(LoanConflictError) as to_keeper:
		do(borrowing_counter.lend, CLERK, waiting.name, 10)
	assert holder in str(to_keeper.value)
	with pytest.raises(LoanConflictError) as to_rival:
		ask(office, user=RIVAL)
	assert holder not in str(to_rival.value) and "借出中" in str(to_rival.value)
	with factories.acting(RIVAL):
		assert borrowing_view.availability(office) == {"state": "Lent"}
	with factories.acting(CLERK):
		assert borrowing_view.availability(office)["holder"] == holder


def test_the_database_itself_refuses_a_second_loan(office: str) -> None:
	others("borrow")
	first, second = ask(office), ask(office, user=RIVAL)
	do(borrowing_counter.lend, CLERK, first.name, 10)
	with pytest.raises(Exception, match=r"Duplicate|1062"):
		frappe.db.sql("update `tabArchive Borrowing` set open_loan_key = %s where name = %s", (office, second.name))


def test_returned_in_order(office: str) -> None:
	others("borrow")
	name = lent(office)
	for user in (BORROWER, STRANGER, MANAGER):
		with pytest.raises(BorrowingError):
			do(borrowing_counter.give_back, user, name, 24, "Intact")
	with pytest.raises(BorrowingError):
		do(borrowing_counter.give_back, CLERK, name, 24, "好")
	assert do(borrowing_counter.give_back, CLERK, name, 24, "Intact", papers.PICTURE, "齐全") is None
	row = frappe.get_doc(BORROWING, name)
	assert (row.status, row.received_by, row.returned_pages, row.condition) == ("Returned", CLERK, 24, "Intact")
	assert row.returned_on and row.overdue_days == 0 and not row.open_loan_key
	assert loans.logged(name) == ["Request", "Lend", "Hand Back"]
	assert lent(office, user=RIVAL)


def test_consult_through_customer_service_opens_at_the_hand_over(office: str) -> None:
	"""R-ACC-14: electronic access too is given out and registered by customer service where the rule says so."""
	others("read", needs_hand_over=1, approvers=[roles.GENERAL_MANAGER])
	doc = ask(office, method="Consult")
	assert do(borrowing.approve, MANAGER, doc.name) == "Approved"
	assert not documents.may(office, "read", user=BORROWER)
	with pytest.raises(BorrowingError):
		do(borrowing_counter.open_access, STRANGER, doc.name)
	do(borrowing_counter.open_access, CLERK, doc.name)
	assert documents.may(office, "read", user=BORROWER)
	assert stored(doc.name, "status", "lent_by", "open_loan_key") == {
		"status": "Approved",
		"lent_by": CLERK,
		"open_loan_key": None,
	}
	do(borrowing_counter.finish, BORROWER, doc.name)
	assert not documents.may(office, "read", user=BORROWER)
	assert stored(doc.name, "status") == "Returned"


# -- days ----------------------------------------------------------------------------------------------------


def test_the_sales_manager_returns_the_same_day(office: str, monkeypatch: pytest.MonkeyPatch) -> None:
	"""R-ACC-02, R-FUP-13: due today; at 24:00 it is overdue by itself, and the people are told."""
	loans.set_clock(monkeypatch, NOON)
	others("borrow", same_day_return=1)
	name = lent(office, wished_due_on="2026-12-30")
	assert str(stored(name, "due_on")) == "2026-11-20"
	with pytest.raises(BorrowingError, match="当日"):
		do(borrowing_counter.renew, CLERK, name)
	loans.set_clock(monkeypatch, datetime(2026, 11, 20, 23, 59, 59))
	assert borrowing_reminders.run()["overdue"] == 0
	assert shown(name) == "Lent"
	loans.set_clock(monkeypatch, datetime(2026, 11, 21))
	assert shown(name) == "Overdue"
	assert borrowing_reminders.run()["overdue"] == 1
	assert stored(name, "status", "overdue_days") == {"status": "Overdue", "overdue_days": 1}
	assert loans.notices(name, BORROWER)[-1].startswith("借阅")
	assert loans.notices(name, CLERK)


def shown(name: str) -> str:
	with factories.acting(CLERK):
		return str(borrowing_view.actions(frappe.get_doc(BORROWING, name))["status"])


def test_important_material_is_returned_the_same_day_and_not_renewed(office: str) -> None:
	"""R-ACC-05, whatever the rule would allow."""
	frappe.db.set_value(ARCHIVE, office, "is_important", 1)
	others("borrow", longest_days=30)
	doc = ask(office, wished_due_on=add_days(today(), 20))
	assert doc.same_day_return and not doc.may_renew
	name = lent_of(doc)
	assert str(stored(name, "due_on")) == today()
	frappe.db.set_value(BORROWING, name, {"same_day_return": 0, "may_renew": 1})
	with pytest.raises(BorrowingError):
		do(borrowing_counter.renew, CLERK, name)


def lent_of(doc: Any) -> str:
	do(borrowing_counter.lend, CLERK, doc.name, 24)
	return str(doc.name)


@pytest.mark.parametrize(("wish", "longest", "expected"), [(None, 0, 7), (3, 0, 3), (30, 0, 7), (30, 5, 5), (None, 5, 5), (2, 5, 2)])
def test_the_last_day_is_the_earliest_of_wish_rule_and_usual(office: str, wish: int | None, longest: int, expected: int) -> None:
	others("borrow", longest_days=longest)
	name = lent(office, wished_due_on=add_days(today(), wish) if wish else None)
	assert getdate(stored(name, "due_on")) == getdate(add_days(today(), expected))


def test_the_day_counts_from_the_hand_over(office: str, monkeypatch: pytest.MonkeyPatch) -> None:
	loans.set_clock(monkeypatch, NOON)
	others("borrow", same_day_return=1)
	doc = ask(office)
	loans.set_clock(monkeypatch, NOON + timedelta(days=3))
	assert str(stored(lent_of(doc), "due_on")) == "2026-11-23"


def test_renewal_adds_a_period_and_only_as_often_as_allowed(office: str) -> None:
	others("borrow")
	name = lent(office)
	before = getdate(stored(name, "due_on"))
	with pytest.raises(BorrowingError):
		do(borrowing_counter.renew, BORROWER, name)
	do(borrowing_counter.renew, CLERK, name, "核对未完")
	row = frappe.get_doc(BORROWING, name)
	assert getdate(row.due_on) == getdate(add_days(before, 7))
	assert [(getdate(one.old_due_on), getdate(one.new_due_on), one.renewed_by) for one in row.renewals] == [
		(before, getdate(row.due_on), CLERK)
	]
	with pytest.raises(BorrowingError):
		do(borrowing_counter.renew, CLERK, name)
	assert "Renew" in loans.logged(name)


def test_a_rule_without_renewal_and_a_late_loan(office: str, monkeypatch: pytest.MonkeyPatch) -> None:
	loans.set_clock(monkeypatch, NOON)
	rule = others("borrow", no_renewal=1)
	name = lent(office)
	with pytest.raises(BorrowingError):
		do(borrowing_counter.renew, CLERK, name)
	do(borrowing_counter.give_back, CLERK, name, 24, "Intact")
	frappe.db.set_value("Access Rule", rule, "no_renewal", 0)
	name = lent(office)
	loans.set_clock(monkeypatch, NOON + timedelta(days=8))
	with pytest.raises(BorrowingError, match="逾期"):
		do(borrowing_counter.renew, CLERK, name)


def test_reminder_the_day_before_and_a_call_every_day_after(office: str, monkeypatch: pytest.MonkeyPatch) -> None:
	"""R-ACC-12: told once a day, however often the job runs."""
	loans.set_clock(monkeypatch, NOON)
	others("borrow", longest_days=3)
	name = lent(office)
	said = len(loans.notices(name, BORROWER))
	for day, told in ((1, 0), (2, 1), (3, 1), (4, 2), (5, 3)):
		loans.set_clock(monkeypatch, NOON + timedelta(days=day))
		for _run in range(3):
			borrowing_reminders.run()
		assert len(loans.notices(name, BORROWER)) - said == told, day
	assert stored(name, "status", "overdue_days", "reminders_sent") == {
		"status": "Overdue",
		"overdue_days": 2,
		"reminders_sent": 3,
	}
	assert sum("逾期" in text for text in loans.notices(name, ARCHIVIST)) == 2
	assert frappe.db.count("Violation", {"borrowing": name, "violation_kind": "Overdue Return"}) == 1
	do(borrowing_counter.give_back, CLERK, name, 24, "Intact")
	assert stored(name, "status", "overdue_days") == {"status": "Returned", "overdue_days": 2}


def test_customer_service_calls_a_file_back(office: str) -> None:
	others("borrow")
	name = lent(office)
	do(borrowing_counter.recall, CLERK, name)
	assert stored(name, "reminders_sent") == 1
	assert any("归还" in text for text in loans.notices(name, BORROWER))


def test_electronic_access_ends_by_the_clock_and_leaves_the_register(office: str, monkeypatch: pytest.MonkeyPatch) -> None:
	loans.set_clock(monkeypatch, NOON)
	others("read", same_day_return=1, approvers=[roles.GENERAL_MANAGER])
	doc = ask(office, method="Consult")
	do(borrowing.approve, MANAGER, doc.name)
	loans.set_clock(monkeypatch, datetime(2026, 11, 20, 23, 59, 59))
	assert documents.may(office, "read", user=BORROWER)
	loans.set_clock(monkeypatch, datetime(2026, 11, 21))
	assert not documents.may(office, "read", user=BORROWER)
	assert borrowing_reminders.run()["ended"] == 1
	assert borrowing_reminders.run()["ended"] == 0
	row = stored(doc.name, "status", "returned_on", "overdue_days")
	assert dict(row) == {"status": "Returned", "returned_on": datetime(2026, 11, 20, 23, 59, 59), "overdue_days": 0}


# -- reading slips -------------------------------------------------------------------------------------------


def test_copies_are_counted_against_those_approved(office: str) -> None:
	"""R-ACC-11, V-14."""
	others("copy", "read", "print", approvers=[roles.GENERAL_MANAGER])
	doc = ask(office, method="Photocopy", copies=3)
	assert not documents.may(office, "print", user=BORROWER)
	with pytest.raises(BorrowingError):
		do(borrowing_counter.add_slip, BORROWER, doc.name, "1-2", 1)
	do(borrowing.approve, MANAGER, doc.name)
	assert documents.may(office, "print", user=BORROWER)
	assert do(borrowing_counter.add_slip, BORROWER, doc.name, "1-2", 2, "核对合同") == 2
	with pytest.raises(BorrowingError):
		do(borrowing_counter.add_slip, BORROWER, doc.name, "3", 2)
	with pytest.raises(BorrowingError):
		do(borrowing_counter.add_slip, STRANGER, doc.name, "3", 1)
	with pytest.raises(BorrowingError):
		do(borrowing_counter.add_slip, BORROWER, doc.name, "3", -1)
	assert do(borrowing_counter.add_slip, CLERK, doc.name, "3", 1) == 3
	row = frappe.get_doc(BORROWING, doc.name)
	assert [(one.pages, one.copies, one.recorded_by) for one in row.reading_slips] == [("1-2", 2, BORROWER), ("3", 1, CLERK)]
	assert frappe.db.get_value("Access Grant", {"borrowing": doc.name}, "copies_left") == 0


def test_prints_count_as_copies(office: str, monkeypatch: pytest.MonkeyPatch) -> None:
	"""R-ACC-11, V-14: a preview and its PDF are one copy; a later print is the next; beyond those approved nothing is printed."""
	loans.set_clock(monkeypatch, NOON)
	others("copy", "read", "print", approvers=[roles.GENERAL_MANAGER])
	doc = ask(office, method="Photocopy", copies=2)
	do(borrowing.approve, MANAGER, doc.name)

	def print_it() -> None:
		with factories.acting(BORROWER):
			frappe.get_doc("Customer Archive", office).run_method("before_print", {})

	def left() -> tuple[int, int]:
		return (
			frappe.db.get_value("Access Grant", {"borrowing": doc.name}, "copies_left"),
			stored(doc.name, "copies_made"),
		)

	print_it()
	print_it()
	assert left() == (1, 1)
	loans.set_clock(monkeypatch, NOON + timedelta(minutes=11))
	print_it()
	assert left() == (0, 2)
	row = frappe.get_doc(BORROWING, doc.name)
	assert [(one.pages, one.copies, one.recorded_by) for one in row.reading_slips] == [(f"客户档案 {office}", 1, BORROWER)] * 2
	print_it()
	loans.set_clock(monkeypatch, NOON + timedelta(minutes=22))
	with pytest.raises(AccessDeniedError, match="份数已用完"):
		print_it()
	with factories.acting(BORROWER):
		assert not checks.may_print("Customer Archive", office)
	assert left() == (0, 2)
	with pytest.raises(BorrowingError):
		do(borrowing_counter.add_slip, BORROWER, doc.name, "3", 1)


def test_prints_by_a_rule_are_not_counted(office: str) -> None:
	others("copy", approvers=[roles.GENERAL_MANAGER])
	others("read", "print")
	doc = ask(office, method="Photocopy", copies=1)
	do(borrowing.approve, MANAGER, doc.name)
	with factories.acting(BORROWER):
		for _time in range(2):
			frappe.get_doc("Customer Archive", office).run_method("before_print", {})
	assert stored(doc.name, "copies_made") == 0


def test_copies_where_none_are_allowed(office: str) -> None:
	others("read")
	others("copy", no_copies=1)
	doc = ask(office, method="Photocopy", copies=1)
	assert doc.status == "Refused"
	reading = ask(office, method="Consult")
	with pytest.raises(BorrowingError):
		do(borrowing_counter.add_slip, BORROWER, reading.name, "1", 1)
	assert do(borrowing_counter.add_slip, BORROWER, reading.name, "1") == 0


def test_copies_that_need_consent(office: str) -> None:
	others("copy", needs_consent=1)
	for address in (None, "/private/files/no-such-file.pdf", evidence(STRANGER)):
		with pytest.raises(BorrowingError, match="同意"):
			ask(office, method="Photocopy", copies=1, consent_evidence=address)
	doc = ask(office, method="Photocopy", copies=1, consent_evidence=evidence(BORROWER))
	assert doc.status == "Approved"
	frappe.db.set_value(BORROWING, doc.name, "consent_evidence", None)
	with pytest.raises(BorrowingError):
		do(borrowing_counter.add_slip, BORROWER, doc.name, "1", 1)


def evidence(user: str) -> str:
	"""The address of a private file that this user has uploaded."""
	with factories.acting(user):
		content = f"consent {frappe.generate_hash(length=8)}"
		file = frappe.get_doc({"doctype": "File", "file_name": "consent.txt", "is_private": 1, "content": content})
		return str(file.insert().file_url)


# -- forged --------------------------------------------------------------------------------------------------


def test_a_save_changes_nothing_that_was_settled(office: str) -> None:
	others("borrow", approvers=[roles.MARKETING_DIRECTOR])
	name = ask(office).name
	before = frappe.get_doc(BORROWING, name).as_dict(no_default_fields=True)
	with factories.acting(BORROWER):
		doc = frappe.get_doc(BORROWING, name)
		doc.update(
			{
				"status": "Approved",
				"applicant": RIVAL,
				"method": "Take Out",
				"archive": None,
				"due_on": date(2999, 1, 1),
				"may_leave_office": 1,
				"approval_mode": "Joint",
				"open_loan_key": "x",
				"approvals": [],
				"reading_slips": [{"pages": "1", "read_on": NOON}],
				"remark": "备注",
			}
		)
		doc.save()
	after = frappe.get_doc(BORROWING, name).as_dict(no_default_fields=True)
	assert after.pop("remark") == "备注"
	before.pop("remark")
	assert after == before


def test_nothing_is_deleted(office: str) -> None:
	others("borrow")
	name = ask(office).name
	with pytest.raises(DeletionRefusedError):
		frappe.delete_doc(BORROWING, name)


def test_buttons_follow_the_table(office: str) -> None:
	others("borrow", approvers=[roles.MARKETING_DIRECTOR])
	doc = ask(office)

	def buttons(user: str) -> list[str]:
		with factories.acting(user):
			return list(borrowing_view.actions(frappe.get_doc(BORROWING, doc.name))["actions"])

	assert buttons(BORROWER) == ["withdraw"]
	assert buttons(DIRECTOR) == ["approve", "decline"]
	assert buttons(CLERK) == buttons(MANAGER) == buttons(STRANGER) == []
	do(borrowing.approve, DIRECTOR, doc.name)
	assert buttons(CLERK) == ["lend"]
	do(borrowing_counter.lend, CLERK, doc.name, 5)
	assert buttons(CLERK) == ["give_back", "renew", "add_slip", "recall"]
	assert buttons(BORROWER) == ["add_slip"]
