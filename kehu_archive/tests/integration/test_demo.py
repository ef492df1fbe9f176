"""The demo data: a smaller load of every part, inside a transaction that is rolled back.

The commits of the loaders become savepoints, so that "killed after the last commit" can be played as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

LINES = """ customer_id  date number_of_cds  dollar_value
 00001 19970101  1   11.77
 00002 19970112  1   12.00
 00002 19970112  5   77.00
 00003 19970102  2    0.00
 00003 19970330  2   20.76
 00004 19970101  2   29.33
 00005 19980101  3   50.05
"""
MODULE = "Kehu Archive"
#: Filled only where ERPNext has the master record or the order behind it.
NEEDS_ERPNEXT = {"party_type", "party", "reference_doctype", "reference_name"}


@pytest.fixture(scope="module")
def cdnow_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
	path = tmp_path_factory.mktemp("cdnow") / "CDNOW_master.txt"
	path.write_text(LINES, encoding="ascii")
	return path


@pytest.fixture(scope="module")
def transaction(site: str) -> Iterator[Any]:
	"""One transaction for the module; a commit inside it is a savepoint, a rollback goes back to the last one."""
	import frappe

	frappe.db.rollback()
	frappe.set_user("Administrator")
	patch = pytest.MonkeyPatch()
	back = frappe.db.rollback
	patch.setattr(frappe.db, "commit", lambda: frappe.db.savepoint("committed"))
	patch.setattr(
		frappe.db, "rollback", lambda *, save_point=None: back(save_point=save_point or "committed")
	)
	frappe.db.savepoint("committed")
	yield frappe
	patch.undo()
	frappe.set_user("Administrator")
	frappe.db.rollback()
	frappe.clear_cache()


@pytest.fixture(scope="module")
def demo(transaction: Any, cdnow_file: Path) -> Any:
	_load(cdnow_file)
	return transaction


def _load(cdnow_file: Path) -> None:
	from kehu_archive.demo import cases, cdnow, customers, grading, office, scenes

	office.load()
	cdnow.load_file(cdnow_file)
	customers.load(companies=36, persons=8)
	scenes.load()
	cases.load()
	grading.load()


def _data_doctypes(frappe: Any) -> list[str]:
	return frappe.get_all("DocType", filters={"module": MODULE, "issingle": 0}, pluck="name")


def _counts(frappe: Any) -> dict[str, int]:
	return {doctype: frappe.db.count(doctype) for doctype in [*_data_doctypes(frappe), "User", "File"]}


def test_every_doctype_has_a_record(demo: Any) -> None:
	empty = {doctype for doctype, count in _counts(demo).items() if not count}
	# Seals are made by the job of the minute, which commits.
	empty -= {"Audit Seal"}
	assert not empty, sorted(empty)


@pytest.mark.parametrize("doctype", ["Customer Archive", "Archive Contact", "Archive Transaction"])
def test_every_field_is_filled_somewhere(demo: Any, doctype: str) -> None:
	meta = demo.get_meta(doctype)
	columns = set(meta.get_valid_columns())
	tables = {field.fieldname for field in meta.get_table_fields()}
	empty = []
	for field in meta.fields:
		if field.fieldname in columns and not _is_filled(demo, doctype, field):
			empty.append(field.fieldname)
		if field.fieldname in tables and not demo.db.exists(
			field.options, {"parenttype": doctype, "parentfield": field.fieldname}
		):
			empty.append(field.fieldname)
	assert set(empty) - NEEDS_ERPNEXT == set()


def _is_filled(frappe: Any, doctype: str, field: Any) -> bool:
	nothing = 0 if field.fieldtype in ("Check", "Int", "Float", "Currency", "Percent") else ""
	table = frappe.qb.DocType(doctype)
	column = table[field.fieldname]
	query = frappe.qb.from_(table).select(table.name).where(column.isnotnull() & (column != nothing)).limit(1)
	return bool(query.run())


def test_archives_stand_in_every_state_of_the_life_cycle(demo: Any) -> None:
	from kehu_archive.domain import lifecycle

	found = demo.get_all("Customer Archive", fields=["workflow_state"], distinct=True, pluck="workflow_state")
	assert set(found) == set(lifecycle.STATES)


def test_workflow_steps_were_taken_by_the_people_whose_step_it_is(demo: Any) -> None:
	from kehu_archive.demo.people import user_of

	walked = demo.get_all(
		"Customer Archive",
		filters={"workflow_state": "Filed", "owner": user_of("Salesperson"), "filed_by": ("is", "set")},
		fields=["submitted_by", "verified_by", "classified_by", "filed_by"],
	)
	assert walked
	expected = tuple(
		user_of(r) for r in ("Salesperson", "Market Inspector", "Company Leader", "Sales Director")
	)
	assert {(row.submitted_by, row.verified_by, row.classified_by, row.filed_by) for row in walked} == {
		expected
	}


def test_one_login_for_each_role_and_it_works(demo: Any) -> None:
	from frappe.utils.password import check_password

	from kehu_archive.demo import logins
	from kehu_archive.domain import roles

	offered = logins()
	assert sorted(login["role"] for login in offered) == sorted(roles.ROLES)
	for login in offered:
		assert check_password(login["user"], login["password"]) == login["user"]
		assert login["role"] in demo.get_roles(login["user"])
		assert demo.db.get_value("User", login["user"], ["language", "time_zone"]) == ("zh", "Asia/Shanghai")


def test_a_second_load_changes_nothing(demo: Any, cdnow_file: Path) -> None:
	before = _counts(demo)
	_load(cdnow_file)
	assert _counts(demo) == before


def test_merge_and_import_left_their_traces(demo: Any) -> None:
	merge = demo.get_last_doc("Archive Merge")
	assert demo.db.get_value("Customer Archive", merge.source_archive, "merged_into") == merge.target_archive
	batch = demo.get_last_doc("Archive Import")
	assert (batch.status, batch.total_rows, batch.imported_rows, batch.rejected_rows) == (
		"Completed",
		7,
		3,
		4,
	)
	assert batch.error_file


def test_cdnow_totals_equal_the_file(demo: Any, cdnow_file: Path) -> None:
	rows = demo.get_all(
		"Customer Archive",
		filters={"short_name": ("like", "CDNOW %")},
		fields=[
			"short_name",
			"transaction_count",
			"transaction_total",
			"market_status",
			"first_transaction_on",
		],
		order_by="short_name",
	)
	assert [(row.short_name, row.transaction_count, Decimal(str(row.transaction_total))) for row in rows] == [
		("CDNOW 00001", 1, Decimal("11.77")),
		("CDNOW 00002", 2, Decimal("89.0")),
		("CDNOW 00003", 2, Decimal("20.76")),
		("CDNOW 00004", 1, Decimal("29.33")),
		("CDNOW 00005", 1, Decimal("50.05")),
	]
	assert {row.market_status for row in rows} == {"Existing"}
	assert str(rows[2].first_transaction_on) == "1997-01-02"


def test_cdnow_says_so_when_a_line_is_missing_or_changed(demo: Any, cdnow_file: Path) -> None:
	from kehu_archive.demo import cdnow
	from kehu_archive.demo.reporting import DemoError

	purchases = cdnow.read(cdnow_file)
	demo.db.savepoint("broken")
	demo.db.sql("update `tabArchive Transaction` set amount = amount + 0.01 where source_key = 'cdnow:1'")
	with pytest.raises(DemoError, match=r"200\.92"):
		cdnow.verify(purchases)
	demo.db.rollback(save_point="broken")
	demo.db.sql("delete from `tabArchive Transaction` where source_key = 'cdnow:1'")
	with pytest.raises(DemoError, match=r"\(5, 6, "):
		cdnow.verify(purchases)
	demo.db.rollback(save_point="broken")
	cdnow.verify(purchases)


def test_cdnow_resumes_after_a_kill(
	transaction: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
	from kehu_archive.demo import cdnow
	from kehu_archive.services import bulk

	path = tmp_path / "later.txt"
	body = "".join(f" 9{n:04d} 19970{n % 9 + 1}15  1   {n}.50\n" for n in range(1, 41))
	path.write_text(LINES.splitlines(keepends=True)[0] + body, encoding="ascii")
	monkeypatch.setattr(cdnow, "SOURCE", "later:")
	monkeypatch.setattr(cdnow, "SHORT_NAME", "LATER ")
	monkeypatch.setattr(cdnow, "CUSTOMERS_PER_CHUNK", 10)
	chunks = []

	def killed(rows: list[dict[str, Any]]) -> int:
		chunks.append(rows)
		if len(chunks) == 3:
			raise KeyboardInterrupt
		return insert(rows)

	insert = bulk.insert_transactions
	monkeypatch.setattr(bulk, "insert_transactions", killed)
	with pytest.raises(KeyboardInterrupt):
		cdnow.load_file(path)
	transaction.db.rollback(save_point="committed")
	there = transaction.db.count("Archive Transaction", {"source_key": ("like", "later:%")})
	assert there == 20
	cdnow.load_file(path)
	assert transaction.db.count("Customer Archive", {"short_name": ("like", "LATER %")}) == 40
	assert transaction.db.count("Archive Transaction", {"source_key": ("like", "later:%")}) == 40


@pytest.mark.parametrize("text", ["", "name;value\n1;2\n", LINES + " 00006 1998 x\n"])
def test_cdnow_refuses_what_is_no_such_file(tmp_path: Path, site: str, text: str) -> None:
	from kehu_archive.demo import cdnow
	from kehu_archive.demo.reporting import DemoError

	path = tmp_path / "wrong.txt"
	path.write_text(text, encoding="ascii")
	with pytest.raises(DemoError):
		cdnow.read(path)


def test_invented_customers_are_the_same_each_time_and_their_codes_are_right(site: str) -> None:
	from datetime import date

	from kehu_archive.demo.invent import Inventor
	from kehu_archive.domain.identity import check_bank_account, check_resident_id, is_credit_code

	first, second = (Inventor(date(2026, 3, 1)).companies(60) for _time in range(2))
	assert first == second
	assert len({customer.archive["credit_code"] for customer in first}) == 60
	assert all(is_credit_code(customer.archive["credit_code"]) for customer in first)
	secrets = [secret for customer in first for secret in customer.secrets]
	ids = [secret["value"] for secret in secrets if secret["record_kind"] == "ID Number"]
	accounts = [secret["value"] for secret in secrets if secret["record_kind"] == "Bank Account"]
	assert ids
	assert accounts
	assert all(not check_resident_id(number, date(2026, 3, 1)).faults for number in ids)
	assert all(not check_bank_account(number).faults for number in accounts)
