"""What nobody may do to a scheme or a version by a plain save or a deletion: every road passes here, form, REST and import.

Clause: R-GRD-05 (a past grade keeps the rules that gave it), R-GRD-07, R-GRD-18.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import frappe
from frappe import _
from frappe.utils import cint, cstr

from kehu_archive.domain import grading_metrics, grading_presets, grading_rows
from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.faults import fault
from kehu_archive.exceptions import GradingError
from kehu_archive.services import grading_schemes, lifecycle, messages
from kehu_archive.services.grading_schemes import DRAFT, PURPOSE_BOXES, SCHEME, VERSION

if TYPE_CHECKING:
	from frappe.model.document import Document

#: Written by a step and by nothing else; what a client sends for them is put back.
_BY_STEP: Final = ("status", "activated_by", "activated_on")
#: What may still be written on a version that is or was in force.
_OPEN: Final = frozenset({"remark"})
#: Records that keep a version or a scheme.
_USED_BY: Final = ("Grade Assignment", "Grading Run")
_SCHEME_USED_BY: Final = (*_USED_BY, "Grade Appeal", "Marketing Plan")


def prepare_version(version: Document) -> None:
	"""Before the checks: what only steps write is put back, the method is the scheme's, the days are filled in."""
	before = None if version.is_new() else version.get_doc_before_save() or frappe.get_doc(VERSION, version.name)
	if not version.flags.by_service:
		for field in _BY_STEP:
			version.set(field, before.get(field) if before else None)
	version.status = version.status or DRAFT
	if version.status == DRAFT:
		version.method = frappe.db.get_value(SCHEME, version.scheme, "method") or terms.THRESHOLDS
		_fill_days(version)
		for row in version.factors:
			row.source = grading_presets.JUDGED if grading_presets.metric_is_judged(row.metric) else grading_presets.SYSTEM


def _fill_days(version: Document) -> None:
	year, month = cint(version.year), cint(version.first_month)
	if 1900 <= year < 2200 and 1 <= month <= 12:
		first, last = grading_metrics.year_bounds(year, month)
		version.valid_from = version.valid_from or first
		version.valid_to = version.valid_to or last


def check_version(version: Document) -> None:
	"""Refuse what cannot be stored: a number that is none, or new rules for a version that is or was in force.

	Everything else is asked when the version is activated, so that a draft may be saved half-way.

	Raises:
		InvalidFieldsError: names the table, the row and the field.
		GradingError: the version is no draft.
	"""
	draft = grading_rows.draft_of(grading_schemes.values_of(version))
	messages.throw_faults(
		[fault(place, "grading-number", **({"row": row} if row else {})) for place, row in draft.unreadable], version.meta
	)
	before = version.get_doc_before_save()
	if before and before.status != DRAFT and not version.flags.by_service:
		changed = lifecycle.changed_fields(version, before) - _OPEN
		if changed:
			label = _(version.meta.get_label(min(changed)))
			frappe.throw(
				_("{0}: version {1} is in force or was, its rules stay as they are; copy it to a new draft and change that").format(
					label, frappe.bold(version.name)
				),
				GradingError,
			)


def check_scheme(scheme: Document) -> None:
	"""Refuse another method once versions were in force, and months below one; a scheme that is switched off serves no purpose.

	Raises:
		GradingError: names the field.
	"""
	before = scheme.get_doc_before_save()
	if not scheme.flags.by_service:
		scheme.preset = before.preset if before else None
	if cint(scheme.manual_months) < 1:
		frappe.throw(_("{0}: enter 1 or more").format(_(scheme.meta.get_label("manual_months"))), GradingError)
	if before and before.method != scheme.method and _had_versions(scheme.name):
		frappe.throw(
			_("{0}: this scheme has graded already, its method stays; make another scheme").format(_(scheme.meta.get_label("method"))),
			GradingError,
		)
	if cint(scheme.is_disabled):
		for box in PURPOSE_BOXES.values():
			scheme.set(box, 0)


def after_scheme(scheme: Document) -> None:
	"""Drafts follow a changed method."""
	before = scheme.get_doc_before_save()
	if before and before.method != scheme.method:
		frappe.db.sql(
			"update `tabGrading Scheme Version` set method = %s where scheme = %s and status = 'Draft'", (scheme.method, scheme.name)
		)


def _had_versions(scheme: str) -> bool:
	return bool(frappe.db.exists(VERSION, {"scheme": scheme, "status": ("!=", DRAFT)}))


def refuse_version_deletion(version: Document) -> None:
	"""Only a draft that graded nobody is deleted.

	Raises:
		GradingError: the version is or was in force.
	"""
	if cstr(version.status) != DRAFT or any(frappe.db.exists(one, {"version": version.name}) for one in _USED_BY):
		frappe.throw(_("Version {0} was used and stays; close it instead").format(frappe.bold(version.name)), GradingError)


def refuse_scheme_deletion(scheme: Document) -> None:
	"""Only a scheme that nothing refers to is deleted; its drafts go with it.

	Raises:
		GradingError: the scheme was used.
	"""
	if _had_versions(scheme.name) or any(frappe.db.exists(one, {"scheme": scheme.name}) for one in _SCHEME_USED_BY):
		frappe.throw(_("Grading scheme {0} was used and stays; switch it off instead").format(frappe.bold(scheme.name)), GradingError)
	for name in frappe.get_all(VERSION, filters={"scheme": scheme.name}, pluck="name"):
		# Whoever may delete the scheme may delete its drafts.
		frappe.delete_doc(VERSION, name, ignore_permissions=True)
