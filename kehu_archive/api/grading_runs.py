"""Requests of the form of grading runs and of the trial of a version."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _

from kehu_archive.services import grading_runs, grading_trial_job


@frappe.whitelist(methods=["POST"])
def start(scheme: str, as_of: str | None = None, reading: str | None = None) -> dict[str, Any]:
	"""Start a run in the background; see `grading_runs.start`."""
	return grading_runs.summary(grading_runs.start(scheme, as_of, reading))


@frappe.whitelist(methods=["POST"])
def approve(name: str, opinion: str = "") -> dict[str, Any]:
	"""Approve a computed run; see `grading_runs.approve`."""
	grading_runs.approve(name, opinion or "")
	return grading_runs.summary(name)


@frappe.whitelist(methods=["POST"])
def withdraw(name: str, opinion: str = "") -> dict[str, Any]:
	"""Give a run up; see `grading_runs.withdraw`."""
	grading_runs.withdraw(name, opinion or "")
	return grading_runs.summary(name)


@frappe.whitelist(methods=["GET", "POST"])
def summary(name: str) -> dict[str, Any]:
	"""Where a run stands.

	Raises:
		PermissionError: the user may not read runs.
	"""
	frappe.get_doc(grading_runs.RUN, name).check_permission("read")
	return grading_runs.summary(name)


@frappe.whitelist(methods=["POST"])
def simulate(version: dict[str, Any] | str, as_of: str | None = None) -> dict[str, Any]:
	"""Try a version on the whole population; nothing is written. Gives ``result``, or a ``token`` when it takes a while.

	Raises:
		PermissionError: the user may not make runs.
		InvalidFieldsError: what must be corrected in the version, as when it is activated.
	"""
	_may_try()
	values = frappe.parse_json(version)
	if not isinstance(values, dict):
		frappe.throw(_("Send the version as an object of its fields"), frappe.ValidationError)
	return grading_trial_job.begin(values, as_of)


@frappe.whitelist(methods=["GET", "POST"])
def simulation(token: str) -> dict[str, Any]:
	"""How far a trial is, and its result.

	Raises:
		PermissionError: it is not the user's own, or is forgotten.
	"""
	_may_try()
	return grading_trial_job.progress(token)


def _may_try() -> None:
	if not frappe.has_permission(grading_runs.RUN, "create"):
		frappe.throw(_("You may not try grading schemes"), frappe.PermissionError)
