"""Grades over HTTP: a grade counts in the access rules on the next request, and a grade of an archive that one may not see is not found, counted,
guessed, written or forged by any road. R-SEC-08, R-GRD-18, R-DSC-02, R-QRY-01.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import frappe
import pytest
import requests
from frappe.utils import today

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import appeals as rule
from kehu_archive.domain import roles
from kehu_archive.tests import factories, grades, loans
from kehu_archive.tests.security import leaks
from kehu_archive.tests.security.conftest import Visitor

Visit = Callable[[str | None], Visitor]
ASSIGNMENT, RESULT, APPEAL = "Grade Assignment", "Grading Run Result", "Grade Appeal"
DOCTYPES = (ASSIGNMENT, RESULT, APPEAL)
#: A grade that nobody else has: it must not come back to who did not name it.
CODE = "秘级甲"
GRADES = (("A", 100), (CODE, 50), ("B", 10), ("C", 0.0001))


@pytest.fixture
def scheme(db: Any, people: factories.People) -> Iterator[str]:
	"""A committed scheme that access asks, the only one; the site's own come back afterwards."""
	before = frappe.get_all("Grading Scheme", filters={"is_disabled": 0}, pluck="name")
	leaks.ensure_people()
	grades.no_other_schemes()
	name = grades.scheme("对外", GRADES, for_access=1)
	frappe.db.commit()
	yield name
	frappe.db.rollback()
	frappe.set_user("Administrator")
	for doctype in DOCTYPES:
		for row in frappe.get_all(doctype, filters={} if doctype == RESULT else {"scheme": name}, pluck="name"):
			frappe.db.delete(doctype, {"name": row})
	frappe.db.set_value("Grading Scheme", name, {"is_disabled": 1, "for_access": 0})
	for other in before:
		frappe.db.set_value("Grading Scheme", other, "is_disabled", 0)
	frappe.db.commit()
	frappe.clear_cache()


@pytest.fixture
def hidden(scheme: str, people: factories.People) -> dict[str, str]:
	"""A filed core secret with a grade, a result of a run and an appeal, committed: archive and the name of each record."""
	name = grades.customer(secrecy_rank=3, confidentiality="Core Trade Secret")
	grades.give(name, scheme, CODE)
	run = grades.run(scheme, {name: CODE}, status="Computed")
	appeal = frappe.get_doc({"doctype": APPEAL, "archive": name, "scheme": scheme, "wanted_grade": "B", "reason": "密因"}).insert()
	found = {
		"archive": name,
		ASSIGNMENT: str(frappe.db.get_value(ASSIGNMENT, {"archive": name}, "name")),
		RESULT: str(frappe.db.get_value(RESULT, {"run": run}, "name")),
		APPEAL: str(appeal.name),
	}
	frappe.db.commit()
	return found


def opens(visitor: Visitor, archive: str) -> bool:
	return visitor.get(f"/api/resource/{ARCHIVE}/{archive}").status_code == 200


# A grade counts at once


def test_a_customer_that_becomes_grade_a_is_closed_to_the_salesman_on_the_next_request(scheme: str, visit: Visit, people: factories.People) -> None:
	"""R-SEC-08: A is for the manager level and above; the deal that makes him A closes him, the return that unmakes him opens him again."""
	seller, director = visit(roles.SALESPERSON), visit(roles.SALES_DIRECTOR)
	name = grades.customer()
	frappe.db.commit()
	assert opens(seller, name)
	answer = seller.post("/api/resource/Archive Transaction", {"archive": name, "posted_on": today(), "amount": 1_500_000})
	if answer.status_code != 200:
		answer = visit(roles.CUSTOMER_SERVICE_STAFF).post("/api/resource/Archive Transaction", {"archive": name, "posted_on": today(), "amount": 1_500_000})
	assert answer.status_code == 200, answer.text
	frappe.db.rollback()
	assert grades.columns(name) == (scheme, "A")
	assert not opens(seller, name)
	assert opens(director, name)
	assert name not in seller.get(f"/api/resource/{ARCHIVE}", limit_page_length=0).text
	for method in ("why", "history"):
		assert seller.get(f"/api/method/kehu_archive.api.grades.{method}", archive=name).status_code == 403
		assert director.get(f"/api/method/kehu_archive.api.grades.{method}", archive=name).status_code == 200
	back = {"archive": name, "posted_on": today(), "amount": 1_400_000, "transaction_kind": "Return"}
	answer = visit(roles.CUSTOMER_SERVICE_STAFF).post("/api/resource/Archive Transaction", back)
	assert answer.status_code == 200, answer.text
	assert opens(seller, name)


def test_the_salesman_reads_why_and_since_when(scheme: str, visit: Visit) -> None:
	name = grades.customer()
	factories.make_transaction(name, amount=150_000, posted_on=today())
	frappe.db.commit()
	(why,) = visit(roles.SALESPERSON).get("/api/method/kehu_archive.api.grades.why", archive=name).json()["message"]
	assert (why["scheme"], why["grade"], why["purposes"]) == (scheme, "B", ["Access"])
	assert "15 万元" in why["explained"]["stored"]["sentence"]
	assert CODE in why["explained"]["stored"]["raise"][0]
	(row,) = visit(roles.SALESPERSON).get("/api/method/kehu_archive.api.grades.history", archive=name).json()["message"]
	assert (row["grade"], row["change_kind"], row["source"], row["effective_from"]) == ("B", "First Grade", "New Transaction", today())
	assert "reasons" not in row


# Nobody learns


def _listed(visitor: Visitor, doctype: str) -> Iterator[requests.Response]:
	fields = ["name", "archive", "grade"] if doctype != APPEAL else ["name", "archive", "wanted_grade", "reason"]
	code = "grade" if doctype != APPEAL else "wanted_grade"
	columns = json.dumps([f"`tab{doctype}`.`{field}`" for field in fields])
	yield visitor.call("frappe.client.get_list", doctype=doctype, fields=fields, limit_page_length=0)
	yield visitor.get(f"/api/resource/{doctype}", fields=json.dumps(fields), limit_page_length=0)
	yield visitor.call("frappe.desk.reportview.get", doctype=doctype, fields=columns, filters="[]", page_length=5000, start=0)
	yield visitor.call("frappe.desk.reportview.get_list", doctype=doctype, fields=columns, filters="[]", page_length=5000, start=0)
	yield visitor.call(
		"frappe.desk.reportview.export_query", doctype=doctype, file_format_type="CSV", title="x", fields=columns, filters="[]"
	)
	yield visitor.call("frappe.desk.search.search_link", doctype=doctype, txt="", page_length=5000, ignore_user_permissions=1)
	yield visitor.call(
		"frappe.desk.search.search_widget", doctype=doctype, txt="", filter_fields=json.dumps(fields), page_length=5000
	)
	yield visitor.call("frappe.desk.listview.get_group_by_count", doctype=doctype, current_filters="[]", field=code)
	yield visitor.call("frappe.desk.reportview.get_sidebar_stats", doctype=doctype, stats=json.dumps(["_user_tags"]), filters="[]")
	yield visitor.call("frappe.client.get_value", doctype=doctype, fieldname=json.dumps(fields), filters=json.dumps({code: ["!=", "x"]}))
	yield visitor.call("frappe.client.get", doctype=doctype, filters=json.dumps({code: ["!=", "x"]}))
	yield visitor.get("/api/v2/document/" + doctype, fields=json.dumps(fields), limit=5000)


def _named(visitor: Visitor, doctype: str, name: str, archive: str) -> Iterator[requests.Response]:
	yield visitor.get(f"/api/resource/{doctype}/{name}")
	yield visitor.get(f"/api/v2/document/{doctype}/{name}")
	yield visitor.call("frappe.client.get", doctype=doctype, name=name)
	yield visitor.call("frappe.client.get_value", doctype=doctype, fieldname="archive", filters={"name": name})
	yield visitor.call("frappe.client.validate_link", doctype=doctype, docname=name)
	yield visitor.call("frappe.desk.form.load.getdoc", doctype=doctype, name=name)
	yield visitor.call("frappe.desk.form.load.get_docinfo", doctype=doctype, name=name)
	yield visitor.call("frappe.desk.search.get_link_title", doctype=doctype, docname=name)
	yield visitor.call("frappe.desk.search.search_link", doctype=doctype, txt=name)
	yield visitor.call("frappe.www.printview.get_html_and_style", doc=doctype, name=name)
	yield visitor.get("/api/method/frappe.utils.print_format.download_pdf", doctype=doctype, name=name)
	yield visitor.call("frappe.client.get_count", doctype=doctype, filters=json.dumps({"name": name}))
	yield visitor.call("frappe.client.get_list", doctype=doctype, filters=json.dumps({"archive": archive}), limit_page_length=0)
	yield visitor.call("frappe.client.get_count", doctype=doctype, filters=json.dumps({"archive": archive}))
	yield visitor.call("frappe.client.get_count", doctype=doctype, filters=json.dumps([[doctype, "archive", "like", f"{archive[:-1]}%"]]))
	yield visitor.get("/api/method/kehu_archive.api.grades.why", archive=archive)
	yield visitor.get("/api/method/kehu_archive.api.grades.history", archive=archive)


@pytest.mark.parametrize("person", leaks.OUTSIDERS)
@pytest.mark.parametrize("doctype", DOCTYPES)
def test_no_list_search_export_or_count_shows_a_hidden_grade(hidden: dict[str, str], visit: Visit, doctype: str, person: str | None) -> None:
	visitor = visit(person)
	for answer in _listed(visitor, doctype):
		text = answer.text + leaks._unescaped(answer.text)
		shown = [trace for trace in (hidden["archive"], hidden[doctype], CODE, "密因") if trace in text]
		assert not shown, (answer.url, shown, text[:500])
	answer = visitor.call("frappe.client.get_count", doctype=doctype)
	assert answer.status_code in (401, 403) or answer.json()["message"] == 0, answer.text


@pytest.mark.parametrize("person", leaks.OUTSIDERS)
@pytest.mark.parametrize("doctype", DOCTYPES)
def test_a_hidden_record_answers_like_a_missing_one(hidden: dict[str, str], visit: Visit, doctype: str, person: str | None) -> None:
	visitor = visit(person)
	name, archive = hidden[doctype], hidden["archive"]
	missing = name[:-2] + ("zz" if name[-2:] != "zz" else "yy")
	no_archive = archive[:-4] + "9999"
	pairs = zip(_named(visitor, doctype, name, archive), _named(visitor, doctype, missing, no_archive), strict=True)
	for there, gone in pairs:
		told, untold = leaks.shape(there, name, archive), leaks.shape(gone, missing, no_archive)
		assert told == untold, (there.url, told, untold)
		assert CODE not in there.text + leaks._unescaped(there.text)


def test_an_insider_does_see_it(hidden: dict[str, str], visit: Visit) -> None:
	"""Else the tests above would pass on an empty site."""
	keeper = visit(roles.CUSTOMER_SERVICE_MANAGER)
	for doctype in DOCTYPES:
		assert keeper.get(f"/api/resource/{doctype}/{hidden[doctype]}").status_code == 200, doctype
		shown = [answer for answer in _listed(keeper, doctype) if hidden[doctype] in answer.text]
		assert len(shown) >= 5, doctype


def test_a_reading_is_on_record(hidden: dict[str, str], visit: Visit) -> None:
	visit(roles.CUSTOMER_SERVICE_MANAGER).get(f"/api/resource/{ASSIGNMENT}/{hidden[ASSIGNMENT]}")
	frappe.db.rollback()
	assert "Open File" in loans.logged(hidden[ASSIGNMENT])


# Nobody writes


WRITERS = ("Administrator", roles.ARCHIVE_ADMINISTRATOR, roles.CUSTOMER_SERVICE_MANAGER, roles.MARKETING_MANAGER, roles.SALESPERSON, leaks.STRANGER)


def _as(visit: Visit, base_url: str, role: str) -> Visitor:
	if role != "Administrator":
		return visit(role)
	visitor = Visitor(base_url, None)
	visitor.session.post(f"{base_url}/api/method/login", data={"usr": role, "pwd": "admin"}, timeout=30)
	return visitor


@pytest.mark.parametrize("role", WRITERS)
@pytest.mark.parametrize("doctype", [ASSIGNMENT, RESULT])
def test_nobody_writes_a_grade_by_any_road(hidden: dict[str, str], scheme: str, visit: Visit, base_url: str, doctype: str, role: str) -> None:
	visitor = _as(visit, base_url, role)
	name, archive = hidden[doctype], hidden["archive"]
	before = frappe.db.count(doctype)
	forged = {"doctype": doctype, "archive": archive, "scheme": scheme, "grade": "B", "source": "Grading Run", "effective_from": today(), "is_current": 1}
	forged |= {"flags": {"by_service": 1, "ignore_validate": 1}, "current_key": "x"}
	visitor.post(f"/api/resource/{doctype}", forged)
	visitor.call("frappe.client.insert", doc=json.dumps(forged))
	visitor.call("frappe.client.insert_many", docs=json.dumps([forged]))
	visitor.call("frappe.desk.form.save.savedocs", doc=json.dumps({**forged, "__islocal": 1, "name": "new-x"}), action="Save")
	visitor.put(f"/api/resource/{doctype}/{name}", {"grade": "B", "flags": {"by_service": 1}})
	visitor.call("frappe.client.set_value", doctype=doctype, name=name, fieldname="grade", value="B")
	visitor.call("frappe.client.save", doc=json.dumps({**forged, "name": name}))
	visitor.call("frappe.client.rename_doc", doctype=doctype, old_name=name, new_name="other")
	visitor.call(
		"frappe.desk.doctype.bulk_update.bulk_update.submit_cancel_or_update_docs",
		doctype=doctype,
		docnames=json.dumps([name]),
		action="update",
		data=json.dumps({"grade": "B"}),
	)
	visitor.call("frappe.desk.reportview.delete_items", doctype=doctype, items=json.dumps([name]))
	visitor.delete(f"/api/resource/{doctype}/{name}")
	frappe.db.rollback()
	assert frappe.db.count(doctype) == before
	assert frappe.db.get_value(doctype, name, "grade") == CODE


@pytest.mark.parametrize("role", ["Administrator", roles.CUSTOMER_SERVICE_MANAGER, roles.ARCHIVIST])
def test_nobody_writes_the_columns_of_a_bound_scheme(hidden: dict[str, str], scheme: str, visit: Visit, base_url: str, role: str) -> None:
	visitor, archive = _as(visit, base_url, role), hidden["archive"]
	forged = {"access_grade": "C", "access_scheme": "x", "contact_grade": "C", "analysis_grade": "C", "flags": {"by_grading": 1, "in_merge": 1}}
	visitor.put(f"/api/resource/{ARCHIVE}/{archive}", forged)
	for field in ("access_grade", "contact_grade", "analysis_scheme"):
		visitor.call("frappe.client.set_value", doctype=ARCHIVE, name=archive, fieldname=field, value="C")
	answer = visitor.call("kehu_archive.api.classification.set_grade", archive=archive, grade="C", reason="试")
	assert answer.status_code in (403, 417)
	frappe.db.rollback()
	assert grades.columns(archive) == (scheme, CODE)
	assert grades.columns(archive, "contact_grade", "analysis_grade", "analysis_scheme") == (None, None, None)


def test_an_appeal_is_neither_forged_nor_decided_by_who_wrote_it(scheme: str, visit: Visit, people: factories.People) -> None:
	name = grades.customer()
	frappe.db.commit()
	seller, manager = visit(roles.SALESPERSON), visit(roles.MARKETING_MANAGER)
	values = {"archive": name, "scheme": scheme, "wanted_grade": "A", "reason": "战略"}
	assert seller.post(f"/api/resource/{APPEAL}", {**values, "workflow_state": "Approved"}).status_code in (403, 417)
	answer = seller.post(f"/api/resource/{APPEAL}", {**values, "decided_by": people[roles.GENERAL_MANAGER], "applied_by": people[roles.ARCHIVIST]})
	assert answer.status_code == 200, answer.text
	made = answer.json()["data"]
	assert (made["applied_by"], made.get("decided_by"), made["workflow_state"]) == (people[roles.SALESPERSON], None, "Draft")

	def act(visitor: Visitor, action: str) -> requests.Response:
		doc = visitor.get(f"/api/resource/{APPEAL}/{made['name']}").json().get("data", {})
		return visitor.call("frappe.model.workflow.apply_workflow", doc=json.dumps({**doc, "doctype": APPEAL, "name": made["name"]}), action=action)

	assert act(manager, rule.APPROVE).status_code in (403, 417)
	assert act(seller, rule.SUBMIT).status_code == 200
	for visitor in (seller, visit(roles.CUSTOMER_SERVICE_STAFF), visit(leaks.STRANGER), visit(None)):
		assert act(visitor, rule.APPROVE).status_code in (401, 403, 404, 417)
		visitor.put(f"/api/resource/{APPEAL}/{made['name']}", {"workflow_state": "Approved", "flags": {"by_service": 1}})
		visitor.call("frappe.client.set_value", doctype=APPEAL, name=made["name"], fieldname="workflow_state", value="Approved")
		visitor.delete(f"/api/resource/{APPEAL}/{made['name']}")
		frappe.db.rollback()
		assert frappe.db.get_value(APPEAL, made["name"], "workflow_state") == "Submitted"
	assert grades.grade_of(name, scheme) is None
	assert act(manager, rule.APPROVE).status_code == 200
	frappe.db.rollback()
	assert grades.grade_of(name, scheme) == "A"
	assert not opens(seller, name), "what the appeal brought counts in the access rules at once"


def test_a_stranger_cannot_guess_an_archive_by_an_appeal(hidden: dict[str, str], scheme: str, visit: Visit) -> None:
	stranger = visit(leaks.STRANGER)
	values = {"scheme": scheme, "wanted_grade": "A", "reason": "试"}
	no_archive = hidden["archive"][:-4] + "9999"
	there = stranger.post(f"/api/resource/{APPEAL}", {**values, "archive": hidden["archive"]})
	gone = stranger.post(f"/api/resource/{APPEAL}", {**values, "archive": no_archive})
	assert leaks.shape(there, hidden["archive"]) == leaks.shape(gone, no_archive)
	assert there.status_code == 403
	own = grades.customer(department=leaks.ELSEWHERE, responsible=leaks.STRANGER)
	frappe.db.commit()
	there = stranger.post(f"/api/resource/{APPEAL}", {**values, "archive": own, "assignment": hidden[ASSIGNMENT]})
	gone = stranger.post(f"/api/resource/{APPEAL}", {**values, "archive": own, "assignment": "missing0000"})
	assert there.status_code == gone.status_code
