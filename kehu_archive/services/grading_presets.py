"""Switch the grading schemes on that the app brings along.

Contract: switching a preset on creates its scheme, marked with the preset's key, and a draft version for the present fiscal year. It is done once: whatever a
company changes, activates, renames in its grades or deletes afterwards stays as it left it; switching on again only switches a scheme on that was switched
off. A purpose that no scheme has is given to the preset's scheme; one that is taken stays where it is. Clause: V-03, R-GRD-07, R-GRD-08, R-GRD-14,
R-GRD-17, R-GRD-19, R-GRD-22.
"""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.utils import cint, cstr, escape_html, getdate, today

from kehu_archive.domain import grading_metrics, grading_presets
from kehu_archive.domain import grading_terms as terms
from kehu_archive.domain.grading_presets import Preset
from kehu_archive.exceptions import GradingError
from kehu_archive.services import grading_purposes, grading_schemes
from kehu_archive.services.grading_schemes import PURPOSE_BOXES, SCHEME, VERSION


def overview() -> list[dict[str, Any]]:
	"""Every preset with its texts in the session's language and how far it is: its scheme, whether that is on, its newest version and what that lacks."""
	schemes = {row.preset: row for row in frappe.get_all(SCHEME, filters={"preset": ("is", "set")}, fields=["name", "preset", "is_disabled"])}
	versions = _newest_versions([row.name for row in schemes.values()])
	return [_state(preset, schemes.get(preset.key), versions) for preset in grading_presets.PRESETS.values()]


def _state(preset: Preset, scheme: Any, versions: dict[str, Any]) -> dict[str, Any]:
	version = versions.get(scheme.name) if scheme else None
	return {
		"key": preset.key,
		"name": preset.name,
		"title": _(preset.title),
		"basis": _(preset.basis),
		"description": preset.description,
		"method": preset.method,
		"grades": [{"grade": one.code, "label": one.label or one.code, "colour": one.colour} for one in preset.grades],
		"blanks": sum(one.threshold is None for one in preset.criteria),
		"scheme": scheme.name if scheme else None,
		"is_on": bool(scheme and not scheme.is_disabled),
		"version": version.name if version else None,
		"version_status": version.status if version else None,
	}


def _newest_versions(schemes: list[str]) -> dict[str, Any]:
	"""Scheme -> its version that counts most: one in force, else the newest draft, else the newest of all."""
	if not schemes:
		return {}
	rows = frappe.db.sql(
		"""select scheme, name, status from `tabGrading Scheme Version` where scheme in %s
		order by field(status, 'Active', 'Draft', 'Ended') desc, year, creation""",
		(tuple(schemes),),
		as_dict=True,
	)
	return {row.scheme: row for row in rows}


def switch_on(key: str) -> dict[str, str]:
	"""Switch a preset on; return its scheme and the version to look at next, '' when the company has deleted every version.

	Raises:
		PermissionError: the user does not set up schemes.
		GradingError: there is no such preset.
	"""
	grading_schemes.require_manager()
	if key not in grading_presets.PRESETS:
		frappe.throw(_("There is no preset scheme {0}").format(frappe.bold(escape_html(cstr(key)))), GradingError)
	preset = grading_presets.PRESETS[key]
	# Two people who switch at once do it one after the other.
	frappe.db.sql("select name from `tabGrading Scheme` for update")
	name = frappe.db.get_value(SCHEME, {"preset": preset.key})
	if not name:
		name = _create(preset)
	elif cint(frappe.db.get_value(SCHEME, name, "is_disabled")):
		_switch_on_again(name)
	version = _newest_versions([name]).get(name)
	return {"scheme": str(name), "version": str(version.name) if version else ""}


def _create(preset: Preset) -> str:
	scheme = frappe.get_doc(
		{
			"doctype": SCHEME,
			"scheme_name": _free_name(preset),
			"method": preset.method,
			"preset": preset.key,
			"description": preset.description,
			"on_new_transaction": "Nothing" if preset.method == terms.QUOTAS else "Apply",
			**{PURPOSE_BOXES[purpose]: 1 for purpose in preset.purposes if not grading_purposes.bound(purpose)},
		}
	)
	scheme.flags.by_service = True
	# The switch has asked the role.
	scheme.insert(ignore_permissions=True)
	present = grading_metrics.fiscal_year(getdate(today()), 1)
	version = frappe.get_doc({"doctype": VERSION, "scheme": scheme.name, **grading_presets.version_values(preset, present)})
	version.insert(ignore_permissions=True)
	return str(scheme.name)


def _free_name(preset: Preset) -> str:
	"""The preset's name; with its key behind where the company has a scheme of that name already: that one is its own."""
	return f"{preset.name} ({preset.key})" if frappe.db.exists(SCHEME, preset.name) else preset.name


def _switch_on_again(name: str) -> None:
	scheme = frappe.get_doc(SCHEME, name)
	scheme.is_disabled = 0
	# The switch has asked the role.
	scheme.flags.ignore_permissions = True
	scheme.save()
