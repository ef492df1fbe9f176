"""A quota is filled: the database ranks what was measured, and grades follow in sets.

Contract: comes to the same as `domain.grading_quota.quota_outcomes`. Ranking is one transaction; explaining those who change or are near the next grade goes by
chunks, as measuring does; the others' rows are deleted at the end. Clause: R-GRD-14, R-GRD-15, R-GRD-20.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any, Final

import frappe
from frappe.utils import cstr

from kehu_archive.domain import grading_moves
from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading_quota import Cuts, RankKey, counts, placed, rank_key
from kehu_archive.domain.grading_terms import Metrics
from kehu_archive.services import grading_run_state as state
from kehu_archive.services.grading_results import read_values, update_explained
from kehu_archive.services.grading_task import Task, place_of

CHUNK: Final = 2000
#: Best first, as `grading_quota.rank_key` sorts: compared by bytes, an archive without a date last.
_RANK: Final = f"""
	update `tab{state.RESULT}` result join (
		select one.name, row_number() over (
			partition by {{region}}
			order by one.score desc, one.total_amount desc, ifnull(archive.archive_date, '9999-12-31'), cast(one.archive as binary)
		) place
		from `tab{state.RESULT}` one join `tabCustomer Archive` archive on archive.name = one.archive
		where one.run = %(run)s
	) ranked on ranked.name = result.name
	set result.rank_no = ranked.place
"""
_EDGES: Final = f"""
	select one.region, one.rank_no, cast(one.score as char), cast(one.total_amount as char), archive.archive_date, one.archive
	from `tab{state.RESULT}` one join `tabCustomer Archive` archive on archive.name = one.archive
	where one.run = %(run)s and ({{region}}, one.rank_no) in %(places)s
"""
_GRADES: Final = f"""
	update `tab{state.RESULT}` one join ({{cuts}}) cut on cut.region = {{region}} and one.rank_no between cut.first_place and cut.last_place
	set one.grade_any = cut.grade, one.grade_all = cut.grade, one.grade = if(one.change_kind = '', cut.grade, one.grade_before),
		one.candidate_for = if(one.change_kind = '' and cut.above <> '' and {{reached}}, cut.above, ''),
		one.candidate_share = if(cut.above = '', 0, {{share}})
	where one.run = %(run)s
"""
#: A share is cut to two places, so that what is just missed never reads as reached.
_SHARE: Final = "if(one.score >= cut.floor, 100, if(one.score > 0, truncate(one.score * 100 / cut.floor, 2), 0))"
_REACHED: Final = "(one.score >= cut.floor or if(one.score > 0, one.score * 100 >= %(upgrade_share)s * cut.floor, %(upgrade_share)s <= 0))"
_MOVED: Final = f"""
	update `tab{state.RESULT}` one join ({{moves}}) move
		on move.grade_before = cast(one.grade_before as binary) and move.grade = cast(one.grade as binary)
	set one.change_kind = move.kind
	where one.run = %(run)s and one.change_kind = ''
"""
_IS_KEPT: Final = "(change_kind <> %(same)s or candidate_for <> '' or cast(grade as binary) <> cast(grade_any as binary))"
_KEPT: Final = f"""
	select one.name, one.archive, one.grade, one.grade_any, one.region, archive.archive_date, one.reasons
	from `tab{state.RESULT}` one join `tabCustomer Archive` archive on archive.name = one.archive
	where one.run = %(run)s and one.archive > %(after)s and {_IS_KEPT}
	order by one.archive limit %(most)s
"""
_COUNTED: Final = "select grade_before, grade, grade_any, change_kind, candidate_for <> '', count(*)"


@dataclass(frozen=True)
class Ranking:
	"""One region's ranking, or the only one: how many customers each grade gets, and the keys at its edges."""

	region: str
	filled: tuple[int, ...]
	cuts: Cuts


def finish(task: Task, commit: Callable[[], None]) -> None:
	"""Rank what was measured, explain what is kept and delete the rest; goes on where a former worker stopped.

	Raises:
		Stopped: the run was withdrawn meanwhile.
	"""
	if place_of(task.run).startswith(state.MEASURED):
		_rank(task)
	commit()
	rankings = {one.region: one for one in _rankings(task)}
	while _explain_chunk(task, rankings):
		commit()
	place_of(task.run)
	frappe.db.sql(f"delete from `tab{state.RESULT}` where run = %(run)s and not {_IS_KEPT}", _values(task))
	commit()


def _values(task: Task, **more: Any) -> dict[str, Any]:
	return {"run": task.run, "same": terms.SAME, **more}


def _region(task: Task) -> str:
	"""What a ranking is made for each of."""
	return "cast(one.region as binary)" if task.version.per_region else "cast('' as binary)"


def _rank(task: Task) -> None:
	frappe.db.sql(_RANK.format(region=_region(task)), _values(task))
	_give_grades(task, _rankings(task))
	_say_moves(task)
	changes, candidates = _count(task)
	state.advance(task.run, 0, changes, candidates, state.EXPLAINED)


def _rankings(task: Task) -> list[Ranking]:
	"""Every ranking of the run, from the ranks that were written."""
	shares = [one.share for one in task.version.grades]
	sizes = frappe.db.sql(
		f"select {_region(task)}, count(*) from `tab{state.RESULT}` one where one.run = %(run)s group by {_region(task)}", _values(task)
	)
	filled = {_text(region): counts(size, shares) for region, size in sizes}
	keys = _keys_at_edges(task, filled)
	return [Ranking(region, sizes, _cuts(region, sizes, keys)) for region, sizes in filled.items()]


def _text(value: Any) -> str:
	return value.decode() if isinstance(value, bytes) else cstr(value)


def _keys_at_edges(task: Task, filled: dict[str, tuple[int, ...]]) -> dict[tuple[str, int], RankKey]:
	places = [(region.encode(), place) for region, sizes in filled.items() for edge in _edges(sizes) if edge for place in edge]
	if not places:
		return {}
	rows = frappe.db.sql(_EDGES.format(region=_region(task)), _values(task, places=tuple(places)))
	per_region = task.version.per_region
	return {(cstr(region) if per_region else "", place): rank_key(Decimal(str(score)), Decimal(str(total)), day, name) for region, place, score, total, day, name in rows}


def _edges(sizes: tuple[int, ...]) -> list[tuple[int, int] | None]:
	"""First and last place of each grade, None for a grade nobody is in."""
	return [(end - size + 1, end) if size else None for size, end in zip(sizes, accumulate(sizes), strict=True)]


def _cuts(region: str, sizes: tuple[int, ...], keys: dict[tuple[str, int], RankKey]) -> Cuts:
	edges = _edges(sizes)
	return Cuts(
		tuple(keys[region, edge[0]] if edge else None for edge in edges),
		tuple(keys[region, edge[1]] if edge else None for edge in edges),
	)


def _give_grades(task: Task, rankings: list[Ranking]) -> None:
	rows: list[Any] = []
	for ranking in rankings:
		above, floor = "", Decimal(0)
		for grade, edge, last in zip(task.version.grades, _edges(ranking.filled), ranking.cuts.last, strict=True):
			if edge and last:
				rows.append((ranking.region, grade.code, *edge, above, floor))
				above, floor = grade.code, -last[0]
	if not rows:
		return
	names = ("region", "grade", "first_place", "last_place", "above", "floor")
	sql = _GRADES.format(cuts=_table(len(rows), names), region=_region(task), reached=_REACHED, share=_SHARE)
	frappe.db.sql(sql, _values(task, upgrade_share=task.version.upgrade_share, **_cells(rows, names)))


def _table(size: int, names: tuple[str, ...]) -> str:
	"""A table of parameters; texts that codes and regions are compared by are bytes."""
	as_bytes = {"region", "grade_before"}
	each = (", ".join(f"cast(%({name}{row})s as binary) {name}" if name in as_bytes else f"%({name}{row})s {name}" for name in names) for row in range(size))
	return " union all ".join(f"select {one}" for one in each)


def _cells(rows: list[Any], names: tuple[str, ...]) -> dict[str, Any]:
	return {f"{name}{number}": value for number, row in enumerate(rows) for name, value in zip(names, row, strict=True)}


def _say_moves(task: Task) -> None:
	codes = tuple(one.code for one in task.version.grades)
	pairs = frappe.db.sql(
		f"select distinct grade_before, grade from `tab{state.RESULT}` where run = %(run)s and change_kind = ''", _values(task)
	)
	rows = [(before, after, grading_moves.change_kind(codes, before, after)) for before, after in pairs]
	if rows:
		names = ("grade_before", "grade", "kind")
		frappe.db.sql(_MOVED.format(moves=_table(len(rows), names)), _values(task, **_cells(rows, names)))


def _count(task: Task) -> tuple[int, int]:
	"""Add to the stored counts; returns how many change and how many are candidates."""
	tally = state.Tally()
	changes = candidates = 0
	rows = frappe.db.sql(f"{_COUNTED} from `tab{state.RESULT}` where run = %(run)s group by 1, 2, 3, 4, 5", _values(task))
	for _before, grade, by_rules, kind, is_candidate, number in rows:
		tally.add("after_count", grade, number)
		tally.add("any_count", by_rules, number)
		tally.add("all_count", by_rules, number)
		tally.move(kind, grade, number)
		changes += number if kind != terms.SAME else 0
		candidates += number if is_candidate else 0
	state.add(task.run, tally)
	return changes, candidates


def _explain_chunk(task: Task, rankings: dict[str, Ranking]) -> bool:
	"""Sentence and reasons of the next customers who are kept; False when there are no more."""
	place = place_of(task.run)
	rows = frappe.db.sql(_KEPT, _values(task, after=place[len(state.EXPLAINED) :], most=CHUNK))
	if not rows:
		return False
	writer = task.writer(0)
	codes = writer.codes
	explained = []
	for name, archive, grade, by_rules, region, day, values in rows:
		metrics = Metrics(read_values(json.loads(values)), {}, 0, region, day, archive)
		cuts = rankings[region if task.version.per_region else ""].cuts
		outcome = placed(task.version, metrics, codes.index(by_rules), cuts)
		sentence = task.sayer.sentence(outcome) if grade == by_rules else task.sayer.kept(outcome)
		explained.append((name, sentence, writer.packed(outcome)))
	update_explained(explained)
	state.advance(task.run, 0, 0, 0, state.EXPLAINED + rows[-1][1])
	return True
