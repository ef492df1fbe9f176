"""Builders for tests: users by role, valid archives, an archive brought to a state by the people whose step it is."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import frappe
from frappe.model.workflow import apply_workflow
from stdnum.cn import uscc

from kehu_archive.domain import lifecycle, roles
from kehu_archive.services import pledge

PASSWORD = "Kehu-test-2026!"
_counter = itertools.count(1)
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
_GIVEN = "伟芳娜敏静丽强磊洋艳勇军杰娟涛明超秀霞平刚桂英"
_PLACES = ("北京", "上海", "广州", "成都", "武汉", "西安", "南京", "杭州")
_TRADES = ("机电设备", "生物科技", "食品贸易", "建筑材料", "物流服务", "信息技术", "纺织品", "化工原料")


SALES = "销售部"
MARKETING = "市场部"
SERVICE = "客户服务部"
FINANCE = "财务审计部"
OFFICE = "总经理办公室"
#: Role -> department and rank of its user.
PLACES = {
	roles.SALESPERSON: (SALES, 10),
	roles.SALES_DIRECTOR: (SALES, 40),
	roles.MARKET_INSPECTOR: (MARKETING, 10),
	roles.MARKETING_MANAGER: (MARKETING, 30),
	roles.MARKETING_DIRECTOR: (MARKETING, 40),
	roles.ARCHIVIST: (SERVICE, 10),
	roles.CUSTOMER_SERVICE_STAFF: (SERVICE, 10),
	roles.CUSTOMER_SERVICE_MANAGER: (SERVICE, 30),
	roles.FINANCE_AUDITOR: (FINANCE, 20),
	roles.ARCHIVE_AUDITOR: (FINANCE, 30),
	roles.COMPANY_LEADER: (OFFICE, 40),
	roles.GENERAL_MANAGER: (OFFICE, 50),
}
HEADS = {SALES: roles.SALES_DIRECTOR, MARKETING: roles.MARKETING_DIRECTOR, SERVICE: roles.CUSTOMER_SERVICE_MANAGER}


def email(role: str) -> str:
	return f"{role.lower().replace(' ', '.')}@kehu.test"


@dataclass(frozen=True)
class People:
	"""The log-in name of one user for each role."""

	by_role: dict[str, str]

	def __getitem__(self, role: str) -> str:
		return self.by_role[role]

	@staticmethod
	def ensure() -> People:
		"""Create the users that are missing and commit: the web server and the workers must see them."""
		frappe.set_user("Administrator")
		found = {role: ensure_user(email(role), role) for role in roles.ROLES}
		for role, (department, rank) in PLACES.items():
			join_department(found[role], department, rank)
		for department, role in HEADS.items():
			frappe.db.set_value("Archive Department", department, "manager", found[role])
		frappe.db.commit()
		return People(found)


def ensure_user(name: str, *user_roles: str, user_type: str = "System User", pledged: bool = True) -> str:
	"""A user with a password and these roles, who has signed the confidentiality pledge unless told otherwise."""
	if not frappe.db.exists("User", name):
		user = frappe.get_doc(
			{
				"doctype": "User",
				"email": name,
				"first_name": name.split("@")[0],
				"send_welcome_email": 0,
				"language": "zh",
				"user_type": user_type,
				"new_password": PASSWORD,
				"roles": [{"role": role} for role in user_roles],
			}
		)
		user.flags.ignore_password_policy = True
		user.insert(ignore_permissions=True)
	if pledged:
		sign_pledge(name)
	return name


def sign_pledge(user: str) -> None:
	"""The signature of the present version, as the page would write it."""
	if pledge.has_signed(user):
		return
	signature = frappe.get_doc(
		{
			"doctype": pledge.PLEDGE,
			"user": user,
			"signed_on": frappe.utils.now_datetime(),
			"pledge_version": pledge.version(),
			"pledge_text": "测试承诺",
			"typed_name": user,
		}
	)
	signature.flags.by_service = True
	signature.insert(ignore_permissions=True)


def position_level(rank: int) -> str:
	return str(frappe.db.get_value("Position Level", {"rank": rank}))


def ensure_department(name: str) -> str:
	"""A department of this name."""
	if not frappe.db.exists("Archive Department", name):
		frappe.get_doc({"doctype": "Archive Department", "department_name": name, "unit_kind": "Department"}).insert(
			ignore_permissions=True
		)
	return name


def join_department(user: str, department: str, rank: int = 10) -> None:
	"""Make a user a member of a department, made when it is missing, at the position level of this rank."""
	doc = frappe.get_doc("Archive Department", ensure_department(department))
	rows = [row for row in doc.members if row.user == user]
	if not rows:
		rows = [doc.append("members", {"user": user})]
	level = position_level(rank)
	if rows[0].position_level != level:
		rows[0].position_level = level
		doc.save(ignore_permissions=True)


def leave_departments(user: str) -> None:
	frappe.db.delete("Archive Department Member", {"user": user})


@contextmanager
def acting(user: str) -> Iterator[None]:
	"""Do something as this user, then be who one was."""
	before = frappe.session.user
	frappe.set_user(user)
	try:
		yield
	finally:
		frappe.set_user(before)


def archive_type(code: str = "KH") -> str:
	return str(frappe.db.get_value("Archive Type", {"class_code": code}))


def credit_code(rng: random.Random | None = None) -> str:
	"""A credit code with the right check character, for Haidian district in Beijing."""
	rng = rng or random.Random()
	body = "91110108" + "".join(rng.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(9))
	return body + str(uscc.calc_check_digit(body))


def company_name() -> str:
	rng = random.Random()
	mark = "".join(rng.choice("宏远华信恒泰德昌嘉盛金鼎瑞丰天成永兴") for _ in range(4))
	return f"{rng.choice(_PLACES)}{mark}{next(_counter)}{rng.choice(_TRADES)}有限公司"


def person_name() -> str:
	rng = random.Random()
	return rng.choice(_SURNAMES) + "".join(rng.choice(_GIVEN) for _ in range(2))


def mobile() -> str:
	rng = random.Random()
	return f"13{rng.randrange(10**8, 10**9)}"


def archive_values(**values: Any) -> dict[str, Any]:
	"""Field values of an organisation that may be submitted; the salesperson of the sales department answers for it."""
	return {
		"doctype": "Customer Archive",
		"customer_name": company_name(),
		"archive_type": archive_type(),
		"department": ensure_department(SALES),
		"responsible": ensure_user(email(roles.SALESPERSON), roles.SALESPERSON),
		"party_kind": "Organisation",
		"address": "北京市海淀区学院路 1 号",
		"postcode": "100083",
		"phone": mobile(),
		"legal_representative": person_name(),
		"main_contact": person_name(),
		"main_contact_phone": mobile(),
		**values,
	}


def make_archive(**values: Any) -> Any:
	"""Insert a draft archive as the present user."""
	return frappe.get_doc(archive_values(**values)).insert()


def name_reader(archive: str, user: str, until: str | None = None) -> None:
	"""Put a user on an archive's need-to-know list, as an approved classification does."""
	row = frappe.get_doc(
		{
			"doctype": "Customer Archive Reader",
			"parenttype": "Customer Archive",
			"parentfield": "need_to_know",
			"parent": archive,
			"user": user,
			"until": until,
		}
	)
	row.db_insert()


def make_transaction(archive: str, **values: Any) -> Any:
	return frappe.get_doc(
		{"doctype": "Archive Transaction", "archive": archive, "posted_on": "2026-03-01", "amount": 1000, **values}
	).insert()


def advance(name: str, people: People, to: str = lifecycle.FILED) -> Any:
	"""Bring a draft to a state through the real steps, each done by its own person."""
	chain = (lifecycle.SUBMITTED, lifecycle.VERIFIED, lifecycle.CLASSIFIED, lifecycle.FILED)
	for state in chain[: chain.index(to) + 1]:
		_prepare(name, people, state)
		actor, action = _step(people, state)
		with acting(actor):
			apply_workflow(frappe.get_doc("Customer Archive", name), action)
	return frappe.get_doc("Customer Archive", name)


def _prepare(name: str, people: People, state: str) -> None:
	if state == lifecycle.VERIFIED:
		with acting(people[roles.MARKET_INSPECTOR]):
			_edit(name, verification_result="Confirmed")
	if state == lifecycle.CLASSIFIED:
		with acting(people[roles.CUSTOMER_SERVICE_STAFF]):
			_edit(name, confidentiality="Internal", custodian=people[roles.ARCHIVIST])


def _edit(name: str, **values: Any) -> None:
	doc = frappe.get_doc("Customer Archive", name)
	doc.update(values)
	doc.save()


def _step(people: People, state: str) -> tuple[str, str]:
	actors = {
		lifecycle.SUBMITTED: roles.SALESPERSON,
		lifecycle.VERIFIED: roles.MARKET_INSPECTOR,
		lifecycle.CLASSIFIED: roles.COMPANY_LEADER,
		lifecycle.FILED: roles.SALES_DIRECTOR,
	}
	role = actors[state]
	row = next(
		row for row in lifecycle.allowed_transitions(lifecycle.Switches()) if row.to_state == state and row.role == role
	)
	return people[role], row.action
