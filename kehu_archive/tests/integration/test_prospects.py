"""Prospects on a real site: needs and potential demand, the first deal, no deal with its reason, joint plans, account managers (R-UPD-11, R-GRD-09, -10, -12, R-MKT-06)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import frappe
import pytest
from frappe.utils import add_days, add_months, today

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain import lifecycle, roles
from kehu_archive.exceptions import ArchiveError, InvalidFieldsError, LifeCycleError
from kehu_archive.services import account_managers, merge, prospects, transactions
from kehu_archive.tests import factories
from kehu_archive.tests.factories import acting


@pytest.fixture
def seller(db: Any, people: factories.People) -> Iterator[str]:
	"""The salesperson, who enters prospects."""
	frappe.set_user(people[roles.SALESPERSON])
	yield people[roles.SALESPERSON]
	frappe.set_user("Administrator")


def stored(name: str, *fields: str) -> Any:
	return frappe.db.get_value(ARCHIVE, name, list(fields)) if len(fields) > 1 else frappe.db.get_value(ARCHIVE, name, fields[0])


def notices_of(user: str, archive: str) -> list[str]:
	return frappe.get_all("Notification Log", filters={"for_user": user, "document_name": archive}, pluck="subject")


def test_the_potential_demand_is_the_sum_of_the_open_needs(seller: str) -> None:
	"""R-UPD-11: dated needs with a state; a client's own sum is ignored."""
	archive = factories.make_archive(
		needs=[
			{"need": "二期设备", "amount": 300000.5},
			{"need": "备件", "amount": 20000, "status": "Met", "noted_on": add_days(today(), -9)},
			{"need": "培训"},
			{"need": "改造", "amount": 50000},
		],
		potential_demand=9e9,
	)
	assert archive.potential_demand == 350000.5
	assert [str(row.closed_on or "") for row in archive.needs] == ["", today(), "", ""]
	assert str(archive.needs[0].noted_on) == today()
	archive.needs[3].status = "Given Up"
	archive.needs[1].update({"status": "Unmet"})
	archive.save()
	assert stored(archive.name, "potential_demand") == 320000.5
	assert (archive.needs[1].closed_on, str(archive.needs[3].closed_on)) == (None, today())
	assert frappe.get_all("Customer Archive Need", filters={"parent": archive.name, "status": "Given Up"}, pluck="need") == ["改造"]


@pytest.mark.parametrize(
	("change", "words"),
	[
		({"needs": [{"need": "一"}, {"need": "二", "amount": -1}]}, ("客户需求", "第 2 行", "预计金额")),
		({"needs": [{"need": "一", "noted_on": "2026-03-02", "status": "Met", "closed_on": "2026-03-01"}]}, ("第 1 行", "2026-03-01")),
		({"needs": [{"need": "一", "noted_on": "2199-03-02"}]}, ("第 1 行", "记录日期", "2199-03-02")),
		({"needs": [{"need": "一", "status": "Met", "closed_on": "2199-03-02"}]}, ("第 1 行", "2199-03-02")),
		({"needs": [{"need": "一", "amount": "很多"}]}, ("第 1 行", "预计金额")),
		({"grading_inputs": [{"metric": terms.CREDIT, "year": 2026, "score": 101}]}, ("第 1 行", "得分")),
		({"grading_inputs": [{"metric": terms.CREDIT, "year": 2026, "score": -1}]}, ("第 1 行", "得分")),
		({"grading_inputs": [{"metric": terms.CREDIT, "year": 26, "score": 50}]}, ("第 1 行", "年度")),
		(
			{"grading_inputs": [{"metric": terms.CREDIT, "year": 2026, "score": 5}, {"metric": terms.CREDIT, "year": 2026, "score": 6}]},
			("第 2 行", "评价因素"),
		),
		({"joint_plans": [{"plan": "联合开拓", "planned_on": "2026-03-02", "due_on": "2026-03-01"}]}, ("第 1 行", "计划完成日期")),
		({"joint_plans": [{"plan": "联合开拓", "done_on": "2199-01-01"}]}, ("第 1 行", "完成日期")),
		({"likelihood": 101}, ("成交可能性",)),
		({"likelihood": -1}, ("成交可能性",)),
		({"national_rank": -3}, ("全国排名",)),
		({"market_status": "No Deal"}, ("未成交原因",)),
		({"market_status": "No Deal", "lost_reason": "  "}, ("未成交原因",)),
		({"market_status": "No Deal", "lost_reason": "价格", "lost_on": "2199-01-01"}, ("未成交日期",)),
	],
)
def test_what_cannot_be_right_is_refused_by_table_row_and_field(seller: str, change: dict[str, Any], words: tuple[str, ...]) -> None:
	count = frappe.db.count(ARCHIVE)
	with pytest.raises(InvalidFieldsError) as refused:
		factories.make_archive(**change)
	assert all(word in str(refused.value) for word in words), refused.value
	assert frappe.db.count(ARCHIVE) == count


def test_the_first_deal_makes_a_customer_and_says_since_when(seller: str) -> None:
	"""R-GRD-12, R-FZL-08: by the day of the first deal, whatever order they are entered in; a return makes nobody a customer."""
	archive = factories.make_archive(converted_on="2001-01-01")
	assert (archive.market_status, archive.converted_on) == ("Prospective", None)
	factories.make_transaction(archive.name, transaction_kind="Return", posted_on="2026-01-02")
	assert stored(archive.name, "market_status", "converted_on") == ("Prospective", None)
	factories.make_transaction(archive.name, posted_on="2026-03-05")
	market_status, converted_on = stored(archive.name, "market_status", "converted_on")
	assert (market_status, str(converted_on)) == ("Existing", "2026-03-05")
	factories.make_transaction(archive.name, posted_on="2026-02-05")
	assert str(stored(archive.name, "converted_on")) == "2026-02-05"
	archive.reload()
	archive.converted_on = "2020-01-01"
	archive.save()
	assert str(archive.converted_on) == "2026-02-05"


def test_who_was_a_customer_before_was_not_converted(seller: str) -> None:
	archive = factories.make_archive(market_status="Existing")
	factories.make_transaction(archive.name, posted_on="2026-03-05")
	assert stored(archive.name, "market_status", "converted_on") == ("Existing", None)


def test_the_totals_of_all_archives_convert_in_one_statement(seller: str) -> None:
	one, two = (factories.make_archive().name for _ in range(2))
	factories.make_transaction(one, posted_on="2026-03-05")
	frappe.db.set_value(ARCHIVE, one, {"market_status": "Prospective", "converted_on": None})
	transactions.refresh_totals()
	assert stored(one, "market_status") == "Existing" and str(stored(one, "converted_on")) == "2026-03-05"
	assert stored(two, "market_status", "converted_on") == ("Prospective", None)


def test_no_deal_is_judged_for_its_worth_by_those_who_keep_the_archive(seller: str, people: factories.People) -> None:
	"""R-MKT-06, 003 §5.2.6: reason required, day given, worth to be judged, the archivist told."""
	archive = factories.make_archive()
	archive.update({"market_status": "No Deal", "lost_reason": "价格高于预算", "retention_value": "Worth Keeping"})
	archive.save()
	assert (str(archive.lost_on), archive.retention_value) == (today(), "To Be Judged")
	keeper = people[roles.ARCHIVIST]
	assert any("保存价值" in subject for subject in notices_of(keeper, archive.name))
	assert not any(archive.customer_name in subject for subject in notices_of(keeper, archive.name))
	archive.retention_value = "Worth Keeping"
	archive.save()
	assert archive.retention_value == "Worth Keeping"
	assert len(notices_of(keeper, archive.name)) == 1


def test_a_customer_with_deals_is_not_given_up(seller: str) -> None:
	archive = factories.make_archive()
	factories.make_transaction(archive.name)
	archive.reload()
	archive.update({"market_status": "No Deal", "lost_reason": "转投他人"})
	with pytest.raises(InvalidFieldsError, match="已有成交记录"):
		archive.save()
	assert stored(archive.name, "market_status") == "Existing"


def test_one_that_was_given_up_and_buys_is_a_customer_with_a_history(seller: str) -> None:
	"""R-GRD-12 after R-MKT-06."""
	archive = factories.make_archive(market_status="No Deal", lost_reason="预算取消", lost_on="2026-01-15")
	factories.make_transaction(archive.name, posted_on="2026-04-01")
	archive.reload()
	assert (archive.market_status, str(archive.converted_on), archive.lost_reason, str(archive.lost_on)) == (
		"Existing",
		"2026-04-01",
		"预算取消",
		"2026-01-15",
	)
	archive.remark = "再次合作"
	archive.save()
	assert archive.lost_reason == "预算取消"


def test_joint_development_is_planned_on_the_archive(seller: str) -> None:
	"""R-GRD-10."""
	plans = [{"plan": "共同开拓西南市场", "planned_on": "2026-01-05", "due_on": "2026-06-30", "responsible": seller}]
	archive = factories.make_archive(joint_plans=plans)
	archive.joint_plans[0].update({"done_on": today(), "result": "签约两家"})
	archive.save()
	assert frappe.get_all("Customer Archive Joint Plan", filters={"parent": archive.name}, pluck="result") == ["签约两家"]


def test_a_need_is_not_written_past_its_archive(seller: str) -> None:
	"""The framework saves a row by itself; that road is shut."""
	archive = factories.make_archive(needs=[{"need": "甲", "amount": 5}], grading_inputs=[{"metric": terms.CREDIT, "year": 2026, "score": 5}])
	for row in (archive.needs[0], archive.grading_inputs[0]):
		with acting("Administrator"), pytest.raises(ArchiveError):
			frappe.get_doc(row.doctype, row.name).save()


def test_the_demand_follows_a_merge(seller: str) -> None:
	"""Rows that move with a merge are counted where they stand then."""
	with acting("Administrator"):
		source = factories.make_archive(needs=[{"need": "甲", "amount": 100}])
		target = factories.make_archive(needs=[{"need": "乙", "amount": 30}])
		merge.merge(source.name, target.name, "同一客户")
	assert stored(target.name, "potential_demand") == 130
	assert stored(source.name, "potential_demand") == 0


def test_the_demand_is_counted_in_sets(seller: str) -> None:
	archives = [factories.make_archive(needs=[{"need": "甲", "amount": amount}]).name for amount in (5, 7)]
	frappe.db.sql("update `tabCustomer Archive` set potential_demand = 1 where name in %s", (tuple(archives),))
	prospects.refresh_demand(archives)
	assert [stored(name, "potential_demand") for name in archives] == [5, 7]


def test_a_change_of_content_is_dated_and_a_step_or_a_client_does_not_date_it(seller: str, people: factories.People) -> None:
	"""R-GRD-13 counts from here."""
	archive = factories.make_archive()
	assert archive.content_changed_on is None
	long_ago = add_months(today(), -8)
	frappe.db.set_value(ARCHIVE, archive.name, "content_changed_on", long_ago)
	factories.advance(archive.name, people, lifecycle.SUBMITTED)
	assert str(stored(archive.name, "content_changed_on")) == str(long_ago)
	with acting("Administrator"):
		doc = frappe.get_doc(ARCHIVE, archive.name)
		doc.content_changed_on = doc.update_reminded_on = today()
		doc.save()
	assert str(stored(archive.name, "content_changed_on")) == str(long_ago)
	assert stored(archive.name, "update_reminded_on") is None
	with acting("Administrator"):
		doc.reload()
		doc.append("needs", {"need": "扩产"})
		doc.save()
	assert str(stored(archive.name, "content_changed_on")) == today()


@pytest.fixture
def managed(db: Any, people: factories.People) -> str:
	"""A scheme whose grade 重要 asks for an account manager; its version's name."""
	scheme = frappe.get_doc({"doctype": "Grading Scheme", "scheme_name": "客户经理测试", "method": terms.THRESHOLDS}).insert()
	version = frappe.get_doc(
		{
			"doctype": "Grading Scheme Version",
			"scheme": scheme.name,
			"year": 2026,
			"grades": [{"grade": "重要", "needs_manager": 1}, {"grade": "一般"}],
			"criteria": [
				{"grade": "重要", "metric": terms.YEAR_TOTAL, "threshold": 1},
				{"grade": "一般", "metric": terms.DEALS, "threshold": 1},
			],
		}
	).insert()
	return str(version.name)


def give(archive: str, version: str, grade: str) -> None:
	"""A current grade, as a run writes it."""
	scheme = frappe.db.get_value("Grading Scheme Version", version, "scheme")
	frappe.get_doc(
		{
			"doctype": "Grade Assignment",
			"name": frappe.generate_hash()[:12],
			"archive": archive,
			"scheme": scheme,
			"version": version,
			"grade": grade,
			"is_current": 1,
			"effective_from": today(),
			"source": terms.BY_RUN,
			"current_key": f"{archive}::{scheme}",
		}
	).db_insert()


@pytest.mark.parametrize(("grade", "stops"), [("重要", True), ("一般", False)])
def test_filing_asks_for_the_account_manager_of_an_important_customer(
	managed: str, people: factories.People, grade: str, stops: bool
) -> None:
	"""R-GRD-09."""
	with acting(people[roles.SALESPERSON]):
		archive = factories.make_archive()
	give(archive.name, managed, grade)
	factories.advance(archive.name, people, lifecycle.CLASSIFIED)
	frappe.db.set_value(ARCHIVE, archive.name, "responsible", None)
	if stops:
		with acting(people[roles.SALES_DIRECTOR]), pytest.raises(LifeCycleError, match="客户经理"):
			doc = frappe.get_doc(ARCHIVE, archive.name)
			doc.workflow_state = lifecycle.FILED
			doc.save()
		assert stored(archive.name, "workflow_state") == lifecycle.CLASSIFIED
		frappe.db.set_value(ARCHIVE, archive.name, "responsible", people[roles.SALESPERSON])
	with acting(people[roles.SALES_DIRECTOR]):
		doc = frappe.get_doc(ARCHIVE, archive.name)
		doc.workflow_state = lifecycle.FILED
		doc.save()
	assert stored(archive.name, "workflow_state") == lifecycle.FILED


def test_a_filed_important_customer_keeps_his_account_manager(managed: str, people: factories.People) -> None:
	with acting(people[roles.SALESPERSON]):
		archive = factories.make_archive()
	factories.advance(archive.name, people)
	give(archive.name, managed, "重要")
	with acting(people[roles.ARCHIVIST]):
		doc = frappe.get_doc(ARCHIVE, archive.name)
		doc.responsible = None
		with pytest.raises(LifeCycleError, match="客户经理"):
			doc.save()


def test_a_new_grade_without_an_account_manager_is_told_to_who_names_one(managed: str, people: factories.People) -> None:
	"""R-GRD-09: one notice each, one for all when there are many."""
	manager = people[roles.CUSTOMER_SERVICE_MANAGER]
	names = [factories.make_archive(responsible=None).name for _ in range(3)]
	frappe.db.sql("update `tabCustomer Archive` set workflow_state = 'Filed', secrecy_rank = 1 where name in %s", (tuple(names),))
	give(names[0], managed, "重要")
	give(names[1], managed, "一般")
	account_managers.tell_missing(names)
	assert len(notices_of(manager, names[0])) == 1 and "重要" in notices_of(manager, names[0])[0]
	assert notices_of(manager, names[1]) == notices_of(manager, names[2]) == []
	give(names[2], managed, "重要")
	limit, account_managers.MOST_SINGLE = account_managers.MOST_SINGLE, 1
	try:
		account_managers.tell_missing(names)
	finally:
		account_managers.MOST_SINGLE = limit
	first = min(names[0], names[2])
	assert any("2 份" in subject for subject in notices_of(manager, first))
