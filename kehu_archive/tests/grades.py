"""Builders for the tests of grades: schemes with a version in force, filed customers, runs that wait to be applied."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import frappe
from frappe.utils import add_days, getdate, now_datetime, today

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain import roles
from kehu_archive.domain.grading_terms import Outcome, Reason
from kehu_archive.services import grade_assignments, grading_reasons, grading_schemes
from kehu_archive.services.sql import insert_rows
from kehu_archive.tests import factories

ASSIGNMENT = "Grade Assignment"
#: A from 100 (10,000 CNY) in total, B from 10, C with any deal.
ABC = (("A", 100), ("B", 10), ("C", 0.0001))


def no_other_schemes() -> None:
	"""Switch off what the site has, so that only the schemes of a test count."""
	frappe.db.sql("update `tabGrading Scheme` set is_disabled = 1")
	frappe.clear_cache(doctype="Grading Scheme")
	for name in frappe.get_all("Grading Scheme", pluck="name"):
		frappe.clear_document_cache("Grading Scheme", name)


def scheme(label: str = "测试分级", grades: Sequence[tuple[str, float]] = ABC, important: Sequence[str] = (), metric: str = terms.TOTAL_AMOUNT, **values: Any) -> str:
	"""A thresholds scheme with a version of this year in force; the thresholds are totals in 10,000 CNY."""
	name = f"{label} {frappe.generate_hash(length=6)}"
	with factories.acting("Administrator"):
		frappe.get_doc({"doctype": "Grading Scheme", "scheme_name": name, "method": "Thresholds", **values}).insert()
		version = frappe.get_doc(
			{
				"doctype": "Grading Scheme Version",
				"scheme": name,
				"year": getdate(today()).year,
				"grades": [{"grade": code, "is_important": int(code in important)} for code, _from in grades],
				"criteria": [{"grade": code, "metric": metric, "comparison": "Not Less Than", "threshold": start} for code, start in grades],
			}
		).insert()
		grading_schemes.activate(version.name)
	return name


def version_of(scheme_name: str) -> str:
	return str(grading_schemes.active_version(scheme_name))


def customer(**values: Any) -> str:
	"""A filed archive of the sales department."""
	name = str(factories.make_archive().name)
	filed = {"workflow_state": "Filed", "confidentiality": "Internal", "secrecy_rank": 1, "custodian": factories.email(roles.ARCHIVIST)}
	frappe.db.set_value(ARCHIVE, name, {**filed, **values})
	return name


def outcome(grade: str, value: int = 1_500_000) -> Outcome:
	return Outcome(grade, grade, grade, (Reason(terms.TOTAL_AMOUNT, Decimal(value), Decimal(1_000_000), True),))


def give(archive: str, scheme_name: str, grade: str, source: str = terms.BY_RUN, **more: Any) -> Any:
	return grade_assignments.assign(archive, scheme_name, version_of(scheme_name), outcome(grade), source, **more)


def columns(archive: str, *names: str) -> Any:
	fields = list(names or ("access_scheme", "access_grade"))
	found = frappe.db.get_value(ARCHIVE, archive, fields, as_dict=True)
	return tuple(found[name] for name in fields)


def rows(archive: str, scheme_name: str | None = None) -> list[Any]:
	"""The assignments of an archive as stored, in their order."""
	filters = {"archive": archive, **({"scheme": scheme_name} if scheme_name else {})}
	return frappe.get_all(ASSIGNMENT, filters=filters, fields=["*"], order_by="decided_on, creation, is_current")


def grade_of(archive: str, scheme_name: str) -> str | None:
	return frappe.db.get_value(ASSIGNMENT, {"archive": archive, "scheme": scheme_name, "is_current": 1}, "grade")


def run(scheme_name: str, results: dict[str, str], **values: Any) -> str:
	"""An approved run with these results, as computing and approving it leave it."""
	version = version_of(scheme_name)
	now = now_datetime()
	doc = frappe.new_doc("Grading Run")
	doc.update({"scheme": scheme_name, "version": version, "as_of": today(), "status": "Applying", "total": len(results)})
	doc.update({"started_by": "Administrator", "approved_by": factories.email(roles.MARKETING_MANAGER), "approved_on": now, "computed_on": now})
	doc.update(values)
	doc.name = f"TEST-{frappe.generate_hash(length=10)}"
	doc.db_insert()
	packed = {grade: grading_reasons.pack(outcome(grade), version, getdate(today())) for grade in set(results.values())}
	insert_rows(
		"tabGrading Run Result",
		("name", "creation", "modified", "owner", "modified_by", "run", "archive", "grade", "change_kind", "sentence", "reasons"),
		(
			(frappe.generate_hash(length=12), now, now, "Administrator", "Administrator", doc.name, archive, grade, "First Grade", "因", packed[grade])
			for archive, grade in results.items()
		),
	)
	return str(doc.name)


def yesterday() -> Any:
	return getdate(add_days(today(), -1))
