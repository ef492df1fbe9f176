"""The overview of an archive: alerts, contacts, figures, timeline. R-TRX-05, R-TRX-06, R-ARC-04, R-ARC-19, R-FCA-14."""

from __future__ import annotations

from typing import Any

import frappe
import pytest
from frappe.utils import add_days, today

from kehu_archive.api import overview as api
from kehu_archive.domain import roles
from kehu_archive.services import contacts, overview
from kehu_archive.tests import factories
from kehu_archive.tests.integration.test_completeness import queries


def add(doctype: str, archive: str, **values: Any) -> Any:
	return frappe.get_doc({"doctype": doctype, "archive": archive, **values}).insert()


def complaint(archive: str) -> Any:
	return add(
		"Customer Complaint",
		archive,
		complainant="李娜",
		complaint_kind="Quality",
		complaint_object="水泵",
		complaint_content="漏水",
		demand="退货",
	)


def alert_texts(archive: str) -> str:
	return "\n".join(alert["text"] for alert in api.get(archive)["alerts"])


def test_purchase_summary_adds_up_and_shows_preferences(db: Any) -> None:
	archive = factories.make_archive(preferences=[{"category": "Product", "preference": "大包装"}])
	for day, amount in (("2024-05-01", 100), ("2025-06-01", 250.5), ("2025-07-01", 49.5)):
		factories.make_transaction(archive.name, posted_on=day, amount=amount)
	shown = api.get(archive.name)
	assert [(row["year"], row["deals"], row["amount"]) for row in shown["years"]] == [
		(2024, 1, 100),
		(2025, 2, 300),
	]
	summary = shown["summary"]
	assert (summary["deals"], summary["total"], summary["average"]) == (3, 400, 133.33)
	assert (str(summary["first_on"]), str(summary["last_on"])) == ("2024-05-01", "2025-07-01")
	assert summary["preferences"] == [{"category": "Product", "text": "大包装"}]


def test_transactions_table_has_the_latest_twenty_with_the_seven_columns(db: Any) -> None:
	archive = factories.make_archive()
	for day in range(1, 23):
		factories.make_transaction(
			archive.name,
			posted_on=f"2026-01-{day:02}",
			transaction_no=f"XS{day}",
			place="北京",
			responsible="Administrator",
			remark="首单",
		)
	rows = api.get(archive.name)["transactions"]
	assert [row["transaction_no"] for row in rows] == [f"XS{day}" for day in range(22, 2, -1)]
	first = rows[0]
	assert (
		str(first["posted_on"]),
		first["place"],
		first["amount"],
		first["is_default"],
		first["remark"],
	) == (
		"2026-01-22",
		"北京",
		1000,
		0,
		"首单",
	)
	assert first["in_charge"] == frappe.db.get_value("User", "Administrator", "full_name")


def test_alerts_name_what_needs_attention(db: Any) -> None:
	archive = factories.make_archive(
		licences=[
			{"licence_kind": "Business Licence", "valid_until": add_days(today(), -1)},
			{"licence_kind": "Account Opening Permit", "valid_until": add_days(today(), 10)},
			{"licence_kind": "Tax Registration Certificate", "valid_until": add_days(today(), 400)},
		]
	)
	complaint(archive.name)
	factories.make_transaction(archive.name, is_default=1, default_note="逾期付款")
	texts = alert_texts(archive.name)
	assert "营业执照已于" in texts
	assert "开户许可证将于" in texts
	assert "税务登记证" not in texts
	assert "1 件投诉未结" in texts
	assert "1 笔交易有违约" in texts
	assert "未指定档案管理员" in texts
	levels = [alert["level"] for alert in api.get(archive.name)["alerts"]]
	assert levels == sorted(levels, key=("red", "orange", "blue").index)


def test_alert_when_lent_out_and_when_overdue(db: Any) -> None:
	archive = factories.make_archive()
	loan = add("Archive Borrowing", archive.name, method="Borrow", due_on=add_days(today(), 3))
	assert "借出" not in alert_texts(archive.name)
	loan.db_set("status", "Lent")
	assert "已借出，应于" in alert_texts(archive.name)
	loan.db_set("due_on", add_days(today(), -2))
	assert "起逾期未还" in alert_texts(archive.name)


def test_a_closed_complaint_and_a_custodian_end_their_alerts(db: Any) -> None:
	archive = factories.make_archive(custodian="Administrator")
	complaint(archive.name).db_set("status", "Closed")
	texts = alert_texts(archive.name)
	assert "投诉" not in texts
	assert "未指定" not in texts


def test_timeline_unites_all_kinds_newest_first(db: Any) -> None:
	archive = factories.make_archive(
		main_contact="李娜",
		preferences=[{"category": "Product", "preference": "大包装", "observed_on": "2026-02-02"}],
		major_changes=[{"change_date": "2026-01-05", "matter": "迁址"}],
	)
	factories.make_transaction(archive.name, posted_on="2026-03-01")
	complaint(archive.name)
	add("Customer Feedback", archive.name, content="<p>希望<b>送货</b>更快</p>", received_on="2026-04-01")
	loan = add("Archive Borrowing", archive.name, method="Borrow")
	loan.db_set(
		{"status": "Returned", "lent_on": "2026-05-01 09:00:00", "returned_on": "2026-05-03 10:00:00"}
	)
	former = frappe.get_doc("Archive Contact", {"archive": archive.name, "is_main_contact": 1})
	contacts.replace(former, "赵敏", {}, "离职")
	archive.reload()
	archive.address = "北京市朝阳区建国路 2 号"
	archive.save()
	archive.add_comment("Comment", "电话回访")
	events = api.get(archive.name)["timeline"]
	kinds = {event["kind"] for event in events}
	assert kinds >= {
		"archive",
		"change",
		"preference",
		"contact",
		"transaction",
		"complaint",
		"feedback",
		"borrowing",
		"update",
		"comment",
	}
	moments = [event["at"].ljust(16, "0") for event in events]
	assert [event["at"][:10] for event in events] == sorted((moment[:10] for moment in moments), reverse=True)
	by_title = {(event["kind"], event["title"]): event["text"] for event in events}
	assert by_title["contact", "联系人离任"] == "李娜"
	assert "地址" in by_title["update", "更新资料"]
	assert next(event["text"] for event in events if event["kind"] == "feedback") == "希望送货更快"


def test_a_change_of_state_stands_in_the_timeline(db: Any, people: Any) -> None:
	archive = factories.make_archive()
	factories.advance(archive.name, people, "Submitted")
	states = [event["text"] for event in api.get(archive.name)["timeline"] if event["kind"] == "state"]
	assert states == ["草稿 → 已提交"]


def test_who_may_not_read_the_archive_gets_nothing(db: Any) -> None:
	archive = factories.make_archive()
	stranger = factories.ensure_user("stranger@kehu.test")
	with factories.acting(stranger), pytest.raises(frappe.PermissionError):
		api.get(archive.name)
	with factories.acting("Guest"), pytest.raises(frappe.PermissionError):
		api.get(archive.name)


def test_sensitive_records_come_masked_and_only_for_those_who_may(db: Any, people: Any) -> None:
	archive = factories.make_archive()
	secret = "6222021234567890128"
	add("Sensitive Record", archive.name, record_kind="Bank Account", label="工商银行", value=secret)
	with factories.acting(people[roles.ARCHIVIST]):
		shown = api.get(archive.name)
	assert [row["masked_value"] for row in shown["sensitive"]] == ["•••• 0128"]
	assert secret not in frappe.as_json(shown)
	with factories.acting(people[roles.SALESPERSON]):
		assert api.get(archive.name)["sensitive"] == []


def test_the_number_of_queries_does_not_grow_with_the_records(db: Any) -> None:
	small, large = factories.make_archive(), factories.make_archive()
	for archive, count in ((small, 2), (large, 12)):
		for _ in range(count):
			factories.make_transaction(archive.name, responsible="Administrator")
			add("Archive Contact", archive.name, full_name=factories.person_name())
			complaint(archive.name)
	overview.build(
		frappe.get_doc("Customer Archive", small.name)
	)  # fills the caches of settings and permissions
	few = queries(lambda: overview.build(frappe.get_doc("Customer Archive", small.name)))
	many = queries(lambda: overview.build(frappe.get_doc("Customer Archive", large.name)))
	assert few == many


def test_chart_sources_count_what_the_list_shows(db: Any, people: Any) -> None:
	archive = factories.make_archive()
	factories.make_transaction(archive.name, posted_on="1990-01-01", amount=770000)
	with factories.acting(people[roles.ARCHIVIST]):
		states = api.archives_by_state()
		years = api.transaction_amount_by_year()
		listed = len(
			frappe.get_list(
				"Customer Archive", filters={"merged_into": ["is", "not set"]}, limit_page_length=0
			)
		)
	assert sum(states["datasets"][0]["values"]) == listed
	amounts = dict(zip(years["labels"], years["datasets"][0]["values"], strict=True))
	assert amounts["1990"] == 77
	with factories.acting("Guest"), pytest.raises((frappe.PermissionError, frappe.ValidationError)):
		api.archives_by_state()


def test_expiring_licences_counts_archives_not_licences(db: Any) -> None:
	before = api.expiring_licences()["value"]
	factories.make_archive(
		licences=[
			{"licence_kind": "Business Licence", "valid_until": add_days(today(), 1)},
			{"licence_kind": "Account Opening Permit", "valid_until": add_days(today(), -5)},
		]
	)
	factories.make_archive(
		licences=[{"licence_kind": "Business Licence", "valid_until": add_days(today(), 300)}]
	)
	assert api.expiring_licences()["value"] == before + 1


def test_opening_an_archive_brings_its_stored_completeness_up_to_date(db: Any) -> None:
	archive = factories.make_archive()
	percent = api.get(archive.name)["completeness"]["percent"]
	modified = frappe.db.get_value("Customer Archive", archive.name, "modified")
	archive.db_set("credit_description", "付款及时", update_modified=False)
	better = api.get(archive.name)["completeness"]["percent"]
	assert better > percent
	assert frappe.db.get_value("Customer Archive", archive.name, ["completeness", "modified"]) == (
		better,
		modified,
	)
