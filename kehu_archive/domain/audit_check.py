"""Checking the access log seal by seal: what was changed, taken out, slipped in, moved or cut off, and what nobody can vouch for.

Contract: `Checker` takes the seals in their order and, within each, its entries, and remembers no more than one seal at a time. It reports every fault to
a `Findings`, which counts all and keeps the first ones.

Clause: R-DSC-04, R-DSC-06.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from kehu_archive.domain import audit_chain
from kehu_archive.domain.audit_chain import GENESIS, Leaf

CHANGED: Final = "changed"
MISSING: Final = "missing"
EXTRA: Final = "extra"
SEAL_CHANGED: Final = "seal-changed"
SEAL_MISSING: Final = "seal-missing"
CHAIN_BROKEN: Final = "chain-broken"
TAIL_CUT: Final = "tail-cut"
HEAD_UNKNOWN: Final = "head-unknown"
STALE: Final = "stale"
KEY_UNKNOWN: Final = "key-unknown"
PURGED_EARLY: Final = "purged-early"
KINDS: Final = (
	CHANGED,
	MISSING,
	EXTRA,
	SEAL_CHANGED,
	SEAL_MISSING,
	CHAIN_BROKEN,
	TAIL_CUT,
	HEAD_UNKNOWN,
	STALE,
	KEY_UNKNOWN,
	PURGED_EARLY,
)
LEAST_KEPT: Final = timedelta(days=181)
"""Six months, as the law counts them at the shortest (February to August). Clause: R-DSC-06."""
MOST_REMEMBERED: Final = 20

KeyOf = Callable[[str], bytes | None]


@dataclass(frozen=True)
class Fault:
	"""One thing that is not as it was sealed; ``entry`` is an entry's name, or empty when the seal itself is meant."""

	kind: str
	seal_no: int
	entry: str = ""


@dataclass
class Findings:
	"""How many faults of each kind, and the first of them in the order in which they were found."""

	counts: Counter[str] = field(default_factory=Counter)
	first: list[Fault] = field(default_factory=list)

	def add(self, kind: str, seal_no: int, entry: str = "") -> None:
		self.counts[kind] += 1
		if len(self.first) < MOST_REMEMBERED:
			self.first.append(Fault(kind, seal_no, entry))

	@property
	def total(self) -> int:
		return sum(self.counts.values())


@dataclass(frozen=True)
class Seal:
	"""A stored seal, its moments as ``audit_chain.stamp`` writes them."""

	values: Mapping[str, object]
	digest: str
	leaves: str = ""
	purged_at: str = ""
	purge_digest: str = ""

	@property
	def number(self) -> int:
		return int(str(self.values["seal_no"]))


class Checker:
	"""Goes through the seals; for each: ``open``, then ``see`` for every stored entry, then ``close``."""

	def __init__(self, key_of: KeyOf, findings: Findings) -> None:
		self.key_of = key_of
		self.findings = findings
		self.last_number = 0
		self.last_digest = GENESIS
		self._expected: dict[str, str] = {}
		self._open = 0

	def open(self, seal: Seal) -> None:
		"""Check a seal itself and expect its entries."""
		self._check_chain(seal)
		self._open = seal.number
		self._expected = {leaf.name: leaf.digest for leaf in self._leaves(seal)}
		self.last_number, self.last_digest = seal.number, seal.digest

	def _check_chain(self, seal: Seal) -> None:
		if seal.number > self.last_number + 1:
			self.findings.add(SEAL_MISSING, self.last_number + 1)
			self.findings.counts[SEAL_MISSING] += seal.number - self.last_number - 2
		if seal.number == self.last_number + 1 and seal.values["previous_digest"] != self.last_digest:
			self.findings.add(CHAIN_BROKEN, seal.number)
		key = self._key(str(seal.values["key_id"]), seal.number)
		if key and not _same(audit_chain.seal_digest(key, seal.values), seal.digest):
			self.findings.add(SEAL_CHANGED, seal.number)

	def _leaves(self, seal: Seal) -> Iterable[Leaf]:
		"""The entries that belong under a seal: none when they were purged by the rule."""
		if seal.purged_at:
			if not self._is_purged_rightly(seal):
				self.findings.add(PURGED_EARLY, seal.number)
			return ()
		leaves = audit_chain.read_leaves(seal.leaves)
		fits = (
			leaves is not None
			and len(leaves) == seal.values["entries"]
			and audit_chain.merkle_root(leaves) == seal.values["root"]
		)
		if leaves is None or not fits:
			self.findings.add(SEAL_CHANGED, seal.number)
		return leaves or ()

	def _is_purged_rightly(self, seal: Seal) -> bool:
		key = self._key(str(seal.values["key_id"]), seal.number)
		proof = (
			audit_chain.purge_digest(key, seal.number, str(seal.values["root"]), seal.purged_at)
			if key
			else ""
		)
		try:
			age = datetime.fromisoformat(seal.purged_at) - datetime.fromisoformat(str(seal.values["last_at"]))
		except ValueError:
			return False
		return _same(proof, seal.purge_digest) and age >= LEAST_KEPT

	def see(self, values: Sequence[object], digest: str) -> None:
		"""Check a stored entry of the open seal; ``values`` in the order of ``ENTRY_COLUMNS``."""
		name = str(values[0])
		expected = self._expected.pop(name, None)
		if expected is None:
			self.findings.add(EXTRA, self._open, name)
		elif not _same(expected, digest) or not self.is_genuine(values, digest, self._open):
			self.findings.add(CHANGED, self._open, name)

	def is_genuine(self, values: Sequence[object], digest: str, seal_no: int = 0) -> bool:
		"""Whether an entry fits its own digest; an unknown key is a finding of its own."""
		key = self._key(str(values[-1]), seal_no)
		return key is None or _same(audit_chain.entry_digest(key, values), digest)

	def close(self) -> None:
		"""Whatever the open seal still expects is gone."""
		for name in self._expected:
			self.findings.add(MISSING, self._open, name)
		self._expected = {}

	def _key(self, key_id: str, seal_no: int) -> bytes | None:
		key = self.key_of(key_id)
		if key is None:
			self.findings.add(KEY_UNKNOWN, seal_no, key_id)
		return key


def _same(one: str, other: str) -> bool:
	return hmac.compare_digest(one.encode(), other.encode())
