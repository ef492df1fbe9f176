"""Marketing plans of two classes, and a prospect who was given up, entered by the people whose work it is."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import add_days, getdate, today

from kehu_archive.constants import ARCHIVE
from kehu_archive.demo.journey import acting_as
from kehu_archive.demo.people import user_of
from kehu_archive.domain import lifecycle, roles


def plan(scheme: str) -> None:
	"""A plan for each of two classes (R-MKT-01), one under way."""
	if frappe.db.exists("Marketing Plan", {"scheme": scheme}):
		return
	year = getdate(today()).year
	with acting_as(roles.MARKETING_MANAGER):
		frappe.get_doc(
			{
				"doctype": "Marketing Plan",
				"title": f"{year} 年重点客户维护计划",
				"scheme": scheme,
				"grade": "重要",
				"year": year,
				"status": "Running",
				"responsible": user_of(roles.MARKETING_MANAGER),
				"goal": "重点客户续约率不低于 95%",
				"strategy": "公司领导每季度拜访;优先供货;年度签订框架合同",
				"actions": [
					_action("一季度高层拜访", -200, -204, "走访 12 家,收到改进意见 9 条"),
					_action("新产品定向推介会", -40, -38, "到会 26 家,意向 5 家"),
					_action("年度框架合同续签", 60),
				],
			}
		).insert()
		frappe.get_doc(
			{
				"doctype": "Marketing Plan",
				"title": f"{year} 年潜在客户转化计划",
				"scheme": scheme,
				"grade": "潜在",
				"year": year,
				"responsible": user_of(roles.SALES_DIRECTOR),
				"goal": "潜在客户转化 20 家",
				"strategy": "行业展会获客,首单试用优惠",
				"actions": [_action("行业展会参展", 30), _action("首单试用邀约", 45)],
			}
		).insert()


def _action(text: str, due: int, done: int | None = None, result: str = "") -> dict[str, Any]:
	return {
		"action": text,
		"responsible": user_of(roles.SALESPERSON),
		"due_on": add_days(today(), due),
		"done_on": add_days(today(), done) if done is not None else None,
		"result": result,
	}


def give_up() -> None:
	"""A prospect with whom no agreement was reached, and the judgement whether his archive is worth keeping (R-MKT-06)."""
	if frappe.db.exists(ARCHIVE, {"market_status": "No Deal"}):
		return
	name = frappe.db.get_value(
		ARCHIVE,
		{"market_status": "Prospective", "workflow_state": lifecycle.FILED, "responsible": user_of(roles.SALESPERSON), "transaction_count": 0, "is_important": 0},
		"name",
		order_by="name",
	)
	if not name:
		return
	# The content of a filed archive is written by those who keep it.
	for values in (
		{"market_status": "No Deal", "lost_reason": "报价高于竞争对手 8%,客户已与他人签约"},
		{"retention_value": "Worth Keeping"},
	):
		with acting_as(roles.ARCHIVIST):
			doc = frappe.get_doc(ARCHIVE, name)
			doc.update(values)
			doc.save()
