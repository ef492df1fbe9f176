"""Grading runs: started, approved, withdrawn, started by night, taken up after a worker died; `grading_run_job` does the work.

Contract: a scheme has one open run at most, held by the unique `running_key`; a run is open until it is applied, withdrawn, failed or found to change nothing.
Nobody approves a run that he started by hand. A past year is never recomputed. Clause: R-GRD-05, R-GRD-18, R-GRD-20, R-GRD-21.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NoReturn

import frappe
from frappe import _
from frappe.utils import cint, cstr, escape_html, getdate, now_datetime, today
from frappe.utils.background_jobs import get_job

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain import roles
from kehu_archive.domain.grading_checks import check_as_of
from kehu_archive.exceptions import GradingError
from kehu_archive.services import grading_run_job, grading_schemes, messages, notices
from kehu_archive.services import grading_run_state as state
from kehu_archive.services.grading_reasons import label_of

RUN: Final = state.RUN
SCHEME: Final = grading_schemes.SCHEME
JOB_SECONDS: Final = 6 * 3600
#: How often a run is taken up that gets no further; then something in it, or the machine, kills every worker.
MOST_ATTEMPTS: Final = 3
NOTHING: Final = "Nothing"
#: A run in one of these states may be withdrawn.
WITHDRAWABLE: Final = (state.WAITING, state.COMPUTING, state.COMPUTED, state.FAILED)


# -- start -------------------------------------------------------------------------------------------------------------


def start(scheme: str, as_of: str | None = None, reading: str | None = None, kind: str = state.BY_HAND) -> str:
	"""Start a run as the session's user and return its name; the work is done in the background.

	Args:
		as_of: the day on which customers are looked at, today by default.
		reading: how criteria are read together in this run (V-05); empty: as the version says.

	Raises:
		PermissionError: the user may not make runs.
		GradingError: the scheme has an open run, no version in force on that day, or is switched off.
		InvalidFieldsError: the day is in the future or its fiscal year is over.
	"""
	doc = frappe.get_doc({"doctype": RUN, "scheme": scheme, "as_of": as_of or today(), "reading": reading or ""})
	doc.flags.kind = kind
	return str(doc.insert().name)


def prepare(doc: Any) -> None:
	"""Before a run is stored, by whatever road: check it and fill in what no client says.

	Raises:
		GradingError, InvalidFieldsError: as `start`.
	"""
	scheme = _locked_scheme(doc)
	as_of = _readable_day(doc)
	version = _version_for(doc, as_of)
	kind = doc.flags.kind or state.BY_HAND
	_make_room(scheme.name, kind)
	numbers = dict.fromkeys(("done", "total", "changes", "candidates", "attempts"), 0)
	texts = dict.fromkeys(("computed_on", "approved_by", "approved_on", "applied_on", "opinion", "error", "resume_after"))
	doc.update({**numbers, **texts, "counts": []})
	doc.update({"version": version, "started_by": frappe.session.user, "status": state.WAITING, "kind": kind, "running_key": scheme.name})


def _locked_scheme(doc: Any) -> Any:
	"""The scheme, its row locked, so that of two people who start at once the second sees the first's run."""
	rows = frappe.db.sql("select name, is_disabled from `tabGrading Scheme` where name = %s for update", cstr(doc.scheme), as_dict=True)
	if not rows:
		_refuse(_("{0}: choose a grading scheme").format(_(doc.meta.get_label("scheme"))))
	if rows[0].is_disabled:
		_refuse(_("{0} is switched off; switch the scheme on first").format(_named(rows[0].name)))
	return rows[0]


def _readable_day(doc: Any) -> Any:
	try:
		day = getdate(doc.as_of or today())
	except Exception:
		day = None
	if not day:
		_refuse(_("{0}: enter a day").format(_(doc.meta.get_label("as_of"))))
	doc.as_of = day
	return day


def _version_for(doc: Any, as_of: Any) -> str:
	"""The version in force on a day, checked.

	Raises:
		GradingError: there is none.
		InvalidFieldsError: the day is in the future, or its fiscal year is over.
	"""
	present = getdate(today())
	name = grading_schemes.active_version(doc.scheme, as_of) or (grading_schemes.active_version(doc.scheme, present) if as_of > present else None)
	if not name:
		_refuse(
			_("{0} has no version in force on {1}; activate the version of that year, or choose another day").format(
				_named(doc.scheme), as_of.isoformat()
			)
		)
	fields = ["year", "first_month", "valid_from", "valid_to"]
	row = frappe.db.get_value(grading_schemes.VERSION, name, fields, as_dict=True)
	faults = check_as_of(cint(row.year), cint(row.first_month) or 1, (row.valid_from, row.valid_to), as_of, present)
	messages.throw_faults(faults, doc.meta)
	return str(name)


def _make_room(scheme: str, kind: str) -> None:
	"""An open run of the scheme stands in the way, except a nightly one that waits for approval: the new one replaces it.

	Raises:
		GradingError: there is one.
	"""
	rows = frappe.db.sql(f"select name, status, kind from `tab{RUN}` where running_key = %s for update", scheme, as_dict=True)
	if not rows:
		return
	other = rows[0]
	if other.kind == state.NIGHTLY and other.status == state.COMPUTED:
		_close(other.name, _("Replaced by a newer run"))
		return
	if other.status == state.COMPUTED:
		text = _("{0} has the run {1}, which waits for approval; approve or withdraw it first")
	elif other.status == state.FAILED:
		text = _("{0} has the run {1}, which is applied in part; approve it again or withdraw it first")
	else:
		text = _("{0} is being graded already by the run {1}; wait for its end or withdraw it")
	_refuse(text.format(_named(scheme), frappe.bold(other.name)))


def queue(name: str) -> None:
	"""Put the run's job into the queue once the transaction is committed."""
	job_id = state.job_id(name)
	if stale := get_job(job_id):
		stale.delete()  # whoever calls made sure that nobody works on it: what is left is a dead worker's
	frappe.enqueue(
		"kehu_archive.services.grading_run_job.run",
		queue="long",
		timeout=JOB_SECONDS,
		job_id=job_id,
		deduplicate=True,
		enqueue_after_commit=True,
		run_name=name,
	)


# -- decide ------------------------------------------------------------------------------------------------------------


def approve(name: str, opinion: str = "") -> None:
	"""Approve a computed run; its grades are written in the background. A run that stopped while it was applied goes on.

	Raises:
		GradingError: there is nothing to approve, the user has not the scheme's role, or started the run by hand.
	"""
	doc = _for_step(name)
	refusal = refusal_to_approve(doc)
	if refusal:
		_refuse(refusal)
	goes_on = doc.status == state.FAILED
	doc.update({"status": state.APPLYING, "error": None, "attempts": 0})
	if not goes_on:
		doc.update({"approved_by": frappe.session.user, "approved_on": now_datetime(), "resume_after": None, "done": 0})
	_store(doc, opinion)
	queue(name)


def refusal_to_approve(doc: Any, user: str | None = None) -> str:
	"""Why a person may not approve a run; '' when he may."""
	person = user or frappe.session.user
	if doc.status != state.COMPUTED and not (doc.status == state.FAILED and doc.approved_on):
		return str(_("Run {0} is {1}; only a computed run is approved").format(frappe.bold(doc.name), _(doc.status)))
	role = cstr(frappe.db.get_value(SCHEME, doc.scheme, "approve_role"))
	if role not in frappe.get_roles(person):
		return str(_("Runs of {0} are approved by {1}; ask a colleague who has this role").format(_named(doc.scheme), _(role)))
	if doc.kind == state.BY_HAND and doc.started_by == person:
		return str(_("You started this run yourself; a colleague with the role {0} approves it").format(_(role)))
	return ""


def withdraw(name: str, opinion: str = "") -> None:
	"""Give a run up: what it found is deleted. Grades that a stopped run wrote stay.

	Raises:
		GradingError: it is applied, being applied or over, or the user neither started nor approves it.
	"""
	doc = _for_step(name)
	if doc.status not in WITHDRAWABLE or not doc.running_key:
		_refuse(_("Run {0} is {1} and cannot be withdrawn").format(frappe.bold(doc.name), _(doc.status)))
	if not may_withdraw(doc):
		_refuse(_("A run is withdrawn by who started it or who approves it"))
	_close(doc.name, opinion)
	told = {doc.started_by, doc.approved_by}
	notices.tell(told, (RUN, doc.name), _("Grading run {0} of {1} was withdrawn").format(doc.name, escape_html(doc.scheme)))


def may_withdraw(doc: Any, user: str | None = None) -> bool:
	"""Whether a person started the run, approves runs of its scheme, or administers the archives."""
	person = user or frappe.session.user
	role = cstr(frappe.db.get_value(SCHEME, doc.scheme, "approve_role"))
	return person == doc.started_by or bool({role, roles.ARCHIVE_ADMINISTRATOR} & set(frappe.get_roles(person)))


def _close(name: str, opinion: str) -> None:
	state.forget_results(name)
	values = {"status": state.WITHDRAWN, "running_key": None, "resume_after": None}
	state.put(name, {**values, "opinion": opinion.strip()} if opinion.strip() else values)


def _for_step(name: str) -> Any:
	doc = frappe.get_doc(RUN, name, for_update=True)
	doc.check_permission("read")
	return doc


def _store(doc: Any, opinion: str) -> None:
	if opinion.strip():
		doc.opinion = opinion.strip()
	doc.flags.by_service = True
	# The scheme's own role was asked; it may be one that only reads runs.
	doc.flags.ignore_permissions = True
	doc.save()
	state.publish(doc.name)


# -- by night, and after a worker died ---------------------------------------------------------------------------------


def nightly(after_each: Callable[[], None] | None = None) -> list[str]:
	"""Start a run for each scheme that is graded by night and has a version in force; return their names.

	Args:
		after_each: called when a run is stored; a job commits there.
	"""
	started = []
	for scheme in grading_schemes.active_schemes():
		if scheme.nightly == NOTHING or not grading_schemes.active_version(scheme.name):
			continue
		frappe.db.savepoint("kehu_nightly_run")
		try:
			started.append(start(scheme.name, kind=state.NIGHTLY))
		except GradingError as error:
			# Somebody's own run stands in the way: the scheme waits for the next night.
			frappe.db.rollback(save_point="kehu_nightly_run")
			frappe.logger().info(f"Grading Scheme {scheme.name}: no nightly run: {error}")
		if after_each:
			after_each()
	return started


def resume() -> list[str]:
	"""Queue again every run whose worker is dead; return their names. One that died three times at the same place is stopped."""
	resumed = []
	for row in frappe.get_all(RUN, filters={"status": ("in", state.UNFINISHED)}, fields=["name", "attempts"]):
		if state.is_alive(row.name):
			continue
		if cint(row.attempts) >= MOST_ATTEMPTS - 1:
			grading_run_job.fail(row.name, _("broken off {0} times at the same place; have the server's memory and the log of the workers looked at").format(MOST_ATTEMPTS))
			continue
		frappe.db.set_value(RUN, row.name, "attempts", cint(row.attempts) + 1, update_modified=False)
		queue(row.name)
		resumed.append(row.name)
	return resumed


# -- for the screen ----------------------------------------------------------------------------------------------------


def summary(name: str) -> dict[str, Any]:
	"""Where a run stands, for its form; the caller has checked who asks."""
	doc = frappe.get_doc(RUN, name)
	version = grading_schemes.load(doc.version)
	codes = tuple(one.code for one in version.grades)
	labels = {one.code: label_of(one.code, version) for one in version.grades}
	return {
		**{field: doc.get(field) for field in ("name", "status", "kind", "scheme", "version", "reading", "error")},
		**{field: cint(doc.get(field)) for field in ("done", "total", "changes", "candidates")},
		"as_of": cstr(doc.as_of),
		"counts": state.best_first(doc.counts, codes, labels),
		"kept_manual": frappe.db.count(state.RESULT, {"run": name, "change_kind": terms.SAME, "candidate_for": ("in", ("", None))}),
		"may_approve": not refusal_to_approve(doc),
		"may_withdraw": doc.status in WITHDRAWABLE and bool(doc.running_key) and may_withdraw(doc),
	}


def _named(scheme: str) -> str:
	return str(frappe.bold(escape_html(scheme)))


def _refuse(text: str) -> NoReturn:
	frappe.throw(text, GradingError, title=_("Not Done"))
	raise AssertionError  # frappe.throw never returns
