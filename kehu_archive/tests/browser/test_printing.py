"""Printing from the Desk: the button follows the access rule, and what the browser prints of a report is marked (R-ACC-11, R-ACC-13, R-DSC-07)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import frappe

from kehu_archive.domain import roles
from kehu_archive.tests import factories, papers
from kehu_archive.tests.browser.desk import SLOW, Desk

_BUTTONS = """() => ({
	icons: document.querySelectorAll(".page-head button use[href='#icon-printer']").length,
	menu: cur_frm.page.menu.find(`[data-label="${encodeURIComponent(__("Print"))}"]`).length,
	may: cur_frm.perm[0].print,
})"""


def test_the_print_button_is_there_for_whoever_may_print(
	desk: Callable[..., Desk], committed: Callable[[], None]
) -> None:
	archive = factories.make_archive().name
	committed()
	keeper = desk(roles.ARCHIVIST).open(f"customer-archive/{archive}", ".form-layout")
	keeper.wait_for_function(f"() => ({_BUTTONS})().menu === 1", timeout=SLOW)
	reader = desk(roles.SALESPERSON)
	with reader.page.expect_response(lambda answer: "api.printing.may_print" in answer.url, timeout=SLOW):
		reader.open(f"customer-archive/{archive}", ".form-layout")
	reader.page.wait_for_function(f"() => ({_BUTTONS})().may === 0", timeout=SLOW)
	assert reader.page.evaluate(_BUTTONS) == {"icons": 0, "menu": 0, "may": 0}


def test_the_register_is_printed_with_mark_and_every_column(
	desk: Callable[..., Desk], committed: Callable[[], None], people: Any
) -> None:
	archive = factories.make_archive()
	name = papers.borrowing(people[roles.SALESPERSON], archive.name)
	committed()
	try:
		window = desk(roles.CUSTOMER_SERVICE_MANAGER)
		page = window.open(f"query-report/Borrowing Register?archive={archive.name}", ".dt-row-0")
		with window.context.expect_page() as opened:
			page.evaluate("() => { frappe.query_report.print_report({ orientation: 'Landscape' }); }")
		paper = opened.value
		paper.wait_for_selector(".kehu-register", timeout=SLOW)
		text = paper.inner_text("body")
		assert "档案借阅登记表" in text and archive.customer_name in text
		assert "密级：未定密" in text and f"<{people[roles.CUSTOMER_SERVICE_MANAGER]}>" in text
		assert paper.locator(".kehu-register thead tr").nth(1).locator("th").count() == 23
	finally:
		papers.remove({"Archive Borrowing": [name]})


_LAYER = ".ka-screen-watermark"


def test_a_picture_of_the_screen_names_its_maker(
	desk: Callable[..., Desk], committed: Callable[[], None], people: Any
) -> None:
	"""R-SEC-02, R-DSC-07: confidentiality, person and time over form and list, not over places without our records, and no click is lost."""
	archive = factories.make_archive().name
	committed()
	user = people[roles.ARCHIVIST]
	window = desk(roles.ARCHIVIST)
	page = window.archive(archive)
	shown = page.locator(_LAYER)
	assert shown.is_visible()
	text = shown.get_attribute("data-text")
	assert "未定密" in text and f"<{user}>" in text and frappe.utils.today() in text
	picture = unquote(shown.evaluate("layer => getComputedStyle(layer).backgroundImage"))
	assert f"&lt;{user}&gt;" in picture and frappe.utils.today() in picture
	box = page.viewport_size
	assert shown.bounding_box() == {"x": 0, "y": 0, **box}
	window.tab("tab_basic")
	window.open("customer-archive", ".list-row")
	assert f"<{user}>" in page.locator(_LAYER).get_attribute("data-text")
	window.open("todo", ".layout-main")
	assert page.locator(_LAYER).count() == 0
