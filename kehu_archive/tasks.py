"""What the scheduler calls; each task only names the service that does the work."""

from __future__ import annotations

import frappe

from kehu_archive.audit import alerts, seal
from kehu_archive.services import (
	borrowing_reminders,
	completeness,
	grade_appeals,
	grade_assignments,
	grading_runs,
	importing,
	secrecy,
	update_due,
)


def resume_imports() -> None:
	"""Take up imports whose worker died or whose place in the queue was lost."""
	importing.resume_unfinished()


def refresh_completeness() -> None:
	"""Recompute every archive's completeness; a licence may have expired or a requirement changed overnight."""
	# A job of its own: each chunk stands by itself, and a killed run loses only its last one.
	completeness.refresh(after_chunk=frappe.db.commit)


def refresh_recent_completeness() -> None:
	"""Recompute the completeness of what changed lately; runs every five minutes over the last twenty."""
	# A job of its own, as above.
	completeness.refresh_recent(20, after_chunk=frappe.db.commit)


def seal_access_log() -> None:
	"""Seal the access log entries of the last minute."""
	seal.seal_pending()


def look_for_unusual_reading() -> None:
	"""Tell the auditors of people who open or take out unusually much."""
	alerts.check()


def remind_of_confidentiality() -> None:
	"""Tell customer service which levels end within thirty days or have ended (R-SEC-10)."""
	secrecy.remind()


def remind_of_updates() -> None:
	"""Tell the people in charge which archives are due for an update by their grade (R-GRD-13)."""
	update_due.remind()


def end_manual_grades() -> None:
	"""Begin approved manual grades whose first day has come and replace those whose last day is over (R-GRD-18)."""
	# A job of its own: each appeal and each chunk of archives stands by itself, and a killed run loses only its last one.
	grade_appeals.begin_due(after_each=frappe.db.commit)
	grade_assignments.expire(after_chunk=frappe.db.commit)


def follow_up_loans() -> None:
	"""Write what is overdue, remind borrowers and call files and replacements back; every hour, the first time at 00:05."""
	# A job of its own: each loan stands by itself, and a killed run loses only its last one.
	borrowing_reminders.run(after_each=frappe.db.commit)
	borrowing_reminders.remind_replacements()


def grade_by_night() -> None:
	"""Start the nightly run of every scheme that is graded by night (R-GRD-18)."""
	# A job of its own: each scheme's run stands by itself.
	grading_runs.nightly(after_each=frappe.db.commit)


def resume_grading() -> None:
	"""Take up grading runs whose worker died."""
	grading_runs.resume()
