"""The archive's life cycle on the server: every road that changes the state passes here.

The framework's workflow asks for the role, but a ``set_value`` or PUT on the state passes by its rule against
approving one's own work and by the fields it sets. So the whole rule is asked again on each save.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import frappe
from frappe import _
from frappe.model.workflow import get_workflow_name, is_transition_condition_satisfied
from frappe.utils import escape_html, now_datetime

from kehu_archive.constants import ARCHIVE, SETTINGS
from kehu_archive.domain import lifecycle as rule
from kehu_archive.domain import roles
from kehu_archive.domain.faults import Fault
from kehu_archive.exceptions import ArchiveError, LifeCycleError, SealedArchiveError
from kehu_archive.services import secrecy

if TYPE_CHECKING:
	from frappe.model.document import Document

#: Fields that a step may set, or that only mirror other records; they change also in a read-only state.
STEP_FIELDS = frozenset(
	{
		"workflow_state",
		"submitted_by",
		"submitted_on",
		"verified_by",
		"verified_on",
		"classified_by",
		"classified_on",
		"filed_by",
		"filed_on",
		"returned_by",
		"returned_on",
		"sealed_by",
		"sealed_on",
		"archive_code",
		"modified",
		"modified_by",
		"completeness",
		"content_changed_on",
		"update_reminded_on",
		"secrecy_rank",
		"name_key",
		"pinyin_key",
		"phone_key",
		"code_key",
		"household_key",
	}
)
#: State reached -> the two fields that record who brought the archive there and when.
STAMPS = {
	rule.DRAFT: ("returned_by", "returned_on"),
	rule.SUBMITTED: ("submitted_by", "submitted_on"),
	rule.VERIFIED: ("verified_by", "verified_on"),
	rule.CLASSIFIED: ("classified_by", "classified_on"),
	rule.FILED: ("filed_by", "filed_on"),
	rule.SEALED: ("sealed_by", "sealed_on"),
}


def enforce(archive: Document) -> None:
	"""Check a save against the life cycle and stamp the step taken.

	Raises:
		LifeCycleError: the step is not in the table, not this user's, or one's own work.
		SealedArchiveError: the content of a sealed, appraised, destroyed or merged archive was changed.
	"""
	before = archive.get_doc_before_save()
	old_state = before.workflow_state if before else ""
	new_state = archive.workflow_state or rule.DRAFT
	_protect_stamps(archive, before)
	secrecy.protect(archive, before)
	if before:
		_refuse_changed_content(archive, before)
		_check_content(archive, before)
	else:
		_drop_decisions(archive)
	_refuse(_check_step(archive, old_state, new_state), archive)
	if before and (old_state != new_state or _touches_important(archive, before)):
		_check_important(archive, new_state)
	if before and old_state != new_state:
		_stamp(archive, old_state, new_state)
	secrecy.derive(archive, current_switches().classification)


def _drop_decisions(archive: Document) -> None:
	"""A new archive carries no result of a step that others take."""
	archive.verification_result = archive.verification_note = None
	if not rule.CLASSIFIERS & set(frappe.get_roles()):
		archive.confidentiality = "Unclassified"
		archive.custodian = archive.custodian_kind = None
	secrecy.clean_new(archive)


def _check_content(archive: Document, before: Document) -> None:
	"""The form asks in the browser who edits in a state; other roads are asked here (V-07: the company's own table)."""
	if archive.flags.in_merge:
		return
	changed = _own_changes(archive, before)
	if not changed:
		return
	state, user_roles = before.workflow_state, frozenset(frappe.get_roles())
	workflow = _workflow()
	if workflow:
		editors = frozenset(row.allow_edit for row in workflow.states if row.state == state)
		verifiers = frozenset(row.allowed for row in workflow.transitions if row.next_state == rule.VERIFIED)
	else:
		editors, verifiers = frozenset(rule.EDITORS.get(state, ())), frozenset({roles.MARKET_INSPECTOR})
	keeps = state in rule.KEPT_STATES and frappe.session.user == before.custodian
	if not keeps:
		_refuse(rule.check_editor(state, user_roles, editors), archive)
	_refuse(rule.check_custodian(state, frappe.session.user, user_roles, before.custodian or ""), archive)
	guarded = rule.check_guarded(changed, state, user_roles, verifiers, current_switches().classification)
	_refuse(guarded, archive)


def _own_changes(archive: Document, before: Document) -> frozenset[str]:
	"""What the person changed: without what an approved request or the setting of a grade writes on the server."""
	changed = changed_fields(archive, before)
	if archive.flags.by_classification:
		changed -= secrecy.WRITTEN
	if archive.flags.by_grading:
		changed -= {"access_grade"}
	return changed


def _workflow() -> Any:
	"""The active workflow of archives, or None."""
	name = get_workflow_name(ARCHIVE)
	return frappe.get_cached_doc("Workflow", name) if name else None


def _check_step(archive: Document, old_state: str, new_state: str) -> Fault | None:
	switches = current_switches()
	request = rule.Request(
		from_state=old_state,
		to_state=new_state,
		roles=frozenset(frappe.get_roles()),
		is_owner=frappe.session.user in (archive.owner, archive.submitted_by),
		by_destruction_order=bool(archive.flags.by_destruction_order),
		facts=rule.Facts(
			verification_confirmed=archive.verification_result == "Confirmed",
			classification_proposed=(archive.confidentiality or "Unclassified") != "Unclassified",
			custodian_named=bool(archive.custodian),
			not_sealed_before=not archive.sealed_on,
		),
	)
	# A new archive must be a draft whatever the table says: no need to read it.
	table = None if old_state in ("", new_state) else _company_table(archive, switches, old_state)
	return rule.check(request, switches, table)


def classification_step(archive: Document) -> str | None:
	"""The state that the approval of the confidentiality leads to from where the archive stands; None when it is not waiting for it."""
	switches = current_switches()
	table = _company_table(archive, switches, archive.workflow_state)
	if table is None:
		table = rule.allowed_transitions(switches)
	rows = (row for row in table if row.from_state == archive.workflow_state and rule.NEED_CLASSIFICATION in row.needs)
	return next((row.to_state for row in rows), None)


def current_switches() -> rule.Switches:
	"""Which filing steps the company uses (V-07)."""
	settings = frappe.get_cached_doc(SETTINGS)
	return rule.Switches(
		verification=not settings.skip_verification,
		classification=not settings.skip_classification,
		approval=not settings.skip_approval,
	)


def _company_table(
	archive: Document, switches: rule.Switches, old_state: str
) -> tuple[rule.Transition, ...] | None:
	"""The active workflow's rows out of the old state as a decision table, or None when the company has switched the workflow off.

	The company may change the role of a step; what a step needs stays.
	"""
	workflow = _workflow()
	if not workflow:
		return None
	# The present positions come last and win: with a step switched off another one leads to the archive's filing.
	known = (*_every_row(), *rule.allowed_transitions(switches))
	needs = {(row.from_state, row.to_state): row.needs for row in known}
	return tuple(
		rule.Transition(
			action=row.action,
			from_state=row.state,
			to_state=row.next_state,
			role=row.allowed,
			self_approval=bool(row.allow_self_approval),
			needs=needs.get((row.state, row.next_state), ()),
		)
		for row in workflow.transitions
		if row.state == old_state and is_transition_condition_satisfied(row, archive)
	)


def _every_row() -> list[rule.Transition]:
	"""All rows under all switch positions."""
	positions = product((True, False), repeat=3)
	return [row for position in positions for row in rule.allowed_transitions(rule.Switches(*position))]


def _protect_stamps(archive: Document, before: Document | None) -> None:
	"""Who did a step, and when, is written by the step and by nobody else, whatever a client sends."""
	for pair in STAMPS.values():
		for field in pair:
			archive.set(field, before.get(field) if before else None)


def _stamp(archive: Document, old_state: str, new_state: str) -> None:
	if old_state == rule.UPDATING and new_state == rule.FILED:
		return
	if new_state in (rule.DRAFT, rule.SUBMITTED):
		archive.verification_result = None
		# What was approved for the returned form is approved anew for the corrected one.
		archive.classified_by = archive.classified_on = archive.classification_request = None
	if old_state == rule.SEALED and new_state == rule.FILED:
		archive.sealed_by = archive.sealed_on = None
		return
	by, on = STAMPS.get(new_state, (None, None))
	if by and on:
		archive.set(by, frappe.session.user)
		archive.set(on, now_datetime())
	if new_state == rule.FILED and not archive.archive_code:
		archive.archive_code = _classification_code(archive)


def _classification_code(archive: Document) -> str:
	"""Class code, confidentiality and year, as filing writes it (003 §5.1.2, R-ARC-14)."""
	marks = {"Internal": "N", "Ordinary Trade Secret": "P", "Core Trade Secret": "H"}
	class_code = frappe.get_cached_value("Archive Type", archive.archive_type, "class_code")
	kind = "G" if archive.party_kind == "Individual" else "D"
	return f"{class_code}-{kind}-{marks.get(archive.confidentiality, 'W')}-{str(archive.archive_date)[:4]}"


def _touches_important(archive: Document, before: Document) -> bool:
	"""Whether a kept archive becomes important, or loses what an important one needs, without a step."""
	watched = ("is_important", "remark", "storage_location")
	return not archive.flags.in_merge and any(_plain(archive.get(name)) != _plain(before.get(name)) for name in watched)


def _check_important(archive: Document, new_state: str) -> None:
	"""Important customers need a detailed remark and a place of their own (003 §5.1.2, R-ARC-15)."""
	if not archive.is_important or new_state in (rule.DRAFT, rule.DESTROYED):
		return
	if not (archive.remark or "").strip():
		frappe.throw(_("Remark: an important customer needs a detailed remark before this step"), LifeCycleError)
	if new_state not in (rule.FILED, rule.UPDATING):
		return
	separate = archive.storage_location and frappe.db.get_value(
		"Storage Location", archive.storage_location, "is_key_customer_store"
	)
	if not separate:
		frappe.throw(
			_("Storage Location: an important customer is kept apart; choose a location of the key customer store"),
			LifeCycleError,
		)


def _refuse_changed_content(archive: Document, before: Document) -> None:
	if archive.flags.in_merge or not _is_frozen(before.workflow_state, before.merged_into):
		return
	if before.merged_into or before.workflow_state == rule.DESTROYED:
		changed = changed_fields(archive, before)
	else:
		changed = changed_fields(archive, before) - (secrecy.WRITTEN if archive.flags.by_classification else frozenset())
	if changed:
		_throw_frozen(archive.name, before.workflow_state, before.merged_into)


def changed_fields(archive: Document, before: Document) -> frozenset[str]:
	"""Names of the fields of content that differ, child tables included; fields of the steps are not content."""
	return frozenset(
		field.fieldname
		for field in archive.meta.fields
		if field.fieldname not in STEP_FIELDS
		and field.fieldtype not in ("HTML", "Section Break", "Column Break", "Tab Break")
		and _differs(archive, before, field)
	)


def _differs(archive: Document, before: Document, field: Any) -> bool:
	name = field.fieldname
	if field.fieldtype == "Table":
		return _rows(archive, name) != _rows(before, name)
	return _plain(archive.get(name)) != _plain(before.get(name))


def _rows(doc: Document, table: str) -> list[dict[str, str]]:
	"""The rows' own values; what the framework keeps about a row is no content."""
	rows = doc.get(table) or []
	names = [field.fieldname for field in rows[0].meta.fields] if rows else []
	return [{name: _plain(row.get(name)) for name in names} for row in rows]


def _plain(value: Any) -> str:
	"""Comparable form: the form sends dates and numbers as text; empty, zero and None are one."""
	if value in (None, "", 0, "0", 0.0):
		return ""
	try:
		return repr(float(value))
	except (TypeError, ValueError):
		return str(value)


def refuse_if_frozen(archive: str, doc: Document) -> None:
	"""Refuse to add to or change what hangs on a sealed, appraised, destroyed or merged archive (R-ARC-21).

	Raises:
		SealedArchiveError: the archive takes no changes now.
		ArchiveError: there is no such archive.
	"""
	if doc.flags.in_merge or not archive:
		return
	# A new record locks its archive first, so that two people who record at once wait for each other instead of
	# deadlocking over the totals, and no record slips in while the archive is being sealed.
	row = frappe.db.get_value(
		ARCHIVE, archive, ["workflow_state", "merged_into"], as_dict=True, for_update=doc.is_new()
	)
	if not row:
		frappe.throw(_("Customer Archive: {0} does not exist").format(frappe.bold(archive)), ArchiveError)
	if _is_frozen(row.workflow_state, row.merged_into):
		_throw_frozen(archive, row.workflow_state, row.merged_into)


def _is_frozen(state: str | None, merged_into: str | None) -> bool:
	return bool(merged_into) or state in rule.READ_ONLY_STATES


def _throw_frozen(archive: str, state: str | None, merged_into: str | None) -> None:
	if merged_into:
		message = _("Archive {0} was merged into {1}; make the change there").format(archive, frappe.bold(merged_into))
	else:
		message = _("Archive {0} is in the state {1} and read-only; it must be released first").format(
			archive, frappe.bold(_(state or ""))
		)
	frappe.throw(message, SealedArchiveError)


def refuse_if_merged(archive: str) -> None:
	"""Refuse a complaint, a feedback or a borrowing on an archive that was merged away.

	Raises:
		SealedArchiveError: names the archive that was kept.
	"""
	merged_into = frappe.db.get_value(ARCHIVE, archive, "merged_into")
	if merged_into:
		_throw_frozen(archive, None, merged_into)


def _refuse(found: Fault | None, archive: Document) -> None:
	if not found:
		return
	label = "State" if found.field == "state" else str(archive.meta.get_label(found.field))
	frappe.throw(escape_html(found.render(_, label)), LifeCycleError, title=_("Step Not Allowed"))


