"""The site the benchmarks run on: which one, connecting to it, wiping its customer data."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import frappe

REPOSITORY = Path(__file__).resolve().parents[1]
#: Master data and settings stay; everything else of the app's is generated.
KEPT = {
	"Access Rule",
	"Access Rule Approver",
	"Archive Type",
	"Archive Type Requirement",
	"Position Level",
	"Kehu Archive Settings",
}
SEARCH_TABLE = "__kehu_archive_search"


@dataclass(frozen=True)
class Site:
	"""The benchmarks' site: its name, the folder of all sites and the address of its web server."""

	name: str
	folder: Path
	url: str

	@classmethod
	def from_environment(cls) -> Site:
		"""As the runner names them. Exits with a hint when started without the runner."""
		try:
			name, bench = os.environ["KEHU_BENCHMARK_SITE"], Path(os.environ["KEHU_BENCH_DIR"])
			url = os.environ["KEHU_BENCHMARK_URL"]
		except KeyError as error:
			sys.exit(
				f"{error.args[0]} is not set: start the benchmarks with `make bench` or `make bench-NAME`"
			)
		return cls(name, bench / "sites", url.rstrip("/"))

	@contextmanager
	def connected(self) -> Iterator[None]:
		"""Work on the site as Administrator."""
		os.chdir(self.folder)
		frappe.init(site=self.name, sites_path=str(self.folder))
		frappe.connect()
		try:
			yield
		finally:
			frappe.destroy()


def wipe() -> None:
	"""Empty the app's tables except the master data; refuses on a site that allows no tests."""
	if not frappe.conf.allow_tests:
		sys.exit(f"{frappe.local.site} is no site for tests; its data stays")
	doctypes = frappe.get_all("DocType", filters={"module": "Kehu Archive", "issingle": 0}, pluck="name")
	tables = [f"tab{doctype}" for doctype in doctypes if doctype not in KEPT]
	for table in [*tables, SEARCH_TABLE, "tabVersion", "tabComment", "tabWorkflow Action"]:
		frappe.db.sql_ddl(f"truncate table `{table}`")
	frappe.db.delete("Series", {"name": ("like", "QZ%")})
	frappe.db.commit()  # truncating commits anyhow; the counter goes with it
	frappe.clear_cache()
