"""Populations to be graded: archives and their deals in tables of their own, set in place of the site's while they are measured.

The tables are made once, by statements over a sequence, and kept for the next run while the code that decides what they look like is the same. Deals of one
archive lie scattered over the whole table, as years of trading leave them.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import frappe
from site_context import REPOSITORY

STAMP = "kehu_archive_grading_benchmark"
ARCHIVES, DEALS = "tabCustomer Archive", "tabArchive Transaction"
PART = 500_000
MARK = "__bench_kept_for_"


@dataclass(frozen=True)
class Crowd:
	"""So many archives with so many deals each."""

	key: str
	archives: int
	deals_each: int

	def table(self, of: str) -> str:
		"""The name of one of its tables while it is not in place."""
		return f"__bench_{self.key}_{'archives' if of == ARCHIVES else 'deals'}"

	def kept(self, of: str) -> str:
		"""The name of the site's own table while this crowd is in its place."""
		return f"{MARK}{self.key}_{'archives' if of == ARCHIVES else 'deals'}"

	@property
	def deals(self) -> int:
		"""How many deals there are."""
		return self.archives * self.deals_each


COMPANY = Crowd("company", 100_000, 30)
POINTS = (Crowd("ten", 10_000, 3), Crowd("hundred", 100_000, 3), Crowd("thousand", 1_000_000, 3))


@contextmanager
def in_place(crowd: Crowd) -> Iterator[None]:
	"""Have this crowd in place of the site's archives and deals; whatever happens, they are put back, at the latest by the next run."""
	put_back()
	_ensure(crowd)
	_rename([pair for one in (ARCHIVES, DEALS) for pair in ((one, crowd.kept(one)), (crowd.table(one), one))])
	try:
		yield
	finally:
		put_back()


def put_back() -> None:
	"""Put the site's own tables back in their place."""
	for crowd in (COMPANY, *POINTS):
		if _exists(crowd.kept(ARCHIVES)):
			_rename([pair for one in (ARCHIVES, DEALS) for pair in ((one, crowd.table(one)), (crowd.kept(one), one))])
	frappe.clear_cache()


def _rename(pairs: list[tuple[str, str]]) -> None:
	# One statement: either all tables have their new names or none has.
	frappe.db.commit()
	frappe.db.sql_ddl("rename table " + ", ".join(f"`{old}` to `{new}`" for old, new in pairs))


def _exists(table: str) -> bool:
	return bool(frappe.db.sql("select 1 from information_schema.tables where table_schema = database() and table_name = %s", table))


def _ensure(crowd: Crowd) -> None:
	wanted = _fingerprint()
	made = json.loads(frappe.db.get_default(STAMP) or "{}")
	if made.get(crowd.key) == wanted and _exists(crowd.table(ARCHIVES)) and _exists(crowd.table(DEALS)):
		return
	start = time.monotonic()
	_make(crowd, ARCHIVES, crowd.archives, _ARCHIVE)
	_make(crowd, DEALS, crowd.deals, _DEAL)
	frappe.db.set_default(STAMP, json.dumps({**made, crowd.key: wanted}))
	frappe.db.commit()  # what was made is complete from here on
	print(f"    made {crowd.archives} archives with {crowd.deals} deals in {time.monotonic() - start:.0f} s; they are kept", flush=True)


def _make(crowd: Crowd, of: str, rows: int, select: str) -> None:
	"""Fill a table like the site's; its indexes are built at the end, as sorting is faster than inserting in random order."""
	table = crowd.table(of)
	frappe.db.sql_ddl(f"drop table if exists `{table}`")
	frappe.db.sql_ddl(f"create table `{table}` like `{of}`")
	indexes = _indexes(table)
	if indexes:
		frappe.db.sql_ddl(f"alter table `{table}` {', '.join(f'drop index `{name}`' for name in indexes)}")
	for first in range(0, rows, PART):
		source = f"seq_{first}_to_{min(first + PART, rows) - 1}"
		frappe.db.sql(select.format(table=table, source=source), {"archives": crowd.archives})
		frappe.db.commit()  # a part of generated data stands for itself
	if indexes:
		frappe.db.sql_ddl(f"alter table `{table}` {', '.join(indexes.values())}")
	frappe.db.sql(f"analyze table `{table}`")


def _indexes(table: str) -> dict[str, str]:
	"""Every index besides the primary key: its name and the clause that adds it."""
	found: dict[str, tuple[bool, list[str]]] = {}
	for row in frappe.db.sql(f"show index from `{table}`", as_dict=True):
		if row.Key_name != "PRIMARY":
			length = f"({row.Sub_part})" if row.Sub_part else ""
			found.setdefault(row.Key_name, (not row.Non_unique, []))[1].append(f"`{row.Column_name}`{length}")
	return {name: f"add {'unique ' if unique else ''}index `{name}` ({', '.join(columns)})" for name, (unique, columns) in found.items()}


def _fingerprint() -> str:
	"""Changes with the columns of both tables and with this file."""
	folder = REPOSITORY / "kehu_archive" / "kehu_archive" / "doctype"
	files = [*(folder / "customer_archive").glob("*.json"), *(folder / "archive_transaction").glob("*.*"), Path(__file__)]
	digest = hashlib.sha256()
	for file in sorted(files):
		if file.suffix in (".json", ".py"):
			digest.update(file.read_bytes())
	return digest.hexdigest()[:16]


_NAME = "concat('QZ-KH-', 2015 + {number} % 10, '-', lpad({number}, 7, '0'))"
_ARCHIVE = f"""
	insert into `{{table}}` (name, archive_no, creation, modified, owner, modified_by, customer_name, name_key, party_kind, market_status,
		archive_date, region, workflow_state, confidentiality, secrecy_rank, address, main_contact, responsible, has_intention, likelihood, national_rank)
	select {_NAME.format(number="seq")}, {_NAME.format(number="seq")}, now(), now(), 'Administrator', 'Administrator',
		concat('测试客户', seq, '有限公司'), concat('测试客户', seq), 'Organisation', 'Existing',
		date('2015-01-01') + interval (crc32(seq) % 4000) day, elt(1 + crc32(concat('r', seq)) % 5, '华东', '华北', '华南', '西南', '东北'),
		'Filed', 'Internal', 1, '北京市海淀区学院路 1 号', '张三', 'Administrator', crc32(seq) % 2, crc32(seq) % 100, crc32(concat('n', seq)) % 100000
	from {{source}}
""".replace("%", "%%")
#: Amounts from 100 to 1,000,000 CNY, the larger the rarer; six years; a tenth are returns, a fifth contracts.
_DEAL = f"""
	insert into `{{table}}` (name, creation, modified, owner, modified_by, archive, transaction_no, transaction_kind, posted_on, amount, in_totals,
		is_default, default_note, due_on, paid_on, responsible_name)
	select concat('D', lpad(seq, 9, '0')), now(), now(), 'Administrator', 'Administrator', {_NAME.format(number="(seq % :archives)")}, concat('HT-', seq),
		elt(1 + crc32(concat('k', seq)) % 10, 'Sale', 'Sale', 'Sale', 'Sale', 'Order', 'Order', 'Order', 'Sales Contract', 'Cooperation Agreement', 'Return'),
		curdate() - interval (crc32(concat('d', seq)) % 2190) day, round(100 * pow(10, 4 * (crc32(concat('a', seq)) % 100000) / 100000), 2), 1,
		crc32(concat('x', seq)) % 200 = 0, if(crc32(concat('x', seq)) % 200 = 0, '延期付款', null), curdate() - interval (crc32(concat('d', seq)) % 2190) day + interval 30 day,
		curdate() - interval (crc32(concat('d', seq)) % 2190) day + interval (crc32(concat('p', seq)) % 60) day, '张三'
	from {{source}}
""".replace("%", "%%").replace(":archives", "%(archives)s")
