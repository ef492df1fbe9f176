"""Contacts keep their history; the archive shows the present ones. R-CON-01/02/03/05/07, R-FWY-09, R-FCA-06/07/08."""

from __future__ import annotations

from typing import Any

import frappe
import pytest
from frappe.utils import add_days, today

from kehu_archive.exceptions import ArchiveError, DeletionRefusedError, InvalidFieldsError
from kehu_archive.services import contacts
from kehu_archive.tests import factories


def make_contact(archive: str, **values: Any) -> Any:
	return frappe.get_doc(
		{"doctype": "Archive Contact", "archive": archive, "full_name": factories.person_name(), **values}
	).insert()


def test_names_typed_with_the_archive_become_contacts(db: Any) -> None:
	archive = factories.make_archive(legal_representative="王伟", main_contact="李娜", main_contact_phone="13800138000")
	people = {
		row.full_name: row
		for row in frappe.get_all("Archive Contact", filters={"archive": archive.name}, fields=["*"])
	}
	assert people["王伟"].is_legal_representative
	assert people["李娜"].is_main_contact
	assert people["李娜"].mobile == "13800138000"


def test_one_person_may_hold_both_posts(db: Any) -> None:
	archive = factories.make_archive(legal_representative="王伟", main_contact="王伟")
	people = frappe.get_all("Archive Contact", filters={"archive": archive.name}, fields=["*"])
	assert len(people) == 1
	assert people[0].is_main_contact
	assert people[0].is_legal_representative


def test_all_seven_roles_many_people_one_main(db: Any) -> None:
	archive = factories.make_archive()
	for role in contacts.ROLE_FIELDS:
		make_contact(archive.name, **{role: 1})
		make_contact(archive.name, **{role: 1})
	for role in contacts.ROLE_FIELDS:
		found = frappe.get_all("Archive Contact", filters={"archive": archive.name, role: 1})
		assert len(found) == (1 if role in ("is_main_contact", "is_legal_representative") else 2), role


def test_replacing_keeps_the_former_contact(db: Any) -> None:
	archive = factories.make_archive(main_contact="李娜", main_contact_phone="13800138000")
	former = frappe.get_doc("Archive Contact", {"archive": archive.name, "is_main_contact": 1})
	former.update({"position": "采购经理", "hobbies": "羽毛球"})
	former.save()
	successor = contacts.replace(former, "赵敏", {"mobile": "13900139000"}, "李娜离职")
	former.reload()
	assert (former.status, str(former.ended_on), former.replaced_by) == ("Left Post", today(), successor.name)
	assert (former.full_name, former.mobile) == ("李娜", "13800138000")
	assert (successor.position, successor.replaces, successor.is_main_contact) == ("采购经理", former.name, 1)
	assert not successor.hobbies
	archive.reload()
	assert (archive.main_contact, archive.main_contact_phone) == ("赵敏", "13900139000")


def test_history_can_be_neither_changed_nor_deleted(db: Any) -> None:
	archive = factories.make_archive(main_contact="李娜")
	former = frappe.get_doc("Archive Contact", {"archive": archive.name, "is_main_contact": 1})
	contacts.replace(former, "赵敏", {}, "离职")
	former.reload()
	former.position = "总经理"
	with pytest.raises(ArchiveError):
		former.save()
	with pytest.raises(DeletionRefusedError):
		frappe.delete_doc("Archive Contact", former.name, force=1)


def test_person_is_replaced_not_renamed(db: Any) -> None:
	archive = factories.make_archive(main_contact="李娜")
	contact = frappe.get_doc("Archive Contact", {"archive": archive.name, "is_main_contact": 1})
	contact.full_name = "赵敏"
	with pytest.raises(ArchiveError, match="更换联系人"):
		contact.save()
	contact.reload()
	contacts.correct_name(contact, "李纳", "输入有误")
	assert frappe.db.get_value("Archive Contact", contact.name, "full_name") == "李纳"
	archive.reload()
	assert archive.main_contact == "李纳"


@pytest.mark.parametrize(
	("name", "values", "reason"), [("", {}, "离职"), ("赵敏", {}, " "), ("赵敏", {"started_on": "1999-01-01"}, "离职")]
)
def test_replacement_without_name_reason_or_order_is_refused(
	db: Any, name: str, values: dict[str, str], reason: str
) -> None:
	archive = factories.make_archive(main_contact="李娜")
	contact = frappe.get_doc("Archive Contact", {"archive": archive.name, "is_main_contact": 1})
	with pytest.raises(ArchiveError):
		contacts.replace(contact, name, values, reason)
	contact.reload()
	assert contact.status == "In Post"


def test_five_channels_and_more_than_one_of_each(db: Any) -> None:
	archive = factories.make_archive()
	contact = make_contact(
		archive.name,
		mobile="13800138000",
		direct_line="010-62345678",
		phone="010-62345679",
		fax="010-62345670",
		email="a@example.com",
		other_channels=[
			{"channel": "Mobile", "value": "13900139000"},
			{"channel": "E-mail", "value": "b@example.com"},
		],
	)
	contact.append("other_channels", {"channel": "Mobile", "value": "12"})
	with pytest.raises(InvalidFieldsError, match=r"第 ?3 ?行"):
		contact.save()


def test_birth_date_lies_in_the_past(db: Any) -> None:
	archive = factories.make_archive()
	with pytest.raises(InvalidFieldsError, match="出生日期"):
		make_contact(archive.name, birth_date=add_days(today(), 1))


def test_position_levels_are_ordered(db: Any) -> None:
	ranks = frappe.get_all("Position Level", fields=["name", "rank"], order_by="`rank` asc")
	assert [row.rank for row in ranks] == sorted({row.rank for row in ranks})
	assert len(ranks) >= 5
	archive = factories.make_archive()
	contact = make_contact(archive.name, position_level=ranks[-1].name)
	assert contact.position_level == ranks[-1].name


def test_no_secret_has_a_field_outside_the_sensitive_record(site: str) -> None:
	"""ID numbers, bank accounts, family and health notes live in Sensitive Record and nowhere else."""
	words = ("id_number", "identity_number", "bank_account", "account_no", "family", "health")
	for doctype in frappe.get_all("DocType", filters={"module": "Kehu Archive", "name": ("!=", "Sensitive Record")}, pluck="name"):
		for field in frappe.get_meta(doctype).fields:
			assert not any(word in field.fieldname for word in words), (doctype, field.fieldname)


def test_sensitive_record_checks_and_masks(db: Any) -> None:
	archive = factories.make_archive()
	record = frappe.get_doc(
		{
			"doctype": "Sensitive Record",
			"archive": archive.name,
			"record_kind": "ID Number",
			"value": "１１０１０５１９４９１２３１００２x",
		}
	).insert()
	assert record.value is None
	assert record.masked_value == "•••• 002X"
	with pytest.raises(InvalidFieldsError) as caught:
		frappe.get_doc(
			{
				"doctype": "Sensitive Record",
				"archive": archive.name,
				"record_kind": "ID Number",
				"value": "110105194912310021",
			}
		).insert()
	assert "110105194912310021" not in str(caught.value)
	family = frappe.get_doc(
		{"doctype": "Sensitive Record", "archive": archive.name, "record_kind": "Family", "value": "已婚,一女"}
	).insert()
	assert "已婚" not in family.masked_value
