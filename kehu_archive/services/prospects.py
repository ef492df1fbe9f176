"""Prospects on the archive: potential demand from the needs, the conclusion that there was no deal, and what follows from it.

A first deal turns a prospect, also one that was given up, into a customer: `services.transactions` does that with the totals, in one statement. Clause:
R-UPD-11, R-GRD-12, R-MKT-06 (003 §5.2.6).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import frappe
from frappe import _
from frappe.utils import escape_html, flt, getdate, today

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import access, roles
from kehu_archive.domain import prospects as rule
from kehu_archive.services import lifecycle, messages, notices, staff

if TYPE_CHECKING:
	from frappe.model.document import Document

#: Derived from other fields, so no content of their own.
_FOLLOWING = frozenset({"potential_demand", "retention_value"})


def prepare(archive: Document) -> None:
	"""Before the checks: days of closed needs, the potential demand, what a new conclusion sets, and the day of the last change of content
	(none while there was no change since the archive was entered)."""
	present = getdate(today())
	for need in archive.needs:
		need.status = need.status or rule.UNMET
		need.noted_on = need.noted_on or present
		need.closed_on = rule.closed_on(need.__dict__, present)
	for plan in archive.joint_plans:
		plan.planned_on = plan.planned_on or present
	archive.potential_demand = flt(rule.demand([need.__dict__ for need in archive.needs]))
	before = None if archive.is_new() else archive.get_doc_before_save() or frappe.get_doc(ARCHIVE, archive.name)
	if archive.market_status == rule.NO_DEAL:
		archive.lost_on = archive.lost_on or present
		if before is None or before.market_status != rule.NO_DEAL:
			archive.retention_value = rule.TO_BE_JUDGED
	archive.update_reminded_on = before.update_reminded_on if before else None
	archive.content_changed_on = before.content_changed_on if before else None
	if before and not archive.flags.in_merge and lifecycle.changed_fields(archive, before) - _FOLLOWING:
		archive.content_changed_on = present


def check(archive: Document) -> None:
	"""Refuse needs, factors, plans and conclusions that cannot be right.

	Raises:
		InvalidFieldsError: names every table, row and field.
	"""
	if archive.flags.in_merge:
		return
	values = {field: archive.get(field) for field in ("market_status", "transaction_count", "lost_reason", "lost_on", "likelihood", "national_rank")}
	tables = {table: [row.__dict__ for row in archive.get(table) or []] for table in ("needs", "grading_inputs", "joint_plans")}
	messages.throw_faults(rule.faults({**values, **tables}, getdate(today())), archive.meta)


def after_save(archive: Document) -> None:
	"""Ask those who keep the archive whether it is worth keeping, once a customer is given up (003 §5.2.6)."""
	before = archive.get_doc_before_save()
	if archive.market_status != rule.NO_DEAL or (before and before.market_status == rule.NO_DEAL):
		return
	# The access rule asks which steps a company uses, and that module leans on the archive's services.
	from kehu_archive.permissions import documents

	keepers = {archive.custodian} if archive.custodian else staff.holders(roles.ARCHIVIST)
	people = {user for user in keepers if documents.may(archive.name, access.FIND, user=user)}
	text = _("Archive {0}: no deal came about; judge whether its information is worth keeping").format(escape_html(archive.name))
	notices.tell(people, (ARCHIVE, archive.name), text)


def refresh_demand(archives: Collection[str]) -> None:
	"""Compute the potential demand of these archives anew from their needs, with one statement: after rows were moved past the form."""
	if archives:
		frappe.db.sql(
			"""update `tabCustomer Archive` archive
			left join (
				select parent, sum(amount) as total from `tabCustomer Archive Need`
				where parenttype = 'Customer Archive' and status = %(unmet)s and parent in %(names)s group by parent
			) needs on needs.parent = archive.name
			set archive.potential_demand = ifnull(needs.total, 0) where archive.name in %(names)s""",
			{"names": tuple(archives), "unmet": rule.UNMET},
		)
