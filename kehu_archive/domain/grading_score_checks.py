"""What is wrong with the shares, scores, factors and bands of a version.

Contract: part of `grading_checks`; each function takes a version as typed and gives faults with the table's column and the row. Limits are named as typed, in
10,000 CNY for amounts.
Clause: R-GRD-07 (weights make 100, every score has its grade), R-GRD-14 (shares make 100); form F-04 (评分标准分档).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Final

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.faults import Fault, fault
from kehu_archive.domain.grading_rows import BandRow, Draft

_HUNDRED: Final = Decimal(100)
_LOWEST: Final = Decimal("-Infinity")
SCORES: Final = terms.JUDGED | {terms.LIKELIHOOD}
"""Metrics that are scores from 0 to 100 themselves and need no bands."""

Numbered = tuple[int, BandRow]


def plain(number: Decimal) -> str:
	"""A number as it is typed, without needless zeros."""
	return f"{number.normalize():f}"


def check_shares(version: Draft) -> Iterator[Fault]:
	"""Shares from 0 to 100, 100 together."""
	for number, row in enumerate(version.grades, 1):
		if not 0 <= row.share <= _HUNDRED:
			yield fault("grades:share", "grading-share", row=number)
	total = sum((row.share for row in version.grades), Decimal(0))
	if version.grades and total != _HUNDRED:
		yield fault("grades:share", "grading-shares", total=plain(total))


def check_scores(version: Draft) -> Iterator[Fault]:
	"""Each grade begins at a score from 0 to 100 and below that of the better grade."""
	for number, row in enumerate(version.grades, 1):
		if not 0 <= row.score_from <= _HUNDRED:
			yield fault("grades:score_from", "grading-score-range", row=number)
	for number, (better, row) in enumerate(pairwise(version.grades), 2):
		if row.score_from >= better.score_from:
			yield fault("grades:score_from", "grading-score-order", above=plain(better.score_from), row=number)


def check_factors(version: Draft) -> Iterator[Fault]:
	"""Weights make 100, each factor once, and every value has its band."""
	if not version.factors:
		yield fault("factors", "grading-no-factors")
	seen: dict[str, int] = {}
	for number, row in enumerate(version.factors, 1):
		if row.metric not in terms.METRICS or row.metric == terms.CONSECUTIVE_YEARS:
			yield fault("factors:metric", "grading-choice", value=row.metric, row=number)
		if row.metric in seen:
			yield fault("factors:metric", "grading-factor-twice", first=seen[row.metric], row=number)
		if not 0 < row.weight <= _HUNDRED:
			yield fault("factors:weight", "grading-weight", row=number)
		seen.setdefault(row.metric, number)
	total = sum((row.weight for row in version.factors), Decimal(0))
	if version.factors and total != _HUNDRED:
		yield fault("factors:weight", "grading-weights", total=plain(total))
	yield from _bands(version, seen)


def _bands(version: Draft, factors: dict[str, int]) -> Iterator[Fault]:
	own: dict[str, list[Numbered]] = {metric: [] for metric in factors}
	for number, row in enumerate(version.bands, 1):
		if not 0 <= row.points <= _HUNDRED:
			yield fault("bands:points", "grading-points", row=number)
		if row.value_to is not None and row.value_from is not None and row.value_to <= row.value_from:
			yield fault("bands:value_to", "grading-band-empty", row=number)
		if row.metric in own:
			own[row.metric].append((number, row))
		else:
			yield fault("bands:metric", "grading-band-factor", metric=row.metric, row=number)
	for metric, rows in own.items():
		if rows:
			yield from _of_one_factor(metric, sorted(rows, key=_lower))
		elif metric not in SCORES:
			yield fault("factors:metric", "grading-bands-missing", metric=metric, row=factors[metric])


def _lower(numbered: Numbered) -> Decimal:
	lower = numbered[1].value_from
	return _LOWEST if lower is None else lower


def _of_one_factor(metric: str, rows: list[Numbered]) -> Iterator[Fault]:
	"""The bands of a factor, lowest first, meet without gap and overlap and are open at both ends."""
	first_number, first = rows[0]
	if first.value_from is not None:
		yield fault("bands:value_from", "grading-band-low", metric=metric, row=first_number)
	for (number, row), (next_number, following) in pairwise(rows):
		yield from _joint(metric, (number, row), (next_number, following))
	last_number, last = rows[-1]
	if last.value_to is not None and not (metric in SCORES and last.value_to > _HUNDRED):
		yield fault("bands:value_to", "grading-band-high", metric=metric, row=last_number)


def _joint(metric: str, one: Numbered, following: Numbered) -> Iterator[Fault]:
	upper, lower = one[1].value_to, following[1].value_from
	if upper is None or lower is None or lower < upper:
		yield fault("bands:value_from", "grading-band-overlap", metric=metric, first=one[0], row=following[0])
	elif lower > upper:
		yield fault("bands:value_from", "grading-band-gap", metric=metric, start=plain(upper), end=plain(lower), row=following[0])
