"""Words and values of grading: schemes with yearly versions, metrics of a customer, outcomes with their reasons.

Amounts are in CNY as `Decimal`; forms take thresholds in 10,000 CNY (万元) and convert when a version is loaded. Shares and weights are in percent, 0 to 100.
Clause: R-GRD-01..22, V-03, V-04, V-05; form F-04 成交客户分级评价表.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

#: What a scheme is used for; a purpose has at most one scheme (R-GRD-22).
ACCESS: Final = "Access"
CONTACT: Final = "Contact"
ANALYSIS: Final = "Analysis"
PURPOSES: Final = (ACCESS, CONTACT, ANALYSIS)

#: How a version grades.
THRESHOLDS: Final = "Thresholds"
QUOTAS: Final = "Quotas"
SCORECARD: Final = "Scorecard"
METHODS: Final = (THRESHOLDS, QUOTAS, SCORECARD)

#: How the criteria of a grade are read together (V-05).
ANY: Final = "Any"
ALL: Final = "All"
AT_LEAST_K: Final = "At Least"
READINGS: Final = (ANY, ALL, AT_LEAST_K)

#: Comparisons of a criterion.
AT_LEAST: Final = "Not Less Than"
AT_MOST: Final = "Not More Than"

#: What a quota is ranked by.
BY_FACTORS: Final = "Weighted Factors"
BY_TOTAL: Final = "Total Amount"
BY_YEAR_TOTAL: Final = "Year Total"

#: Metrics. Amounts in CNY, days as whole numbers, scores 0 to 100.
YEAR_TOTAL: Final = "Year Total"
CONSECUTIVE_YEARS: Final = "Consecutive Years"
LARGEST_CONTRACT: Final = "Largest Contract"
YEAR_TOTAL_OR_DEMAND: Final = "Year Total or Demand"
POTENTIAL_DEMAND: Final = "Potential Demand"
NATIONAL_RANK: Final = "National Rank"
TOTAL_AMOUNT: Final = "Total Amount"
DEALS: Final = "Number of Deals"
DEFAULTS: Final = "Number of Defaults"
PAYMENT_DAYS: Final = "Average Payment Days"
OVERDUE_COUNT: Final = "Number of Overdue Payments"
RECENCY: Final = "Days Since the Last Deal"
FREQUENCY: Final = "Deals in Twelve Months"
MONETARY: Final = "Amount in Twelve Months"
COOPERATION_YEARS: Final = "Years of Cooperation"
INTENTION: Final = "Intention to Cooperate"
LIKELIHOOD: Final = "Likelihood of a Deal"
PROFIT: Final = "Profit Contribution"
CREDIT: Final = "Credit Standing"
DEMAND: Final = "Customer Demand"
STRENGTH: Final = "Overall Strength"
PROSPECTS: Final = "Development Prospects"

AMOUNTS: Final = frozenset(
	{YEAR_TOTAL, LARGEST_CONTRACT, YEAR_TOTAL_OR_DEMAND, POTENTIAL_DEMAND, TOTAL_AMOUNT, MONETARY}
)
"""Metrics whose thresholds people write in 10,000 CNY. The amount a Consecutive Years criterion asks of each year is one too."""
JUDGED: Final = frozenset({PROFIT, CREDIT, DEMAND, STRENGTH, PROSPECTS})
"""Scores that people give, by year (F-04: 数据来源 人工)."""
COUNTED: Final = AMOUNTS | {CONSECUTIVE_YEARS, DEALS, DEFAULTS, OVERDUE_COUNT, FREQUENCY, COOPERATION_YEARS, INTENTION}
"""Sums and counts: where such a metric is missing it is 0. Any other missing metric is unknown and meets no threshold."""
FEWER_IS_BETTER: Final = frozenset({NATIONAL_RANK, DEFAULTS, PAYMENT_DAYS, OVERDUE_COUNT, RECENCY})
METRICS: Final = (
	*(YEAR_TOTAL, CONSECUTIVE_YEARS, LARGEST_CONTRACT, YEAR_TOTAL_OR_DEMAND, POTENTIAL_DEMAND, NATIONAL_RANK),
	*(TOTAL_AMOUNT, DEALS, DEFAULTS, PAYMENT_DAYS, OVERDUE_COUNT, RECENCY, FREQUENCY, MONETARY),
	*(COOPERATION_YEARS, INTENTION, LIKELIHOOD, PROFIT, CREDIT, DEMAND, STRENGTH, PROSPECTS),
)

#: How a grade moved.
NEW: Final = "First Grade"
UP: Final = "Up"
DOWN: Final = "Down"
SAME: Final = "Same"
LEFT: Final = "No Longer Graded"
CHANGES: Final = (NEW, UP, DOWN, SAME, LEFT)

#: Where an assignment comes from.
BY_RUN: Final = "Grading Run"
BY_TRANSACTION: Final = "New Transaction"
BY_APPEAL: Final = "Grade Appeal"
BY_EXPIRY: Final = "Manual Grade Expired"
SOURCES: Final = (BY_RUN, BY_TRANSACTION, BY_APPEAL, BY_EXPIRY)

NO_GRADE: Final = ""
"""No grade of the scheme fits."""


@dataclass(frozen=True)
class Criterion:
	"""One condition of a grade: a metric against a threshold.

	Attributes:
		threshold: for amounts in CNY; None while the regulation's blank is not filled in, and then the criterion is not asked.
		years: for Consecutive Years: how many years in a row each reach `threshold`; 0 otherwise.
	"""

	metric: str
	threshold: Decimal | None
	comparison: str = AT_LEAST
	years: int = 0


@dataclass(frozen=True)
class Grade:
	"""One grade of a version. Grades stand best first.

	Attributes:
		code: what archives carry and rules name, such as ``A`` or ``重要``.
		label: what people read; an alias stands in `label` when the company uses one (R-GRD-06).
		criteria, logic, least: for thresholds; `logic` is one of `READINGS`, `least` is the k of "at least k".
		also: conditions that hold besides, whatever the logic: all of them (a general customer has a deal, a prospect has none).
		share: for quotas, percent of the population.
		score_from: for scorecards, the lowest score of the grade, 0 to 100.
	"""

	code: str
	label: str = ""
	criteria: tuple[Criterion, ...] = ()
	logic: str = ANY
	least: int = 1
	also: tuple[Criterion, ...] = ()
	share: Decimal = Decimal(0)
	score_from: Decimal = Decimal(0)


@dataclass(frozen=True)
class Band:
	"""A metric's value in [value_from, value_to) scores `points`; None means without limit."""

	value_from: Decimal | None
	value_to: Decimal | None
	points: Decimal


@dataclass(frozen=True)
class Factor:
	"""A factor of a scorecard: a metric, its weight in percent and its bands; without bands the value itself is the score, held within 0 to 100."""

	metric: str
	weight: Decimal
	bands: tuple[Band, ...] = ()


@dataclass(frozen=True)
class Version:
	"""The rules of one scheme for one year.

	Attributes:
		first_month: 1 for calendar years; 4 for a fiscal year that begins on 1 April. A fiscal year is called by the calendar year it begins in.
		upgrade_share: percent of a threshold, quota or score from which a customer counts as a candidate for the next grade (R-GRD-20).
		score_by: what quotas rank by.
		per_region: quotas are filled for each region by itself (R-GRD-15).
	"""

	scheme: str
	year: int
	method: str
	grades: tuple[Grade, ...]
	factors: tuple[Factor, ...] = ()
	first_month: int = 1
	upgrade_share: Decimal = Decimal(80)
	score_by: str = BY_FACTORS
	per_region: bool = False


@dataclass(frozen=True)
class Deal:
	"""A transaction as grading reads it: amounts in CNY. Outside the totals only its default counts."""

	posted_on: date
	amount: Decimal
	is_return: bool = False
	is_contract: bool = False
	is_default: bool = False
	due_on: date | None = None
	paid_on: date | None = None
	in_totals: bool = True


@dataclass(frozen=True)
class Metrics:
	"""What is known of one customer on a day.

	Attributes:
		values: metric -> value; a metric that is unknown is missing.
		yearly: fiscal year -> total in CNY, for Consecutive Years.
		year: the fiscal year in which the day lies.
		region, archive_date, number: for regions and ties.
	"""

	values: Mapping[str, Decimal]
	yearly: Mapping[int, Decimal] = field(default_factory=dict)
	year: int = 0
	region: str = ""
	archive_date: date | None = None
	number: str = ""


@dataclass(frozen=True)
class Reason:
	"""One compared metric: what it is, what was asked, whether it held. For factors: `points` scored of the bands and `weight`."""

	metric: str
	value: Decimal | None
	threshold: Decimal | None
	holds: bool
	comparison: str = AT_LEAST
	years: int = 0
	points: Decimal | None = None
	weight: Decimal | None = None


@dataclass(frozen=True)
class Step:
	"""What would raise or lower a grade: to which grade, and which comparisons would have to turn."""

	grade: str
	changes: tuple[Reason, ...]


@dataclass(frozen=True)
class Outcome:
	"""The grade of one customer.

	Attributes:
		grade: code under the version's own logic; `NO_GRADE` when none fits.
		grade_any, grade_all: under the two readings of V-05; equal to `grade` where no criteria are read.
		reasons: the comparisons that decided `grade`; where it is a lower one, with those that failed for the one above.
		score: of a scorecard or a quota, 0 to 100 (an amount for quotas by amount).
		raised, lowered: the next step up and what would lead down; None at the ends.
		candidate_for: the grade above if the customer reaches `upgrade_share` of it, else ''.
		candidate_share: percent reached of what the grade above asks.
	"""

	grade: str
	grade_any: str = ""
	grade_all: str = ""
	reasons: tuple[Reason, ...] = ()
	score: Decimal | None = None
	raised: Step | None = None
	lowered: Step | None = None
	candidate_for: str = ""
	candidate_share: Decimal | None = None
