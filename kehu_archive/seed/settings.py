"""Default settings: only what is still empty is filled."""

from __future__ import annotations

import frappe

from kehu_archive import compat
from kehu_archive.constants import SETTINGS

#: What is signed before the first access when the company has no text of its own (R-SEC-05, R-SEC-06).
PLEDGE_TEXT = """客户档案保密承诺书

本人因工作需要接触、使用公司的客户档案。本人已了解：客户档案是公司的商业秘密，其中还含有客户个人的信息。本人承诺：

一、只为本职工作查阅、使用客户档案，不打听、不查找与本职工作无关的客户资料。
二、不以任何方式向公司外部的人、也不向公司内部无权知悉的人泄露客户资料；不在公开场合、社交软件和私人设备上谈论、存放或传送客户资料。
三、复印、借出、带出、打印、导出以及对外提供客户资料，一律先按规定申请，经批准后再办理；用毕按时归还，不私自留存副本。
四、妥善保管自己的账号和密码，不借给他人使用，不使用他人的账号；暂时离开座位时锁定屏幕。
五、发现客户资料丢失、损坏、泄露或者有泄露的可能，立即报告主管和客户服务部，并配合补救和调查。
六、调离岗位或者离职时，交回手中全部客户资料及其副本；离职以后继续保守所知悉的客户秘密。

本人知道，本系统中的查阅、打印、导出和审批都会留下记录。如有违反，本人愿意按公司保密管理制度和国家有关法律承担责任。
"""


def seed() -> None:
	meta = frappe.get_meta(SETTINGS)
	rows = frappe.db.sql("select `field`, `value` from `tabSingles` where `doctype` = %s", SETTINGS)
	stored: dict[str, str | None] = dict(rows)
	for field in meta.fields:
		if field.default is not None and field.fieldname not in stored:
			compat.set_single(SETTINGS, field.fieldname, field.default)
	if not stored.get("default_archive_type"):
		_point_at("default_archive_type", "Archive Type", {"class_code": "KH"})
	if not stored.get("data_department"):
		_point_at("data_department", "Archive Department", {"is_data_manager": 1})
	if not stored.get("pledge_text"):
		compat.set_single(SETTINGS, "pledge_text", PLEDGE_TEXT)
	frappe.clear_document_cache(SETTINGS, SETTINGS)


def _point_at(field: str, doctype: str, filters: dict[str, object]) -> None:
	name = frappe.db.get_value(doctype, filters, "name")
	if name:
		compat.set_single(SETTINGS, field, name)
