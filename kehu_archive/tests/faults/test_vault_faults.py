"""Faults that are really caused: a change of the master key killed by signal 9, two first savers, a full and a read-only disk. R-DSC-01, R-DSC-03."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import frappe
import pytest

from kehu_archive.exceptions import MasterKeyError
from kehu_archive.services import bulk
from kehu_archive.tests import factories
from kehu_archive.vault import keyring, rotation, store
from kehu_archive.vault.store import Home

RECORD = "Sensitive Record"
ARCHIVES = 40
MARK = "保管库故障"
_CHILD = """
import sys, time, frappe
frappe.init(site=sys.argv[1], sites_path=".")
frappe.connect()
from kehu_archive.vault import rotation, keyring
def commit():
	frappe.db.commit()
	print("chunk", flush=True)
	time.sleep(float(sys.argv[2]))
if sys.argv[3] == "before-retiring":
	def wait():
		print("retiring", flush=True)
		time.sleep(60)
	rotation._retire = wait
done = rotation.rotate(commit, 5)
print(done.current, flush=True)
frappe.destroy()
"""


def sites() -> Path:
	return Path(os.environ["KEHU_BENCH_DIR"]) / "sites"


def run_rotation(site: str, pause: float = 0, how: str = "", **options: Any) -> subprocess.Popen[str]:
	return subprocess.Popen(
		[sys.executable, "-c", _CHILD, site, str(pause), how], cwd=sites(), stdout=subprocess.PIPE, text=True, **options
	)


@pytest.fixture
def secrets(db: Any) -> Iterator[dict[str, str]]:
	"""Records on many archives, each with a data key of its own, committed: record -> its content."""
	remove()
	rows = [factories.archive_values(customer_name=f"{MARK}{number}有限公司") for number in range(ARCHIVES)]
	names = bulk.insert_archives([{**row, "archive_date": "2026-03-01"} for row in rows])
	numbers = {name: str(random.randrange(10**14, 10**15)) for name in names}
	bulk.insert_secrets(
		[{"archive": name, "record_kind": "Bank Account", "value": number} for name, number in numbers.items()]
	)
	frappe.db.commit()
	found = frappe.get_all(RECORD, filters={"archive": ("in", names)}, fields=["name", "archive"], as_list=True)
	yield {record: numbers[archive] for record, archive in found}
	remove()


def remove() -> None:
	frappe.db.rollback()
	archives = frappe.get_all("Customer Archive", filters={"customer_name": ("like", f"{MARK}%")}, pluck="name")
	if archives:
		for doctype, field in ((RECORD, "archive"), ("Archive Contact", "archive"), ("Archive Data Key", "name"), ("Customer Archive", "name")):
			frappe.db.delete(doctype, {field: ("in", archives)})
		frappe.db.sql("delete from `__kehu_archive_search` where archive in %s", (archives,))
	frappe.db.commit()


def assert_all_open(secrets: dict[str, str]) -> None:
	frappe.db.rollback()
	for name, number in secrets.items():
		found = frappe.db.get_value(RECORD, name, ["archive", "record_kind", "ciphertext"], as_dict=True)
		assert store.unseal(Home(name, found.archive, found.record_kind), found.ciphertext) == number


def keys_in_use() -> set[str]:
	frappe.db.rollback()
	return set(frappe.get_all("Archive Data Key", pluck="key_id", distinct=True, order_by="key_id"))


def read_until(process: subprocess.Popen[str], word: str, times: int = 1) -> None:
	assert process.stdout
	for line in process.stdout:
		times -= line.startswith(word)
		if not times:
			return
	raise AssertionError(f"the process ended before it said {word!r}")


def test_a_change_of_the_master_key(secrets: dict[str, str], site: str) -> None:
	before = keyring.load().masters.current
	process = run_rotation(site)
	output, _errors = process.communicate(timeout=120)
	assert process.returncode == 0
	ring = keyring.load()
	assert output.split()[-1] == ring.masters.current != before
	assert set(ring.masters.by_id) == keys_in_use() == {ring.masters.current}
	assert_all_open(secrets)
	entries = frappe.get_all("Access Log Entry", filters={"action": "Key Rotation"}, fields=["detail"], limit=2, order_by="creation desc")
	assert {entry.detail for entry in entries} == {f"begun: {ring.masters.current}", f"done: {ring.masters.current}"}


@pytest.mark.parametrize("chunks", [1, 3, 6])
def test_killed_half_way_everything_opens_and_it_goes_on(secrets: dict[str, str], site: str, chunks: int) -> None:
	before = keyring.load().masters.current
	process = run_rotation(site, 0.3)
	read_until(process, "chunk", chunks)
	process.send_signal(signal.SIGKILL)
	process.wait(30)
	ring = keyring.load()
	assert set(ring.masters.by_id) > {before}, "both keys stay"
	assert ring.masters.current != before
	assert len(keys_in_use()) == (1 if chunks == 1 else 2)
	assert_all_open(secrets)
	keyring.check()
	resumed = run_rotation(site)
	output, _errors = resumed.communicate(timeout=120)
	assert resumed.returncode == 0
	assert output.split()[-1] == ring.masters.current, "it goes on with the key it began"
	assert set(keyring.load().masters.by_id) == keys_in_use() == {ring.masters.current}
	assert_all_open(secrets)


def test_killed_before_the_former_key_is_retired(secrets: dict[str, str], site: str) -> None:
	process = run_rotation(site, 0, "before-retiring")
	read_until(process, "retiring")
	process.send_signal(signal.SIGKILL)
	process.wait(30)
	assert len(keyring.load().masters.by_id) == 2
	assert len(keys_in_use()) == 1
	assert_all_open(secrets)
	assert run_rotation(site).wait(60) == 0
	assert len(keyring.load().masters.by_id) == 1
	assert_all_open(secrets)


def test_a_record_saved_with_the_former_key_during_the_change_stays_readable(secrets: dict[str, str], site: str) -> None:
	"""A transaction that took the former master key is still open when the last chunk is done: the key waits for it."""
	archive = factories.make_archive(customer_name=f"{MARK}慢有限公司").name
	frappe.db.commit()
	record = frappe.get_doc({"doctype": RECORD, "archive": archive, "record_kind": "Family", "value": "已婚"}).insert()
	former = frappe.db.get_value("Archive Data Key", archive, "key_id")
	process = run_rotation(site)
	time.sleep(4)
	assert process.poll() is None, "it must wait for our transaction"
	assert former in keyring.load().masters.by_id
	frappe.db.commit()
	assert process.wait(60) == 0
	assert former not in keyring.load().masters.by_id
	assert_all_open({**secrets, record.name: "已婚"})


def test_two_first_savers_share_one_data_key(secrets: dict[str, str], site: str) -> None:
	archive = str(factories.make_archive(customer_name=f"{MARK}并发有限公司").name)
	frappe.db.commit()
	code = """
import sys, frappe
frappe.init(site=sys.argv[1], sites_path=".")
frappe.connect()
frappe.db.sql("select count(*) from `tabArchive Data Key`")  # its view of the data begins here
print("ready", flush=True)
sys.stdin.readline()
doc = frappe.get_doc({"doctype": "Sensitive Record", "archive": sys.argv[2], "record_kind": "Family", "value": sys.argv[3]}).insert()
frappe.db.commit()
print(doc.name, flush=True)
frappe.destroy()
"""
	started = [
		subprocess.Popen(
			[sys.executable, "-c", code, site, archive, f"家庭{number}"],
			cwd=sites(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
		)
		for number in range(3)
	]  # fmt: skip
	for process in started:
		read_until(process, "ready")
	named: dict[str, str] = {}

	def go(number: int) -> None:
		output, _errors = started[number].communicate("go\n", timeout=60)
		named[output.split()[-1]] = f"家庭{number}"

	threads = [threading.Thread(target=go, args=(number,)) for number in range(3)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join(90)
	assert len(named) == 3
	assert_all_open({**secrets, **named})


def test_a_file_that_cannot_be_written_changes_nothing(secrets: dict[str, str], site: str) -> None:
	"""The kernel refuses to let any file grow: the old file stays whole and no data key is touched."""
	path, used = keyring.location(), keys_in_use()
	before = path.read_bytes()
	process = run_rotation(
		site, stderr=subprocess.PIPE, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
	)
	_output, errors = process.communicate(timeout=60)
	assert process.returncode != 0
	assert "MasterKeyError" in errors and str(path) in errors
	assert path.read_bytes() == before
	assert not [left for left in path.parent.iterdir() if left.name.startswith(".keys-")]
	assert keys_in_use() == used
	assert_all_open(secrets)


def test_a_changed_data_key_stops_the_change_and_loses_no_key(secrets: dict[str, str], site: str) -> None:
	archive = frappe.db.get_value(RECORD, next(iter(secrets)), "archive")
	wrapped = frappe.db.get_value("Archive Data Key", archive, "wrapped_key")
	frappe.db.set_value("Archive Data Key", archive, "wrapped_key", wrapped[:-8] + "AAAAAAA=")
	frappe.db.commit()
	before = set(keyring.load().masters.by_id)
	with pytest.raises(MasterKeyError, match=archive):
		rotation.rotate(frappe.db.commit, 5)
	assert set(keyring.load().masters.by_id) > before
	frappe.db.rollback()
	frappe.db.set_value("Archive Data Key", archive, "wrapped_key", wrapped)
	frappe.db.commit()
	rotation.rotate(frappe.db.commit, 5)
	assert_all_open(secrets)


def test_keys_from_the_environment_are_changed_by_the_administrator(
	secrets: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
	path = keyring.location()
	content = json.loads(path.read_text())
	monkeypatch.setenv(keyring.CONTENT_VARIABLE, json.dumps(content))
	with pytest.raises(MasterKeyError, match=keyring.CONTENT_VARIABLE):
		rotation.rotate(frappe.db.commit)
	monkeypatch.delenv(keyring.CONTENT_VARIABLE)
	try:
		added = keyring.add_master()
		monkeypatch.setenv(keyring.CONTENT_VARIABLE, path.read_text())
		done = rotation.rotate(frappe.db.commit, 7)
		assert (done.current, done.retired) == (added, ())
		assert keys_in_use() == {added}
		assert_all_open(secrets)
	finally:
		monkeypatch.delenv(keyring.CONTENT_VARIABLE, raising=False)
		rotation.rotate(frappe.db.commit)
	assert_all_open(secrets)


def test_starts_at_once_agree_on_one_key_file(db: Any, site: str, tmp_path: Path) -> None:
	"""Several processes find no file at the same moment: one makes it, all use it."""
	path = tmp_path / "keys.json"
	code = """
import sys, frappe
frappe.init(site=sys.argv[1], sites_path=".")
frappe.connect()
from kehu_archive.vault import keyring
keyring._has_content = lambda: False
keyring._unknown_master = lambda ring: None
keyring._last_audit_key = lambda: None
sys.stdin.readline()
keyring.ensure()
print(keyring.load().masters.current, flush=True)
"""
	environment = {**os.environ, keyring.FILE_VARIABLE: str(path)}
	started = [
		subprocess.Popen([sys.executable, "-c", code, site], cwd=sites(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
		for _ in range(4)
	]
	ends: list[Callable[[], None]] = []
	found: list[str] = []
	for process in started:
		ends.append(lambda one=process: found.append(one.communicate("go\n", timeout=60)[0].strip()))
	threads = [threading.Thread(target=end) for end in ends]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join(90)
	assert len(found) == 4 and len(set(found)) == 1 and found[0]
	assert [left.name for left in tmp_path.iterdir()] == ["keys.json"]
