"""What the forms of grading schemes and their versions ask the server. Each call asks the role itself; the services ask again."""

from __future__ import annotations

from typing import Any

import frappe

from kehu_archive.services import (
	grading_presets,
	grading_purposes,
	grading_schemes,
	marketing_plans,
	messages,
)
from kehu_archive.services.grading_schemes import SCHEME, VERSION


@frappe.whitelist(methods=["GET", "POST"])
def presets() -> list[dict[str, Any]]:
	"""Every preset of grading schemes and how far it is.

	Raises:
		PermissionError: the user may not read grading schemes.
	"""
	_require_read(SCHEME)
	return grading_presets.overview()


@frappe.whitelist(methods=["POST"])
def switch_on(key: str) -> dict[str, str]:
	"""Switch a preset on: its scheme and a draft version for this year.

	Raises:
		PermissionError: the user does not set up schemes.
		GradingError: there is no such preset.
	"""
	grading_schemes.require_manager()
	return grading_presets.switch_on(str(key))


@frappe.whitelist(methods=["POST"])
def activate(version: str) -> str:
	"""Put a draft version in force; returns its status.

	Raises:
		PermissionError: the user does not set up schemes.
		GradingError, InvalidFieldsError: see `services.grading_schemes.activate`.
	"""
	grading_schemes.require_manager()
	return grading_schemes.activate(str(version))


@frappe.whitelist(methods=["POST"])
def close(version: str) -> str:
	"""End an active version today; returns its status.

	Raises:
		PermissionError: the user does not set up schemes.
		GradingError: it is not active.
	"""
	grading_schemes.require_manager()
	return grading_schemes.close(str(version))


@frappe.whitelist(methods=["POST"])
def copy_to_year(version: str, year: int | str) -> str:
	"""Make a new draft of a version for a fiscal year; returns its name.

	Raises:
		PermissionError: the user does not set up schemes.
		GradingError: there is no such version or year.
	"""
	grading_schemes.require_manager()
	return grading_schemes.copy_to_year(str(version), year)


@frappe.whitelist(methods=["GET", "POST"])
def check(version: str) -> list[dict[str, Any]]:
	"""What must be corrected (``is_error``) before a stored version can be activated, and which blanks it leaves: HTML-safe sentences.

	Raises:
		PermissionError: the user may not read versions.
	"""
	_require_read(VERSION)
	doc = frappe.get_doc(VERSION, str(version))
	return [
		{"field": fault.field, "row": messages.row_of(fault), "is_error": fault.is_error, "text": messages.line(fault, doc.meta)}
		for fault in grading_schemes.faults_of(doc)
	]


@frappe.whitelist(methods=["GET", "POST"])
def moving(scheme: str, wanted: list[str] | str) -> list[str]:
	"""What a person is asked before the purposes `wanted` move to a scheme: one sentence each, none when nothing moves.

	Raises:
		PermissionError: the user may not read grading schemes.
	"""
	_require_read(SCHEME)
	asked = frappe.parse_json(wanted)
	return grading_purposes.moving(str(scheme), [str(one) for one in asked] if isinstance(asked, list) else [])


@frappe.whitelist(methods=["GET", "POST"])
def grades(scheme: str) -> list[str]:
	"""The grades of a scheme, best first, for a marketing plan.

	Raises:
		PermissionError: the user may not read grading schemes.
	"""
	_require_read(SCHEME)
	return marketing_plans.grades_of(str(scheme))


def _require_read(doctype: str) -> None:
	if not frappe.has_permission(doctype, "read"):
		raise frappe.PermissionError
