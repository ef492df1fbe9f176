"""A real Chromium that works as one of the role users. What a test creates is committed, for the web server must see it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kehu_archive.tests.browser.desk import Desk

FLAGS = (
	"--headless",
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
)
DESKTOP = (1280, 800)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
	"""The installed browser, started once. A machine without one fails: these tests are not optional."""
	from playwright.sync_api import sync_playwright

	path = os.environ.get("KEHU_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
	assert path, "Chromium is not installed; install it or name it in KEHU_CHROMIUM"
	with sync_playwright() as playwright:
		browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
		yield browser
		browser.close()


@pytest.fixture
def desk(chromium: Any, base_url: str, people: Any) -> Iterator[Callable[..., Desk]]:
	"""``desk(role)`` logs in and gives the Desk; at the end no page may have reported an error."""
	opened: list[Desk] = []

	def log_in(role: str, size: tuple[int, int] = DESKTOP) -> Desk:
		context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN")
		opened.append(Desk(context, base_url, people[role]))
		return opened[-1]

	yield log_in
	for one in opened:
		one.context.close()
	assert [error for one in opened for error in one.errors] == []


@pytest.fixture
def committed(site: str) -> Iterator[Callable[[], None]]:
	"""Work as Administrator on the site and hand it to the web server by calling this."""
	import frappe

	frappe.db.rollback()
	frappe.set_user("Administrator")
	frappe.local.lang = "zh"
	yield frappe.db.commit
	frappe.db.rollback()
