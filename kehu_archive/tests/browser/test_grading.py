"""Grading on the Desk: a preset is switched on, filled in, tried, activated; a run is reviewed and approved; a salesman reads why and applies for a change.

R-GRD-01 to R-GRD-08, R-GRD-18, R-GRD-20 to R-GRD-22, V-03, V-05; form F-04.
"""

from __future__ import annotations

import io
import re
import time
import unicodedata
from collections.abc import Callable, Iterator

import frappe
import pytest
from frappe import _
from frappe.utils import getdate, today
from pypdf import PdfReader

from kehu_archive.constants import ARCHIVE, TRANSACTION
from kehu_archive.domain import grading_presets, lifecycle, roles
from kehu_archive.domain import grading_terms as terms
from kehu_archive.services import grading_presets as presets
from kehu_archive.services import grading_run_job, grading_runs, grading_schemes
from kehu_archive.tests import factories
from kehu_archive.tests.browser.desk import SLOW, Desk

Opener = Callable[..., Desk]
KEY = "key-stable-general"
GRADING = (
	"Grade Appeal",
	"Grading Run Result",
	"Grading Run Count",
	"Grading Run",
	"Grade Assignment",
	"Marketing Plan",
	"Grading Scheme Band",
	"Grading Scheme Factor",
	"Grading Scheme Criterion",
	"Grading Scheme Grade",
	"Grading Scheme Version",
	"Grading Scheme",
)
THRESHOLDS = {
	("重要", terms.LARGEST_CONTRACT): 80,
	("重要", terms.YEAR_TOTAL_OR_DEMAND): 150,
	("稳定", terms.LARGEST_CONTRACT): 40,
	("稳定", terms.YEAR_TOTAL_OR_DEMAND): 60,
}


@pytest.fixture
def graded(site: str, people: factories.People) -> Iterator[str]:
	"""A filed customer with two sales this year, no scheme on the site; everything of grading is gone again afterwards."""
	frappe.db.rollback()
	frappe.set_user("Administrator")
	frappe.local.lang = "zh"
	_forget()
	with factories.acting(people[roles.SALESPERSON]):
		name = str(factories.make_archive().name)
	frappe.db.set_value(ARCHIVE, name, {"workflow_state": lifecycle.FILED, "secrecy_rank": 1, "confidentiality": "Internal"})
	for amount in (900_000, 400_000):
		factories.make_transaction(name, posted_on=today(), amount=amount)
	frappe.db.commit()
	yield name
	frappe.db.rollback()
	frappe.set_user("Administrator")
	_forget()
	frappe.db.delete(TRANSACTION, {"archive": name})
	frappe.db.delete("Archive Contact", {"archive": name})
	frappe.db.delete(ARCHIVE, {"name": name})
	frappe.db.commit()


def _forget() -> None:
	for doctype in GRADING:
		frappe.db.delete(doctype)
	frappe.db.sql(
		"update `tabCustomer Archive` set access_scheme = null, contact_scheme = null, contact_grade = null, analysis_scheme = null, analysis_grade = null"
	)
	frappe.clear_cache()
	frappe.db.commit()


def in_force(manager: str) -> str:
	"""The scheme of 003 with its blanks filled in, activated; its name."""
	with factories.acting(manager):
		found = presets.switch_on(KEY)
		doc = frappe.get_doc("Grading Scheme Version", found["version"])
		for row in doc.criteria:
			row.threshold = THRESHOLDS.get((row.grade, row.metric), row.threshold)
		doc.save()
		grading_schemes.activate(doc.name)
	frappe.db.commit()
	return found["scheme"]


def computed(scheme: str, starter: str) -> str:
	"""A run that waits for approval; no worker runs beside the tests."""
	with factories.acting(starter):
		name = grading_runs.start(scheme, today())
	frappe.db.commit()
	grading_run_job.run(name)
	frappe.db.commit()
	return name


def applied(scheme: str, people: factories.People) -> str:
	name = computed(scheme, people[roles.CUSTOMER_SERVICE_MANAGER])
	with factories.acting(people[roles.MARKETING_MANAGER]):
		grading_runs.approve(name)
	frappe.db.commit()
	grading_run_job.run(name)
	frappe.db.commit()
	return name


def version_of(scheme: str) -> str:
	return str(frappe.db.get_value("Grading Scheme Version", {"scheme": scheme}))


def test_a_preset_is_switched_on_filled_in_tried_and_activated(desk: Opener, graded: str) -> None:
	one = desk(roles.CUSTOMER_SERVICE_MANAGER)
	page = one.open("grading-scheme", '[id="page-List/Grading Scheme/List"] .page-head')
	page.get_by_role("button", name="方案预设").click()
	box = one.dialog()
	cards = box.locator(".ka-preset")
	cards.first.wait_for(timeout=SLOW)
	assert cards.count() == len(grading_presets.PRESETS) == 7
	assert one.english("ABC", "RFM", "VIP") == []
	box.locator(f'[data-preset="{KEY}"]').click()
	page.wait_for_function("cur_frm && cur_frm.doctype === 'Grading Scheme Version'", timeout=SLOW)
	page.locator(".form-message, .form-message-container", has_text=re.compile("未填写的阈值不参与判定|启用前须更正")).first.wait_for(timeout=SLOW)
	page.evaluate(
		"""(asked) => cur_frm.doc.criteria.forEach((row) => {
			const threshold = asked[`${row.grade}/${row.metric}`];
			if (threshold) frappe.model.set_value(row.doctype, row.name, "threshold", threshold);
		})""",
		{f"{grade}/{metric}": value for (grade, metric), value in THRESHOLDS.items()},
	)
	page.get_by_role("button", name="试算").click()
	box = one.dialog()
	box.locator(".ka-simulation").wait_for(timeout=SLOW)
	text = box.inner_text()
	assert "不写入任何数据" in text and "重点" in text and "变动矩阵" in text
	frappe.db.rollback()
	assert not frappe.db.count("Grade Assignment")
	assert frappe.db.get_value("Grading Scheme Criterion", {"grade": "重要", "metric": terms.LARGEST_CONTRACT}, "threshold") in (0, None)
	box.locator(".btn-modal-close").click()
	page.wait_for_selector(".modal.show", state="hidden", timeout=SLOW)
	page.get_by_role("button", name="启用").click()
	one.dialog().locator(".btn-primary:visible").click()
	one.wait_for_state("启用")
	frappe.db.rollback()
	assert frappe.db.get_value("Grading Scheme Version", {"year": getdate(today()).year}, "status") == "Active"


def wait_until_applied(run: str) -> None:
	"""Wait until the site's worker has applied a run, or do its work where there is none: whoever comes second leaves at once."""
	deadline = time.monotonic() + 60
	while time.monotonic() < deadline:
		frappe.db.rollback()
		if frappe.db.get_value("Grading Run", run, "status") != "Applying":
			return
		grading_run_job.run(run)
		frappe.db.commit()
		time.sleep(0.3)


def test_a_run_is_reviewed_and_approved(desk: Opener, graded: str, people: factories.People) -> None:
	scheme = in_force(people[roles.CUSTOMER_SERVICE_MANAGER])
	name = computed(scheme, people[roles.CUSTOMER_SERVICE_MANAGER])
	starter = desk(roles.CUSTOMER_SERVICE_MANAGER)
	page = starter.open(f"grading-run/{name}", ".ka-counts")
	assert page.get_by_role("button", name="批准").count() == 0
	heads = page.locator(".ka-counts thead").inner_text()
	assert "任一条件" in heads and "全部条件" in heads
	approver = desk(roles.MARKETING_MANAGER)
	page = approver.open(f"grading-run/{name}", ".ka-counts")
	page.get_by_role("button", name="批准").wait_for(timeout=SLOW)
	customer = frappe.db.get_value(ARCHIVE, graded, "customer_name")
	stored = frappe.db.get_value("Grading Run Result", {"run": name, "archive": graded}, ["sentence", "change_kind"], as_dict=True)
	assert stored.change_kind == "First Grade"
	page.get_by_role("button", name="批准").click()
	box = approver.dialog()
	box.locator("textarea").fill("同意")
	box.locator(".btn-primary:visible").click()
	page.wait_for_function("cur_frm.doc.status !== 'Computed'", timeout=SLOW)
	wait_until_applied(name)
	run = frappe.db.get_value("Grading Run", name, ["status", "approved_by", "opinion"], as_dict=True)
	assert (run.status, run.approved_by, run.opinion) == ("Applied", people[roles.MARKETING_MANAGER], "同意")
	page = starter.open(f"grading-run/{name}", ".ka-result-table")
	row = page.locator(".ka-result-table tr", has_text=customer)
	row.wait_for(timeout=SLOW)
	assert stored.sentence in row.inner_text()
	page.locator('[data-view="down"]').click()
	page.locator(".ka-results .ka-empty").wait_for(timeout=SLOW)
	row.wait_for(state="detached", timeout=SLOW)


def test_the_archive_says_why_and_the_salesman_applies_for_a_change(
	desk: Opener, graded: str, people: factories.People
) -> None:
	scheme = in_force(people[roles.CUSTOMER_SERVICE_MANAGER])
	applied(scheme, people)
	one = desk(roles.SALESPERSON)
	page = one.archive(graded)
	head = page.locator(".ka-grades-head")
	head.wait_for(timeout=SLOW)
	assert "重点" in head.inner_text() and "分析" in head.inner_text()
	one.tab("tab_grading")
	panel = page.locator(f'.ka-grade-panel[data-scheme="{scheme}"]')
	text = panel.inner_text()
	assert "单笔最大合同额" in text and "90 万元" in text and "≥ 80 万元" in text
	assert panel.locator(".ka-strip-bar").count() == 1 and panel.locator(".ka-ways-down li").count()
	names = frappe.get_all(ARCHIVE, pluck="customer_name")
	assert one.english(people[roles.SALESPERSON].split("@")[0], people[roles.MARKETING_MANAGER].split("@")[0], *names) == []
	assert not one.overflows()
	panel.get_by_role("button", name="申请变更等级").click()
	page.wait_for_function("cur_frm && cur_frm.doctype === 'Grade Appeal'", timeout=SLOW)
	assert page.evaluate("[cur_frm.doc.archive, cur_frm.doc.scheme]") == [graded, scheme]
	one.fill("wanted_grade", "稳定")
	one.fill("reason", "客户今年转产，采购量将下降")
	page.keyboard.press("Control+s")
	page.wait_for_function("cur_frm.doctype === 'Grade Appeal' && !cur_frm.is_new()", timeout=SLOW)
	appeal = page.evaluate("cur_frm.doc.name")
	one.open(f"grade-appeal/{appeal}", ".form-layout")
	one.take_step("提交审批")
	one.wait_for_state("已提交")
	manager = desk(roles.MARKETING_MANAGER)
	page = manager.open(f"grade-appeal/{appeal}", ".form-layout")
	manager.take_step("批准")
	manager.wait_for_state("已批准")
	frappe.db.rollback()
	current = frappe.db.get_value("Grade Assignment", {"archive": graded, "is_current": 1}, ["grade", "source", "appeal"])
	assert current == ("稳定", "Grade Appeal", appeal)
	page = one.archive(graded)
	one.tab("tab_grading")
	page.locator(".ka-history tbody tr").nth(1).wait_for(timeout=SLOW)
	assert "不随数据变化" in page.locator(".ka-grade-panel").first.inner_text()


def test_an_archive_without_a_grade_says_what_brings_one(desk: Opener, graded: str) -> None:
	one = desk(roles.SALESPERSON)
	page = one.archive(graded)
	one.tab("tab_grading")
	empty = page.locator('[data-fieldname="grades_html"] .ka-empty')
	empty.wait_for(timeout=SLOW)
	assert "分级方案启用后" in empty.inner_text()


def test_texts_of_users_are_no_markup(desk: Opener, graded: str, people: factories.People) -> None:
	scheme = in_force(people[roles.CUSTOMER_SERVICE_MANAGER])
	applied(scheme, people)
	frappe.db.set_value("Grading Scheme Grade", {"parent": version_of(scheme), "grade": "重要"}, "strategy", "<img src=x onerror=boom()>")
	frappe.db.commit()
	one = desk(roles.SALESPERSON)
	page = one.archive(graded)
	one.tab("tab_grading")
	panel = page.locator(".ka-grade-panel").first
	panel.wait_for(timeout=SLOW)
	assert "<img src=x onerror=boom()>" in panel.inner_text()
	assert panel.locator("img").count() == 0


def test_reports_lead_to_the_records_behind(desk: Opener, graded: str, people: factories.People) -> None:
	scheme = in_force(people[roles.CUSTOMER_SERVICE_MANAGER])
	applied(scheme, people)
	one = desk(roles.CUSTOMER_SERVICE_MANAGER)
	page = one.open("query-report/Grade Distribution", ".dt-row-0")
	link = page.locator(".dt-row-0 .dt-cell--col-3 a")
	link.wait_for(timeout=SLOW)
	counted = int(link.inner_text())
	assert counted == frappe.db.count(ARCHIVE, {"analysis_grade": "重要", "merged_into": ("is", "not set")})
	assert "analysis_grade" in link.get_attribute("href")
	# People of the tests are called as they log in.
	names = {word for user in people.by_role.values() for word in user.split("@")[0].split(".")}
	for report in ("Class Comparison", "Upgrade Candidates", "Update Due"):
		with page.expect_response(lambda answer: "query_report.run" in answer.url, timeout=SLOW) as ran:
			one.open(f"query-report/{report}", ".page-head")
		assert ran.value.ok and ran.value.json()["message"]["columns"]
		page.locator(".page-head .title-text", has_text=_(report)).first.wait_for(timeout=SLOW)
		assert one.english("CNY", *names) == []


def test_the_evaluation_form_is_printed(desk: Opener, graded: str, people: factories.People) -> None:
	scheme = in_force(people[roles.CUSTOMER_SERVICE_MANAGER])
	applied(scheme, people)
	grade = frappe.db.get_value("Grade Assignment", {"archive": graded})
	one = desk(roles.CUSTOMER_SERVICE_MANAGER)
	answer = one.context.request.get(
		f"{one.base_url}/api/method/frappe.utils.print_format.download_pdf",
		params={"doctype": "Grade Assignment", "name": grade, "format": "Customer Grade Evaluation"},
	)
	assert answer.ok, answer.text()
	text = unicodedata.normalize("NFKC", PdfReader(io.BytesIO(answer.body())).pages[0].extract_text())
	# The font's glyphs of a few characters read as their look-alikes.
	text = "".join(text.replace("戶", "户").split())
	for column in ("客户成交额", "客户信用状况", "对公司利润率贡献", "客户综合实力", "发展前景", "评定等级", "客服部审核"):
		assert column in text, column
	assert "☑重点" in text and "130万元" in text and "密级" in text
