"""Where a grading run stands: whether somebody works on it, its counts, what is reported of it. Nothing here commits.

`Grading Run.resume_after` says where work goes on: while customers are measured the last archive number behind ``measured:``; once a quota is ranked the last
explained one behind ``explained:``; while it is applied, what `grade_assignments` writes there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import frappe
from frappe.utils import cint, cstr, now
from frappe.utils.background_jobs import get_job

from kehu_archive.domain import grading_terms as terms
from kehu_archive.services.job_lock import is_held

RUN: Final = "Grading Run"
RESULT: Final = "Grading Run Result"
COUNT: Final = "Grading Run Count"
WAITING: Final = "Waiting"
COMPUTING: Final = "Computing"
COMPUTED: Final = "Computed"
APPLYING: Final = "Applying"
APPLIED: Final = "Applied"
NO_CHANGES: Final = "No Changes"
WITHDRAWN: Final = "Withdrawn"
FAILED: Final = "Failed"
#: A worker is at such a run, or should be.
UNFINISHED: Final = (WAITING, COMPUTING, APPLYING)
BY_HAND: Final = "By Hand"
NIGHTLY: Final = "Nightly"
MEASURED: Final = "measured:"
EXPLAINED: Final = "explained:"
_NUMBERS: Final = ("before_count", "after_count", "any_count", "all_count", "up_count", "down_count")


@dataclass
class Tally:
	"""How many customers each grade has before and after, under both readings, and how many rose or fell to it; '' is no grade."""

	numbers: Counter[tuple[str, str]] = field(default_factory=Counter)

	def add(self, column: str, grade: str, number: int = 1) -> None:
		"""Count customers of a grade in one of the columns."""
		self.numbers[grade, column] += number

	def move(self, kind: str, grade: str, number: int = 1) -> None:
		"""Count customers who came to a grade."""
		if kind == terms.UP:
			self.numbers[grade, "up_count"] += number
		elif kind == terms.DOWN:
			self.numbers[grade, "down_count"] += number


def job_id(name: str) -> str:
	"""The queue's name for the job of a run; there is never a second one."""
	return f"grading-run-{name}"


def is_alive(name: str) -> bool:
	"""Whether a worker is at this run, or it waits in the queue."""
	if is_held(job_id(name)):
		return True
	job = get_job(job_id(name))
	return bool(job and job.get_status() == "queued")


def clear(name: str, codes: tuple[str, ...]) -> None:
	"""Forget what an earlier attempt counted and found, and begin with a row for each grade and one for none."""
	forget_results(name)
	frappe.db.delete(COUNT, {"parent": name})
	for place, code in enumerate((*codes, terms.NO_GRADE), 1):
		_insert_count(name, code, place)


def forget_results(name: str) -> None:
	"""Delete what a run found."""
	frappe.db.delete(RESULT, {"run": name})


def add(name: str, tally: Tally) -> None:
	"""Add to the stored counts; a former grade that the version does not know gets its row."""
	rows = {cstr(grade): (row, place) for row, grade, place in frappe.db.sql(f"select name, grade, idx from `tab{COUNT}` where parent = %s", name)}
	by_grade: dict[str, dict[str, int]] = {}
	for (grade, column), number in tally.numbers.items():
		by_grade.setdefault(grade, {})[column] = number
	for grade, numbers in by_grade.items():
		row = rows[grade][0] if grade in rows else _insert_count(name, grade, len(rows) + 1)
		rows.setdefault(grade, (row, len(rows) + 1))
		# The columns' names are ours.
		places = ", ".join(f"{column} = {column} + %({column})s" for column in numbers)
		frappe.db.sql(f"update `tab{COUNT}` set {places} where name = %(row)s", {**numbers, "row": row})


def _insert_count(name: str, grade: str, place: int) -> str:
	values = {"doctype": COUNT, "parent": name, "parenttype": RUN, "parentfield": "counts", "idx": place, "grade": grade}
	row = frappe.get_doc({**values, **dict.fromkeys(_NUMBERS, 0)})
	row.db_insert()
	return str(row.name)


def advance(name: str, done: int, changes: int, candidates: int, place: str) -> None:
	"""Note how far a run is. It got further: whatever dies next dies for the first time."""
	frappe.db.sql(
		f"""update `tab{RUN}` set done = done + %s, changes = changes + %s, candidates = candidates + %s, resume_after = %s, attempts = 0
		where name = %s""",
		(done, changes, candidates, place, name),
	)


def put(name: str, values: Mapping[str, Any]) -> None:
	"""Write a run's fields and tell open forms."""
	frappe.db.set_value(RUN, name, {**values, "modified": now()}, update_modified=False)
	publish(name)


def publish(name: str) -> None:
	"""Tell open forms how far the run is, once the transaction is committed."""
	row = frappe.db.get_value(RUN, name, ["status", "done", "total", "changes", "candidates"], as_dict=True)
	if row:
		frappe.publish_realtime("grading_run_progress", {"name": name, **row}, doctype=RUN, docname=name, after_commit=True)


def best_first(counts: Any, codes: tuple[str, ...], labels: Mapping[str, str]) -> list[dict[str, Any]]:
	"""The counts of a run for the screen: its grades best first, no grade behind them, former grades last."""
	order = {code: place for place, code in enumerate((*codes, terms.NO_GRADE))}
	rows = sorted(counts, key=lambda row: (order.get(cstr(row.grade), len(order)), cint(row.idx)))
	return [
		{"grade": cstr(row.grade), "label": labels.get(cstr(row.grade), cstr(row.grade)), **{one: cint(row.get(one)) for one in _NUMBERS}}
		for row in rows
	]
