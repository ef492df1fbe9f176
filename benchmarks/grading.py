"""A whole grading run against the bare sums by archive and year, its growth with the population, and saving a deal with its customer graded anew."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import frappe
import graded
from measuring import alternate, median, milliseconds
from registry import AT_MOST, Outcome, benchmark
from site_context import Site

from kehu_archive.domain import grading_presets
from kehu_archive.services import grading_runs, grading_schemes, grading_transactions

CHILD = Path(__file__).with_name("grading_child.py")
BARE = "select archive, sum(amount), year(posted_on) as of_year from `tabArchive Transaction` group by archive, of_year"
#: 重要: three years of 60, a contract of 95, total or demand of 300, rank 10; 稳定: two years of 30, a contract of 70, total or demand of 100 (10,000 CNY).
BLANKS = (60, 95, 300, 10, 30, 70, 100)
LABEL = "评级基准"
SAVES, TOLD = 500, 60
#: In CNY: whoever deals so much more in a year comes into the best grade.
ENOUGH = 30_000_000
WARM_UP = 20


@benchmark("grading")
def grading(site: Site) -> list[Outcome]:
	"""Runs are computed by a process of its own for each, everything being new: no customer has a grade."""
	with site.connected():
		graded.put_back()
		outcomes = []
		try:
			scheme = _scheme()
			with graded.in_place(graded.COMPANY):
				outcomes += _against_the_bare_sums(site, scheme)
				outcomes += _saving(scheme)
			outcomes.append(_growth(site, scheme))
		finally:
			frappe.db.rollback()
			_clean()
		return outcomes


def _scheme() -> str:
	"""The regulation's classes with amounts filled in; one version in force. It asks for years in a row, contracts, yearly totals, needs, ranks and deals."""
	_clean()
	values = grading_presets.version_values(grading_presets.PRESETS["key-stable-general"], frappe.utils.getdate().year)
	blanks = iter(BLANKS)
	for row in values["criteria"]:
		row["threshold"] = next(blanks) if row["threshold"] is None else row["threshold"]
	scheme = frappe.get_doc({"doctype": "Grading Scheme", "scheme_name": LABEL, "method": values["method"], "nightly": "Nothing"}).insert()
	version = frappe.get_doc({"doctype": "Grading Scheme Version", "scheme": scheme.name, **values}).insert()
	grading_schemes.activate(version.name)
	frappe.db.commit()  # the child must see it
	return str(scheme.name)


def _clean() -> None:
	"""Remove what benchmarks of grades leave."""
	for doctype in ("Grading Run Result", "Grading Run Count", "Grading Run", "Grade Assignment"):
		frappe.db.sql_ddl(f"truncate table `tab{doctype}`")
	versions = frappe.get_all("Grading Scheme Version", filters={"scheme": ("like", f"{LABEL}%")}, pluck="name")
	for child in ("Grade", "Criterion", "Factor", "Band"):
		frappe.db.delete(f"Grading Scheme {child}", {"parent": ("in", versions or [""])})
	frappe.db.delete("Grading Scheme Version", {"name": ("in", versions or [""])})
	frappe.db.delete("Grading Scheme", {"name": ("like", f"{LABEL}%")})
	frappe.db.commit()  # truncating commits anyhow
	frappe.clear_cache()


def _computed(site: Site, scheme: str) -> dict[str, Any]:
	"""A first run over whoever is in place; its report."""
	frappe.db.sql_ddl("truncate table `tabGrading Run Result`")
	run = _waiting_run(scheme)
	result = subprocess.run([sys.executable, str(CHILD), site.name, run], cwd=site.folder, stdout=subprocess.PIPE, text=True, check=False)
	if result.returncode:
		sys.exit(f"the run ended with code {result.returncode}:\n{result.stdout}")
	report = dict(json.loads(result.stdout.strip().splitlines()[-1]))
	if report["status"] != "Computed":
		sys.exit(f"the run is {report['status']}: {report['error']}")
	frappe.db.rollback()
	frappe.db.set_value("Grading Run", run, {"status": "Withdrawn", "running_key": None})
	frappe.db.commit()  # the next run of the scheme may begin
	return report


def _waiting_run(scheme: str) -> str:
	"""A run that waits for its worker; the queue is left alone, so that no other process takes it."""
	queue = grading_runs.queue
	grading_runs.queue = lambda name: None
	try:
		run = grading_runs.start(scheme)
	finally:
		grading_runs.queue = queue
	frappe.db.commit()  # the child must see it
	return run


def _against_the_bare_sums(site: Site, scheme: str) -> list[Outcome]:
	before, rows = _bare()
	report = _computed(site, scheme)
	after, _rows = _bare()
	bare = (before + after) / 2
	crowd = graded.COMPANY
	return [
		Outcome(
			"a full run over 100,000 archives, over the bare sums by archive and year",
			report["seconds"] / bare,
			AT_MOST,
			3,
			details=(
				f"run: {report['seconds']:.1f} s for {crowd.archives} archives with {crowd.deals} deals, {report['changes']} new grades with reasons written,"
				f" {report['candidates']} candidates",
				f"bare SELECT archive, SUM(amount), YEAR(posted_on) … GROUP BY archive, year: {before:.1f} s before it and {after:.1f} s after it, {rows} rows read",
			),
		),
		Outcome("peak memory of the run's process", report["peak_mb"], AT_MOST, 300, unit="MB"),
	]


def _bare() -> tuple[float, int]:
	start = time.perf_counter()
	rows = len(frappe.db.sql(BARE))
	return time.perf_counter() - start, rows


def _growth(site: Site, scheme: str) -> Outcome:
	"""Seconds for each customer at three sizes: the largest against the smallest."""
	seconds, memory = {}, {}
	for crowd in graded.POINTS:
		with graded.in_place(crowd):
			report = _computed(site, scheme)
			seconds[crowd.archives], memory[crowd.archives] = report["seconds"], report["peak_mb"]
	each = {size: taken / size for size, taken in seconds.items()}
	sizes = sorted(each)
	return Outcome(
		"time for each customer of 1,000,000, over that of 10,000",
		each[sizes[-1]] / each[sizes[0]],
		AT_MOST,
		1.5,
		details=(
			*(f"{size} archives: {seconds[size]:.1f} s, {each[size] * 1e6:.0f} µs each, peak {memory[size]:.0f} MB" for size in sizes),
			f"all three with {graded.POINTS[0].deals_each} deals for each archive, not with 30 as above",
		),
	)


# -- saving a deal -----------------------------------------------------------------------------------------------------


def _saving(scheme: str) -> list[Outcome]:
	deals = _deals_of_graded(scheme)
	most = 2 * (SAVES + WARM_UP)
	try:
		ours, others = _alternately(deals[:most], 0.01, SAVES)
		_switch_importance(scheme, 0)
		before = frappe.db.count("Grade Assignment")
		changed, plain = _alternately(deals[:most], ENOUGH, SAVES)
		written = frappe.db.count("Grade Assignment") - before
		_switch_importance(scheme, 1)
		told, untold = _alternately(deals[most:], ENOUGH, TOLD)
	finally:
		_restore(deals)
	if written != SAVES + WARM_UP:
		sys.exit(f"{written} grades changed where {SAVES + WARM_UP} should have")
	return [
		Outcome(
			"a deal saved with its customer graded anew, over the same save without",
			median(ours) / median(others),
			AT_MOST,
			2,
			details=(f"median of {SAVES}: {milliseconds(median(ours))} against {milliseconds(median(others))}; the grade stays",),
		),
		Outcome(
			"the same where each save changes the grade",
			median(changed) / median(plain),
			AT_MOST,
			2,
			details=(
				f"median of {SAVES}: {milliseconds(median(changed))} against {milliseconds(median(plain))};"
				" a new assignment, the end of the old one, the archive and the access log are written",
				f"where the customer becomes important and people are told what its file lacks: {median(told) / median(untold):.2f} x,"
				f" {milliseconds(median(told))} against {milliseconds(median(untold))} (no bound; once in a customer's life)",
			),
		),
	]


def _alternately(deals: list[Any], step: float, times: int) -> tuple[list[float], list[float]]:
	"""Seconds of saves with and without grading, each of another customer's deal."""
	return alternate(_saver(deals[0::2], True, step), _saver(deals[1::2], False, step), times, WARM_UP)


def _switch_importance(scheme: str, is_on: int) -> None:
	"""Whether the best grade asks more of an archive, so that people are told of what is missing."""
	rows = frappe.get_all("Grading Scheme Grade", filters={"parent": ("like", f"{scheme}-%"), "grade": "重要"}, pluck="name")
	for row in rows:
		frappe.db.set_value("Grading Scheme Grade", row, {"is_important": is_on, "needs_manager": is_on})
	frappe.db.commit()  # holds for the saves that follow
	frappe.clear_cache()


def _deals_of_graded(scheme: str) -> list[Any]:
	"""Name, archive and amount of one deal of each of enough customers who have a grade below the best."""
	rows = frappe.db.sql("select name, archive, amount from `tabArchive Transaction` where transaction_kind = 'Sale' and year(posted_on) = year(curdate()) and paid_on < curdate() order by name limit 4000")
	for start in range(0, len(rows), grading_transactions.MOST):
		grading_transactions.regrade([row[1] for row in rows[start : start + grading_transactions.MOST]])
		frappe.db.commit()  # each part stands for itself
	below = dict(
		frappe.get_all("Grade Assignment", filters={"scheme": scheme, "is_current": 1, "grade": ("!=", "重要")}, fields=["archive", "grade"], as_list=True)
	)
	wanted = 2 * (SAVES + WARM_UP) + 2 * (TOLD + WARM_UP)
	found = [row for row in rows if row[1] in below][:wanted]
	if len({row[1] for row in found}) < wanted:
		sys.exit("there are too few customers below the best grade")
	return found


def _saver(deals: list[Any], is_graded: bool, step: float) -> Callable[[int], float]:
	"""Saves the deal of another customer each turn, its amount higher by `step`."""
	real = grading_transactions.regrade

	def save(turn: int) -> float:
		doc = frappe.get_doc("Archive Transaction", deals[turn][0])
		doc.amount = float(doc.amount) + step
		grading_transactions.regrade = real if is_graded else lambda archives: None
		try:
			start = time.perf_counter()
			doc.save()
			seconds = time.perf_counter() - start
		finally:
			grading_transactions.regrade = real
		frappe.db.commit()  # each save is a request of its own
		return seconds

	return save


def _restore(deals: list[Any]) -> None:
	"""Give the deals their amounts back, so that the next run measures the same."""
	for name, _archive, amount in deals:
		frappe.db.set_value("Archive Transaction", name, "amount", amount, update_modified=False)
	frappe.db.sql_ddl("truncate table `tabGrade Assignment`")
	frappe.db.commit()  # truncating commits anyhow
