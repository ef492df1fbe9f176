"""Departments, mines and teams that own archives, who belongs to them at which level, and the items their forms add or leave out (R-FZL-06, R-ROL-08)."""

from __future__ import annotations

import frappe
from frappe import _
from frappe.model.document import Document

from kehu_archive.constants import ARCHIVE
from kehu_archive.exceptions import AccessRuleError
from kehu_archive.permissions import facts


class ArchiveDepartment(Document):
	def validate(self) -> None:
		self._check_parents()
		self._check_hidden_items()
		self._check_members()

	def on_update(self) -> None:
		facts.forget()

	def on_trash(self) -> None:
		if frappe.db.exists(ARCHIVE, {"department": self.name}):
			frappe.throw(_("Archives of this department exist; disable it instead of deleting it"))

	def _check_parents(self) -> None:
		seen = {self.name}
		parent = self.parent_department
		while parent:
			if parent in seen:
				frappe.throw(_("Parent Department: {0} would contain itself").format(parent))
			seen.add(parent)
			parent = frappe.db.get_value("Archive Department", parent, "parent_department")

	def _check_members(self) -> None:
		"""A person has one level in a department."""
		seen: dict[str, int] = {}
		for row in self.members:
			if row.user in seen:
				frappe.throw(
					_("Members, row {0}: {1} stands in row {2} already").format(
						row.idx, frappe.bold(frappe.utils.escape_html(row.user)), seen[row.user]
					),
					AccessRuleError,
				)
			seen[row.user] = row.idx

	def _check_hidden_items(self) -> None:
		meta = frappe.get_meta(ARCHIVE)
		for row in self.hidden_fields:
			field = meta.get_field(row.field_name)
			if not field:
				frappe.throw(
					_("Row {0}: the form has no item {1}; choose one of the list").format(
						row.idx, frappe.utils.escape_html(row.field_name)
					)
				)
			if field.reqd:
				frappe.throw(_("Row {0}: {1} is mandatory and cannot be hidden").format(row.idx, _(field.label)))
