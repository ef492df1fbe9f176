"""On 18 months of real purchases of 23,570 customers (CDNOW): what grading measures equals a computation over the raw file, and a real run splits them
20/40/40. Nothing of the app computes what is expected here. R-GRD-14, R-ANA-16.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import frappe
import pytest

from kehu_archive.demo import cdnow
from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading_terms import Criterion, Grade, Version
from kehu_archive.services import grading_metrics
from kehu_archive.services.sql import insert_rows
from kehu_archive.tests import grading_cases as cases

CUSTOMERS = 23_570
END = date(1998, 6, 30)
ASKED = (terms.RECENCY, terms.FREQUENCY, terms.MONETARY, terms.TOTAL_AMOUNT, terms.YEAR_TOTAL, terms.DEALS, terms.LARGEST_CONTRACT, terms.CONSECUTIVE_YEARS)
Line = tuple[str, date, Decimal]


def raw_lines() -> list[Line]:
	"""Customer, day and amount of every line of the file."""
	lines = cdnow.obtain().read_text(encoding="ascii").splitlines()[1:]
	cells = (line.split() for line in lines if line.strip())
	return [(customer, datetime.strptime(day, "%Y%m%d").date(), Decimal(amount)) for customer, day, _discs, amount in cells]


@pytest.fixture(scope="module")
def history(site: str) -> Iterator[list[Line]]:
	"""The whole file on the site in one transaction, taken back at the end."""
	frappe.db.rollback()
	frappe.set_user("Administrator")
	frappe.local.lang = "zh"
	lines = raw_lines()
	first: dict[str, date] = {}
	for customer, day, _amount in lines:
		first[customer] = min(day, first.get(customer, day))
	kind = cases.archive_kind()
	columns = ("name", "archive_no", "creation", "modified", "owner", "customer_name", "archive_type", "archive_date", "workflow_state")
	rows = ((name_of(one), name_of(one), day, day, "Administrator", f"CDNOW {one}", kind, day, "Filed") for one, day in first.items())
	insert_rows("tabCustomer Archive", columns, rows, chunk=2000)
	columns = ("name", "creation", "modified", "owner", "archive", "transaction_kind", "posted_on", "amount")
	deals = ((f"CDNOW-{place:06d}", day, day, "Administrator", name_of(one), "Sale", day, amount) for place, (one, day, amount) in enumerate(lines))
	insert_rows("tabArchive Transaction", columns, deals, chunk=2000)
	yield lines
	frappe.db.rollback()


def name_of(customer: str) -> str:
	return f"CDNOW-{customer}"


def test_what_is_measured_equals_the_raw_file(history: list[Line]) -> None:
	by_customer: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
	for customer, day, amount in history:
		by_customer[customer].append((day, amount))
	criteria = tuple(Criterion(metric, Decimal(1), years=int(metric == terms.CONSECUTIVE_YEARS)) for metric in ASKED)
	version = Version("x", 1998, terms.THRESHOLDS, (Grade("A", criteria=criteria),))
	found = grading_metrics.collect([name_of(one) for one in by_customer], version, END)
	assert len(found) == len(by_customer) == CUSTOMERS
	for customer, deals in by_customer.items():
		days, amounts = [day for day, _amount in deals], [amount for _day, amount in deals]
		late = [amount for day, amount in deals if day >= date(1997, 7, 1)]
		of_1998 = [amount for day, amount in deals if day.year == 1998]
		metrics = found[name_of(customer)]
		assert metrics.values == {
			terms.RECENCY: (END - max(days)).days,
			terms.FREQUENCY: len(late),
			terms.MONETARY: sum(late),
			terms.TOTAL_AMOUNT: sum(amounts),
			terms.YEAR_TOTAL: sum(of_1998),
			terms.DEALS: len(deals),
			terms.LARGEST_CONTRACT: max(amounts),
		}, customer
		assert metrics.yearly == {year: sum(amount for day, amount in deals if day.year == year) for year in {day.year for day in days}}, customer


def test_a_real_run_splits_them_20_40_40(history: list[Line]) -> None:
	scheme = cases.preset("abc", factors=[], score_by=terms.BY_TOTAL)
	run = cases.computed(scheme)
	assert (run.status, run.total, run.changes) == ("Computed", CUSTOMERS, CUSTOMERS)
	grades = cases.grades(run.name)
	assert Counter(grades.values()) == {"A": 4_714, "B": 9_428, "C": 9_428}
	totals: dict[str, Decimal] = defaultdict(Decimal)
	first: dict[str, date] = {}
	for customer, day, amount in history:
		totals[customer] += amount
		first[customer] = min(day, first.get(customer, day))
	order = sorted(totals, key=lambda one: (-totals[one], first[one], name_of(one)))
	expected: dict[str, Any] = {name_of(one): "A" if place < 4_714 else "B" if place < 14_142 else "C" for place, one in enumerate(order)}
	assert grades == expected
	assert min(totals[one] for one in order[:4_714]) >= max(totals[one] for one in order[4_714:])
