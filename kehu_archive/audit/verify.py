"""Checking the whole access log against its seals, in one pass that remembers one portion at a time.

Clause: R-DSC-04, R-DSC-06.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import frappe
from frappe.utils import now_datetime

from kehu_archive.audit import head
from kehu_archive.constants import ENTRY, SEAL
from kehu_archive.domain import audit_chain, audit_check
from kehu_archive.domain.audit_check import Checker, Findings, Seal
from kehu_archive.exceptions import MasterKeyError
from kehu_archive.vault import keyring

UNSEALED_MINUTES: Final = 5
"""An entry that has no seal for longer than this shows that sealing stands still, or that somebody took it out of its seal."""
_PAGE: Final = 5000
_SEALS_A_PAGE: Final = 200
_LEAVES_A_PAGE: Final = 20_000
_MOMENTS: Final = {"happened_at", "sealed_at", "first_at", "last_at"}


@dataclass(frozen=True)
class Outcome:
	"""What was checked and found. ``unsealed_since`` is the oldest entry that no seal covers yet."""

	findings: Findings
	seals: int
	entries: int
	purged: int
	unsealed: int
	unsealed_since: str
	last_sealed_at: str

	@property
	def is_sound(self) -> bool:
		return not self.findings.total


Row = tuple[int, str, tuple[object, ...], str]


def verify() -> Outcome:
	"""Check every seal and every entry; one snapshot of the database, linear in its size.

	The caller's transaction should be fresh, as seals made after its first query are not seen.
	"""
	known = head.read()
	findings = Findings()
	checker = Checker(_key_of(), findings)
	counted = _Count()
	rows = _entries()
	pending: Row | None = next(rows, None)
	for seal in _seals():
		pending = _strays(rows, pending, seal.number, checker, counted)
		checker.open(seal)
		while pending is not None and pending[0] == seal.number:
			checker.see(pending[2], pending[3])
			counted.entries += 1
			pending = next(rows, None)
		checker.close()
		counted.take(seal)
	_strays(rows, pending, None, checker, counted)
	_check_head(known, checker)
	unsealed, since = _check_unsealed(checker)
	return Outcome(
		findings,
		counted.seals,
		counted.entries + unsealed,
		counted.purged,
		unsealed,
		since,
		counted.last_sealed_at,
	)


class _Count:
	def __init__(self) -> None:
		self.seals = self.entries = self.purged = 0
		self.last_sealed_at = ""

	def take(self, seal: Seal) -> None:
		self.seals += 1
		self.purged += bool(seal.purged_at)
		self.last_sealed_at = str(seal.values["sealed_at"])


def _strays(
	rows: Iterator[Row], pending: Row | None, before: int | None, checker: Checker, counted: _Count
) -> Row | None:
	"""Entries whose seal does not exist."""
	while pending is not None and (before is None or pending[0] < before):
		checker.findings.add(audit_check.EXTRA, pending[0], pending[1])
		counted.entries += 1
		pending = next(rows, None)
	return pending


def _key_of() -> audit_check.KeyOf:
	known: dict[str, bytes | None] = {}

	def key_of(key_id: str) -> bytes | None:
		if key_id not in known:
			known[key_id] = _read_key(key_id)
		return known[key_id]

	return key_of


def _read_key(key_id: str) -> bytes | None:
	keyring.load()  # a missing key file is an error of its own, not one of every entry
	try:
		return keyring.audit_key_by_id(key_id)
	except MasterKeyError:
		frappe.clear_last_message()
		return None


def _columns(names: Sequence[str]) -> str:
	"""Columns as they are digested: moments as text with all their digits."""
	return ", ".join(f"cast(`{name}` as char)" if name in _MOMENTS else f"`{name}`" for name in names)


def _entries() -> Iterator[Row]:
	"""Every entry that claims a seal, by seal and name."""
	query = f"""select seal, name, digest, {_columns(audit_chain.ENTRY_COLUMNS)} from `tab{ENTRY}`
		where seal >= %(seal)s and seal <> 0 and (seal > %(seal)s or name > %(name)s) order by seal, name limit {_PAGE}"""
	seal, name = -(2**31), ""
	while True:
		page = frappe.db.sql(query, {"seal": seal, "name": name})
		for row in page:
			yield row[0], row[1], row[3:], row[2] or ""
		if len(page) < _PAGE:
			return
		seal, name = page[-1][0], page[-1][1]


def _seals() -> Iterator[Seal]:
	"""Every seal in its order; their leaves are read for as many seals at a time as memory allows."""
	columns = audit_chain.SEAL_COLUMNS
	query = f"""select {_columns(columns)}, digest, coalesce(cast(purged_at as char), ''), coalesce(purge_digest, '')
		from `tab{SEAL}` where seal_no > %s order by seal_no limit {_SEALS_A_PAGE}"""
	number = -(2**31)
	while page := frappe.db.sql(query, number):
		for portion in _portions(page):
			leaves = _leaves(portion[0][0], portion[-1][0])
			for row in portion:
				yield Seal(
					dict(zip(columns, row, strict=False)),
					row[-3] or "",
					leaves.get(row[0], ""),
					row[-2],
					row[-1],
				)
		number = page[-1][0]


def _portions(page: Sequence[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
	"""Seals in a row that together do not list too many entries."""
	count_at = audit_chain.SEAL_COLUMNS.index("entries")
	portion: list[tuple[Any, ...]] = []
	entries = 0
	for row in page:
		if portion and entries + row[count_at] > _LEAVES_A_PAGE:
			yield portion
			portion, entries = [], 0
		portion.append(row)
		entries += row[count_at]
	yield portion


def _leaves(first: int, last: int) -> dict[int, str]:
	rows = frappe.db.sql(
		f"select seal_no, leaves from `tab{SEAL}` where seal_no between %s and %s", (first, last)
	)
	return {number: text or "" for number, text in rows}


def _check_head(known: head.Head | None, checker: Checker) -> None:
	if head.is_kept(known):
		return
	if known is None:
		checker.findings.add(audit_check.HEAD_UNKNOWN, checker.last_number)
	else:
		checker.findings.add(audit_check.TAIL_CUT, known.seal_no)


def _check_unsealed(checker: Checker) -> tuple[int, str]:
	"""What no seal covers yet is checked by its own digest only; how many there are and since when."""
	latest = audit_chain.stamp(now_datetime() - timedelta(minutes=UNSEALED_MINUTES))
	query = f"""select digest, {_columns(audit_chain.ENTRY_COLUMNS)} from `tab{ENTRY}`
		where seal = 0 and name > %s order by name limit {_PAGE}"""
	count, since, name = 0, "", ""
	while page := frappe.db.sql(query, name):
		for digest, *values in page:
			count += 1
			moment = audit_chain.stamp(values[1])
			since = min(since or moment, moment)
			if not checker.is_genuine(values, digest or ""):
				checker.findings.add(audit_check.CHANGED, 0, values[0])
			elif moment < latest:
				checker.findings.add(audit_check.STALE, 0, values[0])
		name = page[-1][1]
	return count, since
