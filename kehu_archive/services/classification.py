"""Classification requests: reported by a department, proposed by customer service, decided by the company leader, returned (003 §4.1c, §5.1.5).

The framework's workflow carries the steps on the Desk; every road that changes a request passes here, so that a written state, a forged stamp or a decision
on one's own proposal is refused whichever way it comes. An approval writes to the archive in the same transaction, or nothing happens at all.
Clause: R-SEC-01, R-SEC-10, V-07 (the company may give a step to another role), form F-24.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import frappe
from frappe import _
from frappe.model.workflow import get_workflow_name
from frappe.utils import cint, cstr, escape_html, getdate, now_datetime, today

from kehu_archive.audit import log
from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import access
from kehu_archive.domain import lifecycle as life
from kehu_archive.domain import secrecy as rule
from kehu_archive.domain.faults import Fault, fault
from kehu_archive.exceptions import ClassificationError
from kehu_archive.permissions import documents
from kehu_archive.services import lifecycle, messages, notices, secrecy, staff

if TYPE_CHECKING:
	from frappe.model.document import Document

REQUEST: Final = "Classification Request"
#: Written by the steps; what a client sends for them is put back.
STAMPS: Final = (
	"requested_on",
	"reported_by",
	"present_level",
	"proposed_by",
	"proposed_on",
	"approved_by",
	"approved_on",
	"returned_on",
)
_CONTENT: Final = rule.REPORT_FIELDS | rule.PROPOSAL_FIELDS | rule.DECISION_FIELDS


def refuse_unknown(doc: Document) -> None:
	"""Answer for an archive that the user may not find as for one that does not exist.

	Raises:
		AccessDeniedError: there is no such archive towards this user.
	"""
	if not documents.may(cstr(doc.archive), access.FIND):
		documents.refuse()


def keep_archive(doc: Document) -> None:
	"""A stored request stays with its archive, whatever a client sends."""
	doc.archive = frappe.db.get_value(REQUEST, doc.name, "archive") or doc.archive


def prepare(doc: Document) -> None:
	"""Before the checks: a new request is the session user's own, an old one keeps its stamps."""
	if not doc.is_new():
		before = doc.get_doc_before_save()
		for field in STAMPS:
			doc.set(field, before.get(field))
		return
	for field in STAMPS:
		doc.set(field, None)
	doc.reported_by = frappe.session.user
	doc.requested_on = today()
	doc.reporting_department = doc.reporting_department or staff.department_of(frappe.session.user)[0]
	doc.present_level = frappe.db.get_value(ARCHIVE, doc.archive, "confidentiality")


def check(doc: Document) -> None:
	"""Refuse what the present step does not allow, then stamp a step taken.

	Raises:
		ClassificationError: a step, or a change of a field, that is not in the table, not this user's, or on his own proposal.
		InvalidFieldsError: something is missing, or the period is impossible.
	"""
	before = doc.get_doc_before_save()
	old = before.workflow_state if before else ""
	new = doc.workflow_state or rule.REPORTED
	if before:
		_check_fields(doc, before)
	else:
		_start(doc)
	_refuse(rule.check_step(_step(doc, old, new), _table()), doc)
	messages.throw_faults(_faults(doc, old, new), doc.meta)
	if old and old != new:
		_stamp(doc, new)


def _start(doc: Document) -> None:
	"""A new request is the only open one of its archive and says nothing that later steps say."""
	# Of two reports at once the second waits here and finds the first.
	archive = frappe.db.get_value(
		ARCHIVE, doc.archive, ["name", "merged_into", "workflow_state"], as_dict=True, for_update=True
	)
	secrecy.refuse_merged(archive)
	other = frappe.db.get_value(
		REQUEST, {"archive": doc.archive, "workflow_state": ("!=", rule.APPROVED), "name": ("!=", cstr(doc.name))}, "name"
	)
	if other:
		frappe.throw(
			_("The archive is being classified already by request {0}; go on with that one").format(frappe.bold(other)),
			ClassificationError,
		)
	doc.leader_opinion = None
	if not rule.PROPOSERS & set(frappe.get_roles()):
		doc.proposed_level = doc.service_opinion = doc.confidential_until = None
		doc.period_years = 0
		doc.set("need_to_know", [])


def _step(doc: Document, old: str, new: str) -> rule.Step:
	user = frappe.session.user
	return rule.Step(old, new, frozenset(frappe.get_roles()), took_part=user in (doc.reported_by, doc.proposed_by, doc.owner))


def _table() -> tuple[rule.Row, ...]:
	"""The company's own table when it has edited the workflow; who decides stays apart from who proposed, whatever the table says."""
	name = get_workflow_name(REQUEST)
	if not name:
		return rule.TABLE
	return tuple(
		rule.Row(row.action, row.state, row.next_state, row.allowed, row.state == rule.PROPOSED)
		for row in frappe.get_cached_doc("Workflow", name).transitions
	)


def _check_fields(doc: Document, before: Document) -> None:
	changed = sorted(lifecycle.changed_fields(doc, before) & _CONTENT)
	if not changed:
		return
	allowed = rule.open_fields(
		before.workflow_state, frozenset(frappe.get_roles()), frappe.session.user == before.reported_by, _table()
	)
	for field in changed:
		if field not in allowed:
			_refuse(fault(field, "request-field", state=before.workflow_state), doc)


def _faults(doc: Document, old: str, new: str) -> list[Fault]:
	values = {field: doc.get(field) for field in _CONTENT}
	given = getdate(doc.confidential_until) if doc.confidential_until else None
	faults = list(rule.missing_for(values, old, new))
	if new != rule.APPROVED or old != rule.APPROVED:
		found = rule.check_period(cint(doc.period_years), given, getdate(today()))
		faults += [found] if found else []
	faults += [
		fault("need_to_know:user", "missing", row=int(row.idx)) for row in doc.need_to_know if not cstr(row.user).strip()
	]
	return faults


def _stamp(doc: Document, new: str) -> None:
	user, now = frappe.session.user, now_datetime()
	if new == rule.PROPOSED:
		doc.proposed_by, doc.proposed_on = user, now
		doc.present_level = frappe.db.get_value(ARCHIVE, doc.archive, "confidentiality")
	elif new == rule.APPROVED:
		doc.approved_by, doc.approved_on = user, now
		# The decision goes back to the department that reported (003 §4.1c).
		doc.returned_on = now
		given = getdate(doc.confidential_until) if doc.confidential_until else None
		doc.confidential_until = rule.expires_on(cint(doc.period_years), given, getdate(now))


def _refuse(found: Fault | None, doc: Document) -> None:
	if found:
		label = str(doc.meta.get_label(found.field))
		frappe.throw(escape_html(found.render(_, label)), ClassificationError, title=_("Step Not Allowed"))


def follow(doc: Document) -> None:
	"""After a request was saved: what an approval means for the archive, who has to know, what goes into the access log."""
	before = doc.get_doc_before_save()
	old = before.workflow_state if before else ""
	if old == doc.workflow_state:
		return
	entry: dict[str, Any] = {"archive": doc.archive, "document": (REQUEST, doc.name)}
	if doc.workflow_state == rule.REPORTED:
		log.record("Request", detail=REQUEST, **entry)
		_tell(doc, staff.holders(rule.PROPOSERS), _("Classification request {0}: propose a confidentiality"))
	elif doc.workflow_state == rule.PROPOSED:
		log.record("Request", detail=f"{REQUEST}: {doc.proposed_level}", **entry)
		_tell(doc, staff.holders(rule.APPROVERS), _("Classification request {0} waits for your decision"))
	elif doc.workflow_state == rule.RETURNED:
		log.record("Deny", detail=REQUEST, **entry)
		_tell(doc, {doc.proposed_by}, _("Classification request {0} came back: propose anew"))
	else:
		log.record("Approve", detail=f"{REQUEST}: {doc.proposed_level}", **entry)
		_write_to_archive(doc)
		_tell(doc, {doc.reported_by, doc.proposed_by}, _("Classification request {0} is approved"))


def _tell(doc: Document, people: set[str], text: str) -> None:
	notices.tell(people, (REQUEST, doc.name), text.format(doc.name))


def _write_to_archive(doc: Document) -> None:
	"""Level, period and need-to-know list go to the archive; one that waits for this decision is moved on by its own life cycle.

	Raises:
		ClassificationError: the archive does not stand at the step yet at which its confidentiality is decided.
	"""
	archive = frappe.get_doc(ARCHIVE, doc.archive, for_update=True)
	secrecy.refuse_merged(archive)
	next_state = lifecycle.classification_step(archive)
	waits = archive.workflow_state in (life.DRAFT, life.SUBMITTED, life.VERIFIED)
	if waits and not next_state and lifecycle.current_switches().classification:
		frappe.throw(
			_("The archive is in the state {0}; its confidentiality is decided after the verification").format(
				frappe.bold(_(archive.workflow_state))
			),
			ClassificationError,
		)
	archive.flags.by_classification = doc.name
	archive.update(
		{
			"confidentiality": doc.proposed_level,
			"confidential_until": doc.confidential_until,
			"classification_request": doc.name,
			"need_to_know": [
				{"user": row.user, "reason": row.reason, "until": doc.confidential_until} for row in _readers(doc)
			],
		}
	)
	if next_state:
		archive.workflow_state = next_state
	# The decision was checked on the request; the leader need not be an editor of the archive, and nothing else of it is changed here.
	archive.flags.ignore_permissions = True
	archive.save()


def _readers(doc: Document) -> list[Any]:
	"""Each person once, in the order of the list."""
	return list({row.user: row for row in reversed(doc.need_to_know)}.values())[::-1]


def report(archive: str, data_scope: str = "") -> str:
	"""Report an archive for classification as the session's user; return the request's name.

	Raises:
		AccessDeniedError: the archive is none that the user may find.
		ClassificationError: it is being classified already.
	"""
	doc = frappe.get_doc({"doctype": REQUEST, "archive": archive, "data_scope": data_scope})
	doc.insert()
	return str(doc.name)
