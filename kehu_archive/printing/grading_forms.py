"""What the printed form 成交客户分级评价表 (F-04) of a grade needs.

Contract: the grade, its score and its reasons come from the stored assignment and are never worked out anew. What the form shows besides (the hard conditions,
and the scorecard where the grade itself came by thresholds) is measured for the day the grade was looked at. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import formatdate, getdate

from kehu_archive.domain import grading, grading_explain, grading_plan
from kehu_archive.domain import grading_metrics as measures
from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading_terms import Criterion, Grade, Metrics, Outcome, Reason, Version
from kehu_archive.domain.grading_words import amount_text, number_text
from kehu_archive.services import grading_metrics, grading_reasons, grading_schemes

#: The factors of the form, word for word and in its order -> the metrics that count for it.
FACTORS: Final = (
	("Customer Turnover", frozenset(terms.AMOUNTS - {terms.POTENTIAL_DEMAND, terms.YEAR_TOTAL_OR_DEMAND})),
	("Customer Credit Standing", frozenset({terms.CREDIT, terms.PAYMENT_DAYS, terms.OVERDUE_COUNT, terms.DEFAULTS})),
	("Contribution to the Company's Profit Rate", frozenset({terms.PROFIT})),
	("Customer Needs", frozenset({terms.DEMAND, terms.POTENTIAL_DEMAND, terms.YEAR_TOTAL_OR_DEMAND})),
	("Customer's Overall Strength", frozenset({terms.STRENGTH})),
	("Development Prospects", frozenset({terms.PROSPECTS})),
)
OTHER: Final = "Other Factors"
#: The hard conditions of the form -> their metric.
CONDITIONS: Final = (
	("Yearly Contract Amount of Three (Two) Years in a Row and More", terms.CONSECUTIVE_YEARS),
	("Amount of a Single Contract", terms.LARGEST_CONTRACT),
	("Amount of the Whole Year or Potential Demand", terms.YEAR_TOTAL_OR_DEMAND),
	("National Rank in Size and Technology", terms.NATIONAL_RANK),
)
#: Asks for every hard condition, so that its figure is measured.
_SHOWN: Final = Grade("", criteria=tuple(Criterion(metric, Decimal(1)) for _label, metric in CONDITIONS))
_TREND: Final = {terms.UP: "Rises", terms.DOWN: "Falls", terms.SAME: "Unchanged"}


@dataclass(frozen=True)
class FactorRow:
	"""A factor of the form as text."""

	label: str
	weight: str = ""
	standard: str = ""
	source: str = ""
	points: str = ""
	weighted: str = ""


@dataclass(frozen=True)
class ConditionRow:
	"""A hard condition: the value the system found, and each grade's demand with whether it holds."""

	label: str
	value: str
	asked: tuple[str, ...]


class Evaluation:
	"""A Grade Assignment as the form F-04 shows it."""

	def __init__(self, assignment: Any) -> None:
		self.doc = assignment
		packed = grading_reasons.unpack(assignment.reasons)
		self.outcome: Outcome | None = packed.outcome if packed else None
		self.as_of: date = (packed.as_of if packed else None) or getdate(assignment.effective_from)
		self.version: Version | None = grading_schemes.load(assignment.version) if assignment.version else None

	@property
	def year(self) -> int:
		"""The fiscal year that was looked at."""
		return self.version.year if self.version else self.as_of.year

	@property
	def period(self) -> str:
		"""The fiscal year's first day and the day of the evaluation."""
		first, _last = measures.year_bounds(self.year, self.version.first_month if self.version else 1)
		return _("{0} to {1}").format(formatdate(first), formatdate(self.as_of))

	@cached_property
	def metrics(self) -> Metrics | None:
		"""The customer on that day."""
		rules = self.version or self._card or self._thresholds
		if not rules:
			return None
		# Everything the form shows is asked, whatever the grade's own version asks; the year is that of its version.
		everything = replace(
			rules,
			method=terms.THRESHOLDS,
			grades=(*rules.grades, *(self._thresholds.grades if self._thresholds else ()), _SHOWN),
			factors=(*rules.factors, *(self._card.factors if self._card else ())),
		)
		return grading_metrics.collect([self.doc.archive], everything, self.as_of).get(self.doc.archive)

	@cached_property
	def _card(self) -> Version | None:
		"""The scorecard that the factors come from: the grade's own version, else one in force that day."""
		name = self._card_name
		return grading_schemes.load(name) if name else None

	@cached_property
	def _card_name(self) -> str | None:
		if self.version and self.version.factors:
			return str(self.doc.version)
		found = (
			grading_schemes.active_version(scheme.name, self.as_of)
			for scheme in grading_schemes.active_schemes()
			if scheme.method == terms.SCORECARD
		)
		return next((name for name in found if name), None)

	@cached_property
	def _scored(self) -> dict[str, Reason]:
		"""Factor -> its points: as stored where the grade came by them, else of the scorecard in force."""
		card = self._card
		if not card:
			return {}
		if card is self.version and self.outcome:
			return {reason.metric: reason for reason in self.outcome.reasons if reason.weight is not None}
		if not self.metrics:
			return {}
		return {reason.metric: reason for reason in grading_explain.factors(grading_plan.plan_of(card), self.metrics)}

	@cached_property
	def factors(self) -> list[FactorRow]:
		"""The six factors of the form and what a company added; those that no scorecard weighs stay blank, to be filled in by hand."""
		standards = self._standards()
		rows: list[FactorRow] = []
		used: set[str] = set()
		for label, metrics in FACTORS:
			own = [metric for metric in standards if metric in metrics]
			used |= set(own)
			rows += [self._factor(_(label), metric, standards) for metric in own] or [FactorRow(_(label))]
		others = [metric for metric in standards if metric not in used]
		return rows + ([self._factor(f"{_(OTHER)}: {_(metric)}", metric, standards) for metric in others] or [FactorRow(_(OTHER))])

	def _standards(self) -> dict[str, Any]:
		if not self._card_name:
			return {}
		found = frappe.get_all(
			"Grading Scheme Factor",
			filters={"parent": self._card_name, "parenttype": grading_schemes.VERSION},
			fields=["metric", "weight", "standard", "source"],
			order_by="idx",
		)
		return {row.metric: row for row in found}

	def _factor(self, label: str, metric: str, standards: Mapping[str, Any]) -> FactorRow:
		row, scored = standards[metric], self._scored.get(metric)
		weight = Decimal(str(row.weight or 0))
		points = scored.points if scored else None
		return FactorRow(
			label,
			f"{number_text(weight)}%",
			row.standard or "",
			_(row.source or ("Judged" if metric in terms.JUDGED else "System")),
			"" if points is None else number_text(points),
			"" if points is None else number_text(weight * points / 100),
		)

	@property
	def weights(self) -> str:
		"""The sum of the weights."""
		return f"{number_text(sum((one.weight for one in self._card.factors), Decimal(0)))}%" if self._card else ""

	@property
	def score(self) -> str:
		"""The score: of the grade itself, else of the scorecard beside it."""
		if self.outcome and self.outcome.score is not None:
			return number_text(self.outcome.score)
		if self._card and self.metrics and self._card.method == terms.SCORECARD:
			return number_text(grading.score(self._card, self.metrics))
		return ""

	@cached_property
	def conditions(self) -> list[ConditionRow]:
		"""The hard conditions with the system's own figures, beside what the thresholds in force ask."""
		rules = self._thresholds
		return [ConditionRow(_(label), self._value(metric), tuple(self._asked(rules, metric))) for label, metric in CONDITIONS]

	@cached_property
	def _thresholds(self) -> Version | None:
		if self.version and self.version.method == terms.THRESHOLDS:
			return self.version
		for scheme in sorted(grading_schemes.active_schemes(), key=lambda one: terms.ANALYSIS not in one.purposes):
			name = grading_schemes.active_version(scheme.name, self.as_of) if scheme.method == terms.THRESHOLDS else None
			if name:
				return grading_schemes.load(name)
		return None

	def _value(self, metric: str) -> str:
		if not self.metrics:
			return ""
		if metric == terms.CONSECUTIVE_YEARS:
			years = sorted(self.metrics.yearly.items())[-3:]
			return "; ".join(f"{year}: {amount_text(amount, _)}" for year, amount in years) or _("No deal")
		value = self.metrics.values.get(metric)
		if value is None:
			return str(_("Not Known"))
		return amount_text(value, _) if metric in terms.AMOUNTS else number_text(value)

	def _asked(self, rules: Version | None, metric: str) -> list[str]:
		if not rules or not self.metrics:
			return []
		found = []
		for level in grading_plan.plan_of(rules).levels:
			for test in level.tests:
				if test.metric == metric:
					reason = grading_explain.compared(test, self.metrics)
					row = grading_reasons.words(Outcome("", reasons=(reason,)), rules)["rows"][0]
					mark = "☑" if reason.holds else "□"
					found.append(f"{mark} {grading_reasons.label_of(level.code, rules)}: {row['asked']}")
		return found

	@property
	def grades(self) -> list[str]:
		"""Every grade of the scheme with a tick before the one that was given."""
		known = [(one.code, one.label or one.code) for one in self.version.grades] if self.version else []
		if self.doc.grade and self.doc.grade not in dict(known):
			known.append((self.doc.grade, self.doc.label or self.doc.grade))
		return [f"{'☑' if code == self.doc.grade else '□'}{label}" for code, label in known]

	@property
	def previous(self) -> str:
		"""The grade before, as people read it."""
		return grading_reasons.label_of(self.doc.previous_grade, self.version) or str(_("None"))

	@property
	def trend(self) -> list[str]:
		"""Risen, fallen or unchanged, with a tick."""
		kinds = [f"{'☑' if self.doc.change_kind == kind else '□'}{_(word)}" for kind, word in _TREND.items()]
		return kinds if self.doc.change_kind in _TREND else [*kinds, f"☑{_('First Grade') if self.doc.change_kind in (terms.NEW, '', None) else _(self.doc.change_kind)}"]

	@property
	def upgrade(self) -> str:
		"""Whether the customer could come to a better grade, and what is missing."""
		if not self.outcome or not self.version:
			return ""
		ways = grading_reasons.words(self.outcome, self.version)["raise"]
		if not self.outcome.candidate_for:
			return "\n".join([f"□ {_('Upgrade candidate')}", *ways])
		share = number_text(self.outcome.candidate_share or Decimal(0))
		label = grading_reasons.label_of(self.outcome.candidate_for, self.version)
		return "\n".join([f"☑ {_('Upgrade candidate')}: {_('{0} % of what {1} asks').format(share, label)}", *ways])
