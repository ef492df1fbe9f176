"""A version is tried on the whole population: how many customers each grade would have, who moves, what that means for the people's work.

Contract: nothing is written, and what is wrong with the version is said as when it is activated. Counts are over the whole population; of customers who move
only those are named whom the person may read. Clause: R-GRD-05 (thresholds are set anew each year), R-GRD-16 (limited resources), V-05.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import cint, cstr, getdate, today

from kehu_archive.domain import grading, grading_checks, grading_moves, grading_rows
from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.faults import errors
from kehu_archive.domain.grading_quota import Cuts, RankKey, counts, cuts_of, key_of, placed
from kehu_archive.domain.grading_terms import Metrics, Outcome, Version
from kehu_archive.exceptions import GradingError
from kehu_archive.permissions import query
from kehu_archive.services import grading_metrics, grading_reasons, grading_schemes, messages
from kehu_archive.services.grading_metrics import Scope
from kehu_archive.services.grading_population import Member, Population

MOST_MOVERS: Final = 200
Report = Callable[[int], None]


@dataclass
class Trial:
	"""What a trial adds up to while it goes over the population."""

	version: Version
	user: str
	as_of: date
	before: Counter[str] = field(default_factory=Counter)
	after: Counter[str] = field(default_factory=Counter)
	by_any: Counter[str] = field(default_factory=Counter)
	by_all: Counter[str] = field(default_factory=Counter)
	moves: Counter[tuple[str, str]] = field(default_factory=Counter)
	people: Counter[tuple[str, str, str]] = field(default_factory=Counter)
	movers: list[dict[str, Any]] = field(default_factory=list)
	total: int = 0

	def __post_init__(self) -> None:
		self.codes = tuple(one.code for one in self.version.grades)

	def add(self, members: Sequence[Member], outcomes: Mapping[str, Outcome], explain: Callable[[Member], Outcome]) -> None:
		"""Count customers; those who move are named as long as there is room. A manual grade stays."""
		moved = []
		for member in members:
			outcome = outcomes[member.name]
			after = member.grade if member.is_manual else outcome.grade
			self.before[member.grade] += 1
			self.after[after] += 1
			self.by_any[outcome.grade_any] += 1
			self.by_all[outcome.grade_all] += 1
			self.moves[member.grade, after] += 1
			self.people[cstr(member.responsible), member.grade, after] += 1
			if after != member.grade:
				moved.append(member)
		self.total += len(members)
		if moved and len(self.movers) < MOST_MOVERS:
			self._name(moved, explain)

	def _name(self, moved: list[Member], explain: Callable[[Member], Outcome]) -> None:
		visible = _visible([member.name for member in moved], self.user)
		for member in moved:
			if member.name in visible and len(self.movers) < MOST_MOVERS:
				self.movers.append(self._mover(member, explain(member)))

	def _mover(self, member: Member, outcome: Outcome) -> dict[str, Any]:
		return {
			"archive": member.name,
			"customer_name": cstr(member.customer_name),
			"from": member.grade,
			"to": outcome.grade,
			"change_kind": grading_moves.change_kind(self.codes, member.grade, outcome.grade),
			"sentence": grading_reasons.sentence(outcome, self.version),
		}


def _visible(names: list[str], user: str) -> set[str]:
	"""Those of these archives that a person may read. The condition is written by the access rules."""
	found = frappe.db.sql(
		f"select name from `tabCustomer Archive` where name in %(names)s and {query.visible_archives(user).replace('%', '%%')}", {"names": tuple(names)}
	)
	return {name for (name,) in found}


def checked(values: Mapping[str, Any], as_of: str | None) -> tuple[Version, date]:
	"""The rules of a version as typed, and the day.

	Raises:
		GradingError: it names no scheme that is there, or the day cannot be read or is in the future.
		InvalidFieldsError: what must be corrected.
	"""
	draft = grading_rows.draft_of(_flat(values))
	meta = frappe.get_meta(grading_schemes.VERSION)
	if not draft.scheme or not frappe.db.exists(grading_schemes.SCHEME, draft.scheme):
		frappe.throw(_("{0}: choose a grading scheme").format(_(meta.get_label("scheme"))), GradingError)
	messages.throw_faults(errors(grading_checks.check_version(draft)), meta)
	return grading_rows.version_of(draft), _day(as_of)


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
	"""The values of a form; the method is the scheme's where the form leaves it out."""
	flat = dict(values)
	flat["method"] = flat.get("method") or frappe.db.get_value(grading_schemes.SCHEME, cstr(flat.get("scheme")), "method") or terms.THRESHOLDS
	return flat


def _day(as_of: str | None) -> date:
	try:
		day = getdate(as_of or today())
	except Exception:
		day = None
	if not day or day > getdate(today()):
		frappe.throw(_("{0}: enter a day that is not in the future").format(_("As Of")), GradingError)
	return day


def population_of(scheme: str) -> Population:
	return Population(scheme, cstr(frappe.db.get_value(grading_schemes.SCHEME, scheme, "archive_type")))


def simulate(values: Mapping[str, Any], as_of: str | None, user: str, report: Report | None = None) -> dict[str, Any]:
	"""Counts, moves, work and movers of a version as typed, by field names of Grading Scheme Version; nothing is written.

	Args:
		user: movers are named as far as this person may read them.
		report: told how many customers are done.

	Raises:
		GradingError, InvalidFieldsError: as `checked`.
	"""
	version, day = checked(values, as_of)
	population = population_of(version.scheme)
	trial = Trial(version, user, day)
	go = _ranked if version.method == terms.QUOTAS else _graded
	for done in go(trial, population):
		if report:
			report(done)
	return _result(trial, values)


def _measured(trial: Trial, members: Sequence[Member]) -> dict[str, Metrics]:
	scope = Scope.between(members[0].name, members[-1].name)
	return grading_metrics.measure(members, scope, trial.version, trial.as_of)


def _graded(trial: Trial, population: Population) -> Iterator[int]:
	for members in population.pieces():
		measured = _measured(trial, members)
		outcomes = {member.name: grading.grade(trial.version, measured[member.name], explain=False) for member in members}
		trial.add(members, outcomes, lambda member, known=measured: grading.grade(trial.version, known[member.name]))  # type: ignore[misc]
		yield trial.total


def _ranked(trial: Trial, population: Population) -> Iterator[int]:
	"""Keys of the whole population are held and sorted: about 300 bytes for each customer."""
	version = trial.version
	keys: dict[str, list[RankKey]] = {}
	for members in population.pieces():
		for metrics in _measured(trial, members).values():
			keys.setdefault(metrics.region if version.per_region else "", []).append(key_of(version, metrics))
	cuts: dict[str, Cuts] = {}
	grades: dict[str, int] = {}
	for region, listed in keys.items():
		listed.sort()
		filled = counts(len(listed), [one.share for one in version.grades])
		cuts[region] = cuts_of(listed, filled)
		places = (place for place, size in enumerate(filled) for _number in range(size))
		grades.update(zip((key[-1] for key in listed), places, strict=True))
	keys.clear()
	codes = trial.codes

	def explain(member: Member) -> Outcome:
		metrics = grading_metrics.collect([member.name], version, trial.as_of)[member.name]
		return placed(version, metrics, grades[member.name], cuts[metrics.region if version.per_region else ""])

	for members in population.pieces():
		known = [member for member in members if member.name in grades]
		outcomes = {member.name: _plain(codes[grades[member.name]]) for member in known}
		trial.add(known, outcomes, explain)
		yield trial.total


def _plain(code: str) -> Outcome:
	return Outcome(code, code, code)


def _result(trial: Trial, values: Mapping[str, Any]) -> dict[str, Any]:
	labels = {one.code: grading_reasons.label_of(one.code, trial.version) for one in trial.version.grades}
	former = sorted(code for code in trial.before if code and code not in trial.codes)
	grades = [
		{
			"grade": code,
			"label": labels.get(code, code),
			"before": trial.before[code],
			"after": trial.after[code],
			"any": trial.by_any[code],
			"all": trial.by_all[code],
		}
		for code in (*trial.codes, *former, terms.NO_GRADE)
	]
	moves = [{"from": before, "to": after, "number": number} for (before, after), number in sorted(trial.moves.items())]
	return {
		"as_of": trial.as_of.isoformat(),
		"total": trial.total,
		"grades": grades,
		"moves": moves,
		"workload": _workload(trial, _frequencies(trial), _typed_frequencies(values)),
		"movers": trial.movers,
		"movers_total": sum(number for (before, after), number in trial.moves.items() if before != after),
	}


def _frequencies(trial: Trial) -> dict[str, int]:
	"""Grade -> days between contacts, as the version in force has them."""
	name = grading_schemes.active_version(trial.version.scheme, trial.as_of)
	if not name:
		return {}
	filters = {"parent": name, "parenttype": grading_schemes.VERSION}
	rows = frappe.get_all("Grading Scheme Grade", filters=filters, fields=["grade", "contact_every_days"])
	return {row.grade: cint(row.contact_every_days) for row in rows}


def _typed_frequencies(values: Mapping[str, Any]) -> dict[str, int]:
	return {cstr(row.get("grade")).strip(): cint(row.get("contact_every_days")) for row in values.get("grades") or ()}


def _workload(trial: Trial, before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, Any]:
	"""Contacts a year that the grades ask for, in all and by the person responsible, the busiest first."""
	had: dict[str, Counter[str]] = {}
	gets: dict[str, Counter[str]] = {}
	for (person, old, new), number in trial.people.items():
		had.setdefault(person, Counter())[old] += number
		gets.setdefault(person, Counter())[new] += number
	names = dict(frappe.get_all("User", filters={"name": ("in", [*had, ""])}, fields=["name", "full_name"], as_list=True))
	people: list[dict[str, Any]] = [
		{"user": person, "full_name": names.get(person) or person, "before": _contacts(had[person], before), "after": _contacts(gets[person], after)}
		for person in had
	]
	people.sort(key=lambda row: (-row["after"], -row["before"], row["user"]))
	return {"before": _contacts(trial.before, before), "after": _contacts(trial.after, after), "people": people}


def _contacts(customers: Mapping[str, int], every_days: Mapping[str, int]) -> int:
	return sum(grading_moves.contacts_a_year(number, every_days.get(grade, 0)) for grade, number in customers.items())
