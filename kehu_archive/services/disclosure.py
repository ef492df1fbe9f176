"""Disclosure requests: an outsider gets materials of an archive (form F-25 对外提供客户资料审批单).

A request asks the access rule at once; what never leaves is refused before anything is stored. Approvers decide in the chain that the rule names. An approval
opens nothing on the screen: there is no grant, who keeps the archive hands the materials out, and both sides sign. Requests are never deleted.
Clause: R-OUT-01 to R-OUT-06, R-PRV-08.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import frappe
from frappe import _
from frappe.utils import cint, cstr, escape_html, getdate, now_datetime, today

from kehu_archive.audit import log
from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import access
from kehu_archive.domain import approvals as chain_rule
from kehu_archive.domain import disclosure as rule
from kehu_archive.domain.access import Decision
from kehu_archive.domain.faults import Fault, fault
from kehu_archive.exceptions import DisclosureError
from kehu_archive.permissions import documents, facts, keeping
from kehu_archive.services import approvals, lifecycle, messages, notices, protected, signatures, staff

if TYPE_CHECKING:
	from frappe.model.document import Document

REQUEST: Final = "Disclosure Request"
_UNDECIDED: Final = Decision(False, access.APPROVAL, "administrator")


# A client's save


def refuse_unknown(doc: Document) -> None:
	"""Answer for an archive that the user may neither find nor ask for as for one that does not exist.

	Raises:
		AccessDeniedError: there is no such archive towards this user.
	"""
	decision = _ruling(cstr(doc.archive))
	if decision is None or not (decision.may_ask or documents.may(doc.archive, access.FIND)):
		documents.refuse(access.DISCLOSE)


def keep_archive(doc: Document) -> None:
	"""A stored request stays with its archive, whatever a client sends."""
	doc.archive = frappe.db.get_value(REQUEST, doc.name, "archive") or doc.archive


def prepare(doc: Document) -> None:
	"""Before the checks: put back what no client writes, put down who asks, find personal information.

	Raises:
		DisclosureError: such materials never leave the company, or the rules leave no way.
	"""
	protected.restore(doc)
	if doc.is_new() and not doc.flags.by_service:
		doc.applicant = frappe.session.user
		doc.department = staff.department_of(doc.applicant)[0]
		_ask_rules(doc)
	doc.total_copies = sum(max(cint(row.copies), 0) for row in doc.items)
	_find_personal_info(doc)


def _ask_rules(doc: Document) -> None:
	decision = _ruling(doc.archive)
	assert decision is not None
	_refuse(rule.may_request(_facts(doc), getdate(today())), doc)
	if not decision.may_ask:
		text = _("The access rules do not let this archive be given to outsiders")
		frappe.throw(escape_html(f"{text}: {decision.clause}") if decision.clause else text, DisclosureError, title=_("Request Refused"))
	approvers, mode = rule.chain(decision)
	doc.approval_mode = mode
	doc.rules_applied = "\n".join(part for part in (*decision.rules, decision.clause) if part)
	doc.set("approvals", approvals.rows(approvers, doc.applicant, doc.archive))


def _ruling(archive: str) -> Decision | None:
	"""What the access rules say to giving this archive to an outsider; the framework's Administrator goes the usual way of two signatures."""
	if frappe.session.user == "Administrator":
		return _UNDECIDED if frappe.db.exists(ARCHIVE, archive) else None
	return documents.decision(archive, access.DISCLOSE, access.OTHER)


def _find_personal_info(doc: Document) -> None:
	"""Tick the box where the customer is a person or the words of the request mean one; a client can tick it, not take it away."""
	texts = [cstr(doc.scope), cstr(doc.personal_info_kinds), *(cstr(row.material) for row in doc.items)]
	kinds = list(rule.personal_terms(texts))
	if frappe.db.get_value(ARCHIVE, doc.archive, "party_kind") == "Individual":
		kinds.insert(0, _("File of a natural person"))
	if kinds:
		doc.has_personal_info = 1
	if doc.has_personal_info and not cstr(doc.personal_info_kinds).strip():
		doc.personal_info_kinds = "、".join(kinds)[:140]


def check(doc: Document) -> None:
	"""Refuse a client's change that the state or the decisions so far do not allow, and values that cannot be right.

	Raises:
		DisclosureError: this may not be changed now, or not by this user.
		InvalidFieldsError: names the fields.
	"""
	before = doc.get_doc_before_save()
	if before and not doc.flags.by_service:
		changed = lifecycle.changed_fields(doc, before)
		decided = any(row.decision for row in before.approvals)
		is_applicant = frappe.session.user in (before.applicant, "Administrator")
		_refuse(rule.locked(changed, before.status, is_applicant, decided), doc)
		if changed & {"valid_until"}:
			_refuse(rule.may_request(_facts(doc), getdate(today())), doc)
	messages.throw_faults(_faults(doc), doc.meta)


def _faults(doc: Document) -> list[Fault]:
	faults = [
		fault("items:copies", "negative", row=int(row.idx)) for row in doc.items if cint(row.copies) < 1
	]
	if doc.has_personal_info and not cstr(doc.personal_info_kinds).strip():
		faults.append(fault("personal_info_kinds", "missing"))
	return faults


def announce(doc: Document) -> None:
	"""After a request was made: enter it in the access log and tell whose turn it is."""
	log.record("Request", archive=doc.archive, document=(REQUEST, doc.name), quantity=doc.total_copies, detail=REQUEST)
	approvals.warn_if_nobody(doc)
	_tell_approvers(doc)


def _tell_approvers(doc: Document) -> None:
	notices.tell(
		approvals.awaited(doc), (REQUEST, doc.name), _("Disclosure request {0} waits for your decision").format(doc.name)
	)


# The steps


def approve(name: str, opinion: str = "") -> str:
	"""Agree as the session's user; return the request's status. The last signature of the chain approves it.

	Raises:
		DisclosureError: the consent is missing, the type never leaves, the period is over, or it was decided already.
		ApprovalError: the user decides nothing here now.
	"""
	doc = _load(name)
	_refuse(rule.check(rule.APPROVE, _facts(doc), getdate(today())), doc)
	result = approvals.decide(doc, True, cstr(opinion))
	log.record("Approve", archive=doc.archive, document=(REQUEST, doc.name), detail=REQUEST)
	if result == chain_rule.AGREED:
		doc.status = _next(doc, rule.APPROVE)
		doc.approved_on = now_datetime()
	_store(doc)
	if result == chain_rule.AGREED:
		custodian = frappe.db.get_value(ARCHIVE, doc.archive, "custodian")
		notices.tell(
			{doc.applicant, custodian}, (REQUEST, doc.name), _("Disclosure request {0} is approved").format(doc.name)
		)
	else:
		_tell_approvers(doc)
	return str(doc.status)


def decline(name: str, opinion: str) -> str:
	"""Refuse as the session's user, with a reason; one refusal ends the request.

	Raises:
		DisclosureError: it was decided already.
		ApprovalError: the user decides nothing here now, or gives no reason.
	"""
	doc = _load(name)
	_refuse(rule.check(rule.DECLINE, _facts(doc), getdate(today())), doc)
	approvals.decide(doc, False, cstr(opinion))
	doc.status = _next(doc, rule.DECLINE)
	doc.refusal_reason = cstr(opinion).strip()
	log.record("Deny", archive=doc.archive, document=(REQUEST, doc.name), detail=REQUEST)
	_store(doc)
	notices.tell([doc.applicant], (REQUEST, doc.name), _("Disclosure request {0} was refused").format(doc.name))
	return str(doc.status)


def withdraw(name: str) -> str:
	"""Take one's own request back before anything was handed over."""
	doc = _load(name)
	_refuse(rule.check(rule.WITHDRAW, _facts(doc), getdate(today())), doc)
	doc.status = _next(doc, rule.WITHDRAW)
	log.record("Request", archive=doc.archive, document=(REQUEST, doc.name), detail=f"{REQUEST}: withdrawn")
	_store(doc)
	return str(doc.status)


def hand_over(name: str, issuer_signature: str, received_by_name: str = "", recipient_signature: str = "", receipt: str = "") -> str:
	"""Hand the approved materials out with one's own signature; the recipient signs now or sends the receipt back (R-OUT-06).

	Raises:
		DisclosureError: not approved, not the keeper, no signature, no consent, the period is over, or the rules refuse it by now.
	"""
	doc = _load(name)
	doc.issuer_signature = issuer_signature
	_refuse(rule.check(rule.HAND_OVER, _facts(doc), getdate(today())), doc)
	_refuse_changed_rules(doc)
	_receive(doc, received_by_name, recipient_signature, receipt)
	doc.handed_over_by, doc.handed_over_on = frappe.session.user, now_datetime()
	doc.status = _next(doc, rule.HAND_OVER)
	log.record(
		"Disclose", archive=doc.archive, document=(REQUEST, doc.name), quantity=doc.total_copies, purpose=cstr(doc.purpose)[:140]
	)
	_store(doc)
	notices.tell([doc.applicant], (REQUEST, doc.name), _("The materials of disclosure request {0} were handed over").format(doc.name))
	return str(doc.status)


def close(name: str, received_by_name: str = "", recipient_signature: str = "", receipt: str = "") -> str:
	"""Close a handed-over request once both sides have signed (R-OUT-06).

	Raises:
		DisclosureError: not the keeper, or a signature is missing.
	"""
	doc = _load(name)
	_receive(doc, received_by_name, recipient_signature, receipt)
	_refuse(rule.check(rule.CLOSE, _facts(doc), getdate(today())), doc)
	doc.status, doc.closed_on = _next(doc, rule.CLOSE), now_datetime()
	log.record("Disclose", archive=doc.archive, document=(REQUEST, doc.name), detail="closed")
	_store(doc)
	return str(doc.status)


def _load(name: str) -> Document:
	"""The stored request, kept for this user until he is done, so that two who act at once act one after the other.

	Raises:
		PermissionError: the user takes no part in it.
	"""
	if not frappe.db.exists(REQUEST, name):
		raise frappe.PermissionError
	doc = frappe.get_doc(REQUEST, name, for_update=True)
	doc.check_permission("read")
	_find_personal_info(doc)
	return doc


def _store(doc: Document) -> None:
	# Who decides or hands out need not be an editor of the form; his right to this step was checked above.
	protected.by_service(doc).flags.ignore_permissions = True
	doc.save()


def _next(doc: Document, action: str) -> str:
	return rule.STEPS[(doc.status, action)]


def _refuse_changed_rules(doc: Document) -> None:
	"""An approval from yesterday does not outlive a rule that refuses today."""
	found = facts.archive_facts(doc.archive, doc.applicant)
	decision = documents.decision(doc.archive, access.DISCLOSE, access.OTHER, doc.applicant) if found else None
	if doc.applicant != "Administrator" and (decision is None or not decision.may_ask):
		frappe.throw(_("The access rules refuse this disclosure by now; it is not handed out"), DisclosureError)


def _receive(doc: Document, received_by_name: str, recipient_signature: str, receipt: str) -> None:
	"""Write down what is given of the recipient's side; what was signed before stays."""
	given = {"received_by_name": cstr(received_by_name).strip()[:140], "recipient_signature": recipient_signature, "receipt": receipt}
	drawn: dict[str, Callable[[Any], bool]] = {
		"received_by_name": bool,
		"recipient_signature": signatures.is_drawn,
		"receipt": lambda url: _is_attached(doc, url),
	}
	for field, value in given.items():
		if value and drawn[field](value):
			doc.set(field, value)


def _is_attached(doc: Document, url: object) -> bool:
	"""Whether a file's address is that of a private file on this request; a mere text is no evidence."""
	return bool(
		cstr(url).startswith("/private/files/")
		and frappe.db.exists("File", {"file_url": cstr(url), "attached_to_doctype": REQUEST, "attached_to_name": doc.name, "is_private": 1})
	)


def _facts(doc: Document) -> rule.Facts:
	user = frappe.session.user
	archive = frappe.db.get_value(ARCHIVE, doc.archive, ["archive_type", "workflow_state"], as_dict=True) or frappe._dict()
	never = frappe.db.get_value("Archive Type", archive.archive_type, "never_disclosed") if archive else 0
	return rule.Facts(
		status=cstr(doc.status),
		is_applicant=user in (doc.applicant, "Administrator"),
		is_keeper=keeping.keeps(doc.archive, user),
		never_disclosed=bool(cint(never)),
		type_name=cstr(archive.archive_type),
		has_personal_info=bool(cint(doc.has_personal_info)),
		has_evidence=_is_attached(doc, doc.consent_evidence),
		consent_on=getdate(doc.consent_on) if doc.consent_on else None,
		valid_until=getdate(doc.valid_until) if doc.valid_until else None,
		issuer_signed=signatures.is_drawn(doc.issuer_signature),
		recipient_named=bool(cstr(doc.received_by_name).strip()),
		recipient_signed=signatures.is_drawn(doc.recipient_signature) or _is_attached(doc, doc.receipt),
	)


def _refuse(found: Fault | None, doc: Document) -> None:
	if found:
		label = str(doc.meta.get_label(found.field))
		frappe.throw(escape_html(found.render(_, label)), DisclosureError, title=_("Step Not Allowed"))


def steps_open(name: str) -> dict[str, bool]:
	"""What the session's user can do with a request now, for the form's buttons; the server asks again at each."""
	doc = frappe.get_doc(REQUEST, name)
	doc.check_permission("read")
	known = _facts(doc)
	requested = doc.status == rule.REQUESTED
	return {
		"decide": requested and approvals.may_decide(doc),
		"withdraw": known.is_applicant and (doc.status, rule.WITHDRAW) in rule.STEPS,
		"hand_over": known.is_keeper and doc.status == rule.APPROVED,
		"close": known.is_keeper and doc.status == rule.HANDED_OVER,
	}
