"""Archives that were not updated for longer than their grade allows, on a real site (R-GRD-13, R-GRD-16, R-GRD-22)."""

from __future__ import annotations

from typing import Any

import frappe
import pytest
from frappe.utils import add_days, add_months, getdate, today

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain import roles
from kehu_archive.services import update_due
from kehu_archive.tests import factories

MONTHS = {"快": 3, "慢": 12, "免": 0}


@pytest.fixture
def office(db: Any, people: factories.People) -> factories.People:
	"""One scheme, bound to contact, whose grades are to be updated every 3, every 12 and after no months."""
	for doctype in ("Grading Scheme", "Grading Scheme Version", "Grading Scheme Grade", "Grade Assignment", "Notification Log"):
		frappe.db.delete(doctype)
	make_scheme("更新测试", {"for_contact": 1})
	return people


def make_scheme(name: str, purposes: dict[str, int], months: dict[str, int] = MONTHS) -> None:
	frappe.get_doc({"doctype": "Grading Scheme", "scheme_name": name, "method": terms.QUOTAS, **purposes}).insert()
	frappe.get_doc(
		{
			"doctype": "Grading Scheme Version",
			"scheme": name,
			"year": 2026,
			"grades": [{"grade": grade, "update_every_months": every} for grade, every in months.items()],
		}
	).insert()


def graded(grade: str, changed_on: Any, scheme: str = "更新测试", state: str = "Filed", **values: Any) -> str:
	"""A kept archive with a current grade, whose content and contacts changed last on a day."""
	archive = factories.make_archive(**values).name
	frappe.db.set_value(ARCHIVE, archive, {"workflow_state": state, "content_changed_on": changed_on, "secrecy_rank": 1})
	frappe.db.sql("update `tabArchive Contact` set modified = %s where archive = %s", (changed_on, archive))
	assign(archive, grade, scheme)
	return str(archive)


def assign(archive: str, grade: str, scheme: str) -> None:
	frappe.get_doc(
		{
			"doctype": "Grade Assignment",
			"name": frappe.generate_hash()[:12],
			"archive": archive,
			"scheme": scheme,
			"version": f"{scheme}-2026",
			"grade": grade,
			"is_current": 1,
			"effective_from": today(),
			"source": terms.BY_RUN,
			"current_key": f"{archive}::{scheme}",
		}
	).db_insert()


def due(day: Any = None) -> list[str]:
	return [row.name for row in update_due.due_archives(day)]


def told(user: str, archive: str) -> int:
	return frappe.db.count("Notification Log", {"for_user": user, "document_name": archive})


def test_due_is_what_is_older_than_the_grade_allows(office: factories.People) -> None:
	"""The last day of the period is not late; each grade by its own months; the longest overdue first."""
	day = getdate("2026-10-31")
	on_time = graded("快", "2026-07-31")
	late = graded("快", "2026-07-30")
	slow = graded("慢", "2026-07-30")
	very_late = graded("慢", "2025-01-15")
	never = graded("免", "2020-01-01")
	assert due(day) == [very_late, late]
	(first, second) = update_due.due_archives(day)
	assert (first.grade, first.months, str(first.due_on), str(first.changed_on)) == ("慢", 12, "2026-01-15", "2025-01-15")
	assert (second.responsible, str(second.due_on)) == (office[roles.SALESPERSON], "2026-10-30")
	assert not {on_time, slow, never} & set(due(day))
	assert on_time in due("2026-11-01")


def test_a_change_of_a_contact_counts_and_a_grading_does_not(office: factories.People) -> None:
	archive = graded("快", add_months(today(), -5))
	frappe.db.set_value(ARCHIVE, archive, "access_grade", "A")
	assert due() == [archive]
	frappe.db.sql("update `tabArchive Contact` set modified = now() where archive = %s", archive)
	assert due() == []


def test_only_kept_archives_and_only_the_scheme_that_contact_or_access_follows(office: factories.People) -> None:
	"""R-GRD-22: contact first, else access; without either nothing is due."""
	long_ago = add_months(today(), -5)
	graded("快", long_ago, state="Draft")
	graded("快", long_ago, state="Sealed")
	merged = graded("快", long_ago)
	frappe.db.set_value(ARCHIVE, merged, "merged_into", "KH-other")
	archive = graded("快", long_ago)
	make_scheme("权限测试", {"for_access": 1}, {"严": 1})
	strict = graded("严", add_months(today(), -2), "权限测试")
	assert due() == [archive]
	scheme = frappe.get_doc("Grading Scheme", "更新测试")
	scheme.for_contact = 0
	scheme.save()
	assert due() == [strict]
	scheme = frappe.get_doc("Grading Scheme", "权限测试")
	scheme.for_access = 0
	scheme.save()
	assert due() == []


def test_the_person_in_charge_is_told_once_a_period(office: factories.People) -> None:
	archive = graded("快", add_months(today(), -5))
	seller = office[roles.SALESPERSON]
	modified = frappe.db.get_value(ARCHIVE, archive, "modified")
	assert update_due.remind() == 1
	assert update_due.remind() == 0
	assert told(seller, archive) == 1
	assert frappe.db.get_value(ARCHIVE, archive, "modified") == modified
	# A whole period later he is told again, and after an update that fell due once more.
	frappe.db.set_value(ARCHIVE, archive, "update_reminded_on", add_days(add_months(today(), -3), -1))
	frappe.db.delete("Notification Log")
	assert update_due.remind() == 1
	frappe.db.set_value(ARCHIVE, archive, {"update_reminded_on": add_days(today(), -2), "content_changed_on": add_days(add_months(today(), -3), -1)})
	frappe.db.delete("Notification Log")
	assert update_due.remind() == 1
	assert told(seller, archive) == 1


def test_the_update_itself_ends_the_reminders(office: factories.People) -> None:
	archive = graded("快", add_months(today(), -5), state="Updating")
	assert due() == [archive]
	doc = frappe.get_doc(ARCHIVE, archive)
	doc.append("needs", {"need": "新增产线", "amount": 80000})
	doc.save()
	assert due() == []


def test_without_a_person_in_charge_the_custodian_is_told(office: factories.People) -> None:
	archive = graded("快", add_months(today(), -5), responsible=None)
	frappe.db.set_value(ARCHIVE, archive, "custodian", office[roles.ARCHIVIST])
	update_due.remind()
	assert told(office[roles.ARCHIVIST], archive) == 1


def test_many_archives_of_one_person_are_one_notice(office: factories.People, monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(update_due, "MOST_SINGLE", 1)
	names = [graded("快", add_months(today(), -5 - number)) for number in range(2)]
	assert update_due.remind() == 2
	seller = office[roles.SALESPERSON]
	assert (told(seller, names[1]), told(seller, names[0])) == (1, 0)
	assert "2 份" in frappe.get_all("Notification Log", filters={"for_user": seller}, pluck="subject")[0]


def test_the_list_costs_the_same_for_one_and_for_many(office: factories.People) -> None:
	graded("快", add_months(today(), -5))
	one = statements(update_due.due_archives)
	for _number in range(3):
		graded("快", add_months(today(), -5))
	assert statements(update_due.due_archives) == one


def statements(call: Any) -> int:
	"""How many statements a call sends to the database."""
	sent: list[str] = []
	send = frappe.db.sql

	def counted(query: Any, *args: Any, **more: Any) -> Any:
		sent.append(str(query))
		return send(query, *args, **more)

	frappe.db.sql = counted
	try:
		call()
	finally:
		frappe.db.sql = send
	return len(sent)
