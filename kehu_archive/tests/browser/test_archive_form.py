"""The form of an archive as the people of the house use it. R-ARC-01/02/04/13, R-FCA-09/13/14, R-CON-05, R-FZL-05/06, R-NFR-02/03/05."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import frappe
import pytest

from kehu_archive.domain import roles
from kehu_archive.tests import factories
from kehu_archive.tests.browser.desk import SLOW

Opener = Callable[..., Any]
PHONE = (375, 720)


@pytest.fixture
def archive(committed: Callable[[], None]) -> str:
	"""A draft with a main contact and two transactions."""
	name = factories.make_archive(main_contact="李娜", main_contact_phone="13800138000").name
	for year in (2024, 2025):
		factories.make_transaction(
			name, posted_on=f"{year}-05-02", amount=1234.5, transaction_no=f"XS{year}", place="北京"
		)
	committed()
	return str(name)


def test_an_archive_is_created_in_the_form_with_the_keyboard(
	desk: Opener, committed: Callable[[], None]
) -> None:
	committed()
	one = desk(roles.ARCHIVIST)
	page = one.open("customer-archive/new", '.frappe-control[data-fieldname="customer_name"] input')
	name = factories.company_name()
	one.choose_link("archive_type", factories.archive_type())
	one.fill("customer_name", name)
	one.fill("address", "北京市海淀区学院路 1 号")
	one.fill("phone", factories.mobile())
	one.fill("legal_representative", "王伟")
	one.tab("tab_business")
	years = one.field("yearly_sales").locator(".grid-body .rows .grid-row")
	assert years.count() == 3
	this_year = int(frappe.utils.today()[:4])
	assert [
		f"{this_year - back}" in years.nth(3 - back).inner_text().replace(",", "") for back in (3, 2, 1)
	] == [True] * 3
	page.keyboard.press("Control+s")
	page.wait_for_selector(".ka-overview .ka-missing", state="attached", timeout=SLOW)
	one.tab("tab_overview")
	page.locator(".ka-missing button", has_text="信用状况描述").wait_for(timeout=SLOW)
	committed()
	saved = frappe.get_all(
		"Customer Archive", filters={"customer_name": name}, fields=["name", "workflow_state"]
	)
	assert [row.workflow_state for row in saved] == ["Draft"]
	assert saved[0].name in page.url


def test_switching_to_a_person_changes_what_is_mandatory(desk: Opener, committed: Callable[[], None]) -> None:
	committed()
	one = desk(roles.ARCHIVIST)
	page = one.open("customer-archive/new", '.frappe-control[data-fieldname="party_kind"] select')
	required = one.field("legal_representative").locator(".reqd").first
	required.wait_for()
	one.field("party_kind").locator("select").select_option("Individual")
	required.wait_for(state="hidden")
	assert one.field("credit_code").is_hidden()
	one.field("birth_date").wait_for()
	one.field("party_kind").locator("select").select_option("Organisation")
	required.wait_for()
	assert page.locator('[data-fieldname="credit_code"]').first.is_visible()


def test_overview_lists_what_is_missing_and_leads_there(desk: Opener, archive: str) -> None:
	one = desk(roles.ARCHIVIST)
	page = one.archive(archive)
	item = page.locator(".ka-missing button", has_text="信用状况描述")
	item.focus()
	page.keyboard.press("Enter")
	one.field("credit_description").locator("textarea").wait_for()
	page.wait_for_function(
		"document.activeElement.closest('[data-fieldname=credit_description]')", timeout=SLOW
	)


def test_overview_shows_figures_contacts_chart_and_timeline(desk: Opener, archive: str) -> None:
	page = desk(roles.ARCHIVIST).archive(archive)
	text = page.locator(".ka-overview").inner_text()
	for part in (
		"完整度",
		"提醒事项",
		"购买汇总",
		"2,469.00",
		"李娜",
		"13800138000",
		"时间线",
		"建立档案",
		"未指定档案管理员",
	):
		assert part in text, part
	page.wait_for_function(
		"document.querySelectorAll('.ka-chart .dataset-units .bar').length === 2", timeout=SLOW
	)


def test_transactions_stand_in_the_seven_columns_of_the_form(desk: Opener, archive: str) -> None:
	one = desk(roles.ARCHIVIST)
	page = one.archive(archive)
	one.tab("tab_dealings")
	table = one.field("transactions_html").locator("table")
	table.wait_for()
	assert table.locator("th").all_inner_texts() == [
		"编号",
		"交易时间",
		"交易地点",
		"金额",
		"交易负责人",
		"是否违约",
		"备注",
	]
	assert [row.split("\t")[0].strip() for row in table.locator("tbody tr").all_inner_texts()] == [
		"XS2025",
		"XS2024",
	]
	page.get_by_role("button", name="全部交易（2）").click()
	page.wait_for_selector(
		'[id="page-List/Archive Transaction/List"] .list-row .indicator-pill', timeout=SLOW
	)
	assert page.locator('[id="page-List/Archive Transaction/List"] .list-row').count() == 2


def test_a_contact_is_added_from_the_form(desk: Opener, archive: str) -> None:
	one = desk(roles.ARCHIVIST)
	one.archive(archive)
	one.tab("tab_contacts")
	one.field("contacts_html").get_by_role("button", name="增加联系人").click()
	dialog = one.dialog()
	dialog.locator('[data-fieldname="full_name"] input').fill("孙丽")
	dialog.locator('[data-fieldname="mobile"] input').fill("13912345678")
	dialog.locator('input[type="checkbox"][data-fieldname="is_emergency_contact"]').check()
	dialog.locator(".btn-primary:visible").click()
	card = one.field("contacts_html").locator(".ka-contact", has_text="孙丽")
	card.wait_for(timeout=SLOW)
	assert "紧急(事故)联络人" in card.inner_text()
	assert "13912345678" in card.inner_text()


def test_replacing_a_contact_keeps_the_former_one(
	desk: Opener, archive: str, committed: Callable[[], None]
) -> None:
	one = desk(roles.ARCHIVIST)
	one.archive(archive)
	one.tab("tab_contacts")
	card = one.field("contacts_html").locator(".ka-contact", has_text="李娜")
	card.get_by_role("button", name="更换联系人").click()
	dialog = one.dialog()
	dialog.locator('[data-fieldname="full_name"] input').fill("赵敏")
	dialog.locator('[data-fieldname="mobile"] input').fill("13912345679")
	dialog.locator('[data-fieldname="reason"] textarea').fill("李娜离职")
	dialog.locator(".btn-primary:visible").click()
	one.field("contacts_html").locator(".ka-contact:not(.ka-left)", has_text="赵敏").wait_for(timeout=SLOW)
	former = one.field("contacts_html").locator(".ka-contact.ka-left", has_text="李娜")
	assert "13800138000" in former.inner_text()
	assert former.get_by_role("button", name="更换联系人").count() == 0
	one.tab("tab_basic")
	assert one.field("main_contact").locator(".control-value").inner_text() == "赵敏"
	committed()
	history = frappe.get_all(
		"Archive Contact",
		filters={"archive": archive, "full_name": "李娜"},
		fields=["status", "replaced_by", "ended_on"],
	)
	assert [row.status for row in history] == ["Left Post"]
	assert history[0].replaced_by
	assert history[0].ended_on


def test_headcount_hint_appears_and_goes(desk: Opener, archive: str) -> None:
	one = desk(roles.ARCHIVIST)
	one.archive(archive)
	one.tab("tab_business")
	for field, value in (("headcount", "10"), ("chinese_staff", "7"), ("foreign_staff", "1")):
		one.fill(field, value)
	hint = one.page.locator(".ka-warning", has_text="合计 8 人，与职工人数 10 人不符")
	hint.wait_for()
	one.fill("foreign_staff", "3")
	hint.wait_for(state="hidden")


def test_a_department_changes_its_own_form_only(desk: Opener, committed: Callable[[], None]) -> None:
	department = frappe.get_doc(
		{
			"doctype": "Archive Department",
			"department_name": f"联营办{frappe.generate_hash(length=6)}",
			"unit_kind": "Department",
			"hidden_fields": [{"field_name": "fax"}],
			"extra_items": [{"item_label": "经营面积"}],
		}
	).insert()
	theirs, other = factories.make_archive(department=department.name), factories.make_archive()
	committed()
	one = desk(roles.ARCHIVIST)
	one.archive(other.name)
	one.tab("tab_basic")
	one.field("fax").wait_for()
	page = one.archive(theirs.name)
	page.wait_for_selector('.form-page [data-fieldname="fax"].hide-control', state="attached", timeout=SLOW)
	one.tab("tab_basic")
	one.field("postcode").wait_for()
	assert one.field("fax").is_hidden()
	one.open("customer-archive/new", '.frappe-control[data-fieldname="customer_name"] input')
	one.tab("tab_filing")
	one.choose_link("department", department.name)
	one.tab("tab_papers")
	page.locator('[data-fieldname="extra_items"] .grid-body', has_text="经营面积").wait_for(timeout=SLOW)


def test_what_people_type_is_shown_and_never_run(
	desk: Opener, archive: str, committed: Callable[[], None]
) -> None:
	"""Old data may hold anything: it is written to the database past the framework's own cleaning."""
	evil = "<img src=x onerror='window.ran=1'>张三"
	contact = frappe.db.get_value("Archive Contact", {"archive": archive, "is_main_contact": 1})
	frappe.db.set_value("Archive Contact", contact, {"full_name": evil, "position": evil, "mobile": evil})
	deal = frappe.db.get_value("Archive Transaction", {"archive": archive})
	frappe.db.set_value("Archive Transaction", deal, {"place": evil, "remark": evil, "transaction_no": evil})
	committed()
	one = desk(roles.ARCHIVIST)
	page = one.archive(archive)
	for tab in ("tab_contacts", "tab_dealings", "tab_overview"):
		one.tab(tab)
		page.wait_for_timeout(300)
	assert evil in page.locator(".ka-overview .ka-name").all_inner_texts()
	assert page.evaluate("window.ran") is None


def test_a_sealed_archive_says_so_and_is_read_only(
	desk: Opener, archive: str, committed: Callable[[], None]
) -> None:
	frappe.db.set_value("Customer Archive", archive, "workflow_state", "Sealed")
	committed()
	one = desk(roles.ARCHIVIST)
	page = one.archive(archive)
	page.locator(".form-message", has_text="本档案已封存").wait_for(timeout=SLOW)
	assert page.locator(".ka-missing .ka-tag").count() > 0
	assert page.locator(".ka-missing button").count() == 0
	assert page.get_by_role("button", name="新增记录").count() == 0
	assert "purple" in page.locator(".page-head .indicator-pill:visible").first.get_attribute("class")
	one.tab("tab_basic")
	assert one.field("customer_name").locator("input:visible").count() == 0


def test_who_may_not_write_is_not_led_to_fields(
	desk: Opener, archive: str, committed: Callable[[], None], people: Any
) -> None:
	"""A filed archive is the archivist's to change; a salesperson still records what happens with the customer."""
	factories.advance(archive, people)
	committed()
	one = desk(roles.SALESPERSON)
	page = one.archive(archive)
	page.locator(".ka-missing .ka-tag", has_text="信用状况描述").wait_for()
	assert page.locator(".ka-missing button", has_text="信用状况描述").count() == 0
	page.get_by_role("button", name="新增记录").wait_for()


def test_the_tab_key_leaves_one_pane_open(desk: Opener, archive: str) -> None:
	"""From the last field of a tab on to the next tab: the pane shown is that of the tab marked."""
	one = desk(roles.ARCHIVIST)
	page = one.archive(archive)
	one.tab("tab_basic")
	last = one.field("website").locator("input")
	last.fill("example.com")
	for _ in range(14):
		page.keyboard.press("Tab")
	page.wait_for_timeout(600)
	shown = page.locator(".form-tab-content > .tab-pane.active:visible")
	marked = page.locator(".form-tabs .nav-link.active:visible")
	assert shown.count() == marked.count() == 1
	assert f"#{shown.get_attribute('id')}" == marked.get_attribute("href")


def test_a_feedback_becomes_a_complaint(desk: Opener, archive: str, committed: Callable[[], None]) -> None:
	feedback = frappe.get_doc(
		{
			"doctype": "Customer Feedback",
			"archive": archive,
			"content": "水泵漏水",
			"feedback_kind": "Complaint",
		}
	).insert()
	committed()
	one = desk(roles.CUSTOMER_SERVICE_STAFF)
	page = one.open(f"customer-feedback/{feedback.name}", '.form-page [data-fieldname="content"]')
	page.get_by_role("button", name="转为投诉").click()
	one.dialog().locator(".btn-primary:visible").click()
	page.wait_for_url("**/app/customer-complaint/**", timeout=SLOW)
	committed()
	assert frappe.db.get_value("Customer Feedback", feedback.name, "complaint")


@pytest.mark.parametrize("path", ["customer-archives", "customer-archive", "form"])
def test_a_telephone_shows_everything_within_its_width(desk: Opener, archive: str, path: str) -> None:
	one = desk(roles.ARCHIVIST, PHONE)
	if path == "form":
		one.archive(archive)
	else:
		one.open(path, ".number-widget-box .number, .list-row")
	one.page.wait_for_timeout(500)
	assert not one.overflows()


def test_the_form_can_be_used_on_a_telephone(desk: Opener, archive: str) -> None:
	one = desk(roles.ARCHIVIST, PHONE)
	page = one.archive(archive)
	page.locator(".ka-missing button", has_text="信用状况描述").click()
	box = one.field("credit_description").locator("textarea")
	box.wait_for()
	box.fill("付款及时")
	page.keyboard.press("Control+s")
	page.wait_for_function("!document.querySelector('.page-head .indicator-pill.orange')", timeout=SLOW)
	assert not one.overflows()
