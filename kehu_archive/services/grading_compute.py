"""A run is computed: every customer of its population, a chunk at a time.

Contract: a chunk is one transaction that writes what was found, the counts and the place where work goes on. Killed at any point, the next worker takes up the
chunk that was lost and nothing else. A run that is withdrawn meanwhile stops at its next chunk. Thresholds and scorecards are graded chunk by chunk; quotas
are measured chunk by chunk and ranked at the end (`grading_ranking`). Clause: R-GRD-01 to R-GRD-15, V-05.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import frappe

from kehu_archive.domain import grading
from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading_quota import key_of
from kehu_archive.domain.grading_terms import Metrics
from kehu_archive.services import grading_metrics, grading_ranking
from kehu_archive.services import grading_run_state as state
from kehu_archive.services.grading_metrics import Scope
from kehu_archive.services.grading_population import CHUNK, Member
from kehu_archive.services.grading_results import Writer, stored_values
from kehu_archive.services.grading_task import Task, place_of

Commit = Callable[[], None]


def compute(doc: Any, commit: Commit) -> None:
	"""Compute a run from where it stands to the end; its status is left to the caller.

	Raises:
		Stopped: it was withdrawn meanwhile.
	"""
	task = Task.of(doc)
	if not place_of(task.run):
		_begin(task)
		commit()
	while _measure_chunk(task):
		commit()
	commit()
	if task.version.method == terms.QUOTAS:
		grading_ranking.finish(task, commit)


def _begin(task: Task) -> None:
	state.clear(task.run, tuple(one.code for one in task.version.grades))
	values = {"total": task.population.size(), "done": 0, "changes": 0, "candidates": 0, "resume_after": state.MEASURED}
	state.put(task.run, values)


def _measure_chunk(task: Task) -> bool:
	"""The next chunk of customers; False when there are no more."""
	place = place_of(task.run)
	if not place.startswith(state.MEASURED):
		return False
	members = task.population.piece(place[len(state.MEASURED) :], CHUNK)
	if not members:
		return False
	metrics = grading_metrics.measure(members, Scope.between(members[0].name, members[-1].name), task.version, task.as_of)
	done = frappe.db.get_value(state.RUN, task.run, "done") or 0
	writer = task.writer(done)
	if task.version.method == terms.QUOTAS:
		_stage(writer, members, metrics)
	else:
		_grade(writer, members, metrics)
	writer.write()
	state.add(task.run, writer.tally)
	state.advance(task.run, len(members), writer.changes, writer.candidates, state.MEASURED + members[-1].name)
	state.publish(task.run)
	return True


def _grade(writer: Writer, members: list[Member], metrics: dict[str, Metrics]) -> None:
	version = writer.version
	for member in members:
		measured = metrics[member.name]
		# Who has no grade yet most likely gets one and is explained at once; others are explained only if there is something to say.
		explained = not member.grade
		outcome = grading.grade(version, measured, explain=explained)
		after = member.grade if member.is_manual else outcome.grade
		kind = writer.count(member.grade, after, outcome)
		is_kept_by_hand = member.is_manual and outcome.grade != member.grade
		if kind == terms.SAME and not is_kept_by_hand and (member.is_manual or not outcome.candidate_for):
			continue
		if not explained:
			outcome = grading.grade(version, measured)
		writer.keep(member, measured.region, kind, outcome, is_kept_by_hand)


def _stage(writer: Writer, members: list[Member], metrics: dict[str, Metrics]) -> None:
	"""Scores of a quota: the grade comes with the ranking. A manual grade is marked by its kind of change, which is none."""
	version = writer.version
	for member in members:
		measured = metrics[member.name]
		own_score, total, _day, _number = key_of(version, measured)
		writer.tally.add("before_count", member.grade)
		kind = terms.SAME if member.is_manual else ""
		values = json.dumps(stored_values(measured.values), separators=(",", ":"))
		writer.rows.append(
			[
				*writer.head(),
				*(member.name, member.customer_name, measured.region, kind, member.grade, "", "", ""),
				*(-own_score, 0, -total, "", 0, "", values),
			]
		)
