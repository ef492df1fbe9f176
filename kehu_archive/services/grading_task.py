"""A run as its computation needs it, and whether it is still wanted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import frappe
from frappe.utils import cstr, getdate

from kehu_archive.domain import grading
from kehu_archive.domain.grading_terms import Version
from kehu_archive.services import grading_run_state as state
from kehu_archive.services import grading_schemes
from kehu_archive.services.grading_population import Population
from kehu_archive.services.grading_results import Sayer, Writer


@dataclass(frozen=True)
class Task:
	"""A run as its computation needs it."""

	run: str
	version_name: str
	version: Version
	as_of: date
	population: Population
	sayer: Sayer

	@classmethod
	def of(cls, doc: Any) -> Task:
		"""The task of a Grading Run. Sentences are stored in the site's language: they are for everybody."""
		version = grading.with_logic(grading_schemes.load(doc.version), cstr(doc.reading))
		language = cstr(frappe.db.get_single_value("System Settings", "language")) or "zh"
		kind = cstr(frappe.db.get_value(grading_schemes.SCHEME, doc.scheme, "archive_type"))
		return cls(doc.name, doc.version, version, getdate(doc.as_of), Population(doc.scheme, kind), Sayer(version, language))

	def writer(self, start: int) -> Writer:
		"""An empty writer; `start` is the number of its first row."""
		return Writer(self.run, self.version_name, self.version, self.as_of, self.sayer, start)


class Stopped(Exception):
	"""The run is not to be computed any more: somebody withdrew it."""


def place_of(run: str) -> str:
	"""Where the work goes on, read behind a lock on the run's row, so that nobody withdraws it inside a chunk.

	Raises:
		Stopped: the run is not being computed.
	"""
	# A transaction sees the state of its first read: what was read before ends here. Nothing was written since the last commit.
	row = frappe.db.sql(f"select status, resume_after from `tab{state.RUN}` where name = %s for update", run)
	if not row or row[0][0] != state.COMPUTING:
		raise Stopped
	return cstr(row[0][1])
