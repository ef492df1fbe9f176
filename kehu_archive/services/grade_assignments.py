"""What is done with grade assignments: a run is applied, a grade given, shown and explained, a manual grade that is over replaced.

Contract: `grade_writing.write` writes; this module decides what. `apply_run` works in chunks of archives, each complete in itself: killed at any moment and
started again it ends as if undisturbed. Clause: R-GRD-05, R-GRD-16, R-GRD-18, R-GRD-22.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import cint, cstr, get_datetime, getdate, now_datetime, today

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading_terms import Outcome
from kehu_archive.exceptions import GradeConflictError, GradingError
from kehu_archive.services import grade_columns, grade_writing, grading_now, grading_reasons, grading_schemes
from kehu_archive.services.grade_writing import ASSIGNMENT, Decision, Written, assign

__all__ = ["ASSIGNMENT", "apply_run", "assign", "current", "expire", "explain", "history", "rebind", "why", "write"]
RUN: Final = "Grading Run"
CHUNK: Final = 1000
APPLYING: Final = "Applying"
_ATTEMPTS: Final = 5
#: Before the last archive that was applied, in the run's `resume_after`: computing a run keeps its place there too.
_APPLIED: Final = "applied:"
_FIELDS: Final = (
	"name",
	"scheme",
	"version",
	"status",
	"approved_by",
	"approved_on",
	"computed_on",
	"resume_after",
	"done",
)
_RESULTS: Final = """
	select result.archive, result.grade, result.score, result.sentence, result.reasons
	from `tabGrading Run Result` result
	left join `tabGrade Assignment` current on current.current_key = concat(result.archive, '::', %(scheme)s)
	where result.run = %(run)s and result.archive > %(after)s
		and cast(ifnull(current.grade, '') as binary) <> cast(ifnull(result.grade, '') as binary)
	order by result.archive limit %(most)s
"""
_CURRENT: Final = """
	select current.name, current.scheme, current.version, current.grade, current.label, current.previous_grade, current.change_kind,
		current.effective_from, current.source, current.expires_on, current.score, current.sentence, current.reasons, current.decided_by,
		scheme.for_access, scheme.for_contact, scheme.for_analysis
	from `tabGrade Assignment` current join `tabGrading Scheme` scheme on scheme.name = current.scheme
	where current.archive = %(archive)s and current.is_current = 1 and scheme.is_disabled = 0
	order by scheme.for_access desc, scheme.for_contact desc, scheme.for_analysis desc, scheme.creation
"""

rebind = grade_columns.rebind
write = grade_writing.write


def apply_run(run: str, after_chunk: Callable[[], None] | None = None) -> Written:
	"""Write the grades of an approved run, whose status is Applying; then it is Applied. Returns what changed, also what kept a manual or a newer grade.

	Args:
		after_chunk: called when a chunk of archives and the run's progress stand for themselves; a job commits there.

	Raises:
		GradingError: the run is not approved.
	"""
	written = Written()
	while True:
		part = _retried(run, after_chunk)
		if part is None:
			break
		written += part
		if after_chunk:
			after_chunk()
	values = {"status": "Applied", "applied_on": now_datetime(), "resume_after": None, "running_key": None}
	frappe.db.set_value(RUN, run, values, update_modified=False)
	if after_chunk:
		after_chunk()
	return written


def _retried(run: str, after_chunk: Callable[[], None] | None) -> Written | None:
	"""One chunk. Where chunks stand for themselves, one that met another transaction is done again."""
	for attempt in range(1, _ATTEMPTS + 1):
		try:
			return _apply_chunk(run)
		except Exception as error:
			if attempt == _ATTEMPTS or not after_chunk or not _is_busy(error):
				raise
			frappe.db.rollback()
			time.sleep(attempt)
	raise AssertionError  # the loop returns or raises


def _is_busy(error: Exception) -> bool:
	if isinstance(error, frappe.QueryDeadlockError | frappe.QueryTimeoutError | GradeConflictError):
		return True
	return bool(error.args) and (frappe.db.is_deadlocked(error) or frappe.db.is_timedout(error))


def _apply_chunk(run: str) -> Written | None:
	"""The next archives of a run; None when there are no more."""
	doc = frappe.db.get_value(RUN, run, _FIELDS, as_dict=True, for_update=True)
	if not doc or doc.status != APPLYING:
		frappe.throw(_("Run {0} is not approved; approve it first").format(frappe.bold(run)), GradingError)
	place = cstr(doc.resume_after)
	after = place[len(_APPLIED) :] if place.startswith(_APPLIED) else ""
	rows = frappe.db.sql(
		_RESULTS,
		{"run": run, "scheme": doc.scheme, "after": after, "most": CHUNK},
		as_dict=True,
	)
	if not rows:
		return None
	day = getdate(doc.approved_on) if doc.approved_on else getdate(today())
	based_on = get_datetime(doc.computed_on) if doc.computed_on else None
	decisions = [
		Decision(
			row.archive, doc.scheme, doc.version, cstr(row.grade), terms.BY_RUN, cstr(row.reasons), cstr(row.sentence), row.score, run, None, None, based_on
		)
		for row in rows
	]
	written = write(decisions, by=doc.approved_by or "Administrator", effective_from=day)
	progress = {"resume_after": _APPLIED + rows[-1].archive, "done": cint(doc.done) + len(rows)}
	frappe.db.set_value(RUN, run, progress, update_modified=False)
	return written


def current(archive: str, day: date | None = None) -> list[dict[str, Any]]:
	"""The grades of an archive, a scheme each, those with a purpose first; the caller has checked who asks.

	Each has ``scheme``, ``purposes``, ``version``, ``grade``, ``label``, ``sentence``, ``effective_from``, ``source``, ``expires_on``, ``score``,
	``assignment`` and ``is_over``: a manual grade whose last day is over is no grade any more, whether a job has looked at it or not; what the rules say
	stands in its place.
	"""
	present = day or getdate(today())
	rows = _rows(archive)
	over = {row.scheme for row in rows if row.source == terms.BY_APPEAL and not grade_writing.is_in_force(row, present)}
	instead = {one.scheme: one for one in _today([archive], over, present)} if over else {}
	return [_shown(row, row.scheme in over, instead.get(row.scheme)) for row in rows]


def _shown(row: Any, is_over: bool, instead: grading_now.Found | None) -> dict[str, Any]:
	purposes = [purpose for purpose, (box, *_columns) in grade_columns.COLUMNS.items() if row[box]]
	fields = (
		"scheme", "version", "grade", "label", "effective_from", "source", "expires_on", "score", "previous_grade", "change_kind", "decided_by"
	)  # fmt: skip
	shown = {field: row[field] for field in fields}
	shown |= {"assignment": row.name, "purposes": purposes, "is_over": is_over, "sentence": _sentence(row)}
	if is_over:
		outcome = instead.outcome if instead else Outcome("")
		rules = grading_schemes.load(instead.version) if instead else None
		shown |= {
			"grade": outcome.grade,
			"label": grading_reasons.label_of(outcome.grade, rules),
			"source": terms.BY_EXPIRY,
			"score": outcome.score,
			"sentence": grading_reasons.sentence(outcome, rules) if rules else "",
		}
	return shown


def _sentence(row: Any) -> str:
	"""In the language of who asks, as far as the reasons are stored."""
	packed = grading_reasons.unpack(row.reasons)
	if not packed or not row.version:
		return cstr(row.sentence)
	return grading_reasons.sentence(packed.outcome, grading_schemes.load(row.version))


def explain(archive: str, scheme: str) -> dict[str, Any]:
	"""Why the archive has its grade under a scheme, as in `why`."""
	row = next((one for one in _rows(archive) if one.scheme == scheme), None)
	found = _today([archive], {scheme}, getdate(today()))
	return _explained(row, found[0] if found else None)


def why(archive: str) -> list[dict[str, Any]]:
	"""The current grades of an archive (`current`), each with ``explained``; schemes under which it has no grade yet stand at the end.

	``explained`` holds ``stored`` (as `grading_reasons.words`, with grade, label, source and day; None without an assignment) and ``today`` (the same of
	today's metrics; None where it is the same grade or the scheme has no version in force). The caller has checked who asks.
	"""
	rows = {row.scheme: row for row in _rows(archive)}
	day = getdate(today())
	schemes = grading_schemes.active_schemes()
	found = {one.scheme: one for one in grading_now.outcomes([archive], (), day)}
	shown = [{**one, "explained": _explained(rows[one["scheme"]], found.get(one["scheme"]))} for one in current(archive)]
	missing = [one for one in schemes if one.name not in rows and one.name in found]
	empty = {"grade": "", "label": "", "source": "", "assignment": None, "is_over": False}
	return shown + [
		{**empty, "scheme": one.name, "purposes": list(one.purposes), "explained": _explained(None, found[one.name])} for one in missing
	]


def _explained(row: Any, now: grading_now.Found | None) -> dict[str, Any]:
	differs = now and (row is None or cstr(row.grade) != now.grade)
	return {"stored": _words_of(row) if row else None, "today": _words_now(now) if now and differs else None}


def history(archive: str) -> list[dict[str, Any]]:
	"""Every assignment of an archive, the newest first. The caller has checked who asks."""
	rows = frappe.db.sql(
		"""select name, scheme, version, grade, label, previous_grade, change_kind, effective_from, effective_to, is_current, source, run, appeal,
			decided_by, decided_on, expires_on, score, sentence, reasons
		from `tabGrade Assignment` where archive = %s order by decided_on desc, creation desc, name""",
		archive,
		as_dict=True,
	)
	return [{**{field: value for field, value in row.items() if field != "reasons"}, "sentence": _sentence(row)} for row in rows]


def stored_reasons(name: str) -> dict[str, Any]:
	"""The reasons of one assignment, current or former, in the user's language. The caller has checked who asks."""
	fields = ["name", "grade", "label", "source", "effective_from", "expires_on", "version", "score", "sentence", "reasons"]
	return _words_of(frappe.db.get_value(ASSIGNMENT, name, fields, as_dict=True))


def _rows(archive: str) -> list[Any]:
	return list(frappe.db.sql(_CURRENT, {"archive": archive}, as_dict=True))


def _words_of(row: Any) -> dict[str, Any]:
	packed = grading_reasons.unpack(row.reasons)
	words = (
		grading_reasons.words(packed.outcome, grading_schemes.load(row.version))
		if packed and row.version
		else {"sentence": cstr(row.sentence), "rows": [], "raise": [], "lower": []}
	)
	fields = ("grade", "label", "source", "effective_from", "expires_on", "version", "score")
	return {**words, **{field: row[field] for field in fields}, "assignment": row.name, "as_of": packed.as_of if packed else None}


def _words_now(found: grading_now.Found) -> dict[str, Any]:
	rules = grading_schemes.load(found.version)
	outcome = found.outcome
	label = grading_reasons.label_of(outcome.grade, rules)
	return {**grading_reasons.words(outcome, rules), "grade": outcome.grade, "label": label, "version": found.version, "as_of": getdate(today())}


def _today(archives: list[str], schemes: set[str], day: date) -> list[grading_now.Found]:
	return grading_now.outcomes(archives, schemes, day) if schemes else []


def expire(day: date | str | None = None, after_chunk: Callable[[], None] | None = None) -> int:
	"""Replace manual grades whose last day is over by what the rules say; return how many. Without rules in force no grade is left."""
	present = getdate(day or today())
	done = 0
	while rows := frappe.db.sql(
		"""select archive, scheme, version from `tabGrade Assignment`
		where is_current = 1 and source = %s and expires_on < %s order by archive, scheme limit %s""",
		(terms.BY_APPEAL, present, CHUNK),
		as_dict=True,
	):
		found = {(one.archive, one.scheme): one for one in _today([row.archive for row in rows], {row.scheme for row in rows}, present)}
		write([_after(row, found.get((row.archive, row.scheme)), present) for row in rows], effective_from=present)
		done += len(rows)
		if after_chunk:
			after_chunk()
	return done


def _after(row: Any, now: grading_now.Found | None, day: date) -> Decision:
	if not now:
		return Decision(row.archive, row.scheme, row.version, terms.NO_GRADE, terms.BY_EXPIRY)
	return grade_writing.decision(now.archive, now.scheme, now.version, now.outcome, terms.BY_EXPIRY, as_of=day)
