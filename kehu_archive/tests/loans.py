"""Builders for the tests of borrowing: rules, pledges, filed archives, requests, and a clock that can be set."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import frappe
import pytest
from frappe.utils import cstr, now_datetime

from kehu_archive.constants import ARCHIVE, SETTINGS
from kehu_archive.domain import roles
from kehu_archive.permissions import facts
from kehu_archive.tests import factories

BORROWING = "Archive Borrowing"
EVERYBODY = (
	"for_keeper",
	"for_oversight",
	"for_step",
	"for_responsible",
	"for_named",
	"for_own_department",
	"for_other_department",
)
#: Two salesmen who have nothing to do with the archives of these tests, and two people of customer service.
BORROWER = "borrower@kehu.test"
RIVAL = "rival@kehu.test"
HEAD = "head@kehu.test"
STRANGER = "loan.stranger@kehu.test"


def sign(*users: str) -> None:
	"""A signed pledge of the present version for each user."""
	version = cstr(frappe.db.get_single_value(SETTINGS, "pledge_version"))
	now = now_datetime()
	for user in users:
		if frappe.db.exists("Confidentiality Pledge", {"user": user, "pledge_version": version}):
			continue
		columns = ["name", "user", "pledge_version", "signed_on", "creation", "modified", "owner", "modified_by"]
		row = [frappe.generate_hash(length=10), user, version, now, now, now, user, user]
		frappe.db.sql(
			f"insert into `tabConfidentiality Pledge` ({', '.join(columns)}) values ({', '.join(['%s'] * len(row))})", row
		)


def staff(people: factories.People) -> None:
	"""The borrowers and the head, everybody with a signed pledge. Committed, before a test writes anything: users take long to make."""
	for user in (BORROWER, RIVAL, STRANGER):
		factories.ensure_user(user, roles.SALESPERSON)
	factories.ensure_user(HEAD, roles.MARKETING_MANAGER)
	sign(BORROWER, RIVAL, HEAD, STRANGER, *people.by_role.values())
	frappe.db.commit()


def no_other_rules() -> None:
	"""Switch off what the site has, so that only the rules of a test count."""
	frappe.db.sql("update `tabAccess Rule` set is_disabled = 1")
	facts.forget()


def rule(name: str, *operations: str, approvers: Iterable[Any] = (), **values: Any) -> str:
	"""An access rule for everybody; ``approvers`` are role names or (kind, user) pairs."""
	rows = [
		{"approver_kind": "Role", "role": one} if isinstance(one, str) else {"approver_kind": one[0], "user": one[1] or None}
		for one in approvers
	]
	doc = frappe.get_doc(
		{
			"doctype": "Access Rule",
			"rule_name": f"TEST {name} {frappe.generate_hash(length=6)}",
			"outcome": "Approval" if rows else "Allowed",
			"approvers": rows,
			"needs_hand_over": 0,
			**dict.fromkeys(EVERYBODY, 1),
			**{f"on_{operation}": 1 for operation in operations},
			**values,
		}
	).insert(ignore_permissions=True)
	facts.forget()
	return str(doc.name)


def no_other_cases() -> None:
	"""Settle what other tests and the demo left open, so that a job finds only what a test makes."""
	frappe.db.sql("update `tabArchive Borrowing` set status = 'Returned', open_loan_key = null")
	frappe.db.sql("update `tabViolation` set replaced_on = now() where replaced_on is null")


@contextmanager
def committed_rules() -> Iterator[None]:
	"""For tests over HTTP: only what is set inside counts, for the web server too; afterwards the site's rules are as before."""
	before = frappe.get_all("Access Rule", filters={"is_disabled": 0}, pluck="name")
	no_other_rules()
	try:
		yield
	finally:
		frappe.db.rollback()
		frappe.set_user("Administrator")
		frappe.db.sql("delete from `tabAccess Rule Approver` where parent like 'TEST %%'")
		frappe.db.sql("delete from `tabAccess Rule` where name like 'TEST %%'")
		if before:
			frappe.db.sql("update `tabAccess Rule` set is_disabled = 0 where name in %s", (tuple(before),))
		frappe.db.commit()


def find_and_read_for_keepers() -> None:
	"""Everybody may find every archive; who keeps or oversees it may read it."""
	rule("find", "find")
	nobody = {name: 0 for name in EVERYBODY if name not in ("for_keeper", "for_oversight")}
	rule("keep", "read", "copy", "borrow", "take_out", **nobody)


def make_filed(**values: Any) -> str:
	"""An archive on file that the borrowers have nothing to do with, kept by the archivist."""
	name = factories.make_archive().name
	stored = {
		"workflow_state": "Filed",
		"confidentiality": "Internal",
		"secrecy_rank": 1,
		"custodian": factories.email(roles.ARCHIVIST),
		"responsible": None,
	}
	frappe.db.set_value(ARCHIVE, name, {**stored, **values})
	return str(name)


def ask(archive: str | None, user: str = BORROWER, method: str = "Borrow", **values: Any) -> Any:
	"""A request as this user."""
	with factories.acting(user):
		return frappe.get_doc(
			{"doctype": BORROWING, "archive": archive, "method": method, "purpose": "Work Need", **values}
		).insert()


def do(step: Callable[..., Any], user: str, *args: Any, **kwargs: Any) -> Any:
	"""One step of a service as this user."""
	with factories.acting(user):
		return step(*args, **kwargs)


def stored(name: str, *fields: str, doctype: str = BORROWING) -> Any:
	"""Fields as the database holds them; one value for one field."""
	return frappe.db.get_value(doctype, name, list(fields) if len(fields) > 1 else fields[0], as_dict=len(fields) > 1)


def set_clock(patch: pytest.MonkeyPatch, moment: datetime) -> None:
	"""Let every part of the app read this time from the site's clock."""
	for name, module in list(sys.modules.items()):
		if name.startswith("kehu_archive.") and ".tests" not in name:
			if hasattr(module, "now_datetime"):
				patch.setattr(module, "now_datetime", lambda: moment)
			if hasattr(module, "today"):
				patch.setattr(module, "today", lambda: moment.date().isoformat())


def notices(document: str, user: str) -> list[str]:
	"""The subjects of the notices that a user got about a record."""
	return frappe.get_all(
		"Notification Log", filters={"document_name": document, "for_user": user}, pluck="subject", order_by="creation"
	)


def logged(document: str) -> list[str]:
	"""The actions that the access log holds about a record, in their order."""
	return [
		row[0]
		for row in frappe.db.sql("select action from `tabAccess Log Entry` where document_name = %s order by name", document)
	]
