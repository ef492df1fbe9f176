"""The key file itself: what stands in it, how it is read and how it is written.

Contract: JSON with master keys, audit keys and the blind index's key, base64. A key's id is the beginning of its SHA-256, so that a damaged key is
noticed when the file is read. Writing leaves the old file or the new one, never half of one. Clause: R-DSC-01.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

import frappe
from frappe import _

from kehu_archive.exceptions import MasterKeyError
from kehu_archive.vault.guarded import Key

KEY_BYTES: Final = 32
#: Names another key file; ``{site}`` stands for the site's name.
FILE_VARIABLE: Final = "KEHU_ARCHIVE_KEY_FILE"
_FORMAT: Final = 1
_ID_LENGTH: Final = 16


@dataclass(frozen=True)
class Keys:
	"""Keys of one use by id, and the id of the one new things are made with."""

	current: str
	by_id: Mapping[str, Key] = field(repr=False)


@dataclass(frozen=True)
class Keyring:
	"""All keys of a site; ``origin`` is the file's path or the variable's name."""

	masters: Keys
	audits: Keys
	index: Key = field(repr=False)
	origin: str

	def master(self, key_id: str) -> Key:
		"""The master key of this id.

		Raises:
			MasterKeyError: the ring does not hold it.
		"""
		return one_of(self.masters, key_id, self.origin)


def one_of(keys: Keys, key_id: str, origin: str) -> Key:
	"""The key of this id.

	Raises:
		MasterKeyError: there is none; the message says that the file belongs to another site or time.
	"""
	if key_id not in keys.by_id:
		frappe.throw(
			_(
				"The key {0} is not in {1}, but this site's data was encrypted or sealed with it. Put back the key file that belongs to this site (from where the keys are kept safe); without it the content cannot be read."
			).format(key_id, origin),
			MasterKeyError,
		)
	return keys.by_id[key_id]


def new_key() -> tuple[str, Key]:
	"""A fresh random key and its id."""
	key = Key(secrets.token_bytes(KEY_BYTES))
	return _id_of(key), key


def _id_of(key: bytes) -> str:
	return hashlib.sha256(key).hexdigest()[:_ID_LENGTH]


def new_keys() -> Keys:
	"""A set of keys with one fresh key in it."""
	key_id, key = new_key()
	return Keys(key_id, {key_id: key})


def write(path: Path, ring: Keyring, *, replace_old: bool = True) -> None:
	"""Write the whole file beside the old one, then put it in its place.

	Args:
		path: where it belongs.
		ring: its content.
		replace_old: False: a file that is there by now stays as it is.

	Raises:
		MasterKeyError: it cannot be written; the old file stays.
	"""
	try:
		path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
		handle, name = tempfile.mkstemp(prefix=".keys-", dir=path.parent)
		try:
			with os.fdopen(handle, "w", encoding="utf-8") as file:
				file.write(_text(ring))
				file.flush()
				os.fsync(file.fileno())
			if replace_old:
				os.replace(name, path)
			else:
				# Another process may have been faster; its keys may be in use already, so they stay.
				with suppress(FileExistsError):
					os.link(name, path)
		finally:
			with suppress(FileNotFoundError):
				os.unlink(name)
		_sync_folder(path.parent)
	except OSError as error:
		unwritable(path, error)


def _sync_folder(folder: Path) -> None:
	handle = os.open(folder, os.O_RDONLY)
	try:
		os.fsync(handle)
	finally:
		os.close(handle)


def _text(ring: Keyring) -> str:
	content = {
		"format": _FORMAT,
		"about": "Keys of the customer archives. Keep a copy in a safe place apart from the backups; without it secrets cannot be read.",
		"master": _keys_text(ring.masters),
		"audit": _keys_text(ring.audits),
		"index": {"id": _id_of(ring.index), "key": _encoded(ring.index)},
	}
	return json.dumps(content, indent="\t") + "\n"


def _keys_text(keys: Keys) -> dict[str, Any]:
	return {"current": keys.current, "keys": {key_id: _encoded(key) for key_id, key in keys.by_id.items()}}


def _encoded(key: bytes) -> str:
	return base64.b64encode(bytes(key)).decode("ascii")


def parse(text: str, origin: str) -> Keyring:
	"""Read a key file's content.

	Raises:
		MasterKeyError: it is damaged; the message names `origin`.
	"""
	try:
		content = json.loads(text)
		index = content["index"]
		return Keyring(
			masters=_parse_keys(content["master"]),
			audits=_parse_keys(content["audit"]),
			index=_parse_key(index["id"], index["key"]),
			origin=origin,
		)
	except (ValueError, KeyError, TypeError, AttributeError):
		# Neither the error nor its cause is shown: both may quote the content.
		pass
	frappe.throw(
		_(
			"The key file {0} is damaged. Put back the copy that is kept safe; do not delete or edit it: without the right keys encrypted content and audit seals of this site cannot be read or checked."
		).format(origin),
		MasterKeyError,
	)
	raise AssertionError  # frappe.throw never returns


def _parse_keys(content: Any) -> Keys:
	keys = {key_id: _parse_key(key_id, text) for key_id, text in content["keys"].items()}
	if content["current"] not in keys:
		raise ValueError
	return Keys(content["current"], keys)


def _parse_key(key_id: str, text: str) -> Key:
	key = Key(base64.b64decode(text, validate=True))
	if len(key) != KEY_BYTES or _id_of(key) != key_id:
		raise ValueError
	return key


def unwritable(path: Path, error: OSError) -> NoReturn:
	"""Say that the key file cannot be written and what to do.

	Raises:
		MasterKeyError: always.
	"""
	frappe.throw(
		_(
			"The key file {0} cannot be written ({1}). Let the user who runs the services own its folder, or set {2} to a place he may write."
		).format(path, os.strerror(error.errno or 0), FILE_VARIABLE),
		MasterKeyError,
	)
	raise AssertionError  # frappe.throw never returns
