"""Metrics by set queries equal the plain rule, and read only what a version asks. R-GRD-01, R-GRD-02, R-CRD-08."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import frappe
import pytest

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading_metrics import metrics_of
from kehu_archive.domain.grading_terms import Criterion, Deal, Factor, Grade, Version
from kehu_archive.services import grading_metrics
from kehu_archive.services.grading_metrics import Scope
from kehu_archive.tests import grading_cases as cases

AS_OF = date(2024, 2, 29)
KINDS = ("Sale", "Order", "Sales Contract", "Cooperation Agreement", "Return")
DAYS = (date(2020, 2, 29), date(2023, 3, 1), date(2023, 2, 28), date(2023, 3, 31), date(2023, 4, 1), date(2024, 2, 29), date(2024, 3, 1))


def everything(first_month: int) -> Version:
	"""A version that asks every metric."""
	criteria = tuple(Criterion(metric, Decimal(1), years=3 if metric == terms.CONSECUTIVE_YEARS else 0) for metric in terms.METRICS)
	return Version("x", 2023, terms.THRESHOLDS, (Grade("A", criteria=criteria),), first_month=first_month)


def random_deals(chance: random.Random) -> list[dict[str, Any]]:
	rows = []
	for _number in range(chance.choice((0, 1, 3, 12))):
		posted = chance.choice((*DAYS, date(2019, 1, 1) + timedelta(days=chance.randrange(1900))))
		paid = posted + timedelta(days=chance.randrange(-3, 200)) if chance.random() < 0.6 else None
		rows.append(
			{
				"posted_on": posted,
				"amount": Decimal(chance.randrange(0, 10_000_000)) / 100,
				"transaction_kind": chance.choice(KINDS),
				"is_default": int(chance.random() < 0.2),
				"in_totals": int(chance.random() < 0.9),
				"is_cancelled": int(chance.random() < 0.1),
				"due_on": posted + timedelta(days=30) if chance.random() < 0.7 else None,
				"paid_on": paid,
			}
		)
	return rows


def as_deal(row: dict[str, Any]) -> Deal:
	kind = row["transaction_kind"]
	is_contract = kind in ("Sales Contract", "Cooperation Agreement")
	return Deal(
		row["posted_on"], row["amount"], kind == "Return", is_contract, bool(row["is_default"]), row["due_on"], row["paid_on"], bool(row["in_totals"])
	)


@pytest.mark.parametrize("first_month", [1, 4])
@pytest.mark.parametrize("seed", range(3))
def test_the_same_as_the_plain_rule(db: Any, seed: int, first_month: int) -> None:
	chance = random.Random(seed)
	heads = [
		{"region": chance.choice(("华东", "华北")), "national_rank": chance.choice((0, 7)), "has_intention": chance.randrange(2), "likelihood": chance.choice((0, 60))}
		for _number in range(40)
	]
	names = cases.customers(heads)
	year = 2023 if first_month > 2 else 2024
	known: dict[str, dict[str, Decimal]] = {}
	deals: dict[str, list[dict[str, Any]]] = {}
	for name, head in zip(names, heads, strict=True):
		deals[name] = random_deals(chance)
		for row in deals[name]:
			cases.bulk.insert_transactions([{**row, "archive": name, "default_note": "违约"}])
		demand, score = chance.randrange(5) * 10_000, chance.randrange(1, 100)
		child = {"parent": name, "parenttype": "Customer Archive"}
		frappe.get_doc({"doctype": "Customer Archive Need", **child, "parentfield": "needs", "amount": demand, "status": "Unmet"}).db_insert()
		frappe.get_doc({"doctype": "Customer Archive Need", **child, "parentfield": "needs", "amount": 999, "status": "Met"}).db_insert()
		for given, points in ((year - 2, 11), (year, score), (year + 1, 99)):
			row = {"parentfield": "grading_inputs", "metric": terms.CREDIT, "year": given, "score": points}
			frappe.get_doc({"doctype": "Customer Archive Grading Input", **child, **row}).db_insert()
		known[name] = {
			terms.POTENTIAL_DEMAND: Decimal(demand),
			terms.INTENTION: Decimal(head["has_intention"]),
			terms.CREDIT: Decimal(score),
			**({terms.NATIONAL_RANK: Decimal(head["national_rank"])} if head["national_rank"] else {}),
			**({terms.LIKELIHOOD: Decimal(head["likelihood"])} if head["likelihood"] else {}),
		}
	found = grading_metrics.collect(names, everything(first_month), AS_OF)
	in_range = grading_metrics.collect(Scope.between(min(names), max(names)), everything(first_month), AS_OF)
	for name in names:
		counted = [as_deal(row) for row in deals[name] if not row["is_cancelled"]]
		expected = metrics_of(counted, AS_OF, first_month, known[name])
		assert found[name].values == expected.values
		assert {year: total for year, total in found[name].yearly.items() if total} == {year: total for year, total in expected.yearly.items() if total}
		assert (found[name].year, found[name].number) == (year, name)
		assert in_range[name] == found[name]


def test_only_what_a_version_asks_is_read(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
	[name] = cases.customers([{}])
	cases.deals(name, ("2024-01-05", 100))
	asked: list[str] = []
	run = frappe.db.sql
	monkeypatch.setattr(frappe.db, "sql", lambda query, *args, **kwargs: (asked.append(str(query)), run(query, *args, **kwargs))[1])
	money = Version("x", 2024, terms.THRESHOLDS, (Grade("A", criteria=(Criterion(terms.TOTAL_AMOUNT, Decimal(1)),)),))
	found = grading_metrics.collect([name], money, AS_OF)
	assert found[name].values == {terms.TOTAL_AMOUNT: Decimal(100)}
	assert len(asked) == 2
	assert not any(word in " ".join(asked) for word in ("paid_on", "Need", "Grading Input", "min(posted_on)"))


def test_a_blank_threshold_and_a_scorecard_decide_what_is_asked() -> None:
	blank = Criterion(terms.NATIONAL_RANK, None)
	version = Version("x", 2024, terms.THRESHOLDS, (Grade("A", criteria=(blank, Criterion(terms.YEAR_TOTAL_OR_DEMAND, Decimal(1)))),))
	assert grading_metrics.asked_by(version) == {terms.YEAR_TOTAL_OR_DEMAND, terms.YEAR_TOTAL, terms.POTENTIAL_DEMAND}
	card = Version("x", 2024, terms.SCORECARD, (Grade("A"),), (Factor(terms.CREDIT, Decimal(100)),))
	assert grading_metrics.asked_by(card) == {terms.CREDIT}
	quota = Version("x", 2024, terms.QUOTAS, (Grade("A", share=Decimal(100)),), score_by=terms.BY_YEAR_TOTAL)
	assert grading_metrics.asked_by(quota) == {terms.YEAR_TOTAL, terms.TOTAL_AMOUNT}
	assert grading_metrics.asked_by(replace(quota, score_by=terms.BY_TOTAL)) == {terms.TOTAL_AMOUNT}


def test_transactions_are_read_in_the_order_of_an_index_that_holds_all_columns(db: Any) -> None:
	names = cases.customers([{} for _number in range(3)])
	for name in names:
		cases.deals(name, *[(f"2023-{month:02d}-01", 10) for month in range(1, 13)])
	plan = frappe.db.sql(
		"""explain select archive, sum(if(in_totals, amount, 0)), sum(is_default), max(due_on), max(paid_on), max(transaction_kind)
		from `tabArchive Transaction` where archive between %s and %s and is_cancelled = 0 and posted_on <= '2024-01-01' group by archive""",
		(names[0], names[-1]),
		as_dict=True,
	)
	assert plan[0].key == "archive_deals_index"
	assert "Using index" in plan[0].Extra and "filesort" not in plan[0].Extra and "temporary" not in plan[0].Extra
