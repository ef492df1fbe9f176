"""Grading schemes as a browser meets them: who sets up, who only reads, and the roads past the steps (R-GRD-05, R-GRD-22)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import frappe
import pytest

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain import roles
from kehu_archive.tests import factories

Visit = Callable[[str | None], Any]
API = "kehu_archive.api.grading_schemes"
SCHEME = "Grading Scheme"
VERSION = "Grading Scheme Version"
NAME = "网页测试方案"


@pytest.fixture
def version(site: str, people: factories.People) -> Iterator[str]:
	"""A committed draft by the manager of customer service; it goes afterwards with its scheme."""
	frappe.db.rollback()
	with factories.acting(people[roles.CUSTOMER_SERVICE_MANAGER]):
		frappe.get_doc({"doctype": SCHEME, "scheme_name": NAME, "method": terms.THRESHOLDS}).insert()
		doc = frappe.get_doc(
			{
				"doctype": VERSION,
				"scheme": NAME,
				"year": 2026,
				"grades": [{"grade": "重要"}],
				"criteria": [{"grade": "重要", "metric": terms.YEAR_TOTAL, "threshold": 100}],
			}
		).insert()
	frappe.db.commit()
	yield str(doc.name)
	frappe.db.rollback()
	for name in frappe.get_all(VERSION, filters={"scheme": NAME}, pluck="name"):
		for table in ("Grade", "Criterion", "Factor", "Band"):
			frappe.db.delete(f"Grading Scheme {table}", {"parent": name})
		frappe.db.delete(VERSION, {"name": name})
	frappe.db.delete(SCHEME, {"name": NAME})
	frappe.db.commit()


def stored(name: str, field: str = "status") -> Any:
	frappe.db.rollback()
	return frappe.db.get_value(VERSION, name, field)


def told(answer: Any) -> str:
	"""What the person reads."""
	return str(frappe.parse_json(frappe.parse_json(answer.json()["_server_messages"])[0])["message"])


@pytest.mark.parametrize("person", [None, roles.SALESPERSON, roles.MARKETING_MANAGER, roles.ARCHIVIST, roles.GENERAL_MANAGER])
def test_who_does_not_set_up_takes_no_step(visit: Visit, version: str, person: str | None) -> None:
	visitor = visit(person)
	for method, more in (
		("activate", {"version": version}),
		("close", {"version": version}),
		("copy_to_year", {"version": version, "year": 2027}),
		("switch_on", {"key": "abc"}),
	):
		answer = visitor.call(f"{API}.{method}", **more)
		assert answer.status_code in (401, 403), (method, answer.text)
	assert stored(version) == "Draft"
	assert not frappe.db.exists(VERSION, {"scheme": NAME, "year": 2027})


def test_the_manager_activates_and_nobody_edits_afterwards(visit: Visit, version: str) -> None:
	visitor = visit(roles.CUSTOMER_SERVICE_MANAGER)
	answer = visitor.call(f"{API}.activate", version=version)
	assert (answer.status_code, answer.json()["message"]) == (200, "Active")
	changed = visitor.put(f"/api/resource/{VERSION}/{version}", {"upgrade_share": 10})
	assert changed.status_code == 417 and "复制为新草稿" in told(changed)
	assert stored(version, "upgrade_share") == 80
	removed = visitor.delete(f"/api/resource/{VERSION}/{version}")
	assert removed.status_code == 417 and stored(version) == "Active"
	row = frappe.db.get_value("Grading Scheme Criterion", {"parent": version})
	visitor.put(f"/api/resource/Grading Scheme Criterion/{row}", {"threshold": 1})
	frappe.db.rollback()
	assert frappe.db.get_value("Grading Scheme Criterion", row, "threshold") == 100


@pytest.mark.parametrize("values", [{"status": "Active"}, {"status": "Active", "activated_by": "Administrator"}])
def test_a_plain_save_activates_nothing(visit: Visit, version: str, values: dict[str, str]) -> None:
	visitor = visit(roles.ARCHIVE_ADMINISTRATOR)
	visitor.put(f"/api/resource/{VERSION}/{version}", values)
	visitor.call("frappe.client.set_value", doctype=VERSION, name=version, fieldname=values)
	assert (stored(version), stored(version, "activated_by")) == ("Draft", None)


def test_steps_are_not_taken_by_a_link(visit: Visit, version: str) -> None:
	"""A picture in a mail sends a GET."""
	visitor = visit(roles.CUSTOMER_SERVICE_MANAGER)
	answer = visitor.get(f"/api/method/{API}.activate", version=version)
	assert answer.status_code == 403 and stored(version) == "Draft"


def test_what_is_wrong_is_told_in_chinese(visit: Visit, version: str) -> None:
	visitor = visit(roles.CUSTOMER_SERVICE_MANAGER)
	child = frappe.db.get_value("Grading Scheme Criterion", {"parent": version})
	frappe.db.set_value("Grading Scheme Criterion", child, "threshold", -1)
	frappe.db.commit()
	answer = visitor.call(f"{API}.activate", version=version)
	assert answer.status_code == 417
	assert "第 1 行" in told(answer) and "阈值" in told(answer)
	assert stored(version) == "Draft"
	(fault, *_rest) = visitor.get(f"/api/method/{API}.check", version=version).json()["message"]
	assert fault["is_error"] and fault["row"] == 1 and "阈值" in fault["text"]


def test_readers_see_presets_and_a_guest_does_not(visit: Visit, version: str) -> None:
	assert visit(None).get(f"/api/method/{API}.presets").status_code in (401, 403)
	answer = visit(roles.MARKETING_MANAGER).get(f"/api/method/{API}.presets")
	assert [row["key"] for row in answer.json()["message"]][:1] == ["abc"]
