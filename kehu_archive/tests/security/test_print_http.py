"""Printing by every road, as real users over HTTP: who may not print gets nothing, who may is marked and on record.

R-ACC-11, R-SEC-02, R-DSC-07; leak channel 14 of the framework (print).
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import frappe
import pytest
import requests
from frappe.utils import now_datetime
from pypdf import PdfReader

from kehu_archive.domain import roles
from kehu_archive.permissions import facts
from kehu_archive.services import grants
from kehu_archive.tests import factories, papers

from .conftest import Visitor

Visit = Callable[[str | None], Visitor]
Road = Callable[[Visitor, str, str], requests.Response]
ARCHIVE = "Customer Archive"
OUTSIDER = "portal.visitor@kehu.test"


def by_view(visitor: Visitor, doctype: str, name: str) -> requests.Response:
	return visitor.get("/printview", doctype=doctype, name=name)


def by_path(visitor: Visitor, doctype: str, name: str) -> requests.Response:
	return visitor.get(f"/{doctype}/{name}")


def by_preview(visitor: Visitor, doctype: str, name: str) -> requests.Response:
	return visitor.call("frappe.www.printview.get_html_and_style", doc=doctype, name=name)


def by_sent_document(visitor: Visitor, doctype: str, name: str) -> requests.Response:
	sent = json.dumps({"doctype": doctype, "name": name, "responsible": "", "owner": "Administrator"})
	return visitor.call("frappe.www.printview.get_html_and_style", doc=sent)


def by_pdf(visitor: Visitor, doctype: str, name: str) -> requests.Response:
	return visitor.get("/api/method/frappe.utils.print_format.download_pdf", doctype=doctype, name=name)


def by_pdf_with_document(visitor: Visitor, doctype: str, name: str) -> requests.Response:
	return visitor.call(
		"frappe.utils.print_format.download_pdf",
		doctype=doctype,
		name=name,
		doc={"doctype": doctype, "name": name},
	)


def by_many(visitor: Visitor, doctype: str, name: str) -> requests.Response:
	return visitor.get(
		"/api/method/frappe.utils.print_format.download_multi_pdf", doctype=doctype, name=json.dumps([name])
	)


def by_many_kinds(visitor: Visitor, doctype: str, name: str) -> requests.Response:
	return visitor.call("frappe.utils.print_format.download_multi_pdf", doctype={doctype: [name]}, name="all")


def by_many_later(visitor: Visitor, doctype: str, name: str) -> requests.Response:
	return visitor.call(
		"frappe.utils.print_format.download_multi_pdf_async", doctype=doctype, name=json.dumps([name])
	)


def by_builder(visitor: Visitor, doctype: str, name: str) -> requests.Response:
	return visitor.get(
		"/api/method/frappe.utils.weasyprint.download_pdf",
		doctype=doctype,
		name=name,
		print_format="Standard",
	)


def by_network_printer(visitor: Visitor, doctype: str, name: str) -> requests.Response:
	return visitor.call(
		"frappe.utils.print_format.print_by_server",
		doctype=doctype,
		name=name,
		printer_setting="x",
		file_path="/dev/null",
	)


ROADS: tuple[Road, ...] = (
	by_view,
	by_path,
	by_preview,
	by_sent_document,
	by_pdf,
	by_pdf_with_document,
	by_many,
	by_many_kinds,
	by_many_later,
	by_builder,
	by_network_printer,
)


@dataclass(frozen=True)
class Cabinet:
	"""An archive of the salesperson that is not classified yet, its customer's name, and requests about it."""

	archive: str
	customer: str
	contact: str
	sensitive: str
	borrowing: str
	hidden_borrowing: str
	hidden_customer: str


@pytest.fixture(scope="module")
def cabinet(site: str, people: factories.People) -> Iterator[Cabinet]:
	"""Everything committed, as the web server must see it; the requests are taken out again."""
	frappe.db.rollback()
	frappe.set_user("Administrator")
	with factories.acting(people[roles.SALESPERSON]):
		doc = factories.make_archive()
	hidden = factories.make_archive(
		department=factories.ensure_department(factories.FINANCE), responsible=people[roles.FINANCE_AUDITOR]
	)
	sensitive = frappe.get_doc(
		{
			"doctype": "Sensitive Record",
			"archive": doc.name,
			"record_kind": "Bank Account",
			"value": "6222021234567890123",
		}
	).insert()
	asked = papers.borrowing(people[roles.SALESPERSON], doc.name)
	asked_hidden = papers.borrowing(people[roles.SALESPERSON], hidden.name)
	frappe.db.commit()
	contact = frappe.db.get_value("Archive Contact", {"archive": doc.name})
	yield Cabinet(
		doc.name, doc.customer_name, contact, sensitive.name, asked, asked_hidden, hidden.customer_name
	)
	frappe.db.rollback()
	papers.remove({"Archive Borrowing": [asked, asked_hidden]})


def entries(action: str, name: str, user: str) -> int:
	frappe.db.rollback()
	return int(frappe.db.count("Access Log Entry", {"action": action, "document_name": name, "user": user}))


def pages(answer: requests.Response) -> list[str]:
	assert answer.headers["Content-Type"].startswith("application/pdf"), answer.text[-800:]
	return [page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages]


def message(answer: requests.Response) -> str:
	"""What the person reads; JSON answers write Chinese as escapes."""
	try:
		body = answer.json()
	except ValueError:
		return answer.text
	parts = [body.get("_server_messages") or "", body.get("exception") or ""]
	return " ".join(
		json.loads(f'"{part}"') if "\\u" in part and '"' not in part else _unescaped(part) for part in parts
	)


def _unescaped(text: str) -> str:
	for _round in range(3):
		text = text.replace("\\\\", "\\")
	return text.encode().decode("unicode_escape", errors="ignore") if "\\u" in text else text


# ---- who may not print ----


@pytest.mark.parametrize("road", ROADS, ids=lambda road: road.__name__)
def test_a_reader_without_approval_prints_by_no_road(
	road: Road, visit: Visit, people: factories.People, cabinet: Cabinet
) -> None:
	visitor = visit(roles.SALESPERSON)
	assert visitor.get(f"/api/resource/{ARCHIVE}/{cabinet.archive}").status_code == 200, "may read it"
	prints = [entries(action, cabinet.archive, people[roles.SALESPERSON]) for action in ("Print", "PDF")]
	answer = road(visitor, ARCHIVE, cabinet.archive)
	assert answer.status_code in (403, 404, 417), answer.text[:300]
	assert cabinet.customer not in answer.text and cabinet.customer not in message(answer)
	assert prints == [
		entries(action, cabinet.archive, people[roles.SALESPERSON]) for action in ("Print", "PDF")
	]


@pytest.mark.parametrize("road", (by_view, by_preview, by_pdf), ids=lambda road: road.__name__)
def test_the_refusal_says_how_to_apply(road: Road, visit: Visit, cabinet: Cabinet) -> None:
	answer = road(visit(roles.SALESPERSON), ARCHIVE, cabinet.archive)
	assert answer.status_code == 403
	assert "借阅" in message(answer) and "复印" in message(answer)


@pytest.mark.parametrize("doctype", ("Archive Contact", ARCHIVE))
def test_what_hangs_on_the_archive_is_printed_no_more_than_the_archive(
	doctype: str, visit: Visit, cabinet: Cabinet
) -> None:
	name = cabinet.archive if doctype == ARCHIVE else cabinet.contact
	assert by_pdf(visit(roles.SALESPERSON), doctype, name).status_code == 403
	assert by_pdf(visit(roles.ARCHIVIST), doctype, name).status_code == 200


def test_one_forbidden_document_stops_the_whole_stack(visit: Visit, cabinet: Cabinet) -> None:
	own = {"Archive Borrowing": [cabinet.borrowing], ARCHIVE: [cabinet.archive]}
	answer = visit(roles.SALESPERSON).call(
		"frappe.utils.print_format.download_multi_pdf", doctype=own, name="all"
	)
	assert answer.status_code == 403


@pytest.mark.parametrize("road", ROADS, ids=lambda road: road.__name__)
@pytest.mark.parametrize("who", ("guest", "portal"))
def test_guests_and_portal_users_print_nothing(
	who: str, road: Road, visit: Visit, people: factories.People, cabinet: Cabinet
) -> None:
	if who == "portal":
		factories.ensure_user(OUTSIDER, user_type="Website User", pledged=False)
		frappe.db.commit()
	answer = road(visit(OUTSIDER if who == "portal" else None), ARCHIVE, cabinet.archive)
	assert answer.status_code in (401, 403, 404, 417)
	assert cabinet.customer not in answer.text


def test_a_share_key_opens_nothing(visit: Visit, cabinet: Cabinet) -> None:
	frappe.db.rollback()
	frappe.set_user("Administrator")
	# The app refuses to make such keys; one from before the app was installed is simply there.
	key = frappe.generate_hash(length=32)
	share = frappe.get_doc(
		{
			"doctype": "Document Share Key",
			"reference_doctype": ARCHIVE,
			"reference_docname": cabinet.archive,
			"key": key,
			"expires_on": "2099-12-31",
		}
	)
	share.db_insert()
	frappe.db.commit()
	guest = visit(None)
	for answer in (
		guest.get("/printview", doctype=ARCHIVE, name=cabinet.archive, key=key),
		guest.get(f"/{ARCHIVE}/{cabinet.archive}", key=key),
		guest.get(
			"/api/method/frappe.utils.print_format.download_pdf",
			doctype=ARCHIVE,
			name=cabinet.archive,
			key=key,
		),
	):
		assert answer.status_code in (401, 403), answer.text[:300]
		assert cabinet.customer not in answer.text
	frappe.db.delete("Document Share Key", {"key": key})
	frappe.db.commit()


@pytest.mark.parametrize("role", (roles.ARCHIVIST, roles.CUSTOMER_SERVICE_MANAGER, roles.GENERAL_MANAGER))
@pytest.mark.parametrize("road", (by_view, by_preview, by_pdf, by_many), ids=lambda road: road.__name__)
def test_sensitive_records_are_printed_by_nobody(
	role: str, road: Road, visit: Visit, cabinet: Cabinet
) -> None:
	answer = road(visit(role), "Sensitive Record", cabinet.sensitive)
	assert answer.status_code in (403, 404, 417)
	assert "6222" not in answer.text


def test_rows_are_printed_with_their_document_only(visit: Visit, cabinet: Cabinet) -> None:
	row = frappe.db.get_value("Archive Approval Step", {"parent": cabinet.borrowing})
	for road in (by_view, by_preview, by_pdf):
		answer = road(visit(roles.ARCHIVIST), "Archive Approval Step", row)
		assert answer.status_code in (403, 404, 417)
		assert "同意查阅" not in answer.text


def test_what_does_not_exist_is_refused_like_what_is_forbidden(visit: Visit, cabinet: Cabinet) -> None:
	visitor = visit(roles.SALESPERSON)
	hidden = frappe.db.get_value("Archive Borrowing", cabinet.hidden_borrowing, "archive")
	answers = [by_pdf(visitor, ARCHIVE, name) for name in (hidden, "QZ99-KH-2099-99999")]
	assert answers[0].status_code == answers[1].status_code == 403
	assert answers[0].text.replace(hidden, "") == answers[1].text.replace("QZ99-KH-2099-99999", "")


# ---- who may ----


def test_a_keeper_sees_mark_and_watermark_in_the_browser(
	visit: Visit, people: factories.People, cabinet: Cabinet
) -> None:
	archivist = people[roles.ARCHIVIST]
	full_name = frappe.db.get_value("User", archivist, "full_name")
	for road in (by_view, by_preview):
		before = entries("Print", cabinet.archive, archivist)
		answer = road(visit(roles.ARCHIVIST), ARCHIVE, cabinet.archive)
		assert answer.status_code == 200, answer.text[-500:]
		text = answer.text if road is by_view else answer.json()["message"]["html"]
		assert cabinet.customer in text
		assert 'class="kehu-mark"' in text and "密级：未定密" in text
		assert text.count(f"{full_name} &lt;{archivist}&gt;") >= 20
		assert frappe.utils.today() in text
		assert entries("Print", cabinet.archive, archivist) == before + 1


@pytest.mark.parametrize(
	"road", (by_pdf, by_pdf_with_document, by_many, by_many_kinds), ids=lambda road: road.__name__
)
def test_a_keepers_pdf_is_stamped_on_every_page_and_recorded(
	road: Road, visit: Visit, people: factories.People, cabinet: Cabinet
) -> None:
	archivist = people[roles.ARCHIVIST]
	full_name = frappe.db.get_value("User", archivist, "full_name")
	before = entries("PDF", cabinet.archive, archivist)
	texts = pages(road(visit(roles.ARCHIVIST), ARCHIVE, cabinet.archive))
	for number, text in enumerate(texts, start=1):
		assert "密级：未定密" in text
		assert text.count(f"{full_name} <{archivist}>") >= 2
		assert text.count(frappe.utils.today()) >= 2
		assert f"第 {number} 页 共 {len(texts)} 页" in text
	assert entries("PDF", cabinet.archive, archivist) == before + 1


def test_a_stack_carries_the_highest_confidentiality(visit: Visit, cabinet: Cabinet) -> None:
	frappe.db.rollback()
	frappe.set_user("Administrator")
	other = factories.make_archive()
	frappe.db.set_value(ARCHIVE, other.name, "confidentiality", "Internal")
	frappe.db.commit()
	answer = visit(roles.ARCHIVIST).get(
		"/api/method/frappe.utils.print_format.download_multi_pdf",
		doctype=ARCHIVE,
		name=json.dumps([other.name, cabinet.archive]),
	)
	texts = pages(answer)
	assert len(texts) >= 2 and all("密级：未定密" in text and "密级：内部" not in text for text in texts)
	(single, *_more) = pages(by_pdf(visit(roles.ARCHIVIST), ARCHIVE, other.name))
	assert "密级：内部" in single


def test_switching_the_watermark_off_leaves_the_mark(
	visit: Visit, people: factories.People, cabinet: Cabinet
) -> None:
	_switch_watermark(0)
	try:
		html = by_view(visit(roles.ARCHIVIST), ARCHIVE, cabinet.archive).text
		(text, *_more) = pages(by_pdf(visit(roles.ARCHIVIST), ARCHIVE, cabinet.archive))
	finally:
		_switch_watermark(1)
	assert "密级：未定密" in html and 'class="kehu-watermark"' not in html
	assert "密级：未定密" in text and people[roles.ARCHIVIST] not in text


def _switch_watermark(value: int) -> None:
	frappe.db.rollback()
	frappe.db.set_single_value("Kehu Archive Settings", "watermark", value) if hasattr(
		frappe.db, "set_single_value"
	) else frappe.db.set_value("Kehu Archive Settings", "Kehu Archive Settings", "watermark", value)
	frappe.db.commit()
	frappe.clear_document_cache("Kehu Archive Settings", "Kehu Archive Settings")


def test_printing_opens_with_the_approved_copy_and_closes_with_it(
	visit: Visit, people: factories.People, cabinet: Cabinet
) -> None:
	"""R-ACC-11: before the approval neither button nor print, afterwards both, after the revocation neither."""
	visitor, user = visit(roles.SALESPERSON), people[roles.SALESPERSON]

	def button() -> bool:
		answer = visitor.call("kehu_archive.api.printing.may_print", doctype=ARCHIVE, name=cabinet.archive)
		return bool(answer.json()["message"])

	assert not button() and by_pdf(visitor, ARCHIVE, cabinet.archive).status_code == 403
	frappe.db.rollback()
	frappe.set_user("Administrator")
	grant = grants.issue(
		user,
		cabinet.archive,
		ends_on=now_datetime() + timedelta(hours=1),
		operations=("read", "copy", "print"),
		borrowing=cabinet.borrowing,
		copies=1,
	)
	frappe.db.set_value("Archive Borrowing", cabinet.borrowing, {"method": "Photocopy", "copies": 2, "copies_made": 1})
	frappe.db.commit()
	try:
		assert button()
		assert by_preview(visitor, ARCHIVE, cabinet.archive).status_code == 200
		assert button(), "the PDF belongs to the preview"
		assert any(user in text for text in pages(by_pdf(visitor, ARCHIVE, cabinet.archive)))
		frappe.db.rollback()
		assert frappe.db.get_value("Access Grant", grant, "copies_left") == 0, "the print was the one copy"
		assert frappe.db.get_value("Archive Borrowing", cabinet.borrowing, "copies_made") == 2
		frappe.db.sql("update `tabArchive Reading Slip` set read_on = read_on - interval 11 minute where parent = %s", cabinet.borrowing)
		frappe.db.commit()
		assert not button()
		for road in (by_pdf, by_view, by_preview, by_many):
			answer = road(visitor, ARCHIVE, cabinet.archive)
			assert answer.status_code == 403 and "份数已用完" in message(answer), road.__name__
			assert cabinet.customer not in answer.text
		assert by_pdf(visitor, "Archive Contact", cabinet.contact).status_code == 403
	finally:
		frappe.db.rollback()
		facts.forget()
		grants.revoke(grant, "test")
		frappe.db.commit()
	assert not button() and by_pdf(visitor, ARCHIVE, cabinet.archive).status_code == 403


def test_the_applicant_prints_his_request_without_the_hidden_customers_name(
	visit: Visit, cabinet: Cabinet
) -> None:
	visitor = visit(roles.SALESPERSON)
	for name, customer in (
		(cabinet.borrowing, cabinet.customer),
		(cabinet.hidden_borrowing, cabinet.hidden_customer),
	):
		for form in ("Borrowing Application", "Standard"):
			answer = visitor.get("/printview", doctype="Archive Borrowing", name=name, format=form)
			assert answer.status_code == 200, answer.text[-500:]
			if form == "Borrowing Application" and name == cabinet.borrowing:
				assert customer in answer.text
			assert cabinet.hidden_customer not in answer.text


def test_only_what_is_stored_is_printed(visit: Visit, cabinet: Cabinet) -> None:
	"""A document sent along could name another archive, whose title the framework would look up."""
	hidden = frappe.db.get_value("Archive Borrowing", cabinet.hidden_borrowing, "archive")
	sent = {
		"doctype": "Archive Borrowing",
		"name": cabinet.borrowing,
		"archive": hidden,
		"remark": "FORGED",
		"applicant": "Administrator",
	}
	answer = visit(roles.SALESPERSON).call("frappe.www.printview.get_html_and_style", doc=json.dumps(sent))
	assert answer.status_code == 200, answer.text[-500:]
	html = answer.json()["message"]["html"]
	assert "FORGED" not in html and hidden not in html and cabinet.hidden_customer not in html
	assert cabinet.archive in html and "轻拿轻放" in html
	sent["name"] = "new-archive-borrowing-1"
	answer = visit(roles.SALESPERSON).call("frappe.www.printview.get_html_and_style", doc=json.dumps(sent))
	assert answer.status_code == 403


# ---- lists and reports printed from the browser ----


def test_a_report_printed_from_the_browser_gets_its_mark_and_is_recorded(
	visit: Visit, people: factories.People, cabinet: Cabinet
) -> None:
	archivist = people[roles.ARCHIVIST]
	before = entries("Print", "客户清单", archivist)
	answer = visit(roles.ARCHIVIST).call(
		"kehu_archive.api.printing.mark_report",
		doctype=ARCHIVE,
		names=[cabinet.archive],
		archives=[cabinet.archive],
		title="客户清单",
	)
	html = answer.json()["message"]
	assert "密级：未定密" in html and archivist in html
	assert entries("Print", "客户清单", archivist) == before + 1
	guest = visit(None).call("kehu_archive.api.printing.mark_report", doctype=ARCHIVE, names=[], archives=[])
	assert guest.status_code in (401, 403)


def test_the_mark_tells_nothing_about_archives_that_one_may_not_read(visit: Visit, cabinet: Cabinet) -> None:
	hidden = frappe.db.get_value("Archive Borrowing", cabinet.hidden_borrowing, "archive")
	answer = visit(roles.SALESPERSON).call(
		"kehu_archive.api.printing.mark_report",
		doctype="Archive Borrowing",
		names=[],
		archives=[hidden],
		title="x",
	)
	assert "密级：内部资料" in answer.json()["message"]


def test_a_page_made_a_pdf_is_stamped_for_whoever_reads_archives(
	visit: Visit, people: factories.People
) -> None:
	html = "<html><head></head><body><div class='print-format'>page of a report</div></body></html>"
	(text,) = pages(visit(roles.SALESPERSON).call("frappe.utils.print_format.report_to_pdf", html=html))
	assert (
		"pageofareport" in "".join(text.split())
		and people[roles.SALESPERSON] in text
		and "密级：内部资料" in text
	)


def test_the_archives_named_in_a_page_settle_its_mark(visit: Visit, cabinet: Cabinet) -> None:
	hidden = frappe.db.get_value("Archive Borrowing", cabinet.hidden_borrowing, "archive")
	page = '<html><head><meta name="kehu-archives" content="{0}"></head><body>rows</body></html>'
	for archive, mark in (
		(cabinet.archive, "密级：未定密"),
		(hidden, "密级：内部资料"),
		("' or 1=1", "密级：内部资料"),
	):
		answer = visit(roles.SALESPERSON).call(
			"frappe.utils.print_format.report_to_pdf", html=page.format(archive)
		)
		assert mark in pages(answer)[0], archive


def test_other_doctypes_print_as_before(visit: Visit, people: factories.People) -> None:
	frappe.db.rollback()
	frappe.set_user("Administrator")
	owner = people[roles.SALESPERSON]
	task = frappe.get_doc(
		{"doctype": "ToDo", "description": "call back", "allocated_to": owner, "owner": owner}
	).insert()
	frappe.db.commit()
	visitor = visit(roles.SALESPERSON)
	view, pdf = by_view(visitor, "ToDo", task.name), by_pdf(visitor, "ToDo", task.name)
	frappe.delete_doc("ToDo", task.name, force=True)
	frappe.db.commit()
	assert view.status_code == 200 and "call back" in view.text
	assert "kehu-" not in view.text
	assert "密级" not in "".join(pages(pdf))


def test_a_kept_document_counts_as_one_print_each_time(
	visit: Visit, people: factories.People, cabinet: Cabinet
) -> None:
	archivist: Any = people[roles.ARCHIVIST]
	before = entries("Print", cabinet.borrowing, archivist)
	for _time in range(3):
		assert by_view(visit(roles.ARCHIVIST), "Archive Borrowing", cabinet.borrowing).status_code == 200
	assert entries("Print", cabinet.borrowing, archivist) == before + 3
