"""The process that ``grading`` measures: a worker that computes one run. Prints one line of JSON."""

from __future__ import annotations

import json
import os
import resource
import sys
import time

import frappe

from kehu_archive.services import grading_run_job


def main(site: str, run: str) -> None:
	frappe.init(site=site, sites_path=os.getcwd())
	frappe.connect()
	start = time.perf_counter()
	grading_run_job.run(run)
	report = {
		"seconds": time.perf_counter() - start,
		"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
		**frappe.db.get_value("Grading Run", run, ["status", "total", "changes", "candidates", "error"], as_dict=True),
	}
	frappe.destroy()
	print(json.dumps(report))


if __name__ == "__main__":
	main(sys.argv[1], sys.argv[2])
