"""From the lines of a sheet to staged rows: read, judge, compare with what is there, write in sets.

Everything happens in the caller's transaction; nothing here commits.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import cstr, escape_html, now

from kehu_archive.domain.faults import Fault, errors, warnings
from kehu_archive.domain.import_sheet import (
	COLUMN_LABELS,
	HEADER_LIMIT,
	Header,
	MappedRow,
	find_header,
	map_row,
	mark_duplicates,
)
from kehu_archive.domain.sheet_choices import CATEGORIES
from kehu_archive.domain.sheet_secrets import secret_columns
from kehu_archive.domain.text import normalise
from kehu_archive.exceptions import ImportRefusedError
from kehu_archive.services import archives
from kehu_archive.services.import_matching import Customer, KnownCustomers, similar_archives
from kehu_archive.services.import_secrets import Parcels
from kehu_archive.services.sql import harmless, insert_rows
from kehu_archive.services.workbook import Cells, Line, Sheet
from kehu_archive.vault.guarded import quiet

ROW: Final = "Archive Import Row"
BATCH: Final = 1000
TEN_THOUSAND: Final = Decimal(10_000)
PHONE_SEPARATOR: Final = "; "

#: Column of the sheet -> field of the archive, where the value is stored as it is.
FIELDS: Final = {
	"customer_name": "customer_name",
	"customer_type": "party_kind",
	"legal_representative": "legal_representative",
	"address": "address",
	"phone": "phone",
	"postcode": "postcode",
	"fax": "fax",
	"business_scope": "business_scope",
	"registered_capital": "registered_capital",
	"contact_name": "main_contact",
	"contact_phone": "main_contact_phone",
	"source_channel": "information_source",
	"credit_code": "credit_code",
	"email": "email",
	"website": "website",
}
#: Columns whose home is elsewhere (transactions, assessments) or nowhere: they are noted in the remark, so nothing is lost.
NOTED: Final = ("customer_category", "period_amount", "credit_grade", "account_manager", "update_note")
_CATEGORIES: Final = frozenset(CATEGORIES.values())
_CODE_OF_FIELD: Final = {name: code for code, name in FIELDS.items()}

COLUMNS: Final = (
	"name",
	"creation",
	"modified",
	"owner",
	"modified_by",
	"docstatus",
	"idx",
	"import_batch",
	"row_no",
	"status",
	"customer_name",
	"reason",
	"fault_codes",
	"archive",
	"cells",
	"mapped",
)


@dataclass(frozen=True)
class Table:
	"""A sheet whose line of column names was recognised."""

	sheet: Sheet
	header: Header
	names: tuple[str, ...]

	def lines(self) -> Iterator[Line]:
		"""The lines below the column names."""
		return islice(self.sheet.lines(len(self.names)), self.header.row_index + 1, None)

	def label(self, code: str) -> str:
		"""The column's name as the user wrote it; the field's label when the sheet has no such column."""
		column = _CODE_OF_FIELD.get(code, code)
		for position, known in self.header.columns:
			if known == column:
				return self.names[position]
		return COLUMN_LABELS.get(column, column)


@dataclass(frozen=True)
class Target:
	"""Where the rows of a workbook go: the import they are staged for and what every new archive is given."""

	batch: str
	department: str | None
	most_rows: int


@dataclass
class Staged:
	"""One row on its way to the staging table."""

	row: int
	cells: Cells
	values: dict[str, Any]
	customer: Customer
	errors: tuple[Fault, ...]
	warnings: tuple[Fault, ...]
	notes: list[str] = field(default_factory=list)
	archive: str | None = None

	@property
	def status(self) -> str:
		if self.errors:
			return "Rejected"
		return "Existing" if self.archive else "Pending"


def find_table(sheets: Sequence[Sheet]) -> Table:
	"""The first sheet with a recognised line of column names.

	Raises:
		ImportRefusedError: no sheet has one, or the first that has lacks a column; the message says which.
	"""
	refused: list[tuple[str, Fault]] = []
	for sheet in sheets:
		head = [cells for _number, cells in islice(sheet.lines(), HEADER_LIMIT)]
		checked = find_header(head)
		if checked.value and checked.ok:
			names = [normalise(cell) for cell in head[checked.value.row_index]]
			while names and not names[-1]:
				names.pop()
			return Table(sheet, checked.value, tuple(names))
		if checked.error:
			refused.append((sheet.title, checked.error))
	if not refused:
		frappe.throw(_("The workbook has no visible sheet; show the sheet with the customers and save it"), ImportRefusedError)
	# An empty second sheet is no news; what is wrong with a sheet that has content is.
	title, fault = next((item for item in refused if item[1].code != "sheet-empty"), refused[0])
	frappe.throw(_("Sheet {0}: {1}").format(escape_html(title), escape_html(fault.render(_))), ImportRefusedError)
	raise AssertionError  # frappe.throw never returns


@quiet()
def stage(table: Table, target: Target) -> int:
	"""Write every customer row of the sheet to the staging table and return how many there are.

	Raises:
		ImportRefusedError: more rows than the settings allow, or none.
		MasterKeyError: the sheet has columns that may hold secrets, and the keys to encrypt them are missing.
	"""
	parcels = Parcels(target.batch, secret_columns(table.names, table.header))
	seen_names: dict[str, int] = {}
	total = 0
	for batch in _batches(_read(table, target, parcels)):
		total += len(batch)
		if total > target.most_rows:
			frappe.throw(
				_("The sheet has more than {0} rows; split it into several workbooks").format(target.most_rows),
				ImportRefusedError,
			)
		_compare_with_archives(batch)
		_note_similar_rows(batch, seen_names)
		_write(batch, table, parcels)
	if not total:
		frappe.throw(_("The sheet {0} has column names but no customer below them").format(escape_html(table.sheet.title)), ImportRefusedError)
	return total


def _read(table: Table, target: Target, parcels: Parcels) -> Iterator[Staged]:
	department = target.department or _known_department(table.header.department)
	salespeople = _Salespeople()
	cells_of: dict[int, Cells] = {}

	def mapped_rows() -> Iterator[MappedRow]:
		for number, cells in table.lines():
			mapped = map_row(cells, table.header, number)
			if mapped:
				cells_of[number] = cells
				yield mapped

	for mapped in mark_duplicates(mapped_rows()):
		values = archive_values(mapped, table.header.period, salespeople)
		if department:
			values["department"] = department
		cells = cells_of.pop(mapped.row)
		found = [*mapped.faults, *mapped.warnings, *parcels.faults(cells)]
		if mapped.ok:
			known = {(_CODE_OF_FIELD.get(item.field, item.field), item.code) for item in found}
			found += [item for item in archives.check_values(values) if (_CODE_OF_FIELD.get(item.field, item.field), item.code) not in known]
		yield Staged(
			row=mapped.row,
			cells=cells,
			values=values,
			customer=Customer.of(values, mapped.keys),
			errors=errors(found),
			warnings=warnings(found),
		)


def archive_values(mapped: MappedRow, period: str, salespeople: Mapping[str, str]) -> dict[str, Any]:
	"""Field values of Customer Archive for one mapped row; capital in 10k CNY, several numbers in one field."""
	values = {name: _stored(mapped.values[code]) for code, name in FIELDS.items() if code in mapped.values}
	if "registered_capital" in values:
		values["registered_capital"] = float(Decimal(str(mapped.values["registered_capital"])) / TEN_THOUSAND)
	values.update(_standing(mapped))
	manager = salespeople.get(cstr(mapped.values.get("account_manager")))
	if manager:
		values["responsible"] = manager
	remark = [cstr(mapped.values["remark"])] if "remark" in mapped.values else []
	for code in NOTED:
		if code in mapped.values and not (code == "account_manager" and manager):
			remark.append(_noted(code, mapped.values[code], period))
	if remark:
		values["remark"] = "\n".join(remark)
	return values


def _standing(mapped: MappedRow) -> dict[str, Any]:
	"""Existing or prospective, important or not, from the category and the turnover (R-FZL-08)."""
	category = mapped.values.get("customer_category")
	turnover = mapped.values.get("period_amount")
	has_dealt = isinstance(turnover, Decimal) and turnover > 0
	existing = has_dealt or category in _CATEGORIES - {"Potential Customer"}
	return {"market_status": "Existing" if existing else "Prospective", "is_important": int(category == "Key Customer")}


def _noted(code: str, value: Any, period: str) -> str:
	label = _(COLUMN_LABELS[code])
	if code == "period_amount":
		amount = f"{Decimal(str(value)):,.2f}"
		return _("{0}: {1} CNY ({2})").format(label, amount, period) if period else _("{0}: {1} CNY").format(label, amount)
	return _("{0}: {1}").format(label, _(value) if value in _CATEGORIES else value)


def _stored(value: Any) -> Any:
	return PHONE_SEPARATOR.join(value) if isinstance(value, tuple) else value


def _known_department(name: str) -> str | None:
	return frappe.db.get_value("Archive Department", {"department_name": name}) if name else None


class _Salespeople(dict[str, str]):
	"""Full name -> user, for names that belong to exactly one enabled user; each name is looked up once."""

	def get(self, name: str, default: Any = None) -> Any:
		if name and name not in self:
			users = frappe.get_all("User", filters={"full_name": name, "enabled": 1, "user_type": "System User"}, pluck="name", limit=2)
			self[name] = users[0] if len(users) == 1 else ""
		return super().get(name) or default


def _batches(rows: Iterable[Staged]) -> Iterator[list[Staged]]:
	source = iter(rows)
	while batch := list(islice(source, BATCH)):
		yield batch


def _compare_with_archives(batch: list[Staged]) -> None:
	good = [item for item in batch if not item.errors]
	known = KnownCustomers.load([item.customer for item in good])
	for item in good:
		item.archive = known.find(item.customer)
	fresh = [item for item in good if not item.archive]
	for item, (archive, name) in zip(fresh, similar_archives([item.customer for item in fresh]), strict=True):
		if archive:
			item.notes.append(
				_("similar to the archive {0} ({1}); check whether it is the same customer").format(archive, name)
			)


def _note_similar_rows(batch: list[Staged], seen: dict[str, int]) -> None:
	for item in batch:
		if item.status != "Pending":
			continue
		first = seen.setdefault(item.customer.name_key, item.row)
		if first != item.row:
			item.notes.append(_("similar to row {0} of the sheet; check whether it is the same customer").format(first))


def _write(batch: list[Staged], table: Table, parcels: Parcels) -> None:
	stamp, user = now(), frappe.session.user
	insert_rows(f"tab{ROW}", COLUMNS, (_record(item, table, parcels, stamp, user) for item in batch))


def _record(item: Staged, table: Table, parcels: Parcels, stamp: str, user: str) -> list[Any]:
	status, name = item.status, f"{parcels.batch}-{item.row:07d}"
	return [
		name,
		stamp,
		stamp,
		user,
		user,
		0,
		0,
		parcels.batch,
		item.row,
		status,
		harmless(cstr(item.values.get("customer_name"))[:140]),
		harmless(_reason(item, table)),
		_fault_codes(item),
		item.archive,
		_json(parcels.cells(name, item.cells)),
		_json(_mapped(item, parcels.secrets(name, item.cells))) if status == "Pending" else None,
	]


def _mapped(item: Staged, secrets: str | None) -> dict[str, Any]:
	mapped = {"values": item.values, "customer": item.customer.as_dict()}
	return {**mapped, "secrets": secrets} if secrets else mapped


def _reason(item: Staged, table: Table) -> str:
	if item.status == "Existing":
		return ""
	shown = item.errors or item.warnings
	return "\n".join([*(fault.render(_, table.label(fault.field)) for fault in shown), *item.notes])


def _fault_codes(item: Staged) -> str:
	if item.status == "Existing":
		return ""
	"""One code for each line of the reason, in its order; codes for which the field is too short are left out."""
	shown = ",".join([*(fault.code for fault in item.errors or item.warnings), *["similar"] * len(item.notes)])
	return shown if len(shown) <= 140 else shown[:141].rpartition(",")[0]


def _json(value: Any) -> str:
	return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
