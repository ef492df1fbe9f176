"""The demo's office: users, departments, and the rooms and cabinets where paper lies."""

from __future__ import annotations

import frappe

from kehu_archive.demo.journey import acting_as
from kehu_archive.demo.people import PASSWORD, PEOPLE, Person, user_of
from kehu_archive.services import pledge

#: Department, the one above it, its kind, whether it manages the customer data.
DEPARTMENTS = (
	("总公司", None, "Company", 0),
	("销售公司", "总公司", "Company", 0),
	("华东销售部", "销售公司", "Department", 0),
	("华南销售部", "销售公司", "Department", 0),
	("华北销售部", "销售公司", "Department", 0),
	("市场部", "总公司", "Department", 0),
	("客户服务中心", "总公司", "Department", 1),
	("客户档案室", "客户服务中心", "Team", 0),
	("财务审计部", "总公司", "Department", 0),
	("信息管理部", "总公司", "Department", 0),
	("物业管理部", "总公司", "Department", 0),
	("东山矿", "总公司", "Mine Site", 0),
)
#: Items that departments add to or leave out of their form (003 §5.1.1).
EXTRA_ITEMS = {
	"华东销售部": (("年采购计划", 1), ("对账日", 0)),
	"东山矿": (("矿区通行证号", 1),),
}
HIDDEN_ITEMS = {"东山矿": ("website", "corporate_culture")}
#: Code, name, the place it stands in, kind, whether it holds others, whether key customers are kept there.
LOCATIONS = (
	("A", "客户档案室(三楼)", None, "Room", 1, 0),
	("A-01", "一号密集柜", "A", "Cabinet", 1, 0),
	("A-01-1", "一号柜第一层", "A-01", "Shelf", 1, 0),
	("A-01-1-01", "一号柜第一层 01 盒", "A-01-1", "Box", 0, 0),
	("A-01-1-02", "一号柜第一层 02 盒", "A-01-1", "Box", 0, 0),
	("A-01-2", "一号柜第二层", "A-01", "Shelf", 0, 0),
	("A-02", "二号密集柜", "A", "Cabinet", 1, 0),
	("A-02-1", "二号柜第一层", "A-02", "Shelf", 0, 0),
	("A-03", "三号开放架", "A", "Rack", 0, 0),
	("K", "重点客户专柜室", None, "Room", 1, 1),
	("K-01", "重点客户一号柜", "K", "Cabinet", 1, 1),
	("K-01-1", "重点客户一号柜第一层", "K-01", "Shelf", 0, 1),
)
ORDINARY_PLACES = ("A-01-1-01", "A-01-1-02", "A-01-2", "A-02-1", "A-03")
KEY_CUSTOMER_PLACE = "K-01-1"
TYPE_NOTES = {
	"KH": "购买本公司产品或接受服务的单位与个人",
	"HB": "与本公司长期合作的单位",
	"GY": "向本公司供货的单位",
	"DL": "代理销售本公司产品的中间商",
	"ZD": "产品的最终使用者",
}


def load() -> None:
	"""Create users, departments and storage locations that are not there yet."""
	for person in PEOPLE:
		_ensure_user(person)
	for name, parent, kind, manages in DEPARTMENTS:
		_ensure_department(name, parent, kind, manages)
	for person in PEOPLE:
		_make_manager(person)
		_make_member(person)
		_sign_pledge(person)
	for row in LOCATIONS:
		_ensure_location(*row)
	_describe_types()
	# The office stands by itself; the archives that follow are loaded in transactions of their own.
	frappe.db.commit()


def _ensure_user(person: Person) -> None:
	if frappe.db.exists("User", person.user):
		return
	user = frappe.get_doc(
		{
			"doctype": "User",
			"email": person.user,
			"first_name": person.full_name,
			"language": "zh",
			"time_zone": "Asia/Shanghai",
			"enabled": 1,
			"user_type": "System User",
			"send_welcome_email": 0,
			"new_password": PASSWORD,
			"roles": [{"role": person.role}],
		}
	)
	user.flags.no_welcome_mail = True
	user.insert()


def _ensure_department(name: str, parent: str | None, kind: str, manages: int) -> None:
	if frappe.db.exists("Archive Department", name):
		return
	frappe.get_doc(
		{
			"doctype": "Archive Department",
			"department_name": name,
			"parent_department": parent,
			"unit_kind": kind,
			"is_data_manager": manages,
			"extra_items": [
				{"item_label": label, "is_required": needed} for label, needed in EXTRA_ITEMS.get(name, ())
			],
			"hidden_fields": [{"field_name": field} for field in HIDDEN_ITEMS.get(name, ())],
		}
	).insert()


def _make_manager(person: Person) -> None:
	if not frappe.db.get_value("Archive Department", person.department, "manager"):
		frappe.db.set_value("Archive Department", person.department, "manager", person.user)


def _make_member(person: Person) -> None:
	"""Department and position level, which the access rules ask for."""
	if frappe.db.exists("Archive Department Member", {"parent": person.department, "user": person.user}):
		return
	department = frappe.get_doc("Archive Department", person.department)
	level = frappe.db.get_value("Position Level", {"rank": person.rank})
	department.append("members", {"user": person.user, "position_level": level, "position": frappe._(person.role)})
	department.save()


def _sign_pledge(person: Person) -> None:
	"""Each signs for himself, as on his first day; the dialog that asks for it is seen by users made later."""
	if pledge.has_signed(person.user):
		return
	with acting_as(person.role):
		pledge.sign(person.full_name)


def _ensure_location(code: str, name: str, parent: str | None, kind: str, group: int, key_store: int) -> None:
	if frappe.db.exists("Storage Location", code):
		return
	frappe.get_doc(
		{
			"doctype": "Storage Location",
			"location_code": code,
			"location_name": name,
			"parent_storage_location": parent,
			"location_kind": kind,
			"is_group": group,
			"is_key_customer_store": key_store,
			"keeper": user_of("Archivist"),
			"remark": "钥匙由档案员与客服经理各持一把" if parent is None else None,
		}
	).insert()


def _describe_types() -> None:
	"""Say what the seeded archive types are for; what an administrator wrote stays."""
	for row in frappe.get_all("Archive Type", fields=["name", "class_code", "description"]):
		if not row.description and row.class_code in TYPE_NOTES:
			frappe.db.set_value("Archive Type", row.name, "description", TYPE_NOTES[row.class_code])


def archive_types() -> dict[str, str]:
	"""Class code to archive type, whatever the site calls it."""
	return dict(frappe.get_all("Archive Type", fields=["class_code", "name"], as_list=True))


def position_levels() -> dict[int, str]:
	"""Rank to position level, whatever the site calls it."""
	return dict(frappe.get_all("Position Level", fields=["rank", "name"], as_list=True))


def department_for(region: str) -> str:
	"""The sales department that serves a region."""
	return {"华东": "华东销售部", "华南": "华南销售部", "华中": "华南销售部", "西南": "华南销售部"}.get(
		region, "华北销售部"
	)
