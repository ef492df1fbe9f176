"""Data keys and the encrypted content of Sensitive Records.

Contract: each archive has a data key of its own, a row of Archive Data Key named as the archive and wrapped by a master key (`keyring`). A
content is bound to its record, archive and kind. Without the row nothing of the archive can be opened, in the database or in any backup
of before: `destroy` is the shredder. Everything runs in the caller's transaction. Clause: R-DSC-01, R-DSC-03, R-FCA-05.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import frappe
from frappe import _
from frappe.utils import cstr, now

from kehu_archive.constants import SENSITIVE
from kehu_archive.domain import masking
from kehu_archive.exceptions import SecretUnreadableError
from kehu_archive.vault import cipher, keyring
from kehu_archive.vault.guarded import Key, Plain, quiet
from kehu_archive.vault.keyfile import Keyring

DATA_KEY: Final = "Archive Data Key"
_COLUMNS: Final = (
	"name",
	"wrapped_key",
	"key_id",
	"created_on",
	"creation",
	"modified",
	"owner",
	"modified_by",
	"docstatus",
	"idx",
)


@dataclass(frozen=True)
class Sealed:
	"""What is stored of a content: the encrypted text, its blind index (numbers only) and the masked form."""

	ciphertext: str
	blind_index: str | None
	masked: str

	def columns(self) -> dict[str, Any]:
		"""Column values of a Sensitive Record; the content itself is empty."""
		return {
			"ciphertext": self.ciphertext,
			"blind_index": self.blind_index,
			"masked_value": self.masked,
			"value": None,
		}


@dataclass(frozen=True)
class Home:
	"""What a content belongs to."""

	record: str
	archive: str
	kind: str

	def parts(self) -> tuple[str, str, str]:
		return (self.record, self.archive, self.kind)


# -- data keys ---------------------------------------------------------------------------------------------------------


def data_keys(archives: Collection[str]) -> dict[str, Key]:
	"""The data key of each archive; archives that have none get one.

	Raises:
		MasterKeyError: the master keys are missing or not this site's.
		SecretUnreadableError: a data key was changed.
	"""
	wanted = list(dict.fromkeys(archives))
	found = _read(wanted)
	missing = [archive for archive in wanted if archive not in found]
	if missing:
		_create(missing)
		found |= _read(missing, for_share=True)
	return found


def existing_key(archive: str) -> Key:
	"""The data key of an archive.

	Raises:
		SecretUnreadableError: it has none any more, or it was changed.
		MasterKeyError: the master keys are missing or not this site's.
	"""
	found = _read([archive])
	return found[archive] if archive in found else _unreadable()


def destroy(archive: str) -> bool:
	"""Delete the data key: whatever was encrypted with it, here or in any backup, stays unreadable. True when there was one."""
	table = frappe.qb.DocType(DATA_KEY)
	there = bool(frappe.db.exists(DATA_KEY, archive))
	frappe.qb.from_(table).delete().where(table.name == archive).run()
	return there


def _read(archives: list[str], *, for_share: bool = False) -> dict[str, Key]:
	if not archives:
		return {}
	# A shared lock also shows what another transaction stored since ours began.
	lock = "lock in share mode" if for_share else ""
	rows = frappe.db.sql(
		f"select name, wrapped_key, key_id from `tab{DATA_KEY}` where name in %s {lock}", (archives,)
	)
	if not rows:
		return {}
	ring = keyring.load()
	return {name: _unwrapped(ring, name, wrapped, key_id) for name, wrapped, key_id in rows}


def _unwrapped(ring: Keyring, name: str, wrapped: str, key_id: str) -> Key:
	try:
		return cipher.unwrap(ring.master(key_id), wrapped, name)
	except cipher.UnreadableError:
		_unreadable()


def hold_masters() -> None:
	"""Keep master keys from being retired until this transaction ends; any number of transactions hold them at once."""
	frappe.db.sql("select name from `tabDocType` where name = %s lock in share mode", DATA_KEY)


def _create(archives: list[str]) -> None:
	"""Another transaction may do the same at this moment: whoever is first decides, the other uses that key."""
	hold_masters()
	masters = keyring.load().masters
	master, stamp, user = masters.by_id[masters.current], now(), frappe.session.user
	rows = [
		(
			name,
			cipher.wrap(master, cipher.new_data_key(), name),
			masters.current,
			stamp,
			stamp,
			stamp,
			user,
			user,
		)
		for name in archives
	]
	places = ", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s, 0, 0)"] * len(rows))
	frappe.db.sql(
		f"insert ignore into `tab{DATA_KEY}` ({', '.join(_COLUMNS)}) values {places}",
		[value for row in rows for value in row],
	)


# -- contents ----------------------------------------------------------------------------------------------------------


@quiet()
def seal(home: Home, text: str) -> Sealed:
	"""Encrypt a content for its record.

	Raises:
		MasterKeyError, SecretUnreadableError: see `data_keys`; nothing was stored.
	"""
	return _sealed(data_keys([home.archive])[home.archive], home, text)


def _sealed(key: Key, home: Home, text: str) -> Sealed:
	index = None
	if home.kind in masking.NUMBERS:
		index = cipher.blind_index(keyring.load().index, home.kind, text)
	return Sealed(cipher.seal(key, text, *home.parts()), index, masking.mask(home.kind, text))


@quiet()
def unseal(home: Home, ciphertext: str) -> Plain:
	"""Decrypt the content of a record.

	Raises:
		SecretUnreadableError: the data key was destroyed, or the content was changed or belongs to another record.
		MasterKeyError: the master keys are missing or not this site's.
	"""
	return _unsealed(existing_key(home.archive), home, ciphertext)


def _unsealed(key: Key, home: Home, ciphertext: str) -> Plain:
	try:
		return cipher.unseal(key, ciphertext, *home.parts())
	except cipher.UnreadableError:
		_unreadable()


def _unreadable() -> NoReturn:
	frappe.throw(
		_(
			"This content cannot be read any more: its key was destroyed, or the stored text was changed or moved. If this was not a destruction, restore the record from a backup."
		),
		SecretUnreadableError,
	)
	raise AssertionError  # frappe.throw never returns


def search(kind: str, number: str) -> list[tuple[str, str]]:
	"""(record, archive) of every record with exactly this number. Whoever calls decides which of them may be told.

	Raises:
		MasterKeyError: the keys are missing.
	"""
	table = frappe.qb.DocType(SENSITIVE)
	index = cipher.blind_index(keyring.load().index, kind, number)
	query = frappe.qb.from_(table).select(table.name, table.archive).where(table.blind_index == index)
	return [(str(name), str(archive)) for name, archive in query.orderby(table.name).run()]


@quiet()
def sealed_rows(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
	"""Column values for many new records at once; each row has ``archive``, ``record_kind`` and ``value``.

	Raises:
		MasterKeyError, SecretUnreadableError: see `data_keys`.
	"""
	given = [{**row, "name": frappe.generate_hash(length=10)} for row in rows]
	keys = data_keys([row["archive"] for row in given])
	return [{**row, **_sealed(keys[row["archive"]], _home(row), row["value"]).columns()} for row in given]


def _home(row: Mapping[str, Any]) -> Home:
	return Home(cstr(row["name"]), cstr(row["archive"]), cstr(row["record_kind"]))


@quiet()
def rebind(names: Collection[str], old: str, new: str) -> None:
	"""Encrypt again, for the archive they hang on now, records that were moved from another archive.

	Raises:
		SecretUnreadableError: a content cannot be read under the former archive; nothing may be moved.
		MasterKeyError: see `data_keys`.
	"""
	table = frappe.qb.DocType(SENSITIVE)
	rows = (
		frappe.qb.from_(table)
		.select(table.name, table.archive, table.record_kind, table.ciphertext)
		.where(table.name.isin(list(names)) & (table.archive == new) & (table.ciphertext != ""))
		.run(as_dict=True)
	)
	if not rows:
		return
	former, key = existing_key(old), data_keys([new])[new]
	for row in rows:
		text = _unsealed(former, Home(row.name, old, row.record_kind), row.ciphertext)
		_update(row.name, _sealed(key, _home(row), text))


def encrypt_existing(chunk: int = 500, after_chunk: Any = None) -> int:
	"""Encrypt what older versions stored in clear and empty it; returns how many records. Safe to run again at any time.

	Raises:
		MasterKeyError: see `data_keys`.
	"""
	table = frappe.qb.DocType(SENSITIVE)
	query = (
		frappe.qb.from_(table)
		.select(table.name, table.archive, table.record_kind, table.value)
		.where(table.value.notnull() & (table.value != ""))
		.limit(chunk)
	)
	count = 0
	while rows := query.run(as_dict=True):
		_encrypt_rows(rows)
		count += len(rows)
		if after_chunk:
			after_chunk()
	return count


@quiet()
def _encrypt_rows(rows: list[Any]) -> None:
	keys = data_keys([row.archive for row in rows])
	for row in rows:
		_update(row.name, _sealed(keys[row.archive], _home(row), row.value))


def _update(name: str, sealed: Sealed) -> None:
	"""Not through the document: the record itself did not change, and no hook shall see the content."""
	frappe.db.set_value(SENSITIVE, name, sealed.columns(), update_modified=False)


# -- what waits in a staging table ---------------------------------------------------------------------------------------


def parcel_key(batch: str) -> str:
	"""Name of the data key for the staged rows of an import; an archive's number has no colon."""
	return f"Archive Import:{batch}"


def seal_parcel(key: Key, batch: str, row: str, text: str) -> str:
	"""Encrypt what a staged row keeps of secrets."""
	return cipher.seal(key, text, batch, row)


def unseal_parcel(key: Key, batch: str, row: str, sealed: str) -> Plain:
	"""Decrypt what `seal_parcel` gave.

	Raises:
		SecretUnreadableError: it was changed or moved.
	"""
	try:
		return cipher.unseal(key, sealed, batch, row)
	except cipher.UnreadableError:
		_unreadable()
