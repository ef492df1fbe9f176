"""Faults that are really caused: a worker killed by signal 9, MariaDB stopped, a full disk. Each ends with every row once.

The tests work on a copy of nothing: it is the bench's own database that is stopped and the site's own file folder that is full.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import frappe
import pytest
from frappe.utils.background_jobs import get_job, get_redis_conn

from kehu_archive.domain import roles
from kehu_archive.exceptions import ImportRefusedError
from kehu_archive.services import disk_space, import_state, importing
from kehu_archive.tests import factories, import_books
from kehu_archive.tests.import_books import book, imported, make_import, rows, staged

ROWS = 1200
REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture
def prepared(db: Any) -> Iterator[Any]:
	"""A previewed import of many small chunks, committed; everything it leaves is removed."""
	import_books.remove_all()
	import_books.set_chunk_rows(10)
	bad = rows(1, seed=99)[0]
	bad[5] = "坏邮编"
	doc = make_import(book([*rows(ROWS), bad]))
	importing.preview(doc.name)
	frappe.db.commit()
	yield doc
	reconnect()
	import_books.set_chunk_rows(500)
	import_books.remove_all()


def reconnect() -> None:
	"""A connection of today: the former one may have died with the server."""
	frappe.db.close()
	frappe.connect()
	frappe.set_user("Administrator")
	frappe.local.lang = "zh"


def queued(doc: Any) -> None:
	frappe.db.set_value("Archive Import", doc.name, "status", "Queued")
	frappe.db.commit()


def until(done: Callable[[], Any], seconds: float = 60) -> Any:
	"""Wait for something to become true; fail when it does not."""
	deadline = time.monotonic() + seconds
	while time.monotonic() < deadline:
		frappe.db.rollback()
		if found := done():
			return found
		time.sleep(0.02)
	raise AssertionError("it did not happen in time")


def settled(name: str) -> int:
	return frappe.db.count("Archive Import Row", {"import_batch": name, "status": "Imported"})


def assert_half_done(name: str) -> None:
	"""Some rows are settled, each of them has its archive with contacts, and no archive is without its row."""
	frappe.db.rollback()
	done = {row.archive for row in staged(name, "Imported")}
	archives = {archive.name for archive in imported()}
	assert 0 < len(done) < ROWS
	assert done == archives
	assert set(frappe.get_all("Archive Contact", filters={"archive": ("in", archives)}, pluck="archive", limit=0)) == archives


def assert_complete(name: str) -> None:
	frappe.db.rollback()
	doc = frappe.get_doc("Archive Import", name)
	assert (doc.status, doc.imported_rows, doc.existing_rows, doc.rejected_rows) == ("Completed", ROWS, 0, 1)
	names = [archive.customer_name for archive in imported()]
	assert len(names) == len(set(names)) == ROWS
	assert Path(frappe.get_doc("File", {"file_url": doc.error_file}).get_full_path()).stat().st_size > 1000


# -- a killed worker ---------------------------------------------------------------------------------------------------


def worker() -> subprocess.Popen[bytes]:
	"""A worker of the framework on the queue for long jobs."""
	return subprocess.Popen(
		[sys.executable, "-m", "frappe.utils.bench_helper", "frappe", "worker", "--queue", "long", "--quiet"],
		cwd=Path(os.environ["KEHU_BENCH_DIR"]) / "sites",
		stdout=subprocess.DEVNULL,
		stderr=subprocess.DEVNULL,
		start_new_session=True,
	)


def work_horse(doc: Any) -> int | None:
	"""The process that has the job: the child of the worker whose name the queue's books say."""
	from rq import Worker

	job = get_job(import_state.job_id(doc.name))
	name = job and job.worker_name
	found = name and Worker.find_by_key(f"rq:worker:{name}", connection=get_redis_conn())
	if not found:
		return None
	children = Path(f"/proc/{found.pid}/task/{found.pid}/children").read_text(encoding="ascii").split()
	return int(children[0]) if children else None


def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(prepared: Any) -> None:
	importing.start(prepared.name)
	frappe.db.commit()
	first = worker()
	try:
		until(lambda: settled(prepared.name) >= 50)
		os.kill(until(lambda: work_horse(prepared)), signal.SIGKILL)
		until(lambda: not import_state.is_alive(prepared.name, "Running"))
		assert_half_done(prepared.name)
		assert frappe.db.get_value("Archive Import", prepared.name, "status") == "Running"
		assert importing.resume_unfinished() == [prepared.name]
		frappe.db.commit()
		until(lambda: frappe.db.get_value("Archive Import", prepared.name, "status") == "Completed", 120)
	finally:
		os.killpg(first.pid, signal.SIGKILL)
		first.wait()
	assert_complete(prepared.name)


def test_killed_again_and_again_it_ends_complete(prepared: Any, site: str) -> None:
	queued(prepared)
	for _attempt in range(4):
		before = settled(prepared.name)
		process = import_books.run_in_process(prepared.name, site)
		until(lambda known=before: settled(prepared.name) > known)
		process.kill()
		process.wait()
		until(lambda: not import_state.is_alive(prepared.name, "Running"))
		assert_half_done(prepared.name)
	assert import_books.run_in_process(prepared.name, site).wait(120) == 0
	assert_complete(prepared.name)


def test_an_import_that_kills_every_worker_is_stopped(prepared: Any, site: str, without_queue: None) -> None:
	"""One chunk holds all rows, so that a worker killed in it leaves nothing behind; three such workers are enough."""
	import_books.set_chunk_rows(5000)
	starter = factories.ensure_user("import.starter@kehu.test", roles.ARCHIVIST)
	frappe.db.set_value("Archive Import", prepared.name, "owner", starter)
	frappe.db.commit()
	with factories.acting(starter):
		importing.start(prepared.name)
	frappe.db.commit()
	for _attempt in range(2):
		kill_at_work(prepared.name, site)
		assert importing.resume_unfinished() == [prepared.name]
		frappe.db.commit()
	kill_at_work(prepared.name, site)
	assert importing.resume_unfinished() == []
	frappe.db.commit()
	stopped = frappe.get_doc("Archive Import", prepared.name)
	assert (stopped.status, stopped.imported_rows) == ("Failed", 0)
	assert "连续中断 3 次" in stopped.error_message
	told = frappe.get_all("Notification Log", {"document_name": prepared.name, "for_user": starter}, pluck="subject")
	assert len(told) == 1 and "已停止" in told[0]
	assert importing.resume_unfinished() == []
	importing.start(prepared.name)
	frappe.db.commit()
	assert import_books.run_in_process(prepared.name, site).wait(120) == 0
	assert_complete(prepared.name)


def test_an_import_that_gets_further_each_time_is_not_stopped(prepared: Any, site: str, without_queue: None) -> None:
	importing.start(prepared.name)
	frappe.db.commit()
	for _attempt in range(4):
		before = settled(prepared.name)
		process = import_books.run_in_process(prepared.name, site)
		until(lambda known=before: settled(prepared.name) > known)
		process.kill()
		process.wait()
		until(lambda: not import_state.is_alive(prepared.name, "Running"))
		assert importing.resume_unfinished() == [prepared.name]
		frappe.db.commit()
	assert import_books.run_in_process(prepared.name, site).wait(120) == 0
	assert_complete(prepared.name)


def kill_at_work(name: str, site: str) -> None:
	"""Kill a worker as soon as it has the import, before it settled any row."""
	process = import_books.run_in_process(name, site)
	until(lambda: import_state.is_alive(name, "Running"))
	process.kill()
	process.wait()
	until(lambda: not import_state.is_alive(name, "Running"))
	assert settled(name) == 0


# -- MariaDB stopped ---------------------------------------------------------------------------------------------------


def service(verb: str, name: str) -> None:
	subprocess.run([sys.executable, REPOSITORY / "dev" / "services", verb, name], check=True, capture_output=True)


@pytest.fixture
def mariadb() -> Iterator[None]:
	yield
	service("start", "mariadb")


def test_mariadb_stopped_in_the_middle(prepared: Any, site: str, mariadb: None) -> None:
	queued(prepared)
	process = import_books.run_in_process(prepared.name, site, stderr=subprocess.PIPE)
	until(lambda: settled(prepared.name) >= 50)
	service("stop", "mariadb")
	_out, errors = process.communicate(timeout=60)
	assert process.returncode != 0 and b"OperationalError" in errors
	service("start", "mariadb")
	reconnect()
	assert_half_done(prepared.name)
	assert frappe.db.get_value("Archive Import", prepared.name, "status") == "Running"
	assert not import_state.is_alive(prepared.name, "Running")
	assert import_books.run_in_process(prepared.name, site).wait(120) == 0
	assert_complete(prepared.name)


# -- a full disk -------------------------------------------------------------------------------------------------------


@pytest.fixture
def full_disk(db: Any) -> Iterator[Path]:
	"""The site's folder of private files on a disk with no space left; needs the right to mount."""
	folder = Path(frappe.get_site_path("private", "files")).resolve()
	mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True, check=False)
	if mounted.returncode:
		pytest.skip("mounting a small disk needs more rights")
	(folder / "filler").write_bytes(bytes(56 * 1024))
	yield folder
	subprocess.run(["umount", folder], check=False)


def many_rejected() -> Any:
	lines = rows(400)
	for line in lines[10:]:
		line[5] = "坏邮编"
	doc = make_import(book(lines))
	importing.preview(doc.name)
	return doc


def assert_file_is_missing_only(name: str) -> None:
	frappe.db.rollback()
	doc = frappe.get_doc("Archive Import", name)
	assert (doc.status, doc.imported_rows, doc.rejected_rows, doc.error_file) == ("Failed", 10, 390, None)
	assert "磁盘" in doc.error_message
	assert len(imported()) == 10 and len(staged(name, "Rejected")) == 390


def assert_file_comes_with_space(name: str, site: str) -> None:
	importing.start(name)
	frappe.db.commit()
	assert import_books.run_in_process(name, site).wait(60) == 0
	frappe.db.rollback()
	doc = frappe.get_doc("Archive Import", name)
	assert doc.status == "Completed" and doc.error_file
	assert len(imported()) == 10


@pytest.fixture
def without_queue(monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(importing, "_enqueue", lambda name: None)


def test_a_full_disk_delays_only_the_returned_workbook(prepared: Any, site: str, without_queue: None, request: Any) -> None:
	doc = many_rejected()
	queued(doc)
	folder = request.getfixturevalue("full_disk")
	process = import_books.run_in_process(doc.name, site, stderr=subprocess.PIPE)
	process.communicate(timeout=60)
	assert process.returncode != 0
	assert sorted(path.name for path in folder.iterdir()) == ["filler"]
	assert_file_is_missing_only(doc.name)
	subprocess.run(["umount", folder], check=True)
	assert_file_comes_with_space(doc.name, site)


def test_a_file_that_may_not_grow_delays_only_the_returned_workbook(
	prepared: Any, site: str, without_queue: None, tmp_path: Path
) -> None:
	"""The same without the right to mount: the kernel refuses to let any file grow over 4 KB."""
	doc = many_rejected()
	queued(doc)
	limit = (4096, 4096)
	process = import_books.run_in_process(
		doc.name,
		site,
		stderr=subprocess.PIPE,
		env={**os.environ, "TMPDIR": str(tmp_path)},
		preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
	)
	process.communicate(timeout=60)
	assert process.returncode != 0
	assert not list(tmp_path.iterdir())
	assert not list(Path(frappe.get_site_path("private", "files")).glob(f"*{doc.name}*"))
	assert_file_is_missing_only(doc.name)
	assert_file_comes_with_space(doc.name, site)


def test_an_upload_to_a_full_disk_says_so(db: Any, full_disk: Path) -> None:
	with pytest.raises(ImportRefusedError, match="磁盘"):
		disk_space.check(file_size=200_000)
