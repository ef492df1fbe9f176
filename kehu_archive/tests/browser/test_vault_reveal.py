"""A secret is masked on the screen, opened for a purpose, and gone from the screen afterwards. R-FCA-05, R-DSC-02."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import frappe
import pytest

from kehu_archive.domain import roles
from kehu_archive.services import pledge
from kehu_archive.tests import factories
from kehu_archive.tests.browser.desk import Desk

NUMBER = "6222021234567890128"
BUTTON = re.compile(r"^\s*(查看明文|Reveal)\s*$")


@pytest.fixture
def record(committed: Callable[[], None], people: factories.People) -> Iterator[Any]:
	manager = people[roles.CUSTOMER_SERVICE_MANAGER]
	if not pledge.has_signed(manager):
		with factories.acting(manager):
			pledge.sign(frappe.db.get_value("User", manager, "full_name"))
	archive = factories.make_archive().name
	doc = frappe.get_doc(
		{"doctype": "Sensitive Record", "archive": archive, "record_kind": "Bank Account", "label": "工商银行", "value": NUMBER}
	).insert()
	committed()
	yield doc


def reveal(desk: Desk, purpose: str | None = None) -> Any:
	box = desk.dialog()
	if purpose:
		box.locator('[data-fieldname="purpose"] select').select_option("Other")
		box.locator('[data-fieldname="words"] input').fill(purpose)
	box.locator(".btn-primary:visible").click()
	box.locator(".ka-secret code", has_text=NUMBER).wait_for()
	return box


def test_the_overview_opens_a_secret_for_a_purpose(desk: Callable[..., Desk], record: Any) -> None:
	one = desk(roles.CUSTOMER_SERVICE_MANAGER)
	page = one.archive(record.archive)
	assert NUMBER not in page.content()
	page.locator('.ka-alerts [data-act="reveal"]').click()
	box = reveal(one)
	box.locator(".btn-modal-close").click()
	page.locator(".modal.show").wait_for(state="detached")
	assert NUMBER not in page.content()
	frappe.db.rollback()
	filters = {"action": "Reveal", "document_name": record.name}
	assert frappe.get_all("Access Log Entry", filters=filters, pluck="purpose") == ["Work Need"]


def test_the_form_opens_it_and_keeps_it_when_other_fields_change(desk: Callable[..., Desk], record: Any) -> None:
	one = desk(roles.CUSTOMER_SERVICE_MANAGER)
	page = one.open(f"sensitive-record/{record.name}", '.form-page [data-fieldname="masked_value"]')
	page.locator("button:visible", has_text=BUTTON).first.click()
	reveal(one, "核对付款账号").locator(".btn-modal-close").click()
	page.locator(".modal.show").wait_for(state="detached")
	one.fill("remark", "已核对")
	page.keyboard.press("Control+s")
	page.locator(".indicator-pill.orange", has_text="未保存").wait_for(state="detached")
	assert NUMBER not in page.content()
	page.locator("button:visible", has_text=BUTTON).first.click()
	reveal(one)
	frappe.db.rollback()
	filters = {"action": "Reveal", "document_name": record.name}
	assert sorted(frappe.get_all("Access Log Entry", filters=filters, pluck="purpose")) == ["Work Need", "核对付款账号"]
