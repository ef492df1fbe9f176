"""Grading runs from start to application, each preset with real numbers. R-GRD-01 to R-GRD-08, R-GRD-14, R-GRD-15, R-GRD-17 to R-GRD-21, V-05."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import frappe
import pytest
from frappe.utils import add_days, getdate, today

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain import lifecycle, roles
from kehu_archive.domain.grading_quota import quota_outcomes
from kehu_archive.exceptions import DeletionRefusedError, GradingError, InvalidFieldsError
from kehu_archive.kehu_archive.report.upgrade_candidates import upgrade_candidates
from kehu_archive.services import (
	grading_metrics,
	grading_reasons,
	grading_run_state,
	grading_runs,
	grading_schemes,
	grading_task,
)
from kehu_archive.tests import factories, grades
from kehu_archive.tests import grading_cases as cases

YEAR = cases.YEAR
#: 重要: three years of 100, one contract of 50, total or demand of 300, rank 10; 稳定: two years of 30, one contract of 20, total or demand of 100 (万元).
KEY_BLANKS = (100, 50, 300, 10, 30, 20, 100)


@pytest.fixture(autouse=True)
def _only_ours(db: Any) -> None:
	grades.no_other_schemes()


def on(year: int, month: int = 1, day: int = 2) -> str:
	return date(year, month, day).isoformat()


# -- presets, once each from end to end --------------------------------------------------------------------------------


def test_key_stable_general_with_the_regulations_criteria(db: Any) -> None:
	scheme = cases.preset("key-stable-general", KEY_BLANKS)
	years, gap, single, demand, rank, stable, general, prospect, nobody = cases.customers(
		[{}, {}, {}, {}, {"national_rank": 10}, {}, {}, {"has_intention": 1}, {}]
	)
	cases.deals(years, *[(on(YEAR - back), 1_000_000) for back in (1, 2, 3)])
	cases.deals(gap, (on(YEAR - 1), 1_000_000), (on(YEAR - 3), 1_000_000), (on(YEAR - 4), 1_000_000))
	cases.deals(single, (on(YEAR - 5), 500_000, "Sales Contract"))
	need = {"parent": demand, "parenttype": "Customer Archive", "parentfield": "needs"}
	frappe.get_doc({"doctype": "Customer Archive Need", **need, "amount": 3_000_000, "status": "Unmet"}).db_insert()
	cases.deals(rank, (on(YEAR), 1))
	cases.deals(stable, (on(YEAR - 1), 300_000), (on(YEAR - 2), 310_000))
	cases.deals(general, (on(YEAR - 1), 299_999.99, "Order"), (on(YEAR - 2), 100), (on(YEAR - 1), 500_000, "Return"))
	run = cases.computed(scheme)
	# Where no contract is on record the largest deal counts as one: those of 1,000,000 and 299,999.99 reach 50 and 20 (万元).
	expected = {years: "重要", gap: "重要", single: "重要", demand: "重要", rank: "重要", stable: "稳定", general: "稳定", prospect: "潜在"}
	assert cases.grades(run.name) == expected
	assert nobody not in cases.grades(run.name) and run.status == "Computed" and (run.total, run.done, run.changes) == (9, 9, 8)
	found = cases.result(run.name, years)
	assert found.change_kind == terms.NEW and "评为重点" in found.sentence and "连续3年" in found.sentence
	stored = grading_reasons.unpack(found.reasons)
	assert stored and stored.version == run.version and stored.as_of == getdate(today())
	cases.apply(run.name)
	assert grades.grade_of(years, scheme) == "重要" and grades.grade_of(nobody, scheme) is None


def test_three_years_in_a_row_and_a_gap(db: Any) -> None:
	scheme = cases.preset("key-stable-general", (100, None, None, None, 30, None, None))
	whole, gap, running = cases.customers([{}, {}, {}])
	cases.deals(whole, *[(on(YEAR - back), 1_000_000) for back in (1, 2, 3)])
	cases.deals(gap, *[(on(YEAR - back), 1_000_000) for back in (1, 2, 4)])
	cases.deals(running, *[(on(YEAR - back), 1_000_000) for back in (0, 1, 2)])
	assert cases.grades(cases.computed(scheme).name) == {whole: "重要", gap: "稳定", running: "重要"}


def test_both_readings_of_v05_side_by_side(db: Any) -> None:
	scheme = cases.preset("key-stable-general", KEY_BLANKS)
	both, one = cases.customers([{"national_rank": 3}, {}])
	cases.deals(both, (on(YEAR), 3_000_000, "Sales Contract"), *[(on(YEAR - back), 1_000_000) for back in (1, 2)])
	cases.deals(one, (on(YEAR - 1), 600_000, "Sales Contract"))
	run = cases.computed(scheme)
	rows = {row.archive: row for row in frappe.get_all("Grading Run Result", filters={"run": run.name}, fields=["archive", "grade", "grade_any", "grade_all"])}
	assert (rows[both].grade, rows[both].grade_any, rows[both].grade_all) == ("重要", "重要", "重要")
	assert (rows[one].grade, rows[one].grade_any, rows[one].grade_all) == ("重要", "重要", "一般")
	counted = cases.counts(run.name)
	assert [(counted["重要"][key]) for key in ("after_count", "any_count", "all_count")] == [2, 2, 1]
	assert counted["一般"]["all_count"] == 1
	grading_runs.withdraw(run.name)
	under_all = cases.computed(scheme, reading=terms.ALL)
	assert cases.grades(under_all.name) == {both: "重要", one: "一般"}


def test_important_core_general_potential(db: Any) -> None:
	scheme = cases.preset("important-core-general", (100, 80, 200, 90))
	important, core, general, prospect = cases.customers([{}, {}, {}, {"has_intention": 1}])
	cases.deals(important, (on(YEAR), 1_000_000))
	judged = {"parent": core, "parenttype": "Customer Archive", "parentfield": "grading_inputs", "metric": terms.PROSPECTS, "year": YEAR - 1, "score": 90}
	frappe.get_doc({"doctype": "Customer Archive Grading Input", **judged}).db_insert()
	cases.deals(general, (on(YEAR), 799_999))
	assert cases.grades(cases.computed(scheme).name) == {important: "重要", core: "核心", general: "一般", prospect: "潜在"}


def test_high_value_loyal_potential(db: Any) -> None:
	scheme = cases.preset("potential-loyal-high-value", (100, 500, 3, 12))
	high, loyal, often, prospect, other = cases.customers([{}, {}, {}, {"has_intention": 1}, {}])
	cases.deals(high, (on(YEAR), 1_000_000))
	cases.deals(loyal, (add_days(today(), -3 * 366), 100))
	cases.deals(often, *[(add_days(today(), -number), 10) for number in range(12)])
	cases.deals(other, (today(), 10))
	assert cases.grades(cases.computed(scheme).name) == {high: "高价值", loyal: "忠诚", often: "忠诚", prospect: "潜在"}


def test_hotel_returning_guests_by_number_of_stays(db: Any) -> None:
	scheme = cases.preset("hotel", (10, 2, 5))
	vip, partner, returning, once = cases.customers([{}, {}, {}, {}])
	cases.deals(vip, (today(), 100_000))
	cases.deals(partner, (add_days(today(), -2 * 366), 100), (today() if getdate(today()).year == YEAR else on(YEAR), 50_000))
	cases.deals(returning, (add_days(today(), -900), 300), (add_days(today(), -500), 300))
	cases.deals(once, (today(), 300), (today(), 300, "Return"))
	assert cases.grades(cases.computed(scheme).name) == {vip: "VIP", partner: "长期协作", returning: "回头客"}


def test_scorecard_of_six_factors(db: Any) -> None:
	scheme = cases.preset("scorecard")
	best, middle, low = cases.customers([{}, {}, {}])
	for archive, score in ((best, 80), (middle, 60), (low, 10)):
		for metric in (terms.CREDIT, terms.PROFIT, terms.DEMAND, terms.STRENGTH, terms.PROSPECTS):
			row = {"parent": archive, "parenttype": "Customer Archive", "parentfield": "grading_inputs", "metric": metric, "year": YEAR, "score": score}
			frappe.get_doc({"doctype": "Customer Archive Grading Input", **row}).db_insert()
	cases.deals(best, (on(YEAR), 1_000_000))
	cases.deals(middle, (on(YEAR), 500_000))
	run = cases.computed(scheme)
	scored = {row.archive: (row.grade, float(row.score)) for row in frappe.get_all("Grading Run Result", filters={"run": run.name}, fields=["archive", "grade", "score"])}
	assert scored == {best: ("重点", 80.0), middle: ("稳定", 60.0), low: ("一般", 13.0)}


def test_recency_frequency_and_amount(db: Any) -> None:
	scheme = cases.preset("rfm")
	lively, asleep = cases.customers([{}, {}])
	cases.deals(lively, *[(add_days(today(), -20 * number), 50_000) for number in range(12)])
	cases.deals(asleep, (add_days(today(), -700), 500_000))
	run = cases.computed(scheme)
	assert cases.grades(run.name) == {lively: "重要价值", asleep: "沉睡挽回"}


# -- quotas ------------------------------------------------------------------------------------------------------------


def abc(size: int, per_region: bool = False, regions: tuple[str, ...] = ("华东",)) -> tuple[str, list[str]]:
	"""A scheme by amount, and customers of whom several have the same amount."""
	factors: dict[str, Any] = {"factors": [], "score_by": terms.BY_TOTAL, "per_region": int(per_region)}
	scheme = cases.preset("abc", **factors)
	names = cases.customers([{"region": regions[number % len(regions)], "archive_date": on(YEAR - 1 - number % 3)} for number in range(size)])
	rows = [{"archive": name, "posted_on": on(YEAR - 1), "amount": (number // 4) * 100, "transaction_kind": "Sale"} for number, name in enumerate(names)]
	cases.bulk.insert_transactions(rows)
	return scheme, names


def reference(scheme: str, names: list[str]) -> dict[str, Any]:
	version = grading_schemes.load(grading_schemes.active_version(scheme))
	return quota_outcomes(version, grading_metrics.collect(names, version, getdate(today())).values())


def split(found: dict[str, str]) -> dict[str, int]:
	return {code: sum(grade == code for grade in found.values()) for code in "ABC"}


def test_hundred_customers_are_split_20_40_40(db: Any) -> None:
	scheme, names = abc(100)
	run = cases.computed(scheme)
	found = cases.grades(run.name)
	assert split(found) == {"A": 20, "B": 40, "C": 40}
	assert {code: row["after_count"] for code, row in cases.counts(run.name).items()} == {"A": 20, "B": 40, "C": 40, "": 0}
	expected = reference(scheme, names)
	assert found == {name: expected[name].grade for name in names}


def test_ties_rounding_and_regions_equal_the_plain_rule(db: Any) -> None:
	scheme, names = abc(97, per_region=True, regions=("华东", "华北", "华北", "", "华南"))
	run = cases.computed(scheme)
	expected = reference(scheme, names)
	rows = frappe.get_all("Grading Run Result", filters={"run": run.name}, fields=["*"], limit=0)
	assert len(rows) == 97
	for row in rows:
		outcome = expected[row.archive]
		assert (row.grade, row.candidate_for or "") == (outcome.grade, outcome.candidate_for)
		assert Decimal(str(row.candidate_share)) == (outcome.candidate_share or 0)
		stored = grading_reasons.unpack(row.reasons)
		assert stored and stored.outcome == outcome
	assert {row.region for row in rows} == {"华东", "华北", "", "华南"}


def test_quota_by_weighted_factors(db: Any) -> None:
	scheme = cases.preset("abc")
	names = cases.customers([{"likelihood": 10 * number} for number in range(1, 11)])
	for number, name in enumerate(names):
		row = {"parent": name, "parenttype": "Customer Archive", "parentfield": "grading_inputs", "metric": terms.STRENGTH, "year": YEAR, "score": 100 - 5 * number}
		frappe.get_doc({"doctype": "Customer Archive Grading Input", **row}).db_insert()
	found = cases.grades(cases.computed(scheme).name)
	assert found == {name: "A" if number > 7 else "B" if number > 3 else "C" for number, name in enumerate(names)}


def test_a_second_quota_run_keeps_only_changes_and_candidates(db: Any) -> None:
	scheme, names = abc(50)
	first = cases.computed(scheme)
	cases.apply(first.name)
	cases.deals(names[0], (today(), 10_000_000))
	second = cases.computed(scheme)
	moved = {row.archive: row.change_kind for row in frappe.get_all("Grading Run Result", filters={"run": second.name, "change_kind": ("!=", terms.SAME)}, fields=["archive", "change_kind"])}
	assert moved[names[0]] == terms.UP and sorted(moved.values()) == [terms.DOWN, terms.DOWN, terms.UP]
	kept = frappe.get_all("Grading Run Result", filters={"run": second.name}, fields=["change_kind", "candidate_for", "sentence"])
	assert all(row.change_kind != terms.SAME or row.candidate_for for row in kept)
	assert second.changes == 3 and second.candidates == sum(bool(row.candidate_for) for row in kept) and all(row.sentence for row in kept)
	counted = cases.counts(second.name)
	assert (counted["A"]["up_count"], counted["B"]["down_count"], counted["C"]["down_count"]) == (1, 1, 1)


# -- candidates, manual grades, population -----------------------------------------------------------------------------


def test_candidates_reach_the_share_of_the_next_grade(db: Any) -> None:
	scheme = grades.scheme(archive_type=cases.archive_kind())
	near, far, below = cases.customers([{}, {}, {}])
	cases.deals(near, (on(YEAR), 800_000))
	cases.deals(far, (on(YEAR), 799_999))
	cases.deals(below, (on(YEAR), 85_000))
	run = cases.computed(scheme)
	rows = {row.archive: (row.candidate_for or "", float(row.candidate_share)) for row in frappe.get_all("Grading Run Result", filters={"run": run.name}, fields=["*"])}
	assert rows == {near: ("A", 80.0), far: ("", 79.99), below: ("B", 85.0)}
	found = {row["archive"]: row for row in upgrade_candidates.execute({"scheme": scheme})[1]}
	assert {name: (row["grade"], row["candidate_for"], row["share"]) for name, row in found.items()} == {
		near: ("B", "A", 80.0),
		below: ("C", "B", 85.0),
	}
	assert "80" in found[near]["missing"] and "100" in found[near]["missing"]
	cases.apply(run.name)
	again = cases.computed(scheme)
	assert again.status == "No Changes" and again.candidates == 2 and not again.running_key
	assert set(cases.grades(again.name)) == {near, below}


def test_a_manual_grade_is_kept_and_said_so(db: Any) -> None:
	scheme = grades.scheme(archive_type=cases.archive_kind())
	manual, over = cases.customers([{}, {}])
	for archive in (manual, over):
		cases.deals(archive, (on(YEAR), 150_000))
	grades.give(manual, scheme, "A", terms.BY_APPEAL, expires_on=add_days(today(), 30))
	grades.give(over, scheme, "A", terms.BY_APPEAL, expires_on=add_days(today(), -1))
	run = cases.computed(scheme)
	kept = cases.result(run.name, manual)
	assert (kept.grade, kept.grade_before, kept.change_kind, kept.grade_any) == ("A", "A", terms.SAME, "B")
	assert "手工" in kept.sentence and "B" in kept.sentence
	assert cases.result(run.name, over).grade == "B"
	assert grading_runs.summary(run.name)["kept_manual"] == 1
	cases.apply(run.name)
	assert (grades.grade_of(manual, scheme), grades.grade_of(over, scheme)) == ("A", "B")


def test_whom_a_run_grades(db: Any) -> None:
	scheme = grades.scheme(archive_type=cases.archive_kind())
	states = (*lifecycle.STATES,)
	names = {one: cases.customers([{}], workflow_state=one)[0] for one in states}
	[merged] = cases.customers([{}])
	[other] = cases.customers([{}], kind=factories.archive_type())
	frappe.db.set_value("Customer Archive", merged, "merged_into", names[lifecycle.FILED])
	for name in (*names.values(), merged, other):
		cases.deals(name, (on(YEAR), 50_000))
	run = cases.computed(scheme)
	assert set(cases.grades(run.name)) == {names[one] for one in (lifecycle.CLASSIFIED, lifecycle.FILED, lifecycle.UPDATING)}


def test_who_no_longer_fits_loses_the_grade_with_reasons(db: Any) -> None:
	scheme = grades.scheme(archive_type=cases.archive_kind())
	[archive] = cases.customers([{}])
	cases.deals(archive, (on(YEAR), 50_000), (on(YEAR), 50_000, "Return"))
	grades.give(archive, scheme, "C")
	run = cases.computed(scheme)
	found = cases.result(run.name, archive)
	assert (found.change_kind, found.grade or "") == (terms.LEFT, "") and found.sentence
	cases.apply(run.name)
	assert not grades.grade_of(archive, scheme)


# -- years -------------------------------------------------------------------------------------------------------------


def test_changed_thresholds_grade_anew_and_last_years_history_stays(db: Any) -> None:
	scheme = cases.preset("important-core-general", (100, None, 9000, None))
	[archive] = cases.customers([{}])
	cases.deals(archive, (on(YEAR), 1_500_000))
	last_year = cases.version(scheme, "important-core-general", (100, None, 9000, None), YEAR - 1)
	grades.grade_assignments.write(
		[grades.grade_assignments.grade_writing.Decision(archive, scheme, last_year, "核心", terms.BY_RUN)], effective_from=getdate(on(YEAR - 1))
	)
	past = grades.rows(archive, scheme)[0]
	run = cases.computed(scheme)
	assert cases.grades(run.name) == {archive: "重要"}
	cases.apply(run.name)
	frappe.db.set_value("Grading Scheme Version", run.version, "status", "Draft")
	frappe.db.set_value("Grading Scheme Criterion", {"parent": run.version, "metric": terms.YEAR_TOTAL}, "threshold", 200)
	frappe.db.set_value("Grading Scheme Version", run.version, "status", "Active")
	again = cases.computed(scheme)
	assert cases.grades(again.name) == {archive: "一般"}
	rows = grades.rows(archive, scheme)
	kept = next(row for row in rows if row.name == past.name)
	assert (kept.grade, kept.version, kept.effective_from, kept.reasons) == (past.grade, past.version, past.effective_from, past.reasons)


def test_a_past_year_is_never_recomputed(db: Any) -> None:
	scheme = cases.preset("important-core-general", (100, None, 9000, None), YEAR - 1)
	with pytest.raises(InvalidFieldsError, match=f"{YEAR - 1}"):
		cases.started(scheme, as_of=on(YEAR - 1, 6, 30))
	assert not frappe.db.exists("Grading Run", {"scheme": scheme})


@pytest.mark.parametrize(
	("as_of", "error", "words"),
	[
		(lambda: add_days(today(), 1), InvalidFieldsError, "评定基准日|日期|未来|今天"),
		(lambda: on(YEAR - 1, 12, 31), GradingError, "没有生效"),
		(lambda: "昨天", GradingError, "日"),
	],
)
def test_impossible_days_are_refused_in_chinese(db: Any, as_of: Any, error: type[Exception], words: str) -> None:
	scheme = cases.preset("important-core-general", (100, None, 9000, None))
	with pytest.raises(error, match=words):
		cases.started(scheme, as_of=as_of())
	assert not frappe.db.exists("Grading Run", {"scheme": scheme})


def test_without_a_version_in_force_or_switched_off_nothing_starts(db: Any) -> None:
	scheme = cases.preset("important-core-general", (100, None, 9000, None))
	frappe.db.set_value("Grading Scheme Version", {"scheme": scheme}, "status", "Ended")
	with pytest.raises(GradingError, match="没有生效"):
		cases.started(scheme)
	frappe.db.set_value("Grading Scheme", scheme, "is_disabled", 1)
	with pytest.raises(GradingError, match="停用"):
		cases.started(scheme)


# -- who does what -----------------------------------------------------------------------------------------------------


def test_two_runs_at_once_are_refused(db: Any) -> None:
	scheme = cases.preset("important-core-general", (100, None, 9000, None))
	first = cases.started(scheme)
	with pytest.raises(GradingError, match=first):
		cases.started(scheme)
	cases.customers([{}])
	assert frappe.db.count("Grading Run", {"scheme": scheme}) == 1
	grading_runs.withdraw(first)
	assert cases.started(scheme) != first


def test_a_run_waiting_for_approval_stands_in_the_way_unless_it_is_a_nightly_one(db: Any) -> None:
	scheme = grades.scheme(archive_type=cases.archive_kind())
	[archive] = cases.customers([{}])
	cases.deals(archive, (on(YEAR), 50_000))
	by_hand = cases.computed(scheme)
	with pytest.raises(GradingError, match="等待批准"):
		cases.started(scheme)
	assert grading_runs.nightly() == []
	grading_runs.withdraw(by_hand.name)
	[by_night] = grading_runs.nightly()
	cases.compute(by_night)
	assert frappe.db.get_value("Grading Run", by_night, "status") == "Computed"
	[next_night] = grading_runs.nightly()
	assert frappe.db.get_value("Grading Run", by_night, "status") == "Withdrawn" and not cases.grades(by_night)
	cases.compute(next_night)
	cases.apply(next_night)
	[quiet] = grading_runs.nightly()
	cases.compute(quiet)
	assert frappe.db.get_value("Grading Run", quiet, ["status", "running_key"]) == ("No Changes", None)
	assert not cases.grades(quiet)


def test_a_nightly_run_may_take_effect_by_itself(db: Any) -> None:
	scheme = grades.scheme(archive_type=cases.archive_kind(), nightly="Apply")
	nothing = grades.scheme(archive_type=cases.archive_kind(), nightly="Nothing")
	[archive] = cases.customers([{}])
	cases.deals(archive, (on(YEAR), 50_000))
	[name] = grading_runs.nightly()
	cases.compute(name)
	assert frappe.db.get_value("Grading Run", name, ["scheme", "status"]) == (scheme, "Applying")
	grades.grade_assignments.apply_run(name)
	assert grades.grade_of(archive, scheme) == "C" and grades.grade_of(archive, nothing) is None


def test_nobody_approves_his_own_run(db: Any, people: Any) -> None:
	scheme = grades.scheme(archive_type=cases.archive_kind())
	[archive] = cases.customers([{}])
	cases.deals(archive, (on(YEAR), 50_000))
	manager, service = people[roles.MARKETING_MANAGER], people[roles.CUSTOMER_SERVICE_MANAGER]
	with factories.acting(manager):
		name = grading_runs.start(scheme)
	with factories.acting(manager), pytest.raises(GradingError, match="只有"):
		grading_runs.approve(name)
	cases.compute(name)
	with factories.acting(manager), pytest.raises(GradingError, match="本人"):
		grading_runs.approve(name)
	with factories.acting(service), pytest.raises(GradingError, match=r"市场部经理|营销经理|市场经理"):
		grading_runs.approve(name)
	colleague = factories.ensure_user("second.marketing@kehu.test", roles.MARKETING_MANAGER)
	with factories.acting(colleague):
		assert grading_runs.summary(name)["may_approve"]
		grading_runs.approve(name, "同意")
	run = frappe.get_doc("Grading Run", name)
	assert (run.status, run.approved_by, run.opinion) == ("Applying", colleague, "同意")
	with factories.acting(colleague), pytest.raises(GradingError):
		grading_runs.withdraw(name)
	grades.grade_assignments.apply_run(name)
	assert grades.grade_of(archive, scheme) == "C"
	assert frappe.db.get_value("Grading Run", name, ["status", "running_key"]) == ("Applied", None)


def test_who_approves_is_told_with_the_report(db: Any, people: Any) -> None:
	scheme = grades.scheme(archive_type=cases.archive_kind())
	[archive] = cases.customers([{}])
	cases.deals(archive, (on(YEAR), 50_000))
	with factories.acting(people[roles.CUSTOMER_SERVICE_STAFF]):
		name = grading_runs.start(scheme)
	cases.compute(name)
	told = frappe.get_all("Notification Log", {"document_type": "Grading Run", "document_name": name}, ["for_user", "subject"])
	by_user = {row.for_user: row.subject for row in told}
	assert people[roles.MARKETING_MANAGER] in by_user and "评估报告" in by_user[people[roles.MARKETING_MANAGER]]


def test_a_run_made_by_a_client_is_checked_and_carries_nothing_of_his(db: Any, people: Any) -> None:
	scheme = grades.scheme(archive_type=cases.archive_kind())
	sent = {"status": "Computed", "approved_by": "Administrator", "started_by": "Administrator", "kind": "Nightly", "changes": 7, "running_key": None}
	with factories.acting(people[roles.CUSTOMER_SERVICE_STAFF]):
		doc = frappe.get_doc({"doctype": "Grading Run", "scheme": scheme, "as_of": today(), "counts": [{"grade": "A", "after_count": 9}], **sent}).insert()
		assert (doc.status, doc.approved_by, doc.kind, doc.changes, doc.running_key, len(doc.counts)) == ("Waiting", None, "By Hand", 0, scheme, 0)
		assert doc.started_by == people[roles.CUSTOMER_SERVICE_STAFF] and doc.version == grading_schemes.active_version(scheme)
		doc.update({"status": "Applied", "reading": "All", "opinion": "看过"})
		doc.save()
	stored = frappe.get_doc("Grading Run", doc.name)
	assert (stored.status, stored.reading or "", stored.opinion) == ("Waiting", "", "看过")
	with pytest.raises(DeletionRefusedError):
		stored.delete()
	with pytest.raises(GradingError):
		frappe.get_doc({"doctype": "Grading Run Result", "run": doc.name, "archive": cases.customers([{}])[0], "grade": "A"}).insert()


def test_a_withdrawn_run_stops_at_its_next_chunk_and_keeps_nothing(db: Any) -> None:
	scheme = grades.scheme(archive_type=cases.archive_kind())
	[archive] = cases.customers([{}])
	cases.deals(archive, (on(YEAR), 50_000))
	name = cases.started(scheme)
	grading_runs.withdraw(name, "参数有误")
	run = frappe.get_doc("Grading Run", name)
	assert (run.status, run.opinion, run.running_key) == ("Withdrawn", "参数有误", None)
	with pytest.raises(grading_task.Stopped):
		cases.grading_compute.compute(run, lambda: None)
	assert not cases.grades(name)


def test_a_failed_run_changes_nothing_and_says_why(db: Any) -> None:
	scheme = grades.scheme(archive_type=cases.archive_kind())
	[archive] = cases.customers([{}])
	cases.deals(archive, (on(YEAR), 50_000))
	run = cases.computed(scheme)
	cases.grading_run_job.fail(run.name, "磁盘已满")
	run.reload()
	assert (run.status, run.running_key) == ("Failed", None) and "磁盘已满" in run.error and "重新发起" in run.error
	assert not cases.grades(run.name) and grades.grade_of(archive, scheme) is None
	assert cases.started(scheme)


def test_chunks_make_no_difference(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
	scheme, names = abc(30)
	expected = {name: outcome.grade for name, outcome in reference(scheme, names).items()}
	monkeypatch.setattr(cases.grading_compute, "CHUNK", 7)
	monkeypatch.setattr(cases.grading_compute.grading_ranking, "CHUNK", 4)
	run = cases.computed(scheme)
	assert cases.grades(run.name) == expected and (run.done, run.total) == (30, 30)
	assert frappe.db.count("Grading Run Result", {"run": run.name, "sentence": ("is", "set")}) == 30


def test_progress_is_counted_with_each_chunk(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
	scheme = grades.scheme(archive_type=cases.archive_kind())
	for name in cases.customers([{} for _number in range(10)]):
		cases.deals(name, (on(YEAR), 50_000))
	monkeypatch.setattr(cases.grading_compute, "CHUNK", 4)
	run = cases.started(scheme)
	grading_run_state.put(run, {"status": "Computing"})
	seen: list[tuple[int, int]] = []
	cases.grading_compute.compute(
		frappe.get_doc("Grading Run", run), lambda: seen.append((frappe.db.get_value("Grading Run", run, "done"), len(cases.grades(run))))
	)
	assert seen == [(0, 0), (4, 4), (8, 8), (10, 10), (10, 10)]
