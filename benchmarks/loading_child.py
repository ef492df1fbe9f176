"""The process that ``loading`` measures: the demo's own loader on a wiped site. Prints one line of JSON."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import frappe
from site_context import wipe

from kehu_archive.demo import cdnow, office
from kehu_archive.services import bulk


class Clock:
	"""Adds up the time spent in functions of a module by standing in for them."""

	def __init__(self) -> None:
		self.seconds = 0.0

	def wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
		def timed(*args: Any, **kwargs: Any) -> Any:
			start = time.perf_counter()
			try:
				return function(*args, **kwargs)
			finally:
				self.seconds += time.perf_counter() - start

		return timed


def main(site: str) -> None:
	frappe.init(site=site, sites_path=os.getcwd())
	frappe.connect()
	wipe()
	office.load()
	archives, transactions = Clock(), Clock()
	cdnow.ensure_archives = archives.wrap(cdnow.ensure_archives)
	bulk.insert_transactions = transactions.wrap(bulk.insert_transactions)
	bulk.refresh_totals = transactions.wrap(bulk.refresh_totals)
	frappe.db.commit = transactions.wrap(frappe.db.commit)
	path = cdnow.obtain()
	cdnow.load_file(path)
	purchases = cdnow.read(path)
	report = {
		"transactions": len(purchases),
		"archives": len({purchase.customer for purchase in purchases}),
		"transaction_seconds": transactions.seconds,
		"archive_seconds": archives.seconds,
		"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
	}
	frappe.destroy()
	print(json.dumps(report))


if __name__ == "__main__":
	main(sys.argv[1])
