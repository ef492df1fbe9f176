"""Builders for the tests of grading runs: a population of its own with deals, presets with their blanks filled in, runs computed within the test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import frappe

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import grading_presets, lifecycle
from kehu_archive.services import bulk, grading_compute, grading_run_job, grading_runs, grading_schemes
from kehu_archive.services import grading_run_state as state
from kehu_archive.tests import factories

YEAR = date.today().year
KIND = "评级测试"


def archive_kind(code: str = "PJ") -> str:
	"""An archive type of its own, so that a scheme grades the customers of the test and nobody else."""
	found = frappe.db.get_value("Archive Type", {"class_code": code})
	if found:
		return str(found)
	model = frappe.get_doc("Archive Type", factories.archive_type())
	copy = frappe.copy_doc(model)
	copy.update({"class_code": code, "type_name": f"{KIND}{code}"})
	return str(copy.insert(ignore_permissions=True).name)


def customers(rows: Sequence[Mapping[str, Any]], kind: str | None = None, workflow_state: str = lifecycle.FILED) -> list[str]:
	"""Archives in a state of the life cycle, with the values given; their numbers in the order of the rows."""
	archive_type = kind or archive_kind()
	common = {"archive_type": archive_type, "party_kind": "Organisation", "archive_date": f"{YEAR - 3}-01-01"}
	names = bulk.insert_archives([{**common, "customer_name": factories.company_name(), **row} for row in rows])
	if names:
		frappe.db.sql("update `tabCustomer Archive` set workflow_state = %s where name in %s", (workflow_state, tuple(names)))
	return names


def deals(archive: str, *listed: tuple[str, float] | tuple[str, float, str], **values: Any) -> None:
	"""Transactions of an archive: day, amount in CNY and, where it is no sale, the kind."""
	rows = [{"archive": archive, "posted_on": one[0], "amount": one[1], "transaction_kind": (one[2:] or ("Sale",))[0], **values} for one in listed]
	bulk.insert_transactions(rows)
	bulk.refresh_totals([archive])


def preset(key: str, blanks: Sequence[float | None] = (), year: int = YEAR, kind: str | None = None, **changes: Any) -> str:
	"""A scheme after a preset with a version in force; `blanks` are put into the criteria without number, in their order. Returns the scheme's name."""
	chosen = grading_presets.PRESETS[key]
	name = f"{chosen.name} {frappe.generate_hash(length=6)}"
	scheme_values = {field: changes.pop(field) for field in ("nightly", "approve_role") if field in changes}
	values = {"scheme_name": name, "method": chosen.method, "archive_type": kind or archive_kind(), "on_new_transaction": "Nothing", **scheme_values}
	frappe.get_doc({"doctype": grading_schemes.SCHEME, **values}).insert()
	version(name, key, blanks, year, **changes)
	return name


def version(scheme: str, key: str, blanks: Sequence[float | None] = (), year: int = YEAR, **changes: Any) -> str:
	"""A version in force after a preset; its name."""
	values = version_values(key, blanks, year, **changes)
	doc = frappe.get_doc({"doctype": grading_schemes.VERSION, "scheme": scheme, **values}).insert()
	grading_schemes.activate(doc.name)
	return str(doc.name)


def version_values(key: str, blanks: Sequence[float | None] = (), year: int = YEAR, **changes: Any) -> dict[str, Any]:
	"""The fields of a version after a preset, with its blanks filled in."""
	values = grading_presets.version_values(grading_presets.PRESETS[key], year)
	fill = iter(blanks)
	for row in values.get("criteria", ()):
		if row.get("threshold") is None:
			row["threshold"] = next(fill, None)
	return {**values, **changes}


def started(scheme: str, **values: Any) -> str:
	"""A run of the present user; nothing is computed yet."""
	return grading_runs.start(scheme, **values)


def computed(scheme: str, **values: Any) -> Any:
	"""A run, computed within the test's transaction."""
	name = started(scheme, **values)
	compute(name)
	return frappe.get_doc(state.RUN, name)


def compute(name: str) -> None:
	"""What the worker does, without its commits."""
	state.put(name, {"status": state.COMPUTING})
	grading_compute.compute(frappe.get_doc(state.RUN, name), lambda: None)
	grading_run_job.finish(frappe.get_doc(state.RUN, name))


def apply(name: str) -> None:
	"""What the worker does with an approved run, without its commits."""
	from kehu_archive.services import grade_assignments

	frappe.db.set_value(state.RUN, name, {"status": state.APPLYING, "approved_by": "Administrator", "approved_on": frappe.utils.now_datetime(), "resume_after": None})
	grade_assignments.apply_run(name)


def grades(run: str) -> dict[str, str]:
	"""Archive -> grade of what a run found."""
	return dict(frappe.get_all(state.RESULT, filters={"run": run}, fields=["archive", "grade"], as_list=True))


def result(run: str, archive: str) -> Any:
	return frappe.get_doc(state.RESULT, {"run": run, "archive": archive})


def counts(run: str) -> dict[str, dict[str, int]]:
	"""Grade -> its counts."""
	return {row["grade"]: row for row in grading_runs.summary(run)["counts"]}


def remember_grades(scheme: str, given: Mapping[str, str], source: str = "Grading Run") -> None:
	"""Present grades as an earlier run left them."""
	from kehu_archive.tests import grades as single

	for archive, grade in given.items():
		single.give(archive, scheme, grade, source)


def is_filed(archive: str) -> bool:
	return frappe.db.get_value(ARCHIVE, archive, "workflow_state") == lifecycle.FILED
