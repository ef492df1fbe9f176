"""Events that need more than one archive: an import with rejected rows, twins of which one pair was merged."""

from __future__ import annotations

import io

import frappe
from frappe.utils import today
from openpyxl import Workbook

from kehu_archive.constants import ARCHIVE, SETTINGS
from kehu_archive.demo import office
from kehu_archive.demo.invent import credit_code
from kehu_archive.demo.journey import acting_as
from kehu_archive.demo.people import user_of
from kehu_archive.demo.reporting import progress
from kehu_archive.domain import roles
from kehu_archive.services import importing, merge

WORKBOOK = "客户信息统计表-演示.xlsx"
HEADINGS = (
	"序号",
	"客户名称",
	"法人代表",
	"地址",
	"电话",
	"邮编",
	"传真",
	"经营范围",
	"注册资本(万元)",
	"联系人",
	"联系人电话",
	"客户类别",
	"信息来源",
	"备注",
)
#: As real sheets have them: full-width digits, traditional characters, amounts with units, and rows that are wrong.
SHEET_ROWS = (
	(
		"1",
		"无锡太湖仪表有限公司",
		"钱永年",
		"无锡市滨湖区建筑西路599号",
		"0510-85512233",
		"214072",
		"0510-85512234",
		"仪器仪表制造",
		800,
		"沈佳",
		"13912340001",
		"重点",
		"互联网",
		"",
	),
	(
		"2",
		"臺州東港漁具有限公司",
		"林海生",
		"台州市椒江区中心大道88号",
		"０５７６－８８８５１２３４",
		"３１８０００",
		"",
		"渔具、船用配件",
		"1200万元",
		"林海生",
		"13858610002",
		"稳定",
		"广告",
		"繁体、全角数字",
	),
	(
		"3",
		"泉州鲤城鞋材商行",
		"吴文彬",
		"泉州市鲤城区温陵路21号",
		"0595-22551188",
		"362000",
		"",
		"鞋材批发",
		50,
		"吴文彬",
		"13505950003",
		"一般",
		"交易记录",
		"",
	),
	(
		"4",
		"洛阳轴承配件厂",
		"",
		"洛阳市涧西区建设路10号",
		"0379-64881199",
		"47100",
		"",
		"轴承及配件",
		300,
		"郭铁军",
		"13603790004",
		"潜在",
		"行业协会",
		"邮编少一位",
	),
	(
		"5",
		"",
		"韩梅",
		"合肥市蜀山区黄山路",
		"0551-63601234",
		"230031",
		"",
		"",
		"",
		"韩梅",
		"13905510005",
		"一般",
		"",
		"缺客户名称",
	),
	(
		"6",
		"无锡太湖仪表有限公司",
		"钱永年",
		"无锡市滨湖区建筑西路599号",
		"0510-85512233",
		"214072",
		"",
		"仪器仪表制造",
		800,
		"沈佳",
		"13912340001",
		"重点",
		"互联网",
		"与第 1 行重复",
	),
	(
		"7",
		"昆明翠湖花卉有限公司",
		"杨丽坤",
		"昆明市五华区翠湖南路5号",
		"0871-65150088",
		"650031",
		"",
		"鲜切花种植与销售",
		"约二百",
		"杨丽坤",
		"1380871000",
		"一般",
		"调查走访",
		"金额与手机号有误",
	),
)
#: Name, phone and division of two archives that are one customer; the first pair is merged, the second stays to be found.
TWINS = (
	(("杭州临江茶业有限公司", "0571-87651001", "330106"), ("杭州臨江茶業有限責任公司", "0571-87651002", "")),
	(("苏州东吴印务有限公司", "0512-65231001", "320505"), ("東吳印務（蘇州）有限公司", "0512-65231002", "")),
)


def load() -> None:
	"""Bring about what has not happened yet."""
	_import_workbook()
	progress(1, 2, "import and merge")
	_merge_first(_enter_twins())
	# The twins stand by themselves; the import has committed its own chunks.
	frappe.db.commit()
	progress(2, 2, "import and merge")


# -- the import --------------------------------------------------------------------------------------------


def _import_workbook() -> None:
	with acting_as(roles.ARCHIVIST):
		name = frappe.db.get_value("Archive Import", {"source_file": ("like", "%-演示%.xlsx")}, "name")
		name = name or _new_import()
		if frappe.db.get_value("Archive Import", name, "status") in ("New", "Previewed"):
			importing.preview(name)
		if frappe.db.get_value("Archive Import", name, "status") != "Completed":
			_run_import(name)


def _new_import() -> str:
	file = frappe.get_doc(
		{"doctype": "File", "file_name": WORKBOOK, "is_private": 1, "content": _workbook()}
	).insert()
	doc = frappe.get_doc(
		{
			"doctype": "Archive Import",
			"source_file": file.file_url,
			"archive_type": frappe.db.get_single_value(SETTINGS, "default_archive_type"),
			"department": "华东销售部",
		}
	).insert()
	return str(doc.name)


def _run_import(name: str) -> None:
	"""Do at once, in this process, what a worker would do; there may be no worker yet."""
	frappe.db.set_value("Archive Import", name, {"status": "Queued", "started_by": frappe.session.user})
	importing.run(name)


def _workbook() -> bytes:
	book = Workbook()
	sheet = book.active
	sheet.title = "客户信息统计表"
	sheet.append([f"客户信息统计表  统计部门:华东销售部  统计日期:{today()}"])
	sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(HEADINGS))
	sheet.append(HEADINGS)
	for row in SHEET_ROWS:
		sheet.append(row)
	buffer = io.BytesIO()
	book.save(buffer)
	return buffer.getvalue()


# -- twins -------------------------------------------------------------------------------------------------


def _enter_twins() -> list[tuple[str, str]]:
	archive_type = office.archive_types()["KH"]
	with acting_as(roles.SALESPERSON):
		return [
			(_enter_twin(number * 2, first, archive_type), _enter_twin(number * 2 + 1, second, archive_type))
			for number, (first, second) in enumerate(TWINS)
		]


def _enter_twin(number: int, twin: tuple[str, str, str], archive_type: str) -> str:
	name, phone, division = twin
	known = frappe.db.get_value(ARCHIVE, {"customer_name": name}, "name")
	if known:
		return str(known)
	archive = frappe.get_doc(
		{
			"doctype": ARCHIVE,
			"customer_name": name,
			"archive_type": archive_type,
			"party_kind": "Organisation",
			"phone": phone,
			"address": "与另一份档案为同一家公司(演示)",
			"credit_code": credit_code(division, f"{77_000_001 + number}") if division else None,
			"legal_representative": "顾临江",
			"main_contact": "顾临江",
			"responsible": user_of(roles.SALESPERSON),
			"remark": "演示数据,内容均为虚构",
		}
	).insert()
	return str(archive.name)


def _merge_first(twins: list[tuple[str, str]]) -> None:
	kept, double = twins[0]
	if frappe.db.get_value(ARCHIVE, double, "merged_into"):
		return
	with acting_as(roles.CUSTOMER_SERVICE_MANAGER):
		merge.merge(double, kept, "同一家公司,简体与繁体各登记了一次")
