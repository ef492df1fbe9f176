"""A version as typed: 10,000 CNY become CNY, empty stays empty, and nothing typed makes it fail."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading_checks import check_version
from kehu_archive.domain.grading_rows import draft_of, in_cny, version_of
from kehu_archive.domain.grading_terms import Band, Criterion

D = Decimal
TYPED = {
	"scheme": "S",
	"year": 2026,
	"method": "Thresholds",
	"name": "S-2026",
	"valid_from": "2026-01-01",
	"valid_to": date(2026, 12, 31),
	"first_month": 1,
	"logic": "At Least",
	"least": 2,
	"upgrade_share": 75.5,
	"per_region": "1",
	"grades": [
		{"grade": "重要", "label": "重点", "share": 20, "score_from": 80.0},
		{"grade": "一般", "label": "", "logic": "All", "least": 3},
	],
	"criteria": [
		{"grade": "重要", "metric": terms.YEAR_TOTAL, "threshold": "128.5"},
		{"grade": "重要", "metric": terms.CONSECUTIVE_YEARS, "threshold": 0.1, "years": 3},
		{"grade": "重要", "metric": terms.NATIONAL_RANK, "threshold": 10, "comparison": terms.AT_MOST},
		{"grade": "一般", "metric": terms.DEALS, "threshold": 1, "is_always": 1},
	],
}


def test_a_form_becomes_rules_in_cny():
	draft = draft_of(TYPED)
	rules = version_of(draft)
	best, rest = rules.grades
	assert (draft.valid_from, draft.valid_to) == (date(2026, 1, 1), date(2026, 12, 31))
	assert (rules.scheme, rules.year, rules.upgrade_share, rules.per_region) == ("S", 2026, D("75.5"), True)
	assert (best.code, best.label, best.logic, best.least, best.share, best.score_from) == ("重要", "重点", terms.AT_LEAST_K, 2, 20, 80)
	assert best.criteria == (
		Criterion(terms.YEAR_TOTAL, D(1_285_000)),
		Criterion(terms.CONSECUTIVE_YEARS, D(1000), years=3),
		Criterion(terms.NATIONAL_RANK, D(10), terms.AT_MOST),
	)
	assert (rest.label, rest.logic, rest.least, rest.criteria, rest.also) == ("一般", terms.ALL, 3, (), (Criterion(terms.DEALS, D(1)),))


@pytest.mark.parametrize("metric", terms.METRICS)
def test_only_amounts_are_typed_in_ten_thousands(metric):
	is_amount = metric in terms.AMOUNTS or metric == terms.CONSECUTIVE_YEARS
	assert in_cny(metric, D(3)) == (30_000 if is_amount else 3)
	assert in_cny(metric, None) is None


@pytest.mark.parametrize(
	("metric", "comparison", "typed", "threshold"),
	[
		(terms.YEAR_TOTAL, terms.AT_LEAST, 0, None),
		(terms.YEAR_TOTAL, terms.AT_LEAST, None, None),
		(terms.YEAR_TOTAL, terms.AT_LEAST, " ", None),
		(terms.NATIONAL_RANK, terms.AT_MOST, 0.0, None),
		(terms.DEALS, terms.AT_MOST, 0, 0),
		(terms.DEFAULTS, terms.AT_MOST, "0", 0),
		(terms.DEALS, terms.AT_LEAST, "1,000", 1000),
	],
)
def test_zero_is_empty_where_it_asks_nothing(metric, comparison, typed, threshold):
	row = {"grade": "A", "metric": metric, "comparison": comparison, "threshold": typed}
	assert draft_of({"criteria": [row]}).criteria[0].threshold == threshold


def test_bands_of_a_form_are_sorted_and_open_at_both_ends():
	rows = [(50, 0, 100), (10, 50, 60), (0, 10, 20)]
	values = {
		"method": terms.SCORECARD,
		"factors": [{"metric": terms.YEAR_TOTAL, "weight": 100}],
		"bands": [{"metric": terms.YEAR_TOTAL, "value_from": a, "value_to": b, "points": c} for a, b, c in rows],
	}
	assert version_of(draft_of(values)).factors[0].bands == (
		Band(None, D(100_000), D(20)),
		Band(D(100_000), D(500_000), D(60)),
		Band(D(500_000), None, D(100)),
	)


def test_a_band_below_zero_keeps_its_upper_limit_of_zero():
	rows = [{"metric": terms.YEAR_TOTAL, "value_from": -5, "value_to": 0}, {"metric": terms.YEAR_TOTAL, "value_from": 0, "value_to": 0}]
	first, second = draft_of({"bands": rows}).bands
	assert (first.value_from, first.value_to, second.value_from, second.value_to) == (-5, 0, 0, None)


@pytest.mark.parametrize("typed", ["many", "NaN", "inf", "1e13", "1e-10", "十", "--1"])
def test_what_is_no_number_is_listed_with_its_row(typed):
	draft = draft_of({"year": 2026, "criteria": [{}, {"grade": "A", "threshold": typed}], "upgrade_share": typed})
	assert set(draft.unreadable) == {("criteria:threshold", 2), ("upgrade_share", 0)}
	assert draft.criteria[1].threshold is None


def test_days_are_read_and_what_is_none_is_listed():
	draft = draft_of({"valid_from": datetime(2026, 1, 2, 3, 4), "valid_to": "tomorrow"})
	assert (draft.valid_from, draft.valid_to, draft.unreadable) == (date(2026, 1, 2), None, (("valid_to", 0),))


_anything = st.none() | st.integers() | st.floats() | st.text(max_size=6) | st.booleans() | st.just([1]) | st.dates()
_row = st.dictionaries(
	st.sampled_from(("grade", "metric", "threshold", "years", "share", "value_from", "value_to", "points", "weight", "least", "logic")),
	_anything | st.sampled_from(terms.METRICS),
)


@given(
	st.dictionaries(st.sampled_from(("year", "first_month", "least", "valid_from", "upgrade_share", "score_by")), _anything),
	st.sampled_from(terms.METHODS),
	st.dictionaries(st.sampled_from(("grades", "criteria", "factors", "bands")), _anything | st.lists(_row | _anything, max_size=4)),
)
def test_nothing_that_is_typed_makes_reading_or_checking_fail(head, method, tables):
	draft = draft_of({**head, **tables, "method": method})
	for fault in check_version(draft):
		assert fault.render()
	version_of(draft)
