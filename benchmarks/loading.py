"""Loading the whole CDNOW history in sets, against one ``insert()`` for each transaction."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import frappe
from measuring import milliseconds
from registry import AT_LEAST, AT_MOST, Outcome, benchmark
from site_context import Site

from kehu_archive.demo import cdnow

CHILD = Path(__file__).with_name("loading_child.py")
SAMPLE = 300
WARM_UP = 30


@benchmark("loading")
def loading(site: Site) -> list[Outcome]:
	"""The loader runs as a process of its own, so that its peak memory is its own."""
	report = _load_in_child(site)
	with site.connected():
		each = _insert_one_by_one()
	rows = report["transactions"]
	in_sets = report["transaction_seconds"] / rows
	ratio = each / in_sets
	return [
		Outcome(
			"loading in sets, times faster than one insert() per transaction",
			ratio,
			AT_LEAST,
			20,
			details=(
				f"in sets: {rows} transactions with totals and commits in {report['transaction_seconds']:.1f} s,"
				f" {milliseconds(in_sets)} each",
				f"insert(): {milliseconds(each)} each, mean of {SAMPLE} rows of the same file on the loaded site without commits;"
				f" all {rows} extrapolated: {each * rows:.0f} s",
				f"not in the ratio: {report['archives']} archives with search index in {report['archive_seconds']:.1f} s",
			),
		),
		Outcome("peak memory of the loader's process", report["peak_mb"], AT_MOST, 400, unit="MB"),
	]


def _load_in_child(site: Site) -> dict[str, float]:
	command = [sys.executable, str(CHILD), site.name]
	result = subprocess.run(command, cwd=site.folder, stdout=subprocess.PIPE, text=True, check=False)
	if result.returncode:
		sys.exit(f"the loader ended with code {result.returncode}:\n{result.stdout}")
	return dict(json.loads(result.stdout.strip().splitlines()[-1]))


def _insert_one_by_one() -> float:
	"""Mean seconds of one ``insert()``; the rows are spread over the file and rolled back afterwards."""
	purchases = cdnow.read(cdnow.obtain())
	wanted = purchases[:: len(purchases) // (SAMPLE + WARM_UP)][: SAMPLE + WARM_UP]
	archives = cdnow.ensure_archives(wanted)
	rows = [
		{**cdnow.transaction_values(line, archives[line.customer]), "doctype": "Archive Transaction"}
		for line in wanted
	]
	for row in rows:
		row["source_key"] = f"single:{row['source_key']}"
	for row in rows[:WARM_UP]:
		frappe.get_doc(row).insert()
	start = time.perf_counter()
	for row in rows[WARM_UP:]:
		frappe.get_doc(row).insert()
	seconds = time.perf_counter() - start
	frappe.db.rollback()
	return seconds / SAMPLE
