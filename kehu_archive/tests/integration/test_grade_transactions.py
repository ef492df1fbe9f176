"""A transaction changes the customer's grade at once, costs little, and is never lost over it. R-GRD-18, R-SEC-08."""

from __future__ import annotations

import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import frappe
import pytest
from frappe.utils import add_days, getdate, today

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import grading_terms as terms
from kehu_archive.services import grading_now, grading_transactions, transactions
from kehu_archive.services.grade_writing import Written
from kehu_archive.tests import factories, grades


@pytest.fixture
def scheme(db: Any, people: factories.People) -> str:
	grades.no_other_schemes()
	return grades.scheme(for_access=1)


def test_the_grade_follows_each_deal_return_and_cancellation(scheme: str, people: factories.People) -> None:
	name = grades.customer()
	factories.make_transaction(name, amount=150_000, posted_on=today())
	assert grades.columns(name) == (scheme, "B")
	big = factories.make_transaction(name, amount=900_000, posted_on=today())
	assert grades.columns(name) == (scheme, "A")
	row = grades.rows(name, scheme)[-1]
	assert (row.source, row.previous_grade, row.change_kind) == ("New Transaction", "B", "Up")
	assert "105 万元" in row.sentence
	factories.make_transaction(name, amount=100_000, transaction_kind="Return", posted_on=today())
	assert grades.columns(name) == (scheme, "B")
	transactions.cancel(big, "重复录入")
	assert grades.columns(name) == (scheme, "C")
	before = len(grades.rows(name, scheme))
	doc = frappe.get_last_doc("Archive Transaction", {"archive": name})
	doc.remark = "备注"
	doc.save()
	factories.make_transaction(name, amount=1, posted_on=today())
	assert len(grades.rows(name, scheme)) == before, "no change, no row"


def test_several_schemes_and_a_scorecard_are_asked_together(scheme: str) -> None:
	yearly = grades.scheme("年度", metric=terms.YEAR_TOTAL)
	silent = grades.scheme("不随交易", on_new_transaction="Nothing")
	card = f"评分 {frappe.generate_hash(length=6)}"
	frappe.get_doc({"doctype": "Grading Scheme", "scheme_name": card, "method": "Scorecard"}).insert()
	from kehu_archive.services import grading_schemes

	version = frappe.get_doc(
		{
			"doctype": "Grading Scheme Version",
			"scheme": card,
			"year": getdate(today()).year,
			"grades": [{"grade": "优", "score_from": 60}, {"grade": "良", "score_from": 0}],
			"factors": [{"metric": terms.TOTAL_AMOUNT, "weight": 100}],
			"bands": [
				{"metric": terms.TOTAL_AMOUNT, "value_from": 0, "value_to": 50, "points": 20},
				{"metric": terms.TOTAL_AMOUNT, "value_from": 50, "value_to": 0, "points": 80},
			],
		}
	).insert()
	grading_schemes.activate(version.name)
	name = grades.customer()
	factories.make_transaction(name, amount=1_200_000, posted_on=today())
	assert [grades.grade_of(name, one) for one in (scheme, yearly, silent, card)] == ["A", "A", None, "优"]


def test_a_manual_grade_in_force_stays(scheme: str) -> None:
	name = grades.customer()
	factories.make_transaction(name, amount=150_000, posted_on=today())
	grades.give(name, scheme, "C", terms.BY_APPEAL, expires_on=getdate(add_days(today(), 10)))
	factories.make_transaction(name, amount=5_000_000, posted_on=today())
	assert grades.columns(name) == (scheme, "C")
	assert grading_transactions.regrade([name]).manual == 1


def test_drafts_and_other_types_are_not_graded(db: Any, people: factories.People) -> None:
	grades.no_other_schemes()
	scheme = grades.scheme(archive_type=factories.archive_type("KH"))
	draft = str(factories.make_archive().name)
	factories.make_transaction(draft, amount=2_000_000)
	assert grades.grade_of(draft, scheme) is None
	other = next(code for code in frappe.get_all("Archive Type", pluck="name") if code != factories.archive_type("KH"))
	name = grades.customer(archive_type=other)
	factories.make_transaction(name, amount=2_000_000)
	assert grades.grade_of(name, scheme) is None


def test_a_merge_counts_both_and_its_undoing_parts_them(scheme: str, people: factories.People) -> None:
	"""Each has the grade B, together they are A; the history of the archive that was given up stays with it."""
	from kehu_archive.services import merge, merge_undo

	one, other = grades.customer(), grades.customer()
	for name in (one, other):
		factories.make_transaction(name, amount=600_000, posted_on=today())
	trace = merge.merge(one, other, "同一客户")
	assert (grades.grade_of(other, scheme), grades.columns(other)) == ("A", (scheme, "A"))
	assert [row.grade for row in grades.rows(one, scheme)] == ["B"]
	merge_undo.undo(trace)
	assert [grades.grade_of(name, scheme) for name in (one, other)] == ["B", "B"]


def test_a_set_of_many_is_left_to_the_night(scheme: str) -> None:
	assert grading_transactions.regrade([f"QZ-{number}" for number in range(grading_transactions.MOST + 1)]) == Written()
	name = grades.customer()
	factories.make_transaction(name, amount=2_000_000)
	frappe.db.delete(grades.ASSIGNMENT, {"archive": name})
	assert grading_transactions.regrade([name]).changed == 1


def test_an_error_in_grading_never_loses_the_transaction(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
	name = grades.customer()

	def broken(*_args: Any) -> Any:
		frappe.db.sql("insert into `tabNo Such Table` values (1)")

	monkeypatch.setattr(grading_now.grading_metrics, "measure", broken)
	before = frappe.db.count("Error Log")
	deal = factories.make_transaction(name, amount=2_000_000)
	assert frappe.db.exists("Archive Transaction", deal.name)
	assert frappe.db.get_value(ARCHIVE, name, "transaction_total") == 2_000_000
	assert grades.grade_of(name, scheme) is None
	assert frappe.db.count("Error Log") > before
	monkeypatch.undo()
	assert grading_transactions.regrade([name]).changed == 1


def test_one_look_at_the_transactions_for_all_schemes(scheme: str) -> None:
	for number in range(3):
		grades.scheme(f"又一 {number}")
	name = grades.customer()
	factories.make_transaction(name, amount=150_000, posted_on=today())
	asked: list[str] = []
	plain = frappe.db.sql
	frappe.db.sql = lambda *args, **kwargs: asked.append(str(args[0])) or plain(*args, **kwargs)
	try:
		assert grading_transactions.regrade([name]) == Written()
	finally:
		frappe.db.sql = plain
	assert len([one for one in asked if "tabArchive Transaction" in one]) == 1
	assert not [one for one in asked if one.lstrip().lower().startswith(("insert", "update"))]


def test_a_save_with_grading_costs_at_most_twice_the_save_without(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
	"""The bench measures 500; this keeps it from growing unseen."""
	name = grades.customer()
	factories.make_transaction(name, amount=150_000, posted_on=today())

	def once(regrade: Any) -> float:
		with monkeypatch.context() as patch:
			if regrade is None:
				patch.setattr(grading_transactions, "regrade", lambda archives: None)
			started = time.perf_counter()
			factories.make_transaction(name, amount=1, posted_on=today())
			return time.perf_counter() - started

	pairs = [(once(None), once(True)) for _number in range(60)]
	without, with_it = (statistics.median(column) for column in zip(*pairs, strict=True))
	print(f"without {without * 1000:.1f} ms, with {with_it * 1000:.1f} ms")
	assert with_it <= 2 * without


def test_two_deals_at_once_count_both(db: Any, site: str, people: factories.People) -> None:
	"""Each alone makes B, both together A; whoever is second sees what the first wrote, though his snapshot is older."""
	before = frappe.get_all("Grading Scheme", filters={"is_disabled": 0}, pluck="name")
	grades.no_other_schemes()
	scheme = grades.scheme("同时")
	name = grades.customer()
	frappe.db.commit()
	start = threading.Barrier(2)

	def deal(_number: int) -> None:
		frappe.init(site=site, sites_path=".")
		frappe.connect()
		try:
			frappe.set_user("Administrator")
			frappe.db.sql("select count(*) from `tabArchive Transaction`")
			start.wait(10)
			factories.make_transaction(name, amount=600_000, posted_on=today())
			frappe.db.commit()
		finally:
			frappe.destroy()

	with ThreadPoolExecutor(2) as pool:
		list(pool.map(deal, range(2)))
	frappe.db.rollback()
	assert frappe.db.get_value(ARCHIVE, name, "transaction_total") == 1_200_000
	assert grades.grade_of(name, scheme) == "A"
	assert [row.grade for row in grades.rows(name, scheme)] == ["B", "A"]
	frappe.db.set_value("Grading Scheme", scheme, "is_disabled", 1)
	for other in before:
		frappe.db.set_value("Grading Scheme", other, "is_disabled", 0)
	frappe.db.commit()


