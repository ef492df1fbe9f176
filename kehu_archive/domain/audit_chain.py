"""Sealing of the access log: the form in which an entry is digested, and how seals chain digests so that no entry can be bent, slipped in or lost.

Contract: an entry's digest is keyed and covers its name and every column of its content. A seal lists the digests of the entries since the seal before
it as the leaves of a Merkle tree, names the digest of that seal and is itself digested with the key. So a changed entry does not fit its own digest, a
missing or added one does not fit its seal, a changed seal does not fit its digest, and a missing seal leaves the next one without its predecessor.
Only the key makes digests; whoever has nothing but the database cannot make one that fits.

Clause: R-DSC-04, R-DSC-06.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

ENTRY_COLUMNS: Final = (
	"name",
	"happened_at",
	"user",
	"action",
	"archive",
	"document_type",
	"document_name",
	"purpose",
	"quantity",
	"road",
	"ip_address",
	"department",
	"confidentiality",
	"detail",
	"key_id",
)
"""What an entry says, in the order in which it is digested."""
SEAL_COLUMNS: Final = (
	"seal_no",
	"sealed_at",
	"entries",
	"first_at",
	"last_at",
	"root",
	"previous_digest",
	"key_id",
)
"""What a seal says, in the order in which it is digested."""
GENESIS: Final = "0" * 64
"""The digest before the first seal."""
LARGE_TEXT: Final = 4096
"""Leaves longer than this are stored compressed."""
_PACKED: Final = "zlib:"
_MOST_UNPACKED: Final = 64 * 1024 * 1024


@dataclass(frozen=True)
class Leaf:
	"""An entry as its seal remembers it."""

	name: str
	digest: str


def stamp(moment: datetime | str | None) -> str:
	"""A moment as it is digested: always with six digits of a second, and empty when there is none."""
	if not moment:
		return ""
	if isinstance(moment, datetime):
		return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
	seconds, _dot, fraction = moment.partition(".")
	return f"{seconds}.{fraction:0<6}"


def canonical(kind: str, values: Iterable[object]) -> bytes:
	"""The one way to write a record down: an ASCII JSON list that begins with its kind, so that no two records share a form."""
	return json.dumps(
		[kind, *("" if value is None else str(value) for value in values)], separators=(",", ":")
	).encode()


def entry_digest(key: bytes, values: Sequence[object]) -> str:
	"""The keyed digest of an entry; ``values`` stand in the order of ``ENTRY_COLUMNS``, the moment as ``stamp`` writes it."""
	return hmac.digest(key, canonical("entry", values), "sha256").hex()


def seal_digest(key: bytes, seal: Mapping[str, object]) -> str:
	"""The keyed digest of a seal, its moments as ``stamp`` writes them."""
	return hmac.digest(key, canonical("seal", (seal[column] for column in SEAL_COLUMNS)), "sha256").hex()


def purge_digest(key: bytes, seal_no: int, root: str, purged_at: str) -> str:
	"""The keyed proof that the entries of a seal were taken out by the rule and not by hand."""
	return hmac.digest(key, canonical("purge", (seal_no, root, purged_at)), "sha256").hex()


def merkle_root(leaves: Iterable[Leaf]) -> str:
	"""The root over the leaves in their order; ``GENESIS`` when there are none. Leaves and nodes are hashed apart, an odd node moves up."""
	level = [hashlib.sha256(b"\0" + f"{leaf.name}:{leaf.digest}".encode()).digest() for leaf in leaves]
	if not level:
		return GENESIS
	while len(level) > 1:
		pairs = [
			hashlib.sha256(b"\1" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)
		]
		level = pairs + level[len(level) - len(level) % 2 :]
	return level[0].hex()


def write_leaves(leaves: Iterable[Leaf]) -> str:
	"""Leaves as text, a line each; a long text is compressed."""
	text = "\n".join(f"{leaf.name}:{leaf.digest}" for leaf in leaves)
	if len(text) <= LARGE_TEXT:
		return text
	return _PACKED + base64.b64encode(zlib.compress(text.encode(), 6)).decode()


def read_leaves(text: str | None) -> tuple[Leaf, ...] | None:
	"""The leaves of a seal, or None when the text is none that ``write_leaves`` made."""
	plain = _unpack(text or "")
	if plain is None:
		return None
	leaves = []
	for line in plain.split("\n") if plain else ():
		name, colon, digest = line.rpartition(":")
		if not colon:
			return None
		leaves.append(Leaf(name, digest))
	return tuple(leaves)


def _unpack(text: str) -> str | None:
	if not text.startswith(_PACKED):
		return text
	try:
		engine = zlib.decompressobj()
		plain = engine.decompress(base64.b64decode(text[len(_PACKED) :], validate=True), _MOST_UNPACKED)
		return plain.decode() if engine.eof else None
	except (ValueError, zlib.error):
		return None
