"""Verifying the access log: time for each entry must not grow with the log, and memory must not either."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import frappe
from frappe.utils import now_datetime
from registry import AT_MOST, Outcome, benchmark
from site_context import Site

from kehu_archive.audit import head, log, seal
from kehu_archive.constants import ENTRY, SEAL
from kehu_archive.domain import audit_chain
from kehu_archive.services.sql import insert_rows
from kehu_archive.vault import keyring

CHILD = Path(__file__).with_name("audit_child.py")
SMALL, LARGE = 100_000, 1_000_000
ENTRIES_A_SEAL = 1000
ACTIONS = ("Open File", "Find", "Print", "Export", "Download")


@benchmark("audit")
def audit(site: Site) -> list[Outcome]:
	"""The check runs as a process of its own, on a log of 100,000 and then of 1,000,000 sealed entries."""
	with site.connected():
		_empty()
		try:
			small = _verified(site, 0, SMALL)
			large = _verified(site, SMALL, LARGE)
		finally:
			_empty()
	each = [report["seconds"] / report["entries"] for report in (small, large)]
	return [
		Outcome(
			f"verifying {LARGE:,} audit entries, time of each over that among {SMALL:,} (linear: 1)",
			each[1] / each[0],
			AT_MOST,
			1.5,
			details=(
				f"{LARGE:,} entries under {large['seals']:.0f} seals in {large['seconds']:.1f} s (the better of two runs), {each[1] * 1e6:.0f} µs each;"
				f" {SMALL:,} in {small['seconds']:.1f} s",
				f"not in the ratio: sealing {LARGE - SMALL:,} entries in {large['sealing']:.1f} s",
			),
		),
		Outcome("peak memory of the process that verifies them", large["peak_mb"], AT_MOST, 300, unit="MB"),
	]


def _verified(site: Site, have: int, want: int) -> dict[str, float]:
	insert_rows(f"tab{ENTRY}", [*audit_chain.ENTRY_COLUMNS, "digest", "seal"], _rows(have, want), chunk=1000)
	frappe.db.commit()  # the sealer and the child see it
	start = time.perf_counter()
	most, seal.MOST_ENTRIES = seal.MOST_ENTRIES, ENTRIES_A_SEAL
	try:
		seal.seal_pending()
	finally:
		seal.MOST_ENTRIES = most
	sealing = time.perf_counter() - start
	report = min((_verify_in_child(site) for _turn in range(2)), key=lambda report: report["seconds"])
	if report["faults"] or report["entries"] != want:
		sys.exit(f"the log that was just written does not verify: {report}")
	return {**report, "sealing": sealing}


def _verify_in_child(site: Site) -> dict[str, float]:
	command = [sys.executable, str(CHILD), site.name]
	result = subprocess.run(command, cwd=site.folder, stdout=subprocess.PIPE, text=True, check=False)
	if result.returncode:
		sys.exit(f"the process that verifies ended with code {result.returncode}:\n{result.stdout}")
	return dict(json.loads(result.stdout.strip().splitlines()[-1]))


def _rows(have: int, want: int) -> Iterator[list[Any]]:
	"""Entries as ``audit.log`` writes them, a second apart."""
	key_id, key = keyring.audit_key()
	start = now_datetime() - timedelta(days=30)
	for number in range(have, want):
		values = [
			f"{number:016x}{number % 65536:012x}",
			audit_chain.stamp(start + timedelta(seconds=number)),
			f"user{number % 97}@example.com",
			ACTIONS[number % len(ACTIONS)],
			f"QZ01-KH-2026-{number % 5000:05d}",
			"Customer Archive",
			f"QZ01-KH-2026-{number % 5000:05d}",
			"对账",
			1,
			log.REST,
			"10.1.2.3",
			"市场部",
			"Internal",
			"",
			key_id,
		]
		yield [*values, audit_chain.entry_digest(key, values), 0]


def _empty() -> None:
	if not frappe.conf.allow_tests:
		sys.exit(f"{frappe.local.site} is no site for tests; its log stays")
	for doctype in (ENTRY, SEAL):
		frappe.db.sql_ddl(f"truncate table `tab{doctype}`")
	frappe.db.commit()  # truncating commits anyhow
	head.location().unlink(missing_ok=True)
