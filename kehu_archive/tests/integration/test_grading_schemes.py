"""Grading schemes on a real site: presets, versions, activation, purposes and marketing plans, each step by real people (R-GRD-01 to -22, R-MKT-01, V-03)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import frappe
import pytest
from frappe.utils import today

from kehu_archive.api import grading_schemes as api
from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import grading_presets as data
from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain import roles
from kehu_archive.exceptions import GradingError, InvalidFieldsError
from kehu_archive.services import grading_presets, grading_purposes, grading_schemes
from kehu_archive.services.grading_schemes import ACTIVE, DRAFT, ENDED, SCHEME, VERSION
from kehu_archive.tests import factories
from kehu_archive.tests.factories import acting

#: The site's year; its clock runs on this zone.
YEAR = datetime.now(ZoneInfo("Asia/Shanghai")).year
TABLES = ("Grading Scheme", "Grading Scheme Version", "Grading Scheme Grade", "Grade Assignment", "Grading Run", "Grade Appeal", "Marketing Plan")


@pytest.fixture
def setting(db: Any, people: factories.People) -> Iterator[factories.People]:
	"""A site without any scheme, as the manager of customer service."""
	empty()
	frappe.set_user(people[roles.CUSTOMER_SERVICE_MANAGER])
	yield people
	frappe.set_user("Administrator")
	frappe.db.rollback()
	frappe.clear_cache(doctype=SCHEME)


def empty() -> None:
	for doctype in TABLES:
		frappe.db.delete(doctype)


def make_scheme(name: str = "测试方案", method: str = terms.THRESHOLDS, **values: Any) -> Any:
	return frappe.get_doc({"doctype": SCHEME, "scheme_name": name, "method": method, **values}).insert()


def money(scheme: str, year: int = YEAR, **values: Any) -> Any:
	"""A version of two grades by the year's total: 重要 from 100 (10,000 CNY), 一般 from 1."""
	return frappe.get_doc(
		{
			"doctype": VERSION,
			"scheme": scheme,
			"year": year,
			"grades": [{"grade": "重要", "label": "重点"}, {"grade": "一般"}],
			"criteria": [
				{"grade": "重要", "metric": terms.YEAR_TOTAL, "threshold": 100},
				{"grade": "一般", "metric": terms.DEALS, "threshold": 1, "is_always": 1},
			],
			**values,
		}
	).insert()


def quotas(scheme: str, *shares: float, **values: Any) -> Any:
	grades = [{"grade": code, "share": share} for code, share in zip("ABC", shares, strict=False)]
	return frappe.get_doc(
		{"doctype": VERSION, "scheme": scheme, "year": YEAR, "grades": grades, "score_by": terms.BY_TOTAL, **values}
	).insert()


def scorecard(scheme: str, weights: tuple[float, float] = (60, 40), bands: Any = ((None, 10, 20), (10, None, 90)), **values: Any) -> Any:
	"""The yearly total in bands and the credit as people judge it."""
	return frappe.get_doc(
		{
			"doctype": VERSION,
			"scheme": scheme,
			"year": YEAR,
			"grades": [{"grade": "重点", "score_from": 80}, {"grade": "一般", "score_from": 0}],
			"factors": [{"metric": terms.YEAR_TOTAL, "weight": weights[0]}, {"metric": terms.CREDIT, "weight": weights[1]}],
			"bands": [
				{"metric": terms.YEAR_TOTAL, "value_from": lower, "value_to": upper, "points": points} for lower, upper, points in bands
			],
			**values,
		}
	).insert()


def refusal(name: str) -> str:
	"""What activation says; the version stays a draft."""
	with pytest.raises(InvalidFieldsError) as refused:
		api.activate(name)
	assert frappe.db.get_value(VERSION, name, "status") == DRAFT
	shown = str(frappe.local.message_log[-1]) if frappe.local.message_log else ""
	return f"{refused.value} {shown}"


def test_a_version_is_read_as_rules_in_cny_with_aliases(setting: factories.People) -> None:
	"""R-GRD-01, R-GRD-06: 万元 become CNY, the alias is the label, conditions that always hold stand apart."""
	version = money(make_scheme().name)
	rules = grading_schemes.load(version.name)
	best, plain = rules.grades
	assert (best.code, best.label, best.criteria[0].threshold) == ("重要", "重点", Decimal(1_000_000))
	assert (plain.label, plain.criteria, plain.also[0].threshold) == ("一般", (), Decimal(1))
	assert (rules.scheme, rules.year, rules.method, rules.first_month, rules.upgrade_share) == ("测试方案", YEAR, terms.THRESHOLDS, 1, Decimal(80))
	assert grading_schemes.load(version.name) is rules
	version.criteria[0].threshold = 200
	version.save()
	assert grading_schemes.load(version.name).grades[0].criteria[0].threshold == Decimal(2_000_000)
	with pytest.raises(GradingError, match="不存在"):
		grading_schemes.load("none")


def test_a_new_draft_gets_the_days_of_its_fiscal_year_and_its_method(setting: factories.People) -> None:
	version = money(make_scheme().name, first_month=4, status=ACTIVE, activated_by="Administrator", method=terms.QUOTAS)
	assert (version.status, version.activated_by, version.method) == (DRAFT, None, terms.THRESHOLDS)
	assert (str(version.valid_from), str(version.valid_to)) == (f"{YEAR}-04-01", f"{YEAR + 1}-03-31")
	assert version.name == f"测试方案-{YEAR}"


def test_activation_closing_and_the_version_in_force(setting: factories.People) -> None:
	"""R-GRD-05: one version a year; who did it is on the version."""
	scheme = make_scheme().name
	version = money(scheme)
	assert grading_schemes.active_version(scheme) is None
	assert api.activate(version.name) == ACTIVE
	version.reload()
	assert (version.activated_by, bool(version.activated_on)) == (setting[roles.CUSTOMER_SERVICE_MANAGER], True)
	assert grading_schemes.active_version(scheme, today()) == version.name
	assert grading_schemes.active_version(scheme, f"{YEAR}-01-01") == grading_schemes.active_version(scheme, f"{YEAR}-12-31") == version.name
	assert grading_schemes.active_version(scheme, f"{YEAR + 1}-01-01") is None
	with pytest.raises(GradingError, match="只有草稿"):
		api.activate(version.name)
	assert api.close(version.name) == ENDED
	assert str(frappe.db.get_value(VERSION, version.name, "valid_to")) == today()
	assert grading_schemes.active_version(scheme) is None
	for step in (api.close, api.activate):
		with pytest.raises(GradingError):
			step(version.name)


def test_an_active_version_is_not_edited_but_copied(setting: factories.People) -> None:
	"""R-GRD-05: to a new year, or to a further draft of the same year, thresholds kept."""
	scheme = make_scheme().name
	version = money(scheme)
	api.activate(version.name)
	for change in (
		{"logic": terms.ALL},
		{"upgrade_share": 50},
		{"criteria": [{"grade": "重要", "metric": terms.YEAR_TOTAL, "threshold": 1}]},
		{"grades": [{"grade": "重要"}]},
		{"valid_to": f"{YEAR}-12-30"},
	):
		doc = frappe.get_doc(VERSION, version.name)
		doc.update(change)
		with pytest.raises(GradingError, match="复制为新草稿"):
			doc.save()
	doc = frappe.get_doc(VERSION, version.name)
	doc.remark = "董事会 3 号决议"
	doc.save()
	copy = frappe.get_doc(VERSION, api.copy_to_year(version.name, YEAR + 1))
	assert (copy.name, copy.status, copy.activated_by, copy.criteria[0].threshold) == (f"测试方案-{YEAR + 1}", DRAFT, None, 100)
	assert (str(copy.valid_from), str(copy.valid_to)) == (f"{YEAR + 1}-01-01", f"{YEAR + 1}-12-31")
	assert grading_schemes.load(copy.name).grades == grading_schemes.load(version.name).grades
	assert api.activate(copy.name) == ACTIVE
	again = api.copy_to_year(version.name, str(YEAR))
	assert again == f"测试方案-{YEAR}-2"
	for wrong in ("abc", 0, 99999, ""):
		with pytest.raises(GradingError, match="年度"):
			api.copy_to_year(version.name, wrong)


def test_a_version_that_overlaps_an_active_one_is_refused(setting: factories.People) -> None:
	scheme = make_scheme().name
	first = money(scheme)
	api.activate(first.name)
	second = api.copy_to_year(first.name, YEAR)
	message = refusal(second)
	assert first.name in message and f"{YEAR}-01-01" in message and "生效日期" in message
	# Another scheme's version of the same year stands beside it.
	assert api.activate(money(make_scheme("另一方案").name).name) == ACTIVE
	api.close(first.name)
	assert api.activate(second) == ACTIVE


def test_activation_closes_nothing_by_itself_and_needs_a_scheme_that_is_on(setting: factories.People) -> None:
	scheme = make_scheme()
	version = money(scheme.name)
	scheme.is_disabled = 1
	scheme.save()
	with pytest.raises(GradingError, match="停用"):
		api.activate(version.name)


@pytest.mark.parametrize(
	("change", "words"),
	[
		({"criteria": [{"grade": "重要", "metric": terms.YEAR_TOTAL}, {"grade": "一般", "metric": terms.DEALS, "threshold": 1}]}, ("等级", "第 1 行", "重要")),
		({"criteria": [{"grade": "一般", "metric": terms.DEALS, "threshold": 1}]}, ("等级", "重要")),
		(
			{"criteria": [{"grade": "重要", "metric": terms.YEAR_TOTAL, "threshold": -5}, {"grade": "一般", "metric": terms.DEALS, "threshold": 1}]},
			("条件", "第 1 行", "阈值"),
		),
		(
			{
				"criteria": [
					{"grade": "重要", "metric": terms.YEAR_TOTAL, "threshold": 5},
					{"grade": "一般", "metric": terms.DEALS, "threshold": 1},
					{"grade": "钻石", "metric": terms.DEALS, "threshold": 9},
				]
			},
			("条件", "第 3 行", "钻石"),
		),
		({"grades": [{"grade": "重要"}, {"grade": "一般"}, {"grade": "重要"}]}, ("等级", "第 3 行", "重要")),
		(
			{
				"criteria": [
					{"grade": "重要", "metric": terms.CONSECUTIVE_YEARS, "threshold": 5, "years": 0},
					{"grade": "一般", "metric": terms.DEALS, "threshold": 1},
				]
			},
			("条件", "第 1 行", "连续年数"),
		),
		({"logic": terms.AT_LEAST_K, "least": 3}, ("至少",)),
		({"valid_from": f"{YEAR}-06-01", "valid_to": f"{YEAR}-05-01"}, ("截止日期",)),
		({"valid_to": f"{YEAR + 1}-02-01"}, ("截止日期", str(YEAR))),
		({"first_month": 13}, ("年度起始月",)),
		({"upgrade_share": 0}, ("候选比例",)),
		({"upgrade_share": 140}, ("候选比例",)),
	],
)
def test_thresholds_that_cannot_grade_are_refused_by_table_row_and_field(
	setting: factories.People, change: dict[str, Any], words: tuple[str, ...]
) -> None:
	message = refusal(money(make_scheme().name, **change).name)
	assert all(word in message for word in words), message


def test_a_grade_that_keeps_one_filled_criterion_may_leave_the_others_blank(setting: factories.People) -> None:
	"""R-GRD-01: the regulation's blanks; what is left open is told before the activation."""
	version = money(
		make_scheme().name,
		criteria=[
			{"grade": "重要", "metric": terms.YEAR_TOTAL, "threshold": 100},
			{"grade": "重要", "metric": terms.NATIONAL_RANK, "comparison": terms.AT_MOST},
			{"grade": "一般", "metric": terms.DEALS, "threshold": 1},
		],
	)
	(open_one,) = api.check(version.name)
	assert (open_one["field"], open_one["row"], open_one["is_error"]) == ("criteria:threshold", 2, False)
	assert api.activate(version.name) == ACTIVE


@pytest.mark.parametrize("shares", [(20, 40, 30), (20, 40, 50), (20, 90, -10), (0, 0, 0)])
def test_shares_that_do_not_make_100_are_refused(setting: factories.People, shares: tuple[float, ...]) -> None:
	"""R-GRD-14."""
	message = refusal(quotas(make_scheme(method=terms.QUOTAS).name, *shares).name)
	assert "占比" in message


def test_shares_of_one_hundred_are_taken(setting: factories.People) -> None:
	assert api.activate(quotas(make_scheme(method=terms.QUOTAS).name, 33.3, 33.3, 33.4).name) == ACTIVE


@pytest.mark.parametrize(
	("change", "words"),
	[
		({"weights": (60, 30)}, ("权重", "90")),
		({"weights": (60, 60)}, ("权重", "120")),
		({"weights": (120, -20)}, ("权重", "第 1 行")),
		({"bands": ((None, 10, 20), (5, None, 90))}, ("评分分档", "第 2 行")),
		({"bands": ((None, 10, 20), (15, None, 90))}, ("评分分档", "10", "15")),
		({"bands": ((None, 10, 20), (10, 50, 90))}, ("评分分档", "第 2 行")),
		({"bands": ((3, 10, 20), (10, None, 90))}, ("评分分档", "第 1 行")),
		({"bands": ((None, 10, 20), (30, 20, 50), (20, None, 90))}, ("评分分档", "第 2 行")),
		({"bands": ((None, 10, 20), (10, None, 190))}, ("评分分档", "第 2 行", "给分")),
		({"bands": ()}, ("全年累计合同额",)),
		({"grades": [{"grade": "重点", "score_from": 50}, {"grade": "一般", "score_from": 60}]}, ("第 2 行", "得分不低于")),
		({"grades": [{"grade": "重点", "score_from": 150}, {"grade": "一般", "score_from": 0}]}, ("第 1 行", "得分不低于")),
	],
)
def test_scorecards_that_cannot_score_are_refused_by_table_row_and_field(
	setting: factories.People, change: dict[str, Any], words: tuple[str, ...]
) -> None:
	"""R-GRD-07: weights 100, no overlap, no gap."""
	message = refusal(scorecard(make_scheme(method=terms.SCORECARD).name, **change).name)
	assert all(word in message for word in words), message


def test_a_whole_scorecard_is_taken_and_says_where_its_values_come_from(setting: factories.People) -> None:
	"""F-04 数据来源."""
	version = scorecard(make_scheme(method=terms.SCORECARD).name)
	assert [row.source for row in version.factors] == ["System", "Judged"]
	assert api.activate(version.name) == ACTIVE


def test_a_number_that_is_none_is_refused_when_it_is_typed(setting: factories.People) -> None:
	scheme = make_scheme().name
	with pytest.raises(InvalidFieldsError, match="第 1 行"):
		money(scheme, criteria=[{"grade": "重要", "metric": terms.YEAR_TOTAL, "threshold": "一百"}])
	assert not frappe.db.exists(VERSION, {"scheme": scheme})


@pytest.mark.parametrize("role", [roles.MARKETING_MANAGER, roles.SALESPERSON, roles.GENERAL_MANAGER, roles.ARCHIVIST])
def test_others_read_but_do_not_set_up(setting: factories.People, role: str) -> None:
	"""Steps and plain saves alike; the marketing manager and the rest read."""
	version = money(make_scheme().name)
	with acting(setting[role]):
		assert [row["key"] for row in api.presets()] == list(data.PRESETS)
		for call in (
			lambda: api.activate(version.name),
			lambda: api.close(version.name),
			lambda: api.copy_to_year(version.name, YEAR + 1),
			lambda: api.switch_on("abc"),
			lambda: make_scheme("偷建"),
		):
			with pytest.raises(frappe.PermissionError):
				call()
		doc = frappe.get_doc(VERSION, version.name)
		doc.remark = "改"
		with pytest.raises(frappe.PermissionError):
			doc.save()
	assert frappe.db.get_value(VERSION, version.name, "status") == DRAFT
	assert not frappe.db.exists(SCHEME, "偷建")


def test_a_guest_reads_no_presets(setting: factories.People) -> None:
	with acting("Guest"), pytest.raises(frappe.PermissionError):
		api.presets()


def test_the_status_is_not_written_past_the_activation(setting: factories.People) -> None:
	version = money(make_scheme().name)
	version.status = ACTIVE
	version.activated_by = setting[roles.GENERAL_MANAGER]
	version.save()
	assert (version.status, version.activated_by) == (DRAFT, None)


def test_only_what_was_never_used_is_deleted(setting: factories.People) -> None:
	scheme = make_scheme()
	used, draft = money(scheme.name), money(scheme.name, YEAR + 1)
	api.activate(used.name)
	frappe.delete_doc(VERSION, draft.name)
	with pytest.raises(GradingError, match="不能删除"):
		frappe.delete_doc(VERSION, used.name)
	with pytest.raises(GradingError, match="不能删除"):
		frappe.delete_doc(SCHEME, scheme.name)
	other = make_scheme("未用方案")
	money(other.name)
	frappe.delete_doc(SCHEME, other.name)
	assert not frappe.db.exists(VERSION, {"scheme": other.name})


def test_the_method_stays_once_the_scheme_has_graded(setting: factories.People) -> None:
	scheme = make_scheme()
	version = money(scheme.name)
	scheme.method = terms.QUOTAS
	scheme.save()
	assert frappe.db.get_value(VERSION, version.name, "method") == terms.QUOTAS
	scheme.method = terms.THRESHOLDS
	scheme.save()
	api.activate(version.name)
	scheme.method = terms.QUOTAS
	with pytest.raises(GradingError, match="评级方法"):
		scheme.save()


@pytest.mark.parametrize("months", [0, -3])
def test_a_manual_grade_holds_for_a_month_at_least(setting: factories.People, months: int) -> None:
	with pytest.raises(GradingError, match="人工等级有效期"):
		make_scheme(manual_months=months)


@pytest.mark.parametrize("key", list(data.PRESETS))
def test_every_preset_is_switched_on_once_and_the_company_s_edits_stay(setting: factories.People, key: str) -> None:
	"""V-03, R-GRD-07, R-GRD-08, R-GRD-14, R-GRD-17, R-GRD-19: grades, criteria, factors, bands, strategies."""
	preset = data.PRESETS[key]
	made = api.switch_on(key)
	version = frappe.get_doc(VERSION, made["version"])
	assert (version.status, version.year, version.scheme) == (DRAFT, YEAR, made["scheme"])
	assert [row.grade for row in version.grades] == [one.code for one in preset.grades]
	assert all(row.strategy and row.description for row in version.grades)
	assert len(version.criteria) == len(preset.criteria) and len(version.factors) == len(preset.factors)
	version.grades[0].label = "我司别名"
	version.save()
	assert api.switch_on(key) == made
	assert frappe.db.count(SCHEME, {"preset": key}) == 1 and frappe.db.count(VERSION, {"scheme": made["scheme"]}) == 1
	version.reload()
	assert version.grades[0].label == "我司别名"
	state = next(row for row in api.presets() if row["key"] == key)
	assert (state["is_on"], state["scheme"], state["version"], state["version_status"]) == (True, made["scheme"], made["version"], DRAFT)
	faults = [row for row in api.check(version.name) if row["is_error"]]
	if any(one.threshold is None for one in preset.criteria):
		assert faults or api.activate(version.name) == ACTIVE
	else:
		assert not faults and api.activate(version.name) == ACTIVE


def test_a_preset_that_was_switched_off_comes_back_and_a_deleted_draft_does_not(setting: factories.People) -> None:
	made = api.switch_on("abc")
	scheme = frappe.get_doc(SCHEME, made["scheme"])
	assert (scheme.for_access, scheme.for_contact) == (1, 1)
	scheme.is_disabled = 1
	scheme.save()
	assert (scheme.for_access, grading_purposes.bound(terms.ACCESS)) == (0, None)
	frappe.delete_doc(VERSION, made["version"])
	assert api.switch_on("abc") == {"scheme": made["scheme"], "version": ""}
	assert not frappe.db.get_value(SCHEME, made["scheme"], "is_disabled")
	with pytest.raises(GradingError, match="没有"):
		api.switch_on("none")


def test_a_scheme_of_the_same_name_stays_the_company_s_own(setting: factories.People) -> None:
	own = make_scheme(data.ABC.name, method=terms.QUOTAS)
	made = api.switch_on("abc")
	assert made["scheme"] != own.name and not frappe.db.get_value(SCHEME, own.name, "preset")


def test_no_client_marks_a_scheme_as_a_preset_s(setting: factories.People) -> None:
	assert not make_scheme(preset="abc").preset


def test_a_purpose_has_one_scheme_and_moves(setting: factories.People) -> None:
	"""R-GRD-22: asked before, told afterwards, on record; the archives carry the new scheme's grades."""
	first, second = make_scheme("甲", for_contact=1, for_analysis=1), make_scheme("乙")
	assert grading_purposes.purposes(first.name) == (terms.CONTACT, terms.ANALYSIS)
	assert api.moving(second.name, [terms.ACCESS, terms.CONTACT]) and len(api.moving(second.name, [terms.CONTACT])) == 1
	assert "甲" in api.moving(second.name, f'["{terms.CONTACT}"]')[0]
	assert api.moving(first.name, [terms.CONTACT]) == api.moving(second.name, [terms.ACCESS]) == []
	archive = graded({"甲": "旧", "乙": "新"})
	second.for_contact = 1
	second.save()
	assert (grading_purposes.bound(terms.CONTACT), grading_purposes.bound(terms.ANALYSIS)) == ("乙", "甲")
	assert not frappe.db.get_value(SCHEME, "甲", "for_contact")
	assert frappe.db.get_value(ARCHIVE, archive, ["contact_scheme", "contact_grade"]) == ("乙", "新")
	assert frappe.db.get_value(ARCHIVE, archive, ["analysis_scheme", "analysis_grade"]) == (None, None)
	detail = frappe.get_all("Access Log Entry", filters={"action": "Permission Change", "document_name": "乙"}, pluck="detail")
	assert any("甲 -> 乙" in text for text in detail)
	second.for_contact = 0
	second.save()
	assert grading_purposes.bound(terms.CONTACT) is None
	assert not frappe.db.get_value(ARCHIVE, archive, "contact_grade")


def graded(grades: dict[str, str]) -> str:
	"""An archive with a current grade in each of these schemes."""
	with acting("Administrator"):
		archive = factories.make_archive().name
	for scheme, grade in grades.items():
		frappe.get_doc(
			{
				"doctype": "Grade Assignment",
				"name": frappe.generate_hash()[:12],
				"archive": archive,
				"scheme": scheme,
				"grade": grade,
				"is_current": 1,
				"effective_from": today(),
				"source": terms.BY_RUN,
				"current_key": f"{archive}::{scheme}",
			}
		).db_insert()
	return str(archive)


def test_the_schemes_that_are_on(setting: factories.People) -> None:
	"""R-GRD-22: several at once, each with its purposes."""
	make_scheme("甲", for_access=1)
	make_scheme("乙", method=terms.QUOTAS, nightly="Nothing", manual_months=6)
	make_scheme("丙", is_disabled=1)
	found = {one.name: one for one in grading_schemes.active_schemes()}
	assert set(found) == {"甲", "乙"}
	assert (found["甲"].purposes, found["甲"].approve_role, found["甲"].nightly) == ((terms.ACCESS,), roles.MARKETING_MANAGER, "Propose")
	assert (found["乙"].method, found["乙"].nightly, found["乙"].manual_months) == (terms.QUOTAS, "Nothing", 6)


def test_changes_of_schemes_and_versions_are_on_record(setting: factories.People) -> None:
	"""R-DSC-04: which grade an archive gets decides who may open it."""
	version = money(make_scheme().name)
	api.activate(version.name)
	told = frappe.get_all(
		"Access Log Entry", filters={"action": "Permission Change", "document_name": version.name}, fields=["detail", "user"], order_by="name"
	)
	assert any("status: Draft -> Active" in row.detail for row in told)
	assert {row.user for row in told} == {setting[roles.CUSTOMER_SERVICE_MANAGER]}


def plan(scheme: str, **values: Any) -> Any:
	return frappe.get_doc(
		{"doctype": "Marketing Plan", "title": "回访重点客户", "scheme": scheme, "grade": "重要", "year": YEAR, "goal": "续约", **values}
	)


def test_a_marketing_plan_for_a_grade_and_how_far_it_is(setting: factories.People) -> None:
	"""R-MKT-01, R-GRD-17: each class with its plan; progress from the actions that are done."""
	scheme = make_scheme().name
	money(scheme)
	assert api.grades(scheme) == ["重要", "一般"]
	doc = plan(scheme, actions=[{"action": "拜访", "done_on": today()}, {"action": "方案"}, {"action": "报价"}], progress=99).insert()
	assert (doc.progress, doc.status, doc.responsible) == (33.33, "Running", setting[roles.CUSTOMER_SERVICE_MANAGER])
	doc.status = "Completed"
	with pytest.raises(GradingError, match="未完成"):
		doc.save()
	doc.reload()
	for row in doc.actions:
		row.done_on = today()
	doc.status = "Completed"
	doc.save()
	assert (doc.progress, doc.status) == (100, "Completed")
	with acting(setting[roles.SALESPERSON]):
		assert frappe.get_list("Marketing Plan", filters={"name": doc.name})
		with pytest.raises(frappe.PermissionError):
			plan(scheme).insert()


@pytest.mark.parametrize(
	("change", "error", "word"),
	[
		({"grade": "钻石"}, GradingError, "钻石"),
		({"grade": "A"}, GradingError, "重要、一般"),
		({"year": 26}, InvalidFieldsError, "年度"),
		({"actions": [{"action": "拜访"}, {"action": "报价", "done_on": "2199-01-01"}]}, InvalidFieldsError, "第 2 行"),
		({"scheme": "无此方案"}, frappe.LinkValidationError, "无此方案"),
	],
)
def test_a_plan_that_cannot_be_meant_is_refused(setting: factories.People, change: dict[str, Any], error: type[Exception], word: str) -> None:
	scheme = make_scheme().name
	money(scheme)
	with pytest.raises(error, match=word):
		plan(**{"scheme": scheme, **change}).insert()


def test_switching_on_is_possible_for_the_administrator_of_archives(setting: factories.People) -> None:
	with acting(setting[roles.ARCHIVE_ADMINISTRATOR]):
		made = api.switch_on("rfm")
	assert grading_presets.overview() and made["version"]
