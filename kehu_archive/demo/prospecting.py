"""What the demo's customers need, how they are judged, and when they pay: arithmetic over the customer's number, so that the same seed stays the same customer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

Values = dict[str, Any]

NEEDS = (
	"计划更换老旧设备,正在比较三家报价",
	"新厂房明年投产,需配套一批产品",
	"希望缩短交货期,考虑年度框架采购",
	"现有供应商质量不稳定,有意引入第二家",
	"拟把维保外包,询问服务价格",
)
GROUNDS = {
	"Profit Contribution": "按上年毛利率测算",
	"Credit Standing": "按回款记录和资信描述评定",
	"Customer Demand": "按走访了解的采购计划评定",
	"Overall Strength": "按注册资本、人数和同行地位评定",
	"Development Prospects": "按行业前景和扩产计划评定",
}
JOINT_PLANS = ("共同参加行业展会,联合展示配套方案", "在华东区共建样板工程,互荐客户")


def needs_of(number: int, unit_price: int, today: date) -> list[Values]:
	"""One to three needs; some are met, some given up, most are open."""
	rows: list[Values] = []
	for line in range(1 + number % 3):
		noted = today - timedelta(days=20 + (number * 13 + line * 41) % 300)
		status = ("Unmet", "Unmet", "Met", "Unmet", "Given Up")[(number + line) % 5]
		row: Values = {
			"noted_on": noted,
			"need": NEEDS[(number + line) % len(NEEDS)],
			"amount": unit_price * (20 + (number * 7 + line * 11) % 90),
			"status": status,
		}
		if status != "Unmet":
			row["closed_on"] = noted + timedelta(days=12)
		rows.append(row)
	return rows


def inputs_of(number: int, year: int) -> list[Values]:
	"""The judged factors of the scorecard for this year and the one before."""
	return [
		{"metric": metric, "year": one, "score": 45 + (number * (7 + place) + one) % 55, "ground": ground}
		for one in (year - 1, year)
		for place, (metric, ground) in enumerate(GROUNDS.items())
	]


def joint_plans_of(number: int, today: date) -> list[Values]:
	"""Joint development with a few partners: one plan is carried out, one is ahead."""
	if number % 8 != 2:
		return []
	return [
		{
			"planned_on": today - timedelta(days=200),
			"plan": JOINT_PLANS[0],
			"due_on": today - timedelta(days=60),
			"done_on": today - timedelta(days=64),
			"result": "签订意向两份",
		},
		{"planned_on": today - timedelta(days=30), "plan": JOINT_PLANS[1], "due_on": today + timedelta(days=90)},
	]


def outlook_of(number: int, unit_price: int, today: date, is_prospect: bool) -> Values:
	"""Everything the grading tab holds of one company."""
	return {
		"needs": needs_of(number, unit_price, today) if number % 4 or is_prospect else [],
		"has_intention": int(is_prospect or number % 3 == 0),
		"likelihood": 15 + number * 17 % 80,
		"national_rank": 1 + number * 29 % 180 if number % 5 == 0 else 0,
		"grading_inputs": inputs_of(number, today.year) if number % 3 else [],
		"joint_plans": joint_plans_of(number, today),
	}


def payment_of(posted_on: date, quantity: int, today: date) -> Values:
	"""Due after thirty days; most pay in time, some late, the latest not yet."""
	paid_on = posted_on + timedelta(days=9 + quantity * 7 % 46)
	return {"due_on": posted_on + timedelta(days=30), "paid_on": paid_on if paid_on <= today else None}
