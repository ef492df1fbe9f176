"""The demo's grading: three schemes in force, last year's grades as history, a run applied, one that waits for approval, applications, plans and a lost prospect.

Every step is taken by the person whose step it is. Only last year's grades are placed, for a demo of one day cannot have graded a year ago.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import frappe
from frappe.model.workflow import apply_workflow, get_transitions
from frappe.utils import add_days, getdate, today

from kehu_archive.constants import ARCHIVE
from kehu_archive.demo import marketing, scans, shortcuts
from kehu_archive.demo.journey import acting_as
from kehu_archive.demo.people import user_of
from kehu_archive.demo.reporting import DemoError, progress
from kehu_archive.domain import grading, lifecycle, roles
from kehu_archive.domain import grading_terms as terms
from kehu_archive.services import (
	grade_writing,
	grading_metrics,
	grading_presets,
	grading_run_job,
	grading_runs,
	grading_schemes,
)

SCHEME: Final = "Grading Scheme"
VERSION: Final = "Grading Scheme Version"
RUN: Final = "Grading Run"
ABC: Final = "abc"
CLASSES: Final = "key-stable-general"
CARD: Final = "scorecard"
#: Thresholds of this company in 10,000 CNY, for the blanks of 003 §3.3 and §3.4; the year before asked less.
THRESHOLDS: Final = {
	("重要", terms.CONSECUTIVE_YEARS): 60,
	("重要", terms.LARGEST_CONTRACT): 80,
	("重要", terms.YEAR_TOTAL_OR_DEMAND): 150,
	("重要", terms.NATIONAL_RANK): 10,
	("稳定", terms.CONSECUTIVE_YEARS): 20,
	("稳定", terms.LARGEST_CONTRACT): 40,
	("稳定", terms.YEAR_TOTAL_OR_DEMAND): 60,
}
LAST_YEAR: Final = 0.8
STEPS: Final = 6
#: So many seconds a worker that has taken a run already is waited for.
PATIENCE: Final = 300


def load() -> None:
	"""Bring about what has not happened yet."""
	schemes = {key: _switch_on(key) for key in (ABC, CLASSES, CARD)}
	if not frappe.db.exists(VERSION, {"scheme": schemes[CLASSES], "status": grading_schemes.ACTIVE}):
		_set_up(schemes)
	_done(1)
	_place_last_year(schemes[CLASSES])
	_done(2)
	for key in (ABC, CARD):
		_apply(schemes[key])
	_done(3)
	_propose(schemes[CLASSES])
	_done(4)
	_appeal(schemes[ABC])
	_done(5)
	marketing.plan(schemes[CLASSES])
	marketing.give_up()
	_done(STEPS)


def _done(step: int) -> None:
	# Each step stands by itself; the next run of the demo finds it done.
	frappe.db.commit()
	progress(step, STEPS, "grading")


# -- schemes and their versions ----------------------------------------------------------------------------


def _switch_on(key: str) -> str:
	with acting_as(roles.CUSTOMER_SERVICE_MANAGER):
		return grading_presets.switch_on(key)["scheme"]


def _set_up(schemes: Mapping[str, str]) -> None:
	with acting_as(roles.CUSTOMER_SERVICE_MANAGER):
		for key, scheme in schemes.items():
			draft = str(frappe.db.get_value(VERSION, {"scheme": scheme, "status": grading_schemes.DRAFT}))
			if key == CLASSES:
				_fill_in(draft, 1)
				before = grading_schemes.copy_to_year(draft, getdate(today()).year - 1)
				_fill_in(before, LAST_YEAR)
				grading_schemes.activate(before)
			grading_schemes.activate(draft)
		scheme = frappe.get_doc(SCHEME, schemes[CARD])
		scheme.archive_type = frappe.db.get_value("Archive Type", {"class_code": "HB"})
		scheme.save()


def _fill_in(version: str, share: float) -> None:
	doc = frappe.get_doc(VERSION, version)
	doc.remark = "演示用阈值,金额单位为万元"
	for row in doc.criteria:
		asked = THRESHOLDS.get((row.grade, row.metric))
		if asked and row.metric != terms.NATIONAL_RANK:
			row.threshold = asked * share
		elif asked:
			row.threshold = asked
	doc.save()


# -- grades ------------------------------------------------------------------------------------------------


def _place_last_year(scheme: str) -> None:
	"""The classes as the year before ended, for the customers with Chinese names; they hold until the waiting run is approved."""
	if frappe.db.exists("Grade Assignment", {"scheme": scheme}):
		return
	last = date(getdate(today()).year - 1, 12, 31)
	version = grading_schemes.active_version(scheme, last)
	if not version:
		return
	rules = grading_schemes.load(version)
	names = frappe.get_all(ARCHIVE, filters={"remark": ("like", "演示数据%"), "archive_date": ("<=", last)}, pluck="name", order_by="name")
	measured = grading_metrics.collect(names, rules, last)
	decisions = [
		grade_writing.decision(name, scheme, version, outcome, terms.BY_RUN, as_of=last)
		for name, metrics in measured.items()
		if (outcome := grading.grade(rules, metrics)).grade
	]
	start = date(last.year + 1, 1, 15)
	grade_writing.write(decisions, by=user_of(roles.MARKETING_MANAGER), effective_from=start)
	shortcuts.date_grades(scheme, start)
	shortcuts.age_content(names)


def _computed(scheme: str) -> str:
	with acting_as(roles.CUSTOMER_SERVICE_MANAGER):
		name = str(grading_runs.start(scheme, today()))
	_work(name, "Computed")
	return name


def _work(name: str, until: str) -> None:
	"""Do at once, in this process, what a worker would do; there may be none yet. One that is at it already is waited for.

	Raises:
		DemoError: the run does not come to its end.
	"""
	for _second in range(PATIENCE):
		# The work begins with what is committed, as a worker's does.
		frappe.db.commit()
		grading_run_job.run(name)
		if frappe.db.get_value(RUN, name, "status") == until:
			return
		time.sleep(1)
	raise DemoError(f"Grading Run {name} is {frappe.db.get_value(RUN, name, 'status')} instead of {until}")


def _apply(scheme: str) -> None:
	if frappe.db.exists(RUN, {"scheme": scheme, "status": "Applied"}):
		return
	name = _computed(scheme)
	with acting_as(roles.MARKETING_MANAGER):
		grading_runs.approve(name, "同意按本次评定结果执行")
	_work(name, "Applied")


def _propose(scheme: str) -> None:
	if not frappe.db.exists(RUN, {"scheme": scheme}):
		_computed(scheme)


# -- applications ------------------------------------------------------------------------------------------


def _appeal(scheme: str) -> None:
	"""One application is approved and holds, one is refused, one waits for its decision."""
	if frappe.db.exists("Grade Appeal", {"scheme": scheme}):
		return
	ranked = frappe.get_all(
		"Grade Assignment",
		filters={"scheme": scheme, "is_current": 1, "grade": ("is", "set"), "archive": ("in", _own_archives())},
		fields=["archive", "grade"],
		# Those below the best first; among many poorer customers of others all of them may be best.
		order_by="grade desc, archive asc",
		limit_page_length=3,
	)
	for row, decision in zip(ranked, ("Approved", "Rejected", ""), strict=False):
		_apply_for(row, scheme, decision)


def _own_archives() -> list[str]:
	return list(
		frappe.get_all(
			ARCHIVE,
			filters={"responsible": user_of(roles.SALESPERSON), "workflow_state": lifecycle.FILED, "party_kind": "Organisation"},
			pluck="name",
			order_by="name",
		)
	)


def _apply_for(row: Any, scheme: str, decision: str) -> None:
	# The best grade is closed to the salesman (R-SEC-08); who keeps the file applies for it.
	with acting_as(roles.CUSTOMER_SERVICE_MANAGER if row.grade == "A" else roles.SALESPERSON):
		appeal = frappe.get_doc(
			{
				"doctype": "Grade Appeal",
				"archive": row.archive,
				"scheme": scheme,
				"wanted_grade": "A" if row.grade == "B" else "B",
				"reason": "客户已签订明年框架采购意向,预计采购量翻倍",
				"expires_on": add_days(today(), 180),
				"evidence": scans.attach(row.archive, f"等级变更依据-{row.archive}.pdf", scans.contract()),
			}
		).insert()
		_take(appeal.name, "Submitted")
	if decision:
		with acting_as(roles.MARKETING_MANAGER):
			doc = frappe.get_doc("Grade Appeal", appeal.name)
			doc.opinion = "情况属实,同意" if decision == "Approved" else "意向书尚未签字,待签订后再申请"
			doc.save()
			_take(doc.name, decision)


def _take(appeal: str, state: str) -> None:
	doc = frappe.get_doc("Grade Appeal", appeal)
	apply_workflow(doc, str(next(row.action for row in get_transitions(doc) if row.next_state == state)))
