"""Workspace, list and life cycle in Chinese. R-QRY-05, R-NFR-02, R-NFR-05, R-ARC-06/07/08, R-ARC-03."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import frappe

from kehu_archive.domain import roles
from kehu_archive.tests import factories
from kehu_archive.tests.browser.desk import OFFERED, SLOW

Opener = Callable[..., Any]
LIST = '[id="page-List/Customer Archive/List"]'


def test_the_workspace_opens_in_chinese(desk: Opener, committed: Callable[[], None]) -> None:
	factories.make_archive()
	committed()
	one = desk(roles.ARCHIVIST)
	page = one.open("customer-archives", ".number-widget-box .number")
	page.wait_for_selector(".dashboard-widget-box .bar", state="attached", timeout=SLOW)
	assert page.locator(".page-head .title-text").inner_text() == "客户档案"
	cards = page.locator(".number-widget-box .widget-title").all_inner_texts()
	assert cards == ["在档档案", "待核实档案", "不完整档案", "证照到期", "未结投诉", "借出档案"]
	page.wait_for_function(
		"document.querySelectorAll('.number-widget-box .number').length === 6", timeout=SLOW
	)
	assert one.english() == []


def test_a_card_leads_to_the_archives_it_counts(desk: Opener, committed: Callable[[], None]) -> None:
	archive = factories.make_archive(
		licences=[
			{
				"licence_kind": "Business Licence",
				"valid_until": frappe.utils.add_days(frappe.utils.today(), 1),
			}
		]
	)
	factories.make_archive()
	committed()
	one = desk(roles.ARCHIVIST)
	page = one.open("customer-archives", ".number-widget-box .number")
	card = page.locator(".number-widget-box", has_text="证照到期")
	card.locator(".number").wait_for()
	counted = int(card.locator(".number").inner_text())
	card.locator(".widget-body").click()
	page.wait_for_selector(f"{LIST} .list-row .indicator-pill", timeout=SLOW)
	page.locator(f"{LIST} .list-row", has_text=archive.customer_name).wait_for(timeout=SLOW)
	assert page.locator(f"{LIST} .list-row").count() == min(counted, 20)


def test_the_list_shows_state_number_and_completeness(desk: Opener, committed: Callable[[], None]) -> None:
	archive = factories.make_archive()
	committed()
	one = desk(roles.ARCHIVIST)
	page = one.open("customer-archive", f"{LIST} .list-row")
	row = page.locator(f"{LIST} .list-row", has_text=archive.name)
	row.wait_for(timeout=SLOW)
	assert row.locator(".indicator-pill").first.inner_text().strip() == "草稿"
	assert row.locator(".ka-bar").count() == 1
	assert archive.customer_name in row.inner_text()
	head = page.locator(f"{LIST} .list-row-head").inner_text()
	for label in ("客户名称", "状态", "档案编号", "最近交易日期", "完整度"):
		assert label in head, label
	names = [row[0] for row in frappe.db.sql("select customer_name from `tabCustomer Archive`")]
	assert one.english(*names) == []


def test_the_list_filters_by_type(desk: Opener, committed: Callable[[], None]) -> None:
	supplier = factories.make_archive(archive_type=factories.archive_type("GY"))
	customer = factories.make_archive()
	committed()
	one = desk(roles.ARCHIVIST)
	page = one.open(f"customer-archive?archive_type={supplier.archive_type}", f"{LIST} .list-row")
	page.locator(f"{LIST} .list-row", has_text=supplier.name).wait_for(timeout=SLOW)
	assert page.locator(f"{LIST} .list-row", has_text=customer.name).count() == 0


def test_quick_entry_creates_an_archive(desk: Opener, committed: Callable[[], None]) -> None:
	committed()
	one = desk(roles.SALESPERSON)
	page = one.open("customer-archive", f"{LIST} .page-head, {LIST} .list-row, {LIST} .no-result")
	page.click(f"{LIST} .primary-action")
	dialog = one.dialog()
	name = factories.company_name()
	dialog.locator('[data-fieldname="customer_name"] input').fill(name)
	dialog.locator('[data-fieldname="phone"] input').fill(factories.mobile())
	dialog.locator('[data-fieldname="archive_type"] input').click()
	page.locator(".modal.show").locator(OFFERED, has_text=factories.archive_type()).first.click()
	person = dialog.locator('[data-fieldname="legal_representative"] input')
	person.wait_for()
	person.fill("王伟")
	dialog.locator(".btn-primary:visible").click()
	# The new archive is not left behind in a long list: its form follows.
	page.wait_for_selector(".ka-overview .ka-missing", state="attached", timeout=SLOW)
	committed()
	saved = frappe.get_all(
		"Customer Archive", filters={"customer_name": name}, fields=["name", "legal_representative"]
	)
	assert [row.legal_representative for row in saved] == ["王伟"]
	page.wait_for_url(f"**/{saved[0].name}", timeout=SLOW)


def test_quick_entry_asks_for_the_legal_representative_of_a_company_only(
	desk: Opener, committed: Callable[[], None]
) -> None:
	committed()
	one = desk(roles.SALESPERSON)
	page = one.open("customer-archive", f"{LIST} .page-head, {LIST} .list-row, {LIST} .no-result")
	page.click(f"{LIST} .primary-action")
	dialog = one.dialog()
	dialog.locator('[data-fieldname="legal_representative"] .reqd').wait_for()
	dialog.locator('[data-fieldname="party_kind"] select').select_option("Individual")
	dialog.locator('[data-fieldname="legal_representative"] input').wait_for(state="hidden")


def test_the_list_starts_without_merged_archives(desk: Opener, committed: Callable[[], None]) -> None:
	kept, merged = factories.make_archive(), factories.make_archive()
	frappe.db.set_value("Customer Archive", merged.name, "merged_into", kept.name)
	_forget_filters(roles.CUSTOMER_SERVICE_MANAGER)
	committed()
	one = desk(roles.CUSTOMER_SERVICE_MANAGER)
	page = one.open("customer-archive", f"{LIST} .list-row")
	page.locator(f"{LIST} .list-row", has_text=kept.name).wait_for(timeout=SLOW)
	gone = page.locator(f"{LIST} .list-row", has_text=merged.name)
	gone.wait_for(state="hidden", timeout=SLOW)
	page.locator(f"{LIST} .filter-x-button:visible").click()
	gone.wait_for(timeout=SLOW)
	assert gone.locator(".indicator-pill").first.inner_text().strip() == "已合并"


def test_the_list_of_transactions_shows_customers_instead_of_numbers(
	desk: Opener, committed: Callable[[], None]
) -> None:
	archive = factories.make_archive()
	deal = factories.make_transaction(archive.name, posted_on="2025-05-02", amount=1234.5, place="北京")
	committed()
	one = desk(roles.ARCHIVIST)
	deals = '[id="page-List/Archive Transaction/List"]'
	page = one.open(f"archive-transaction?archive={archive.name}", f"{deals} .list-row")
	row = page.locator(f"{deals} .list-row", has_text=archive.customer_name)
	row.wait_for(timeout=SLOW)
	assert [part for part in ("销售", "1,234.5", "北京", "有效") if part not in row.inner_text()] == []
	assert deal.name not in row.inner_text()
	row.locator(".list-subject a").click()
	page.locator(".page-head:visible .title-text", has_text="销售").wait_for(timeout=SLOW)
	assert "1,234.5" in page.locator(".page-head:visible .title-text").inner_text()


def test_an_archive_is_filed_by_the_people_whose_steps_these_are(
	desk: Opener, committed: Callable[[], None], people: Any
) -> None:
	"""Salesperson submits, inspector verifies, leader approves the confidentiality, sales director files."""
	with factories.acting(people[roles.SALESPERSON]):
		archive = factories.make_archive()
	committed()
	sales = desk(roles.SALESPERSON)
	sales.archive(archive.name)
	sales.take_step("提交")
	sales.wait_for_state("已提交")
	inspector = desk(roles.MARKET_INSPECTOR)
	inspector.archive(archive.name)
	inspector.take_step("核实")
	inspector.dialog().locator(".btn-primary:visible").click()
	inspector.wait_for_state("已核实")
	committed()
	with factories.acting(people[roles.CUSTOMER_SERVICE_STAFF]):
		proposed = frappe.get_doc("Customer Archive", archive.name)
		proposed.update({"confidentiality": "Internal", "custodian": people[roles.ARCHIVIST]})
		proposed.save()
	committed()
	leader = desk(roles.COMPANY_LEADER)
	leader.archive(archive.name)
	leader.take_step("批准定密")
	leader.wait_for_state("已定密")
	director = desk(roles.SALES_DIRECTOR)
	director.archive(archive.name)
	director.take_step("批准归档")
	director.wait_for_state("在档")
	committed()
	filed = frappe.get_doc("Customer Archive", archive.name)
	assert (filed.workflow_state, filed.verified_by, filed.filed_by) == (
		"Filed",
		people[roles.MARKET_INSPECTOR],
		people[roles.SALES_DIRECTOR],
	)


def test_storage_locations_stand_in_a_tree(desk: Opener, committed: Callable[[], None]) -> None:
	room = frappe.get_doc(
		{
			"doctype": "Storage Location",
			"location_code": frappe.generate_hash(length=8),
			"location_name": "一号<b>库房",
			"location_kind": "Room",
			"is_group": 1,
		}
	).insert()
	committed()
	one = desk(roles.ARCHIVIST)
	page = one.open("storage-location/view/tree", ".tree .tree-label")
	node = page.locator(".tree-label", has_text=room.name)
	node.wait_for(timeout=SLOW)
	assert "一号" in node.inner_text()


def _forget_filters(role: str) -> None:
	"""What this person filtered by the last time, which the framework remembers."""
	user = f"{role.lower().replace(' ', '.')}@kehu.test"
	frappe.db.sql("delete from `__UserSettings` where user = %s", user)
	frappe.cache.hdel("_user_settings", f"Customer Archive::{user}")
