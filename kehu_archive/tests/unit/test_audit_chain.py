"""The access log's digests, seals and their check, without a database. R-DSC-04, R-DSC-06."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu_archive.domain import audit_chain as chain
from kehu_archive.domain import audit_check as check
from kehu_archive.domain.audit_chain import ENTRY_COLUMNS, GENESIS, Leaf
from kehu_archive.domain.bulk_reading import Access, Limits, bursts

KEY = b"k" * 32
KEYS = {"k1": KEY}
START = datetime(2026, 3, 1, 9)


def entry(number: int, **values: Any) -> list[object]:
	content: dict[str, object] = dict.fromkeys(ENTRY_COLUMNS, "")
	content |= {
		"name": f"{number:016x}",
		"happened_at": chain.stamp(START + timedelta(seconds=number)),
		"user": "zhao@kehu.test",
		"action": "Open File",
		"quantity": 1,
		"key_id": "k1",
		**values,
	}
	return [content[column] for column in ENTRY_COLUMNS]


Stored = list[tuple[list[object], str]]


def stored(numbers: Iterable[int]) -> Stored:
	return [(values := entry(number), chain.entry_digest(KEY, values)) for number in numbers]


def seal(number: int, entries: Stored, previous: str) -> check.Seal:
	leaves = [Leaf(str(values[0]), digest) for values, digest in entries]
	values: dict[str, object] = {
		"seal_no": number,
		"sealed_at": chain.stamp(START + timedelta(minutes=number)),
		"entries": len(entries),
		"first_at": entries[0][0][1],
		"last_at": entries[-1][0][1],
		"root": chain.merkle_root(leaves),
		"previous_digest": previous,
		"key_id": "k1",
	}
	return check.Seal(values, chain.seal_digest(KEY, values), chain.write_leaves(leaves))


def log(windows: int = 3, size: int = 4) -> list[tuple[check.Seal, Stored]]:
	previous, found = GENESIS, []
	for number in range(1, windows + 1):
		entries = stored(range(number * size, (number + 1) * size))
		made = seal(number, entries, previous)
		previous = made.digest
		found.append((made, entries))
	return found


def findings(windows: Iterable[tuple[check.Seal, Stored]]) -> list[tuple[str, int, str]]:
	found = check.Findings()
	checker = check.Checker(KEYS.get, found)
	for made, entries in windows:
		checker.open(made)
		for values, digest in entries:
			checker.see(values, digest)
		checker.close()
	return [(fault.kind, fault.seal_no, fault.entry) for fault in found.first]


def name_of(entries: Stored, at: int) -> str:
	return str(entries[at][0][0])


def test_an_untouched_log_is_sound() -> None:
	assert findings(log()) == []


@pytest.mark.parametrize("column", [column for column in ENTRY_COLUMNS if column not in ("name", "key_id")])
def test_a_change_of_any_column_is_named(column: str) -> None:
	windows = log()
	values = windows[1][1][2][0]
	values[ENTRY_COLUMNS.index(column)] = "9" if column == "quantity" else "changed"
	assert findings(windows) == [(check.CHANGED, 2, name_of(windows[1][1], 2))]


def test_a_change_with_a_digest_of_another_key_is_named() -> None:
	windows = log()
	values = entry(5, user="qian@kehu.test")
	windows[0][1][1] = (values, chain.entry_digest(b"x" * 32, values))
	assert findings(windows) == [(check.CHANGED, 1, str(values[0]))]


def test_a_change_that_names_an_unknown_key_is_a_fault() -> None:
	windows = log()
	values = entry(5, key_id="mine")
	windows[0][1][1] = (values, windows[0][1][1][1])
	assert (check.KEY_UNKNOWN, 1, "mine") in findings(windows)


def test_a_missing_and_an_added_entry_are_named() -> None:
	windows = log()
	gone = name_of(windows[0][1], 3)
	del windows[0][1][3]
	windows[2][1].extend(stored([99]))
	assert findings(windows) == [(check.MISSING, 1, gone), (check.EXTRA, 3, f"{99:016x}")]


def test_entries_swapped_between_seals_are_named_in_both() -> None:
	windows = log()
	first, second = windows[0][1], windows[1][1]
	first[0], second[0] = second[0], first[0]
	assert {kind for kind, _number, _name in findings(windows)} == {check.MISSING, check.EXTRA}
	assert len(findings(windows)) == 4


def test_a_missing_seal_is_named() -> None:
	windows = log()
	del windows[1]
	assert findings(windows) == [(check.SEAL_MISSING, 2, "")]


def test_a_seal_that_was_made_anew_breaks_the_chain() -> None:
	windows = log()
	kept = windows[1][1][:-1]
	windows[1] = (seal(2, kept, windows[0][0].digest), kept)
	assert findings(windows) == [(check.CHAIN_BROKEN, 3, "")]


@pytest.mark.parametrize(
	"column", [column for column in chain.SEAL_COLUMNS if column not in ("seal_no", "key_id")]
)
def test_a_change_of_a_seal_is_named(column: str) -> None:
	windows = log()
	made, entries = windows[1]
	forged = {**made.values, column: 77 if column == "entries" else "2026-01-01 00:00:00.000000"}
	windows[1] = (check.Seal(forged, made.digest, made.leaves), entries)
	assert (check.SEAL_CHANGED, 2, "") in findings(windows)


@pytest.mark.parametrize("leaves", ["", "zlib:!!", "zlib:eJw=", "no colon", "zlib:" + "A" * 40])
def test_leaves_that_are_no_leaves_are_a_fault_and_no_error(leaves: str) -> None:
	windows = log()
	made, entries = windows[1]
	windows[1] = (check.Seal(made.values, made.digest, leaves), entries)
	assert findings(windows)[0] == (check.SEAL_CHANGED, 2, "")


def purged(made: check.Seal, at: datetime, key: bytes = KEY) -> check.Seal:
	stamp = chain.stamp(at)
	proof = chain.purge_digest(key, made.number, str(made.values["root"]), stamp)
	return check.Seal(made.values, made.digest, "", stamp, proof)


def test_a_purge_needs_its_proof_and_the_time_the_law_asks_for() -> None:
	windows = log()
	made = windows[0][0]
	in_time = START + check.LEAST_KEPT + timedelta(hours=1)
	assert findings([(purged(made, in_time), []), *windows[1:]]) == []
	assert findings([(purged(made, START + timedelta(days=90)), []), *windows[1:]]) == [
		(check.PURGED_EARLY, 1, "")
	]
	assert findings([(purged(made, in_time, b"x" * 32), []), *windows[1:]]) == [(check.PURGED_EARLY, 1, "")]
	assert findings([(purged(made, in_time), stored([4])), *windows[1:]]) == [(check.EXTRA, 1, f"{4:016x}")]


def test_all_faults_are_counted_and_the_first_are_remembered() -> None:
	found = check.Findings()
	for number in range(100):
		found.add(check.MISSING, 1, str(number))
	assert found.total == 100
	assert [fault.entry for fault in found.first] == [str(number) for number in range(check.MOST_REMEMBERED)]


# -- digests ---------------------------------------------------------------------------------------------------------

texts = st.text(max_size=20)


@given(st.lists(texts, min_size=2, max_size=5), st.lists(texts, min_size=2, max_size=5))
def test_two_records_share_a_form_only_when_they_are_equal(one: list[str], other: list[str]) -> None:
	assert (chain.canonical("entry", one) == chain.canonical("entry", other)) == (one == other)
	assert chain.canonical("entry", one) != chain.canonical("seal", one)
	assert json.loads(chain.canonical("entry", one)) == ["entry", *one]


@given(
	st.lists(
		st.tuples(
			st.text("0123456789abcdef", min_size=1, max_size=28),
			st.text("0123456789abcdef", min_size=64, max_size=64),
		),
		max_size=90,
	)
)
def test_leaves_survive_being_stored(pairs: list[tuple[str, str]]) -> None:
	leaves = tuple(Leaf(*pair) for pair in pairs)
	assert chain.read_leaves(chain.write_leaves(leaves)) == leaves


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=40, unique=True), st.data())
def test_every_leaf_and_its_place_count_for_the_root(numbers: list[int], data: st.DataObject) -> None:
	leaves = [Leaf(f"{number:x}", f"{number:064x}") for number in numbers]
	root = chain.merkle_root(leaves)
	at = data.draw(st.integers(0, len(leaves) - 1))
	changed = [*leaves[:at], Leaf(leaves[at].name, "f" * 64), *leaves[at + 1 :]]
	assert chain.merkle_root(changed) != root
	assert chain.merkle_root([*leaves[:at], *leaves[at + 1 :]]) != root
	assert chain.merkle_root([*leaves, leaves[-1]]) != root
	if len(leaves) > 1:
		assert chain.merkle_root(leaves[::-1]) != root


def test_the_root_is_the_one_that_others_compute() -> None:
	"""Computed by hand: SHA-256 of 01, and the hashes of 00 with each leaf; an odd third leaf moves up."""
	from hashlib import sha256

	def leaf(text: str) -> bytes:
		return sha256(b"\0" + text.encode()).digest()

	left = sha256(b"\1" + leaf("a:1") + leaf("b:2")).digest()
	assert (
		chain.merkle_root([Leaf("a", "1"), Leaf("b", "2"), Leaf("c", "3")])
		== sha256(b"\1" + left + leaf("c:3")).hexdigest()
	)
	assert chain.merkle_root([]) == GENESIS


@pytest.mark.parametrize(
	("moment", "text"),
	[
		(datetime(2026, 3, 1, 9, 0, 0, 5), "2026-03-01 09:00:00.000005"),
		("2026-03-01 09:00:00", "2026-03-01 09:00:00.000000"),
		("2026-03-01 09:00:00.12", "2026-03-01 09:00:00.120000"),
		(None, ""),
	],
)
def test_a_moment_is_written_in_one_way(moment: datetime | str | None, text: str) -> None:
	assert chain.stamp(moment) == text


# -- unusual reading -------------------------------------------------------------------------------------------------

LIMITS = Limits(files=5, rows=100, window=timedelta(minutes=10))


def reads(user: str, count: int, every: timedelta, file: str | None = None) -> list[Access]:
	return [Access(user, START + every * number, file or f"QZ-{number}") for number in range(count)]


def test_many_different_files_within_the_window_are_unusual() -> None:
	found = bursts(reads("a", 5, timedelta(minutes=2)), LIMITS)
	assert [(burst.user, burst.files, burst.moment) for burst in found] == [
		("a", 5, START + timedelta(minutes=8))
	]


@pytest.mark.parametrize(
	"accesses",
	[
		reads("a", 4, timedelta(seconds=1)),
		reads("a", 50, timedelta(minutes=3)),
		reads("a", 50, timedelta(seconds=1), file="QZ-1"),
		[*reads("a", 4, timedelta(seconds=1)), *reads("b", 4, timedelta(seconds=1))],
		[Access("a", START, rows=99)],
	],
)
def test_few_slow_or_repeated_reading_is_not(accesses: list[Access]) -> None:
	assert bursts(accesses, LIMITS) == []


def test_one_alert_for_a_person_and_window() -> None:
	found = bursts(reads("a", 600, timedelta(seconds=3)), LIMITS)
	assert [burst.moment - START for burst in found] == [
		timedelta(seconds=12),
		timedelta(minutes=10, seconds=12),
		timedelta(minutes=20, seconds=12),
	]


def test_records_taken_out_add_up() -> None:
	accesses = [Access("a", START + timedelta(minutes=minute), rows=50) for minute in (0, 9, 30)]
	assert [(burst.files, burst.rows) for burst in bursts(accesses, LIMITS)] == [(0, 100)]


def test_a_limit_of_nothing_is_switched_off() -> None:
	assert bursts(reads("a", 50, timedelta(seconds=1)), Limits(0, 0, timedelta(minutes=10))) == []
