"""Grades whose customers have an account manager: filing asks for one, and a grading tells who is to name one (R-GRD-09)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import frappe
from frappe import _
from frappe.utils import escape_html

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import lifecycle, roles
from kehu_archive.exceptions import LifeCycleError
from kehu_archive.services import notices, staff

if TYPE_CHECKING:
	from frappe.model.document import Document

#: Above this number, one notice for all of them.
MOST_SINGLE: Final = 20
_KEPT: Final = (lifecycle.FILED, lifecycle.UPDATING)
#: Archives among the names whose present grade, in any scheme that is switched on, asks for an account manager.
_ASKING: Final = """select held.archive, min(held.grade) as grade from `tabGrade Assignment` held
	join `tabGrading Scheme Grade` rules on rules.parent = held.version and rules.parenttype = 'Grading Scheme Version' and rules.grade = held.grade
	join `tabGrading Scheme` scheme on scheme.name = held.scheme
	where held.archive in %(names)s and held.is_current = 1 and rules.needs_manager = 1 and scheme.is_disabled = 0
	group by held.archive"""


def check(archive: Document) -> None:
	"""Refuse to file, or to keep, an archive without an account manager when its grade asks for one.

	Raises:
		LifeCycleError: names the field and the grade.
	"""
	before = archive.get_doc_before_save()
	if archive.responsible or archive.flags.in_merge or not before or archive.workflow_state not in _KEPT:
		return
	if before.workflow_state in _KEPT and not before.responsible:
		# It lacked one before this save: who enters something else is not stopped by that, a notice has asked for one.
		return
	rows = frappe.db.sql(_ASKING, {"names": (archive.name,)}, as_dict=True)
	if rows:
		frappe.throw(
			_("{0}: a customer of grade {1} has an account manager; enter who it is").format(
				_(archive.meta.get_label("responsible")), frappe.bold(escape_html(rows[0].grade))
			),
			LifeCycleError,
		)


def tell_missing(archives: Sequence[str]) -> None:
	"""Tell those who keep these archives, which have just got a grade, where an account manager is to be named."""
	lacking = _lacking(archives) if archives else []
	if not lacking:
		return
	keepers = staff.holders(roles.CUSTOMER_SERVICE_MANAGER)
	if len(lacking) > MOST_SINGLE:
		text = _("{0} filed archives got a grade that asks for an account manager and have none; {1} is the first of them")
		notices.tell(keepers, (ARCHIVE, lacking[0].archive), text.format(len(lacking), escape_html(lacking[0].archive)))
		return
	for row in lacking:
		text = _("Archive {0} is of grade {1} now, which asks for an account manager; enter who it is")
		notices.tell(
			{row.custodian} if row.custodian else keepers, (ARCHIVE, row.archive), text.format(escape_html(row.archive), escape_html(row.grade))
		)


def _lacking(archives: Sequence[str]) -> list[Any]:
	# The condition inside is ours; names and states are parameters.
	return list(
		frappe.db.sql(
			f"""select asking.archive, asking.grade, archive.custodian from ({_ASKING}) asking
			join `tabCustomer Archive` archive on archive.name = asking.archive
			where ifnull(archive.responsible, '') = '' and archive.workflow_state in %(kept)s order by asking.archive""",
			{"names": tuple(archives), "kept": _KEPT},
			as_dict=True,
		)
	)
