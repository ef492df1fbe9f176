"""Change of the master key.

Contract: a new master key is added to the key file and becomes the current one; every data key is wrapped again with it, a committed chunk at
a time; then the former keys leave the file. Killed anywhere, both keys are in the file and every data key is wrapped by one of them, so
everything stays readable; started again, the change goes on where it was. A backup of before needs the key file of before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import frappe
from frappe import _

from kehu_archive.exceptions import MasterKeyError
from kehu_archive.vault import cipher, keyring
from kehu_archive.vault.guarded import quiet
from kehu_archive.vault.keyfile import Keyring
from kehu_archive.vault.store import DATA_KEY

CHUNK: Final = 500
ACTION: Final = "Key Rotation"


@dataclass(frozen=True)
class Rotation:
	"""What a rotation did: the current key's id, data keys wrapped again, and the ids of keys taken out of the file."""

	current: str
	wrapped: int
	retired: tuple[str, ...]


@quiet()
def rotate(commit: Callable[[], None], chunk: int = CHUNK) -> Rotation:
	"""Change the master key, or go on with a change that was interrupted.

	Args:
		commit: ends a chunk's transaction; the caller's, since only a command or a job may commit.
		chunk: data keys in one transaction.

	Raises:
		MasterKeyError: the key file cannot be read or written, or a data key cannot be unwrapped; all keys stay.
		AuditError: the access log cannot be written.
	"""
	from kehu_archive.audit import log

	current = _begin()
	log.record(ACTION, detail=f"begun: {current}")
	commit()
	wrapped = _wrap_all(commit, chunk)
	_wait_for_creators()
	wrapped += _wrap_all(commit, chunk)
	retired = _retire()
	log.record(ACTION, quantity=wrapped, detail=f"done: {current}")
	commit()
	return Rotation(current, wrapped, tuple(retired))


def _begin() -> str:
	"""The id of the key to change to. More than one key in the file: an earlier change was interrupted and goes on."""
	keyring.check()
	masters = keyring.load().masters
	if keyring.from_environment():
		if len(masters.by_id) < 2 and not _next_rows(masters.current, 1):
			frappe.throw(
				_(
					"The keys come from the environment variable {0}: add a new master key there beside the present one, make it the current one, start the services again, and run this once more."
				).format(keyring.CONTENT_VARIABLE),
				MasterKeyError,
			)
		return masters.current
	return masters.current if len(masters.by_id) > 1 else keyring.add_master()


def _wrap_all(commit: Callable[[], None], chunk: int) -> int:
	"""Leaves no transaction open: what comes next shall see everything that others have stored."""
	count = 0
	ring = keyring.load()
	while rows := _next_rows(ring.masters.current, chunk):
		for name, wrapped, key_id in rows:
			_wrap(ring, name, wrapped, key_id)
		count += len(rows)
		commit()
	commit()
	return count


def _next_rows(current: str, chunk: int) -> list[tuple[str, str, str]]:
	table = frappe.qb.DocType(DATA_KEY)
	query = frappe.qb.from_(table).select(table.name, table.wrapped_key, table.key_id)
	return list(query.where(table.key_id != current).limit(chunk).run())


def _wrap(ring: Keyring, name: str, wrapped: str, key_id: str) -> None:
	"""Only where the row still is as it was read: it may have been destroyed meanwhile."""
	try:
		data_key = cipher.unwrap(ring.master(key_id), wrapped, name)
	except cipher.UnreadableError:
		frappe.throw(
			_(
				"The data key of archive {0} cannot be opened with the master key {1}: the row was changed. Restore it from a backup, then run this again; all keys stay in the file."
			).format(name, key_id),
			MasterKeyError,
		)
	current = ring.masters.current
	table = frappe.qb.DocType(DATA_KEY)
	(
		frappe.qb.update(table)
		.set(table.wrapped_key, cipher.wrap(ring.masters.by_id[current], data_key, name))
		.set(table.key_id, current)
		.where((table.name == name) & (table.wrapped_key == wrapped))
		.run()
	)


def _wait_for_creators() -> None:
	"""Wait for transactions that made a data key and may have taken the former master key (`store.hold_masters`); later ones take the new."""
	frappe.db.sql("select name from `tabDocType` where name = %s for update", DATA_KEY)


def _retire() -> list[str]:
	"""Former keys go only when nothing needs them; from an environment variable the administrator takes them himself."""
	if keyring.from_environment():
		return []
	return keyring.retire_masters()
