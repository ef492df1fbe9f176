"""What is known of many customers, by one grouped read of their transactions and a few of their archives.

Contract: `collect` gives the same as `domain.grading_metrics.metrics_of` for what the version asks; what it does not ask is not read. Transactions are read
in the order of an index that holds every column named here (see Archive Transaction), one range of archive numbers at a time, so a chunk of a run costs one
pass over its part of the index and no sorting. Clause: R-GRD-01, R-GRD-02, R-GRD-07, R-GRD-15, R-CRD-08.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import frappe
from frappe.utils import cstr

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading_metrics import fiscal_year, twelve_months, year_bounds
from kehu_archive.domain.grading_quota import AMOUNT_OF
from kehu_archive.domain.grading_terms import Metrics, Version

Values = dict[str, Decimal]
#: name, region, archive date, intention, likelihood, national rank; more may follow.
Head = Sequence[Any]

_ZERO: Final = Decimal(0)
_SIGNED: Final = "if(transaction_kind = 'Return', -abs(amount), amount)"
_BOUGHT: Final = "(in_totals and transaction_kind != 'Return')"
_PAID: Final = f"({_BOUGHT} and paid_on <= %(as_of)s)"
#: Metric -> its expression over the transactions of one archive. Division keeps twenty places, so that the mean is rounded once.
_SUMS: Final[dict[str, str]] = {
	terms.YEAR_TOTAL: f"sum(if(in_totals and posted_on >= %(year_from)s, {_SIGNED}, 0))",
	terms.TOTAL_AMOUNT: f"sum(if(in_totals, {_SIGNED}, 0))",
	terms.LARGEST_CONTRACT: f"""coalesce(max(if({_BOUGHT} and transaction_kind in ('Sales Contract', 'Cooperation Agreement'), amount, null)),
		max(if({_BOUGHT}, amount, null)), 0)""",
	terms.DEALS: f"ifnull(sum({_BOUGHT}), 0)",
	terms.DEFAULTS: "sum(is_default)",
	terms.FREQUENCY: f"ifnull(sum({_BOUGHT} and posted_on >= %(months_from)s), 0)",
	terms.MONETARY: f"sum(if(in_totals and posted_on >= %(months_from)s, {_SIGNED}, 0))",
	terms.OVERDUE_COUNT: f"ifnull(sum({_BOUGHT} and due_on < if(paid_on <= %(as_of)s, paid_on, %(as_of)s)), 0)",
	terms.RECENCY: f"cast(datediff(%(as_of)s, max(if({_BOUGHT}, posted_on, null))) as decimal(9))",
	terms.COOPERATION_YEARS: f"cast(ifnull(timestampdiff(year, min(if({_BOUGHT}, posted_on, null)), %(as_of)s), 0) as decimal(9))",
	terms.PAYMENT_DAYS: f"""round(cast(sum(if({_PAID}, datediff(paid_on, posted_on), null)) as decimal(40, 20))
		/ count(if({_PAID}, 1, null)), 2)""",
}
_WHOLE: Final = frozenset({terms.DEALS, terms.DEFAULTS, terms.FREQUENCY, terms.OVERDUE_COUNT, terms.RECENCY, terms.COOPERATION_YEARS})
_UNKNOWN_WITHOUT_DEAL: Final = frozenset({terms.RECENCY, terms.PAYMENT_DAYS})


@dataclass(frozen=True)
class Scope:
	"""Which archives are read: those named, or every one from the first number to the last."""

	condition: str
	values: dict[str, Any]
	lock: str = ""

	@classmethod
	def of(cls, names: Sequence[str], is_locked: bool = False) -> Scope:
		"""The archives of these numbers. `is_locked`: their transactions as committed now, not as the present transaction first saw them."""
		return cls("{column} in %(names)s", {"names": tuple(names) or ("",)}, " lock in share mode" if is_locked else "")

	@classmethod
	def between(cls, first: str, last: str) -> Scope:
		"""A range of numbers, both ends included."""
		return cls("{column} between %(first)s and %(last)s", {"first": first, "last": last})

	def on(self, column: str) -> str:
		"""The condition on a column, which is written by us."""
		return self.condition.format(column=column)


def collect(names: Sequence[str] | Scope, version: Version, as_of: date) -> dict[str, Metrics]:
	"""What a version asks, of these archives, or of a range of them, by archive number. `as_of` is the day on which they are looked at."""
	scope = names if isinstance(names, Scope) else Scope.of(names)
	heads = frappe.db.sql(
		f"""select name, region, archive_date, has_intention, likelihood, national_rank
		from `tabCustomer Archive` where {scope.on("name")}""",
		scope.values,
	)
	return measure(heads, scope, version, as_of)


def measure(heads: Iterable[Head], scope: Scope, version: Version, as_of: date) -> dict[str, Metrics]:
	"""The same for archives that were read already; all of them must lie within the scope."""
	asked = asked_by(version)
	year = fiscal_year(as_of, version.first_month)
	sums, yearly = _transactions(asked, scope, as_of, version.first_month)
	demand = _demand(scope) if terms.POTENTIAL_DEMAND in asked else {}
	judged = _judged(scope, year) if asked & terms.JUDGED else {}
	nothing = {metric: _ZERO for metric in asked if metric in _SUMS and metric not in _UNKNOWN_WITHOUT_DEAL}
	with_archive = _archive_reader(asked)
	found: dict[str, Metrics] = {}
	for head in heads:
		name = head[0]
		values = sums.get(name) or dict(nothing)
		if with_archive:
			with_archive(values, head)
		if judged and name in judged:
			values.update(judged[name])
		if terms.POTENTIAL_DEMAND in asked:
			values[terms.POTENTIAL_DEMAND] = demand.get(name, _ZERO)
		if terms.YEAR_TOTAL_OR_DEMAND in asked:
			values[terms.YEAR_TOTAL_OR_DEMAND] = max(values[terms.YEAR_TOTAL], values[terms.POTENTIAL_DEMAND])
		found[name] = Metrics(values, yearly.get(name, {}), year, cstr(head[1]).strip(), head[2], name)
	return found


def asked_by(version: Version) -> frozenset[str]:
	"""The metrics a version decides by, with those they are made of."""
	asked = {
		one.metric for grade in version.grades for one in (*grade.criteria, *grade.also) if one.threshold is not None
	} | {factor.metric for factor in version.factors}
	if version.method == terms.QUOTAS:
		# Ties are broken by the total amount.
		asked = (asked if version.score_by == terms.BY_FACTORS else {AMOUNT_OF[version.score_by]}) | {terms.TOTAL_AMOUNT}
	if terms.YEAR_TOTAL_OR_DEMAND in asked:
		asked |= {terms.YEAR_TOTAL, terms.POTENTIAL_DEMAND}
	return frozenset(asked)


def _transactions(asked: frozenset[str], scope: Scope, as_of: date, first_month: int) -> tuple[dict[str, Values], dict[str, dict[int, Decimal]]]:
	"""Sums by archive, and totals by archive and fiscal year; one pass for both."""
	metrics = [metric for metric in _SUMS if metric in asked]
	year = fiscal_year(as_of, first_month)
	values = {
		**scope.values,
		"as_of": as_of,
		"year_from": year_bounds(year, first_month)[0],
		"months_from": twelve_months(as_of),
	}
	where = f"where {scope.on('archive')} and is_cancelled = 0 and posted_on <= %(as_of)s"
	years = _years(where, values, year, first_month) if terms.CONSECUTIVE_YEARS in asked else []
	if not metrics and not years:
		return {}, {}
	columns = [_text(_SUMS[metric], metric not in _WHOLE) for metric in metrics] + [_year_column(one, first_month) for one in years]
	rows = frappe.db.sql(f"select archive, {', '.join(columns)} from `tabArchive Transaction` {where} group by archive{scope.lock}", values)
	width = len(metrics) + 1
	sums = {row[0]: {metric: Decimal(value) for metric, value in zip(metrics, row[1:width], strict=True) if value is not None} for row in rows}
	if not years:
		return sums, {}
	return sums, {row[0]: {one: Decimal(total) for one, total in zip(years, row[width:], strict=True) if total is not None} for row in rows}


def _years(where: str, values: dict[str, Any], year: int, first_month: int) -> list[int]:
	"""The fiscal years from the first transaction of the range to the assessed one."""
	first = frappe.db.sql(f"select min(posted_on) from `tabArchive Transaction` {where}", values)[0][0]
	return list(range(fiscal_year(first, first_month), year + 1)) if first else []


def _year_column(year: int, first_month: int) -> str:
	first, last = year_bounds(year, first_month)
	return _text(f"sum(if(in_totals and posted_on between '{first.isoformat()}' and '{last.isoformat()}', {_SIGNED}, null))", True)


def _text(number: str, has_places: bool) -> str:
	"""A number as text without needless zeros: the framework would hand it over as a float."""
	text = f"cast({number} as char)"
	return f"trim(trailing '.' from trim(trailing '0' from {text}))" if has_places else text


def _demand(scope: Scope) -> Values:
	"""The sum of the open needs, by archive."""
	rows = frappe.db.sql(
		f"""select parent, {_text("sum(amount)", True)} from `tabCustomer Archive Need`
		where {scope.on("parent")} and parenttype = 'Customer Archive' and status = 'Unmet' group by parent""",
		scope.values,
	)
	return {name: Decimal(amount) for name, amount in rows}


def _judged(scope: Scope, year: int) -> dict[str, Values]:
	"""Scores that people gave, each of the latest year up to the assessed one, by archive."""
	rows = frappe.db.sql(
		f"""select parent, metric, score from `tabCustomer Archive Grading Input`
		where {scope.on("parent")} and parenttype = 'Customer Archive' and year <= %(year)s order by parent, year, idx""",
		{**scope.values, "year": year},
	)
	found: dict[str, Values] = {}
	for name, metric, score in rows:
		found.setdefault(name, {})[metric] = _decimal(score)
	return found


def _archive_reader(asked: frozenset[str]) -> Callable[[Values, Head], None] | None:
	"""Puts what stands on the archive itself into the values. A likelihood or rank of 0 was never entered and stays unknown."""
	places = {terms.LIKELIHOOD: 4, terms.NATIONAL_RANK: 5}
	wanted = [(metric, place) for metric, place in places.items() if metric in asked]
	intends = terms.INTENTION in asked
	if not wanted and not intends:
		return None

	def read(values: Values, head: Head) -> None:
		if intends:
			values[terms.INTENTION] = Decimal(int(bool(head[3])))
		for metric, place in wanted:
			if head[place]:
				values[metric] = _decimal(head[place])

	return read


def _decimal(value: Any) -> Decimal:
	return value if isinstance(value, Decimal) else Decimal(str(value or 0))
