"""Trying a version on the population without writing anything. R-GRD-05, R-GRD-14, R-GRD-16, V-05."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import frappe
import pytest
from frappe.utils import add_days, today

from kehu_archive.api import grading_runs as api
from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain import roles
from kehu_archive.exceptions import GradingError, InvalidFieldsError
from kehu_archive.services import grading_schemes, grading_simulation, grading_trial_job
from kehu_archive.tests import factories, grades, loans
from kehu_archive.tests import grading_cases as cases


def typed(scheme: str, *thresholds: tuple[str, float], days: dict[str, int] | None = None) -> dict[str, Any]:
	"""A version as its form sends it: totals in 10,000 CNY."""
	every = days or {}
	return {
		"scheme": scheme,
		"year": cases.YEAR,
		"first_month": 1,
		"logic": "Any",
		"grades": [{"grade": code, "contact_every_days": every.get(code, 0)} for code, _from in thresholds],
		"criteria": [{"grade": code, "metric": terms.TOTAL_AMOUNT, "comparison": terms.AT_LEAST, "threshold": start} for code, start in thresholds],
	}


@pytest.fixture
def company(db: Any) -> tuple[str, list[str]]:
	"""A scheme whose grades are given, and four customers: A, B, B and C."""
	scheme = grades.scheme(archive_type=cases.archive_kind())
	names = cases.customers([{"responsible": "Administrator", "region": "华东"} for _number in range(4)])
	for name, amount in zip(names, (2_000_000, 600_000, 200_000, 50_000), strict=True):
		cases.deals(name, (f"{cases.YEAR - 1}-05-01", amount))
	run = cases.computed(scheme)
	cases.apply(run.name)
	version = grading_schemes.active_version(scheme)
	for grade, days in (("A", 7), ("B", 30), ("C", 365)):
		frappe.db.set_value("Grading Scheme Grade", {"parent": version, "grade": grade}, "contact_every_days", days)
	return scheme, names


@pytest.fixture
def staffed(db: Any, people: Any) -> None:
	"""The departments have their people; this is stored for good, so it comes before any data of a test."""
	loans.staff(people)


def checksums() -> dict[str, Any]:
	names = frappe.get_all("DocType", filters={"module": "Kehu Archive", "issingle": 0}, pluck="name")
	tables = [f"tab{name}" for name in names if frappe.db.table_exists(name)] + ["tabVersion", "tabNotification Log", "__kehu_archive_search"]
	return {table: frappe.db.sql(f"checksum table `{table}`")[0][1] for table in tables}


def test_counts_moves_and_work_without_writing_anything(company: tuple[str, list[str]]) -> None:
	scheme, names = company
	before = checksums()
	assert len(before) > 60
	result = api.simulate(typed(scheme, ("A", 50), ("B", 20), ("C", 10), days={"A": 10, "B": 30}))["result"]
	assert checksums() == before
	rows = {row["grade"]: (row["before"], row["after"]) for row in result["grades"]}
	assert rows == {"A": (1, 2), "B": (2, 1), "C": (1, 0), "": (0, 1)}
	assert {(row["from"], row["to"]): row["number"] for row in result["moves"]} == {("A", "A"): 1, ("B", "A"): 1, ("B", "B"): 1, ("C", ""): 1}
	movers = {row["archive"]: (row["from"], row["to"], row["change_kind"]) for row in result["movers"]}
	assert movers == {names[1]: ("B", "A", terms.UP), names[3]: ("C", "", terms.LEFT)} and result["movers_total"] == 2
	assert all(row["sentence"] for row in result["movers"])
	# 365/7 + 2 * 365/30 + 1 = 77.5 before, 2 * 365/10 + 365/30 = 85.2 after; each grade is rounded.
	assert (result["workload"]["before"], result["workload"]["after"]) == (52 + 24 + 1, 73 + 12)
	assert result["workload"]["people"] == [{"user": "Administrator", "full_name": "Administrator", "before": 77, "after": 85}]


def test_a_quota_is_tried(company: tuple[str, list[str]]) -> None:
	scheme, names = company
	frappe.db.set_value("Grading Scheme", scheme, "method", "Quotas")
	values = {**typed(scheme), "method": "Quotas", "score_by": terms.BY_TOTAL, "criteria": [], "grades": [{"grade": "A", "share": 25}, {"grade": "C", "share": 75}]}
	result = api.simulate(values)["result"]
	rows = {row["grade"]: (row["before"], row["after"]) for row in result["grades"]}
	assert rows == {"A": (1, 1), "C": (1, 3), "B": (2, 0), "": (0, 0)}
	assert {row["archive"] for row in result["movers"]} == {names[1], names[2]}


def test_manual_grades_stay_in_a_trial(company: tuple[str, list[str]]) -> None:
	scheme, names = company
	grades.give(names[3], scheme, "A", terms.BY_APPEAL, expires_on=add_days(today(), 9))
	result = api.simulate(typed(scheme, ("A", 500)))["result"]
	assert {row["grade"]: row["after"] for row in result["grades"]} == {"A": 1, "B": 0, "": 3}


@pytest.mark.parametrize(
	("change", "words"),
	[
		({"grades": [{"grade": "A", "share": 50}, {"grade": "B", "share": 40}], "method": "Quotas", "score_by": terms.BY_TOTAL, "criteria": []}, "100"),
		({"criteria": [{"grade": "A", "metric": terms.TOTAL_AMOUNT, "comparison": terms.AT_LEAST, "threshold": -1}]}, "第 1 行"),
		({"criteria": [{"grade": "Z", "metric": terms.TOTAL_AMOUNT, "comparison": terms.AT_LEAST, "threshold": 1}]}, "Z"),
		({"criteria": [{"grade": "A", "metric": terms.TOTAL_AMOUNT, "comparison": terms.AT_LEAST, "threshold": "很多"}]}, "第 1 行"),
	],
)
def test_what_is_wrong_is_said_as_when_it_is_activated(company: tuple[str, list[str]], change: dict[str, Any], words: str) -> None:
	with pytest.raises(InvalidFieldsError, match=words):
		api.simulate({**typed(company[0], ("A", 1)), **change})


def test_a_trial_needs_a_scheme_and_a_day(company: tuple[str, list[str]]) -> None:
	with pytest.raises(GradingError, match="分级方案"):
		api.simulate(typed("没有的方案", ("A", 1)))
	with pytest.raises(GradingError, match="日期"):
		api.simulate(typed(company[0], ("A", 1)), as_of=add_days(today(), 1))


def test_movers_are_named_as_far_as_the_person_may_read_them(staffed: None, company: tuple[str, list[str]], people: Any) -> None:
	scheme, names = company
	loans.no_other_rules()
	staff = people[roles.MARKETING_MANAGER]
	factories.name_reader(names[1], staff)
	with factories.acting(staff):
		result = api.simulate(typed(scheme, ("A", 50), ("B", 20), ("C", 10)))["result"]
	assert {row["archive"] for row in result["movers"]} <= {names[1], names[3]}
	visible = set(frappe.db.sql_list(f"select name from `tabCustomer Archive` where {grading_simulation.query.visible_archives(staff)}"))
	assert {row["archive"] for row in result["movers"]} == {names[1], names[3]} & visible
	assert result["movers_total"] == 2 and {row["grade"]: row["after"] for row in result["grades"]}["A"] == 2


def test_who_makes_no_runs_tries_nothing(company: tuple[str, list[str]], people: Any) -> None:
	with factories.acting(people[roles.SALESPERSON]), pytest.raises(frappe.PermissionError):
		api.simulate(typed(company[0], ("A", 1)))


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
	"""Every population counts as large; the jobs put into the queue."""
	queued: list[dict[str, Any]] = []
	monkeypatch.setattr(grading_trial_job, "AT_ONCE", 0)
	monkeypatch.setattr(frappe, "enqueue", lambda method, **values: queued.append({"method": method, **values}))
	yield queued


def test_a_large_population_is_tried_by_a_job(company: tuple[str, list[str]], large: list[dict[str, Any]], people: Any) -> None:
	scheme, _names = company
	begun = api.simulate(typed(scheme, ("A", 50)))
	assert begun["result"] is None
	assert api.simulation(begun["token"]) == {"done": 0, "total": 4, "result": None, "error": ""}
	[job] = large
	frappe.get_attr(job["method"])(job["token"], job["values"], job["as_of"])
	ended = api.simulation(begun["token"])
	assert (ended["done"], ended["total"], ended["result"]["total"]) == (4, 4, 4)
	with factories.acting(people[roles.MARKETING_MANAGER]), pytest.raises(frappe.PermissionError):
		api.simulation(begun["token"])
	with pytest.raises(frappe.PermissionError):
		api.simulation("x" * 20)
