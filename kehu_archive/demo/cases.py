"""Papers around archives: a classification, a disclosure, loans of every kind and what came of them."""

from __future__ import annotations

from typing import Final

import frappe
from frappe.model.workflow import apply_workflow
from frappe.utils import add_days, today

from kehu_archive.audit import reading
from kehu_archive.constants import ARCHIVE
from kehu_archive.demo import lending
from kehu_archive.demo.journey import acting_as
from kehu_archive.demo.people import user_of
from kehu_archive.demo.reporting import progress
from kehu_archive.domain import lifecycle, roles

MARK: Final = "演示数据"
SCOPE: Final = "合同价格与年度返利"


def load() -> None:
	"""Create what is not there yet, each step by the person whose step it is."""
	filed = frappe.get_all(
		ARCHIVE,
		filters={"workflow_state": lifecycle.FILED, "party_kind": "Organisation", "is_important": 0},
		pluck="name",
		order_by="name",
		limit_page_length=len(lending.ROADS) + 2,
	)
	# A site has requests of its own; the demo's are known by what it wrote into them.
	if not filed or frappe.db.exists("Classification Request", {"data_scope": SCOPE}):
		return
	_classify(filed[0])
	_disclose(filed[1 % len(filed)])
	for position, archive in enumerate(filed[2:]):
		if not frappe.db.exists("Archive Borrowing", {"archive": archive}):
			lending.add(archive, position)
	_open(filed[0])
	progress(1, 1, "papers of borrowing, confidentiality and disclosure")
	# The papers stand by themselves; what the steps recorded is sealed by the job of the next minute.
	frappe.db.commit()


def _classify(archive: str) -> None:
	with acting_as(roles.SALESPERSON):
		request = frappe.get_doc(
			{
				"doctype": "Classification Request",
				"archive": archive,
				"data_scope": SCOPE,
				"proposed_level": "Ordinary Trade Secret",
			}
		).insert()
	with acting_as(roles.CUSTOMER_SERVICE_STAFF):
		doc = frappe.get_doc("Classification Request", request.name)
		doc.update({"proposed_level": "Ordinary Trade Secret", "period_years": 3, "service_opinion": "含价格条款,建议按普通商密管理三年"})
		doc.append("need_to_know", {"user": user_of(roles.FINANCE_AUDITOR), "reason": "对账需要"})
		doc.save()
		apply_workflow(doc, _action(doc, "Proposed"))
	with acting_as(roles.COMPANY_LEADER):
		doc = frappe.get_doc("Classification Request", request.name)
		doc.leader_opinion = "同意"
		doc.save()
		apply_workflow(doc, _action(doc, "Approved"))


def _action(doc: frappe.model.document.Document, state: str) -> str:
	"""The action that leads on, as the company's workflow calls it."""
	rows = frappe.model.workflow.get_transitions(frappe.get_doc(doc.doctype, doc.name))
	return str(next(row.action for row in rows if row.next_state == state))


def _disclose(archive: str) -> None:
	with acting_as(roles.SALESPERSON):
		frappe.get_doc(
			{
				"doctype": "Disclosure Request",
				"archive": archive,
				"recipient": "上海诚信会计师事务所",
				"recipient_contact": "年审项目组",
				"purpose": "年度审计函证",
				"scope": "交易往来汇总",
				"valid_until": add_days(today(), 30),
				"items": [{"material": "年度交易汇总表", "copies": 1, "page_range": "1-3"}],
				"remark": MARK,
			}
		).insert()


def _open(archive: str) -> None:
	"""One reading on record, as opening the form leaves it."""
	with acting_as(roles.ARCHIVIST):
		reading.opened(ARCHIVE, archive, archive)
