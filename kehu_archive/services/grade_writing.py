"""Writing grade assignments: which grade an archive has under a scheme, since when and why. They are written here and nowhere else.

Contract: every change of a grade, by whatever road, becomes a `Decision` and passes `write`, which does all of it in the caller's transaction: the assignment
before ends, a new one begins, the archive's bound columns follow, the access log gets an entry, the archivist learns what an important customer lacks. The
archive's row is locked first, so that of two writers the second sees what the first wrote. A manual grade that is in force stays; a grade that did not change
writes nothing. Clause: R-GRD-05 (history is never recomputed), R-GRD-16, R-GRD-18, R-GRD-22, R-ARC-15.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import get_datetime, getdate, now_datetime, today

from kehu_archive.audit import log
from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading_moves import change_kind
from kehu_archive.domain.grading_terms import Outcome
from kehu_archive.exceptions import GradeConflictError
from kehu_archive.services import (
	account_managers,
	grade_columns,
	grade_notices,
	grading_reasons,
	grading_schemes,
)
from kehu_archive.services.grade_columns import Value
from kehu_archive.services.sql import insert_rows

ASSIGNMENT: Final = "Grade Assignment"
_SAVEPOINT: Final = "kehu_grades"
_PRESENT: Final = """select name, archive, scheme, version, grade, source, expires_on, decided_on, current_key
	from `tabGrade Assignment` where current_key in %(keys)s"""
_COLUMNS: Final = (
	*("name", "creation", "modified", "owner", "modified_by", "docstatus", "idx"),
	*("archive", "scheme", "version", "grade", "label", "previous_grade", "change_kind", "effective_from", "is_current", "source", "run"),
	*("appeal", "decided_by", "decided_on", "expires_on", "score", "sentence", "reasons", "current_key"),
)


@dataclass(frozen=True)
class Decision:
	"""What an archive is to get.

	Attributes:
		grade: code of the version; '' when no grade fits.
		reasons: a packed outcome (`grading_reasons.pack`), empty for a grade that people set.
		based_on: when what the decision stands on was looked at; a newer assignment stays. None: now.
		expires_on: last day of a manual grade.
	"""

	archive: str
	scheme: str
	version: str
	grade: str
	source: str
	reasons: str = ""
	sentence: str = ""
	score: float | None = None
	run: str | None = None
	appeal: str | None = None
	expires_on: date | None = None
	based_on: datetime | None = None


@dataclass(frozen=True)
class Written:
	"""How many archives changed, and how many kept a manual grade that is in force or a grade decided since."""

	changed: int = 0
	manual: int = 0
	newer: int = 0

	def __add__(self, other: Written) -> Written:
		return Written(self.changed + other.changed, self.manual + other.manual, self.newer + other.newer)


def key_of(archive: str, scheme: str) -> str:
	"""What is unique among current assignments."""
	return f"{archive}::{scheme}"


def is_in_force(row: Mapping[str, Any], day: date | None = None) -> bool:
	"""Whether an assignment is a manual grade that holds on a day: by the clock, not by a job (R-GRD-18)."""
	if row["source"] != terms.BY_APPEAL:
		return False
	return not row["expires_on"] or getdate(row["expires_on"]) >= (day or getdate(today()))


def decision(archive: str, scheme: str, version: str, outcome: Outcome, source: str, **more: Any) -> Decision:
	"""A decision from an outcome, with its reasons."""
	return Decision(
		archive=archive,
		scheme=scheme,
		version=version,
		grade=outcome.grade,
		source=source,
		reasons=grading_reasons.pack(outcome, version, more.pop("as_of", None)),
		sentence=grading_reasons.sentence(outcome, grading_schemes.load(version)),
		score=None if outcome.score is None else float(outcome.score),
		**more,
	)


def assign(archive: str, scheme: str, version: str, outcome: Outcome, source: str, **more: Any) -> Written:
	"""Give one archive a grade; `more` as in `Decision`, and ``as_of``.

	Raises:
		GradeConflictError: somebody else changed the grade at the same moment, twice in a row.
	"""
	return write([decision(archive, scheme, version, outcome, source, **more)])


def write(
	decisions: Sequence[Decision],
	by: str | None = None,
	effective_from: date | None = None,
	known: Mapping[str, Any] | None = None,
) -> Written:
	"""Write decisions in the caller's transaction; at most one for an archive and scheme.

	Args:
		known: what `present` gave for them in this transaction; what it found is locked since, what it did not find is unique.
		by: who decided; the session's user by default.
		effective_from: first day of the grades; today by default.

	Raises:
		GradeConflictError: the same grade was changed at the same moment, twice in a row; nothing was written.
	"""
	if not decisions:
		return Written()
	keys = [key_of(one.archive, one.scheme) for one in decisions]
	names = tuple({one.archive for one in decisions})
	frappe.db.sql("select name from `tabCustomer Archive` where name in %s order by name for update", (names,))
	by = by or frappe.session.user
	try:
		frappe.db.savepoint(_SAVEPOINT)
		return _store(*_changes(decisions, present(keys) if known is None else known), by, effective_from)
	except GradeConflictError:
		# What this transaction saw is older than what another wrote before we had the lock: look at what is stored now.
		frappe.db.rollback(save_point=_SAVEPOINT)
		frappe.clear_last_message()
	return _store(*_changes(decisions, _stored(keys)), by, effective_from)


def present(keys: Sequence[str]) -> dict[str, Any]:
	"""The current assignments by key, as they are stored at this moment; the caller holds the lock on their archives.

	A key without an assignment takes no lock: two people's first deals must not wait for one another's gap in the index.
	"""
	rows = frappe.db.sql(_PRESENT, {"keys": tuple(keys) or ("",)}, as_dict=True)
	names = tuple(row.name for row in rows)
	still = names and frappe.db.sql(f"select name from `tab{ASSIGNMENT}` where name in %s and is_current = 1 for update", (names,))
	return {row.current_key: row for row in rows} if len(still) == len(names) else _stored(keys)


def _stored(keys: Sequence[str]) -> dict[str, Any]:
	rows = frappe.db.sql(f"{_PRESENT} for update", {"keys": tuple(keys)}, as_dict=True)
	return {row.current_key: row for row in rows}


Change = tuple[Decision, Any]


def _changes(decisions: Sequence[Decision], rows: Mapping[str, Any]) -> tuple[list[Change], Written]:
	"""The decisions that change something, each with the assignment it ends; and how many leave what there is."""
	found: list[Change] = []
	manual = newer = 0
	for one in decisions:
		row = rows.get(key_of(one.archive, one.scheme))
		if one.source != terms.BY_APPEAL and row and is_in_force(row):
			manual += 1
		elif row and one.based_on and get_datetime(row.decided_on) > one.based_on and row.grade != one.grade:
			newer += 1
		elif _differs(one, row):
			found.append((one, row))
	return found, Written(len(found), manual, newer)


def _differs(one: Decision, row: Any) -> bool:
	if not row:
		return bool(one.grade)
	# What took the place of a manual grade is written down even when the grade is the same.
	return bool((row.grade or "") != one.grade or one.source == terms.BY_APPEAL or row.source == terms.BY_APPEAL)


def _store(changes: list[Change], written: Written, by: str, effective_from: date | None) -> Written:
	if not changes:
		return written
	at, day = now_datetime(), effective_from or getdate(today())
	versions = _codes({one.version for one, _row in changes} | {row.version for _one, row in changes if row and row.version})
	_end([row.name for _one, row in changes if row], day, by, at)
	names = _begin(changes, versions, by, at, day)
	_write_columns(changes, versions, by, at)
	log.record_many(
		{
			"action": "Grade Change",
			"archive": one.archive,
			"document": (ASSIGNMENT, name),
			"user": by,
			"purpose": one.source,
			"detail": f"{one.scheme}: {_before(row) or '-'} → {one.grade or '-'}",
		}
		for (one, row), name in zip(changes, names, strict=True)
	)
	return written


def _before(row: Any) -> str:
	return (row.grade or "") if row else ""


@dataclass(frozen=True)
class _Codes:
	"""The grades of a version, best first, their labels, those that make an archive important and those that ask for an account manager."""

	order: tuple[str, ...] = ()
	labels: Mapping[str, str] = field(default_factory=dict)
	important: frozenset[str] = frozenset()
	managed: frozenset[str] = frozenset()


def _codes(versions: Collection[str]) -> dict[str, _Codes]:
	"""The codes of each version, asked together."""
	rows = frappe.db.sql(
		"""select parent, grade, label, is_important, needs_manager from `tabGrading Scheme Grade`
		where parenttype = %s and parent in %s order by parent, idx""",
		(grading_schemes.VERSION, tuple(versions) or ("",)),
	)
	found: dict[str, list[Any]] = {name: [] for name in versions}
	for parent, *grade in rows:
		found[parent].append(grade)
	return {
		name: _Codes(
			tuple(grade for grade, *_rest in own),
			{grade: label or grade for grade, label, *_rest in own},
			frozenset(grade for grade, _label, is_important, _managed in own if is_important),
			frozenset(grade for grade, *_rest, needs_manager in own if needs_manager),
		)
		for name, own in found.items()
	}


def _end(names: list[str], day: date, by: str, at: datetime) -> None:
	"""End the assignments before.

	Raises:
		GradeConflictError: another transaction ended one of them.
	"""
	if not names:
		return
	frappe.db.sql(
		"""update `tabGrade Assignment` set is_current = 0, current_key = null, effective_to = %(day)s, modified = %(at)s, modified_by = %(by)s
		where name in %(names)s and is_current = 1""",
		{"names": tuple(names), "day": day, "at": at, "by": by},
	)
	# The count comes with the statement's own answer; asking for it is a question more for each deal.
	if frappe.db._cursor.rowcount != len(names):
		_conflict()


def _begin(changes: list[Change], versions: Mapping[str, _Codes], by: str, at: datetime, day: date) -> list[str]:
	"""Insert the new assignments and return their names.

	Raises:
		GradeConflictError: another transaction inserted one.
	"""
	names = [frappe.generate_hash(length=12) for _change in changes]
	rows = (
		_row(name, one, row, versions[one.version], by, at, day) for name, (one, row) in zip(names, changes, strict=True)
	)
	try:
		insert_rows(f"tab{ASSIGNMENT}", _COLUMNS, rows)
	except Exception as error:
		if not frappe.db.is_duplicate_entry(error):
			raise
		_conflict()
	return names


def _row(name: str, one: Decision, row: Any, codes: _Codes, by: str, at: datetime, day: date) -> list[Any]:
	old = _before(row)
	frame = [name, at, at, by, by, 0, 0]
	moved = [old, change_kind(codes.order, old, one.grade), day, 1, one.source, one.run]
	decided = [one.appeal, by, at, one.expires_on, one.score or 0, one.sentence, one.reasons]
	label = codes.labels.get(one.grade, one.grade)
	return [*frame, one.archive, one.scheme, one.version, one.grade, label, *moved, *decided, key_of(one.archive, one.scheme)]


def _conflict() -> None:
	frappe.throw(_("The grade was changed by somebody else at the same moment; look at it again"), GradeConflictError)


def _write_columns(changes: list[Change], versions: Mapping[str, _Codes], by: str, at: datetime) -> None:
	for scheme in {one.scheme for one, _row in changes}:
		values = [_value(one, row, versions) for one, row in changes if one.scheme == scheme]
		grade_columns.write(scheme, values, by, at)
		grade_notices.tell_what_is_missing([value.archive for value in values if value.is_important])
		managed = {one.archive for one, _row in changes if one.scheme == scheme and one.grade in versions[one.version].managed}
		account_managers.tell_missing(sorted(managed))


def _value(one: Decision, row: Any, versions: Mapping[str, _Codes]) -> Value:
	"""Important by such a grade; no longer important when the grade before was such and the new one is not (R-ARC-15)."""
	if one.grade in versions[one.version].important:
		return Value(one.archive, one.grade, True)
	was = bool(row and row.version and _before(row) in versions[row.version].important)
	return Value(one.archive, one.grade, False if was else None)
