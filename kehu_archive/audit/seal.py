"""Sealing what the access log took in since the last seal; called every minute. Readers and writers of the log never wait for it.

Only what is committed is seen; an entry of a request that ends later falls into the next seal, however old its name. One process seals at a time: the
named lock goes with its connection, so a killed sealer leaves neither a lock nor half a seal.

Clause: R-DSC-04, design: seals at most a minute apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import frappe
from frappe.utils import now_datetime

from kehu_archive.audit import head, log
from kehu_archive.constants import ENTRY, SEAL
from kehu_archive.domain import audit_chain
from kehu_archive.domain.audit_chain import GENESIS, Leaf
from kehu_archive.vault import keyring

MOST_ENTRIES: Final = 20_000
"""Entries under one seal; more are spread over several, so that sealing and checking need little memory."""
_NAMES_A_STATEMENT: Final = 1000
_STORED: Final = (
	*audit_chain.SEAL_COLUMNS,
	"digest",
	"leaves",
	"name",
	"owner",
	"modified_by",
	"creation",
	"modified",
	"docstatus",
	"idx",
)


def seal_pending() -> int:
	"""Seal all committed entries that have no seal yet and return how many seals were made; none while another process seals.

	A job of its own: it ends the caller's transaction and commits each seal.
	"""
	frappe.db.commit()  # the job's own beginning: what comes next sees everything committed so far
	made = 0
	with _alone() as mine:
		name = ""
		while mine and (name := _seal_some(name)):
			made += 1
	return made


@contextmanager
def _alone() -> Iterator[bool]:
	"""Whether this process is the one that seals now."""
	name = f"kehu_audit_{frappe.conf.db_name}"[:64]
	mine = frappe.db.sql("select get_lock(%s, 0)", name)[0][0] == 1
	try:
		yield mine
	finally:
		if mine:
			frappe.db.rollback()
			frappe.db.sql("select release_lock(%s)", name)


def _seal_some(after: str) -> str:
	"""Make one seal over entries with later names and return the last of them; empty when there was none.

	Each seal goes on where the one before ended, or it would step over the index entries of all that were sealed just now.
	"""
	_begin()
	rows = frappe.db.sql(
		f"select name, digest, happened_at from `tab{ENTRY}` where seal = 0 and name > %s order by name limit %s",
		(after, MOST_ENTRIES),
	)
	if not rows:
		return ""
	number, previous = last()
	_mark([row[0] for row in rows], number + 1)
	sealed = _insert(number + 1, previous, rows)
	frappe.db.commit()  # the seal and its entries belong together and to nothing else
	_move_head(head.Head(number + 1, sealed))
	return str(rows[-1][0])


def _begin() -> None:
	"""A transaction that locks single rows and never the gap into which new entries are written."""
	frappe.db.sql("commit")
	frappe.db.sql("set transaction isolation level read committed")
	frappe.db.sql("start transaction")


def last() -> tuple[int, str]:
	"""Number and digest of the last seal; 0 and ``GENESIS`` before the first."""
	found = frappe.db.sql(f"select seal_no, digest from `tab{SEAL}` order by seal_no desc limit 1")
	return (int(found[0][0]), str(found[0][1])) if found else (0, GENESIS)


def _mark(names: Sequence[str], number: int) -> None:
	for start in range(0, len(names), _NAMES_A_STATEMENT):
		part = names[start : start + _NAMES_A_STATEMENT]
		places = ", ".join(["%s"] * len(part))
		frappe.db.sql(
			f"update `tab{ENTRY}` force index (primary) set seal = %s where name in ({places})",
			[number, *part],
		)


def _insert(number: int, previous: str, rows: Sequence[tuple[Any, ...]]) -> str:
	key_id, key = keyring.audit_key()
	leaves = [Leaf(name, digest) for name, digest, _moment in rows]
	moments = [audit_chain.stamp(moment) for _name, _digest, moment in rows]
	stamp = audit_chain.stamp(now_datetime())
	content: dict[str, object] = {
		"seal_no": number,
		"sealed_at": stamp,
		"entries": len(rows),
		"first_at": min(moments),
		"last_at": max(moments),
		"root": audit_chain.merkle_root(leaves),
		"previous_digest": previous,
		"key_id": key_id,
	}
	digest = audit_chain.seal_digest(key, content)
	frame = (f"{number:010d}", "Administrator", "Administrator", stamp, stamp, 0, 0)
	frappe.db.sql(
		f"insert into `tab{SEAL}` ({', '.join(_STORED)}) values ({', '.join(['%s'] * len(_STORED))})",
		[*content.values(), digest, audit_chain.write_leaves(leaves), *frame],
	)
	return digest


def _move_head(new: head.Head) -> None:
	"""Note the new head, unless the database lost the seal noted last: then the note stays and `audit.verify` says so."""
	known = head.read()
	is_first = known is None and new.seal_no == 1
	if is_first or (known is not None and head.is_kept(known)):
		head.write(new)
	else:
		frappe.logger("kehu_archive").error("the last seal noted beside the key file is not in the database")


def accept_head(reason: str) -> tuple[head.Head | None, head.Head]:
	"""Take the chain as the database holds it now, after a backup was put back on purpose; the log keeps who did it and from where to where.

	Returns the head noted before and the new one. Commits.
	"""
	known = head.read()
	new = head.Head(*last())
	log.record(
		"Alert",
		document=(SEAL, f"{new.seal_no:010d}"),
		quantity=new.seal_no,
		detail=f"audit head {known.seal_no if known else '-'} -> {new.seal_no}: {reason}",
	)
	frappe.db.commit()  # the entry stands before the note changes
	head.write(new)
	return known, new
