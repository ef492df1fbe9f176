"""Archives whose content was not looked after for longer than their grade allows (R-GRD-13).

The grade is that of the scheme that contact follows, else of the one that access follows; its version says after how many months an archive is to be updated.
What counts is the last change of the archive's content or of one of its contacts, never that a grading or a step has touched it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import escape_html, getdate, today

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain import lifecycle
from kehu_archive.services import grading_purposes, notices

#: Above this number a person gets one notice for all of his archives.
MOST_SINGLE: Final = 20
_CHANGED: Final = "ifnull(archive.content_changed_on, date(archive.creation))"
_SINCE: Final = "date_sub(%(today)s, interval rules.update_every_months month)"
_DUE: Final = f"""select archive.name, archive.customer_name, archive.department, archive.responsible, archive.custodian,
		held.scheme, held.grade, ifnull(nullif(rules.label, ''), held.grade) as label, rules.update_every_months as months,
		{_CHANGED} as changed_on, date_add({_CHANGED}, interval rules.update_every_months month) as due_on, archive.update_reminded_on
	from `tabGrade Assignment` held
	join `tabGrading Scheme Grade` rules on rules.parent = held.version and rules.parenttype = 'Grading Scheme Version' and rules.grade = held.grade
	join `tabCustomer Archive` archive on archive.name = held.archive
	where held.scheme = %(scheme)s and held.is_current = 1 and rules.update_every_months > 0
		and archive.workflow_state in %(kept)s and ifnull(archive.merged_into, '') = ''
		and {_CHANGED} < {_SINCE}
		and not exists (select 1 from `tabArchive Contact` contact where contact.archive = archive.name and contact.modified >= {_SINCE})
	order by due_on, archive.name"""


def due_archives(day: date | str | None = None) -> list[Any]:
	"""Archives whose update is overdue on a day (today by default), the longest overdue first. The caller has checked who may see them.

	Each has ``name``, ``customer_name``, ``department``, ``responsible``, ``custodian``, ``scheme``, ``grade``, ``label``, ``months``, ``changed_on``,
	``due_on`` and ``update_reminded_on``.
	"""
	scheme = grading_purposes.bound(terms.CONTACT) or grading_purposes.bound(terms.ACCESS)
	if not scheme:
		return []
	kept = (lifecycle.FILED, lifecycle.UPDATING)
	return list(frappe.db.sql(_DUE, {"scheme": scheme, "today": getdate(day or today()), "kept": kept}, as_dict=True))


def remind() -> int:
	"""Tell the person in charge, else the custodian, once in each period; return for how many archives."""
	present = getdate(today())
	fresh = [row for row in due_archives(present) if _is_new(row, present)]
	by_person: dict[str, list[Any]] = defaultdict(list)
	for row in fresh:
		by_person[row.responsible or row.custodian or ""].append(row)
	for person, rows in by_person.items():
		_tell(person, rows, present)
	if fresh:
		frappe.db.sql(
			"update `tabCustomer Archive` set update_reminded_on = %s where name in %s", (present, tuple(row.name for row in fresh))
		)
	return len(fresh)


def _is_new(row: Any, present: date) -> bool:
	"""Whether nobody was reminded since the update fell due, or a whole period has passed since."""
	told = getdate(row.update_reminded_on) if row.update_reminded_on else None
	return told is None or told < getdate(row.due_on) or told < getdate(frappe.utils.add_months(present, -row.months))


def _tell(person: str, rows: list[Any], present: date) -> None:
	if len(rows) > MOST_SINGLE:
		text = _("{0} archives are due for an update of their information; {1} is the first of them")
		notices.tell([person], (ARCHIVE, rows[0].name), text.format(len(rows), escape_html(rows[0].name)), once_on=present)
		return
	for row in rows:
		text = _("Archive {0} (grade {1}) was to be updated by {2}; check its information and its needs")
		notices.tell([person], (ARCHIVE, row.name), text.format(escape_html(row.name), escape_html(row.label), row.due_on), once_on=present)
