"""The list of access rules with its presets, the dialog that tries rules out, and the line of a file that one may only find (R-SEC-09, V-01, V-18)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import frappe
import pytest

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import lifecycle, roles
from kehu_archive.services import presets, search_index
from kehu_archive.tests import factories
from kehu_archive.tests.browser.desk import SLOW, Desk

Opener = Callable[..., Desk]
NAME = "齺纛酒店有限公司"


@pytest.fixture
def filed(site: str, people: factories.People) -> Iterator[str]:
	"""A filed archive of the sales department, committed; every variant is off again afterwards and its rules are gone."""
	frappe.db.rollback()
	frappe.set_user("Administrator")
	name = str(factories.make_archive(customer_name=NAME, responsible=None).name)
	frappe.db.set_value(ARCHIVE, name, {"workflow_state": lifecycle.FILED, "secrecy_rank": 1})
	search_index.write([name])
	frappe.db.commit()
	yield name
	frappe.db.rollback()
	presets.switch({key: key == "base" for key in presets.presets.PRESETS})
	for rule in frappe.get_all("Access Rule", filters={"preset": ("not in", ("", "base"))}, pluck="name"):
		frappe.db.delete("Access Rule Approver", {"parent": rule})
		frappe.db.delete("Access Rule", {"name": rule})
	search_index.remove([name])
	frappe.db.delete("Archive Contact", {"archive": name})
	frappe.db.delete(ARCHIVE, {"name": name})
	frappe.db.commit()


def is_on(key: str) -> bool:
	frappe.db.rollback()
	return next(one["is_on"] for one in presets.overview() if one["key"] == key)


def test_the_administrator_switches_presets(desk: Opener, filed: str) -> None:
	one = desk(roles.ARCHIVE_ADMINISTRATOR)
	page = one.open("access-rule", ".list-row")
	page.get_by_role("button", name="预置规则").click()
	box = one.dialog()
	assert "未经总经理授权任何人不得查阅" in box.inner_text()
	assert "未经公司总经理授权，任何人不得查阅及外传" in box.inner_text()
	assert one.english("PDF") == []
	box.locator('input[data-fieldname="preset_v01_4"]').check()
	box.get_by_role("button", name="应用所选方案").click()
	page.wait_for_selector(".modal.show", state="hidden", timeout=SLOW)
	assert is_on("v01-4")
	page.reload()
	page.wait_for_selector(".list-row", timeout=SLOW)
	page.get_by_role("button", name="预置规则").click()
	box = one.dialog()
	assert box.locator('input[data-fieldname="preset_v01_4"]').is_checked()
	box.locator('input[data-fieldname="preset_v01_4"]').uncheck()
	box.get_by_role("button", name="应用所选方案").click()
	page.wait_for_selector(".modal.show", state="hidden", timeout=SLOW)
	assert not is_on("v01-4")


def test_nobody_else_is_offered_the_presets(desk: Opener, filed: str) -> None:
	page = desk(roles.CUSTOMER_SERVICE_MANAGER).open("access-rule", ".list-row")
	assert page.get_by_role("button", name="预置规则").count() == 0


def test_a_rule_is_tried_out(desk: Opener, filed: str, people: factories.People) -> None:
	one = desk(roles.ARCHIVE_ADMINISTRATOR)
	rule = frappe.db.get_value("Access Rule", {"preset": "base", "preset_row": "other"})
	page = one.open(f"access-rule/{rule}", ".form-layout")
	page.get_by_role("button", name="试一试").click()
	box = one.dialog()
	for field, value in (("user", people[roles.MARKETING_MANAGER]), ("archive", filed)):
		entry = box.locator(f'[data-fieldname="{field}"] input').first
		entry.click()
		entry.fill(value)
		page.locator('.awesomplete li, .awesomplete [role="option"]', has_text=value).first.click()
	box.get_by_role("button", name="查询结果").click()
	answer = box.locator(".ka-facts")
	answer.wait_for(timeout=SLOW)
	assert "客户服务部经理" in box.inner_text() or "客服" in box.inner_text()
	assert rule in box.inner_text()


def test_a_rule_shows_what_applies_to_its_outcome(desk: Opener, filed: str) -> None:
	one = desk(roles.ARCHIVE_ADMINISTRATOR)
	page = one.open("access-rule/new", ".form-layout")
	page.wait_for_selector('.frappe-control[data-fieldname="approvers"]', timeout=SLOW)
	one.field("outcome").locator("select").select_option("Refused")
	page.wait_for_selector('.frappe-control[data-fieldname="approvers"]', state="hidden", timeout=SLOW)
	page.wait_for_selector('.frappe-control[data-fieldname="no_copies"]', state="hidden", timeout=SLOW)
	one.field("outcome").locator("select").select_option("Restriction Only")
	page.wait_for_selector('.frappe-control[data-fieldname="no_copies"]', timeout=SLOW)


def test_a_file_that_one_may_only_find(desk: Opener, filed: str, people: factories.People) -> None:
	"""The name, the number and the way to a request; no phone, no contact."""
	presets.switch({"v18": True})
	frappe.db.commit()
	one = desk(roles.MARKETING_MANAGER)
	page = one.open("customer-lookup", ".ka-lookup input")
	page.fill(".ka-lookup input", NAME[:2])
	card = page.locator(".ka-lookup-card .ka-apply")
	card.wait_for(timeout=SLOW)
	text = page.locator(".ka-lookup-body").inner_text()
	assert NAME in text and filed in text
	stored = frappe.db.get_value(ARCHIVE, filed, ["phone", "main_contact", "main_contact_phone"])
	assert not any(value in text for value in stored)
	card.click()
	page.wait_for_selector('.form-page [data-fieldname="archive"]', timeout=SLOW)
	page.wait_for_function("cur_frm && cur_frm.doctype === 'Archive Borrowing'", timeout=SLOW)
	assert page.evaluate("cur_frm.doc.archive") == filed
