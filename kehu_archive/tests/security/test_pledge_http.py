"""The pledge over HTTP: without it nothing is open by any road, and nobody signs for another. R-SEC-05."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import frappe
import pytest

from kehu_archive.domain import roles
from kehu_archive.services import pledge
from kehu_archive.tests import factories

from .conftest import Visitor

Visit = Callable[[str | None], Visitor]
NEWCOMER = "unsigned@kehu.test"


@pytest.fixture
def archive(db: Any, people: factories.People) -> str:
	name = str(factories.make_archive().name)
	frappe.db.commit()
	return name


@pytest.fixture
def newcomer(db: Any, base_url: str, people: factories.People) -> Iterator[Visitor]:
	"""A keeper of archives who has not signed; his signature is taken away again afterwards."""
	factories.ensure_user(NEWCOMER, roles.CUSTOMER_SERVICE_STAFF, pledged=False)
	frappe.db.delete(pledge.PLEDGE, {"user": NEWCOMER})
	frappe.db.commit()
	yield Visitor(base_url, NEWCOMER)
	frappe.db.rollback()
	frappe.db.delete(pledge.PLEDGE, {"user": NEWCOMER})
	frappe.db.commit()


def roads(visitor: Visitor, name: str) -> list[Any]:
	"""Reading an archive by whatever road there is."""
	return [
		visitor.get(f"/api/resource/Customer Archive/{name}"),
		visitor.get("/api/resource/Customer Archive", limit_page_length=0),
		visitor.call("frappe.client.get_list", doctype="Customer Archive", limit_page_length=0),
		visitor.call("frappe.client.get", doctype="Customer Archive", name=name),
		visitor.call("frappe.desk.form.load.getdoc", doctype="Customer Archive", name=name),
		visitor.call("frappe.desk.reportview.get", doctype="Customer Archive", fields=json.dumps(["name"])),
		visitor.call("kehu_archive.api.overview.load", archive=name),
		visitor.call("kehu_archive.api.search.find", query=name),
	]


def test_nothing_is_open_without_the_signature(archive: str, newcomer: Visitor) -> None:
	shown = [answer.url for answer in roads(newcomer, archive) if f'"{archive}"' in answer.text and answer.status_code == 200]
	assert not shown
	assert newcomer.call("kehu_archive.api.pledge.state").json()["message"]["signed"] is False
	full_name = newcomer.call("kehu_archive.api.pledge.state").json()["message"]["full_name"]
	assert newcomer.call("kehu_archive.api.pledge.sign", typed_name=full_name).status_code == 200
	answer = newcomer.get(f"/api/resource/Customer Archive/{archive}")
	assert answer.status_code == 200, "the same session, without another log-in"
	assert newcomer.call("kehu_archive.api.pledge.state").json()["message"]["signed"] is True


def test_the_desk_is_told_until_it_is_signed(archive: str, newcomer: Visitor) -> None:
	full_name = newcomer.call("kehu_archive.api.pledge.state").json()["message"]["full_name"]
	assert "kehu_pledge" in newcomer.get("/app").text
	# Loading the Desk gave the session a token that its calls have to carry from now on.
	fresh = Visitor(newcomer.base_url, NEWCOMER)
	assert fresh.call("kehu_archive.api.pledge.sign", typed_name=full_name).status_code == 200
	assert "kehu_pledge" not in fresh.get("/app").text


def test_nobody_signs_for_another(newcomer: Visitor, visit: Visit) -> None:
	full_name = str(frappe.db.get_value("User", NEWCOMER, "full_name"))
	for role in (roles.ARCHIVE_ADMINISTRATOR, roles.CUSTOMER_SERVICE_MANAGER):
		answer = visit(role).call("kehu_archive.api.pledge.sign", typed_name=full_name, user=NEWCOMER)
		assert answer.status_code == 417, answer.text
	assert newcomer.call("kehu_archive.api.pledge.sign", typed_name="别的名字").status_code == 417
	assert newcomer.session.get(f"{newcomer.base_url}/api/method/kehu_archive.api.pledge.sign?typed_name={full_name}").status_code == 403
	assert visit(None).call("kehu_archive.api.pledge.sign", typed_name="Guest").status_code in (401, 403)
	frappe.db.rollback()
	assert not frappe.db.exists(pledge.PLEDGE, {"user": NEWCOMER})


@pytest.mark.parametrize("role", ["Administrator", roles.ARCHIVE_ADMINISTRATOR, roles.CUSTOMER_SERVICE_MANAGER, roles.SALESPERSON])
def test_pledges_are_made_changed_and_deleted_by_no_other_road(
	newcomer: Visitor, base_url: str, visit: Visit, people: factories.People, role: str
) -> None:
	signed = frappe.db.get_value(pledge.PLEDGE, {"user": people[roles.SALESPERSON]}, "name")
	if role == "Administrator":
		visitor = Visitor(base_url, None)
		visitor.session.post(f"{base_url}/api/method/login", data={"usr": role, "pwd": "admin"}, timeout=30)
	else:
		visitor = visit(role)
	values = {
		"doctype": pledge.PLEDGE,
		"user": NEWCOMER,
		"signed_on": "2026-01-01 00:00:00",
		"pledge_version": "1",
		"typed_name": "x",
		"flags": {"by_service": 1},
	}
	visitor.post(f"/api/resource/{pledge.PLEDGE}", values)
	visitor.call("frappe.client.insert", doc=json.dumps(values))
	visitor.call("frappe.desk.form.save.savedocs", doc=json.dumps({**values, "__islocal": 1}), action="Save")
	visitor.put(f"/api/resource/{pledge.PLEDGE}/{signed}", {"user": NEWCOMER, "flags": {"by_service": 1}})
	visitor.call("frappe.client.set_value", doctype=pledge.PLEDGE, name=signed, fieldname="user", value=NEWCOMER)
	visitor.call("frappe.client.rename_doc", doctype=pledge.PLEDGE, old_name=signed, new_name="other")
	visitor.delete(f"/api/resource/{pledge.PLEDGE}/{signed}")
	frappe.db.rollback()
	assert not frappe.db.exists(pledge.PLEDGE, {"user": NEWCOMER})
	assert frappe.db.get_value(pledge.PLEDGE, signed, "user") == people[roles.SALESPERSON]
