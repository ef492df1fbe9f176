"""The search index: one narrow row for each thing that can be typed to find an archive.

Contract: the table is a plain table beside the DocTypes, so that it costs a save next to nothing and no report or list can show it. Its rows
are derived: `write` computes them again from the archive and its contacts (`domain.search_keys`), inside the caller's transaction, for any
number of archives with a constant number of statements a chunk, and touches only what changed. Merged archives have no rows; the archive that
was kept carries their names and numbers, for the paper file still bears the old number. `rebuild` is the job for a whole site. Clause: 000 篇一 (R-QRY-01), R-NFR-04.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, Final

import frappe

from kehu_archive.constants import SEARCH_TABLE
from kehu_archive.domain.search_keys import ArchiveNames, Kind, index_keys
from kehu_archive.domain.validators import split_phones

Row = tuple[int, str]
"""One index row of an archive: kind code and token."""

KIND_CODES: Final[dict[Kind, int]] = {
	Kind.NAME: 1,
	Kind.PART: 2,
	Kind.PERSON: 3,
	Kind.PINYIN: 4,
	Kind.INITIALS: 5,
	Kind.PHONE: 6,
	Kind.TAIL: 7,
	Kind.NUMBER: 8,
	Kind.CODE: 9,
}
"""How a kind is stored. A number once given is never given to another kind."""

KINDS: Final[dict[int, Kind]] = {code: kind for kind, code in KIND_CODES.items()}

#: Archives re-indexed by one set of statements; about 40 rows each.
CHUNK: Final = 500
#: Rows in one insert statement, far below the server's largest packet.
INSERT_ROWS: Final = 2000

_PROGRESS_KEY: Final = "kehu_archive:search_rebuild"

_CREATE: Final = f"""
	create table if not exists `{SEARCH_TABLE}` (
		kind tinyint unsigned not null,
		token varchar(64) character set utf8mb4 collate utf8mb4_bin not null,
		archive varchar(140) character set utf8mb4 collate utf8mb4_unicode_ci not null,
		primary key (kind, token, archive),
		key archive (archive)
	) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_unicode_ci
"""
_ARCHIVES: Final = """
	select name, customer_name, short_name, former_names, phone, legal_representative, main_contact,
		main_contact_phone, credit_code, household_no, party_kind
	from `tabCustomer Archive`
	where name in %(names)s and coalesce(merged_into, '') = ''
"""
_CONTACTS: Final = """
	select archive, full_name, mobile, direct_line, phone from `tabArchive Contact` where archive in %(names)s
"""
_CHANNELS: Final = """
	select contact.archive, channel.value
	from `tabArchive Contact` contact
	join `tabArchive Contact Channel` channel on channel.parent = contact.name and channel.parenttype = 'Archive Contact'
	where contact.archive in %(names)s and channel.channel not in ('E-mail', 'Other')
"""
_MERGED: Final = "select name, merged_into from `tabCustomer Archive` where merged_into in %(names)s"
_STORED: Final = f"select archive, kind, token from `{SEARCH_TABLE}` where archive in %(names)s"
_DELETE: Final = f"delete from `{SEARCH_TABLE}` where archive in %(names)s"
_INSERT: Final = f"insert ignore into `{SEARCH_TABLE}` (kind, token, archive) values "
_STALE: Final = f"""
	select distinct stored.archive
	from `{SEARCH_TABLE}` stored
	left join `tabCustomer Archive` archive on archive.name = stored.archive and coalesce(archive.merged_into, '') = ''
	where stored.archive > %(after)s and (%(last)s = '' or stored.archive <= %(last)s) and archive.name is null
"""


def ensure_table() -> None:
	"""Create the table if the site lacks it. Commits, as every change of the schema does: for install and migrate only."""
	if SEARCH_TABLE not in frappe.db.get_tables(cached=False):
		frappe.db.sql_ddl(_CREATE)
		_fill()


def _fill() -> None:
	"""A table that is created on a site with archives (a restored backup without it) starts complete."""
	if frappe.db.table_exists("Customer Archive", cached=False) and frappe.db.count("Customer Archive"):
		rebuild()


def drop_table() -> None:
	"""Remove the table, when the app is uninstalled. Commits."""
	frappe.db.sql_ddl(f"drop table if exists `{SEARCH_TABLE}`")


def write(archives: Collection[str]) -> None:
	"""Bring the rows of these archives in line with the database; an archive whose rows are right already costs a handful of reads."""
	for names in _chunks(archives, CHUNK):
		_write_chunk(names)


def remove(archives: Collection[str]) -> None:
	"""Delete all rows of these archives; they are found no more."""
	for names in _chunks(archives, CHUNK):
		frappe.db.sql(_DELETE, {"names": names})


def rebuild(progress: Callable[[int, int], None] | None = None) -> int:
	"""Re-index the whole site and return the number of archives; `progress(done, total)` is called after each chunk.

	Commits after each chunk and remembers how far it came, so that a run after a kill goes on where the last one stopped.
	"""
	total = frappe.db.count("Customer Archive")
	done, after = frappe.cache.get_value(_PROGRESS_KEY, expires=True) or (0, "")
	while names := _next_names(after):
		_write_chunk(names)
		_remove_stale(after, names[-1])
		done, after = done + len(names), names[-1]
		frappe.db.commit()  # a chunk stands by itself; one transaction over a whole site would hold its locks for minutes
		frappe.cache.set_value(_PROGRESS_KEY, (done, after), expires_in_sec=24 * 3600)
		if progress:
			progress(done, total)
	_remove_stale(after, "")
	frappe.db.commit()  # the last chunk, as above
	frappe.cache.delete_value(_PROGRESS_KEY)
	return int(done)


def _next_names(after: str) -> list[str]:
	found = frappe.db.sql(
		"select name from `tabCustomer Archive` where name > %(after)s order by name limit %(limit)s",
		{"after": after, "limit": CHUNK},
	)
	return [row[0] for row in found]


def _remove_stale(after: str, last: str) -> None:
	"""Delete rows between two archive numbers that belong to no living archive."""
	stale = [row[0] for row in frappe.db.sql(_STALE, {"after": after, "last": last})]
	remove(stale)


def _write_chunk(names: list[str]) -> None:
	wanted = {name: _rows(archive) for name, archive in _load(names).items()}
	stored: dict[str, set[Row]] = defaultdict(set)
	for archive, kind, token in frappe.db.sql(_STORED, {"names": names}):
		stored[archive].add((int(kind), token))
	outdated = [name for name in stored if stored[name] - wanted.get(name, set())]
	if outdated:
		frappe.db.sql(_DELETE, {"names": outdated})
	for name in outdated:
		stored[name] = set()
	_insert(
		(kind, token, name) for name, rows in wanted.items() for kind, token in sorted(rows - stored[name])
	)


def _rows(archive: ArchiveNames) -> set[Row]:
	return {(KIND_CODES[key.kind], key.token) for key in index_keys(archive)}


def _insert(rows: Iterable[tuple[int, str, str]]) -> None:
	for chunk in _chunks(rows, INSERT_ROWS):
		values = [value for row in chunk for value in row]
		frappe.db.sql(_INSERT + ", ".join(["(%s, %s, %s)"] * len(chunk)), values)


def _load(names: Collection[str]) -> dict[str, ArchiveNames]:
	"""Return what can be typed for each of these archives, merged ones left out."""
	people: dict[str, list[str]] = defaultdict(list)
	phones: dict[str, list[str]] = defaultdict(list)
	for archive, full_name, *numbers in frappe.db.sql(_CONTACTS, {"names": names}):
		people[archive].append(full_name)
		phones[archive].extend(numbers)
	for archive, number in frappe.db.sql(_CHANNELS, {"names": names}):
		phones[archive].append(number)
	found = frappe.db.sql(_ARCHIVES, {"names": names}, as_dict=True)
	old = merged_numbers([row.name for row in found])
	return {row.name: _typed(row, people[row.name], phones[row.name], old.get(row.name, [])) for row in found}


def merged_numbers(archives: Collection[str]) -> dict[str, list[str]]:
	"""Return the numbers of the archives that were merged into each of these, also over several steps; one statement a step."""
	kept = {name: name for name in archives}
	found: dict[str, list[str]] = defaultdict(list)
	step = list(kept)
	while step:
		rows = frappe.db.sql(_MERGED, {"names": step})
		fresh = [(name, into) for name, into in rows if name not in kept]
		for name, into in fresh:
			kept[name] = kept[into]
			found[kept[into]].append(name)
		step = [name for name, _into in fresh]
	return {name: sorted(numbers) for name, numbers in found.items()}


def _typed(row: Any, people: list[str], phones: list[str], old_numbers: list[str]) -> ArchiveNames:
	former = (row.former_names or "").splitlines()
	numbers = [
		number for written in (row.phone, row.main_contact_phone, *phones) for number in split_phones(written)
	]
	return ArchiveNames(
		name=row.customer_name or "",
		number=row.name,
		names=_filled([row.short_name, *former]),
		contacts=_filled([row.legal_representative, row.main_contact, *people]),
		phones=_filled(numbers),
		credit_code=row.credit_code or "",
		household_no=row.household_no or "",
		is_person=row.party_kind == "Individual",
		old_numbers=tuple(old_numbers),
	)


def _filled(values: Iterable[str | None]) -> tuple[str, ...]:
	return tuple(dict.fromkeys(value.strip() for value in values if value and value.strip()))


def _chunks(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
	chunk: list[Any] = []
	for item in items:
		chunk.append(item)
		if len(chunk) == size:
			yield chunk
			chunk = []
	if chunk:
		yield chunk
