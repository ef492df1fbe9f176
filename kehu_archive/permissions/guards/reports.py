"""Query and script reports: the framework applies no condition of ours to what they return, and offers to add any column of any record to them.

A report over our DocTypes runs for the session's user, never from a stored result, and takes no added columns of our records. A report of somebody else's that
reads our tables, or is told by a filter to read a DocType of ours, is refused.
"""

from __future__ import annotations

from typing import Any, Final

import frappe
from frappe import _

from kehu_archive.constants import MODULE
from kehu_archive.exceptions import AccessDeniedError
from kehu_archive.permissions.guards import asked, exporting, opening, original

RUN: Final = "frappe.desk.query_report.run"
EXPORT: Final = "frappe.desk.query_report.export_query"
CUSTOM_FIELD: Final = "frappe.desk.query_report.get_data_for_custom_field"
PREPARE: Final = "frappe.core.doctype.prepared_report.prepared_report.make_prepared_report"
#: Kinds of reports that list records through the framework's own list.
LISTS: Final = ("Report Builder",)


@frappe.whitelist()
def run(report_name: str, **given: Any) -> Any:
	"""Run a report.

	Raises:
		AccessDeniedError: a report of others over our records, or columns of our records added to one.
	"""
	if not check(report_name, given):
		return original.call(RUN, given, report_name=report_name)
	return original.call(RUN, given, report_name=report_name, user=None, ignore_prepared_report=True)


@frappe.whitelist()
def export_query(**given: Any) -> Any:
	"""Export a report's rows; of ours only those of archives that the user may export.

	Raises:
		AccessDeniedError: as for running it, or no row may be exported.
	"""
	name = str(given.get("report_name") or "")
	if not check(name, given):
		return original.call(EXPORT, given)
	exporting.require_right(str(frappe.db.get_value("Report", name, "ref_doctype")))
	return exporting.recorded(lambda: original.call(EXPORT, given), ("Report", name))


@frappe.whitelist()
def get_data_for_custom_field(doctype: str, field: str, **given: Any) -> Any:
	"""Return one column of a DocType; of ours only for the records that the user may see."""
	if doctype not in opening.OURS:
		return original.call(CUSTOM_FIELD, given, doctype=doctype, field=field)
	column = field if isinstance(field, str) else ""
	if not frappe.get_meta(doctype).has_field(column) and column != "name":
		raise frappe.PermissionError
	rows = frappe.get_list(doctype, fields=["name", column], limit_page_length=0, order_by="")
	return {row.name: row.get(column) for row in rows}


@frappe.whitelist()
def make_prepared_report(report_name: str, **given: Any) -> Any:
	"""Store a report's result for later; never of our records.

	Raises:
		AccessDeniedError: the report is over our records.
	"""
	if check(report_name, given):
		_refuse()
	return original.call(PREPARE, given, report_name=report_name)


def check(report_name: str, given: dict[str, Any]) -> bool:
	"""Whether a report is over our DocTypes, and refuse it where it may not run."""
	report = frappe.db.get_value(
		"Report",
		report_name,
		[
			"name",
			"ref_doctype",
			"report_type",
			"is_standard",
			"module",
			"query",
			"report_script",
			"json",
			"reference_report",
		],
		as_dict=True,
	)
	if not report:
		return False
	_refuse_added(given.get("custom_columns"))
	_refuse_added(report.json if report.report_type not in LISTS else None)
	if is_own(report):
		return True
	if (
		not _is_list(report)
		and frappe.session.user != "Administrator"
		and (_reads_ours(report) or _told_ours(given))
	):
		_refuse()
	return report.ref_doctype in opening.OURS


def is_own(report: Any) -> bool:
	"""Whether this app brings a report, which then asks by itself what the user may see."""
	return report.is_standard == "Yes" and report.module == MODULE


def _is_list(report: Any) -> bool:
	return report.report_type in LISTS


def _reads_ours(report: Any) -> bool:
	base = report
	if report.report_type == "Custom Report":
		base = (
			frappe.db.get_value(
				"Report",
				report.reference_report,
				["ref_doctype", "is_standard", "module", "query", "report_script"],
				as_dict=True,
			)
			or report
		)
		if is_own(base):
			return False
	if base.ref_doctype in opening.OURS:
		return True
	text = f"{base.query or ''} {base.report_script or ''}"
	return any(doctype in text for doctype in opening.OURS)


def _told_ours(given: dict[str, Any]) -> bool:
	return bool(_named_in(given.get("filters")))


def _refuse_added(columns: Any) -> None:
	if columns and _named_in(columns, keys=("doctype",)):
		_refuse()


def _named_in(value: Any, keys: tuple[str, ...] = ()) -> set[str]:
	"""DocTypes of ours that a parameter names, anywhere in it or only as the values of these keys."""
	found: set[str] = set()
	stack = [asked.decode(value)]
	while stack:
		one = stack.pop()
		if isinstance(one, dict):
			stack.extend(
				part for key, part in one.items() if not keys or key in keys or isinstance(part, dict | list)
			)
		elif isinstance(one, list):
			stack.extend(part for part in one if not keys or isinstance(part, dict | list))
		elif isinstance(one, str) and one in opening.OURS:
			found.add(one)
	return found


def _refuse() -> None:
	frappe.throw(
		_(
			"This report would show archives past the access rules; use the list of archives or a report of this app"
		),
		AccessDeniedError,
	)
