"""Quotas: the best so many percent of a population get the first grade, the next so many the second.

Contract: `counts` divides a population by largest remainder and always adds up. Customers rank by score (or amount), then by total amount, then by older
archive date, then by smaller number; so the order does not depend on how they were loaded. `quota_outcomes` is the pure reference for a whole population;
a run that ranks in the database takes `rank_key`, `counts` and `placed` and must come to the same.

Clause: R-GRD-14 (20/40/40, always all customers), R-GRD-15 (region, strength, likelihood), R-GRD-20.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kehu_archive.domain import grading_explain as explain_
from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading import score
from kehu_archive.domain.grading_plan import CENT, HUNDRED, ZERO, plan_of, shown_share
from kehu_archive.domain.grading_terms import NO_GRADE, Metrics, Outcome, Reason, Step, Version

RankKey = tuple[Decimal, Decimal, date, str]
"""Sorts best first: score and total amount with the sign turned, archive date (none: last), number."""
AMOUNT_OF = {terms.BY_TOTAL: terms.TOTAL_AMOUNT, terms.BY_YEAR_TOTAL: terms.YEAR_TOTAL}
"""The metric a quota by amount ranks by."""


@dataclass(frozen=True)
class Cuts:
	"""Where the grades of one ranking begin and end: the keys of the first and the last customer of each grade, None for a grade nobody is in."""

	first: tuple[RankKey | None, ...]
	last: tuple[RankKey | None, ...]


def counts(total: int, shares: Sequence[Decimal]) -> tuple[int, ...]:
	"""How many customers each grade gets: the whole part of its share, and what is left over by the largest remainder, the better grade first.

	Raises:
		ValueError: the shares are not 100 percent together or one is below zero; `grading_checks` says so first.
	"""
	if sum(shares) != HUNDRED or min(shares) < 0:
		raise ValueError("the shares of a quota must be 100 percent together")
	parts = [divmod(total * share, HUNDRED) for share in shares]
	filled = [int(whole) for whole, _rest in parts]
	by_remainder = sorted(range(len(parts)), key=lambda place: (-parts[place][1], place))
	for place in by_remainder[: total - sum(filled)]:
		filled[place] += 1
	return tuple(filled)


def rank_key(own_score: Decimal, total: Decimal, archive_date: date | None, number: str) -> RankKey:
	"""The key by which a population is sorted, best first."""
	return -own_score, -total, archive_date or date.max, number


def key_of(version: Version, metrics: Metrics) -> RankKey:
	"""The key of one customer."""
	total = metrics.values.get(terms.TOTAL_AMOUNT) or ZERO
	return rank_key(score(version, metrics), total, metrics.archive_date, metrics.number)


def ranked(version: Version, population: Iterable[Metrics]) -> list[Metrics]:
	"""A population best first, whatever the regions."""
	return sorted(population, key=lambda metrics: key_of(version, metrics))


def cuts_of(keys: Sequence[RankKey], filled: Sequence[int]) -> Cuts:
	"""Where the grades of a sorted ranking begin and end."""
	first: list[RankKey | None] = []
	last: list[RankKey | None] = []
	start = 0
	for size in filled:
		first.append(keys[start] if size else None)
		last.append(keys[start + size - 1] if size else None)
		start += size
	return Cuts(tuple(first), tuple(last))


def quota_outcomes(version: Version, population: Iterable[Metrics]) -> dict[str, Outcome]:
	"""The outcome of every customer by number; each region fills its own quotas where the version says so."""
	regions: dict[str, list[Metrics]] = defaultdict(list)
	for metrics in population:
		regions[metrics.region if version.per_region else ""].append(metrics)
	found: dict[str, Outcome] = {}
	for members in regions.values():
		found.update(_one_ranking(version, members))
	return found


def _one_ranking(version: Version, members: list[Metrics]) -> dict[str, Outcome]:
	order = sorted((key_of(version, metrics), place) for place, metrics in enumerate(members))
	filled = counts(len(members), [one.share for one in version.grades])
	cuts = cuts_of([key for key, _place in order], filled)
	places = [grade for grade, size in enumerate(filled) for _ in range(size)]
	return {
		members[place].number: placed(version, members[place], grade, cuts)
		for (_key, place), grade in zip(order, places, strict=True)
	}


def placed(version: Version, metrics: Metrics, place: int, cuts: Cuts, explain: bool = True) -> Outcome:
	"""The outcome of a customer who came into the grade at `place` of a ranking with these cuts."""
	key = key_of(version, metrics)
	own_score, code = -key[0], version.grades[place].code
	above = next((one for one in range(place - 1, -1, -1) if cuts.last[one]), None)
	candidate, share = "", None
	if above is not None:
		reached = _reached(own_score, _floor(cuts, above))
		candidate = version.grades[above].code if reached >= version.upgrade_share else ""
		share = shown_share(reached)
	if not explain:
		return Outcome(code, code, code, (), own_score, None, None, candidate, share)
	return Outcome(
		code,
		code,
		code,
		_reasons(version, metrics, own_score, _floor(cuts, place)),
		own_score,
		None if above is None else _raised(version, metrics, key, above, cuts),
		_lowered(version, own_score, place, cuts),
		candidate,
		share,
	)


def _floor(cuts: Cuts, place: int) -> Decimal:
	last = cuts.last[place]
	return ZERO if last is None else -last[0]


def _reached(own_score: Decimal, floor: Decimal) -> Decimal:
	"""Percent of the lowest score inside the grade above; who has that score and came after it by a tie has reached it."""
	if own_score >= floor:
		return HUNDRED
	return own_score / floor * HUNDRED if own_score > 0 else ZERO


def _reasons(version: Version, metrics: Metrics, own_score: Decimal, floor: Decimal) -> tuple[Reason, ...]:
	placed_by = Reason(AMOUNT_OF.get(version.score_by, terms.BY_FACTORS), own_score, floor, True)
	if version.score_by in AMOUNT_OF:
		return (placed_by,)
	return placed_by, *explain_.factors(plan_of(version), metrics)


def _raised(version: Version, metrics: Metrics, key: RankKey, above: int, cuts: Cuts) -> Step:
	"""What overtakes the last customer of the grade above: his score where ties are won against him, else a hundredth more."""
	last = cuts.last[above]
	assert last is not None
	floor = -last[0]
	total = last[0] if version.score_by == terms.BY_TOTAL else key[1]
	asked = floor if (last[0], total, *key[2:]) < last else floor + CENT
	code = version.grades[above].code
	if version.score_by in AMOUNT_OF:
		return Step(code, (Reason(AMOUNT_OF[version.score_by], -key[0], asked, False),))
	return explain_.raised_score(plan_of(version), metrics, -key[0], code, asked)


def _lowered(version: Version, own_score: Decimal, place: int, cuts: Cuts) -> Step | None:
	"""Below the score of the best customer of the next grade the place is lost to him."""
	below = next((one for one in range(place + 1, len(cuts.first)) if cuts.first[one]), None)
	best = cuts.first[below] if below is not None else None
	if below is None or best is None:
		return None
	metric = AMOUNT_OF.get(version.score_by, terms.BY_FACTORS)
	return Step(version.grades[below].code if below is not None else NO_GRADE, (Reason(metric, own_score, -best[0], True),))
