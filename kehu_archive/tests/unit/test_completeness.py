"""Completeness: what counts, what is missing, 100 only when nothing is."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain.completeness import (
	COMPANY_REQUIREMENTS,
	INDIVIDUAL,
	INDIVIDUAL_REQUIREMENTS,
	ITEM_LABELS,
	ArchiveFacts,
	Requirement,
	default_requirements,
	is_present,
	score,
)

NAMES = [item.name for item in fields(ArchiveFacts)]
FULL = ArchiveFacts(**{name: 3 for name in NAMES})
facts = st.builds(ArchiveFacts, **{name: st.integers(0, 4) for name in NAMES})


@pytest.mark.parametrize("requirements", [COMPANY_REQUIREMENTS, INDIVIDUAL_REQUIREMENTS])
def test_bounds(requirements: tuple[Requirement, ...]):
	assert score(FULL, requirements).percent == 100 and score(FULL, requirements).missing == ()
	empty = score(ArchiveFacts(), requirements)
	assert empty.percent == 0 and len(empty.missing) == len(requirements)


@given(facts)
def test_one_hundred_only_when_nothing_is_missing(given_facts: ArchiveFacts):
	result = score(given_facts, COMPANY_REQUIREMENTS)
	assert (result.percent == 100) == (result.missing == ())
	assert 0 <= result.percent <= 100
	assert all(not is_present(item, given_facts) for item in result.missing)


@given(facts, st.sampled_from(NAMES))
def test_adding_something_never_lowers_the_score(given_facts: ArchiveFacts, name: str):
	more = replace(given_facts, **{name: getattr(given_facts, name) + 1})
	assert score(more, COMPANY_REQUIREMENTS).percent >= score(given_facts, COMPANY_REQUIREMENTS).percent


@pytest.mark.parametrize("item", ["contact_way", "credit_description", "transactions"])
def test_each_of_the_regulations_three_items_is_listed_when_missing(item: str):
	gone = {"contact_way": {"phones": 0, "emails": 0, "websites": 0}}.get(item, {item: 0})
	for requirements in (COMPANY_REQUIREMENTS, INDIVIDUAL_REQUIREMENTS):
		result = score(replace(FULL, **gone), requirements)
		assert result.percent < 100 and result.missing == (item,)


@pytest.mark.parametrize("way", ["phones", "emails", "websites"])
def test_one_way_to_reach_the_customer_is_enough(way: str):
	assert is_present("contact_way", ArchiveFacts(**{way: 1}))


def test_the_credit_code_replaces_the_tax_registration():
	assert not is_present("tax_registration", ArchiveFacts(business_licence=1))
	assert not is_present("tax_registration", ArchiveFacts(credit_code=1))
	assert is_present("tax_registration", ArchiveFacts(business_licence=1, credit_code=1))
	assert is_present("tax_registration", ArchiveFacts(tax_registration=1))


def test_sales_of_three_years():
	assert not is_present("yearly_sales", ArchiveFacts(yearly_sales=2))
	assert is_present("yearly_sales", ArchiveFacts(yearly_sales=3))


def test_companies_are_asked_for_seals_and_licences_and_persons_are_not():
	items = {need.item for need in default_requirements("Organisation")}
	seals = {"seal_corporate", "seal_contract", "seal_finance", "seal_legal_representative"}
	licences = {"business_licence", "tax_registration", "account_permit"}
	assert seals | licences <= items
	person = {need.item for need in default_requirements(INDIVIDUAL)}
	assert not (seals | licences) & person and "identity_document" in person


def test_heaviest_first_and_weight_zero_left_out():
	needs = (Requirement("postcode", 1, "a"), Requirement("name", 9, "a"), Requirement("address", 0, "a"))
	result = score(ArchiveFacts(), needs)
	assert result.missing == ("name", "postcode")
	assert score(ArchiveFacts(postcode=1), needs).percent == 10
	assert score(ArchiveFacts(), ()).percent == 100


def test_percent_is_rounded_down():
	needs = (Requirement("name", 999, "a"), Requirement("postcode", 1, "a"))
	assert score(ArchiveFacts(name=1), needs).percent == 99


def test_every_required_item_has_a_label_and_a_fact():
	for need in (*COMPANY_REQUIREMENTS, *INDIVIDUAL_REQUIREMENTS):
		assert ITEM_LABELS[need.item]
		assert is_present(need.item, FULL)
	with pytest.raises(KeyError):
		is_present("no_such_item", FULL)
