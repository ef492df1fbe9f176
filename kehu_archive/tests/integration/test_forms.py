"""The columns of the regulations' forms, item by item. R-FCA-*, R-FZL-*, R-FEP-*, R-COL-*, R-ARC-05/10/20."""

from __future__ import annotations

from typing import Any

import frappe
import pytest

from kehu_archive.services import feedback as feedback_service
from kehu_archive.tests import factories

CHANNELS = (
	"Internet",
	"Advertising",
	"Transaction Records",
	"Association or Authority",
	"Sales Survey and Visit",
	"Mailed Data Sheet",
	"Survey Agency",
	"Other",
)


def options(doctype: str, field: str) -> list[str]:
	return [option for option in frappe.get_meta(doctype).get_field(field).options.split("\n") if option]


def collecting_department() -> str:
	return str(frappe.db.get_value("Archive Department", {"is_data_manager": 1}))


def in_chinese(words: list[str]) -> list[str]:
	return [frappe._(word, lang="zh") for word in words]


def test_company_nature_and_peer_position_have_the_options_of_the_form(site: str) -> None:
	nature = in_chinese(options("Customer Archive", "company_nature"))
	assert nature == ["上市公司", "私人有限公司", "中外合资", "外商独资", "国营"]
	position = in_chinese(options("Customer Archive", "peer_position"))
	assert position == ["领导者", "具影响力", "中等", "小型厂商", "其他"]


def test_four_seals_and_three_licences(site: str) -> None:
	assert in_chinese(options("Customer Archive Seal", "seal_kind")) == [
		"法人印章",
		"合同专用章",
		"财务专用章",
		"法定代表人印章",
	]
	assert in_chinese(options("Customer Archive Licence", "licence_kind"))[:3] == ["营业执照", "税务登记证", "开户许可证"]


def test_eight_collection_channels_must_be_named_and_can_be_counted(db: Any) -> None:
	assert tuple(options("Customer Archive Collection", "channel")) == CHANNELS
	with pytest.raises(frappe.MandatoryError):
		factories.make_archive(collections=[{"obtained_on": "2026-01-01"}])
	table = frappe.qb.DocType("Customer Archive Collection")
	before = dict(
		frappe.qb.from_(table).select(table.channel, frappe.query_builder.functions.Count("*")).groupby(table.channel).run()
	)
	for channel in CHANNELS:
		archive = factories.make_archive(
			collections=[
				{
					"channel": channel,
					"obtained_on": "2026-01-01",
					"agency_name": "华调公司",
					"business_stage": "Market Research",
					"department": collecting_department(),
				}
			]
		)
		assert archive.collections[0].department == collecting_department()
	after = dict(
		frappe.qb.from_(table).select(table.channel, frappe.query_builder.functions.Count("*")).groupby(table.channel).run()
	)
	assert {channel: after[channel] - before.get(channel, 0) for channel in CHANNELS} == dict.fromkeys(CHANNELS, 1)


def test_mailed_sheets_not_returned_can_be_listed(db: Any) -> None:
	sent = factories.make_archive(
		collections=[{"channel": "Mailed Data Sheet", "obtained_on": "2026-01-01", "sent_on": "2026-01-01", "reminded_on": "2026-01-10"}]
	)
	back = factories.make_archive(
		collections=[{"channel": "Mailed Data Sheet", "obtained_on": "2026-01-01", "sent_on": "2026-01-01", "returned_on": "2026-01-09"}]
	)
	names = frappe.get_list(
		"Customer Archive",
		filters=[
			["Customer Archive Collection", "sent_on", "is", "set"],
			["Customer Archive Collection", "returned_on", "is", "not set"],
		],
		pluck="name",
		order_by="`tabCustomer Archive`.creation",
	)
	assert sent.name in names
	assert back.name not in names


def test_preferences_and_business_can_be_searched_in_the_list(db: Any) -> None:
	archive = factories.make_archive(
		main_business="轴承制造",
		additional_business="设备租赁",
		preferences=[
			{
				"category": "Product",
				"preference": "耐高温轴承",
				"team": "客房一班",
				"department": collecting_department(),
				"observed_by": "Administrator",
			}
		],
	)
	row = frappe.get_doc("Customer Archive", archive.name).preferences[0]
	assert (row.department, row.team, row.observed_by) == (collecting_department(), "客房一班", "Administrator")
	for filters in (
		[["Customer Archive Preference", "preference", "like", "%耐高温%"]],
		[["Customer Archive", "main_business", "like", "%轴承%"]],
		[["Customer Archive", "additional_business", "like", "%租赁%"]],
	):
		assert archive.name in frappe.get_list("Customer Archive", filters=filters, pluck="name", order_by="`tabCustomer Archive`.creation desc")


def test_everything_to_be_collected_has_a_field(db: Any) -> None:
	"""000 篇三·三·2: the thirteen items, the developments as a timeline that grows."""
	values = {
		"address": "上海市浦东新区 1 号",
		"fax": "021-58880000",
		"email": "office@example.com",
		"website": "www.example.com",
		"business_scope": "工业轴承",
		"leading_products": "陶瓷轴承",
		"peer_position": "Leader",
		"corporate_culture": "诚信",
		"development_policy": "出海",
	}
	archive = factories.make_archive(developments=[{"news_date": "2026-01-01", "content": "签约"}], **values)
	archive.append("developments", {"news_date": "2026-02-01", "content": "扩产"})
	archive.save()
	kept = frappe.get_doc("Customer Archive", archive.name)
	assert {field: kept.get(field) for field in values} == values
	assert [row.content for row in kept.developments] == ["签约", "扩产"]
	leader = frappe.get_doc(
		{
			"doctype": "Archive Contact",
			"archive": archive.name,
			"full_name": "周总",
			"is_leader": 1,
			"mobile": "13800138000",
			"direct_line": "021-58880001",
		}
	).insert()
	assert (leader.mobile, leader.direct_line) == ("13800138000", "021-58880001")


def test_people_have_the_six_facts_and_family_is_kept_apart(db: Any) -> None:
	archive = factories.make_archive()
	facts = {
		"full_name": "王伟",
		"position": "董事长",
		"education": "本科",
		"birth_date": "1970-05-06",
		"hobbies": "书法",
	}
	for role in ("is_legal_representative", "is_principal", "is_main_contact"):
		person = frappe.get_doc({"doctype": "Archive Contact", "archive": archive.name, role: 1, **facts}).insert()
		assert {field: str(person.get(field)) for field in facts} == facts
		family = frappe.get_doc(
			{
				"doctype": "Sensitive Record",
				"archive": archive.name,
				"contact": person.name,
				"record_kind": "Family",
				"value": "一子一女",
			}
		).insert()
		assert family.contact == person.name


def test_contact_of_another_archive_is_refused_in_a_sensitive_record(db: Any) -> None:
	first, second = factories.make_archive(), factories.make_archive()
	person = frappe.get_doc("Archive Contact", {"archive": second.name})
	with pytest.raises(frappe.ValidationError, match="联系人"):
		frappe.get_doc(
			{
				"doctype": "Sensitive Record",
				"archive": first.name,
				"contact": person.name,
				"record_kind": "Family",
				"value": "x",
			}
		).insert()


def test_feedback_becomes_a_complaint_once(db: Any) -> None:
	archive = factories.make_archive()
	feedback = frappe.get_doc(
		{"doctype": "Customer Feedback", "archive": archive.name, "content": "包装破损", "channel": "Phone"}
	).insert()
	complaint = feedback_service.make_complaint(feedback)
	assert (complaint.archive, complaint.complaint_content, complaint.feedback) == (archive.name, "包装破损", feedback.name)
	feedback.reload()
	assert feedback.complaint == complaint.name
	with pytest.raises(frappe.ValidationError):
		feedback_service.make_complaint(feedback)


def test_custodians_are_full_or_part_time_and_can_be_counted(db: Any, people: factories.People) -> None:
	factories.make_archive(custodian=people["Archivist"], custodian_kind="Full-time")
	factories.make_archive(custodian=people["Archivist"], custodian_kind="Part-time")
	found = frappe.get_list(
		"Customer Archive",
		filters={"custodian": people["Archivist"], "custodian_kind": ("is", "set")},
		fields=["custodian_kind"],
		order_by="creation",
	)
	assert {"Full-time", "Part-time"} <= {row.custodian_kind for row in found}


def test_paper_has_a_place_and_the_place_lists_its_archives(db: Any) -> None:
	room = frappe.get_doc(
		{"doctype": "Storage Location", "location_name": "一号库房", "location_code": "T-K1", "location_kind": "Room", "is_group": 1}
	).insert()
	box = frappe.get_doc(
		{
			"doctype": "Storage Location",
			"location_name": "一号盒",
			"location_code": "T-K1-01",
			"location_kind": "Box",
			"parent_storage_location": room.name,
		}
	).insert()
	archive = factories.make_archive(storage_location=box.name)
	inside = frappe.get_list("Storage Location", filters={"lft": (">=", room.lft), "rgt": ("<=", frappe.db.get_value("Storage Location", room.name, "rgt"))}, pluck="name", order_by="lft")
	assert box.name in inside
	assert frappe.get_list("Customer Archive", filters={"storage_location": ("in", inside)}, pluck="name", order_by="creation") == [
		archive.name
	]
	with pytest.raises(frappe.ValidationError, match="档案"):
		frappe.delete_doc("Storage Location", box.name)


def test_department_items_hide_and_add_for_one_department_only(db: Any) -> None:
	for name in ("测试销售一部", "测试销售二部"):
		frappe.get_doc({"doctype": "Archive Department", "department_name": name}).insert()
	department = frappe.get_doc("Archive Department", "测试销售一部")
	department.append("hidden_fields", {"field_name": "fax"})
	department.append("extra_items", {"item_label": "开票要求", "is_required": 1})
	department.save()
	assert not frappe.get_doc("Archive Department", "测试销售二部").hidden_fields
	department.append("hidden_fields", {"field_name": "customer_name"})
	with pytest.raises(frappe.ValidationError, match="必填"):
		department.save()
	department.reload()
	department.append("hidden_fields", {"field_name": "no_such_item"})
	with pytest.raises(frappe.ValidationError, match="no_such_item"):
		department.save()


def test_item_that_a_department_requires_is_filled_before_submission(db: Any, people: factories.People) -> None:
	department = frappe.get_doc(
		{
			"doctype": "Archive Department",
			"department_name": "测试销售三部",
			"extra_items": [{"item_label": "开票要求", "is_required": 1}, {"item_label": "喜好", "is_required": 0}],
		}
	).insert()
	archive = factories.make_archive(department=department.name)
	other = factories.make_archive()
	with factories.acting(people["Salesperson"]):
		for name in (archive.name, other.name):
			doc = frappe.get_doc("Customer Archive", name)
			doc.workflow_state = "Submitted"
			if name == archive.name:
				with pytest.raises(frappe.ValidationError, match="开票要求"):
					doc.save()
				doc.reload()
				doc.workflow_state = "Submitted"
				doc.append("extra_items", {"item_label": "开票要求", "item_value": "专票"})
			assert doc.save().workflow_state == "Submitted"


def test_department_cannot_contain_itself(db: Any) -> None:
	mine = frappe.get_doc({"doctype": "Archive Department", "department_name": "东山矿", "unit_kind": "Mine Site"}).insert(
		ignore_if_duplicate=True
	)
	child = frappe.get_doc(
		{"doctype": "Archive Department", "department_name": "东山矿调度组", "unit_kind": "Team", "parent_department": mine.name}
	).insert()
	mine = frappe.get_doc("Archive Department", mine.name)
	mine.parent_department = child.name
	with pytest.raises(frappe.ValidationError, match="上级部门"):
		mine.save()


def test_suppliers_partners_agents_have_the_same_record(db: Any) -> None:
	"""001 第三、四条: name, nature, capital, representative, address, bank and account, seals, licences."""
	for code in ("KH", "GY", "HB", "DL"):
		archive = factories.make_archive(
			archive_type=factories.archive_type(code),
			company_nature="Private Limited Company",
			registered_capital=500,
			seals=[{"seal_kind": "Corporate Seal"}],
			licences=[{"licence_kind": "Business Licence", "is_copy": 1, "valid_until": "2030-12-31"}],
		)
		assert f"-{code}-" in archive.name
		frappe.get_doc(
			{
				"doctype": "Sensitive Record",
				"archive": archive.name,
				"record_kind": "Bank Account",
				"label": "中国工商银行北京分行",
				"value": "0200004509089100018",
			}
		).insert()
	listed = frappe.get_list("Customer Archive", filters={"archive_type": factories.archive_type("GY")}, pluck="name", order_by="creation")
	assert listed
	assert all("-GY-" in name for name in listed)
