"""Transactions and the totals on the archive. R-TRX-01/02/03/04, R-FCA-14, R-FZL-08."""

from __future__ import annotations

from typing import Any

import frappe
import pytest

from kehu_archive.exceptions import ArchiveError, DeletionRefusedError, InvalidFieldsError
from kehu_archive.services import transactions
from kehu_archive.tests import factories

TOTALS = ["transaction_count", "transaction_total", "default_count", "first_transaction_on", "last_transaction_on"]


def totals(name: str) -> tuple[Any, ...]:
	values = frappe.db.get_value("Customer Archive", name, TOTALS)
	return (*values[:3], str(values[3]), str(values[4]))


def test_seven_columns_are_kept(db: Any) -> None:
	archive = factories.make_archive()
	values = {
		"transaction_no": "HT-001",
		"posted_on": "2026-02-03",
		"place": "上海",
		"amount": 1234.5,
		"responsible_name": "张三",
		"is_default": 1,
		"default_note": "延期付款 20 天",
		"remark": "首单",
	}
	kept = frappe.get_doc("Archive Transaction", factories.make_transaction(archive.name, **values).name)
	for field, value in values.items():
		assert str(kept.get(field)) == str(value), field


def test_totals_follow_sales_returns_and_cancellations(db: Any) -> None:
	archive = factories.make_archive()
	factories.make_transaction(archive.name, posted_on="2026-01-05", amount=1000)
	second = factories.make_transaction(archive.name, posted_on="2026-02-05", amount=500)
	factories.make_transaction(archive.name, posted_on="2026-03-05", amount=200, transaction_kind="Return")
	factories.make_transaction(archive.name, posted_on="2026-04-05", amount=9000, transaction_kind="Order", in_totals=0)
	assert totals(archive.name) == (2, 1300, 0, "2026-01-05", "2026-03-05")
	transactions.cancel(second, "重复录入")
	assert totals(archive.name)[:2] == (1, 800)
	assert frappe.db.get_value("Archive Transaction", second.name, "cancel_reason") == "重复录入"


def test_first_deal_turns_a_prospect_into_a_customer(db: Any) -> None:
	archive = factories.make_archive()
	assert archive.market_status == "Prospective"
	factories.make_transaction(archive.name)
	assert frappe.db.get_value("Customer Archive", archive.name, "market_status") == "Existing"


def test_default_is_counted_and_must_be_described(db: Any) -> None:
	archive = factories.make_archive()
	with pytest.raises((InvalidFieldsError, frappe.MandatoryError), match="违约"):
		factories.make_transaction(archive.name, is_default=1)
	factories.make_transaction(archive.name, is_default=1, default_note="未付尾款")
	assert totals(archive.name)[2] == 1


@pytest.mark.parametrize(
	"values",
	[
		{"posted_on": "2999-01-01"},
		{"transaction_kind": "Sales Contract", "valid_from": "2026-05-01", "valid_to": "2026-04-30"},
	],
)
def test_impossible_dates_are_refused(db: Any, values: dict[str, Any]) -> None:
	archive = factories.make_archive()
	with pytest.raises(InvalidFieldsError):
		factories.make_transaction(archive.name, **values)


def test_transaction_is_cancelled_with_a_reason_never_deleted(db: Any) -> None:
	archive = factories.make_archive()
	deal = factories.make_transaction(archive.name)
	with pytest.raises(DeletionRefusedError):
		frappe.delete_doc("Archive Transaction", deal.name, force=1)
	with pytest.raises(ArchiveError):
		transactions.cancel(deal, " ")
	deal.reload()
	deal.is_cancelled = 1
	assert not deal.save().is_cancelled
	transactions.cancel(deal, "录错")
	deal.reload()
	with pytest.raises(ArchiveError):
		deal.save()


@pytest.mark.parametrize("amount", [-5, 1e30, "abc", float("nan")])
def test_impossible_amount_is_refused_in_chinese(db: Any, amount: object) -> None:
	archive = factories.make_archive()
	with pytest.raises(InvalidFieldsError, match="金额"):
		factories.make_transaction(archive.name, amount=amount)


def test_yearly_totals(db: Any) -> None:
	archive = factories.make_archive()
	factories.make_transaction(archive.name, posted_on="2024-01-05", amount=100)
	factories.make_transaction(archive.name, posted_on="2025-01-05", amount=300)
	factories.make_transaction(archive.name, posted_on="2025-06-05", amount=50, transaction_kind="Return")
	rows = [(int(row.year), int(row.deals), float(row.amount)) for row in transactions.yearly_totals(archive.name)]
	assert rows == [(2024, 1, 100.0), (2025, 1, 250.0)]
