"""Which scheme access, contact and analysis follow: at most one each (R-GRD-22).

Switching a purpose on for a scheme takes it away from the one that had it, and every archive then carries the grades of the new one. One entry in the
access log says so.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

import frappe
from frappe import _
from frappe.utils import cint, escape_html

from kehu_archive.audit import log
from kehu_archive.domain import grading_terms as terms
from kehu_archive.services import grade_columns
from kehu_archive.services.grading_schemes import PURPOSE_BOXES, SCHEME

if TYPE_CHECKING:
	from frappe.model.document import Document

_LABELS: Final = {terms.ACCESS: "Access Rights", terms.CONTACT: "Frequency of Contact", terms.ANALYSIS: "Analysis"}


def bound(purpose: str) -> str | None:
	"""The scheme that a purpose follows, None when it follows none."""
	return grade_columns.bound(purpose)


def purposes(scheme: str) -> tuple[str, ...]:
	"""What a scheme is used for."""
	return tuple(purpose for purpose in terms.PURPOSES if bound(purpose) == scheme)


def moving(scheme: str, wanted: Collection[str]) -> list[str]:
	"""What a person is asked before purposes move: one sentence for each that another scheme gives up; empty when none does."""
	return [
		_("{0} follows the scheme {1} now; it will follow {2} and every archive carries its grades").format(
			_(_LABELS[purpose]), escape_html(held), escape_html(scheme)
		)
		for purpose in terms.PURPOSES
		if purpose in wanted and (held := bound(purpose)) and held != scheme
	]


def after_save(scheme: Document) -> None:
	"""Move the purposes that were switched on or off and write the archives' grades anew.

	Raises:
		AuditError: the change cannot be recorded; nothing moves.
	"""
	before = scheme.get_doc_before_save()
	changed = [
		purpose
		for purpose, box in PURPOSE_BOXES.items()
		if cint(scheme.get(box)) != (cint(before.get(box)) if before else 0)
	]
	if not changed:
		return
	# Two people who move a purpose at once do it one after the other.
	frappe.db.sql("select name from `tabGrading Scheme` for update")
	for purpose in changed:
		others = _take_away(scheme, purpose) if cint(scheme.get(PURPOSE_BOXES[purpose])) else []
		log.record("Permission Change", document=(SCHEME, scheme.name), detail=_detail(scheme, purpose, others))
		grade_columns.rebind(purpose)


def _take_away(scheme: Document, purpose: str) -> list[str]:
	"""Take a purpose from the schemes that have it; their names."""
	box = PURPOSE_BOXES[purpose]
	others = frappe.get_all(SCHEME, filters={box: 1, "name": ("!=", scheme.name)}, pluck="name")
	for name in others:
		frappe.db.set_value(SCHEME, name, box, 0)
		frappe.msgprint(
			_("{0} follows the scheme {1} from now on, no longer {2}").format(
				_(_LABELS[purpose]), escape_html(scheme.name), escape_html(name)
			),
			alert=True,
		)
	return list(others)


def _detail(scheme: Document, purpose: str, others: list[str]) -> str:
	after = scheme.name if cint(scheme.get(PURPOSE_BOXES[purpose])) else "-"
	return f"{purpose}: {', '.join(others) or '-'} -> {after}"
