"""Grading schemes and their yearly versions: reading them as rules, checking, activating, closing and copying.

Contract: `load` turns a stored version into the rules of `domain.grading_terms`, with thresholds in CNY and aliases as labels. A version runs
Draft → Active → Ended; only people with one of `MANAGERS` take these steps, and an active version is never edited: it is copied to a new draft. Clause:
R-GRD-01, R-GRD-05 (a version a year), R-GRD-06 (aliases), R-GRD-22.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import frappe
from frappe import _
from frappe.utils import cint, cstr, getdate, now_datetime, today

from kehu_archive.domain import grading_checks, grading_metrics, grading_rows, roles
from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.faults import Fault, errors
from kehu_archive.domain.grading_rows import Validity
from kehu_archive.domain.grading_terms import Version
from kehu_archive.exceptions import GradingError
from kehu_archive.services import messages

if TYPE_CHECKING:
	from frappe.model.document import Document

SCHEME: Final = "Grading Scheme"
VERSION: Final = "Grading Scheme Version"
DRAFT: Final = "Draft"
ACTIVE: Final = "Active"
ENDED: Final = "Ended"
MANAGERS: Final = frozenset({roles.ARCHIVE_ADMINISTRATOR, roles.CUSTOMER_SERVICE_MANAGER})
"""Who sets up schemes, activates and closes their versions."""
PURPOSE_BOXES: Final = {terms.ACCESS: "for_access", terms.CONTACT: "for_contact", terms.ANALYSIS: "for_analysis"}
_KEPT: Final = 64
_SCHEME_COLUMNS: Final = (
	*("name", "method", "archive_type", "approve_role", "nightly", "on_new_transaction", "manual_months"),
	*PURPOSE_BOXES.values(),
)

#: (site, version) -> (when it was last saved, its rules); a process keeps those in use.
_loaded: Final[dict[tuple[str, str], tuple[str, Version]]] = {}


@dataclass(frozen=True)
class Scheme:
	"""A scheme that is switched on, as runs and transactions ask for it; `nightly` and `on_new_transaction` hold the words of the form."""

	name: str
	method: str
	archive_type: str
	approve_role: str
	nightly: str
	on_new_transaction: str
	manual_months: int
	purposes: tuple[str, ...]


def load(version: str) -> Version:
	"""The rules of a version; the same object until the version is saved again.

	Raises:
		GradingError: there is no such version.
	"""
	# Asked with each deal that is saved; the framework's own question takes three times as long.
	rows = frappe.db.sql("select modified from `tabGrading Scheme Version` where name = %s", (version,))
	stamp = cstr(rows[0][0]) if rows else ""
	if not stamp:
		frappe.throw(_("Version: {0} does not exist").format(frappe.bold(frappe.utils.escape_html(version))), GradingError)
	return _rules(version, stamp)


def _rules(version: str, stamp: str) -> Version:
	key = (str(frappe.local.site), version)
	known = _loaded.get(key)
	if known is None or known[0] != stamp:
		if len(_loaded) >= _KEPT:
			_loaded.clear()
		rules = grading_rows.version_of(grading_rows.draft_of(values_of(frappe.get_doc(VERSION, version))))
		known = _loaded[key] = (stamp, rules)
	return known[1]


def values_of(version: Document) -> dict[str, Any]:
	"""The field values of a version with its tables as plain rows, in their order."""
	fields = [field for field in version.meta.fields if field.fieldtype not in frappe.model.no_value_fields]
	tables = version.meta.get_table_fields()
	rows = {
		table.fieldname: [dict(row.__dict__) for row in sorted(version.get(table.fieldname) or [], key=lambda row: cint(row.idx))]
		for table in tables
	}
	return {"name": cstr(version.name), **{field.fieldname: version.get(field.fieldname) for field in fields}, **rows}


def active_version(scheme: str, day: date | str | None = None) -> str | None:
	"""The name of the scheme's version that is in force on a day (today by default), None when there is none."""
	wanted = getdate(day or today())
	rows = _active_rows("scheme = %s", scheme)
	return next((row.name for row in rows if _bounds(row)[0] <= wanted <= _bounds(row)[1]), None)


def _active_rows(condition: str, value: str) -> list[Any]:
	"""`condition` is written by us."""
	return list(
		frappe.db.sql(
			f"""select name, year, first_month, valid_from, valid_to from `tabGrading Scheme Version`
			where status = 'Active' and {condition} order by valid_from desc, name desc""",
			value,
			as_dict=True,
		)
	)


def _bounds(row: Any) -> tuple[date, date]:
	"""The days between which a version holds; a missing one is that of its fiscal year."""
	first, last = grading_metrics.year_bounds(cint(row.year), cint(row.first_month) or 1)
	return getdate(row.valid_from) if row.valid_from else first, getdate(row.valid_to) if row.valid_to else last


def in_force(day: date, methods: Collection[str], names: Collection[str] = (), on_transaction: str = "") -> list[tuple[Scheme, str, Version]]:
	"""Every scheme that is switched on with its version in force on a day and the rules, asked in one question: what a transaction's save can afford.

	Args:
		methods: only schemes that grade so.
		names: only these schemes; empty for all.
		on_transaction: only schemes that follow a new transaction so; empty for all.
	"""
	rows = frappe.db.sql(
		f"""select {", ".join(f"scheme.{column}" for column in _SCHEME_COLUMNS)}, version.name as version, version.modified as stamp, version.year,
			version.first_month, version.valid_from, version.valid_to
		from `tabGrading Scheme` scheme join `tabGrading Scheme Version` version on version.scheme = scheme.name and version.status = 'Active'
		where scheme.is_disabled = 0 and scheme.method in %(methods)s and %(on_transaction)s in ('', scheme.on_new_transaction)
			and (%(all)s or scheme.name in %(names)s)
		order by scheme.creation, scheme.name, version.valid_from desc, version.name desc""",
		{"methods": tuple(methods), "on_transaction": on_transaction, "all": not names, "names": tuple(names) or ("",)},
		as_dict=True,
	)
	found: dict[str, tuple[Scheme, str, Version]] = {}
	for row in rows:
		first, last = _bounds(row)
		if row.name not in found and first <= day <= last:
			found[row.name] = (_scheme(row), row.version, _rules(row.version, cstr(row.stamp)))
	return list(found.values())


def active_schemes() -> list[Scheme]:
	"""Every scheme that is switched on, the oldest first; whether it has a version in force is asked with `active_version`."""
	rows = frappe.db.sql(
		f"select {', '.join(_SCHEME_COLUMNS)} from `tabGrading Scheme` where is_disabled = 0 order by creation, name",
		as_dict=True,
	)
	return [_scheme(row) for row in rows]


def _scheme(row: Any) -> Scheme:
	return Scheme(
		name=row.name,
		method=row.method,
		archive_type=cstr(row.archive_type),
		approve_role=cstr(row.approve_role),
		nightly=cstr(row.nightly),
		on_new_transaction=cstr(row.on_new_transaction),
		manual_months=cint(row.manual_months),
		purposes=tuple(purpose for purpose, box in PURPOSE_BOXES.items() if row.get(box)),
	)


def may_manage(user: str | None = None) -> bool:
	"""Whether a person sets up schemes."""
	name = user or frappe.session.user
	return name == "Administrator" or bool(MANAGERS & set(frappe.get_roles(name)))


def require_manager() -> None:
	"""Refuse who does not set up schemes.

	Raises:
		PermissionError: the user has none of the roles.
	"""
	if not may_manage():
		words = "、".join(_(role) for role in sorted(MANAGERS))
		frappe.throw(_("Grading schemes are set up by {0}; ask a colleague who has this role").format(words), frappe.PermissionError)


def faults_of(version: Document) -> list[Fault]:
	"""Everything wrong or left open in a version, towards the scheme's other active versions."""
	others = [Validity(row.name, *_bounds(row)) for row in _active_rows("scheme = %s", cstr(version.scheme)) if row.name != version.name]
	return grading_checks.check_version(grading_rows.draft_of(values_of(version)), others)


def activate(name: str) -> str:
	"""Put a draft in force; nothing else is closed by it. Returns the version's status.

	Raises:
		PermissionError: the user does not set up schemes.
		GradingError: it is no draft, or its scheme is switched off.
		InvalidFieldsError: names every table, row and field that must be corrected; nothing was changed.
	"""
	doc = _for_step(name)
	if doc.status != DRAFT:
		frappe.throw(_("Only a draft is activated; {0} is {1} already").format(frappe.bold(doc.name), _(doc.status)), GradingError)
	if cint(frappe.db.get_value(SCHEME, doc.scheme, "is_disabled")):
		frappe.throw(_("{0} is switched off; switch the scheme on first").format(_scheme_words(doc.scheme)), GradingError)
	messages.throw_faults(errors(faults_of(doc)), doc.meta)
	doc.update({"status": ACTIVE, "activated_by": frappe.session.user, "activated_on": now_datetime()})
	return _store(doc)


def close(name: str) -> str:
	"""End an active version today; grades that it gave stay. Returns the version's status.

	Raises:
		PermissionError: the user does not set up schemes.
		GradingError: it is not active.
	"""
	doc = _for_step(name)
	if doc.status != ACTIVE:
		frappe.throw(_("Only an active version is closed; {0} is {1}").format(frappe.bold(doc.name), _(doc.status)), GradingError)
	first, last = _bounds(doc)
	doc.update({"status": ENDED, "valid_to": max(first, min(last, getdate(today())))})
	return _store(doc)


def copy_to_year(name: str, year: int | str) -> str:
	"""Make a new draft of a version for a fiscal year, thresholds kept; returns its name. For the same year it becomes a further draft.

	Raises:
		PermissionError: the user does not set up schemes.
		GradingError: there is no such version, or the year is no year of four digits.
	"""
	source = _for_step(name)
	wanted = cint(year)
	if not 1900 <= wanted < 2200:
		frappe.throw(_("Year: {0} is no possible year; enter the year with four digits").format(frappe.utils.escape_html(cstr(year))), GradingError)
	copy = frappe.copy_doc(source)
	copy.update({"year": wanted, "status": DRAFT, "valid_from": None, "valid_to": None, "activated_by": None, "activated_on": None})
	# The role was asked above.
	return str(copy.insert(ignore_permissions=True).name)


def next_name(scheme: str, year: int) -> str:
	"""How a new version is called: scheme and year, with a number behind when the year has one already."""
	plain = f"{scheme}-{year}"
	name, number = plain, 1
	while frappe.db.exists(VERSION, name):
		number += 1
		name = f"{plain}-{number}"
	return name


def _for_step(name: str) -> Document:
	"""A version for one of the steps, its scheme locked, so that two people cannot activate overlapping versions at once."""
	require_manager()
	scheme = frappe.db.get_value(VERSION, name, "scheme")
	if not scheme:
		frappe.throw(_("Version: {0} does not exist").format(frappe.bold(frappe.utils.escape_html(name))), GradingError)
	frappe.db.sql("select name from `tabGrading Scheme` where name = %s for update", scheme)
	return frappe.get_doc(VERSION, name, for_update=True)


def _store(doc: Document) -> str:
	doc.flags.by_service = True
	# The role was asked when the step began.
	doc.flags.ignore_permissions = True
	doc.save()
	return cstr(doc.status)


def _scheme_words(scheme: str) -> str:
	return str(frappe.bold(frappe.utils.escape_html(scheme)))
