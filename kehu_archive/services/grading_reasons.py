"""Why a customer has his grade: kept as JSON beside each result and assignment, and told in the user's language.

Contract: `pack` and `unpack` lose nothing; numbers are kept as text, so that 0.1 stays 0.1. `words` reads nothing from the database: the version is given.
Amounts are shown as users write them, in 10,000 CNY. Clause: R-GRD-18 (ground of a change), R-GRD-20; form F-04.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from typing import Any, Final

from frappe import _

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain import grading_words
from kehu_archive.domain.grading_terms import Outcome, Reason, Step, Version

_NUMBERS: Final = ("value", "threshold", "points", "weight")
_DAYS: Final = frozenset({terms.RECENCY, terms.PAYMENT_DAYS})
_SIGNS: Final = {terms.AT_LEAST: "≥", terms.AT_MOST: "≤"}


@dataclass(frozen=True)
class Packed:
	"""What was stored: the outcome, the version that gave it and the day it was looked at."""

	outcome: Outcome
	version: str = ""
	as_of: date | None = None


def pack(outcome: Outcome, version: str = "", as_of: date | None = None) -> str:
	"""An outcome as text for the database; `version` is the name of the Grading Scheme Version."""
	content = {"version": version, "as_of": as_of.isoformat() if as_of else "", "outcome": _outcome(outcome)}
	return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def unpack(text: str | None) -> Packed | None:
	"""What `pack` wrote; None for an empty text, such as of a grade that people set."""
	if not text:
		return None
	content = json.loads(text)
	day = content.get("as_of")
	return Packed(_read_outcome(content["outcome"]), content.get("version") or "", date.fromisoformat(day) if day else None)


def words(outcome: Outcome, version: Version) -> dict[str, Any]:
	"""The outcome in the user's language, as plain text that the screen escapes.

	Returns ``sentence`` (one, for the salesman), ``rows`` (a compared metric each: metric, value, asked, holds, points, weight), ``raise`` and ``lower``
	(sentences; empty at the ends).
	"""
	steps = grading_words.steps(outcome, version)
	return {
		"sentence": sentence(outcome, version),
		"rows": [_row(reason) for reason in outcome.reasons],
		"raise": [grading_words.text(said, _) for said in steps.raised],
		"lower": [grading_words.text(said, _) for said in steps.lowered],
	}


def sentence(outcome: Outcome, version: Version) -> str:
	"""Why this grade, in one sentence; the grade alone where no reasons are known."""
	if not outcome.reasons and (outcome.grade or version.method != terms.THRESHOLDS):
		return label_of(outcome.grade, version)
	return grading_words.text(grading_words.sentence(outcome, version), _)


def label_of(code: str | None, version: Version | None) -> str:
	"""What people read for a grade: its alias when the company uses one (R-GRD-06), else its code."""
	return grading_words.label_of(version, code or "")


def _row(reason: Reason) -> dict[str, Any]:
	return {
		"metric": _(grading_words.SCORE if reason.metric == terms.BY_FACTORS else reason.metric),
		"value": _("Not Known") if reason.value is None else _shown(reason, reason.value),
		"asked": "" if reason.threshold is None else _asked(reason, reason.threshold),
		"holds": reason.holds,
		"points": None if reason.points is None else grading_words.number_text(reason.points),
		"weight": None if reason.weight is None else f"{grading_words.number_text(reason.weight)}%",
	}


def _shown(reason: Reason, value: Decimal, rounding: str = ROUND_DOWN) -> str:
	"""What a customer has is rounded down and what is asked of him up, as in the sentences."""
	metric, number = reason.metric, grading_words.number_text(value, rounding)
	if metric in terms.AMOUNTS:
		return grading_words.amount_text(value, _, rounding)
	if metric == terms.INTENTION:
		return _("Yes") if value else _("No")
	if metric == terms.CONSECUTIVE_YEARS:
		return _("{0} years").format(number)
	return _("{0} days").format(number) if metric in _DAYS else number


def _asked(reason: Reason, threshold: Decimal) -> str:
	if reason.metric == terms.INTENTION:
		return _shown(reason, threshold)
	sign = _SIGNS.get(reason.comparison, "")
	if reason.metric == terms.CONSECUTIVE_YEARS:
		each = f"{sign} {grading_words.amount_text(threshold, _, ROUND_UP)}"
		return _("{0} years in a row, each {1}").format(reason.years, each)
	return f"{sign} {_shown(reason, threshold, ROUND_UP)}"


# To JSON and back


def _outcome(outcome: Outcome) -> dict[str, Any]:
	return {
		"grade": outcome.grade,
		"any": outcome.grade_any,
		"all": outcome.grade_all,
		"reasons": [_reason(one) for one in outcome.reasons],
		**_filled(
			score=_text(outcome.score),
			raised=_step(outcome.raised),
			lowered=_step(outcome.lowered),
			candidate_for=outcome.candidate_for,
			candidate_share=_text(outcome.candidate_share),
		),
	}


def _reason(reason: Reason) -> dict[str, Any]:
	values = _filled(**{name: _text(getattr(reason, name)) for name in _NUMBERS}, years=reason.years)
	if reason.comparison != terms.AT_LEAST:
		values["comparison"] = reason.comparison
	return {"metric": reason.metric, "holds": int(reason.holds), **values}


def _step(step: Step | None) -> dict[str, Any] | None:
	return {"grade": step.grade, "changes": [_reason(one) for one in step.changes]} if step else None


def _filled(**values: Any) -> dict[str, Any]:
	return {name: value for name, value in values.items() if value not in (None, "", 0)}


def _text(value: Decimal | None) -> str | None:
	return None if value is None else str(value)


def _read_outcome(values: Mapping[str, Any]) -> Outcome:
	return Outcome(
		grade=values["grade"],
		grade_any=values.get("any", ""),
		grade_all=values.get("all", ""),
		reasons=_read_reasons(values.get("reasons", ())),
		score=_number(values.get("score")),
		raised=_read_step(values.get("raised")),
		lowered=_read_step(values.get("lowered")),
		candidate_for=values.get("candidate_for", ""),
		candidate_share=_number(values.get("candidate_share")),
	)


def _read_reasons(rows: Iterable[Mapping[str, Any]]) -> tuple[Reason, ...]:
	return tuple(_read_reason(row) for row in rows)


def _read_reason(row: Mapping[str, Any]) -> Reason:
	numbers = {name: _number(row.get(name)) for name in _NUMBERS}
	return Reason(
		row["metric"],
		numbers["value"],
		numbers["threshold"],
		bool(row["holds"]),
		row.get("comparison", terms.AT_LEAST),
		row.get("years", 0),
		numbers["points"],
		numbers["weight"],
	)


def _read_step(values: Mapping[str, Any] | None) -> Step | None:
	return Step(values["grade"], _read_reasons(values["changes"])) if values else None


def _number(text: str | None) -> Decimal | None:
	return None if text is None else Decimal(text)
