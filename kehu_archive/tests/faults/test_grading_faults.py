"""Faults that are really caused while customers are graded: a worker killed by signal 9 in the middle of measuring, ranking, explaining and applying, MariaDB
stopped. Each ends with the same grades as an undisturbed run. R-GRD-14, R-GRD-18, R-NFR-04.
"""

from __future__ import annotations

import os
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
from frappe.utils.background_jobs import get_job, get_redis_conn

from kehu_archive.domain import grading_terms as terms
from kehu_archive.exceptions import GradingError
from kehu_archive.services import grading_run_state as state
from kehu_archive.services import grading_runs, job_lock
from kehu_archive.tests import grades
from kehu_archive.tests import grading_cases as cases

CUSTOMERS = 400
REPOSITORY = Path(__file__).resolve().parents[3]
#: The job in a process of its own with small chunks; a chunk takes a moment, so that a signal can hit it.
_JOB = """
import sys, time, frappe
frappe.init(site=sys.argv[1], sites_path=".")
frappe.connect()
from kehu_archive.services import grade_assignments, grading_compute, grading_population, grading_ranking, grading_run_job
grading_compute.CHUNK = grading_ranking.CHUNK = grade_assignments.CHUNK = 10
moment = float(sys.argv[3])
add, apply_chunk = grading_compute.state.advance, grade_assignments._apply_chunk
def slowly(*args):
	time.sleep(moment)
	return add(*args)
def apply_slowly(run):
	time.sleep(moment)
	return apply_chunk(run)
grading_compute.state.advance = slowly
grade_assignments._apply_chunk = apply_slowly
grading_run_job.run(sys.argv[2])
frappe.destroy()
"""
#: What a run comes to, whatever happened on the way.
_RESULT_FIELDS = ("archive", "change_kind", "grade_before", "grade", "grade_any", "grade_all", "score", "rank_no", "candidate_for", "candidate_share", "sentence", "reasons")


def in_process(name: str, site: str, moment: float = 0.0, **options: Any) -> subprocess.Popen[bytes]:
	sites = Path(os.environ["KEHU_BENCH_DIR"]) / "sites"
	return subprocess.Popen([sys.executable, "-c", _JOB, site, name, str(moment)], cwd=sites, **options)


def until(done: Callable[[], Any], seconds: float = 60) -> Any:
	"""Wait for something to become true; fail when it does not."""
	deadline = time.monotonic() + seconds
	while time.monotonic() < deadline:
		frappe.db.rollback()
		if found := done():
			return found
		time.sleep(0.02)
	raise AssertionError("it did not happen in time")


def reconnect() -> None:
	"""A connection of today: the former one may have died with the server."""
	frappe.db.close()
	frappe.connect()
	frappe.set_user("Administrator")
	frappe.local.lang = "zh"


def remove_all() -> None:
	"""Everything these tests leave, for good."""
	kind = frappe.db.get_value("Archive Type", {"class_code": "PJ"})
	names = tuple(frappe.get_all("Customer Archive", filters={"archive_type": kind or ""}, pluck="name", limit=0)) or ("",)
	for table, column in (("Archive Transaction", "archive"), ("Archive Contact", "archive"), ("Grade Assignment", "archive"), ("Customer Archive", "name")):
		frappe.db.sql(f"delete from `tab{table}` where {column} in %s", (names,))
	schemes = tuple(frappe.get_all("Grading Scheme", filters={"archive_type": kind or "-"}, pluck="name", limit=0)) or ("",)
	runs = tuple(frappe.get_all(state.RUN, filters={"scheme": ("in", schemes)}, pluck="name", limit=0)) or ("",)
	frappe.db.sql(f"delete from `tab{state.RESULT}` where run in %s", (runs,))
	frappe.db.sql(f"delete from `tab{state.COUNT}` where parent in %s", (runs,))
	frappe.db.sql("delete from `tabNotification Log` where document_name in %s", (runs,))
	frappe.db.sql(f"delete from `tab{state.RUN}` where name in %s", (runs,))
	versions = tuple(frappe.get_all("Grading Scheme Version", filters={"scheme": ("in", schemes)}, pluck="name", limit=0)) or ("",)
	for child in ("Grade", "Criterion", "Factor", "Band"):
		frappe.db.sql(f"delete from `tabGrading Scheme {child}` where parent in %s", (versions,))
	frappe.db.sql("delete from `tabGrading Scheme Version` where name in %s", (versions,))
	frappe.db.sql("delete from `tabGrading Scheme` where name in %s", (schemes,))
	frappe.db.commit()
	frappe.clear_cache()


@pytest.fixture
def crowd(db: Any) -> Iterator[list[str]]:
	"""Committed customers with amounts that differ; everything is removed afterwards."""
	remove_all()
	names = cases.customers([{"region": ("华东", "华北", "华南")[number % 3]} for number in range(CUSTOMERS)])
	rows = [{"archive": name, "posted_on": f"{cases.YEAR}-01-02", "amount": (number * 7919) % 2_000_000} for number, name in enumerate(names)]
	cases.bulk.insert_transactions(rows)
	frappe.db.commit()
	yield names
	reconnect()
	remove_all()


@pytest.fixture
def without_queue(monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(grading_runs, "queue", lambda name: None)


def thresholds() -> str:
	return grades.scheme(archive_type=cases.archive_kind())


def quotas() -> str:
	return cases.preset("abc", factors=[], score_by=terms.BY_TOTAL, per_region=1)


def start(scheme: str) -> str:
	name = grading_runs.start(scheme)
	frappe.db.commit()
	return name


def found(name: str) -> Any:
	"""Everything a computed run says."""
	frappe.db.rollback()
	run = frappe.get_doc(state.RUN, name)
	rows = frappe.get_all(state.RESULT, filters={"run": name}, fields=_RESULT_FIELDS, order_by="archive", limit=0)
	return {
		"status": run.status,
		"numbers": (run.done, run.total, run.changes, run.candidates),
		"counts": [(row["grade"], row) for row in grading_runs.summary(name)["counts"]],
		"rows": [dict(row) for row in rows],
	}


def applied(scheme: str) -> list[Any]:
	"""The history of every customer under a scheme."""
	frappe.db.rollback()
	fields = ["archive", "grade", "previous_grade", "change_kind", "effective_from", "effective_to", "is_current", "source", "sentence"]
	return [tuple(row.values()) for row in frappe.get_all("Grade Assignment", filters={"scheme": scheme}, fields=fields, order_by="archive, is_current", limit=0)]


def undisturbed(scheme: str, site: str) -> Any:
	"""What a run without any fault comes to; it is withdrawn afterwards."""
	name = start(scheme)
	assert in_process(name, site).wait(120) == 0
	expected = found(name)
	grading_runs.withdraw(name)
	frappe.db.commit()
	assert expected["status"] == state.COMPUTED and len(expected["rows"]) > CUSTOMERS // 2
	return expected


def killed_when(name: str, site: str, ready: Callable[[], bool]) -> None:
	"""Kill a worker by signal 9 as soon as something is true."""
	process = in_process(name, site, 0.05)
	until(ready)
	process.kill()
	process.wait()
	until(lambda: not state.is_alive(name))


def place(name: str) -> str:
	return str(frappe.db.get_value(state.RUN, name, "resume_after") or "")


def done(name: str) -> int:
	return int(frappe.db.get_value(state.RUN, name, "done") or 0)


@pytest.mark.parametrize("make", [thresholds, quotas])
def test_killed_again_and_again_it_computes_the_same(crowd: list[str], site: str, without_queue: None, make: Callable[[], str]) -> None:
	scheme = make()
	frappe.db.commit()
	expected = undisturbed(scheme, site)
	name = start(scheme)
	for share in (0.1, 0.3, 0.5, 0.8):
		killed_when(name, site, lambda most=share * CUSTOMERS: done(name) > most)
		assert 0 < done(name) < CUSTOMERS
		assert frappe.db.get_value(state.RUN, name, "status") == state.COMPUTING
		assert grading_runs.resume() == [name]
		frappe.db.commit()
	if make is quotas:
		killed_when(name, site, lambda: place(name).startswith(state.EXPLAINED))
		killed_when(name, site, lambda: len(place(name)) > len(state.EXPLAINED))
		assert place(name).startswith(state.EXPLAINED)
	assert in_process(name, site).wait(120) == 0
	assert found(name) == expected


def test_killed_while_it_is_applied_it_ends_with_the_same_history(crowd: list[str], site: str, without_queue: None) -> None:
	disturbed, calm = thresholds(), thresholds()
	frappe.db.commit()
	for scheme in (disturbed, calm):
		assert in_process(start(scheme), site).wait(120) == 0
	runs = {scheme: frappe.db.get_value(state.RUN, {"scheme": scheme}) for scheme in (disturbed, calm)}
	for name in runs.values():
		frappe.db.set_value(state.RUN, name, {"status": state.APPLYING, "approved_by": "Administrator", "approved_on": frappe.utils.now_datetime(), "resume_after": None, "done": 0})
	frappe.db.commit()
	assert in_process(runs[calm], site).wait(120) == 0
	name = runs[disturbed]
	for share in (0.1, 0.4, 0.7):
		killed_when(name, site, lambda most=share * CUSTOMERS: len(applied(disturbed)) > most)
		assert 0 < len(applied(disturbed)) < CUSTOMERS
		assert frappe.db.get_value(state.RUN, name, "status") == state.APPLYING
		assert grading_runs.resume() == [name]
		frappe.db.commit()
	assert in_process(name, site).wait(120) == 0
	assert applied(disturbed) == applied(calm) and len(applied(calm)) == CUSTOMERS - 1
	assert frappe.db.get_value(state.RUN, name, ["status", "running_key"]) == (state.APPLIED, None)
	changes = frappe.db.sql("select archive, count(*) from `tabAccess Log Entry` where action = 'Grade Change' and archive in %s group by archive", (tuple(crowd),))
	assert {number for _archive, number in changes} == {2}


def worker() -> subprocess.Popen[bytes]:
	"""A worker of the framework on the queue for long jobs."""
	return subprocess.Popen(
		[sys.executable, "-m", "frappe.utils.bench_helper", "frappe", "worker", "--queue", "long", "--quiet"],
		cwd=Path(os.environ["KEHU_BENCH_DIR"]) / "sites",
		stdout=subprocess.DEVNULL,
		stderr=subprocess.DEVNULL,
		start_new_session=True,
	)


def work_horse(name: str) -> int | None:
	"""The process that has the job: the child of the worker whose name the queue's books say."""
	from rq import Worker

	job = get_job(state.job_id(name))
	holder = job and job.worker_name
	process = holder and Worker.find_by_key(f"rq:worker:{holder}", connection=get_redis_conn())
	if not process:
		return None
	children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
	return int(children[0]) if children else None


def test_a_real_worker_killed_is_taken_up_and_ends(crowd: list[str], site: str) -> None:
	"""A lock holds its first chunk back until the worker is killed."""
	scheme = thresholds()
	name = grading_runs.start(scheme)
	first = worker()
	try:
		with results_locked(name, site):
			frappe.db.commit()
			until(lambda: frappe.db.get_value(state.RUN, name, ["status", "total"]) == (state.COMPUTING, CUSTOMERS))
			os.kill(until(lambda: work_horse(name)), signal.SIGKILL)
			until(lambda: not state.is_alive(name))
		assert frappe.db.get_value(state.RUN, name, ["status", "done"]) == (state.COMPUTING, 0)
		assert grading_runs.resume() == [name]
		frappe.db.commit()
		until(lambda: frappe.db.get_value(state.RUN, name, "status") == state.COMPUTED, 120)
	finally:
		os.killpg(first.pid, signal.SIGKILL)
		first.wait()
	assert len(found(name)["rows"]) == CUSTOMERS - 1


@contextmanager
def results_locked(name: str, site: str) -> Iterator[None]:
	"""Nobody can insert results of a run: another connection locks the gap where they belong."""
	held, over = threading.Event(), threading.Event()

	def hold() -> None:
		frappe.init(site=site, sites_path=".")
		frappe.connect()
		frappe.db.sql(f"select name from `tab{state.RESULT}` where run = %s for update", name)
		held.set()
		over.wait(120)
		frappe.db.rollback()
		frappe.destroy()

	thread = threading.Thread(target=hold, daemon=True)
	thread.start()
	try:
		assert held.wait(30)
		yield
	finally:
		over.set()
		thread.join(30)


def test_a_run_that_kills_every_worker_is_stopped(crowd: list[str], site: str, without_queue: None) -> None:
	scheme = thresholds()
	name = start(scheme)
	for _attempt in range(2):
		kill_at_once(name, site)
		assert grading_runs.resume() == [name]
		frappe.db.commit()
	kill_at_once(name, site)
	assert grading_runs.resume() == []
	frappe.db.commit()
	stopped = frappe.get_doc(state.RUN, name)
	assert (stopped.status, stopped.running_key) == (state.FAILED, None) and "连续中断 3 次" in stopped.error
	assert not frappe.db.count(state.RESULT, {"run": name}) and not applied(scheme)
	assert grading_runs.resume() == []
	assert in_process(start(scheme), site).wait(120) == 0


def kill_at_once(name: str, site: str) -> None:
	"""Kill a worker as soon as it has the run, before its first chunk is stored."""
	process = in_process(name, site, 5)
	until(lambda: state.is_alive(name))
	process.kill()
	process.wait()
	until(lambda: not state.is_alive(name))
	assert done(name) == 0


def test_a_second_worker_leaves_at_once(crowd: list[str], site: str, without_queue: None) -> None:
	name = start(thresholds())
	first = in_process(name, site, 0.05)
	until(lambda: done(name) > 0)
	assert in_process(name, site).wait(60) == 0
	assert first.poll() is None
	assert first.wait(120) == 0
	assert found(name)["numbers"][:2] == (CUSTOMERS, CUSTOMERS)


def test_a_run_withdrawn_while_it_is_computed_stops(crowd: list[str], site: str, without_queue: None) -> None:
	name = start(thresholds())
	process = in_process(name, site, 0.05)
	until(lambda: done(name) > 0)
	grading_runs.withdraw(name)
	frappe.db.commit()
	assert process.wait(60) == 0
	frappe.db.rollback()
	assert frappe.db.get_value(state.RUN, name, "status") == state.WITHDRAWN and done(name) < CUSTOMERS
	assert not frappe.db.count(state.RESULT, {"run": name})


_START = """
import sys, frappe
frappe.init(site=sys.argv[1], sites_path=".")
frappe.connect()
frappe.local.lang = "zh"
from kehu_archive.services import grading_runs, job_lock
grading_runs.queue = lambda name: None
sys.stdin.readline()
try:
	print(grading_runs.start(sys.argv[2]))
	frappe.db.commit()
except Exception as error:
	print(type(error).__name__, error)
"""


def test_two_people_who_start_at_once_get_one_run(crowd: list[str], site: str) -> None:
	scheme = thresholds()
	frappe.db.commit()
	sites = Path(os.environ["KEHU_BENCH_DIR"]) / "sites"
	command = [sys.executable, "-c", _START, site, scheme]
	both = [subprocess.Popen(command, cwd=sites, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _person in range(2)]
	answers = []
	for process in both:
		assert process.stdin
		process.stdin.write("go\n")
		process.stdin.flush()
	for process in both:
		answers.append(process.communicate(timeout=60)[0].strip())
	frappe.db.rollback()
	assert frappe.db.count(state.RUN, {"scheme": scheme}) == 1
	assert sum(GradingError.__name__ in one for one in answers) == 1


def test_a_connection_cut_in_the_middle(crowd: list[str], site: str, without_queue: None) -> None:
	"""As when the database server restarts or a firewall cuts in: the worker ends with an error and the run is taken up."""
	scheme = thresholds()
	frappe.db.commit()
	expected = undisturbed(scheme, site)
	name = start(scheme)
	process = in_process(name, site, 0.05, stderr=subprocess.PIPE)
	until(lambda: done(name) > 50)
	connection = frappe.db.sql("select is_used_lock(%s)", job_lock._lock_name(state.job_id(name)))[0][0]
	frappe.db.sql(f"kill connection {int(connection)}")
	_out, errors = process.communicate(timeout=60)
	assert process.returncode != 0 and b"OperationalError" in errors
	frappe.db.rollback()
	assert frappe.db.get_value(state.RUN, name, "status") == state.COMPUTING and 50 < done(name) < CUSTOMERS
	assert grading_runs.resume() == [name]
	frappe.db.commit()
	assert in_process(name, site).wait(120) == 0
	assert found(name) == expected


# -- MariaDB stopped ---------------------------------------------------------------------------------------------------


def service(verb: str, name: str) -> None:
	subprocess.run([sys.executable, REPOSITORY / "dev" / "services", verb, name], check=True, capture_output=True)


@pytest.fixture
def mariadb() -> Iterator[None]:
	yield
	service("start", "mariadb")


def test_mariadb_stopped_in_the_middle(crowd: list[str], site: str, without_queue: None, mariadb: None) -> None:
	scheme = thresholds()
	frappe.db.commit()
	expected = undisturbed(scheme, site)
	name = start(scheme)
	process = in_process(name, site, 0.05, stderr=subprocess.PIPE)
	until(lambda: done(name) > 50)
	service("stop", "mariadb")
	_out, errors = process.communicate(timeout=60)
	assert process.returncode != 0 and b"OperationalError" in errors
	service("start", "mariadb")
	reconnect()
	assert frappe.db.get_value(state.RUN, name, "status") == state.COMPUTING and 50 < done(name) < CUSTOMERS
	assert not state.is_alive(name)
	assert grading_runs.resume() == [name]
	frappe.db.commit()
	assert in_process(name, site).wait(120) == 0
	assert found(name) == expected
