"""The columns of an archive that carry its grades: which scheme each purpose is bound to, and how the columns follow.

Contract: a purpose (access, contact, analysis) has at most one scheme. While one is bound, its two columns are written here and by nobody's hand; while none
is bound to access, people set the access grade as before (`secrecy.set_grade`). Clause: R-GRD-16, R-GRD-22, R-SEC-08.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import frappe
from frappe.utils import now_datetime

from kehu_archive.audit import log
from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.secrecy import normal_grade
from kehu_archive.permissions.request_cache import forget

if TYPE_CHECKING:
	from frappe.model.document import Document

SCHEME: Final = "Grading Scheme"
#: Purpose -> the scheme's box, the archive's columns for the scheme and the grade.
COLUMNS: Final = {
	terms.ACCESS: ("for_access", "access_scheme", "access_grade"),
	terms.CONTACT: ("for_contact", "contact_scheme", "contact_grade"),
	terms.ANALYSIS: ("for_analysis", "analysis_scheme", "analysis_grade"),
}
#: Never written by hand, bound or not.
_ALWAYS: Final = tuple(column for purpose in (terms.CONTACT, terms.ANALYSIS) for column in COLUMNS[purpose][1:])
WRITTEN: Final = frozenset(column for _box, *columns in COLUMNS.values() for column in columns)


@dataclass(frozen=True)
class Value:
	"""What an archive's columns become: the grade, and whether the archive is important now; None leaves that as it is."""

	archive: str
	grade: str
	is_important: bool | None = None


def bound(purpose: str) -> str | None:
	"""The scheme that a purpose asks, None when there is none."""
	found = frappe.db.get_value(SCHEME, {COLUMNS[purpose][0]: 1, "is_disabled": 0}, "name")
	return str(found) if found else None


def protect(archive: Document, before: Document | None) -> None:
	"""Put back what only a grading writes, whatever a client sends."""
	for column in _ALWAYS:
		archive.set(column, before.get(column) if before else None)
	stored = before.access_grade if before else None
	if (archive.access_grade or "") != (stored or "") and not archive.flags.in_merge and bound(terms.ACCESS):
		archive.access_grade = stored
	if before and before.is_important and not archive.is_important and _is_important_by_grade(archive.name):
		archive.is_important = 1


def _is_important_by_grade(archive: str) -> bool:
	return bool(
		frappe.db.sql(
			"""select 1 from `tabGrade Assignment` given join `tabGrading Scheme Grade` grade
				on grade.parent = given.version and grade.parenttype = 'Grading Scheme Version' and grade.grade = given.grade
			where given.archive = %s and given.is_current = 1 and grade.is_important = 1 limit 1""",
			archive,
		)
	)


def write(scheme: str, values: Iterable[Value], by: str, at: datetime) -> None:
	"""Write a scheme's grades into the columns that its purposes have, with a statement for each grade.

	Args:
		scheme: the Grading Scheme; one without a purpose changes only whether an archive is important.
		by, at: who is shown as having changed the archive, and when.
	"""
	boxes = frappe.db.sql(
		f"select {', '.join(box for box, *_columns in COLUMNS.values())} from `tabGrading Scheme` where name = %s", (scheme,), as_dict=True
	)[0]
	groups: dict[tuple[str, bool | None], list[str]] = defaultdict(list)
	for value in values:
		groups[value.grade, value.is_important].append(value.archive)
	for (grade, is_important), names in groups.items():
		_update(names, _columns(boxes, scheme, grade, is_important), by, at)
	forget()


def _columns(boxes: Any, scheme: str, grade: str, is_important: bool | None) -> dict[str, Any]:
	columns: dict[str, Any] = {}
	for purpose, (box, scheme_column, grade_column) in COLUMNS.items():
		if boxes[box]:
			# Rules compare the access grade in its normal form.
			stored = normal_grade(grade) if purpose == terms.ACCESS else grade
			columns |= {scheme_column: scheme, grade_column: stored or None}
	return columns if is_important is None else {**columns, "is_important": int(is_important)}


def _update(names: list[str], columns: dict[str, Any], by: str, at: datetime) -> None:
	if not columns:
		return
	# The names of the columns are ours; every value is a parameter.
	places = ", ".join(f"`{column}` = %({column})s" for column in columns)
	frappe.db.sql(
		f"update `tabCustomer Archive` set {places}, modified = %(at)s, modified_by = %(by)s where name in %(names)s",
		{**columns, "at": at, "by": by, "names": tuple(names)},
	)


def rebind(purpose: str) -> int:
	"""Fill a purpose's columns from the current grades of the scheme that is bound to it now; return how many archives changed.

	For access, an archive without a grade of that scheme keeps the grade it had: binding a scheme opens nothing before its first run. Without a bound scheme
	the access grades stay too and people set them by hand; contact and analysis become empty.
	"""
	_box, scheme_column, grade_column = COLUMNS[purpose]
	scheme = bound(purpose)
	join = "join" if purpose == terms.ACCESS else "left join"
	if purpose == terms.ACCESS and not scheme:
		return 0
	wanted = "upper(current.grade)" if purpose == terms.ACCESS else "current.grade"
	new_scheme = "%(scheme)s" if purpose == terms.ACCESS else "if(current.name is null, null, %(scheme)s)"
	frappe.db.sql(
		f"""update `tabCustomer Archive` archive
		{join} `tabGrade Assignment` current on current.current_key = concat(archive.name, '::', %(scheme)s) and current.archive = archive.name
		set archive.`{scheme_column}` = {new_scheme}, archive.`{grade_column}` = nullif({wanted}, ''),
			archive.modified = %(at)s, archive.modified_by = %(by)s
		where not (cast(ifnull(archive.`{scheme_column}`, '') as binary) <=> cast(ifnull({new_scheme}, '') as binary)
			and cast(ifnull(archive.`{grade_column}`, '') as binary) <=> cast(ifnull({wanted}, '') as binary))""",
		{"scheme": scheme or "", "at": now_datetime(), "by": frappe.session.user},
	)
	changed = int(frappe.db.sql("select row_count()")[0][0])
	if changed:
		document = (SCHEME, scheme) if scheme else None
		log.record("Grade Change", document=document, quantity=changed, detail=f"{purpose}: {scheme or '-'}")
	forget()
	return changed
