"""The job that computes or applies a grading run; runs in a worker.

Contract: every chunk is one transaction. A second worker, or one that comes late, leaves at once. What stops a run puts it to Failed with a message; a run whose
worker was killed stays as it is and is taken up by `grading_runs.resume`. Clause: R-GRD-18, R-GRD-21.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import cint, cstr, now_datetime

from kehu_archive.services import grade_assignments, grading_compute, grading_task, notices, staff
from kehu_archive.services import grading_run_state as state
from kehu_archive.services.job_lock import alone

ATTEMPTS: Final = 5
APPLY: Final = "Apply"


def run(run_name: str) -> None:
	"""Do what the run's status asks for.

	Raises:
		Exception: whatever stopped it, after the run was marked as failed.
	"""
	with alone(state.job_id(run_name)) as is_alone:
		if not is_alone:
			return
		# The work is nobody's own: who started it is told like everybody else. Who approved it stands on the run.
		frappe.set_user("Administrator")
		frappe.local.lang = cstr(frappe.db.get_single_value("System Settings", "language")) or "zh"
		try:
			if _status(run_name) in (state.WAITING, state.COMPUTING):
				_retried(lambda: _compute(run_name))
			if _status(run_name) == state.APPLYING:
				_retried(lambda: _apply(run_name))
		except grading_task.Stopped:
			frappe.db.rollback()
		except Exception as error:
			_record_failure(run_name, error)
			raise


def _status(name: str) -> str:
	# What was read before belongs to an older state; nothing is unwritten here.
	frappe.db.rollback()
	return cstr(frappe.db.get_value(state.RUN, name, "status"))


def _retried(work: Callable[[], None]) -> None:
	"""Work that goes on where it stopped is done again when another transaction was in the way."""
	for attempt in range(1, ATTEMPTS + 1):
		try:
			work()
			return
		except Exception as error:
			if attempt == ATTEMPTS or not _is_busy(error):
				raise
			frappe.db.rollback()
			time.sleep(attempt)


def _is_busy(error: Exception) -> bool:
	if isinstance(error, frappe.QueryDeadlockError | frappe.QueryTimeoutError):
		return True
	return bool(error.args) and (frappe.db.is_deadlocked(error) or frappe.db.is_timedout(error))


def _compute(name: str) -> None:
	if _status(name) == state.WAITING:
		state.put(name, {"status": state.COMPUTING, "error": None})
		# Says at once that the work has begun; the chunks that follow stand for themselves.
		frappe.db.commit()
	grading_compute.compute(frappe.get_doc(state.RUN, name), frappe.db.commit)
	grading_task.place_of(name)
	finish(frappe.get_doc(state.RUN, name))
	# The result is reported together with the end of the work.
	frappe.db.commit()


def finish(doc: Any) -> None:
	"""What follows from a computed run: nothing to do, applied at once, or told to those who approve (R-GRD-21)."""
	values: dict[str, Any] = {"computed_on": now_datetime(), "resume_after": None}
	is_nightly = doc.kind == state.NIGHTLY
	scheme = frappe.db.get_value("Grading Scheme", doc.scheme, ["nightly", "approve_role"], as_dict=True)
	if not cint(doc.changes):
		if is_nightly:
			state.forget_results(doc.name)
			values["candidates"] = 0
		state.put(doc.name, {**values, "status": state.NO_CHANGES, "running_key": None})
	elif is_nightly and scheme.nightly == APPLY:
		approved = {"status": state.APPLYING, "approved_by": "Administrator", "approved_on": now_datetime(), "done": 0}
		state.put(doc.name, {**values, **approved})
		return
	else:
		state.put(doc.name, {**values, "status": state.COMPUTED})
	if cint(doc.changes) or not is_nightly:
		_tell_approvers(doc, cstr(scheme.approve_role))


def _tell_approvers(doc: Any, role: str) -> None:
	text = _("Evaluation report of {0} as of {1}: {2} changes, {3} upgrade candidates; see the run and approve it").format(
		frappe.utils.escape_html(doc.scheme), doc.as_of, cint(doc.changes), cint(doc.candidates)
	)
	notices.tell(staff.holders(role) | {doc.started_by}, (state.RUN, doc.name), text)


def _apply(name: str) -> None:
	def after_chunk() -> None:
		state.put(name, {"attempts": 0})
		# Each chunk of archives stands for itself, with the place where work goes on.
		frappe.db.commit()

	grade_assignments.apply_run(name, after_chunk=after_chunk)
	doc = frappe.get_doc(state.RUN, name)
	state.put(name, {"done": cint(doc.total)})
	text = _("Grading run {0} of {1} is applied").format(name, frappe.utils.escape_html(doc.scheme))
	notices.tell([doc.started_by], (state.RUN, name), text)
	# The end, with the notice of it.
	frappe.db.commit()


def _record_failure(name: str, error: Exception) -> None:
	try:
		frappe.db.rollback()
		fail(name, cstr(frappe.utils.strip_html(cstr(error)) or type(error).__name__)[:500])
		# The job ends in an error and rolls back: the message must survive it.
		frappe.db.commit()
	except Exception:
		# No database, no message: the run stays as it is without a worker, which `grading_runs.resume` takes up.
		frappe.logger().error(f"Grading Run {name}: the failure could not be recorded", exc_info=True)


def fail(name: str, why: str) -> None:
	"""Stop a run, say so on it, and tell who started it and who approves. While it is applied it may be approved again and goes on."""
	doc = frappe.get_doc(state.RUN, name)
	if doc.status == state.APPLYING:
		text = _("Applying stopped ({0}); the grades written so far stay, approve the run again to go on").format(why)
		state.put(name, {"status": state.FAILED, "error": text})
	else:
		text = _("Computing stopped ({0}); no grade was changed, start a new run").format(why)
		state.forget_results(name)
		state.put(name, {"status": state.FAILED, "error": text, "running_key": None, "resume_after": None, "changes": 0, "candidates": 0})
	subject = _("Grading run {0} of {1} was stopped").format(name, frappe.utils.escape_html(doc.scheme))
	role = cstr(frappe.db.get_value("Grading Scheme", doc.scheme, "approve_role"))
	notices.tell(staff.holders(role) | {doc.started_by}, (state.RUN, name), subject)

