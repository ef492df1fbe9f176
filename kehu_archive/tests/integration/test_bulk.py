"""A bulk load leaves the same rows as one document at a time: archives, contacts, search keys, transactions, totals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

#: Own to each record, or to the moment it was written.
INDIVIDUAL = {"name", "archive_no", "creation", "modified", "archive"}
COMPANY = {
	"customer_name": "宁波恒远包装机械有限公司",
	"short_name": "恒远包装",
	"former_names": "宁波恒远机械厂",
	"party_kind": "Organisation",
	"archive_date": "2024-05-06",
	"address": "宁波市鄞州区创业路8号",
	"postcode": "315100",
	"region": "华东",
	"phone": "0574-87651234; 0574-87651235",
	"fax": "0574-87651236",
	"email": "office@example.com",
	"website": "www.example.com",
	"credit_code": "913302127700001105",
	"founded_on": "2009-03-01",
	"registered_capital": 500.5,
	"company_nature": "Private Limited Company",
	"legal_representative": "陈立新",
	"main_contact": "杨静怡",
	"main_contact_phone": "13805740001",
	"headcount": 58,
	"chinese_staff": 56,
	"foreign_staff": 2,
	"is_important": 1,
	"information_source": "Internet",
	"remark": "批量与单个录入应当相同",
}
CASES = {
	"company": COMPANY,
	"name only": {"customer_name": "泉州鲤城鞋材商行"},
	"one person in both posts": {
		"customer_name": "臺州東港漁具有限公司",
		"legal_representative": "林海生",
		"main_contact": "林海生",
		"main_contact_phone": "0576-88851234",
		"archive_date": "2023-12-31",
	},
	"phone without a name": {
		"customer_name": "昆明翠湖花卉有限公司",
		"legal_representative": "杨丽坤",
		"main_contact_phone": "13808710002",
	},
	"person": {
		"customer_name": "欧阳思远",
		"party_kind": "Individual",
		"gender": "Male",
		"birth_date": "1980-02-29",
		"phone": "13905510005",
		"main_contact": "欧阳思远",
		"main_contact_phone": "13905510005",
		"household_no": "桂花-0007",
		"archive_date": "2022-01-15",
	},
}


@pytest.fixture
def values(db: Any, request: pytest.FixtureRequest) -> dict[str, Any]:
	from stdnum.cn import uscc

	row = dict(CASES[request.param])
	if row.get("credit_code"):
		row["credit_code"] = row["credit_code"][:17] + uscc.calc_check_digit(row["credit_code"][:17])
	return row


def _bulk(values: dict[str, Any]) -> str:
	from kehu_archive.services import archives, bulk

	cleaned = archives.clean_values(values)
	assert [fault for fault in cleaned.faults if fault.is_error] == []
	return bulk.insert_archives([{**values, **cleaned.values}])[0]


def _rows(frappe: Any, doctype: str, field: str, value: str) -> list[dict[str, Any]]:
	rows = frappe.get_all(
		doctype,
		filters={field: value},
		fields=["*"],
		order_by="creation, full_name" if doctype == "Archive Contact" else "creation",
	)
	return [{key: cell for key, cell in row.items() if key not in INDIVIDUAL} for row in rows]


def _footprint(frappe: Any, archive: str) -> dict[str, Any]:
	"""All that an archive leaves in the database, without what is its own."""
	from kehu_archive.services.search_index import KIND_CODES, Kind

	tokens = frappe.db.sql(
		"select kind, token from `__kehu_archive_search` where archive = %s and kind != %s order by kind, token",
		(archive, KIND_CODES[Kind.NUMBER]),
	)
	contacts = _rows(frappe, "Archive Contact", "archive", archive)
	return {
		"archive": _rows(frappe, "Customer Archive", "name", archive),
		"contacts": sorted(contacts, key=lambda row: row["full_name"]),
		"tokens": tokens,
	}


def _differences(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> list[tuple[str, Any, Any]]:
	"""Column, bulk value and single value wherever they differ; nothing and an empty text count as equal."""
	assert len(ours) == len(theirs)
	return [
		(column, one[column], other[column])
		for one, other in zip(ours, theirs, strict=True)
		for column in one
		if (one[column] or None) != (other[column] or None)
	]


@pytest.mark.parametrize("values", list(CASES), indirect=True)
def test_bulk_insert_equals_single_insert(db: Any, values: dict[str, Any]) -> None:
	import frappe

	db.savepoint("untouched")
	single = _footprint(frappe, frappe.get_doc({**values, "doctype": "Customer Archive"}).insert().name)
	db.rollback(save_point="untouched")
	in_bulk = _footprint(frappe, _bulk(values))
	assert _differences(in_bulk["archive"], single["archive"]) == []
	assert _differences(in_bulk["contacts"], single["contacts"]) == []
	assert in_bulk["tokens"] == single["tokens"]
	assert in_bulk["tokens"]


def test_bulk_numbers_follow_the_single_ones_without_gap_or_repeat(db: Any) -> None:
	import frappe

	from kehu_archive.services import bulk

	one = frappe.get_doc(
		{"doctype": "Customer Archive", "customer_name": "甲有限公司", "archive_date": "2021-01-01"}
	).insert()
	row = {"archive_date": "2021-06-01"}
	names = bulk.insert_archives([{**row, "customer_name": f"乙{n}有限公司"} for n in range(3)])
	other = frappe.get_doc(
		{"doctype": "Customer Archive", "customer_name": "丙有限公司", "archive_date": "2021-09-01"}
	).insert()
	serials = [int(name.rsplit("-", 1)[1]) for name in (one.name, *names, other.name)]
	assert serials == list(range(serials[0], serials[0] + 5))


def test_bulk_archives_come_back_in_the_order_given(db: Any) -> None:
	import frappe

	from kehu_archive.services import bulk

	rows = [{"customer_name": f"顺序{n}商行", "archive_date": f"20{10 + n % 3}-01-01"} for n in range(9)]
	names = bulk.insert_archives(rows)
	found = [frappe.db.get_value("Customer Archive", name, "customer_name") for name in names]
	assert found == [row["customer_name"] for row in rows]


def test_bulk_transactions_equal_single_ones_and_so_do_the_totals(db: Any) -> None:
	import frappe

	from kehu_archive.services import bulk

	first, second = bulk.insert_archives([{"customer_name": "对照一商行"}, {"customer_name": "对照二商行"}])
	rows = [
		{"posted_on": "2024-01-05", "amount": 11.77, "quantity": 1, "transaction_no": "A1"},
		{"posted_on": "2024-03-01", "amount": 0, "quantity": 2, "transaction_kind": "Order", "in_totals": 0},
		{"posted_on": "2023-12-31", "amount": 20.5, "is_default": 1, "default_note": "逾期付款"},
		{"posted_on": "2024-04-01", "amount": 5, "transaction_kind": "Return"},
	]
	for row in rows:
		frappe.get_doc({**row, "doctype": "Archive Transaction", "archive": first}).insert()
	assert bulk.insert_transactions([{**row, "archive": second} for row in rows]) == len(rows)
	bulk.refresh_totals([second])

	def transactions(archive: str) -> list[dict[str, Any]]:
		return sorted(
			_rows(frappe, "Archive Transaction", "archive", archive), key=lambda row: str(row["posted_on"])
		)

	assert _differences(transactions(second), transactions(first)) == []
	totals = (
		"transaction_count",
		"transaction_total",
		"default_count",
		"first_transaction_on",
		"last_transaction_on",
		"market_status",
	)
	ours, theirs = (frappe.db.get_value("Customer Archive", name, totals) for name in (second, first))
	assert ours == theirs
	assert Decimal(str(ours[1])) == Decimal("27.27")
	assert ours[5] == "Existing"


def test_a_source_key_is_loaded_once(db: Any) -> None:
	import frappe

	from kehu_archive.services import bulk

	archive = bulk.insert_archives([{"customer_name": "来源商行"}])[0]
	rows = [
		{"archive": archive, "posted_on": "2024-01-05", "amount": n, "source_key": f"test:{n}"}
		for n in range(5)
	]
	assert bulk.insert_transactions(rows[:3]) == 3
	assert bulk.insert_transactions(rows) == 2
	assert frappe.db.count("Archive Transaction", {"archive": archive}) == 5


def test_a_second_archive_of_one_credit_code_is_refused_by_the_database(db: Any) -> None:
	import frappe
	from stdnum.cn import uscc

	from kehu_archive.services import bulk

	code = "91330212770000220"
	code += uscc.calc_check_digit(code)
	bulk.insert_archives([{"customer_name": "信用一有限公司", "credit_code": code}])
	with pytest.raises(Exception) as refused:
		bulk.insert_archives([{"customer_name": "信用二有限公司", "credit_code": code}])
	assert frappe.db.is_duplicate_entry(refused.value) or isinstance(
		refused.value, frappe.UniqueValidationError
	)


def test_bulk_writes_in_few_statements(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
	import frappe

	from kehu_archive.services import bulk

	statements = []
	original = frappe.db.sql
	monkeypatch.setattr(
		frappe.db, "sql", lambda *args, **kwargs: statements.append(args[0]) or original(*args, **kwargs)
	)
	bulk.insert_archives([{"customer_name": f"少量{n}商行", "main_contact": f"联系{n}"} for n in range(300)])
	assert len(statements) < 60
