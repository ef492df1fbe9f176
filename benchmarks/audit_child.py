"""The process that ``audit`` measures: the check of the whole access log. Prints one line of JSON."""

from __future__ import annotations

import json
import os
import resource
import sys
import time

import frappe

from kehu_archive.audit import verify


def main(site: str) -> None:
	frappe.init(site=site, sites_path=os.getcwd())
	frappe.connect()
	start = time.perf_counter()
	outcome = verify.verify()
	report = {
		"seconds": time.perf_counter() - start,
		"entries": outcome.entries,
		"seals": outcome.seals,
		"faults": outcome.findings.total,
		"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
	}
	frappe.destroy()
	print(json.dumps(report))


if __name__ == "__main__":
	main(sys.argv[1])
