"""The people of the demo's office: one log-in for each role the regulations name."""

from __future__ import annotations

from dataclasses import dataclass

#: For a demo on loopback only; it is printed on every start.
PASSWORD = "Kehu-demo-2026"
DOMAIN = "kehu.example"


@dataclass(frozen=True)
class Person:
	"""One user of the demo: the role, the Chinese name and the rank of the position level."""

	role: str
	full_name: str
	rank: int
	department: str

	@property
	def user(self) -> str:
		"""The log-in, formed from the role: ``market.inspector@kehu.example``."""
		return f"{self.role.lower().replace(' ', '.')}@{DOMAIN}"


PEOPLE = (
	Person("Archivist", "林静宜", 10, "客户档案室"),
	Person("Salesperson", "周志强", 10, "华东销售部"),
	Person("Market Inspector", "高明远", 20, "市场部"),
	Person("Customer Service Staff", "陈晓燕", 10, "客户服务中心"),
	Person("Customer Service Manager", "许文娟", 30, "客户服务中心"),
	Person("Company Leader", "赵国栋", 50, "总公司"),
	Person("Sales Director", "孙建华", 40, "销售公司"),
	Person("Marketing Director", "何思远", 40, "市场部"),
	Person("Marketing Manager", "吴雅琴", 30, "市场部"),
	Person("General Manager", "郑伟民", 50, "总公司"),
	Person("Archive Auditor", "冯立新", 20, "财务审计部"),
	Person("Finance Auditor", "曹丽萍", 20, "财务审计部"),
	Person("Property Manager", "韩立峰", 30, "物业管理部"),
	Person("Archive Administrator", "沈浩然", 20, "信息管理部"),
)
BY_ROLE = {person.role: person for person in PEOPLE}


def user_of(role: str) -> str:
	"""The demo user who has this role. Raises KeyError for a role the demo does not staff."""
	return BY_ROLE[role].user
