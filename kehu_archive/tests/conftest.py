"""Fixtures for tests on a real site. Unit tests use none of them and run without the framework.

The runner names the bench, the site and the address of a web server for that site:
KEHU_BENCH_DIR, KEHU_TEST_SITE and KEHU_TEST_URL.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
	from kehu_archive.tests.factories import People

SITE_FOLDERS = ("integration", "security", "browser", "faults")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
	"""Mark tests by the folder they lie in."""
	for item in items:
		folder = Path(str(item.fspath)).parent.name
		if folder in SITE_FOLDERS:
			item.add_marker(pytest.mark.site)
		if folder == "security":
			item.add_marker(pytest.mark.http)
		if folder == "browser":
			item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
	"""Connect to the test site once; the name of the site."""
	import frappe

	name = os.environ["KEHU_TEST_SITE"]
	sites = Path(os.environ["KEHU_BENCH_DIR"]) / "sites"
	os.chdir(sites)
	frappe.init(site=name, sites_path=str(sites))
	frappe.connect()
	frappe.local.lang = "zh"
	frappe.flags.in_test = False
	yield name
	frappe.db.rollback()
	frappe.destroy()


@pytest.fixture
def db(site: str) -> Iterator[Any]:
	"""A clean transaction as Administrator; everything is rolled back afterwards."""
	import frappe

	frappe.db.rollback()
	frappe.set_user("Administrator")
	frappe.local.lang = "zh"
	frappe.clear_messages()
	frappe.local.message_log = []
	yield frappe.db
	frappe.db.rollback()
	frappe.set_user("Administrator")
	frappe.clear_document_cache("Kehu Archive Settings", "Kehu Archive Settings")


@pytest.fixture(scope="session")
def people(site: str) -> People:
	"""One committed user for each role; see ``factories.People``."""
	from kehu_archive.tests.factories import People

	return People.ensure()


@pytest.fixture(scope="session")
def base_url() -> str:
	"""Address of the web server for the test site."""
	return os.environ["KEHU_TEST_URL"].rstrip("/")


@pytest.fixture
def office(db: Any, people: People) -> str:
	"""A filed archive that everybody finds and only those who keep or oversee it read; its name. No other rules and no open cases."""
	from kehu_archive.tests import loans

	loans.staff(people)
	loans.no_other_rules()
	loans.no_other_cases()
	loans.find_and_read_for_keepers()
	return loans.make_filed()


@pytest.fixture
def fresh_log(db: Any) -> Iterator[None]:
	"""An empty access log without seals, empty again afterwards."""
	import frappe

	from kehu_archive.tests import audit_log

	audit_log.empty()
	yield
	frappe.set_user("Administrator")
	audit_log.empty()
