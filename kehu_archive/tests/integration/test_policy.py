"""What is remembered of the company's policy is what stands in the database, whatever road changed it (R-SEC-09)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import frappe
import pytest

from kehu_archive.domain import access, roles
from kehu_archive.permissions import documents, policy
from kehu_archive.tests import factories

RULE = "Access Rule"


@pytest.fixture
def short_answers(db: Any) -> Iterator[None]:
	"""The server cuts what it puts together after a few characters."""
	before = frappe.db.sql("select @@session.group_concat_max_len")[0][0]
	frappe.db.sql("set session group_concat_max_len = 20")
	yield
	frappe.db.sql(f"set session group_concat_max_len = {int(before)}")


def _statement(column: str, value: Any) -> None:
	"""Change every rule without a document, an event or a new ``modified``."""
	frappe.db.sql(f"update `tab{RULE}` set `{column}` = %s where name is not null", value)


def test_what_did_not_change_is_taken_again(db: Any) -> None:
	assert policy.current() is policy.current()


@pytest.mark.parametrize(("column", "value"), [("priority", 77), ("basis", "另一条"), ("is_disabled", 1), ("no_copies", 1)])
def test_a_statement_on_the_rules_counts_at_once(db: Any, column: str, value: Any) -> None:
	before = policy.current()
	_statement(column, value)
	after = policy.current()
	assert after.stamp != before.stamp
	assert after.rules != before.rules


def test_a_statement_on_levels_types_departments_and_settings_counts_at_once(db: Any) -> None:
	factories.position_level(30)
	for statement in (
		"update `tabPosition Level` set rank = rank + 1 where name is not null",
		"update `tabArchive Type` set custodian_role = 'Finance Auditor' where name is not null",
		"update `tabArchive Department` set manager = 'Administrator' where name is not null",
		"update `tabSingles` set value = '203.0.113.0/24' where doctype = 'Kehu Archive Settings' and field = 'pledge_version'",
		"update `tabWorkflow Transition` set `condition` = '1 == 2' where parent = 'Customer Archive Life Cycle'",
	):
		before = policy.current().stamp
		frappe.db.sql(statement)
		assert policy.current().stamp != before, statement


def test_digests_cut_short_are_not_believed(short_answers: None) -> None:
	before = policy.current()
	_statement("priority", 78)
	after = policy.current()
	assert {rule.priority for rule in after.rules} == {78}
	assert after != before
	# Two sets that cannot be told apart are never taken for one another.
	assert policy.current() != policy.current()


def test_names_cut_short_hide_nothing_and_open_nothing(short_answers: None, people: factories.People) -> None:
	"""The list is written as a condition when its names did not come whole."""
	user = people[roles.SALESPERSON]
	names = {factories.make_archive(responsible=user).name for _ in range(4)}
	other = factories.make_archive(responsible=people[roles.SALES_DIRECTOR], owner=people[roles.SALES_DIRECTOR]).name
	may = {name for name in (*names, other) if documents.may(name, access.READ, user=user)}
	with factories.acting(user):
		listed = set(frappe.get_list("Customer Archive", filters={"name": ("in", [*names, other])}, pluck="name"))
	assert listed == may
	assert names <= may
