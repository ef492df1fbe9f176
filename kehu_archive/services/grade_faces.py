"""What a screen shows of grades besides their reasons: colour, meaning, marketing strategy, and what falls just short of the next grade.

Each is one query for all grades of an archive. The caller has checked who asks. Clause: R-GRD-09 to R-GRD-12 (a strategy for each class), R-GRD-20.
"""

from __future__ import annotations

from typing import Any, Final

import frappe
from frappe.utils import cstr

_TEXTS: Final = ("colour", "description", "strategy")
_CANDIDATES: Final = """
	select run.scheme, run.version, result.grade, result.candidate_for, result.candidate_share from `tabGrading Run Result` result
	join `tabGrading Run` run on run.name = result.run
	where result.archive = %(archive)s and run.status in ('Computed', 'Applying', 'Applied', 'No Changes') and ifnull(run.reading, '') = ''
	order by run.as_of desc, run.computed_on desc
"""


def dressed(archive: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
	"""Current grades with colour, meaning, strategy and the grade that is nearly reached."""
	faces = _faces(rows)
	nearly = _nearly(archive)
	for row in rows:
		row.update(faces.get((_version(row), cstr(row.get("grade"))), dict.fromkeys(_TEXTS, "")))
		row.update(_candidate(row, nearly.get(row["scheme"]), faces))
	return rows


def coloured(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
	"""Former grades with their colours and the full names of those who decided."""
	faces = _faces(rows)
	for row in rows:
		row["colour"] = faces.get((_version(row), cstr(row.get("grade"))), {}).get("colour", "")
		row["decided_by_name"] = frappe.utils.get_fullname(row["decided_by"]) if row.get("decided_by") else ""
	return rows


def _version(row: dict[str, Any]) -> str:
	"""The version that named the grade; of one that is not given yet, that of today's figures."""
	explained = row.get("explained") or {}
	return cstr(row.get("version") or (explained.get("today") or {}).get("version"))


def _faces(rows: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, str]]:
	"""(version, grade) -> colour, meaning, strategy and label."""
	versions = {_version(row) for row in rows} - {""}
	if not versions:
		return {}
	found = frappe.get_all(
		"Grading Scheme Grade",
		filters={"parent": ("in", list(versions)), "parenttype": "Grading Scheme Version"},
		fields=["parent", "grade", "label as shown_as", *_TEXTS],
	)
	return {(one.parent, one.grade): {field: cstr(one[field]) for field in _TEXTS} | {"shown_as": cstr(one.shown_as)} for one in found}


def _nearly(archive: str) -> dict[str, Any]:
	"""Scheme -> what its last computed run said of the archive."""
	latest: dict[str, Any] = {}
	for row in frappe.db.sql(_CANDIDATES, {"archive": archive}, as_dict=True):
		latest.setdefault(row.scheme, row)
	return latest


def _candidate(row: dict[str, Any], near: Any, faces: dict[tuple[str, str], dict[str, str]]) -> dict[str, Any]:
	"""Empty once the customer has another grade than the one that was looked at."""
	if not near or not near.candidate_for or cstr(near.grade) != cstr(row.get("grade")):
		return {"candidate_for": "", "candidate_label": "", "candidate_share": None}
	label = faces.get((near.version, near.candidate_for), {}).get("shown_as") or near.candidate_for
	return {"candidate_for": near.candidate_for, "candidate_label": label, "candidate_share": near.candidate_share}
