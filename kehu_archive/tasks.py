"""What the scheduler calls; each task only names the service that does the work."""

from __future__ import annotations

import frappe

from kehu_archive.services import completeness, importing


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
