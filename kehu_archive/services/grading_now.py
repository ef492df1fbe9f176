"""What the rules say about a few archives today, asked for all schemes together.

Contract: nothing is written. Thresholds and scorecards are computed; quotas rank a whole population, so their last computed run speaks for the archive.
Grades come without their reasons, which take longer; `Found.outcome` adds them for those that somebody looks at. Clause: R-GRD-18 (changes follow in time).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

import frappe
from frappe.utils import cstr

from kehu_archive.domain import grading
from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading_terms import Metrics, Outcome, Version
from kehu_archive.services import grading_metrics, grading_population, grading_reasons, grading_schemes
from kehu_archive.services.grading_metrics import Head, Scope
from kehu_archive.services.grading_schemes import Scheme

InForce = tuple[Scheme, str, Version]


@dataclass(frozen=True)
class Found:
	"""The grade of an archive under the version of a scheme that is in force; `explain` works out its reasons."""

	archive: str
	scheme: str
	version: str
	grade: str
	explain: Callable[[], Outcome]

	@property
	def outcome(self) -> Outcome:
		"""The grade with its reasons."""
		return self.explain()


def outcomes(archives: Sequence[str], schemes: Collection[str], day: date) -> list[Found]:
	"""What these archives get under these schemes, or under all, on a day; nothing for a scheme without a version in force, or that does not grade them."""
	in_force = grading_schemes.in_force(day, terms.METHODS, schemes)
	heads = _graded_heads(archives)
	found = computed(heads, [one for one in in_force if one[0].method != terms.QUOTAS], day)
	for scheme, version, _rules in in_force:
		if scheme.method == terms.QUOTAS:
			found += _of_last_run(scheme, version, [head[0] for head in heads if _is_graded(head, scheme)])
	return found


def after_transaction(archives: Sequence[str], day: date) -> list[Found]:
	"""The same for schemes that follow a new transaction at once; a constant number of questions, whatever the number of schemes."""
	methods = (terms.THRESHOLDS, terms.SCORECARD)
	in_force = grading_schemes.in_force(day, methods, on_transaction="Apply")
	return computed(_graded_heads(archives), in_force, day) if in_force else []


def computed(heads: Sequence[Head], in_force: Sequence[InForce], day: date) -> list[Found]:
	"""The grades by thresholds and scorecards, from one look at the transactions for all versions of one kind of year."""
	if not heads:
		return []
	scope = Scope.of([head[0] for head in heads], is_locked=True)
	found: list[Found] = []
	for group in _alike(in_force):
		measured = grading_metrics.measure(heads, scope, _together([rules for _scheme, _name, rules in group]), day)
		found += [
			_found(head[0], one, measured[head[0]]) for one in group for head in heads if _is_graded(head, one[0])
		]
	return found


def _found(archive: str, one: InForce, metrics: Metrics) -> Found:
	scheme, name, rules = one
	grade = grading.grade(rules, metrics, explain=False).grade
	return Found(archive, scheme.name, name, grade, lambda: grading.grade(rules, metrics))


def _graded_heads(archives: Sequence[str]) -> list[Head]:
	"""What the metrics ask of those archives that are graded at all (`grading_population`), and at the end their type."""
	return list(
		frappe.db.sql(
			"""select name, region, archive_date, has_intention, likelihood, national_rank, archive_type from `tabCustomer Archive`
			where name in %s and ifnull(merged_into, '') = '' and workflow_state in %s""",
			(tuple(archives) or ("",), grading_population.states()),
		)
	)


def _is_graded(head: Head, scheme: Scheme) -> bool:
	return not scheme.archive_type or scheme.archive_type == head[6]


def _alike(in_force: Sequence[InForce]) -> list[list[InForce]]:
	"""Versions whose metrics are the same: of one fiscal year that begins in the same month."""
	groups: dict[tuple[int, int], list[InForce]] = defaultdict(list)
	for one in in_force:
		groups[one[2].year, one[2].first_month].append(one)
	return list(groups.values())


def _together(versions: Sequence[Version]) -> Version:
	"""One version that asks everything that these ask, so that the metrics are read once."""
	if len(versions) == 1:
		return versions[0]
	grades = tuple(grade for rules in versions for grade in rules.grades)
	factors = tuple(factor for rules in versions for factor in rules.factors)
	return replace(versions[0], grades=grades, factors=factors)


def _of_last_run(scheme: Scheme, version: str, archives: list[str]) -> list[Found]:
	run = frappe.db.get_value(
		"Grading Run",
		{"scheme": scheme.name, "version": version, "status": ("in", ("Computed", "Applied", "No Changes")), "reading": ("is", "not set")},
		"name",
		order_by="as_of desc, computed_on desc",
	)
	if not run or not archives:
		return []
	rows = frappe.get_all(
		"Grading Run Result", filters={"run": run, "archive": ("in", archives)}, fields=["archive", "grade", "reasons"]
	)
	return [_of_row(row, scheme, version) for row in rows]


def _of_row(row: frappe._dict, scheme: Scheme, version: str) -> Found:
	grade = cstr(row.grade)
	packed = grading_reasons.unpack(row.reasons)
	outcome = packed.outcome if packed and packed.outcome.grade == grade else Outcome(grade)
	return Found(row.archive, scheme.name, version, grade, lambda: outcome)
