"""Authenticated encryption and the blind index; nothing here knows the framework.

Contract: AES-256-GCM with a fresh random nonce each time. What a text belongs to (record, archive, kind) is bound to it as associated data:
moved to another record it cannot be opened. The blind index is a keyed digest of a number in its normal form, so that the same number
gives the same index and nobody without the key can compute one. Clause: R-DSC-01.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kehu_archive.domain.identity import compact
from kehu_archive.vault.guarded import Key, Plain

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
#: First characters of what is stored; a later format gets another mark.
_MARK: Final = "k1:"


class UnreadableError(Exception):
	"""The text was changed, belongs elsewhere, or was made with another key; says nothing about which."""


def seal(key: bytes, text: str, *belongs_to: str) -> str:
	"""Encrypt a text for the record it belongs to; the result is ASCII."""
	return _seal(key, text.encode("utf-8"), belongs_to)


def unseal(key: bytes, sealed: str, *belongs_to: str) -> Plain:
	"""Decrypt what `seal` gave for the same record.

	Raises:
		UnreadableError: see there.
	"""
	return Plain(_unseal(key, sealed, belongs_to).decode("utf-8"))


def wrap(master: bytes, data_key: bytes, *belongs_to: str) -> str:
	"""Encrypt a data key under a master key."""
	return _seal(master, data_key, belongs_to)


def unwrap(master: bytes, wrapped: str, *belongs_to: str) -> Key:
	"""Decrypt what `wrap` gave.

	Raises:
		UnreadableError: see there.
	"""
	return Key(_unseal(master, wrapped, belongs_to))


def new_data_key() -> Key:
	"""A fresh random key."""
	return Key(os.urandom(KEY_BYTES))


def blind_index(key: bytes, kind: str, number: str) -> str:
	"""The index of a number: 64 hexadecimal digits; spelling (spaces, hyphens, full width, case) makes no difference."""
	return hmac.new(key, _joined((kind, compact(number))), hashlib.sha256).hexdigest()


def _seal(key: bytes, content: bytes, belongs_to: tuple[str, ...]) -> str:
	nonce = os.urandom(_NONCE_BYTES)
	sealed = AESGCM(bytes(key)).encrypt(nonce, bytes(content), _joined(belongs_to))
	return _MARK + base64.b64encode(nonce + sealed).decode("ascii")


def _unseal(key: bytes, sealed: str, belongs_to: tuple[str, ...]) -> bytes:
	if not sealed.startswith(_MARK):
		raise UnreadableError
	try:
		content = base64.b64decode(sealed[len(_MARK) :], validate=True)
		if len(content) < _NONCE_BYTES + _TAG_BYTES:
			raise UnreadableError
		return AESGCM(bytes(key)).decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], _joined(belongs_to))
	except (InvalidTag, ValueError):
		raise UnreadableError from None


def _joined(parts: tuple[str, ...]) -> bytes:
	"""Parts one behind the other, each with its length before it: no two lists of parts give the same bytes."""
	encoded = [part.encode("utf-8") for part in parts]
	return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
