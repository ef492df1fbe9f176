"""Reports and printed forms of grading: what they show, and that nobody sees customers of others through them.

R-GRD-06, R-GRD-13, R-GRD-20 to R-GRD-22, R-ANA-16; form F-04.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import frappe
import pytest
from frappe.utils import today

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import grading, lifecycle, roles
from kehu_archive.domain import grading_terms as terms
from kehu_archive.kehu_archive.report.class_comparison import class_comparison
from kehu_archive.kehu_archive.report.grade_distribution import grade_distribution
from kehu_archive.kehu_archive.report.update_due import update_due
from kehu_archive.kehu_archive.report.upgrade_candidates import upgrade_candidates
from kehu_archive.printing.grading_forms import Evaluation
from kehu_archive.printing.grading_report import RunReport
from kehu_archive.services import (
	charts,
	grade_faces,
	grade_writing,
	grading_metrics,
	grading_presets,
	grading_reasons,
	grading_schemes,
)
from kehu_archive.tests import factories

KEY = "key-stable-general"
#: 10,000 CNY; the rank as it is.
ASKED = {
	("重要", terms.LARGEST_CONTRACT): 80,
	("重要", terms.YEAR_TOTAL_OR_DEMAND): 150,
	("稳定", terms.LARGEST_CONTRACT): 40,
	("稳定", terms.YEAR_TOTAL_OR_DEMAND): 60,
}
Make = Callable[..., str]


@pytest.fixture
def scheme(db: Any, people: factories.People) -> str:
	"""The scheme of 003 in force for this year and bound to analysis."""
	found = grading_presets.switch_on(KEY)
	doc = frappe.get_doc("Grading Scheme Version", found["version"])
	for row in doc.criteria:
		row.threshold = ASKED.get((row.grade, row.metric), row.threshold)
	doc.save()
	grading_schemes.activate(doc.name)
	return found["scheme"]


@pytest.fixture
def customer(scheme: str, people: factories.People) -> Make:
	"""Makes a filed customer with one sale today, graded."""

	def make(amount: int, **values: Any) -> str:
		name = str(factories.make_archive(**values).name)
		frappe.db.set_value(ARCHIVE, name, {"workflow_state": lifecycle.FILED, "secrecy_rank": 1, "confidentiality": "Internal"})
		factories.make_transaction(name, posted_on=today(), amount=amount)
		version = str(grading_schemes.active_version(scheme))
		rules = grading_schemes.load(version)
		outcome = grading.grade(rules, grading_metrics.collect([name], rules, frappe.utils.getdate(today()))[name])
		grade_writing.assign(name, scheme, version, outcome, terms.BY_RUN, as_of=frappe.utils.getdate(today()))
		return name

	return make


def by_label(rows: list[dict[str, Any]], scheme: str) -> dict[str, int]:
	return {row["label"]: row["customers"] for row in rows if row["scheme"] == scheme}


def test_the_distribution_counts_what_the_reader_may_read(scheme: str, customer: Make, people: factories.People) -> None:
	before = by_label(grade_distribution.execute({})[1], scheme)
	customer(900_000, responsible=people[roles.SALESPERSON])
	customer(450_000, responsible=people[roles.MARKETING_MANAGER], department=factories.ensure_department(factories.FINANCE))
	after = by_label(grade_distribution.execute({})[1], scheme)
	assert after["重点"] - before["重点"] == 1 and after["稳定"] - before["稳定"] == 1
	with factories.acting(people[roles.SALESPERSON]):
		own = by_label(grade_distribution.execute({"scheme": scheme})[1], scheme)
	readable = set(frappe.get_all("Grade Assignment", filters={"scheme": scheme, "is_current": 1}, pluck="archive"))
	with factories.acting(people[roles.SALESPERSON]):
		readable &= set(frappe.get_list(ARCHIVE, pluck="name", limit_page_length=0))
	assert sum(own[label] for label in ("重点", "稳定", "一般", "潜在")) == len(readable)


@pytest.mark.parametrize("dimension", ["Region", "Department", "Responsible Salesperson"])
def test_the_distribution_by_place_adds_up(scheme: str, customer: Make, dimension: str) -> None:
	customer(900_000, region="华东")
	customer(1_000, region="")
	_columns, rows, _remark, chart = grade_distribution.execute({"scheme": scheme, "group_by": dimension})
	for row in rows:
		assert row["total"] == sum(row[f"grade_{number}"] for number in range(len(row["codes"])))
	whole = by_label(grade_distribution.execute({"scheme": scheme})[1], scheme)
	assert sum(row["total"] for row in rows) == sum(whole.values())
	assert chart


def test_classes_are_compared_by_needs_and_behaviour(scheme: str, customer: Make) -> None:
	before = {row["grade"]: row for row in class_comparison.execute({"scheme": scheme})[1]}
	name = customer(900_000)
	doc = frappe.get_doc(ARCHIVE, name)
	doc.append("needs", {"noted_on": today(), "need": "扩产", "amount": 250_000})
	doc.append("needs", {"noted_on": today(), "need": "维保", "amount": 90_000, "status": "Met"})
	doc.flags.ignore_permissions = True
	doc.save()
	after = {row["grade"]: row for row in class_comparison.execute({"scheme": scheme})[1]}

	def gained(field: str) -> float:
		return after["重要"][field] - before.get("重要", {}).get(field, 0)

	assert (gained("customers"), gained("deals"), gained("amount")) == (1, 1, 900_000)
	assert (gained("needs"), gained("demand"), gained("active")) == (1, 250_000, 1)


def test_reports_are_refused_to_who_reads_no_grades(scheme: str, people: factories.People) -> None:
	stranger = factories.ensure_user("no.grades@kehu.test")
	with factories.acting(stranger):
		for report in (grade_distribution, class_comparison, upgrade_candidates, update_due):
			with pytest.raises(frappe.PermissionError):
				report.execute({})


def test_the_updates_due_are_those_of_the_readers_archives(scheme: str, customer: Make) -> None:
	frappe.db.set_value("Grading Scheme", scheme, "for_contact", 1)
	frappe.db.sql("update `tabGrading Scheme` set for_contact = 0 where name <> %s", scheme)
	name = customer(900_000)
	frappe.db.sql("update `tabCustomer Archive` set content_changed_on = %s - interval 14 month where name = %s", (today(), name))
	frappe.db.sql("update `tabArchive Contact` set modified = %s - interval 14 month where archive = %s", (today(), name))
	rows = update_due.execute({})[1]
	row = next(one for one in rows if one["archive"] == name)
	assert (row["label"], row["months"]) == ("重点", 3)
	assert row["days_late"] > 300


def test_the_chart_counts_every_grade(scheme: str, customer: Make) -> None:
	customer(900_000)
	shown = charts.customers_by_grade()
	assert shown["labels"] == ["重点", "稳定", "一般", "潜在", "未分级"]
	assert shown["datasets"][0]["values"][0] >= 1


def test_the_evaluation_form_shows_factors_conditions_and_conclusion(scheme: str, customer: Make) -> None:
	name = customer(450_000)
	shown = Evaluation(frappe.get_doc("Grade Assignment", {"archive": name, "is_current": 1}))
	assert [row.label for row in shown.factors][:6] == ["客户成交额", "客户信用状况", "对公司利润率贡献", "客户需求", "客户综合实力", "发展前景"]
	contract = next(row for row in shown.conditions if row.label == "单笔合同额")
	assert contract.value == "45 万元"
	assert contract.asked == ("□ 重点: ≥ 80 万元", "☑ 稳定: ≥ 40 万元")
	assert shown.grades == ["□重点", "☑稳定", "□一般", "□潜在"]
	assert shown.previous == "无" and "☑首次评定" in shown.trend


def test_a_run_report_names_only_printable_customers(scheme: str, customer: Make, people: factories.People) -> None:
	name = customer(900_000, responsible=people[roles.SALESPERSON])
	run = frappe.get_doc({"doctype": "Grading Run", "scheme": scheme, "as_of": today()}).insert()
	outcome = grading_reasons.unpack(frappe.db.get_value("Grade Assignment", {"archive": name}, "reasons"))
	assert outcome
	result = frappe.get_doc(
		{
			"doctype": "Grading Run Result",
			"run": run.name,
			"archive": name,
			"change_kind": "Up",
			"grade": "重要",
			"candidate_for": "",
			"sentence": "理由",
		}
	)
	result.set_new_name()
	result.db_insert()
	assert [row.archive for row in RunReport(run).changes] == [name]
	with factories.acting(factories.ensure_user("other.sales@kehu.test", roles.SALESPERSON)):
		assert [row.archive for row in RunReport(run).changes] == []


def test_a_grade_wears_its_face(scheme: str, customer: Make) -> None:
	from kehu_archive.services import grade_assignments

	name = customer(900_000)
	shown = grade_faces.dressed(name, grade_assignments.why(name))
	row = next(one for one in shown if one["scheme"] == scheme)
	assert row["colour"] == "red" and "重要客户" in row["description"] and row["strategy"]
	former = grade_faces.coloured(grade_assignments.history(name))
	assert [one["colour"] for one in former] == ["red"]
