"""How complete an archive is, from its records to the stored figure. R-ARC-04, R-ARC-05, R-ARC-13, R-FZL-06."""

from __future__ import annotations

from typing import Any

import frappe
import pytest

from kehu_archive.domain.completeness import ITEM_LABELS
from kehu_archive.services import completeness
from kehu_archive.tests import factories

ATTACHMENT = "/files/specimen.png"


def missing(archive: str) -> set[str]:
	return set(completeness.score_of(archive).missing)


def add(doctype: str, archive: str, **values: Any) -> Any:
	return frappe.get_doc({"doctype": doctype, "archive": archive, **values}).insert()


def test_a_new_archive_lacks_what_nobody_has_entered(db: Any) -> None:
	archive = factories.make_archive()
	lacking = missing(archive.name)
	assert {
		"credit_description",
		"transactions",
		"preferences",
		"seal_corporate",
		"business_licence",
	} <= lacking
	assert not {"name", "contact_way", "address", "main_contact", "legal_representative"} & lacking


@pytest.mark.parametrize("item", ["contact_way", "credit_description", "transactions"])
def test_each_of_the_three_required_parts_counts(db: Any, item: str) -> None:
	"""Contact, credit and past transactions: one of them missing is less than 100 % and is listed (R-ARC-13)."""
	archive = complete_archive(without=item)
	result = completeness.score_of(archive)
	assert result.percent < 100
	assert result.missing == (item,)


def test_an_archive_with_everything_is_complete(db: Any) -> None:
	result = completeness.score_of(complete_archive())
	assert (result.missing, result.percent) == ((), 100)


def complete_archive(without: str = "") -> str:
	"""Every item of a company's archive, apart from one."""
	values: dict[str, Any] = {
		"credit_description": "付款及时",
		"credit_code": factories.credit_code(),
		"company_nature": "State-run",
		"business_scope": "机电设备销售",
		"registered_capital": 500,
		"storage_location": location(),
		"custodian": "Administrator",
		"information_source": "Internet",
		"shareholders": [{"shareholder_name": "张强", "share_percent": 100}],
		"yearly_sales": [{"year": year, "amount": 1} for year in (2023, 2024, 2025)],
		"preferences": [{"category": "Product", "preference": "大包装"}],
		"major_changes": [{"matter": "迁址"}],
		"seals": [
			{"seal_kind": kind, "specimen": ATTACHMENT}
			for kind in ("Corporate Seal", "Contract Seal", "Finance Seal", "Legal Representative Seal")
		],
		"licences": [
			{"licence_kind": kind}
			for kind in ("Business Licence", "Tax Registration Certificate", "Account Opening Permit")
		],
	}
	if without == "contact_way":
		values.update(phone="", main_contact_phone="")
	values.pop(without, None)
	archive = factories.make_archive(**values).name
	add("Archive Contact", archive, full_name=factories.person_name(), is_principal=1)
	if without != "transactions":
		for kind in ("Sale", "Order", "Sales Contract", "Cooperation Agreement"):
			factories.make_transaction(archive, transaction_kind=kind)
	else:
		# Orders and contracts are not yet a transaction that took place.
		for kind in ("Order", "Sales Contract", "Cooperation Agreement"):
			factories.make_transaction(archive, transaction_kind=kind, in_totals=0)
	add("Sensitive Record", archive, record_kind="Bank Account", value="6222021234567890128")
	return archive


def location() -> str:
	return str(
		frappe.get_doc(
			{
				"doctype": "Storage Location",
				"location_code": frappe.generate_hash(length=8),
				"location_name": "一号柜",
				"location_kind": "Cabinet",
			}
		)
		.insert()
		.name
	)


def test_the_type_of_archive_decides_what_is_asked_for(db: Any) -> None:
	kind = frappe.get_doc("Archive Type", factories.archive_type())
	kind.set(
		"requirements",
		[{"item": ITEM_LABELS["address"], "weight": 3}, {"item": ITEM_LABELS["seal_finance"], "weight": 1}],
	)
	kind.save()
	archive = factories.make_archive()
	result = completeness.score_of(archive.name)
	assert (result.percent, result.missing) == (75, ("seal_finance",))


def test_a_hidden_item_is_not_missed(db: Any) -> None:
	"""What a department took off its form is not asked of its archives; other departments still miss it (R-FZL-06)."""
	own, other = (department(name) for name in ("测试甲部", "测试乙部"))
	doc = frappe.get_doc("Archive Department", own)
	doc.append("hidden_fields", {"field_name": "seals"})
	doc.save()
	mine, theirs = factories.make_archive(department=own), factories.make_archive(department=other)
	found = completeness.scores([mine.name, theirs.name])
	assert "seal_corporate" not in found[mine.name].missing
	assert "seal_corporate" in found[theirs.name].missing
	assert found[mine.name].percent > found[theirs.name].percent


def department(name: str) -> str:
	return str(
		frappe.get_doc({"doctype": "Archive Department", "department_name": name, "unit_kind": "Department"})
		.insert()
		.name
	)


def test_former_contacts_and_cancelled_deals_do_not_count(db: Any) -> None:
	archive = factories.make_archive()
	contract = factories.make_transaction(archive.name, transaction_kind="Sales Contract")
	assert "contracts" not in missing(archive.name)
	contract.db_set("is_cancelled", 1)
	assert "contracts" in missing(archive.name)
	people = frappe.get_all("Archive Contact", filters={"archive": archive.name}, pluck="name")
	for name in people:
		frappe.db.set_value("Archive Contact", name, "status", "Left Post")
	assert {"main_contact", "contact_person", "legal_representative"} <= missing(archive.name)


def test_refresh_stores_the_figure_with_a_fixed_number_of_queries(db: Any) -> None:
	few = [factories.make_archive().name for _ in range(2)]
	many = [*few, *(factories.make_archive().name for _ in range(8))]
	for name in many:
		frappe.db.set_value("Customer Archive", name, "completeness", 0, update_modified=False)
	assert queries(lambda: completeness.refresh(few)) == queries(lambda: completeness.refresh(many))
	stored = frappe.get_all(
		"Customer Archive", filters={"name": ["in", many]}, fields=["name", "completeness"]
	)
	expected = completeness.scores(many)
	assert {row.name: row.completeness for row in stored} == {
		name: one.percent for name, one in expected.items()
	}
	assert all(row.completeness > 0 for row in stored)


def queries(work: Any) -> int:
	seen = 0
	original = frappe.db.sql

	def counting(*args: Any, **kwargs: Any) -> Any:
		nonlocal seen
		seen += 1
		return original(*args, **kwargs)

	frappe.db.sql = counting
	try:
		work()
	finally:
		frappe.db.sql = original
	return seen


def test_refreshing_everything_goes_in_chunks(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
	for _ in range(3):
		factories.make_archive()
	monkeypatch.setattr(completeness, "CHUNK", 2)
	chunks: list[int] = []
	total = completeness.refresh(after_chunk=lambda: chunks.append(1))
	assert total == frappe.db.count("Customer Archive")
	assert len(chunks) == -(-total // 2)


def test_every_item_leads_somewhere() -> None:
	"""Each item that can be missing has a field of the form or a record that is created for it."""
	for item in ITEM_LABELS:
		if item not in completeness.NOT_RECORDED:
			assert (item in completeness.FIELDS) != (item in completeness.ACTIONS), item


def test_the_named_fields_exist(db: Any) -> None:
	meta = frappe.get_meta("Customer Archive")
	assert [field for field in completeness.FIELDS.values() if not meta.has_field(field)] == []


def test_what_changed_lately_is_refreshed_by_every_road(db: Any) -> None:
	archive, quiet = factories.make_archive(), factories.make_archive()
	frappe.db.set_value("Customer Archive", quiet.name, {"completeness": 1, "modified": "2020-01-01 00:00:00"}, update_modified=False)
	table = frappe.qb.DocType("Archive Contact")
	frappe.qb.update(table).set(table.modified, "2020-01-01 00:00:00").where(table.archive == quiet.name).run()
	frappe.db.set_value("Customer Archive", archive.name, "completeness", 1)
	completeness.refresh_recent(20)
	assert frappe.db.get_value("Customer Archive", archive.name, "completeness") > 1
	assert frappe.db.get_value("Customer Archive", quiet.name, "completeness") == 1
	factories.make_transaction(quiet.name)
	completeness.refresh_recent(20)
	assert frappe.db.get_value("Customer Archive", quiet.name, "completeness") > 1
