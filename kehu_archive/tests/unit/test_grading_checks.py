"""Every fault of a version names the field, the row and what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.faults import ERROR, WARNING, Fault
from kehu_archive.domain.grading_checks import check_as_of, check_version
from kehu_archive.domain.grading_rows import BandRow, CriterionRow, Draft, FactorRow, GradeRow, Validity

D = Decimal
THRESHOLDS = Draft(
	"S",
	2026,
	name="S-2026",
	grades=(GradeRow("A"), GradeRow("B")),
	criteria=(
		CriterionRow("A", terms.YEAR_TOTAL, D(500)),
		CriterionRow("A", terms.CONSECUTIVE_YEARS, D(100), years=3),
		CriterionRow("B", terms.DEALS, D(1), is_always=True),
	),
)
QUOTAS = Draft(
	"S",
	2026,
	terms.QUOTAS,
	grades=(GradeRow("A", share=D(20)), GradeRow("B", share=D(80))),
	factors=(FactorRow(terms.STRENGTH, D(50)), FactorRow(terms.LIKELIHOOD, D(50))),
)
CARD = Draft(
	"S",
	2026,
	terms.SCORECARD,
	grades=(GradeRow("A", score_from=D(80)), GradeRow("B", score_from=D(0))),
	factors=(FactorRow(terms.YEAR_TOTAL, D(70)), FactorRow(terms.CREDIT, D(30))),
	bands=(
		BandRow(terms.YEAR_TOTAL, None, D(10), D(20)),
		BandRow(terms.YEAR_TOTAL, D(10), D(50), D(60)),
		BandRow(terms.YEAR_TOTAL, D(50), None, D(100)),
	),
)


def seen(found: list[Fault]) -> list[tuple[str, str, object]]:
	return [(one.field, one.code, one.param("row")) for one in found]


def with_row(draft: Draft, table: str, number: int, **changes: object) -> Draft:
	rows = list(getattr(draft, table))
	rows[number - 1] = replace(rows[number - 1], **changes)
	return replace(draft, **{table: tuple(rows)})


@pytest.mark.parametrize("draft", [THRESHOLDS, QUOTAS, CARD, replace(QUOTAS, score_by=terms.BY_TOTAL, factors=())])
def test_a_sound_version_has_no_fault(draft):
	assert check_version(draft) == []


HEAD = [
	(replace(THRESHOLDS, method="Guess"), ("method", "grading-choice", None)),
	(replace(THRESHOLDS, logic="Some"), ("logic", "grading-choice", None)),
	(replace(QUOTAS, score_by="Luck"), ("score_by", "grading-choice", None)),
	(replace(THRESHOLDS, first_month=0), ("first_month", "grading-month", None)),
	(replace(THRESHOLDS, first_month=13), ("first_month", "grading-month", None)),
	(replace(THRESHOLDS, year=26), ("year", "year-range", None)),
	(replace(THRESHOLDS, upgrade_share=D(0)), ("upgrade_share", "grading-upgrade", None)),
	(replace(THRESHOLDS, upgrade_share=D("100.01")), ("upgrade_share", "grading-upgrade", None)),
	(replace(THRESHOLDS, unreadable=(("criteria:threshold", 2),)), ("criteria:threshold", "grading-number", 2)),
	(replace(THRESHOLDS, unreadable=(("year", 0),)), ("year", "grading-number", None)),
	(replace(THRESHOLDS, grades=(), criteria=()), ("grades", "grading-no-grades", None)),
	(replace(THRESHOLDS, valid_from=date(2026, 3, 1), valid_to=date(2026, 2, 1)), ("valid_to", "date-order", None)),
	(replace(THRESHOLDS, valid_from=date(2025, 12, 31)), ("valid_from", "grading-validity", None)),
	(replace(THRESHOLDS, valid_to=date(2027, 1, 1)), ("valid_to", "grading-validity", None)),
]
GRADES = [
	(with_row(THRESHOLDS, "grades", 2, logic="Some"), ("grades:logic", "grading-choice", 2)),
	(replace(THRESHOLDS, grades=(*THRESHOLDS.grades, GradeRow("A"))), ("grades:grade", "grading-grade-twice", 3)),
	(
		replace(THRESHOLDS, grades=(*THRESHOLDS.grades, GradeRow("C"))),
		("grades:grade", "grading-grade-open", 3),
	),
	(with_row(THRESHOLDS, "criteria", 1, grade="Z"), ("criteria:grade", "grading-criterion-grade", 1)),
	(with_row(THRESHOLDS, "criteria", 1, metric="Height"), ("criteria:metric", "grading-choice", 1)),
	(with_row(THRESHOLDS, "criteria", 1, comparison="About"), ("criteria:comparison", "grading-choice", 1)),
	(with_row(THRESHOLDS, "criteria", 1, threshold=D("-0.01")), ("criteria:threshold", "negative", 1)),
	(with_row(THRESHOLDS, "criteria", 1, threshold=None), ("criteria:threshold", "grading-blank", 1)),
	(with_row(THRESHOLDS, "criteria", 1, years=2), ("criteria:years", "grading-years-only", 1)),
	(with_row(THRESHOLDS, "criteria", 2, years=0), ("criteria:years", "grading-years", 2)),
	(with_row(THRESHOLDS, "criteria", 2, comparison=terms.AT_MOST), ("criteria:comparison", "grading-years-most", 2)),
	(
		replace(THRESHOLDS, criteria=(*THRESHOLDS.criteria, THRESHOLDS.criteria[0])),
		("criteria:metric", "grading-criterion-twice", 4),
	),
	(replace(THRESHOLDS, logic=terms.AT_LEAST_K, least=3), ("least", "grading-least", 1)),
	(replace(THRESHOLDS, logic=terms.AT_LEAST_K, least=0), ("least", "grading-least", 1)),
	(with_row(THRESHOLDS, "grades", 1, logic=terms.AT_LEAST_K, least=3), ("grades:least", "grading-least", 1)),
]
SHARES = [
	(with_row(QUOTAS, "grades", 1, share=D("20.1")), ("grades:share", "grading-shares", None)),
	(with_row(QUOTAS, "grades", 1, share=D(19)), ("grades:share", "grading-shares", None)),
	(with_row(with_row(QUOTAS, "grades", 1, share=D(-1)), "grades", 2, share=D(101)), ("grades:share", "grading-share", 1)),
	(with_row(with_row(QUOTAS, "grades", 1, share=D(-1)), "grades", 2, share=D(101)), ("grades:share", "grading-share", 2)),
	(replace(QUOTAS, factors=()), ("factors", "grading-no-factors", None)),
	(with_row(QUOTAS, "factors", 2, weight=D(49)), ("factors:weight", "grading-weights", None)),
]
SCORES = [
	(with_row(CARD, "grades", 1, score_from=D(101)), ("grades:score_from", "grading-score-range", 1)),
	(with_row(CARD, "grades", 2, score_from=D(-1)), ("grades:score_from", "grading-score-range", 2)),
	(with_row(CARD, "grades", 2, score_from=D(80)), ("grades:score_from", "grading-score-order", 2)),
	(with_row(CARD, "factors", 1, weight=D("70.01")), ("factors:weight", "grading-weights", None)),
	(with_row(with_row(CARD, "factors", 2, weight=D(0)), "factors", 1, weight=D(100)), ("factors:weight", "grading-weight", 2)),
	(with_row(CARD, "factors", 2, metric="Height"), ("factors:metric", "grading-choice", 2)),
	(with_row(CARD, "factors", 2, metric=terms.CONSECUTIVE_YEARS), ("factors:metric", "grading-choice", 2)),
	(with_row(CARD, "factors", 2, metric=terms.YEAR_TOTAL), ("factors:metric", "grading-factor-twice", 2)),
	(with_row(CARD, "factors", 2, metric=terms.DEALS), ("factors:metric", "grading-bands-missing", 2)),
	(with_row(CARD, "bands", 2, points=D(101)), ("bands:points", "grading-points", 2)),
	(with_row(CARD, "bands", 2, value_to=D(10)), ("bands:value_to", "grading-band-empty", 2)),
	(with_row(CARD, "bands", 2, metric=terms.DEALS), ("bands:metric", "grading-band-factor", 2)),
	(with_row(CARD, "bands", 1, value_from=D(1)), ("bands:value_from", "grading-band-low", 1)),
	(with_row(CARD, "bands", 3, value_to=D(100)), ("bands:value_to", "grading-band-high", 3)),
	(with_row(CARD, "bands", 2, value_from=D(11)), ("bands:value_from", "grading-band-gap", 2)),
	(with_row(CARD, "bands", 2, value_from=D("9.99")), ("bands:value_from", "grading-band-overlap", 2)),
	(with_row(CARD, "bands", 2, value_to=None), ("bands:value_from", "grading-band-overlap", 3)),
	(with_row(CARD, "bands", 2, value_from=None), ("bands:value_from", "grading-band-overlap", 2)),
]


@pytest.mark.parametrize(("draft", "expected"), [*HEAD, *GRADES, *SHARES, *SCORES], ids=lambda one: str(one)[:60])
def test_each_fault_stands_at_its_field_and_row(draft, expected):
	assert expected in seen(check_version(draft))


@pytest.mark.parametrize(
	("draft", "expected"),
	[one for one in (*HEAD, *GRADES, *SHARES, *SCORES) if one[1][1] in ("grading-weights", "grading-shares", "grading-band-gap")],
	ids=lambda one: str(one)[:60],
)
def test_one_mistake_is_one_fault(draft, expected):
	assert seen(check_version(draft)) == [expected]


def test_a_grade_without_a_name_is_named_by_its_row():
	assert ("grades:grade", "missing", 2) in seen(check_version(with_row(THRESHOLDS, "grades", 2, grade="")))


def test_a_blank_is_only_a_warning_unless_the_grade_asks_nothing_else():
	one = check_version(with_row(THRESHOLDS, "criteria", 1, threshold=None))
	assert [(fault.code, fault.severity) for fault in one] == [("grading-blank", WARNING)]
	both = with_row(with_row(THRESHOLDS, "criteria", 1, threshold=None), "criteria", 2, threshold=None)
	assert [(fault.code, fault.param("row")) for fault in check_version(both) if fault.severity == ERROR] == [("grading-grade-open", 1)]


def test_the_totals_and_limits_are_named_as_typed():
	assert check_version(with_row(QUOTAS, "grades", 1, share=D("20.50")))[0].param("total") == "100.5"
	gap = check_version(with_row(CARD, "bands", 2, value_from=D(20)))[0]
	assert (gap.param("start"), gap.param("end"), gap.param("metric")) == ("10", "20", terms.YEAR_TOTAL)
	assert gap.render(str, "From", 2) == "Row 2: From: between 10 and 20 no band of Year Total applies; move one of the limits"


def test_scores_may_end_above_100_and_bands_may_stand_in_any_order():
	score = replace(CARD, bands=(*CARD.bands[::-1], BandRow(terms.CREDIT, None, D(60), D(0)), BandRow(terms.CREDIT, D(60), D(101), D(100))))
	assert check_version(score) == []
	closed = replace(score, bands=(*score.bands[:-1], replace(score.bands[-1], value_to=D(100))))
	assert seen(check_version(closed)) == [("bands:value_to", "grading-band-high", 5)]


@pytest.mark.parametrize(
	("start", "end", "overlaps"),
	[
		("2026-01-01", "2026-06-30", True),
		("2026-01-01", "2026-03-01", True),
		("2026-01-01", "2026-02-28", False),
		("2026-10-31", "2026-12-31", True),
		("2026-11-01", "2026-12-31", False),
		("2026-05-01", "2026-05-01", True),
	],
)
def test_two_active_versions_must_not_overlap_by_a_single_day(start, end, overlaps):
	draft = replace(THRESHOLDS, valid_from=date(2026, 3, 1), valid_to=date(2026, 10, 31))
	other = Validity("S-other", date.fromisoformat(start), date.fromisoformat(end))
	found = check_version(draft, [other, Validity("S-2026", draft.valid_from, draft.valid_to)])
	assert seen(found) == ([("valid_from", "grading-overlap", None)] if overlaps else [])
	if overlaps:
		assert (found[0].param("other"), found[0].param("start"), found[0].param("end")) == ("S-other", start, end)


@pytest.mark.parametrize(
	("as_of", "today", "code"),
	[
		("2026-06-15", "2026-06-15", None),
		("2026-06-16", "2026-06-15", "future-date"),
		("2026-03-01", "2026-06-15", None),
		("2026-02-28", "2026-06-15", "grading-as-of"),
		("2026-11-01", "2026-12-31", "grading-as-of"),
		("2026-10-31", "2026-12-31", None),
		("2026-06-15", "2027-01-01", "grading-year-over"),
	],
)
def test_a_version_grades_within_its_days_and_never_after_its_year(as_of, today, code):
	validity = (date(2026, 3, 1), date(2026, 10, 31))
	found = check_as_of(2026, 1, validity, date.fromisoformat(as_of), date.fromisoformat(today))
	assert seen(found) == ([("as_of", code, None)] if code else [])


def test_without_dates_a_version_holds_for_its_fiscal_year():
	open_ended = (None, None)
	assert check_as_of(2026, 4, open_ended, date(2027, 3, 31), date(2027, 3, 31)) == []
	assert seen(check_as_of(2026, 4, open_ended, date(2026, 3, 31), date(2026, 4, 1))) == [("as_of", "grading-as-of", None)]
	assert seen(check_as_of(2026, 4, open_ended, date(2027, 3, 31), date(2027, 4, 1))) == [("as_of", "grading-year-over", None)]
