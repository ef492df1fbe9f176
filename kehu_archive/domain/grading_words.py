"""Grades in words: one sentence why, and what would raise or lower it.

Contract: nothing here knows a language. A `Said` is an English template with its pieces; `text` puts it together once the caller gives a translation function.
Every template is in `TEMPLATES`. Amounts are shown as users write them: in 10,000 CNY from 10,000 CNY on, to two
places. What a customer has is rounded down and what is asked of him up, so that what is just missed never reads as reached.
Clause: R-GRD-18, R-GRD-20, V-04 (grades are shown under their label).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from typing import Any, Final, NamedTuple

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading_terms import NO_GRADE, Outcome, Reason, Step, Version

Translate = Callable[[str], str]
Said = tuple[str, dict[str, Any]]
"""A template and its pieces: text as it is, a `Term`, an `Amount`, or several `Said` to be joined."""

FITS: Final = "{grade}, because {because}"
FITS_NONE: Final = "No grade fits, because {because}"
FITS_NOTHING: Final = "No grade fits, because no threshold is filled in"
FITS_SCORE: Final = "{grade}, because the score is {score} and {asked} is asked; most of it comes from {metric} with {points}"
FITS_REST: Final = "{grade}, because the score of {score} stays below the {asked} of the next better grade"
FITS_NO_SCORE: Final = "No grade fits, because the score is {score} and {asked} is asked"
FITS_FIRST: Final = "{grade}, because {metric} of {score} ranks within the first {to} % of {population}"
FITS_QUOTA: Final = "{grade}, because {metric} of {score} ranks after the first {start} % and within the first {to} % of {population}"

HELD: Final = "{metric} is {value} and reaches {asked}"
HELD_MOST: Final = "{metric} is {value} and stays within {asked}"
HELD_YEARS: Final = "{value} years in a row brought {asked} or more each, where {years} are asked"
MISSED: Final = "{metric} is {value}, {missing} short of {asked}"
MISSED_MOST: Final = "{metric} is {value}, {missing} more than {asked}"
MISSED_YEARS: Final = "only {value} years in a row brought {asked} or more each, where {years} are asked"
UNKNOWN: Final = "{metric} is not known"
HAS_DEALS: Final = "there are {value} deals"
NO_DEAL: Final = "there is no deal yet"
INTENDS: Final = "the customer intends to cooperate"
NO_INTENTION: Final = "no intention to cooperate is noted"

RAISED: Final = "{grade}, as soon as {changes}"
LOWERED: Final = "{grade} only, as soon as {changes}"
LOWERED_NONE: Final = "No grade any more, as soon as {changes}"
RISES: Final = "{metric} rises from {value} to {asked}"
FALLS: Final = "{metric} falls from {value} to {asked}"
YEARS_RISE: Final = "{years} years in a row bring {asked} or more each, so far {value}"
BECOMES_KNOWN: Final = "{metric} becomes known and is {asked} or more"
BECOMES_KNOWN_MOST: Final = "{metric} becomes known and is {asked} or less"
DROPS: Final = "{metric} is below {asked}, now {value}"
EXCEEDS: Final = "{metric} is above {asked}, now {value}"
YEARS_DROP: Final = "fewer than {years} years in a row bring {asked} or more each, now {value}"
FIRST_DEAL: Final = "the first deal is made"
INTENTION_NOTED: Final = "the intention to cooperate is noted"

JOINED: Final = "{first}, and {second}"
TEN_THOUSANDS: Final = "{number} × 10,000 CNY"
YUAN: Final = "{number} CNY"
SCORE: Final = "the score"
EVERYBODY: Final = "all customers"
OF_THE_REGION: Final = "the customers of the region"

TEMPLATES: Final = (
	*(FITS, FITS_NONE, FITS_NOTHING, FITS_SCORE, FITS_REST, FITS_NO_SCORE, FITS_FIRST, FITS_QUOTA),
	*(HELD, HELD_MOST, HELD_YEARS, MISSED, MISSED_MOST, MISSED_YEARS, UNKNOWN, HAS_DEALS, NO_DEAL, INTENDS, NO_INTENTION),
	*(RAISED, LOWERED, LOWERED_NONE, RISES, FALLS, YEARS_RISE, BECOMES_KNOWN, BECOMES_KNOWN_MOST),
	*(DROPS, EXCEEDS, YEARS_DROP, FIRST_DEAL, INTENTION_NOTED),
	*(JOINED, TEN_THOUSANDS, YUAN, SCORE, EVERYBODY, OF_THE_REGION),
)
"""Everything said here, for the translations."""

_PLACES: Final = Decimal("0.01")
_TEN_THOUSAND: Final = Decimal(10_000)
_SHOWN: Final = 3
"""So many comparisons fit into one sentence."""


class Term(NamedTuple):
	"""A word of the interface, to be translated."""

	word: str


class Amount(NamedTuple):
	"""An amount in CNY; one that is asked for is rounded up."""

	value: Decimal
	rounding: str = ROUND_DOWN


class Steps(NamedTuple):
	"""Sentences on what would raise a grade and what would lower it, each a way of its own; empty at the ends."""

	raised: tuple[Said, ...]
	lowered: tuple[Said, ...]


def sentence(outcome: Outcome, version: Version) -> Said:
	"""One sentence why a customer has this grade, or none."""
	if version.method == terms.SCORECARD:
		return _by_score(outcome, version)
	if version.method == terms.QUOTAS:
		return _by_quota(outcome, version)
	decided = [reason for reason in outcome.reasons if reason.holds or not outcome.grade]
	because = [_came_out(reason) for reason in decided[:_SHOWN]]
	if outcome.grade:
		return FITS, {"grade": label_of(version, outcome.grade), "because": because}
	return (FITS_NONE, {"because": because}) if because else (FITS_NOTHING, {})


def steps(outcome: Outcome, version: Version | None = None) -> Steps:
	"""What would raise and what would lower the grade; grades under their label when the version is given."""
	return Steps(_ways(outcome.raised, version, RAISED, _would_rise), _ways(outcome.lowered, version, LOWERED, _would_drop))


def comparison(reason: Reason) -> Said:
	"""One comparison as it came out."""
	return _came_out(reason)


def label_of(version: Version | None, code: str) -> str:
	"""What people read for a grade."""
	return next((one.label for one in version.grades if one.code == code and one.label), code) if version else code


def text(said: Said, translate: Translate = str) -> str:
	"""A sentence in a language."""
	template, pieces = said
	return translate(template).format(**{name: _piece(piece, translate) for name, piece in pieces.items()})


def number_text(value: Decimal, rounding: str = ROUND_DOWN) -> str:
	"""A number without needless zeros, cut to two places unless told otherwise."""
	cut = value.quantize(_PLACES, rounding)
	return f"{cut:f}".rstrip("0").rstrip(".") if cut else "0"


def amount_text(value: Decimal, translate: Translate = str, rounding: str = ROUND_DOWN) -> str:
	"""An amount as users write it: 128.5 in 10,000 CNY (万元), smaller ones in CNY."""
	if abs(value) < _TEN_THOUSAND:
		return translate(YUAN).format(number=number_text(value, rounding))
	return translate(TEN_THOUSANDS).format(number=number_text(value / _TEN_THOUSAND, rounding))


def _piece(piece: Any, translate: Translate) -> str:
	if isinstance(piece, Term):
		return translate(piece.word)
	if isinstance(piece, Amount):
		return amount_text(piece.value, translate, piece.rounding)
	if not isinstance(piece, list):
		return str(piece)
	parts = [text(one, translate) for one in piece]
	joined = parts[0]
	for part in parts[1:]:
		joined = translate(JOINED).format(first=joined, second=part)
	return joined


def _shown(metric: str, value: Decimal, rounding: str = ROUND_DOWN) -> Any:
	is_amount = metric in terms.AMOUNTS or metric == terms.CONSECUTIVE_YEARS
	return Amount(value, rounding) if is_amount else number_text(value, rounding)


def _metric(metric: str) -> Term:
	return Term(SCORE if metric == terms.BY_FACTORS else metric)


def _pieces(reason: Reason) -> dict[str, Any]:
	"""The pieces every comparison has; the threshold of a comparison is never empty."""
	asked, value = reason.threshold or Decimal(0), reason.value or Decimal(0)
	return {
		"metric": _metric(reason.metric),
		"value": number_text(value) if reason.years else _shown(reason.metric, value),
		"asked": _shown(reason.metric, asked, ROUND_UP),
		"missing": _shown(reason.metric, abs(asked - value), ROUND_UP),
		"years": str(reason.years),
	}


def _is_about_first_deal(reason: Reason) -> bool:
	"""Whether a comparison asks for a deal or for none."""
	return reason.metric == terms.DEALS and reason.threshold == (0 if reason.comparison == terms.AT_MOST else 1)


def _came_out(reason: Reason) -> Said:
	if reason.metric == terms.INTENTION:
		return (INTENDS if reason.holds else NO_INTENTION), {}
	pieces = _pieces(reason)
	if _is_about_first_deal(reason):
		return (HAS_DEALS, pieces) if reason.value else (NO_DEAL, {})
	if reason.years:
		return (HELD_YEARS if reason.holds else MISSED_YEARS), pieces
	if reason.value is None:
		return UNKNOWN, pieces
	if reason.comparison == terms.AT_MOST:
		return (HELD_MOST if reason.holds else MISSED_MOST), pieces
	return (HELD if reason.holds else MISSED), pieces


def _would_rise(reason: Reason) -> Said:
	is_most = reason.comparison == terms.AT_MOST
	if reason.metric == terms.INTENTION:
		return INTENTION_NOTED, {}
	if _is_about_first_deal(reason) and not is_most:
		return FIRST_DEAL, {}
	pieces = _pieces(reason)
	if reason.years:
		return YEARS_RISE, pieces
	if reason.value is None:
		return (BECOMES_KNOWN_MOST if is_most else BECOMES_KNOWN), pieces
	return (FALLS if is_most else RISES), pieces


def _would_drop(reason: Reason) -> Said:
	is_most = reason.comparison == terms.AT_MOST
	if reason.metric == terms.INTENTION:
		return NO_INTENTION, {}
	if _is_about_first_deal(reason):
		return (FIRST_DEAL if is_most else NO_DEAL), {}
	if reason.years:
		return YEARS_DROP, _pieces(reason)
	return (EXCEEDS if is_most else DROPS), _pieces(reason)


def _ways(step: Step | None, version: Version | None, template: str, phrase: Callable[[Reason], Said]) -> tuple[Said, ...]:
	"""All changes together; of a score first the score and then each factor that is enough by itself."""
	if step is None:
		return ()
	said = [phrase(reason) for reason in step.changes]
	together = [[one] for one in said] if step.changes[0].metric == terms.BY_FACTORS else [said]
	if step.grade == NO_GRADE:
		return tuple((LOWERED_NONE, {"changes": changes}) for changes in together)
	return tuple((template, {"grade": label_of(version, step.grade), "changes": changes}) for changes in together)


def _by_score(outcome: Outcome, version: Version) -> Said:
	score = number_text(outcome.score or Decimal(0))
	codes = [one.code for one in version.grades]
	if outcome.grade not in codes:
		return FITS_NO_SCORE, {"score": score, "asked": number_text(version.grades[-1].score_from)}
	place = codes.index(outcome.grade)
	own = version.grades[place]
	said = {"grade": label_of(version, own.code), "score": score}
	if own.score_from <= 0 and place:
		return FITS_REST, {**said, "asked": number_text(version.grades[place - 1].score_from)}
	best = max(outcome.reasons, key=_contribution)
	return FITS_SCORE, {
		**said,
		"asked": number_text(own.score_from),
		"metric": Term(best.metric),
		"points": number_text(_contribution(best)),
	}


def _contribution(reason: Reason) -> Decimal:
	return (reason.points or Decimal(0)) * (reason.weight or Decimal(0)) / 100


def _by_quota(outcome: Outcome, version: Version) -> Said:
	place = [one.code for one in version.grades].index(outcome.grade)
	start = sum((one.share for one in version.grades[:place]), Decimal(0))
	metric = {terms.BY_TOTAL: terms.TOTAL_AMOUNT, terms.BY_YEAR_TOTAL: terms.YEAR_TOTAL}.get(version.score_by, terms.BY_FACTORS)
	return (FITS_QUOTA if start else FITS_FIRST), {
		"grade": label_of(version, outcome.grade),
		"metric": _metric(metric),
		"score": _shown(metric, outcome.score or Decimal(0)),
		"start": number_text(start),
		"to": number_text(start + version.grades[place].share),
		"population": Term(OF_THE_REGION if version.per_region else EVERYBODY),
	}
