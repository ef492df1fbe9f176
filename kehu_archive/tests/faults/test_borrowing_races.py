"""Two people at once: one volume, one step, one click too many. The web server answers them in parallel. R-ACC-16, R-ACC-04."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import frappe
import pytest

from kehu_archive.domain import roles
from kehu_archive.tests import factories, loans
from kehu_archive.tests.loans import BORROWER, BORROWING, RIVAL
from kehu_archive.tests.security.conftest import Visitor

API = "kehu_archive.api.borrowing."
ARCHIVIST = factories.email(roles.ARCHIVIST)
CLERK = factories.email(roles.CUSTOMER_SERVICE_STAFF)
DIRECTOR = factories.email(roles.MARKETING_DIRECTOR)
MANAGER = factories.email(roles.GENERAL_MANAGER)
SECOND = "second.manager@kehu.test"
ROUNDS = 4


@pytest.fixture
def office(db: Any, people: factories.People) -> Iterator[None]:
	factories.ensure_user(SECOND, roles.GENERAL_MANAGER)
	loans.staff(people)
	loans.sign(SECOND)
	with loans.committed_rules():
		loans.find_and_read_for_keepers()
		frappe.db.commit()
		yield
		frappe.db.rollback()
		frappe.db.sql(
			"update `tabArchive Borrowing` set status = 'Returned', open_loan_key = null where applicant in %s and open_loan_key is not null",
			((BORROWER, RIVAL),),
		)
		frappe.db.commit()


@pytest.fixture(scope="module")
def visitors(base_url: str) -> Callable[[str], Visitor]:
	known: dict[str, Visitor] = {}

	def visitor(user: str) -> Visitor:
		if user not in known:
			known[user] = Visitor(base_url, user)
		return known[user]

	return visitor


def together(archive: str, *calls: Callable[[], Any]) -> list[Any]:
	"""Let the calls wait for one another at the row that they all need, then go; their answers in order."""
	frappe.db.rollback()
	with ThreadPoolExecutor(len(calls)) as pool:
		frappe.db.sql("select name from `tabArchive Borrowing` where archive = %s for update", archive)
		waiting = [pool.submit(one) for one in calls]
		time.sleep(0.4)
		assert not any(one.done() for one in waiting)
		frappe.db.rollback()
		return [one.result() for one in waiting]


def call(visitor: Visitor, method: str, **body: Any) -> Callable[[], Any]:
	return lambda: visitor.call(API + method, **body)


def text(answer: Any) -> str:
	return str(answer.json().get("_server_messages") or answer.text).encode().decode("unicode_escape")


def asked(archive: str, user: str, **values: Any) -> str:
	name = str(loans.ask(archive, user, **values).name)
	frappe.db.commit()
	return name


def test_one_volume_goes_to_one_borrower(office: None, visitors: Callable[[str], Visitor]) -> None:
	loans.rule("others", "borrow", for_keeper=0, for_oversight=0)
	first, second = visitors(CLERK), visitors(ARCHIVIST)
	for _round in range(ROUNDS):
		archive = loans.make_filed()
		one, other = asked(archive, BORROWER), asked(archive, RIVAL)
		answers = together(
			archive, call(first, "lend", name=one, pages=10), call(second, "lend", name=other, pages=10)
		)
		frappe.db.rollback()
		codes = sorted(answer.status_code for answer in answers)
		assert codes == [200, 417], [answer.text[:400] for answer in answers]
		states = frappe.get_all(BORROWING, filters={"archive": archive}, pluck="status", order_by="status")
		assert sorted(states) == ["Approved", "Lent"]
		assert frappe.db.count(BORROWING, {"open_loan_key": archive}) == 1
		refused = next(answer for answer in answers if answer.status_code == 417)
		assert "LoanConflictError" in refused.json()["exc_type"]


def test_one_request_is_handed_over_once(office: None, visitors: Callable[[str], Visitor]) -> None:
	loans.rule("others", "borrow", for_keeper=0, for_oversight=0)
	archive = loans.make_filed()
	name = asked(archive, BORROWER)
	answers = together(
		archive,
		call(visitors(CLERK), "lend", name=name, pages=10),
		call(visitors(ARCHIVIST), "lend", name=name, pages=99),
	)
	assert sorted(answer.status_code for answer in answers) == [200, 417]
	frappe.db.rollback()
	assert loans.logged(name).count("Lend") == 1


def test_one_step_is_decided_once(office: None, visitors: Callable[[str], Visitor]) -> None:
	"""Two General Managers at once; the second is told that it is decided."""
	loans.rule("others", "borrow", approvers=[roles.GENERAL_MANAGER, roles.MARKETING_DIRECTOR], for_keeper=0, for_oversight=0)
	for _round in range(ROUNDS):
		archive = loans.make_filed()
		name = asked(archive, BORROWER)
		answers = together(
			archive,
			call(visitors(MANAGER), "approve", name=name, opinion="甲"),
			call(visitors(SECOND), "decline", name=name, reason="乙"),
		)
		assert sorted(answer.status_code for answer in answers) == [200, 417], [one.text[:300] for one in answers]
		frappe.db.rollback()
		decided = [row for row in frappe.get_doc(BORROWING, name).approvals if row.decision]
		assert len(decided) == 1
		assert len([one for one in loans.logged(name) if one in ("Approve", "Deny")]) == 1


def test_joint_approvals_at_once_are_both_kept(office: None, visitors: Callable[[str], Visitor]) -> None:
	loans.rule(
		"others",
		"borrow",
		approvers=[roles.GENERAL_MANAGER, roles.MARKETING_DIRECTOR],
		approval_mode="Joint",
		for_keeper=0,
		for_oversight=0,
	)
	for _round in range(ROUNDS):
		archive = loans.make_filed()
		name = asked(archive, BORROWER)
		answers = together(
			archive, call(visitors(MANAGER), "approve", name=name), call(visitors(DIRECTOR), "approve", name=name)
		)
		assert [answer.status_code for answer in answers] == [200, 200], [one.text[:300] for one in answers]
		frappe.db.rollback()
		doc = frappe.get_doc(BORROWING, name)
		assert doc.status == "Approved"
		assert {row.decided_by for row in doc.approvals} == {MANAGER, DIRECTOR}


def test_withdrawn_while_it_is_being_approved(office: None, visitors: Callable[[str], Visitor]) -> None:
	loans.rule("others", "borrow", approvers=[roles.GENERAL_MANAGER], for_keeper=0, for_oversight=0)
	archive = loans.make_filed()
	name = asked(archive, BORROWER)
	answers = together(
		archive, call(visitors(BORROWER), "withdraw", name=name), call(visitors(MANAGER), "approve", name=name)
	)
	assert sorted(answer.status_code for answer in answers) == [200, 417]
	frappe.db.rollback()
	winner = "Withdrawn" if answers[0].status_code == 200 else "Approved"
	assert loans.stored(name, "status") == winner


def test_copies_counted_at_once_stay_within_those_approved(office: None, visitors: Callable[[str], Visitor]) -> None:
	loans.rule("others", "copy", approvers=[roles.GENERAL_MANAGER], for_keeper=0, for_oversight=0)
	archive = loans.make_filed()
	name = asked(archive, BORROWER, method="Photocopy", copies=3)
	assert visitors(MANAGER).call(API + "approve", name=name).status_code == 200
	answers = together(
		archive,
		call(visitors(BORROWER), "add_slip", name=name, pages="1", copies=2),
		call(visitors(CLERK), "add_slip", name=name, pages="2", copies=2),
	)
	assert sorted(answer.status_code for answer in answers) == [200, 417]
	frappe.db.rollback()
	assert loans.stored(name, "copies_made") == 2
	assert frappe.db.get_value("Access Grant", {"borrowing": name}, "copies_left") == 1


def test_a_killed_reminder_job_goes_on_where_it_stopped(office: None) -> None:
	"""Each loan is committed by itself; what was told is not told again."""
	from kehu_archive.services import borrowing_counter, borrowing_reminders

	loans.rule("others", "borrow", for_keeper=0, for_oversight=0)
	names = []
	for _number in range(3):
		archive = loans.make_filed()
		name = asked(archive, BORROWER)
		loans.do(borrowing_counter.lend, CLERK, name, 10)
		frappe.db.set_value(BORROWING, name, {"applied_on": "2026-01-01", "due_on": "2026-01-02"})
		names.append(name)
	frappe.db.commit()

	class Killed(BaseException):
		pass

	done = []

	def after_each() -> None:
		frappe.db.commit()
		done.append(1)
		if len(done) == 1:
			raise Killed

	with pytest.raises(Killed):
		borrowing_reminders.mark_overdue(after_each)
	frappe.db.rollback()
	borrowing_reminders.mark_overdue(frappe.db.commit)
	for name in names:
		assert loans.stored(name, "status") == "Overdue"
		assert sum("逾期" in one for one in loans.notices(name, BORROWER)) == 1
		assert frappe.db.count("Violation", {"borrowing": name}) == 1
