"""Every road that could change an archive's state or delete it, tried over HTTP as real users.

R-ARC-06/07/08/21: the workflow holds against ``set_value``, PUT, POST, bulk edit and the save of a form.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import frappe
import pytest
import requests

from kehu_archive.domain import roles
from kehu_archive.tests import factories

from .conftest import Visitor

Visit = Callable[[str | None], Visitor]
Road = Callable[[Visitor, str, str], requests.Response]


def by_put(visitor: Visitor, name: str, state: str) -> requests.Response:
	return visitor.put(f"/api/resource/Customer Archive/{name}", {"workflow_state": state})


def by_set_value(visitor: Visitor, name: str, state: str) -> requests.Response:
	return visitor.call(
		"frappe.client.set_value", doctype="Customer Archive", name=name, fieldname="workflow_state", value=state
	)


def by_save(visitor: Visitor, name: str, state: str) -> requests.Response:
	document = visitor.get(f"/api/resource/Customer Archive/{name}").json().get("data", {})
	document.update(doctype="Customer Archive", name=name, workflow_state=state)
	return visitor.call("frappe.client.save", doc=json.dumps(document))


def by_form(visitor: Visitor, name: str, state: str) -> requests.Response:
	document = visitor.get(f"/api/resource/Customer Archive/{name}").json().get("data", {})
	document.update(doctype="Customer Archive", name=name, workflow_state=state)
	return visitor.call("frappe.desk.form.save.savedocs", doc=json.dumps(document), action="Save")


def by_bulk_edit(visitor: Visitor, name: str, state: str) -> requests.Response:
	return visitor.call(
		"frappe.desk.doctype.bulk_update.bulk_update.submit_cancel_or_update_docs",
		doctype="Customer Archive",
		docnames=json.dumps([name]),
		action="update",
		data=json.dumps({"workflow_state": state}),
	)


def by_workflow(visitor: Visitor, name: str, state: str) -> requests.Response:
	return visitor.call(
		"frappe.model.workflow.apply_workflow",
		doc=json.dumps({"doctype": "Customer Archive", "name": name, "workflow_state": state}),
		action="Approve Filing",
	)


ROADS: tuple[Road, ...] = (by_put, by_set_value, by_save, by_form, by_bulk_edit, by_workflow)
OUTSIDERS = (roles.SALESPERSON, roles.ARCHIVIST, roles.CUSTOMER_SERVICE_MANAGER, roles.ARCHIVE_ADMINISTRATOR)


def state_of(name: str) -> str:
	frappe.db.rollback()  # see what the web server committed
	return str(frappe.db.get_value("Customer Archive", name, "workflow_state"))


@pytest.fixture
def classified(db: Any, people: factories.People) -> Iterator[str]:
	"""An archive that waits for the Sales Director, committed so that the web server sees it."""
	with factories.acting(people[roles.SALESPERSON]):
		name = factories.make_archive().name
	factories.advance(name, people, "Classified")
	frappe.db.commit()
	yield name


@pytest.mark.parametrize("road", ROADS, ids=lambda road: road.__name__)
@pytest.mark.parametrize("role", OUTSIDERS)
def test_only_the_sales_director_files(visit: Visit, classified: str, road: Road, role: str) -> None:
	road(visit(role), classified, "Filed")
	assert state_of(classified) == "Classified"


@pytest.mark.parametrize("road", [by_put, by_set_value, by_save, by_form, by_bulk_edit], ids=lambda road: road.__name__)
def test_sales_director_files_by_any_road_and_it_is_stamped(visit: Visit, classified: str, road: Road, people: factories.People) -> None:
	road(visit(roles.SALES_DIRECTOR), classified, "Filed")
	assert state_of(classified) == "Filed"
	assert frappe.db.get_value("Customer Archive", classified, "filed_by") == people[roles.SALES_DIRECTOR]


@pytest.mark.parametrize("target", ["Draft", "Verified", "Sealed", "Destroyed", "No Such State"])
def test_sales_director_cannot_leave_the_path(visit: Visit, classified: str, target: str) -> None:
	for road in ROADS[:5]:
		road(visit(roles.SALES_DIRECTOR), classified, target)
		expected = "Draft" if target == "Draft" else "Classified"
		assert state_of(classified) == expected, road.__name__


@pytest.mark.parametrize("role", roles.ROLES)
def test_nobody_deletes_an_archive(visit: Visit, classified: str, role: str) -> None:
	visitor = visit(role)
	assert visitor.delete(f"/api/resource/Customer Archive/{classified}").status_code >= 400
	visitor.call("frappe.client.delete", doctype="Customer Archive", name=classified)
	visitor.call("frappe.desk.reportview.delete_items", doctype="Customer Archive", items=json.dumps([classified]))
	assert state_of(classified) == "Classified"


@pytest.mark.parametrize("role", [None, "visitor@kehu.test"])
def test_guests_and_website_users_see_nothing(visit: Visit, classified: str, role: str | None) -> None:
	if role:
		factories.ensure_user(role, user_type="Website User")
		frappe.db.commit()
	visitor = visit(role)
	for path in (f"/api/resource/Customer Archive/{classified}", "/api/resource/Customer Archive"):
		answer = visitor.get(path)
		assert answer.status_code in (401, 403), (path, answer.status_code)
		assert classified not in answer.text
	for method, body in {
		"frappe.client.get_list": {"doctype": "Customer Archive"},
		"frappe.client.get_value": {"doctype": "Customer Archive", "fieldname": "customer_name"},
		"frappe.client.get": {"doctype": "Customer Archive", "name": classified},
		"kehu_archive.api.search.find": {"query": "北京"},
		"kehu_archive.api.search.card": {"name": classified},
		"kehu_archive.api.overview.load": {"archive": classified},
	}.items():
		answer = visitor.call(method, **body)
		assert answer.status_code in (401, 403, 417, 404), (method, answer.status_code)
		assert classified not in answer.text, method


def test_sensitive_records_are_closed_to_sales(visit: Visit, classified: str) -> None:
	record = frappe.get_doc(
		{"doctype": "Sensitive Record", "archive": classified, "record_kind": "Bank Account", "value": "6222021234567890128"}
	).insert()
	frappe.db.commit()
	for role in (roles.SALESPERSON, roles.SALES_DIRECTOR, roles.MARKET_INSPECTOR, roles.FINANCE_AUDITOR):
		for answer in (
			visit(role).get(f"/api/resource/Sensitive Record/{record.name}"),
			visit(role).call("frappe.client.get_list", doctype="Sensitive Record", fields=["value"]),
			visit(role).get(f"/api/resource/Customer Archive/{classified}"),
		):
			assert "6222021234567890128" not in answer.text
