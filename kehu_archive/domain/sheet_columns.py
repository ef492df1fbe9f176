"""The columns of 客户信息统计表 and how the line of column names is found in a sheet.

Contract: `find_header` reads the first twenty rows of a sheet as users have it: merged titles above, traditional or full-width spelling, spaces and
line breaks inside a name, stars and brackets around it. It returns the columns it knows, the units it read from the names, and what is
missing or ambiguous as faults. Clause: F-03, R-FZL-01.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from kehu_archive.domain.faults import Checked, Fault, fault
from kehu_archive.domain.text import fold_name, normalise, to_simplified, without_brackets

HEADER_LIMIT: Final = 20
SHEET: Final = "sheet"


@dataclass(frozen=True)
class Column:
	"""One column: its code, its English label and the names users give it (folded when compared)."""

	code: str
	label: str
	names: tuple[str, ...]
	required: bool = False


COLUMNS: Final = (
	Column("serial_no", "No.", ("序号", "编号", "行号", "NO", "No.")),
	Column(
		"customer_name",
		"Customer Name",
		(
			"客户名称",
			"客户姓名",
			"客户",
			"单位名称",
			"公司名称",
			"企业名称",
			"客户全称",
			"名称",
			"Customer Name",
			"Customer",
		),
		required=True,
	),
	Column(
		"customer_type", "Customer Type", ("客户类型", "客户性质", "单位/个人", "法人/个人", "Customer Type")
	),
	Column(
		"legal_representative",
		"Legal Representative",
		(
			"法人代表",
			"法定代表人",
			"法人",
			"公司法人",
			"法人代表姓名",
			"法定代表人姓名",
			"Legal Representative",
		),
	),
	Column(
		"address",
		"Address",
		("地址", "客户地址", "单位地址", "公司地址", "联系地址", "通讯地址", "营业地址", "Address"),
	),
	Column(
		"phone",
		"Phone",
		(
			"电话",
			"客户电话",
			"单位电话",
			"公司电话",
			"办公电话",
			"电话号码",
			"座机",
			"固定电话",
			"Phone",
			"Tel",
		),
	),
	Column("postcode", "Postcode", ("邮编", "邮政编码", "邮码", "Postcode", "Post Code", "ZIP")),
	Column("fax", "Fax", ("传真", "传真号码", "传真号", "Fax")),
	Column(
		"business_scope", "Business Scope", ("经营范围", "业务范围", "主营业务", "营业范围", "Business Scope")
	),
	Column(
		"registered_capital",
		"Registered Capital",
		("注册资本", "注册资金", "注册资本金", "Registered Capital", "Capital"),
	),
	Column(
		"contact_name",
		"Contact Person",
		("联系人", "联系人姓名", "主要联系人", "联络人", "Contact", "Contact Person"),
	),
	Column(
		"contact_phone",
		"Contact Phone",
		(
			"联系人电话",
			"联系人手机",
			"联系人联系方式",
			"联络人电话",
			"手机",
			"手机号",
			"手机号码",
			"移动电话",
			"Contact Phone",
			"Mobile",
		),
	),
	Column(
		"customer_category",
		"Customer Category",
		("客户类别", "客户分类", "类别", "客户等级", "Customer Category", "Category"),
	),
	Column(
		"period_amount",
		"Amount of the Period",
		("本期成交额", "成交额", "本期成交金额", "成交金额", "本期交易额"),
	),
	Column("credit_grade", "Credit Grade", ("信用等级", "信用级别", "资信等级", "Credit Grade")),
	Column(
		"account_manager",
		"Account Manager",
		("主责人", "负责人", "业务员", "主责业务员", "客户经理", "Account Manager"),
	),
	Column(
		"source_channel", "Source Channel", ("信息来源", "来源", "收集渠道", "信息渠道", "采集来源", "Source")
	),
	Column(
		"update_note",
		"Update Note",
		("本周是否更新", "更新内容标注", "本周是否更新/更新内容标注", "更新内容", "是否更新"),
	),
	Column(
		"credit_code",
		"Unified Social Credit Code",
		(
			"统一社会信用代码",
			"社会信用代码",
			"信用代码",
			"统一信用代码",
			"税号",
			"纳税人识别号",
			"Credit Code",
			"USCC",
		),
	),
	Column("email", "E-mail", ("E-mail", "电子邮箱", "邮箱", "电子邮件", "邮件")),
	Column("website", "Website", ("网站", "网址", "公司网址", "官网", "Website", "URL")),
	Column("remark", "Remark", ("备注", "说明", "附注", "Remark", "Remarks")),
)
"""The columns of F-03, with the optional ones that belong to the archive."""

COLUMN_LABELS: Final[dict[str, str]] = {column.code: column.label for column in COLUMNS}
REQUIRED: Final = tuple(column.code for column in COLUMNS if column.required)
_BY_NAME: Final[dict[str, str]] = {
	fold_name(name): column.code for column in COLUMNS for name in column.names
}
_EITHER_PHONE: Final = frozenset(map(fold_name, ("联系电话", "联络电话", "联系方式", "联系号码")))
_AMOUNT_COLUMNS: Final = frozenset({"registered_capital", "period_amount"})
_UNIT: Final = re.compile(r"(亿元|百万元|千万元|万元|千元|元|亿|万)")
_UNIT_END: Final = re.compile(r"(?:单位)?(?:人民币)?(?:亿元|百万元|千万元|万元|千元|元)$")
_DECORATION: Final = re.compile(r"[*＊※]|必填|选填")
_DEPARTMENT: Final = re.compile(r"(?:统计|填报)?(?:部门|单位)\s*[::]\s*([^\s::]+)")
_PERIOD: Final = re.compile(r"(?:统计|填报)?(?:日期|期间|时间)\s*[::]\s*(\S.*)$")


@dataclass(frozen=True)
class Header:
	"""The line of column names: its index from 0, column code by position, units by column code, and the title lines' facts."""

	row_index: int
	columns: tuple[tuple[int, str], ...]
	units: tuple[tuple[str, str], ...] = ()
	unknown: tuple[str, ...] = ()
	department: str = ""
	period: str = ""

	@property
	def codes(self) -> frozenset[str]:
		"""The column codes that are there."""
		return frozenset(code for _, code in self.columns)

	def unit(self, code: str) -> str:
		"""Unit that the column's name states (万元), '' when it states none."""
		return dict(self.units).get(code, "")


def recognise(name: object) -> str | None:
	"""Return the column code of a column name, None when it is unknown; 联系电话 counts as `phone` here."""
	shown = _DECORATION.sub("", normalise(name))
	for candidate in (shown, without_brackets(shown)):
		folded = fold_name(candidate)
		for key in (folded, _UNIT_END.sub("", folded)):
			if key in _BY_NAME:
				return _BY_NAME[key]
			if key in _EITHER_PHONE:
				return "phone"
	return None


def find_header(rows: Iterable[Sequence[object]], limit: int = HEADER_LIMIT) -> Checked[Header]:
	"""Find the line of column names among the first `limit` rows: the one with most known names, at least two."""
	head = [tuple(row) for row in islice(rows, limit)]
	if not any(normalise(cell) for row in head for cell in row):
		return Checked(None, (fault(SHEET, "sheet-empty"),))
	scores = [len({code for code in map(recognise, row) if code}) for row in head]
	best = max(range(len(head)), key=lambda index: (scores[index], -index))
	if scores[best] < 2:
		column = COLUMN_LABELS[REQUIRED[0]]
		return Checked(None, (fault(SHEET, "sheet-header", limit=limit, column=column),))
	return _header(head, best)


def _header(head: list[tuple[object, ...]], index: int) -> Checked[Header]:
	cells = head[index]
	columns: list[tuple[int, str]] = []
	faults: list[Fault] = []
	unknown: list[str] = []
	positions: dict[str, int] = {}
	for position, cell in enumerate(cells):
		code = _column_code(cell, positions)
		if code is None:
			unknown += [normalise(cell)] if normalise(cell) else []
		elif code in positions:
			faults.append(_twice(code, cells[positions[code]], cell))
		else:
			positions[code] = position
			columns.append((position, code))
	faults += [
		fault(SHEET, "sheet-column", column=COLUMN_LABELS[code]) for code in REQUIRED if code not in positions
	]
	units = tuple((code, _unit_of(cells[position])) for position, code in columns if code in _AMOUNT_COLUMNS)
	department, period = _preamble(head[:index])
	header = Header(index, tuple(columns), units, tuple(unknown), department, period)
	return Checked(header, tuple(faults))


def _column_code(cell: object, positions: dict[str, int]) -> str | None:
	"""The code of a column, the columns to its left considered: a second phone column behind the contact person is the contact's."""
	code = recognise(cell)
	if code != "phone" or "contact_name" not in positions or "contact_phone" in positions:
		return code
	named_for_contact = fold_name(to_simplified(normalise(cell))) in _EITHER_PHONE
	return "contact_phone" if named_for_contact or "phone" in positions else code


def _twice(code: str, first: object, second: object) -> Fault:
	return fault(
		SHEET, "sheet-twice", column=COLUMN_LABELS[code], first=normalise(first), second=normalise(second)
	)


def _unit_of(name: object) -> str:
	match = _UNIT.search(to_simplified(normalise(name)))
	return match.group(1) if match else ""


def _preamble(rows: list[tuple[object, ...]]) -> tuple[str, str]:
	"""Department and period from the lines above the column names (统计部门：销售一部  统计日期：2024年3月)."""
	lines = [to_simplified(normalise("  ".join(normalise(cell) for cell in row))) for row in rows]
	department = next((found.group(1) for line in lines if (found := _DEPARTMENT.search(line))), "")
	period = next((found.group(1) for line in lines if (found := _PERIOD.search(line))), "")
	return department, period
