"""What goes when the app is removed: everything that is ours and lives outside our own DocTypes.

The framework drops our DocTypes, reports, pages and workspaces. Left to us are the records that seeding
created (roles, workflow, states), what users hung on our documents (files, comments, shares ...), what an
administrator customised on our DocTypes, and the search index.
"""

from __future__ import annotations

import re

import frappe

from kehu_archive.constants import APP, MODULE, SETTINGS
from kehu_archive.domain import roles as role_names
from kehu_archive.seed import ledger, roles
from kehu_archive.services import search_index

#: DocType of the framework -> the field that names the DocType of the document it hangs on.
HANGERS = {
	"Comment": "reference_doctype",
	"Communication": "reference_doctype",
	"Communication Link": "link_doctype",
	"Dynamic Link": "link_doctype",
	"Version": "ref_doctype",
	"View Log": "reference_doctype",
	"Access Log": "export_from",
	"Activity Log": "reference_doctype",
	"Energy Point Log": "reference_doctype",
	"ToDo": "reference_type",
	"DocShare": "share_doctype",
	"Document Follow": "ref_doctype",
	"Document Share Key": "reference_doctype",
	"Tag Link": "document_type",
	"Notification Log": "document_type",
	"Workflow Action": "reference_doctype",
	"Deleted Document": "deleted_doctype",
	"Email Queue": "reference_doctype",
	"Data Import": "reference_doctype",
	"List Filter": "reference_doctype",
	"List View Settings": "name",
	"Kanban Board": "reference_doctype",
	"Calendar View": "reference_doctype",
	"Custom DocPerm": "parent",
	"Property Setter": "doc_type",
	"Custom Field": "dt",
	"Client Script": "dt",
	"Server Script": "reference_doctype",
	"Notification": "document_type",
	"Auto Repeat": "reference_doctype",
	"Assignment Rule": "document_type",
	"Document Naming Rule": "document_type",
	"Milestone": "reference_type",
	"Reminder": "reminder_doctype",
	"Prepared Report": "ref_report_doctype",
	"Submission Queue": "ref_doctype",
	"Number Card": "document_type",
	"Dashboard Chart": "document_type",
	"User Permission": "allow",
	"Milestone Tracker": "document_type",
	"Energy Point Rule": "reference_doctype",
	"DocType Layout": "document_type",
	"Form Tour": "reference_doctype",
	"Success Action": "ref_doctype",
	"Integration Request": "reference_doctype",
	"Error Log": "reference_doctype",
	"Report": "ref_doctype",
	"Print Format": "doc_type",
	"Web Form": "doc_type",
	"Webhook": "webhook_doctype",
}

#: DocTypes whose names end in a running number.
NUMBERED = (
	"Customer Archive",
	"Customer Complaint",
	"Archive Borrowing",
	"Archive Import",
	"Archive Merge",
	"Classification Request",
	"Disclosure Request",
	"Grade Appeal",
	"Grading Run",
	"Violation",
)
_SERIAL = re.compile(r"\d+$")


def before() -> None:
	"""Remove what hangs on our documents while the DocTypes still tell which these are."""
	doctypes = frappe.get_all("DocType", filters={"module": MODULE}, pluck="name")
	_remove_files(doctypes)
	_remove_hangers(doctypes)
	_remove_seeds(doctypes)
	_remove_series()
	_remove_settings_and_jobs(doctypes)
	search_index.drop_table()


def after() -> None:
	"""Forget cached names of what no longer exists; the framework commits no more after this point."""
	frappe.clear_cache()


def _remove_files(doctypes: list[str]) -> None:
	"""Delete attached files one by one: the File's own hook removes the bytes when no other file shares them."""
	for name in frappe.get_all("File", filters={"attached_to_doctype": ("in", doctypes)}, pluck="name"):
		frappe.delete_doc("File", name, ignore_permissions=True, force=True, delete_permanently=True)


def _remove_hangers(doctypes: list[str]) -> None:
	for hanger, field in HANGERS.items():
		if not frappe.db.table_exists(hanger) or not frappe.db.has_column(hanger, field):
			continue
		names = frappe.get_all(hanger, filters={field: ("in", doctypes)}, pluck="name")
		for child in _child_tables(hanger):
			frappe.db.delete(child, {"parenttype": hanger, "parent": ("in", names or [""])})
		frappe.db.delete(hanger, {field: ("in", doctypes)})


def _child_tables(doctype: str) -> list[str]:
	return [field.options for field in frappe.get_meta(doctype).get_table_fields()]


def _remove_seeds(doctypes: list[str]) -> None:
	book = ledger.read()
	own = frappe.get_all("Workflow", filters={"document_type": ("in", doctypes)}, pluck="name")
	for workflow in own:
		frappe.delete_doc("Workflow", workflow, ignore_permissions=True, force=True, delete_permanently=True)
	for state in _unused(book.created("Workflow State"), "Workflow Document State", "state"):
		_delete("Workflow State", state)
	for action in _unused(book.created("Workflow Action Master"), "Workflow Transition", "action"):
		_delete("Workflow Action Master", action)
	_remove_roles(set(book.created("Role")))


def _remove_roles(created: set[str]) -> None:
	"""Our own roles that the site had not before us, and those that presets of access rules brought along."""
	kept = set(roles.forget_existing())
	for role in (set(role_names.ROLES) - kept) | created:
		for grant in ("Has Role", "DocPerm", "Custom DocPerm"):
			frappe.db.delete(grant, {"role": role})
		_delete("Role", role)


def _unused(names: list[str], used_in: str, field: str) -> list[str]:
	"""Those that no other workflow has begun to use."""
	used = set(frappe.get_all(used_in, filters={field: ("in", names or [""])}, pluck=field))
	return [name for name in names if name not in used]


def _delete(doctype: str, name: str) -> None:
	frappe.delete_doc(doctype, name, ignore_permissions=True, force=True, ignore_missing=True, delete_permanently=True)


def _remove_series() -> None:
	"""Counters of ours, found by the numbers they gave: another app's counter may begin with the same letters."""
	series = frappe.qb.Table("tabSeries")
	for doctype in NUMBERED:
		table = frappe.qb.DocType(doctype)
		prefixes = {_SERIAL.sub("", name) for name in frappe.qb.from_(table).select(table.name).run(pluck=True)}
		if prefixes:
			frappe.qb.from_(series).delete().where(series.name.isin(sorted(prefixes))).run()


def _remove_settings_and_jobs(doctypes: list[str]) -> None:
	jobs = frappe.get_all("Scheduled Job Type", filters={"method": ("like", f"{APP}.%")}, pluck="name")
	frappe.db.delete("Scheduled Job Log", {"scheduled_job_type": ("in", jobs or [""])})
	frappe.db.delete("Scheduled Job Type", {"name": ("in", jobs or [""])})
	frappe.db.delete("Singles", {"doctype": SETTINGS})
	frappe.db.delete("__UserSettings", {"doctype": ("in", doctypes)})
