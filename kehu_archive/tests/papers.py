"""Filled-in requests for tests of prints, written straight into the database: how they come about is tested elsewhere."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any

import frappe
from PIL import Image, ImageDraw

from kehu_archive.domain import roles
from kehu_archive.tests import factories


def signature(blank: bool = False) -> str:
	"""A picture as the signature field makes it."""
	picture = Image.new("RGBA", (60, 20), "white")
	if not blank:
		ImageDraw.Draw(picture).line((5, 15, 50, 5), fill="black", width=2)
	buffer = BytesIO()
	picture.save(buffer, "PNG")
	return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


PICTURE = signature()


def store(values: dict[str, Any]) -> str:
	"""Insert a document with its rows as it stands; its name."""
	doc = frappe.get_doc(values)
	doc.set_new_name()
	rows = [
		(field.fieldname, row) for field in doc.meta.get_table_fields() for row in doc.get(field.fieldname)
	]
	doc.db_insert()
	for number, (field, row) in enumerate(rows, start=1):
		row.update({"parent": doc.name, "parenttype": doc.doctype, "parentfield": field, "idx": number})
		row.db_insert()
	return str(doc.name)


def step(
	number: int, who: str, *, role: str = "", user: str = "", said: str = "", by: str = ""
) -> dict[str, Any]:
	return {
		"step_no": number,
		"approver": who,
		"approver_role": role,
		"approver_user": user,
		"decision": "Agreed" if by else "",
		"decided_by": by,
		"decided_on": "2026-11-20 09:30:00" if by else None,
		"opinion": said,
	}


def borrowing(applicant: str, archive: str | None, **values: Any) -> str:
	service = factories.email(roles.CUSTOMER_SERVICE_MANAGER)
	head = factories.email(roles.SALES_DIRECTOR)
	return store(
		{
			"doctype": "Archive Borrowing",
			"naming_series": "JY-.YYYY.-.#####",
			"archive": archive,
			"wanted": "华东区老客户",
			"applied_on": "2026-11-20",
			"applicant": applicant,
			"department": factories.SALES,
			"position_level": factories.position_level(10),
			"confidentiality": "Core Trade Secret",
			"access_grade": "A",
			"purpose": "Return Visit",
			"purpose_note": "年度回访",
			"method": "Photocopy",
			"copies": 2,
			"page_range": "1-5",
			"due_on": "2026-11-21",
			"same_day_return": 1,
			"status": "Returned",
			"approved_on": "2026-11-20 10:00:00",
			"lent_on": "2026-11-20 11:00:00",
			"lent_by": service,
			"lent_pages": 12,
			"borrower_signature": PICTURE,
			"returned_on": "2026-11-23 16:40:00",
			"returned_pages": 12,
			"condition": "Intact",
			"received_by": service,
			"receiver_signature": PICTURE,
			"overdue_days": 2,
			"reminders_sent": 1,
			"last_reminded_on": "2026-11-22",
			"remark": "轻拿轻放",
			"approvals": [
				step(1, "销售总监王某", user=head, said="同意查阅", by=head),
				step(
					2,
					roles.CUSTOMER_SERVICE_MANAGER,
					role=roles.CUSTOMER_SERVICE_MANAGER,
					said="已登记",
					by=service,
				),
				step(3, roles.MARKETING_DIRECTOR, role=roles.MARKETING_DIRECTOR),
			],
			"renewals": [
				{"renewed_on": "2026-11-20 12:00:00", "old_due_on": "2026-11-20", "new_due_on": "2026-11-21"}
			],
			**values,
		}
	)


def classification(archive: str, person: str) -> str:
	return store(
		{
			"doctype": "Classification Request",
			"naming_series": "MJ-.YYYY.-.#####",
			"archive": archive,
			"reporting_department": factories.SALES,
			"reported_by": person,
			"requested_on": "2026-11-01",
			"data_scope": "合同与报价",
			"present_level": "Internal",
			"proposed_level": "Core Trade Secret",
			"period_years": 5,
			"confidential_until": "2031-11-01",
			"workflow_state": "Approved",
			"service_opinion": "建议定为核心商密",
			"proposed_by": person,
			"proposed_on": "2026-11-02 08:00:00",
			"leader_opinion": "同意定密",
			"approved_by": person,
			"approved_on": "2026-11-03 08:00:00",
			"returned_on": "2026-11-04 08:00:00",
			"need_to_know": [{"user": person, "reason": "主管业务"}],
		}
	)


def disclosure(archive: str, person: str) -> str:
	return store(
		{
			"doctype": "Disclosure Request",
			"naming_series": "TG-.YYYY.-.#####",
			"archive": archive,
			"applicant": person,
			"department": factories.SALES,
			"applied_on": "2026-11-05",
			"status": "Handed Over",
			"recipient": "某会计师事务所",
			"purpose": "年度审计",
			"scope": "2025 年合同",
			"valid_until": "2026-12-31",
			"items": [
				{"material": "合同复印件", "copies": 2, "page_range": "1-9"},
				{"material": "报价单", "copies": 1},
			],
			"total_copies": 3,
			"has_personal_info": 1,
			"personal_info_kinds": "姓名、电话",
			"consent_evidence": "/private/files/consent.pdf",
			"consent_on": "2026-11-04",
			"approvals": [
				step(1, "销售总监王某", user=person, by=person),
				step(
					2, roles.MARKETING_DIRECTOR, role=roles.MARKETING_DIRECTOR, said="限审计使用", by=person
				),
			],
			"handed_over_on": "2026-11-07 09:00:00",
			"handed_over_by": person,
			"issuer_signature": PICTURE,
			"received_by_name": "赵会计",
			"recipient_signature": PICTURE,
		}
	)


def violation(archive: str, person: str) -> str:
	return store(
		{
			"doctype": "Violation",
			"naming_series": "WG-.YYYY.-.#####",
			"violation_kind": "Lost File",
			"happened_on": "2026-11-10",
			"archive": archive,
			"person": person,
			"supervisor": person,
			"status": "Proposed",
			"loss_amount": 1234.5,
			"policy_document": "保密管理制度",
			"clause": "5.2.2",
			"facts": "借出后遗失",
			"penalty_basis": "Fixed Range",
			"penalty_amount": 200,
			"proposed_by": person,
			"confirmed_by": person,
			"confirmed_on": "2026-11-12 09:00:00",
			"appeal_note": "不申诉",
			"replacement_due": "2026-11-10",
		}
	)


def remove(names: dict[str, list[str]]) -> None:
	"""Take papers out again, rows and all, and commit."""
	for doctype, listed in names.items():
		for field in frappe.get_meta(doctype).get_table_fields():
			frappe.db.delete(field.options, {"parent": ("in", listed), "parenttype": doctype})
		frappe.db.delete(doctype, {"name": ("in", listed)})
	frappe.db.commit()
