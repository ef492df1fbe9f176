"""Grade appeals on the site: who asks, who decides, what follows. R-GRD-18, R-ARC-15 (form 等级变更单)."""

from __future__ import annotations

from typing import Any

import frappe
import pytest
from frappe.model.workflow import apply_workflow, get_transitions
from frappe.utils import add_days, add_months, add_years, getdate, today

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import appeals as rule
from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain import roles
from kehu_archive.exceptions import AccessDeniedError, GradingError, InvalidFieldsError
from kehu_archive.seed import appeal_workflow
from kehu_archive.services import grade_appeals, grade_assignments
from kehu_archive.tests import factories, grades, loans

APPEAL = "Grade Appeal"
SELLER = roles.SALESPERSON
DECIDER = roles.MARKETING_MANAGER


@pytest.fixture
def scheme(db: Any, people: factories.People) -> str:
	grades.no_other_schemes()
	return grades.scheme(for_access=1, important=("A",))


@pytest.fixture
def archive(scheme: str) -> str:
	"""A filed customer of the sales department with the grade C."""
	name = grades.customer()
	factories.make_transaction(name, amount=20_000, posted_on=today())
	assert grades.grade_of(name, scheme) == "C"
	return name


def ask(archive: str, scheme: str, people: factories.People, role: str = SELLER, **values: Any) -> Any:
	with factories.acting(people[role]):
		return frappe.get_doc(
			{"doctype": APPEAL, "archive": archive, "scheme": scheme, "wanted_grade": "A", "reason": "战略合作", **values}
		).insert()


def step(name: str, action: str, user: str, **values: Any) -> Any:
	with factories.acting(user):
		doc = frappe.get_doc(APPEAL, name)
		if values:
			doc.update(values)
			doc.save()
		return apply_workflow(doc, action)


def submitted(archive: str, scheme: str, people: factories.People, role: str = SELLER, **values: Any) -> str:
	return str(step(ask(archive, scheme, people, role, **values).name, rule.SUBMIT, people[role]).name)


def test_the_whole_way_from_the_salesman_to_the_new_grade(archive: str, scheme: str, people: factories.People) -> None:
	doc = ask(archive, scheme, people, applied_by="Administrator", decided_by=people[SELLER], present_grade="A", assignment="x")
	assert (doc.workflow_state, doc.applied_by, doc.present_grade, doc.decided_by, doc.assignment) == ("Draft", people[SELLER], "C", None, None)
	doc = step(doc.name, rule.SUBMIT, people[SELLER])
	assert doc.workflow_state == "Submitted"
	assert any("等待" in text for text in loans.notices(doc.name, people[DECIDER]))
	assert grades.grade_of(archive, scheme) == "C", "asking changes nothing"
	doc = step(doc.name, rule.APPROVE, people[DECIDER], opinion="同意")
	assert (doc.decided_by, getdate(doc.decided_on), getdate(doc.effective_from)) == (people[DECIDER], getdate(today()), getdate(today()))
	assert getdate(doc.expires_on) == getdate(add_months(today(), 12)), "the scheme says how long"
	row = grades.rows(archive, scheme)[-1]
	assert (row.name, row.grade, row.previous_grade, row.source, row.appeal, row.decided_by) == (
		frappe.db.get_value(APPEAL, doc.name, "assignment"), "A", "C", "Grade Appeal", doc.name, people[DECIDER]
	)  # fmt: skip
	assert grades.columns(archive, "access_grade", "is_important") == ("A", 1)
	assert any("批准" in text for text in loans.notices(doc.name, people[SELLER]))
	assert loans.logged(doc.name) == ["Request", "Approve"]
	assert loans.notices(archive, people[roles.ARCHIVIST]), "what an important customer lacks"
	assert grade_assignments.current(archive)[0]["sentence"] == "战略合作"


def test_an_appeal_needs_a_reason_another_grade_and_possible_days(archive: str, scheme: str, people: factories.People) -> None:
	for values, label in (
		({"reason": " "}, "理由|原因|依据"),
		({"wanted_grade": "Z"}, "A, B, C"),
		({"wanted_grade": "C"}, "已是等级 C"),
		({"expires_on": add_days(today(), -1)}, "已过|过去"),
		({"expires_on": add_days(add_years(today(), 3), 1)}, "最长有效 3 年"),
		({"effective_from": add_days(today(), -1)}, "已过|过去"),
		({"effective_from": add_days(today(), 9), "expires_on": add_days(today(), 3)}, "早于|之前"),
	):
		with pytest.raises((InvalidFieldsError, frappe.MandatoryError), match=label if "reason" not in values else None):
			ask(archive, scheme, people, **values)
	assert ask(archive, scheme, people, expires_on=add_years(today(), 3)).name


def test_no_rules_in_force_no_appeal(archive: str, scheme: str, people: factories.People) -> None:
	frappe.db.set_value("Grading Scheme Version", grades.version_of(scheme), "status", "Draft")
	with pytest.raises(GradingError, match="没有生效的版本"):
		ask(archive, scheme, people)


def test_only_readers_of_the_archive_ask(archive: str, scheme: str, people: factories.People) -> None:
	frappe.db.set_value(ARCHIVE, archive, {"secrecy_rank": 3, "department": factories.ensure_department("外地"), "responsible": None})
	for name in (archive, "QZ-NOBODY"):
		with pytest.raises(AccessDeniedError) as refused:
			ask(name, scheme, people)
		assert name not in str(refused.value)


def test_nobody_decides_his_own_appeal(archive: str, scheme: str, people: factories.People) -> None:
	for role in (DECIDER, roles.GENERAL_MANAGER):
		# As if he had written it: the General Manager may not, and the marketing manager may not read this customer.
		name = submitted(archive, scheme, people)
		frappe.db.set_value(APPEAL, name, "applied_by", people[role])
		with pytest.raises(frappe.ValidationError):
			step(name, rule.APPROVE, people[role])
		with factories.acting(people[role]):
			doc = frappe.get_doc(APPEAL, name)
			doc.workflow_state = "Approved"
			with pytest.raises((GradingError, frappe.PermissionError, frappe.ValidationError)):
				doc.save()
		assert frappe.db.get_value(APPEAL, name, "workflow_state") == "Submitted"
		frappe.db.set_value(APPEAL, name, "workflow_state", "Rejected")
	assert grades.grade_of(archive, scheme) == "C"


def test_the_scheme_names_who_decides(archive: str, scheme: str, people: factories.People) -> None:
	frappe.db.set_value("Grading Scheme", scheme, "approve_role", roles.SALES_DIRECTOR)
	frappe.clear_document_cache("Grading Scheme", scheme)
	name = submitted(archive, scheme, people)
	offered = {}
	for role in (DECIDER, roles.SALES_DIRECTOR, roles.GENERAL_MANAGER, roles.CUSTOMER_SERVICE_MANAGER):
		with factories.acting(people[role]):
			offered[role] = {row.action for row in get_transitions(frappe.get_doc(APPEAL, name))}
	decide = {rule.APPROVE, rule.REJECT}
	assert offered == {DECIDER: set(), roles.SALES_DIRECTOR: decide, roles.GENERAL_MANAGER: decide, roles.CUSTOMER_SERVICE_MANAGER: set()}
	with factories.acting(people[DECIDER]):
		doc = frappe.get_doc(APPEAL, name)
		doc.workflow_state = "Approved"
		with pytest.raises((GradingError, frappe.ValidationError)):
			doc.save()
	with factories.acting(people[roles.GENERAL_MANAGER]), pytest.raises(GradingError, match="理由"):
		apply_workflow(frappe.get_doc(APPEAL, name), rule.REJECT)
	doc = step(name, rule.REJECT, people[roles.GENERAL_MANAGER], opinion="依据不足")
	assert (doc.workflow_state, doc.assignment, grades.grade_of(archive, scheme)) == ("Rejected", None, "C")
	assert any("驳回" in text for text in loans.notices(name, people[SELLER]))


def test_what_was_handed_in_is_changed_by_nobody(archive: str, scheme: str, people: factories.People) -> None:
	name = submitted(archive, scheme, people)
	for user, values in (
		(people[SELLER], {"wanted_grade": "B"}),
		(people[DECIDER], {"wanted_grade": "B"}),
		(people[SELLER], {"opinion": "同意"}),
	):
		with factories.acting(user):
			doc = frappe.get_doc(APPEAL, name)
			doc.update(values)
			with pytest.raises((GradingError, frappe.PermissionError, frappe.ValidationError)):
				doc.save()
	other = grades.customer()
	with factories.acting(people[DECIDER]):
		doc = frappe.get_doc(APPEAL, name)
		doc.update({"opinion": "再议", "archive": other, "decided_by": "Administrator"})
		doc.save()
	assert frappe.db.get_value(APPEAL, name, ["archive", "opinion", "decided_by"]) == (archive, "再议", None)
	with pytest.raises(frappe.ValidationError):
		frappe.delete_doc(APPEAL, name, force=True, ignore_permissions=True)
	step(name, rule.APPROVE, people[DECIDER])
	with factories.acting("Administrator"):
		doc = frappe.get_doc(APPEAL, name)
		doc.workflow_state = "Submitted"
		with pytest.raises((GradingError, frappe.ValidationError)):
			doc.save()


def test_one_open_appeal_for_a_grade(archive: str, scheme: str, people: factories.People) -> None:
	first = submitted(archive, scheme, people)
	second = ask(archive, scheme, people, wanted_grade="B")
	with pytest.raises(GradingError, match=first):
		step(second.name, rule.SUBMIT, people[SELLER])


def test_a_later_day_is_waited_for(archive: str, scheme: str, people: factories.People) -> None:
	name = submitted(archive, scheme, people, effective_from=add_days(today(), 1), expires_on=add_days(today(), 20))
	step(name, rule.APPROVE, people[DECIDER])
	assert grades.grade_of(archive, scheme) == "C"
	assert grade_appeals.begin_due() == 0
	frappe.db.set_value(APPEAL, name, "effective_from", today())
	assert grade_appeals.begin_due() == 1
	assert grades.grade_of(archive, scheme) == "A"
	assert grade_appeals.begin_due() == 0


def test_transactions_do_not_touch_the_manual_grade_until_it_ends(archive: str, scheme: str, people: factories.People) -> None:
	name = submitted(archive, scheme, people)
	step(name, rule.APPROVE, people[DECIDER])
	factories.make_transaction(archive, amount=200_000, posted_on=today())
	assert grades.grade_of(archive, scheme) == "A"
	frappe.db.set_value(grades.ASSIGNMENT, {"archive": archive, "is_current": 1}, "expires_on", grades.yesterday())
	factories.make_transaction(archive, amount=1, posted_on=today())
	assert grades.grade_of(archive, scheme) == "B"
	assert grades.rows(archive, scheme)[-1].source == terms.BY_TRANSACTION


def test_the_workflow_is_seeded_once_and_covers_the_table(db: Any) -> None:
	class Book:
		made: list[Any] = []

		def create(self, values: dict[str, Any]) -> bool:
			self.made.append(values)
			return not frappe.db.exists(values["doctype"], values["name"])

	book = Book()
	appeal_workflow.seed(book)  # type: ignore[arg-type]
	assert all(frappe.db.exists(one["doctype"], one["name"]) for one in book.made)
	flow = frappe.get_doc("Workflow", appeal_workflow.NAME)
	assert {(row.state, row.next_state): row.action for row in flow.transitions} == rule.ACTIONS
	assert not any(row.allow_self_approval for row in flow.transitions if row.action != rule.SUBMIT)
