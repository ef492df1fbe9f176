"""Roads that pass by an archive's own save, and what they must not reach. R-ARC-21, R-DSC-02/03, R-FCA-05."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import frappe
import pytest

from kehu_archive.domain import roles
from kehu_archive.tests import factories

from .conftest import Visitor

Visit = Callable[[str | None], Visitor]
SECRET = "6222021234567890128"


@pytest.fixture
def archive(db: Any, people: factories.People) -> str:
	"""A draft with a preference row and a bank account, committed so that the web server sees it."""
	with factories.acting(people[roles.SALESPERSON]):
		name = factories.make_archive(preferences=[{"category": "Product", "preference": "不锈钢"}]).name
	frappe.get_doc(
		{"doctype": "Sensitive Record", "archive": name, "record_kind": "Bank Account", "value": SECRET}
	).insert()
	frappe.db.commit()
	return str(name)


def sealed(name: str, people: factories.People) -> str:
	factories.advance(name, people)
	with factories.acting(people[roles.CUSTOMER_SERVICE_MANAGER]):
		doc = frappe.get_doc("Customer Archive", name)
		doc.workflow_state = "Sealed"
		doc.save()
	frappe.db.commit()
	return name


def rows(name: str) -> list[str]:
	frappe.db.rollback()
	return frappe.get_all("Customer Archive Preference", filters={"parent": name}, pluck="preference", order_by="idx")


@pytest.mark.parametrize("role", [roles.SALESPERSON, roles.ARCHIVIST, roles.ARCHIVE_ADMINISTRATOR])
def test_rows_are_not_written_past_their_archive(
	visit: Visit, archive: str, people: factories.People, role: str
) -> None:
	for name in (archive, sealed(archive, people)):
		row = frappe.get_all("Customer Archive Preference", filters={"parent": name}, pluck="name")[0]
		visitor = visit(role)
		changed = visitor.put(f"/api/resource/Customer Archive Preference/{row}", {"preference": "改"})
		added = visitor.post(
			"/api/resource/Customer Archive Preference",
			{
				"parent": name,
				"parenttype": "Customer Archive",
				"parentfield": "preferences",
				"category": "Other",
				"preference": "加",
			},
		)
		visitor.delete(f"/api/resource/Customer Archive Preference/{row}")
		assert changed.status_code >= 400
		assert added.status_code >= 400
		assert rows(name) == ["不锈钢"]


@pytest.mark.parametrize("role", [*roles.ROLES, "visitor@kehu.test"])
def test_counting_tells_nothing_of_what_may_not_be_read(visit: Visit, archive: str, role: str) -> None:
	"""With ``like`` filters a bare count would spell out the number digit by digit."""
	if "@" in role:
		factories.ensure_user(role, user_type="Website User")
		frappe.db.commit()
	may_read = role in (roles.CUSTOMER_SERVICE_MANAGER, roles.ARCHIVIST, roles.ARCHIVE_ADMINISTRATOR)
	for filters in ([["value", "like", f"{SECRET[:6]}%"]], {"value": ("like", f"{SECRET[:6]}%")}):
		for method in ("frappe.client.get_count", "frappe.desk.reportview.get_count"):
			answer = visit(role).call(method, doctype="Sensitive Record", filters=json.dumps(filters))
			if not may_read:
				assert answer.status_code >= 400, (role, method)
				assert not answer.json().get("message"), (role, method)


def test_a_protected_field_of_what_hangs_on_an_archive_is_put_back(visit: Visit, archive: str) -> None:
	sales = visit(roles.SALESPERSON)
	sent: dict[str, dict[str, Any]] = {
		"Archive Transaction": {"amount": 1, "posted_on": "2026-01-01", "source_key": f"x{archive}", "is_cancelled": 1},
		"Archive Contact": {"full_name": "赵敏", "status": "Left Post", "ended_on": "2020-01-01"},
		"Customer Complaint": {
			"complainant": "甲",
			"complaint_kind": "Quality",
			"complaint_object": "轴承",
			"complaint_content": "异响",
			"demand": "退货",
			"status": "Closed",
			"registered_by": "Administrator",
		},
		"Archive Borrowing": {"method": "Borrow", "status": "Lent", "lent_by": "Administrator", "due_on": "2999-01-01"},
	}
	kept = {
		"Archive Transaction": {"source_key": None, "is_cancelled": 0},
		"Archive Contact": {"status": "In Post", "ended_on": None},
		"Customer Complaint": {"status": "Registered", "registered_by": factories.email(roles.SALESPERSON)},
		"Archive Borrowing": {"status": "Requested", "lent_by": None},
	}
	for doctype, values in sent.items():
		answer = sales.post(f"/api/resource/{doctype}", {"archive": archive, **values})
		assert answer.status_code == 200, (doctype, answer.text)
		name = answer.json()["data"]["name"]
		forged = {field: values[field] for field in kept[doctype] if field in values}
		sales.put(f"/api/resource/{doctype}/{name}", forged)
		frappe.db.rollback()
		stored = frappe.db.get_value(doctype, name, list(kept[doctype]), as_dict=True)
		assert dict(stored) == kept[doctype], doctype


def test_bad_dates_and_numbers_get_a_chinese_message_not_an_error(visit: Visit, archive: str) -> None:
	for field, value, word in (
		("founded_on", "昨天", "成立日期"),
		("birth_date", "1800-13-45", "出生日期"),
		("registered_capital", "五百万", "注册资金"),
		("registered_capital", 1e300, "注册资金"),
		("archive_date", "2099-01-01", "建档日期"),
	):
		answer = visit(roles.SALESPERSON).put(f"/api/resource/Customer Archive/{archive}", {field: value})
		assert answer.status_code == 417, (field, answer.status_code, answer.text[:300])
		assert word in json.loads(json.loads(answer.json()["_server_messages"])[0])["message"], field


def test_markup_in_a_bulk_load_is_cleaned_as_in_a_single_save(db: Any) -> None:
	from kehu_archive.services import bulk

	markup = "<img src=x onerror=alert(1)>王记商行"
	names = bulk.insert_archives([{"customer_name": markup, "address": markup, "main_contact": markup}])
	single = factories.make_archive(customer_name="王记", address=markup)
	stored = frappe.db.get_value("Customer Archive", names[0], ["customer_name", "address"], as_dict=True)
	assert "onerror" not in stored.customer_name + stored.address
	assert stored.address == single.address
	assert "onerror" not in frappe.db.get_value("Archive Contact", {"archive": names[0]}, "full_name")
