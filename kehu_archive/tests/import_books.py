"""Workbooks as users have them, and imports made of them. Used by the integration tests and the fault tests."""

from __future__ import annotations

import io
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import frappe
from openpyxl import Workbook

from kehu_archive.tests import factories

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
	"本期成交额",
	"统一社会信用代码",
)
MARK = "导入测试"
_PLACES = ("北京", "上海", "广州", "深圳", "成都", "武汉", "西安", "南京", "杭州", "重庆")
_WORDS = "宏远华信恒泰德昌嘉盛金鼎瑞丰天成永兴安康博大创新东方飞鹏高新海纳"
_TRADES = ("机电设备", "生物科技", "食品贸易", "建筑材料", "物流服务", "信息技术", "纺织品", "化工原料")


def rows(count: int, seed: int = 1) -> list[list[Any]]:
	"""Valid, different companies; the same seed gives the same rows."""
	rng = random.Random(seed)
	made = []
	for number in range(1, count + 1):
		word = "".join(rng.sample(_WORDS, 4))
		name = f"{rng.choice(_PLACES)}{MARK}{word}{seed}号{number}{rng.choice(_TRADES)}有限公司"
		made.append(
			[
				number,
				name,
				factories.person_name(),
				f"学院路{rng.randrange(1, 999)}号",
				f"010-6{rng.randrange(10**6, 10**7)}",
				"100083",
				f"010-8{rng.randrange(10**6, 10**7)}",
				f"{rng.choice(_TRADES)}的研发与销售",
				rng.randrange(50, 5000),
				factories.person_name(),
				f"13{rng.randrange(10**8, 10**9)}",
				rng.choice(("重点客户", "稳定客户", "一般客户", "潜在客户")),
				rng.randrange(0, 10**6),
				factories.credit_code(rng) if number % 2 else None,
			]
		)
	return made


def book(
	body: Iterable[Sequence[Any]], headings: Sequence[Any] | None = HEADINGS, above: Sequence[Sequence[Any]] = ()
) -> bytes:
	"""A workbook of one sheet: title lines, column names, rows."""
	workbook = Workbook(write_only=True)
	sheet = workbook.create_sheet("客户信息统计表")
	for line in (*above, *([headings] if headings else []), *body):
		sheet.append(list(line))
	return saved(workbook)


def saved(workbook: Workbook) -> bytes:
	stream = io.BytesIO()
	workbook.save(stream)
	return stream.getvalue()


def make_import(content: bytes, name: str = "客户.xlsx", **values: Any) -> Any:
	"""An Archive Import with this file attached, made as the present user."""
	file = frappe.get_doc({"doctype": "File", "file_name": name, "content": content, "is_private": 1}).insert()
	return frappe.get_doc(
		{
			"doctype": "Archive Import",
			"source_file": file.file_url,
			"archive_type": factories.archive_type(),
			**values,
		}
	).insert()


def make_import_of_file(path: Path, **values: Any) -> Any:
	"""The same for a file too large to go through an upload: it is moved into place."""
	target = Path(frappe.get_site_path("private", "files", path.name))
	shutil.move(path, target)
	file = frappe.get_doc({"doctype": "File", "file_name": path.name, "file_url": f"/private/files/{path.name}", "is_private": 1})
	file.set_new_name()
	file.db_insert()
	return frappe.get_doc(
		{"doctype": "Archive Import", "source_file": file.file_url, "archive_type": factories.archive_type(), **values}
	).insert()


def staged(name: str, status: str | None = None) -> list[Any]:
	"""The rows of an import in the order of the sheet."""
	filters: dict[str, Any] = {"import_batch": name}
	if status:
		filters["status"] = status
	return frappe.get_all(
		"Archive Import Row",
		filters=filters,
		fields=["row_no", "status", "customer_name", "reason", "fault_codes", "archive", "cells", "mapped"],
		order_by="row_no asc",
		limit=0,
	)


def imported(where: str = MARK) -> list[Any]:
	"""The archives whose customer's name contains the mark."""
	return frappe.get_all(
		"Customer Archive",
		filters={"customer_name": ("like", f"%{where}%")},
		fields=["*"],
		order_by="name asc",
		limit=0,
	)


def set_chunk_rows(count: int) -> None:
	"""Rows per transaction, also for other processes. Commits."""
	frappe.db.set_single_value("Kehu Archive Settings", "import_chunk_rows", count)
	frappe.db.commit()
	frappe.clear_document_cache("Kehu Archive Settings", "Kehu Archive Settings")


def remove_all(mark: str = MARK) -> None:
	"""Take away what committed imports left: archives of the mark, their contacts and search keys, imports, rows, files. Commits."""
	frappe.db.rollback()
	frappe.set_user("Administrator")
	like = f"%{mark}%"
	frappe.db.sql("delete from `tabArchive Contact` where archive in (select name from `tabCustomer Archive` where customer_name like %s)", like)
	frappe.db.sql("delete from `__kehu_archive_search` where archive in (select name from `tabCustomer Archive` where customer_name like %s)", like)
	frappe.db.sql("delete from `tabCustomer Archive` where customer_name like %s", like)
	for name, url in frappe.get_all("Archive Import", fields=["name", "source_file"], as_list=True):
		frappe.db.delete("Archive Import Row", {"import_batch": name})
		frappe.db.delete("Archive Import", {"name": name})
		for file in frappe.get_all("File", or_filters={"attached_to_name": name, "file_url": url}, pluck="name"):
			frappe.delete_doc("File", file, ignore_permissions=True, force=True)
	frappe.db.commit()


_JOB = """
import sys, frappe
frappe.init(site=sys.argv[1], sites_path=".")
frappe.connect()
from kehu_archive.services import import_job
import_job.run(sys.argv[2])
frappe.destroy()
"""


def run_in_process(name: str, site: str, **options: Any) -> subprocess.Popen[bytes]:
	"""The import's job in a process of its own, as a worker's work horse runs it."""
	sites = Path(os.environ["KEHU_BENCH_DIR"]) / "sites"
	return subprocess.Popen([sys.executable, "-c", _JOB, site, name], cwd=sites, **options)
