"""One access rule of the company: for which files and requesters an operation is allowed, needs approval, is refused or restricted (R-SEC-09, R-ACC-15)."""

from __future__ import annotations

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, cstr

from kehu_archive.domain import access, access_terms
from kehu_archive.exceptions import AccessRuleError
from kehu_archive.permissions import facts

#: What each operation's, relation's and purpose's box is called.
OPERATION_BOXES = tuple(f"on_{operation}" for operation in access.OPERATIONS)
RELATION_BOXES = tuple(f"for_{relation}" for relation in access.RELATIONS)
PURPOSE_BOXES = ("for_return_visit", "for_work_need", "for_other_purpose")
RESTRICTIONS = ("longest_days", "same_day_return", "no_leaving", "no_copies", "no_renewal", "needs_consent", "needs_hand_over")
_NEEDED = {access_terms.ROLE: "role", access_terms.USER: "user"}


class AccessRule(Document):
	def validate(self) -> None:
		self._keep_marks()
		self._check_boxes()
		self._check_bounds()
		self._check_outcome()

	def on_update(self) -> None:
		facts.forget()

	def on_trash(self) -> None:
		facts.forget()

	def _keep_marks(self) -> None:
		"""Only the presets mark rules as theirs; a rule that somebody switched on is no longer held back by any."""
		if not self.flags.by_preset:
			before = self.get_doc_before_save()
			for field in ("preset", "preset_row", "held_by"):
				self.set(field, before.get(field) if before else "")
		if not cint(self.is_disabled):
			self.held_by = ""

	def _check_boxes(self) -> None:
		self._one_of(OPERATION_BOXES, _("Operations and Purposes: tick at least one operation"))
		self._one_of(RELATION_BOXES, _("Which Requesters: tick at least one box"))
		self._one_of(PURPOSE_BOXES, _("Operations and Purposes: tick at least one purpose"))

	def _one_of(self, boxes: tuple[str, ...], message: str) -> None:
		if not any(cint(self.get(box)) for box in boxes):
			frappe.throw(message, AccessRuleError)

	def _check_bounds(self) -> None:
		least = access.SECRECY_RANKS.get(cstr(self.secrecy_from), access.INTERNAL)
		if least > access.SECRECY_RANKS.get(cstr(self.secrecy_to), access.CORE):
			frappe.throw(_("Confidentiality from: must not be above Confidentiality up to"), AccessRuleError)
		if self.level_from and self.level_below and _rank(self.level_from) >= _rank(self.level_below):
			frappe.throw(_("Position Level from: must be lower than Position Level below, else nobody is meant"), AccessRuleError)
		if cint(self.longest_days) < 0:
			frappe.throw(_("Longest Period (days): enter 0 or more"), AccessRuleError)

	def _check_outcome(self) -> None:
		if self.outcome != access.APPROVAL:
			self.approvers = []
		elif not self.approvers:
			frappe.throw(_("Approvers: name at least one, or choose the outcome Allowed"), AccessRuleError)
		if self.outcome == access.RESTRICTS and not any(cint(self.get(field)) for field in RESTRICTIONS):
			frappe.throw(_("Outcome: a rule that only restricts needs at least one restriction"), AccessRuleError)
		for row in self.approvers:
			self._check_approver(row)

	def _check_approver(self, row: Document) -> None:
		needed = _NEEDED.get(cstr(row.approver_kind))
		for field in ("role", "user"):
			if field != needed:
				row.set(field, None)
		if needed and not row.get(needed):
			frappe.throw(
				_("Approvers, row {0}: fill in {1}").format(row.idx, _(row.meta.get_label(needed))), AccessRuleError
			)


def _rank(level: str) -> int:
	return cint(frappe.db.get_value("Position Level", level, "rank"))
