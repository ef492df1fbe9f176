"""Confidentiality and disclosure over HTTP: forged states, decisions on one's own request, links for outsiders. R-SEC-01, R-OUT-01/03/04/06."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import frappe
import pytest
from frappe.utils import add_days, today

from kehu_archive.domain import roles
from kehu_archive.tests import factories

from .conftest import Visitor

Visit = Callable[[str | None], Visitor]
REQUEST = "Disclosure Request"
CLASSIFICATION = "Classification Request"


@pytest.fixture
def archive(db: Any, people: factories.People) -> str:
	with factories.acting(people[roles.SALESPERSON]):
		name = str(factories.make_archive().name)
	factories.advance(name, people)
	frappe.db.commit()
	return name


def values(archive: str, **more: Any) -> dict[str, Any]:
	return {
		"archive": archive,
		"recipient": "某事务所",
		"purpose": "审计",
		"scope": "合同",
		"valid_until": str(add_days(today(), 5)),
		"items": [{"material": "合同", "copies": 1}],
		**more,
	}


@pytest.fixture
def request_name(archive: str, visit: Visit) -> str:
	answer = visit(roles.SALESPERSON).post(f"/api/resource/{REQUEST}", values(archive))
	assert answer.status_code == 200, answer.text
	return str(answer.json()["data"]["name"])


def field(doctype: str, name: str, fieldname: str) -> Any:
	frappe.db.rollback()
	return frappe.db.get_value(doctype, name, fieldname)


WRITERS = (roles.SALESPERSON, roles.SALES_DIRECTOR, roles.MARKETING_DIRECTOR, roles.ARCHIVIST, roles.ARCHIVE_ADMINISTRATOR)


@pytest.mark.parametrize("role", WRITERS)
def test_no_state_is_written_by_hand(visit: Visit, request_name: str, role: str) -> None:
	visitor = visit(role)
	forged = {"status": "Approved", "handed_over_by": "Administrator", "flags": {"by_service": True}}
	document = visitor.get(f"/api/resource/{REQUEST}/{request_name}").json().get("data", {})
	document.update(doctype=REQUEST, name=request_name, **forged)
	visitor.put(f"/api/resource/{REQUEST}/{request_name}", forged)
	visitor.call("frappe.client.set_value", doctype=REQUEST, name=request_name, fieldname="status", value="Approved")
	visitor.call("frappe.client.save", doc=json.dumps(document))
	visitor.call("frappe.desk.form.save.savedocs", doc=json.dumps(document), action="Save")
	visitor.call(
		"frappe.desk.doctype.bulk_update.bulk_update.submit_cancel_or_update_docs",
		doctype=REQUEST,
		docnames=json.dumps([request_name]),
		action="update",
		data=json.dumps({"status": "Approved"}),
	)
	visitor.delete(f"/api/resource/{REQUEST}/{request_name}")
	assert field(REQUEST, request_name, "status") == "Requested"
	assert not field(REQUEST, request_name, "handed_over_by")


@pytest.mark.parametrize("role", WRITERS)
def test_no_approval_is_written_into_its_row(visit: Visit, request_name: str, role: str) -> None:
	"""The rows of the chain are child documents with roads of their own."""
	visitor = visit(role)
	for row in frappe.get_all("Archive Approval Step", filters={"parent": request_name}, pluck="name"):
		agreed = {"decision": "Agreed", "decided_by": "Administrator"}
		visitor.put(f"/api/resource/Archive Approval Step/{row}", agreed)
		for fieldname, value in agreed.items():
			visitor.call("frappe.client.set_value", doctype="Archive Approval Step", name=row, fieldname=fieldname, value=value)
		visitor.delete(f"/api/resource/Archive Approval Step/{row}")
		assert field("Archive Approval Step", row, "decision") in (None, "")
	frappe.db.rollback()
	assert frappe.db.count("Archive Approval Step", {"parent": request_name}) == 2


def test_two_directors_decide_and_nobody_else(visit: Visit, request_name: str) -> None:
	for role in (roles.SALESPERSON, roles.ARCHIVIST, roles.GENERAL_MANAGER, roles.FINANCE_AUDITOR, None):
		answer = visit(role).call("kehu_archive.api.disclosure.approve", name=request_name)
		assert answer.status_code in (401, 403, 417), (role, answer.text)
	assert visit(roles.MARKETING_DIRECTOR).call("kehu_archive.api.disclosure.approve", name=request_name).status_code == 200
	assert field(REQUEST, request_name, "status") == "Requested"
	assert visit(roles.SALES_DIRECTOR).call("kehu_archive.api.disclosure.approve", name=request_name).status_code == 200
	assert field(REQUEST, request_name, "status") == "Approved"
	for role in (roles.SALESPERSON, roles.SALES_DIRECTOR, roles.GENERAL_MANAGER):
		answer = visit(role).call("kehu_archive.api.disclosure.hand_over", name=request_name, issuer_signature="x")
		assert answer.status_code in (403, 417)
	url = f"{visit(roles.ARCHIVIST).base_url}/api/method/kehu_archive.api.disclosure.close?name={request_name}"
	assert visit(roles.ARCHIVIST).session.get(url).status_code == 403, "no step by GET"
	assert field(REQUEST, request_name, "status") == "Approved"


def test_the_applicant_is_who_is_logged_in(visit: Visit, archive: str, people: factories.People) -> None:
	answer = visit(roles.SALESPERSON).post(
		f"/api/resource/{REQUEST}",
		values(archive, applicant=people[roles.MARKETING_MANAGER], status="Approved", approvals=[], owner="Administrator"),
	)
	stored = answer.json()["data"]
	assert (stored["applicant"], stored["status"], len(stored["approvals"])) == (people[roles.SALESPERSON], "Requested", 2)


def test_others_do_not_see_the_request(visit: Visit, request_name: str) -> None:
	other = visit(roles.MARKET_INSPECTOR)
	assert other.get(f"/api/resource/{REQUEST}/{request_name}").status_code in (403, 404)
	assert request_name not in other.get(f"/api/resource/{REQUEST}", limit_page_length=0).text
	assert other.call("kehu_archive.api.disclosure.steps", name=request_name).status_code == 403
	missing = other.call("kehu_archive.api.disclosure.steps", name="TG-2026-99999")
	assert missing.status_code in (403, 404)


@pytest.mark.parametrize("role", [roles.ARCHIVIST, roles.SALESPERSON, roles.ARCHIVE_ADMINISTRATOR, roles.GENERAL_MANAGER])
def test_no_link_is_made_for_an_archive(visit: Visit, archive: str, role: str) -> None:
	visitor = visit(role)
	key = {"doctype": "Document Share Key", "reference_doctype": "Customer Archive", "reference_docname": archive}
	visitor.call("frappe.client.insert", doc=json.dumps(key))
	body = {"dt": "Customer Archive", "dn": archive, "method": "get_document_share_key"}
	visitor.session.post(f"{visitor.base_url}/api/method/run_doc_method", json=body, timeout=60)
	visitor.get(f"/api/resource/Customer Archive/{archive}", run_method="get_document_share_key")
	frappe.db.rollback()
	assert not frappe.db.count("Document Share Key", {"reference_doctype": "Customer Archive"})
	guest = visit(None).get("/printview", doctype="Customer Archive", name=archive, key="x")
	assert archive not in guest.text or guest.status_code >= 400


# Classification


@pytest.fixture
def classification(archive: str, visit: Visit) -> str:
	answer = visit(roles.SALESPERSON).call("kehu_archive.api.classification.report", archive=archive)
	assert answer.status_code == 200, answer.text
	return str(answer.json()["message"])


@pytest.mark.parametrize("role", [roles.SALESPERSON, roles.CUSTOMER_SERVICE_STAFF, roles.ARCHIVIST, roles.ARCHIVE_ADMINISTRATOR])
def test_no_level_is_approved_past_the_leader(visit: Visit, archive: str, classification: str, role: str) -> None:
	visitor = visit(role)
	level = {"proposed_level": "Internal", "service_opinion": "x", "workflow_state": "Approved", "approved_by": "Administrator"}
	visitor.put(f"/api/resource/{CLASSIFICATION}/{classification}", level)
	visitor.call("frappe.client.set_value", doctype=CLASSIFICATION, name=classification, fieldname="workflow_state", value="Approved")
	visitor.call(
		"frappe.model.workflow.apply_workflow", doc=json.dumps({"doctype": CLASSIFICATION, "name": classification}), action="Approve"
	)
	new = {"archive": archive, **level}
	visitor.post(f"/api/resource/{CLASSIFICATION}", new)
	assert field(CLASSIFICATION, classification, "workflow_state") in ("Reported", "Proposed")
	assert not field(CLASSIFICATION, classification, "approved_by")


@pytest.mark.parametrize("role", [roles.ARCHIVIST, roles.CUSTOMER_SERVICE_MANAGER, roles.ARCHIVE_ADMINISTRATOR])
def test_the_archive_takes_no_level_and_no_reader_from_a_client(
	visit: Visit, archive: str, people: factories.People, role: str
) -> None:
	visitor = visit(role)
	before = field("Customer Archive", archive, ["secrecy_rank", "confidential_until", "confidentiality", "classification_request"])
	for body in (
		{"secrecy_rank": 1},
		{"confidential_until": "2099-01-01"},
		{"confidentiality": "Core Trade Secret"},
		{"need_to_know": [{"user": people[roles.FINANCE_AUDITOR]}]},
		{"flags": {"by_classification": "x"}, "confidentiality": "Core Trade Secret"},
	):
		visitor.put(f"/api/resource/Customer Archive/{archive}", body)
	row = {"doctype": "Customer Archive Reader", "parent": archive, "parenttype": "Customer Archive", "parentfield": "need_to_know"}
	visitor.call("frappe.client.insert", doc=json.dumps({**row, "user": people[roles.FINANCE_AUDITOR]}))
	visitor.post("/api/resource/Customer Archive Reader", {**row, "user": people[roles.FINANCE_AUDITOR]})
	assert field("Customer Archive", archive, ["secrecy_rank", "confidential_until", "confidentiality", "classification_request"]) == before
	assert not frappe.db.count("Customer Archive Reader", {"parent": archive})


def test_the_grade_is_no_salespersons_to_set(visit: Visit, archive: str) -> None:
	body = {"archive": archive, "grade": "C", "reason": "x"}
	for role in (roles.SALESPERSON, roles.SALES_DIRECTOR, roles.GENERAL_MANAGER, None):
		assert visit(role).call("kehu_archive.api.classification.set_grade", **body).status_code in (401, 403, 417)
	visit(roles.SALESPERSON).put(f"/api/resource/Customer Archive/{archive}", {"access_grade": "C"})
	assert not field("Customer Archive", archive, "access_grade")
	answer = visit(roles.ARCHIVIST).call("kehu_archive.api.classification.set_grade", **{**body, "grade": "b"})
	assert answer.json()["message"] == "B"
	assert field("Customer Archive", archive, "access_grade") == "B"
