"""Access grants: they open, end by the clock and are revoked at once; nobody writes one by hand. R-SEC-09, R-ACC-11."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import frappe
import pytest

from kehu_archive.domain import roles
from kehu_archive.exceptions import DeletionRefusedError, GrantError
from kehu_archive.permissions import documents
from kehu_archive.services import borrowing, grants
from kehu_archive.tests import factories, loans
from kehu_archive.tests.loans import BORROWER, STRANGER, ask, do

MANAGER = factories.email(roles.GENERAL_MANAGER)
CLERK = factories.email(roles.CUSTOMER_SERVICE_STAFF)
NOON = datetime(2026, 11, 20, 12)


@pytest.fixture
def office(office: str) -> str:
	"""Everybody may also ask the General Manager to read, copy and print it."""
	loans.rule("others", "read", "copy", "print", approvers=[roles.GENERAL_MANAGER], for_keeper=0, for_oversight=0)
	return office


def granted(archive: str, method: str = "Consult", **values: Any) -> tuple[str, str]:
	"""The names of an approved request and of its grant."""
	name = ask(archive, method=method, **values).name
	do(borrowing.approve, MANAGER, name)
	return name, str(grants.of_borrowing(name))


def visible(archive: str) -> bool:
	with factories.acting(BORROWER):
		listed = bool(frappe.get_list("Customer Archive", filters={"name": archive}))
		opened = documents.may(archive)
		readable = bool(frappe.has_permission("Customer Archive", "read", archive))
	assert listed == opened == readable
	return opened


def test_consulting_opens_reading_only_until_midnight(office: str, monkeypatch: pytest.MonkeyPatch) -> None:
	loans.set_clock(monkeypatch, NOON)
	assert not visible(office)
	_name, grant = granted(office, wished_due_on="2026-11-22")
	row = frappe.get_doc("Access Grant", grant)
	assert (row.user, row.archive, row.granted_by) == (BORROWER, office, MANAGER)
	assert (row.can_read, row.can_copy, row.can_print, row.can_export) == (1, 0, 0, 0)
	assert (row.starts_on, row.ends_on) == (NOON, datetime(2026, 11, 23))
	for moment, expected in (
		(NOON, True),
		(datetime(2026, 11, 22, 23, 59, 59), True),
		(datetime(2026, 11, 23), False),
		(NOON - timedelta(seconds=1), False),
	):
		loans.set_clock(monkeypatch, moment)
		assert visible(office) == expected, moment
	assert loans.logged(grant) == ["Grant"]


def test_photocopying_opens_copies_too(office: str) -> None:
	_name, grant = granted(office, "Photocopy", copies=4)
	row = frappe.get_doc("Access Grant", grant)
	assert (row.can_read, row.can_copy, row.can_print, row.can_export, row.copies_left) == (1, 1, 1, 0, 4)
	grants.take_copies(grant, 3)
	with pytest.raises(GrantError):
		grants.take_copies(grant, 2)
	assert frappe.db.get_value("Access Grant", grant, "copies_left") == 1


def test_revoking_closes_at_once(office: str) -> None:
	name, grant = granted(office)
	assert visible(office)
	for user in (BORROWER, STRANGER, factories.email(roles.MARKETING_DIRECTOR)):
		with pytest.raises(frappe.PermissionError):
			do(grants.revoke, user, grant, "不再需要")
	with pytest.raises(GrantError):
		do(grants.revoke, CLERK, grant, "  ")
	do(grants.revoke, CLERK, grant, "岗位调整")
	assert not visible(office)
	row = frappe.get_doc("Access Grant", grant)
	assert (row.revoked, row.revoked_by, row.revoke_reason) == (1, CLERK, "岗位调整")
	with pytest.raises(GrantError):
		do(grants.revoke, MANAGER, grant, "再次")
	assert loans.logged(grant) == ["Grant", "Revoke"]
	assert grants.of_borrowing(name) is None


@pytest.mark.parametrize("role", [roles.GENERAL_MANAGER, roles.COMPANY_LEADER, roles.ARCHIVIST])
def test_who_revokes(office: str, role: str) -> None:
	_name, grant = granted(office)
	do(grants.revoke, factories.email(role), grant, "理由")
	assert not visible(office)


def test_a_grant_opens_nothing_that_a_rule_refuses(office: str) -> None:
	granted(office)
	assert visible(office)
	loans.rule("closed", "read", outcome="Refused", for_keeper=0, for_oversight=0)
	assert not visible(office)


@pytest.mark.parametrize("user", ["Administrator", factories.email(roles.ARCHIVE_ADMINISTRATOR)])
def test_nobody_writes_a_grant_by_hand(office: str, user: str) -> None:
	values = {
		"doctype": "Access Grant",
		"user": STRANGER,
		"archive": office,
		"starts_on": "2026-01-01",
		"ends_on": "2999-01-01",
		"can_read": 1,
	}
	_name, grant = granted(office)
	with factories.acting(user):
		with pytest.raises(GrantError):
			frappe.get_doc(values).insert(ignore_permissions=True)
		doc = frappe.get_doc("Access Grant", grant)
		doc.ends_on = "2999-01-01"
		with pytest.raises(GrantError):
			doc.save(ignore_permissions=True)
		with pytest.raises(DeletionRefusedError):
			frappe.delete_doc("Access Grant", grant, ignore_permissions=True)
		with pytest.raises(GrantError):
			frappe.rename_doc("Access Grant", grant, "x" * 10, force=True)
	assert frappe.db.count("Access Grant", {"user": STRANGER}) == 0


def test_a_grant_ends_after_it_begins(office: str) -> None:
	with pytest.raises(GrantError):
		grants.issue(BORROWER, office, ends_on=frappe.utils.now_datetime() - timedelta(seconds=1))
