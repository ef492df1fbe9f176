"""Faults that are really caused on the access log: it cannot be written, sealers race and die, and somebody with the database in his hands bends it.

R-DSC-04: the record cannot be bent, and what cannot be recorded does not happen.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import frappe
import pytest

from kehu_archive.audit import head, log, seal, verify
from kehu_archive.domain import audit_chain
from kehu_archive.domain import audit_check as check
from kehu_archive.exceptions import AuditError, MasterKeyError
from kehu_archive.tests import factories
from kehu_archive.tests.audit_log import (
	ENTRY,
	SEAL,
	SECRET,
	Caller,
	count,
	entries,
	faults,
	fill,
	filled,
	make_archive,
)
from kehu_archive.vault import keyring

pytestmark = pytest.mark.usefixtures("fresh_log")


@pytest.fixture
def archive(fresh_log: None) -> str:
	return make_archive()


# -- it cannot be written: nothing is shown ----------------------------------------------------------------------------


@contextmanager
def table_away() -> Iterator[None]:
	frappe.db.sql_ddl(f"rename table `tab{ENTRY}` to `tab{ENTRY} Away`")
	try:
		yield
	finally:
		frappe.db.sql_ddl(f"rename table `tab{ENTRY} Away` to `tab{ENTRY}`")


@contextmanager
def table_full() -> Iterator[None]:
	"""The very error that MariaDB gives when the disk or the tablespace is full."""
	frappe.db.sql_ddl(
		f"""create trigger kehu_test_full before insert on `tab{ENTRY}` for each row
		signal sqlstate 'HY000' set mysql_errno = 1114, message_text = 'The table is full'"""
	)
	try:
		yield
	finally:
		frappe.db.rollback()
		frappe.db.sql_ddl("drop trigger kehu_test_full")


@contextmanager
def key_away() -> Iterator[None]:
	path = keyring.location()
	away = path.with_name(path.name + ".away")
	path.rename(away)
	try:
		yield
	finally:
		away.rename(path)


def reading_roads(archive: str) -> list[Callable[[Caller], Any]]:
	return [
		lambda caller: caller.get(f"/api/resource/Customer Archive/{archive}"),
		lambda caller: caller.post("frappe.client.get", doctype="Customer Archive", name=archive),
		lambda caller: caller.get(
			"/api/method/frappe.desk.form.load.getdoc", doctype="Customer Archive", name=archive
		),
		lambda caller: caller.get(
			"/api/resource/Customer Archive", fields='["*"]', filters=f'{{"name": "{archive}"}}'
		),
		lambda caller: caller.post(
			"frappe.desk.reportview.get", doctype="Customer Archive", fields='["name", "address"]'
		),
		lambda caller: caller.get("/api/method/kehu_archive.api.overview.get", archive=archive),
		lambda caller: caller.session.put(
			f"{caller.url}/api/resource/Customer Archive/{archive}", json={"postcode": "100099"}, timeout=60
		),
	]


@pytest.mark.parametrize("fault", [table_away, table_full, key_away])
def test_when_the_log_cannot_be_written_nothing_is_shown_and_nothing_changes(
	fault: Callable[[], Any], archive: str, base_url: str
) -> None:
	caller = Caller(base_url)
	with fault():
		for road in reading_roads(archive):
			answer = road(caller)
			assert answer.status_code == 417, answer.text[:500]
			assert answer.json()["exc_type"] == "AuditError"
			messages = [json.loads(line)["message"] for line in json.loads(answer.json()["_server_messages"])]
			assert len(messages) == 1 and "审计记录写不进去" in messages[0]
			for word in (SECRET, SECRET.encode("unicode_escape").decode()):
				assert word not in answer.text
	frappe.db.rollback()
	assert frappe.db.get_value("Customer Archive", archive, "postcode") == "100083"
	assert count() == 0
	assert caller.get(f"/api/resource/Customer Archive/{archive}").json()["data"]["address"] == SECRET
	assert len(entries(action="Open File")) == 1


def test_a_failing_log_names_neither_a_path_nor_a_statement(archive: str, base_url: str) -> None:
	with key_away():
		text = Caller(base_url).get(f"/api/resource/Customer Archive/{archive}", filters="x").text
	with table_full():
		text += Caller(base_url).get("/api/resource/Customer Archive", filters="[]").text
	assert "keys.json" not in text and "insert into" not in text and "1114" not in text


def test_a_permission_does_not_change_unrecorded(db: Any) -> None:
	name = factories.ensure_user("unrecorded@kehu.test")
	frappe.db.commit()
	with table_full():
		with pytest.raises(AuditError):
			frappe.get_doc("User", name).add_roles("Archivist")
		frappe.db.rollback()
		assert "Archivist" not in frappe.get_roles(name)


# -- sealers ---------------------------------------------------------------------------------------------------------

_SEALER = """
import os, signal, sys, time
import frappe
frappe.init(site=sys.argv[1], sites_path=".")
frappe.connect()
from kehu_archive.audit import head, seal
def die(*_args, **_kwargs):
	os.kill(os.getpid(), signal.SIGKILL)
def pause(*args, **kwargs):
	print("in the middle", flush=True)
	time.sleep(3)
	return insert(*args, **kwargs)
insert = seal._insert
fault = sys.argv[2]
if fault == "before the seal":
	seal._insert = die
elif fault == "before the commit":
	seal._insert = lambda *args: (insert(*args), die())
elif fault == "before the note":
	head.write = die
elif fault == "pause":
	seal._insert = pause
else:
	while time.time() < float(fault):
		pass
seal.seal_pending()
frappe.destroy()
"""


def sealer(site: str, fault: str) -> subprocess.Popen[str]:
	return subprocess.Popen(
		[sys.executable, "-c", _SEALER, site, fault],
		cwd=Path(frappe.local.sites_path).resolve(),
		stdout=subprocess.PIPE,
		text=True,
	)


def assert_each_entry_once(expected: int) -> None:
	frappe.db.rollback()
	rows = frappe.get_all(SEAL, fields=["seal_no", "leaves"], order_by="seal_no")
	assert [row.seal_no for row in rows] == list(range(1, len(rows) + 1))
	leaves = [leaf.name for row in rows for leaf in audit_chain.read_leaves(row.leaves) or ()]
	assert len(leaves) == len(set(leaves)) == expected
	assert faults() == []


def test_sealers_at_once_seal_each_entry_once(site: str) -> None:
	for turn in range(3):
		fill(500)
		start = str(time.time() + 3)
		processes = [sealer(site, start) for _number in range(3)]
		assert [process.wait(60) for process in processes] == [0, 0, 0], turn
	assert_each_entry_once(1500)


@pytest.mark.parametrize("fault", ["before the seal", "before the commit", "before the note"])
def test_a_killed_sealer_leaves_nothing_half_done(site: str, fault: str) -> None:
	fill(10)
	assert seal.seal_pending() == 1
	fill(20)
	process = sealer(site, fault)
	assert process.wait(60) == -signal.SIGKILL
	frappe.db.rollback()
	done = 2 if fault == "before the note" else 1
	assert frappe.db.count(SEAL) == done
	assert frappe.db.count(ENTRY, {"seal": 0}) == (0 if done == 2 else 20)
	assert (head.read() or head.Head(0, "")).seal_no == 1
	assert faults() == []
	fill(1)
	assert seal.seal_pending() == 1
	assert (head.read() or head.Head(0, "")).seal_no == done + 1
	assert_each_entry_once(31)


def test_nobody_who_reads_waits_for_the_sealer(site: str) -> None:
	fill(50)
	process = sealer(site, "pause")
	assert process.stdout and process.stdout.readline() == "in the middle\n"
	start = time.perf_counter()
	fill(20)
	assert time.perf_counter() - start < 1.5
	assert process.poll() is None, "the sealer was done before the readers were"
	assert process.wait(60) == 0
	assert_each_entry_once(70)


def test_readers_do_not_wait_for_one_another_nor_the_sealer_for_them(site: str) -> None:
	"""A request that has recorded and is still at work; its entry has an older name than those sealed meanwhile."""
	recorded, go_on = threading.Event(), threading.Event()
	thread = threading.Thread(target=_slow_reader, args=(site, recorded, go_on))
	thread.start()
	try:
		assert recorded.wait(30)
		start = time.perf_counter()
		fill(10)
		assert seal.seal_pending() == 1
		assert time.perf_counter() - start < 1.5
	finally:
		go_on.set()
		thread.join(30)
	frappe.db.rollback()
	straggler = frappe.get_all(ENTRY, filters={"seal": 0}, pluck="name")
	assert len(straggler) == 1 and straggler[0] < min(
		frappe.get_all(ENTRY, filters={"seal": 1}, pluck="name")
	)
	assert seal.seal_pending() == 1
	assert_each_entry_once(11)


def _slow_reader(site: str, recorded: threading.Event, go_on: threading.Event) -> None:
	frappe.init(site=site, sites_path=".")
	frappe.connect()
	try:
		log.record("Open File", archive="slow")
		recorded.set()
		go_on.wait(60)
		frappe.db.commit()
	finally:
		frappe.destroy()


# -- tampering -------------------------------------------------------------------------------------------------------


def sql(statement: str, *values: Any) -> None:
	frappe.db.sql(statement, values)
	frappe.db.commit()


@pytest.mark.parametrize(
	("column", "value"),
	[
		("user", "nobody"),
		("action", "Find"),
		("archive", "QZ-9"),
		("happened_at", "2020-01-01 00:00:00.000001"),
		("quantity", 7),
		("ip_address", "10.0.0.1"),
		("detail", " "),
		("purpose", "x"),
		("digest", "0" * 64),
		("digest", None),
		("user", None),
	],
)
def test_a_changed_column_is_named(column: str, value: Any) -> None:
	names = filled(3, 4)
	sql(f"update `tab{ENTRY}` set `{column}` = %s where name = %s", value, names[1][2])
	assert faults() == [(check.CHANGED, 2, names[1][2])]


def test_a_deleted_entry_is_named() -> None:
	names = filled(3, 4)
	sql(f"delete from `tab{ENTRY}` where name = %s", names[2][0])
	assert faults() == [(check.MISSING, 3, names[2][0])]


def test_an_inserted_and_a_copied_entry_are_named() -> None:
	names = filled(2, 4)
	columns = ", ".join(f"`{column}`" for column in (*audit_chain.ENTRY_COLUMNS[1:], "digest", "seal"))
	for new_name in ("00000000", "zzzz"):
		sql(
			f"insert into `tab{ENTRY}` (name, {columns}) select %s, {columns} from `tab{ENTRY}` where name = %s",
			new_name,
			names[0][1],
		)
	assert faults() == [(check.EXTRA, 1, "00000000"), (check.EXTRA, 1, "zzzz")]


@pytest.mark.parametrize("number", [-1, 99])
def test_an_entry_under_a_seal_that_does_not_exist_is_named(number: int) -> None:
	names = filled(2, 4)
	sql(f"update `tab{ENTRY}` set seal = %s where name = %s", number, names[0][1])
	assert set(faults()) == {(check.EXTRA, number, names[0][1]), (check.MISSING, 1, names[0][1])}


def test_two_entries_that_swapped_their_content_are_named() -> None:
	names = filled(2, 4)
	first, second = names[0][1], names[0][2]
	content = ", ".join(f"`{column}`" for column in (*audit_chain.ENTRY_COLUMNS[1:], "digest"))
	rows = {
		name: frappe.db.sql(f"select {content} from `tab{ENTRY}` where name = %s", name)[0]
		for name in (first, second)
	}
	places = ", ".join(f"`{column}` = %s" for column in (*audit_chain.ENTRY_COLUMNS[1:], "digest"))
	for name, other in ((first, second), (second, first)):
		frappe.db.sql(f"update `tab{ENTRY}` set {places} where name = %s", (*rows[other], name))
	frappe.db.commit()
	assert faults() == [(check.CHANGED, 1, first), (check.CHANGED, 1, second)]


def test_entries_swapped_between_two_seals_are_named() -> None:
	names = filled(2, 4)
	sql(f"update `tab{ENTRY}` set seal = 3 - seal where name in (%s, %s)", names[0][0], names[1][0])
	assert {(kind, number) for kind, number, _name in faults()} == {
		(check.MISSING, 1),
		(check.EXTRA, 1),
		(check.MISSING, 2),
		(check.EXTRA, 2),
	}


def test_an_entry_taken_out_of_its_seal_and_sealed_anew_is_named() -> None:
	names = filled(2, 4)
	sql(f"update `tab{ENTRY}` set seal = 0 where name = %s", names[0][1])
	assert seal.seal_pending() == 1
	assert faults() == [(check.MISSING, 1, names[0][1])]


def test_the_last_seal_cut_off_with_its_entries_is_noticed_also_after_new_ones() -> None:
	filled(3, 4)
	sql(f"delete from `tab{ENTRY}` where seal = 3")
	sql(f"delete from `tab{SEAL}` where seal_no = 3")
	assert faults() == [(check.TAIL_CUT, 3, "")]
	filled(2, 2)
	assert faults() == [(check.TAIL_CUT, 3, "")]


def test_everything_deleted_is_noticed() -> None:
	filled(3, 4)
	sql(f"delete from `tab{ENTRY}`")
	sql(f"delete from `tab{SEAL}`")
	assert faults() == [(check.TAIL_CUT, 3, "")]


def test_a_lost_note_of_the_head_is_a_fault_and_not_made_anew_silently() -> None:
	filled(3, 4)
	head.location().unlink()
	assert faults() == [(check.HEAD_UNKNOWN, 3, "")]
	filled(1, 2)
	assert faults() == [(check.HEAD_UNKNOWN, 4, "")]


def test_a_seal_deleted_changed_or_made_anew_without_the_key_is_named() -> None:
	filled(3, 4)
	sql(f"update `tab{SEAL}` set entries = 3 where seal_no = 2")
	assert (check.SEAL_CHANGED, 2, "") in faults()
	sql(f"delete from `tab{SEAL}` where seal_no = 2")
	found = faults()
	assert (check.SEAL_MISSING, 2, "") in found
	assert sum(kind == check.EXTRA for kind, _number, _name in found) == 4


def test_a_window_rewritten_with_leaves_and_root_is_named() -> None:
	"""All that can be done without the key: drop an entry and make its seal fit, except for the digest."""
	names = filled(3, 4)
	row = frappe.get_all(SEAL, filters={"seal_no": 2}, fields=["*"])[0]
	kept = [leaf for leaf in audit_chain.read_leaves(row.leaves) or () if leaf.name != names[1][0]]
	sql(f"delete from `tab{ENTRY}` where name = %s", names[1][0])
	sql(
		f"update `tab{SEAL}` set leaves = %s, root = %s, entries = 3 where seal_no = 2",
		audit_chain.write_leaves(kept),
		audit_chain.merkle_root(kept),
	)
	assert faults() == [(check.SEAL_CHANGED, 2, "")]


def test_an_unsealed_entry_is_checked_by_its_own_digest_and_must_not_stay_unsealed() -> None:
	filled(1, 2)
	changed, old = fill(2)
	sql(f"update `tab{ENTRY}` set user = 'x' where name = %s", changed)
	assert faults() == [(check.CHANGED, 0, changed)]
	moment = "2026-01-01 00:00:00.000000"
	_key_id, key = keyring.audit_key()
	row = frappe.get_all(ENTRY, filters={"name": old}, fields=["*"])[0]
	row.happened_at = moment
	digest = audit_chain.entry_digest(key, [row[column] for column in audit_chain.ENTRY_COLUMNS])
	sql(f"update `tab{ENTRY}` set happened_at = %s, digest = %s where name = %s", moment, digest, old)
	assert faults() == [(check.CHANGED, 0, changed), (check.STALE, 0, old)]


def test_a_missing_key_file_is_said_and_is_no_finding() -> None:
	filled(1, 2)
	with key_away(), pytest.raises(MasterKeyError):
		verify.verify()
	assert faults() == []
