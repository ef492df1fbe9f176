"""A version is tried within the request when the population is small, else in a job whose progress is kept in the cache for the person who asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import cstr

from kehu_archive.services import grading_simulation

#: So many customers are tried within the request.
AT_ONCE: Final = 20_000
#: How long the result of a job is kept, in seconds.
KEPT: Final = 3600


def begin(values: Mapping[str, Any], as_of: str | None = None) -> dict[str, Any]:
	"""Try a version at once, or in a job when the population is large: ``{"token": None, "result": {...}}`` or ``{"token": "…"}``.

	Raises:
		GradingError: the version names no scheme.
		InvalidFieldsError: what must be corrected, by table, row and field.
	"""
	version, day = grading_simulation.checked(values, as_of)
	population = grading_simulation.population_of(version.scheme)
	if population.size() <= AT_ONCE:
		return {"token": None, "result": grading_simulation.simulate(values, as_of, frappe.session.user)}
	token = frappe.generate_hash(length=20)
	_keep(token, {"user": frappe.session.user, "done": 0, "total": population.size(), "result": None, "error": ""})
	frappe.enqueue(
		"kehu_archive.services.grading_trial_job.run", queue="long", timeout=3600, token=token, values=dict(values), as_of=day.isoformat()
	)
	return {"token": token, "result": None}


def progress(token: str) -> dict[str, Any]:
	"""How far a job is: ``done``, ``total``, ``result`` (None until it is there) and ``error``.

	Raises:
		PermissionError: it is not the person's own, or is forgotten.
	"""
	kept = frappe.cache().get_value(_key(token), expires=True)
	if not kept or kept["user"] != frappe.session.user:
		frappe.throw(_("This trial is over or is not yours; start it again"), frappe.PermissionError)
	return {name: value for name, value in kept.items() if name != "user"}


def run(token: str, values: dict[str, Any], as_of: str) -> None:
	"""The job: the result, or why there is none, goes to the cache."""
	kept = frappe.cache().get_value(_key(token), expires=True)
	if not kept:
		return

	def report(done: int) -> None:
		_keep(token, {**kept, "done": done})

	try:
		result = grading_simulation.simulate(values, as_of, kept["user"], report)
		_keep(token, {**kept, "done": result["total"], "total": result["total"], "result": result})
	except Exception as error:
		_keep(token, {**kept, "error": cstr(frappe.utils.strip_html(cstr(error)))[:500] or type(error).__name__})
		raise


def _key(token: str) -> str:
	return f"kehu_grading_simulation:{token}"


def _keep(token: str, value: dict[str, Any]) -> None:
	frappe.cache().set_value(_key(token), value, expires_in_sec=KEPT)
