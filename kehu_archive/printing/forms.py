"""What the printed forms of forms.zh.md need beside the document's own fields. Everything a form shows comes from the stored document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import cint, format_datetime, formatdate

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import access, roles
from kehu_archive.permissions import documents
from kehu_archive.printing import grading_forms, grading_report
from kehu_archive.services import signatures

HEAD: Final = "head"
SERVICE: Final = "service"
DIRECTOR: Final = "director"
_SERVICE_ROLES: Final = frozenset(
	{roles.CUSTOMER_SERVICE_STAFF, roles.CUSTOMER_SERVICE_MANAGER, roles.ARCHIVIST}
)
CHECKED: Final = "☑"
EMPTY: Final = "□"


@dataclass(frozen=True)
class Opinion:
	"""One approver's answer: who was asked, what he said, who signed and when; the last two empty while it is open."""

	approver: str
	decision: str
	opinion: str
	person: str
	when: str

	@property
	def text(self) -> str:
		"""On one line, as a register shows it."""
		return " ".join(
			part for part in (self.decision, self.opinion, self.person or self.approver, self.when) if part
		)


def column_of(role: str, user: str, custodian: str) -> str:
	"""Which column of a form an approval step belongs to: the department's head, customer service, or director and above.

	A step that names a person is the head's, unless the person keeps the archive.
	"""
	if not role:
		return SERVICE if user and user == custodian else HEAD
	return SERVICE if role in _SERVICE_ROLES else DIRECTOR


def opinions(steps: Iterable[Any], custodian: str = "") -> dict[str, list[Opinion]]:
	"""The approval steps of a request by column."""
	found: dict[str, list[Opinion]] = {HEAD: [], SERVICE: [], DIRECTOR: []}
	for step in steps:
		column = column_of(step.approver_role or "", step.approver_user or "", custodian)
		found[column].append(
			Opinion(
				_(step.approver or step.approver_role or ""),
				_(step.decision or ""),
				step.opinion or "",
				person(step.decided_by),
				formatdate(step.decided_on) if step.decided_on else "",
			)
		)
	return found


def person(user: str | None) -> str:
	"""A user's full name."""
	return str(frappe.utils.get_fullname(user)) if user else ""


@dataclass(frozen=True)
class Form:
	"""A stored document as its printed form shows it."""

	doc: Any

	@property
	def title(self) -> str:
		"""The customer's name, where the reader may find the archive; else what the request itself says."""
		archive = self.doc.get("archive")
		if archive and documents.may(archive, access.FIND):
			return str(frappe.db.get_value(ARCHIVE, archive, "customer_name") or "")
		return str(self.doc.get("wanted") or "")

	@property
	def opinions(self) -> dict[str, list[Opinion]]:
		"""Approval steps by column."""
		archive = self.doc.get("archive")
		custodian = frappe.db.get_value(ARCHIVE, archive, "custodian") if archive else ""
		return opinions(self.doc.get("approvals") or [], str(custodian or ""))

	@property
	def evaluation(self) -> grading_forms.Evaluation:
		"""A grade as the evaluation form shows it."""
		return grading_forms.Evaluation(self.doc)

	@property
	def report(self) -> grading_report.RunReport:
		"""A grading run as its report shows it."""
		return grading_report.RunReport(self.doc)

	def boxes(self, field: str) -> list[str]:
		"""Every choice of a field, with a tick before the one that is chosen."""
		options = (self.doc.meta.get_field(field).options or "").split("\n")
		return [
			f"{CHECKED if self.doc.get(field) == option else EMPTY}{_(option)}"
			for option in options
			if option.strip()
		]

	def box(self, label: str, is_checked: Any) -> str:
		"""One box of its own."""
		return f"{CHECKED if cint(is_checked) else EMPTY}{label}"

	def person(self, user: str | None) -> str:
		"""A user's full name."""
		return person(user)

	def day(self, value: Any) -> str:
		"""A date as the user writes it."""
		return str(formatdate(value)) if value else ""

	def moment(self, value: Any) -> str:
		"""Date and time as the user writes them, to the minute."""
		return str(format_datetime(value, "yyyy-MM-dd HH:mm")) if value else ""

	def picture(self, field: str) -> str:
		"""A signature that was drawn on the screen; '' when there is none."""
		value = str(self.doc.get(field) or "")
		return value if signatures.is_drawn(value) else ""


def kehu_form(doc: Any) -> Form:
	"""For print formats: ``{% set form = kehu_form(doc) %}``."""
	return Form(doc)
