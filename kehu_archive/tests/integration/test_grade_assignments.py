"""Grade assignments on the site: applying a run, history, bound columns, audit, manual grades that end, reasons in words. R-GRD-05/16/18/22, R-ARC-15."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import frappe
import pytest
from frappe.utils import add_days, add_to_date, getdate, now_datetime, today

from kehu_archive.audit import log, seal
from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain import roles
from kehu_archive.domain.grading_terms import Outcome, Reason, Step
from kehu_archive.exceptions import AuditError, GradeConflictError, GradingError, LifeCycleError
from kehu_archive.services import (
	bulk,
	grade_assignments,
	grade_columns,
	grading_reasons,
	grading_schemes,
	secrecy,
)
from kehu_archive.services.grade_writing import Written
from kehu_archive.tests import audit_log, factories, grades, loans


@pytest.fixture
def scheme(db: Any, people: factories.People) -> str:
	"""A scheme that access, contact and analysis ask, the only one of the site."""
	grades.no_other_schemes()
	return grades.scheme(for_access=1, for_contact=1, for_analysis=1)


def entries(archive: str) -> list[Any]:
	return frappe.get_all(
		"Access Log Entry", filters={"action": "Grade Change", "archive": archive}, fields=["user", "detail", "document_name"], order_by="name"
	)


# Reasons


def test_reasons_lose_nothing_on_the_way_to_the_database(db: Any) -> None:
	reason = Reason(terms.YEAR_TOTAL, Decimal("0.10"), Decimal("3000000.5"), False, terms.AT_MOST, 3, Decimal(80), Decimal("12.5"))
	outcome = Outcome("B", "A", "", (reason, Reason(terms.RECENCY, None, None, True)), Decimal("82.50"), Step("A", (reason,)), None, "A", Decimal("99.9"))
	packed = grading_reasons.unpack(grading_reasons.pack(outcome, "V-2026", getdate("2026-03-01")))
	assert packed is not None
	assert (packed.outcome, packed.version, packed.as_of) == (outcome, "V-2026", getdate("2026-03-01"))
	assert grading_reasons.unpack("") is None and grading_reasons.unpack(None) is None


def test_words_are_chinese_and_amounts_as_users_write_them(scheme: str) -> None:
	version = grading_schemes.load(grades.version_of(scheme))
	held = Reason(terms.TOTAL_AMOUNT, Decimal(1_285_000), Decimal(1_000_000), True)
	words = grading_reasons.words(Outcome("A", "A", "A", (held,), lowered=Step("B", (held,))), version)
	assert "128.5 万元" in words["sentence"] and "A" in words["sentence"]
	assert words["rows"][0]["value"] == "128.5 万元"
	assert words["rows"][0]["asked"] == "≥ 100 万元"
	assert words["rows"][0]["holds"] is True
	assert not words["raise"] and "B" in words["lower"][0]
	assert not [text for text in (words["sentence"], *words["lower"], words["rows"][0]["metric"]) if "Amount" in text]


def test_rows_say_years_days_and_answers(db: Any, scheme: str) -> None:
	version = grading_schemes.load(grades.version_of(scheme))
	reasons = (
		Reason(terms.CONSECUTIVE_YEARS, Decimal(2), Decimal(2_000_000), False, years=3),
		Reason(terms.RECENCY, Decimal(40), Decimal(30), False, terms.AT_MOST),
		Reason(terms.INTENTION, Decimal(1), Decimal(1), True),
		Reason(terms.NATIONAL_RANK, None, Decimal(10), False, terms.AT_MOST),
		Reason(terms.CREDIT, Decimal(90), None, True, points=Decimal("90.5"), weight=Decimal(20)),
	)
	shown = grading_reasons.words(Outcome("", "", "", reasons), version)["rows"]
	assert [row["value"] for row in shown] == ["2 年", "40 天", "是", "未知", "90"]
	assert [row["asked"] for row in shown] == ["连续 3 年，每年 ≥ 200 万元", "≤ 30 天", "是", "≤ 10", ""]
	assert (shown[4]["points"], shown[4]["weight"]) == ("90.5", "20%")


# Writing


def test_a_grade_begins_ends_and_is_entered(scheme: str) -> None:
	name = grades.customer()
	assert grades.give(name, scheme, "B") == Written(1)
	assert grades.columns(name) == (scheme, "B")
	assert grades.columns(name, "contact_scheme", "contact_grade", "analysis_scheme", "analysis_grade") == (scheme, "B", scheme, "B")
	assert grades.give(name, scheme, "B") == Written(0), "the same grade writes nothing"
	assert grades.give(name, scheme, "A") == Written(1)
	old, new = sorted(grades.rows(name, scheme), key=lambda row: row.is_current)
	assert (old.grade, old.is_current, old.current_key, old.effective_to) == ("B", 0, None, getdate(today()))
	assert (new.grade, new.previous_grade, new.change_kind, new.is_current) == ("A", "B", "Up", 1)
	assert (new.current_key, new.effective_from, new.decided_by) == (f"{name}::{scheme}", getdate(today()), "Administrator")
	assert [row.detail for row in entries(name)] == [f"{scheme}: - → B", f"{scheme}: B → A"]
	assert entries(name)[1].document_name == new.name
	assert grades.give(name, scheme, "").changed == 1
	assert grades.columns(name) == (scheme, None)
	assert grades.rows(name, scheme)[-1].change_kind == "No Longer Graded"


def test_one_current_assignment_by_the_database_itself(scheme: str) -> None:
	name = grades.customer()
	grades.give(name, scheme, "B")
	with pytest.raises(Exception, match="1062"):
		frappe.db.sql(
			"insert into `tabGrade Assignment` (name, archive, scheme, current_key) values ('second', %s, %s, %s)", (name, scheme, f"{name}::{scheme}")
		)


def test_important_grades_mark_the_archive_and_the_archivist_learns_what_is_missing(db: Any, people: factories.People) -> None:
	grades.no_other_schemes()
	scheme = grades.scheme(important=("A",))
	name = grades.customer(remark=None, storage_location=None)
	grades.give(name, scheme, "A")
	assert grades.columns(name, "is_important", "access_scheme") == (1, None)
	told = loans.notices(name, people[roles.ARCHIVIST])
	assert len(told) == 1 and "备注" in told[0] and "库位" in told[0], told
	grades.give(name, scheme, "B")
	assert grades.columns(name, "is_important") == (0,)
	by_hand = grades.customer(is_important=1)
	grades.give(by_hand, scheme, "B")
	assert grades.columns(by_hand, "is_important") == (1,), "what no grade made important stays so"
	assert not loans.notices(by_hand, people[roles.ARCHIVIST])


def test_an_important_grade_asks_for_remark_and_place_before_filing(db: Any, people: factories.People) -> None:
	"""R-ARC-15: a classified customer that became important by its grade is not filed without them."""
	from frappe.model.workflow import apply_workflow

	grades.no_other_schemes()
	scheme = grades.scheme(important=("A",))
	with factories.acting(people[roles.SALESPERSON]):
		name = str(factories.make_archive(remark=None).name)
	factories.advance(name, people, "Classified")
	grades.give(name, scheme, "A")
	with factories.acting(people[roles.SALES_DIRECTOR]), pytest.raises(LifeCycleError, match="备注"):
		apply_workflow(frappe.get_doc(ARCHIVE, name), "Approve Filing")
	frappe.db.set_value(ARCHIVE, name, "remark", "战略客户")
	with factories.acting(people[roles.SALES_DIRECTOR]), pytest.raises(LifeCycleError, match="单独存放"):
		apply_workflow(frappe.get_doc(ARCHIVE, name), "Approve Filing")
	doc = frappe.get_doc(ARCHIVE, name)
	doc.is_important = 0
	with factories.acting("Administrator"):
		grade_columns.protect(doc, frappe.get_doc(ARCHIVE, name))
	assert doc.is_important == 1, "what the grade made important is not unticked by hand"


# A run


def test_a_run_is_applied_in_chunks_and_says_what_it_left(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
	monkeypatch.setattr(grade_assignments, "CHUNK", 2)
	names = [grades.customer() for _number in range(5)]
	grades.give(names[0], scheme, "C", terms.BY_APPEAL, expires_on=getdate(add_days(today(), 30)))
	grades.give(names[1], scheme, "B")
	frappe.db.sql("update `tabGrade Assignment` set decided_on = decided_on - interval 1 day where archive in %s", (tuple(names),))
	run = grades.run(scheme, {names[0]: "A", names[1]: "B", names[2]: "A", names[3]: "", names[4]: "C"})
	grades.give(names[4], scheme, "B", terms.BY_TRANSACTION)
	frappe.db.set_value("Grading Run", run, "computed_on", add_to_date(now_datetime(), minutes=-5))
	assert grade_assignments.apply_run(run) == Written(changed=1, manual=1, newer=1)
	assert [grades.grade_of(name, scheme) for name in names] == ["C", "B", "A", None, "B"]
	assert frappe.db.get_value("Grading Run", run, ["status", "running_key"]) == ("Applied", None)
	written = grades.rows(names[2], scheme)[0]
	assert (written.run, written.source, written.decided_by) == (run, "Grading Run", factories.email(roles.MARKETING_MANAGER))
	assert frappe.db.get_value(ARCHIVE, names[2], "modified_by") == factories.email(roles.MARKETING_MANAGER)
	with pytest.raises(GradingError):
		grade_assignments.apply_run(run)


def test_a_run_killed_after_any_chunk_ends_the_same(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
	monkeypatch.setattr(grade_assignments, "CHUNK", 2)
	wanted = {grades.customer(): grade for grade in ("A", "B", "C", "A", "")}
	run = grades.run(scheme, wanted)
	calls = 0

	def die() -> None:
		nonlocal calls
		calls += 1
		raise KeyboardInterrupt

	with pytest.raises(KeyboardInterrupt):
		grade_assignments.apply_run(run, after_chunk=die)
	assert frappe.db.get_value("Grading Run", run, "status") == "Applying"
	# Even with its place lost, nothing is written twice.
	frappe.db.set_value("Grading Run", run, "resume_after", "computed:7")
	grade_assignments.apply_run(run)
	assert {name: grades.grade_of(name, scheme) or "" for name in wanted} == wanted
	assert [len(grades.rows(name, scheme)) for name in wanted] == [1, 1, 1, 1, 0]
	assert sum(len(entries(name)) for name in wanted) == 4


def test_statements_do_not_grow_with_the_archives(scheme: str) -> None:
	def statements(count: int) -> int:
		run = grades.run(scheme, {grades.customer(): "A" for _number in range(count)})
		asked: list[str] = []
		plain = frappe.db.sql
		frappe.db.sql = lambda *args, **kwargs: asked.append(str(args[0])) or plain(*args, **kwargs)
		try:
			grade_assignments.apply_run(run)
		finally:
			frappe.db.sql = plain
		return len(asked)

	assert statements(12) <= statements(3) + 1


# Columns


def test_bound_columns_are_written_by_no_hand(scheme: str, people: factories.People) -> None:
	name = grades.customer()
	grades.give(name, scheme, "B")
	for user in (people[roles.CUSTOMER_SERVICE_MANAGER], "Administrator"):
		with factories.acting(user):
			doc = frappe.get_doc(ARCHIVE, name)
			doc.update({"access_grade": "C", "access_scheme": "X", "contact_grade": "A", "contact_scheme": "X", "analysis_grade": "A", "analysis_scheme": "X"})
			doc.remark = user
			doc.save()
		assert frappe.db.get_value(ARCHIVE, name, "remark") == user
		assert grades.columns(name) == (scheme, "B")
		assert grades.columns(name, "contact_scheme", "contact_grade", "analysis_scheme", "analysis_grade") == (scheme, "B", scheme, "B")
	with factories.acting(people[roles.CUSTOMER_SERVICE_MANAGER]), pytest.raises(LifeCycleError, match="等级变更"):
		secrecy.set_grade(name, "C", "试")
	made = factories.make_archive(access_grade="A", contact_grade="A")
	assert grades.columns(made.name, "access_grade", "contact_grade") == (None, None)
	loaded = bulk.insert_archives([{"customer_name": factories.company_name(), "access_grade": "A", "contact_grade": "A"}])[0]
	assert grades.columns(loaded, "access_grade", "contact_grade") == (None, None)


def test_without_a_bound_scheme_people_set_the_access_grade(db: Any, people: factories.People) -> None:
	grades.no_other_schemes()
	grades.scheme()
	name = grades.customer()
	with factories.acting(people[roles.CUSTOMER_SERVICE_MANAGER]):
		assert secrecy.set_grade(name, " a ", "试") == "A"


def test_another_scheme_takes_the_purpose_over(scheme: str) -> None:
	"""R-GRD-22: several at once, each grade by itself; switching a purpose switches what follows from it."""
	other = grades.scheme("另一方案")
	one, two = grades.customer(), grades.customer()
	grades.give(one, scheme, "B")
	grades.give(one, other, "A")
	grades.give(two, scheme, "C")
	assert grades.columns(one) == (scheme, "B")
	doc = frappe.get_doc("Grading Scheme", other)
	doc.update({"for_access": 1, "for_contact": 1})
	doc.save()
	assert grades.columns(one) == (other, "A")
	assert grades.columns(two) == (scheme, "C"), "an archive without a grade of the new scheme is not opened by the change"
	assert grades.columns(one, "contact_grade", "analysis_grade") == ("A", "B")
	assert grades.columns(two, "contact_scheme", "contact_grade") == (None, None)
	assert grade_assignments.rebind(terms.ACCESS) == 0, "nothing changes twice"


# Manual grades


def test_a_manual_grade_ends_by_the_clock_and_by_the_task(scheme: str) -> None:
	name = grades.customer()
	factories.make_transaction(name, amount=2_000_000)
	assert grades.grade_of(name, scheme) == "A"
	grades.give(name, scheme, "C", terms.BY_APPEAL, expires_on=getdate(today()))
	shown = grade_assignments.current(name)[0]
	assert (shown["grade"], shown["is_over"]) == ("C", False)
	assert grade_assignments.expire() == 0, "its last day is a day of its own"
	tomorrow = getdate(add_days(today(), 1))
	if grading_schemes.active_version(scheme, tomorrow):
		shown = grade_assignments.current(name, tomorrow)[0]
		assert (shown["grade"], shown["is_over"], shown["source"]) == ("A", True, "Manual Grade Expired")
	frappe.db.set_value(grades.ASSIGNMENT, {"archive": name, "is_current": 1}, "expires_on", grades.yesterday())
	assert grade_assignments.current(name)[0]["grade"] == "A", "no job has run"
	assert grade_assignments.expire() == 1
	last = grades.rows(name, scheme)[-1]
	assert (last.grade, last.source, last.change_kind) == ("A", "Manual Grade Expired", "Up")
	assert "200 万元" in last.sentence
	assert grades.columns(name) == (scheme, "A")
	assert grade_assignments.expire() == 0


def test_why_says_what_is_stored_and_what_today_would_say(scheme: str) -> None:
	name = grades.customer()
	factories.make_transaction(name, amount=2_000_000)
	grades.give(name, scheme, "C", terms.BY_APPEAL, expires_on=getdate(add_days(today(), 9)))
	explained = grade_assignments.explain(name, scheme)
	assert explained["stored"]["grade"] == "C"
	assert explained["today"]["grade"] == "A" and "200 万元" in explained["today"]["sentence"]
	other = grades.customer()
	factories.make_transaction(other, amount=2_000_000)
	explained = grade_assignments.explain(other, scheme)
	assert explained["today"] is None
	assert "200 万元" in explained["stored"]["sentence"] and explained["stored"]["rows"][0]["asked"] == "≥ 100 万元"
	assert [row["grade"] for row in grade_assignments.history(name)] == ["C", "A"]
	found = grade_assignments.why(name)
	assert [(row["scheme"], row["grade"], row["explained"]["today"]["grade"]) for row in found] == [(scheme, "C", "A")]


# The access log


@pytest.mark.usefixtures("fresh_log")
def test_a_set_of_entries_is_as_sound_as_single_ones(people: factories.People) -> None:
	rows = [{"action": "Grade Change", "archive": f"QZ-{number}", "document": ("Grade Assignment", f"g{number}"), "detail": "A → B"} for number in range(1203)]
	names = log.record_many(rows)
	assert len(set(names)) == len(names) == 1203
	frappe.db.commit()
	assert seal.seal_pending() == 1
	assert audit_log.faults() == []
	stored = frappe.get_doc("Access Log Entry", names[7])
	assert (stored.archive, stored.document_name, stored.detail, stored.user) == ("QZ-7", "g7", "A → B", "Administrator")
	frappe.db.sql("update `tabAccess Log Entry` set detail = 'A → C' where name = %s", names[700])
	frappe.db.commit()
	assert [entry for _kind, _seal, entry in audit_log.faults()] == [names[700]]
	frappe.db.sql("delete from `tabAccess Log Entry` where name = %s", names[9])
	frappe.db.commit()
	assert len(audit_log.faults()) > 1
	assert log.record_many([]) == []


@pytest.mark.usefixtures("fresh_log")
def test_each_entry_of_a_set_has_its_own_circumstances(people: factories.People) -> None:
	one, two = (str(factories.make_archive().name) for _number in range(2))
	frappe.db.set_value(ARCHIVE, two, "confidentiality", "Internal")
	seller = people[roles.SALESPERSON]
	names = log.record_many([{"action": "Grade Change", "archive": one, "user": seller}, {"action": "Grade Change", "archive": two}])
	found = [frappe.db.get_value("Access Log Entry", name, ["user", "department", "confidentiality"]) for name in names]
	assert found == [(seller, factories.SALES, "Unclassified"), ("Administrator", "", "Internal")]


def test_what_cannot_be_recorded_is_not_written(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
	name = grades.customer()
	monkeypatch.setattr(log, "_INSERT", "insert into `tabNo Such Table` values ")
	with pytest.raises(AuditError):
		grades.give(name, scheme, "A")


# By hand


@pytest.mark.parametrize("doctype", ["Grade Assignment", "Grading Run Result"])
def test_nobody_writes_rows_by_hand(scheme: str, doctype: str) -> None:
	name = grades.customer()
	grades.give(name, scheme, "B")
	grades.run(scheme, {name: "A"})
	doc = frappe.get_doc({"doctype": doctype, "archive": name, "scheme": scheme, "grade": "A"})
	doc.flags.ignore_validate = doc.flags.ignore_permissions = True
	with pytest.raises(GradingError):
		doc.insert(ignore_permissions=True)
	stored = frappe.get_last_doc(doctype, {"archive": name})
	stored.grade = "C"
	for write in (stored.save, stored.db_update, lambda: stored.db_set("grade", "C")):
		with pytest.raises(GradingError):
			write()
	with pytest.raises(frappe.ValidationError):
		frappe.delete_doc(doctype, stored.name, force=True, ignore_permissions=True)
	with pytest.raises((GradingError, frappe.ValidationError)):
		frappe.rename_doc(doctype, stored.name, "other", force=True)
	assert frappe.db.get_value(doctype, stored.name, "grade") != "C"


# Two at once


def _in_thread(site: str, work: Callable[[], Any]) -> Any:
	"""Something in a connection of its own, committed."""
	frappe.init(site=site, sites_path=".")
	frappe.connect()
	try:
		found = work()
		frappe.db.commit()
		return found
	except GradeConflictError:
		frappe.db.rollback()
		return GradeConflictError
	finally:
		frappe.destroy()


def test_two_writers_at_once_leave_one_current_grade(db: Any, site: str, people: factories.People) -> None:
	"""The second waits for the first; its snapshot is older than what the first wrote, and still it ends that assignment and begins its own."""
	label = grades.scheme("并发")
	for first in (None, "C"):
		name = grades.customer()
		if first:
			grades.give(name, label, first)
		frappe.db.commit()
		start = threading.Barrier(2)

		def write(grade: str, archive: str = name, start: threading.Barrier = start) -> Any:
			def work() -> Any:
				# A snapshot of its own, taken before the other writes.
				frappe.db.sql("select count(*) from `tabGrade Assignment`")
				start.wait(10)
				return grades.give(archive, label, grade)

			return _in_thread(site, work)

		with ThreadPoolExecutor(2) as pool:
			found = list(pool.map(write, ("A", "B")))
		frappe.db.rollback()
		stored = grades.rows(name, label)
		assert [one for one in found if one == Written(1)] == [Written(1), Written(1)], found
		assert len([row for row in stored if row.is_current]) == 1
		ended = [row for row in stored if not row.is_current]
		assert len(ended) == len(stored) - 1 and all(row.effective_to for row in ended)
		current = next(row for row in stored if row.is_current)
		assert current.previous_grade in {row.grade for row in ended}
	frappe.db.set_value("Grading Scheme", label, "is_disabled", 1)
	frappe.db.commit()
