"""Switch presets of access rules on and off.

Contract: a preset's rows are ordinary access rules marked with its key. Switching on creates them the first time and from then on releases what switching
off held back; switching off holds them back. A variant that replaces base rows holds these back while it is on. Whatever an administrator changed, switched
off himself or deleted stays so: only rows whose `held_by` names presets are released, and a row that he switched on again is no longer held. Each switch is
one entry in the audit log. Clause: V-01, R-SEC-09, R-ACC-15.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import frappe
from frappe import _

from kehu_archive.audit import log
from kehu_archive.domain import access, completeness, presets
from kehu_archive.domain.presets import OwnType, Preset, Row
from kehu_archive.exceptions import AccessRuleError
from kehu_archive.permissions import facts
from kehu_archive.seed import ledger

if TYPE_CHECKING:
	from collections.abc import Iterable

	from frappe.model.document import Document

RULE: Final = "Access Rule"
#: Beside the presets that hold a row back: an administrator had switched it off before them.
_BY_HAND: Final = "manual"
_RELATION_BOXES: Final = {relation: f"for_{relation}" for relation in access.RELATIONS}
_PURPOSE_BOXES: Final = {
	access.RETURN_VISIT: "for_return_visit",
	access.WORK_NEED: "for_work_need",
	access.OTHER: "for_other_purpose",
}


def values(preset: Preset, row: Row, archive_type: str = "") -> dict[str, Any]:
	"""The field values of one row of a preset, in the site's language."""
	language = frappe.db.get_default("lang") or frappe.local.lang
	title = _(row.title, lang=language)
	return {
		"doctype": RULE,
		"name": title,
		"rule_name": title,
		"preset": preset.key,
		"preset_row": row.key,
		"priority": row.priority,
		"basis": _(row.basis, lang=language),
		"archive_type": archive_type,
		"grade": row.grade,
		"secrecy_from": row.secrecy_from,
		"secrecy_to": row.secrecy_to,
		"role": row.role,
		"level_below": _level(row.below_rank),
		"outcome": row.outcome,
		"approval_mode": row.mode,
		"approvers": [{"approver_kind": one.kind, "role": one.role, "user": one.user} for one in row.approvers],
		**{_RELATION_BOXES[one]: int(one in row.relations) for one in access.RELATIONS},
		**{_PURPOSE_BOXES[one]: int(one in row.purposes) for one in access.PURPOSES},
		**{f"on_{one}": int(one in row.operations) for one in access.OPERATIONS},
		"important_only": int(row.important_only),
		"sealed_only": int(row.sealed_only),
		"outside_network": int(row.outside_network),
		"same_day_return": int(row.same_day),
		"no_leaving": int(row.no_leaving),
		"no_renewal": int(row.no_renewal),
		"needs_consent": int(row.needs_consent),
		"needs_hand_over": int(row.hand_over),
	}


def _level(rank: int | None) -> str | None:
	"""The lowest position level that has at least this rank, the highest one where none has."""
	if rank is None:
		return None
	levels = frappe.db.sql("select name, `rank` from `tabPosition Level` order by `rank`")
	return next((name for name, of in levels if of >= rank), levels[-1][0] if levels else None)


def create(preset: Preset, row: Row, archive_type: str = "") -> Document:
	"""Write one row of a preset; the caller has checked who may."""
	doc = frappe.get_doc(values(preset, row, archive_type))
	doc.flags.by_preset = True
	if frappe.db.exists(RULE, doc.rule_name):
		# Somebody has a rule of this name already: it is his, ours gets another.
		doc.rule_name = f"{doc.rule_name} ({preset.key})"
	# Seeds act for the site, and the switch has checked the role.
	return doc.insert(ignore_permissions=True)


def overview() -> list[dict[str, Any]]:
	"""Every preset with its texts in the session's language, whether it is on, how many rules it has and how many of them count."""
	rows = _rows()
	return [
		{
			"key": preset.key,
			"group": _(preset.group),
			"title": _(preset.title),
			"basis": _(preset.basis),
			"is_on": _is_on(preset.key, rows),
			"rules": sum(row.preset == preset.key for row in rows),
			"counting": sum(row.preset == preset.key and not row.is_disabled for row in rows),
			"replaces": [row.name for row in rows if row.preset == presets.BASE.key and row.preset_row in preset.replaces],
		}
		for preset in presets.PRESETS.values()
	]


def switch(wanted: dict[str, bool]) -> list[str]:
	"""Switch presets on (True) or off (False); return the keys of those that changed. Several switches are one entry in the audit log.

	Raises:
		AccessRuleError: a key is no preset's.
		AuditError: the change cannot be recorded.
	"""
	unknown = sorted(set(wanted) - set(presets.PRESETS))
	if unknown:
		frappe.throw(_("There is no preset {0}").format(frappe.bold(frappe.utils.escape_html(unknown[0]))), AccessRuleError)
	# Two administrators who switch at once do it one after the other.
	frappe.db.sql("select name from `tabAccess Rule` for update")
	changed = [key for key, on in wanted.items() if _is_on(key, _rows()) != on]
	for key in changed:
		(_switch_on if wanted[key] else _switch_off)(presets.PRESETS[key])
	if changed:
		facts.forget()
		words = ", ".join(f"{key} {'on' if wanted[key] else 'off'}" for key in changed)
		log.record("Permission Change", document=("DocType", RULE), quantity=len(changed), detail=f"presets: {words}")
	return changed


def _rows() -> list[Any]:
	return frappe.db.sql(
		"select name, preset, preset_row, is_disabled, held_by, archive_type from `tabAccess Rule` where ifnull(preset, '') <> ''",
		as_dict=True,
	)


def _is_on(key: str, rows: Iterable[Any]) -> bool:
	"""Whether a preset has rows of which not all are held back by its own switch."""
	return any(row.preset == key and key not in _holders(row) for row in rows)


def _holders(row: Any) -> set[str]:
	return set((row.held_by or "").split())


def _switch_on(preset: Preset) -> None:
	for role in preset.needs_roles:
		_ensure_role(role)
	rows = _rows()
	own = [row for row in rows if row.preset == preset.key]
	archive_type = _own_type(preset.own_type, own) if preset.own_type else ""
	if not own:
		for row in preset.rows:
			create(preset, row, archive_type)
	_release(own, preset.key)
	_hold([row for row in rows if _is_replaced(row, preset)], preset.key)
	if preset.key == presets.BASE.key:
		_hold_replaced()


def _switch_off(preset: Preset) -> None:
	rows = _rows()
	own = [row for row in rows if row.preset == preset.key]
	_hold(own, preset.key)
	_release([row for row in rows if _is_replaced(row, preset)], preset.key)
	if preset.own_type:
		for name in {row.archive_type for row in own if row.archive_type}:
			frappe.db.set_value("Archive Type", name, "own_rules_only", 0)


def _is_replaced(row: Any, preset: Preset) -> bool:
	return row.preset == presets.BASE.key and row.preset_row in preset.replaces


def _hold_replaced() -> None:
	"""The base rows were created anew while variants were on: hold back what these stand for."""
	rows = _rows()
	for variant in presets.VARIANTS:
		if _is_on(variant.key, rows):
			_hold([row for row in _rows() if _is_replaced(row, variant)], variant.key)


def _hold(rows: Iterable[Any], key: str) -> None:
	"""Hold rows back for a preset, noting which an administrator had switched off himself."""
	for row in rows:
		holders = _holders(row)
		if key not in holders:
			by_hand = {_BY_HAND} if row.is_disabled and not holders else set()
			_mark(row.name, holders | by_hand | {key})


def _release(rows: Iterable[Any], key: str) -> None:
	"""Release rows that a preset held back; they count again when nobody else holds them."""
	for row in rows:
		holders = _holders(row)
		if key in holders:
			_mark(row.name, holders - {key})


def _mark(name: str, holders: set[str]) -> None:
	held_by = "" if holders == {_BY_HAND} else " ".join(sorted(holders))
	# The switch is one entry in the audit log, so the rows' own hooks stay out of it.
	frappe.db.set_value(RULE, name, {"held_by": held_by, "is_disabled": int(bool(holders))})


def _ensure_role(role: str) -> None:
	"""A role that comes with a preset stands in the ledger, so that it goes when the app is removed."""
	if not frappe.db.exists("Role", role):
		with ledger.open_ledger() as book:
			book.create({"doctype": "Role", "name": role, "role_name": role, "desk_access": 1})


def _own_type(wanted: OwnType, rows: Iterable[Any]) -> str:
	"""The archive type to which only the preset's rows apply: that of its rows, the one with its class code, or a new one."""
	names = [row.archive_type for row in rows if row.archive_type]
	name = names[0] if names else frappe.db.get_value("Archive Type", {"class_code": wanted.class_code})
	if name:
		frappe.db.set_value("Archive Type", name, "own_rules_only", 1)
		return str(name)
	label = _(wanted.title, lang=frappe.db.get_default("lang") or frappe.local.lang)
	doc = frappe.get_doc(
		{
			"doctype": "Archive Type",
			"type_name": label,
			"class_code": wanted.class_code,
			"party_kind": wanted.party_kind,
			"pack": wanted.pack,
			"never_disclosed": 1,
			"never_shown": 1,
			"own_rules_only": 1,
			"requirements": [
				{"item": completeness.ITEM_LABELS[need.item], "weight": need.weight}
				for need in completeness.default_requirements(wanted.party_kind)
			],
		}
	)
	# Part of the switch, whose caller was checked.
	return str(doc.insert(ignore_permissions=True).name)
