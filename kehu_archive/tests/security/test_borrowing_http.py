"""Borrowing, grants and violations over HTTP as ordinary users: forged states, oracles, roads around the steps. R-ACC-01, R-ACC-16, R-SEC-09."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import frappe
import pytest

from kehu_archive.domain import roles
from kehu_archive.services import borrowing, borrowing_counter, grants
from kehu_archive.tests import factories, loans
from kehu_archive.tests.loans import BORROWER, BORROWING, RIVAL, STRANGER, do

from .conftest import Visitor

Visit = Callable[[str | None], Visitor]
API = "kehu_archive.api.borrowing."
CLERK = factories.email(roles.CUSTOMER_SERVICE_STAFF)
MANAGER = factories.email(roles.GENERAL_MANAGER)
RESOURCE = f"/api/resource/{BORROWING}"
FORGED = {
	"status": "Approved",
	"method": "Take Out",
	"applicant": RIVAL,
	"due_on": "2999-01-01",
	"approved_on": "2026-01-01 00:00:00",
	"may_leave_office": 1,
	"may_renew": 1,
	"approval_mode": "Joint",
	"copies": 99,
	"lent_by": CLERK,
	"open_loan_key": "FORGED",
	"wished_due_on": "2999-01-01",
}


@pytest.fixture
def office(db: Any, people: factories.People) -> Iterator[str]:
	loans.staff(people)
	with loans.committed_rules():
		loans.find_and_read_for_keepers()
		loans.rule("others", "read", "copy", "borrow", approvers=[roles.GENERAL_MANAGER], for_keeper=0, for_oversight=0)
		name = loans.make_filed()
		frappe.db.commit()
		yield name


def asked(archive: str, **values: Any) -> str:
	name = str(loans.ask(archive, **values).name)
	frappe.db.commit()
	return name


def row(doctype: str, name: str) -> dict[str, Any]:
	frappe.db.rollback()
	return dict(frappe.get_doc(doctype, name).as_dict(no_default_fields=True, convert_dates_to_str=True))


def said(answer: Any) -> str:
	return "".join(
		json.loads(one)["message"] for one in json.loads(answer.json().get("_server_messages") or "[]")
	)


def test_a_request_over_rest_goes_through_the_rule(visit: Visit, office: str) -> None:
	answer = visit(BORROWER).post(
		RESOURCE, {"archive": office, "method": "Borrow", "purpose": "Work Need", **{k: FORGED[k] for k in ("status", "applicant", "due_on")}}
	)
	assert answer.status_code == 200, answer.text
	data = answer.json()["data"]
	assert (data["status"], data["applicant"], data["due_on"]) == ("Requested", BORROWER, None)
	assert [one["approver_role"] for one in data["approvals"]] == [roles.GENERAL_MANAGER]


def test_a_hidden_file_and_a_missing_one_get_the_same_answer(visit: Visit, office: str) -> None:
	frappe.db.sql("delete from `tabAccess Rule` where name like 'TEST find%%'")
	frappe.db.commit()
	sales = visit(BORROWER)
	mine = asked_without_file(sales)
	answers = []
	for number in (office, office[:-2] + "ZZ"):
		new = sales.post(RESOURCE, {"archive": number, "method": "Borrow", "purpose": "Work Need"})
		by_client = sales.call(
			"frappe.client.insert", doc={"doctype": BORROWING, "archive": number, "method": "Borrow", "purpose": "Work Need"}
		)
		changed = sales.put(f"{RESOURCE}/{mine}", {"archive": number})
		place = sales.get(f"/api/method/{API}availability", archive=number)
		violation = visit(CLERK).post("/api/resource/Violation", {"archive": number, "person": RIVAL, "violation_kind": "Leak"})
		answers.append(
			[
				(one.status_code, said(one).replace(number, "N"))
				for one in (new, by_client, changed, place)
			]
		)
		assert violation.status_code >= 400
	assert answers[0] == answers[1]
	assert [code for code, _text in answers[0]] == [417, 417, 200, 403]
	assert row(BORROWING, mine)["archive"] is None


def asked_without_file(visitor: Visitor) -> str:
	answer = visitor.post(RESOURCE, {"wanted": "某公司", "method": "Borrow", "purpose": "Work Need"})
	assert answer.status_code == 200, answer.text
	return str(answer.json()["data"]["name"])


@pytest.mark.parametrize("person", ["borrower", "approver", "clerk"])
def test_forged_fields_are_put_back_on_every_road(visit: Visit, office: str, person: str) -> None:
	name = asked(office)
	user = {"borrower": BORROWER, "approver": MANAGER, "clerk": CLERK}[person]
	before = row(BORROWING, name)
	visitor = visit(user)
	visitor.put(f"{RESOURCE}/{name}", {**FORGED, "docstatus": 1})
	assert visitor.put(f"{RESOURCE}/{name}", FORGED).status_code == 200
	for field, value in FORGED.items():
		visitor.call("frappe.client.set_value", doctype=BORROWING, name=name, fieldname=field, value=value)
	full = visitor.get(f"{RESOURCE}/{name}").json().get("data") or {"doctype": BORROWING, "name": name, **before}
	for step in full.get("approvals") or []:
		step.update({"decision": "Agreed", "decided_by": MANAGER})
	forged = {**full, **FORGED, "approvals": full.get("approvals") or [], "reading_slips": [{"pages": "1", "copies": 3}]}
	visitor.call("frappe.client.save", doc=json.dumps(forged))
	visitor.call("frappe.client.submit", doc=json.dumps(forged))
	visitor.call("frappe.desk.form.save.savedocs", doc=json.dumps(forged), action="Save")
	visitor.post("/api/method/run_doc_method", {"docs": json.dumps(forged), "method": "save"})
	visitor.call("frappe.client.bulk_update", docs=json.dumps([{"doctype": BORROWING, "docname": name, **FORGED}]))
	visitor.call("frappe.client.rename_doc", doctype=BORROWING, old_name=name, new_name=f"{name}-X")
	visitor.call("frappe.client.delete", doctype=BORROWING, name=name)
	visitor.delete(f"{RESOURCE}/{name}")
	after = row(BORROWING, name)
	for document in (before, after):
		document.pop("remark", None)
	assert after == before


def test_a_step_is_not_written_past_its_request(visit: Visit, office: str) -> None:
	name = asked(office)
	step = frappe.get_all("Archive Approval Step", filters={"parent": name}, pluck="name")[0]
	for user in (BORROWER, MANAGER, CLERK):
		visitor = visit(user)
		answer = visitor.put(f"/api/resource/Archive Approval Step/{step}", {"decision": "Agreed", "decided_by": MANAGER})
		assert answer.status_code >= 400
		for table, values in (
			("Archive Reading Slip", {"parentfield": "reading_slips", "pages": "1", "copies": 9, "read_on": "2026-01-01 00:00:00"}),
			("Archive Renewal", {"parentfield": "renewals", "new_due_on": "2999-01-01"}),
			("Archive Approval Step", {"parentfield": "approvals", "decision": "Agreed"}),
		):
			answer = visitor.post(f"/api/resource/{table}", {"parent": name, "parenttype": BORROWING, **values})
			assert answer.status_code >= 400, (table, answer.text)
	frappe.db.rollback()
	assert not frappe.db.get_value("Archive Approval Step", step, "decision")
	assert frappe.db.count("Archive Approval Step", {"parent": name}) == 1


def test_approver_is_never_the_requester_over_http(visit: Visit, office: str) -> None:
	factories.ensure_user("boss@kehu.test", roles.GENERAL_MANAGER, roles.SALESPERSON)
	loans.sign("boss@kehu.test")
	loans.rule("all", "take_out", approvers=[roles.GENERAL_MANAGER])
	frappe.db.commit()
	name = asked(office, user="boss@kehu.test", method="Take Out")
	answer = visit("boss@kehu.test").call(API + "approve", name=name)
	assert answer.status_code == 417
	assert "本人" in said(answer)
	assert visit(MANAGER).call(API + "approve", name=name).json()["message"] == "Approved"


def test_strangers_and_guests_reach_no_step(visit: Visit, office: str) -> None:
	name = asked(office)
	factories.ensure_user("website@kehu.test", user_type="Website User")
	frappe.db.commit()
	steps = {
		"actions": {},
		"resolve": {"archive": office},
		"turn_away": {"reason": "x"},
		"approve": {},
		"decline": {"reason": "x"},
		"withdraw": {},
		"open_access": {},
		"lend": {"pages": 1},
		"give_back": {"pages": 1, "condition": "Intact"},
		"finish": {},
		"renew": {},
		"add_slip": {"pages": "1"},
		"recall": {},
	}
	for user in (STRANGER, "website@kehu.test", None):
		for method, values in steps.items():
			answer = visit(user).call(API + method, name=name, **values)
			assert answer.status_code in (401, 403), (user, method, answer.text[:200])
			assert not answer.json().get("message")
		assert visit(user).get(f"{RESOURCE}/{name}").status_code in (401, 403)
		listed = visit(user).get(RESOURCE, filters=json.dumps([["name", "=", name]]))
		assert not (listed.json().get("data") or [])
	assert row(BORROWING, name)["status"] == "Requested"


def test_writing_steps_take_no_get(visit: Visit, office: str) -> None:
	name = asked(office)
	for method in ("approve", "decline", "lend", "withdraw"):
		assert visit(MANAGER).get(f"/api/method/{API}{method}", name=name, pages=1, reason="x").status_code in (403, 405)
	assert row(BORROWING, name)["status"] == "Requested"


def test_the_holder_is_named_only_to_those_who_may_know(visit: Visit, office: str) -> None:
	first, second = asked(office), asked(office, user=RIVAL)
	for name in (first, second):
		do(borrowing.approve, MANAGER, name)
	do(borrowing_counter.lend, CLERK, first, 5)
	frappe.db.commit()
	holder = str(frappe.db.get_value("User", BORROWER, "full_name"))
	refused = visit(RIVAL).post(RESOURCE, {"archive": office, "method": "Borrow", "purpose": "Work Need"})
	assert refused.status_code == 417
	assert "借出中" in said(refused) and holder not in refused.text and BORROWER not in refused.text
	told = visit(CLERK).call(API + "lend", name=second, pages=5)
	assert told.status_code == 417 and holder in said(told)
	place = visit(RIVAL).call(API + "availability", archive=office).json()["message"]
	assert place == {"state": "Lent"}
	assert visit(CLERK).call(API + "availability", archive=office).json()["message"]["holder"] == holder


def test_a_grant_opens_and_a_revocation_closes_the_next_request(visit: Visit, office: str) -> None:
	sales = visit(BORROWER)
	path = f"/api/resource/Customer Archive/{office}"
	assert sales.get(path).status_code == 403
	name = asked(office, method="Consult")
	assert visit(MANAGER).call(API + "approve", name=name).status_code == 200
	assert sales.get(path).status_code == 200
	frappe.db.rollback()
	grant = grants.of_borrowing(name)
	assert sales.call(API + "revoke_grant", grant=grant, reason="x").status_code == 403
	assert visit(CLERK).call(API + "revoke_grant", grant=grant, reason="岗位调整").status_code == 200
	assert sales.get(path).status_code == 403


def test_grants_are_not_written_over_rest(visit: Visit, office: str) -> None:
	name = asked(office, method="Consult")
	do(borrowing.approve, MANAGER, name)
	frappe.db.commit()
	grant = str(grants.of_borrowing(name))
	before = row("Access Grant", grant)
	new = {"user": BORROWER, "archive": office, "starts_on": "2026-01-01", "ends_on": "2999-01-01", "can_read": 1, "can_export": 1}
	for user in (BORROWER, CLERK, factories.email(roles.ARCHIVE_ADMINISTRATOR), "Administrator"):
		visitor = visit(user) if user != "Administrator" else visit(factories.email(roles.CUSTOMER_SERVICE_MANAGER))
		assert visitor.post("/api/resource/Access Grant", new).status_code >= 400
		for values in ({"ends_on": "2999-01-01"}, {"can_export": 1}, {"user": RIVAL}, {"revoked": 1}):
			visitor.put(f"/api/resource/Access Grant/{grant}", values)
		visitor.delete(f"/api/resource/Access Grant/{grant}")
	assert row("Access Grant", grant) == before
	assert frappe.db.count("Access Grant", {"borrowing": ("is", "not set"), "archive": office}) == 0


def test_a_violation_is_not_decided_around_its_steps(visit: Visit, office: str) -> None:
	name = asked(office)
	do(borrowing.approve, MANAGER, name)
	do(borrowing_counter.lend, CLERK, name, 10)
	case = do(borrowing_counter.give_back, CLERK, name, 8, "Damaged")
	frappe.db.commit()
	before = row("Violation", case)
	forged = {"status": "Dropped", "confirmed_by": MANAGER, "person": RIVAL, "replaced_on": "2026-01-01 00:00:00", "docstatus": 1}
	for user in (BORROWER, CLERK, MANAGER):
		visit(user).put(f"/api/resource/Violation/{case}", forged)
		for field, value in forged.items():
			visit(user).call("frappe.client.set_value", doctype="Violation", name=case, fieldname=field, value=value)
		visit(user).delete(f"/api/resource/Violation/{case}")
	assert row("Violation", case) == before
	for user in (BORROWER, CLERK):
		assert visit(user).call(API + "violation_step", name=case, action="confirm").status_code == 417
	assert visit(RIVAL).call(API + "violation_step", name=case, action="confirm").status_code == 403
	assert visit(MANAGER).call(API + "violation_step", name=case, action="confirm").status_code == 200
	assert row("Violation", case)["status"] == "Confirmed"


def test_a_number_that_is_none_is_refused(visit: Visit, office: str) -> None:
	name = asked(office)
	do(borrowing.approve, MANAGER, name)
	frappe.db.commit()
	for pages in ("十", "1.5", "", None, -3, 10**12, [1]):
		assert visit(CLERK).call(API + "lend", name=name, pages=pages).status_code >= 400, pages
	assert row(BORROWING, name)["status"] == "Approved"
