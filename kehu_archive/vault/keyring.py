"""The keys that live outside the site: master keys, the blind index's key, the audit's keys.

Contract: they stand in one JSON file beside ``sites/``, so that neither site_config nor a site's backup holds them:
``<bench>/config/kehu_archive/<site>.keys.json``, mode 600. ``KEHU_ARCHIVE_KEY_FILE`` names another file (``{site}`` stands for the site's
name); ``KEHU_ARCHIVE_KEYS`` is the JSON itself and wins. A key's id is the beginning of its SHA-256, so a damaged key is noticed when
the file is read. A file that is missing while the site already holds something encrypted or sealed is an error, never made anew.
Clause: R-DSC-01, R-DSC-03.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NoReturn

import frappe
from frappe import _

from kehu_archive.exceptions import MasterKeyError
from kehu_archive.vault.guarded import quiet
from kehu_archive.vault.keyfile import (
	FILE_VARIABLE as FILE_VARIABLE,
)
from kehu_archive.vault.keyfile import (
	Keyring,
	Keys,
	new_key,
	new_keys,
	one_of,
	parse,
	unwritable,
	write,
)

CONTENT_VARIABLE: Final = "KEHU_ARCHIVE_KEYS"


# One ring a process and site: the text, or the file's place, time and size, tells whether it is still the same.
_known: dict[str, tuple[object, Keyring]] = {}


def location() -> Path:
	"""Where the key file of the present site stands or would stand."""
	site = str(frappe.local.site)
	if named := os.environ.get(FILE_VARIABLE):
		return Path(named.replace("{site}", site)).absolute()
	return _bench() / "config" / "kehu_archive" / f"{site}.keys.json"


def from_environment() -> bool:
	"""Whether the keys come as text from the environment; then nothing here writes them."""
	return bool(os.environ.get(CONTENT_VARIABLE))


def _bench() -> Path:
	bench = Path(frappe.utils.get_bench_path())
	return bench if (bench / "sites").is_dir() else Path(os.path.realpath(frappe.local.sites_path)).parent


@quiet()
def load() -> Keyring:
	"""Return the site's keys, read again only when the file changed.

	Raises:
		MasterKeyError: there is no key file, it cannot be read, or it is damaged; the message names it and says what to do.
	"""
	if text := os.environ.get(CONTENT_VARIABLE):
		return _remembered(CONTENT_VARIABLE, hash(text), lambda: parse(text, CONTENT_VARIABLE))
	path = location()
	try:
		state = path.stat()
		stamp = (state.st_mtime_ns, state.st_size, state.st_ino)
		return _remembered(str(path), stamp, lambda: parse(path.read_text("utf-8"), str(path)))
	except FileNotFoundError:
		_missing(path)
	except (OSError, UnicodeDecodeError) as error:
		_unreadable(path, error)


def _remembered(origin: str, stamp: object, read: Any) -> Keyring:
	known = _known.get(origin)
	if known is None or known[0] != stamp:
		known = _known[origin] = (stamp, read())
	return known[1]


def audit_key() -> tuple[str, bytes]:
	"""Id and key with which new audit entries and seals are made.

	Raises:
		MasterKeyError: see `load`.
	"""
	audits = load().audits
	return audits.current, audits.by_id[audits.current]


def audit_key_by_id(key_id: str) -> bytes:
	"""The audit key of this id, former ones included.

	Raises:
		MasterKeyError: see `load`; or the ring does not hold it.
	"""
	ring = load()
	return one_of(ring.audits, key_id, ring.origin)


def ensure() -> None:
	"""At install and migrate: make the key file of a site that has nothing encrypted or sealed yet, otherwise check it.

	Raises:
		MasterKeyError: the file is missing although the site holds what was made with it, or it is damaged or another site's.
	"""
	if not from_environment() and not location().exists() and not _has_content():
		_create()
	check()


def check() -> None:
	"""Make sure that the keys are there and belong to this site.

	Raises:
		MasterKeyError: the keys are missing, damaged, or not those this site's data was made with.
	"""
	ring = load()
	if key_id := _unknown_master(ring):
		ring.master(key_id)
	if key_id := _last_audit_key():
		one_of(ring.audits, key_id, ring.origin)


def boot(bootinfo: Any) -> None:
	"""Tell the Desk of those who can do something about it that the keys are missing; everybody can still work elsewhere."""
	try:
		check()
	except MasterKeyError as error:
		frappe.clear_messages()
		if {"System Manager", "Archive Administrator"} & set(frappe.get_roles()):
			bootinfo.kehu_archive_key_error = str(error)


def _unknown_master(ring: Keyring) -> str | None:
	"""A master key that a data key needs and the ring lacks."""
	if not frappe.db.table_exists("Archive Data Key"):
		return None
	table = frappe.qb.DocType("Archive Data Key")
	query = frappe.qb.from_(table).select(table.key_id).where(table.key_id.notin(list(ring.masters.by_id)))
	found = query.limit(1).run()
	return str(found[0][0]) if found else None


def _last_audit_key() -> str | None:
	if not frappe.db.table_exists("Access Log Entry"):
		return None
	entry = frappe.qb.DocType("Access Log Entry")
	found = (
		frappe.qb.from_(entry).select(entry.key_id).orderby(entry.name, order=frappe.qb.desc).limit(1).run()
	)
	return str(found[0][0]) if found and found[0][0] else None


def _has_content() -> bool:
	return any(
		frappe.db.table_exists(doctype) and frappe.db.sql(f"select 1 from `tab{doctype}` limit 1")
		for doctype in ("Archive Data Key", "Access Log Entry", "Audit Seal")
	)


@quiet()
def _create() -> None:
	path = location()
	ring = Keyring(masters=new_keys(), audits=new_keys(), index=new_key()[1], origin=str(path))
	write(path, ring, replace_old=False)


@quiet()
def add_master() -> str:
	"""Add a new master key to the file and make it the current one; the former stay. Returns its id.

	Raises:
		MasterKeyError: the file cannot be read or written.
	"""
	with _locked():
		ring = load()
		key_id, key = new_key()
		write(location(), replace(ring, masters=Keys(key_id, {**ring.masters.by_id, key_id: key})))
	return key_id


@quiet()
def retire_masters() -> list[str]:
	"""Take every master key but the current one out of the file; returns the ids taken out.

	Raises:
		MasterKeyError: the file cannot be read or written, or a data key still needs one of them.
	"""
	with _locked():
		ring = load()
		current = ring.masters.current
		kept = replace(ring, masters=Keys(current, {current: ring.masters.by_id[current]}))
		if needed := _unknown_master(kept):
			frappe.throw(
				_("Data keys still need the master key {0}; it stays in {1}").format(needed, ring.origin),
				MasterKeyError,
			)
		retired = [key_id for key_id in ring.masters.by_id if key_id != current]
		if retired:
			write(location(), kept)
	return retired


@contextmanager
def _locked() -> Iterator[None]:
	"""One process at a time changes the file."""
	path = location()
	with suppress(OSError):
		path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
	try:
		handle = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
	except OSError as error:
		unwritable(path, error)
	try:
		fcntl.flock(handle, fcntl.LOCK_EX)
		yield
	finally:
		os.close(handle)


def _missing(path: Path) -> NoReturn:
	frappe.throw(
		_(
			"The key file {0} is missing. Put back the copy that is kept safe, or name its place in the environment variable {1}, and start the services again. A new file is not made, because it could not open what is encrypted already."
		).format(path, FILE_VARIABLE),
		MasterKeyError,
	)
	raise AssertionError  # frappe.throw never returns


def _unreadable(path: Path, error: Exception) -> NoReturn:
	frappe.throw(
		_(
			"The key file {0} cannot be read ({1}). Let the user who runs the services own it, with mode 600."
		).format(path, type(error).__name__),
		MasterKeyError,
	)
	raise AssertionError  # frappe.throw never returns
