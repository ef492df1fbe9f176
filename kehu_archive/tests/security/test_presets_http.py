"""Presets as a browser meets them: switched by the administrator, felt by everybody on the next request (R-SEC-08, R-SEC-09, V-01 ①, ④)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import frappe
import pytest

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import lifecycle, roles
from kehu_archive.services import presets, search_index
from kehu_archive.tests import factories

Visit = Callable[[str | None], Any]
NAME = "齾爨物业有限公司"
SWITCH = "kehu_archive.api.presets.switch"
OVERVIEW = "kehu_archive.api.presets.overview"
EXPLAIN = "kehu_archive.api.presets.explain"


@pytest.fixture
def filed(site: str, people: factories.People) -> Iterator[Callable[..., str]]:
	"""``filed(**values)``: a committed archive of the sales department, filed and internal; all go afterwards, and so do the variants' rules."""
	frappe.db.rollback()
	frappe.set_user("Administrator")
	made: list[str] = []

	def make(**values: Any) -> str:
		name = str(factories.make_archive(customer_name=NAME + str(len(made)), responsible=None).name)
		stored = {"workflow_state": lifecycle.FILED, "secrecy_rank": 1, **values}
		frappe.db.set_value(ARCHIVE, name, stored)
		search_index.write([name])
		frappe.db.commit()
		made.append(name)
		return name

	yield make
	frappe.db.rollback()
	presets.switch({key: key == "base" for key in presets.presets.PRESETS})
	for name in frappe.get_all("Access Rule", filters={"preset": ("not in", ("", "base"))}, pluck="name"):
		frappe.db.delete("Access Rule Approver", {"parent": name})
		frappe.db.delete("Access Rule", {"name": name})
	search_index.remove(made)
	for name in made:
		for doctype in ("Archive Contact", "Access Grant"):
			frappe.db.delete(doctype, {"archive": name})
		frappe.db.delete(ARCHIVE, {"name": name})
	frappe.db.commit()


def switch(visit: Visit, **wanted: int) -> None:
	answer = visit(roles.ARCHIVE_ADMINISTRATOR).call(SWITCH, wanted={key.replace("_", "-"): on for key, on in wanted.items()})
	assert answer.status_code == 200, answer.text


def opens(visit: Visit, user: str, archive: str) -> bool:
	"""Whether a person opens an archive; every road says the same."""
	visitor = visit(user)
	opened = visitor.get(f"/api/resource/{ARCHIVE}/{archive}")
	listed = visitor.get(f"/api/resource/{ARCHIVE}", filters=f'[["name","=","{archive}"]]').json()["data"]
	form = visitor.get("/api/method/frappe.desk.form.load.getdoc", doctype=ARCHIVE, name=archive)
	card = visitor.get("/api/method/kehu_archive.api.search.card", name=archive)
	found = visitor.get("/api/method/kehu_archive.api.search.find", query=NAME[:2]).json()["message"]
	seen = {
		opened.status_code == 200,
		bool(listed),
		form.status_code == 200,
		card.status_code == 200,
		archive in [row["name"] for row in found if not row.get("limited")],
	}
	assert len(seen) == 1, (opened.status_code, listed, form.status_code, card.status_code, found)
	if opened.status_code != 200:
		for answer in (opened, form, card):
			assert NAME not in answer.text
	return seen.pop()


def test_grade_a_is_for_the_manager_level_and_above(visit: Visit, filed: Callable[..., str], people: factories.People) -> None:
	"""R-SEC-08, V-01 ①: a salesperson, even the responsible one, is refused; the marketing manager level opens; customer service keeps."""
	graded = filed(access_grade="A", responsible=people[roles.SALESPERSON])
	marketing = filed(access_grade="A", department=factories.MARKETING)
	plain = filed(responsible=people[roles.SALESPERSON])
	for on in (0, 1):
		switch(visit, v01_1=on)
		assert not opens(visit, roles.SALESPERSON, graded)
		assert opens(visit, roles.SALESPERSON, plain)
		assert opens(visit, roles.SALES_DIRECTOR, graded)
		assert opens(visit, roles.MARKETING_MANAGER, marketing)
		assert not opens(visit, roles.MARKET_INSPECTOR, marketing)
		assert opens(visit, roles.CUSTOMER_SERVICE_STAFF, graded)
		assert not opens(visit, roles.MARKETING_MANAGER, plain)


def test_nobody_without_the_general_manager(visit: Visit, filed: Callable[..., str], people: factories.People) -> None:
	"""V-01 ④: counts on the next request after the switch, and no longer after it is switched off."""
	archive = filed(responsible=people[roles.SALESPERSON])
	assert opens(visit, roles.SALESPERSON, archive)
	switch(visit, v01_4=1)
	for role in (roles.SALESPERSON, roles.SALES_DIRECTOR, roles.MARKETING_DIRECTOR, roles.FINANCE_AUDITOR, roles.ARCHIVE_AUDITOR):
		assert not opens(visit, role, archive), role
	assert opens(visit, roles.GENERAL_MANAGER, archive)
	assert opens(visit, roles.ARCHIVIST, archive)
	switch(visit, v01_4=0)
	assert opens(visit, roles.SALESPERSON, archive)


def test_a_limited_line_gives_away_a_name_and_nothing_else(visit: Visit, filed: Callable[..., str], people: factories.People) -> None:
	"""V-18."""
	archive = filed()
	switch(visit, v18=1)
	finder = visit(roles.MARKETING_MANAGER)
	find = "/api/method/kehu_archive.api.search.find"
	(line,) = finder.get(find, query=NAME[:2]).json()["message"]
	assert set(line) == {"name", "customer_name", "archive_type", "rank", "matched", "limited"}
	frappe.db.rollback()
	stored = frappe.db.get_value(ARCHIVE, archive, ["phone", "main_contact", "main_contact_phone"], as_dict=True)
	for hidden in stored.values():
		assert archive not in finder.get(find, query=hidden).text
	assert not opens(visit, roles.MARKETING_MANAGER, archive)


def test_switches_are_the_administrator_s(visit: Visit, filed: Callable[..., str]) -> None:
	archive = filed()
	asked = {"user": factories.email(roles.SALESPERSON), "archive": archive, "operation": "read", "purpose": "Work Need"}
	for role in (*roles.ROLES, None):
		visitor = visit(role)
		if role != roles.ARCHIVE_ADMINISTRATOR:
			assert visitor.call(SWITCH, wanted={"v01-4": 1}).status_code == 403, role
		keeps = role in (
			roles.ARCHIVE_ADMINISTRATOR,
			roles.ARCHIVIST,
			roles.CUSTOMER_SERVICE_STAFF,
			roles.CUSTOMER_SERVICE_MANAGER,
			roles.GENERAL_MANAGER,
			roles.COMPANY_LEADER,
			roles.ARCHIVE_AUDITOR,
		)
		assert visitor.call(EXPLAIN, **asked).status_code == (200 if keeps else 403), role
	assert visit(None).get(f"/api/method/{OVERVIEW}").status_code == 403
	assert visit(roles.ARCHIVE_ADMINISTRATOR).get(f"/api/method/{SWITCH}", wanted='{"v01-4": 1}').status_code in (403, 405)
	assert visit(roles.ARCHIVE_ADMINISTRATOR).call(SWITCH, wanted={"none": 1}).status_code == 417
	known = visit(roles.ARCHIVE_ADMINISTRATOR).get(f"/api/method/{OVERVIEW}").json()["message"]
	assert [preset["key"] for preset in known if preset["is_on"]] == ["base"]
	missing = visit(roles.ARCHIVIST).call(EXPLAIN, **{**asked, "archive": "KH-none"})
	assert missing.status_code == 403
