"""Calls that can never be safe on our DocTypes, and back doors to the calls that are replaced.

Back doors: the same function under the name of a module that imports it, a call that calls another by a name in its parameters, and another app's replacement
that is taken instead of ours (older versions take the first app's, newer ones the last's).
"""

from __future__ import annotations

import inspect
from typing import Any, Final

import frappe
from frappe import _

from kehu_archive.constants import APP
from kehu_archive.exceptions import AccessDeniedError
from kehu_archive.permissions.guards.asked import Asked

#: Closed as soon as a request to them names a DocType of ours.
CLOSED: Final = frozenset(
	{
		"frappe.automation.doctype.auto_repeat.auto_repeat.generate_message_preview",
		"frappe.automation.doctype.auto_repeat.auto_repeat.make_auto_repeat",
		"frappe.client.rename_doc",
		"frappe.desk.doctype.kanban_board.kanban_board.quick_kanban_board",
		"frappe.desk.form.document_follow.follow_document",
		"frappe.desk.form.document_follow.get_follow_users",
		"frappe.desk.form.document_follow.update_follow",
		"frappe.geo.utils.get_coords",
		"frappe.realtime.can_subscribe_doctype",
		"frappe.rename_doc",
		"frappe.share.add",
		"frappe.share.set_permission",
		"frappe.templates.includes.comments.comments.add_comment",
		"frappe.templates.includes.likes.likes.like",
		"frappe.utils.goal.get_monthly_goal_graph_data",
		"frappe.website.doctype.discussion_topic.discussion_topic.submit_discussion",
		"frappe.website.doctype.web_form.web_form.get_form_data",
		"frappe.website.doctype.web_form.web_form.get_link_options",
		"frappe.www.list.get",
		"frappe.www.list.get_list_data",
	}
)
#: Parameters in which a call is told to call another.
DISPATCHERS: Final = ("query", "tree_method", "method")
#: What a function of the framework has to take to be called as a query of a link field.
_OF_QUERIES: Final = {"txt", "searchfield"}
_OF_TREES: Final = ".get_children"
#: Pages that take a DocType and show its records.
PRINT_PAGES: Final = ("/printview", "/printpreview")


def check(asked: Asked) -> None:
	"""Refuse closed calls and back doors.

	Raises:
		AccessDeniedError: it is one.
	"""
	if asked.ours:
		_check_closed(asked)
		_drop_liberties(asked)
	if asked.method and not asked.is_own:
		_check_alias(asked.method)
		_check_dispatch(asked)
		if asked.ours:
			_check_replaced(asked.method)


def _check_closed(asked: Asked) -> None:
	if asked.method in CLOSED:
		_refuse()
	is_page = not asked.method and not asked.path.startswith(
		("/api/", "/app", "/desk", "/private/", "/backups")
	)
	if is_page and asked.path not in PRINT_PAGES:
		_refuse()


def _drop_liberties(asked: Asked) -> None:
	"""What a caller may not decide about himself."""
	form = frappe.local.form_dict
	for key in ("ignore_user_permissions", "ignore_permissions", "export_in_background"):
		if key in form:
			form[key] = 0
	if asked.method.startswith(
		("frappe.desk.query_report.", "frappe.desk.reportview.", "frappe.desk.form.load.")
	):
		form.pop("user", None)


def _check_alias(method: str) -> None:
	"""A replaced function under another name."""
	replaced = _replaced()
	if method in replaced:
		return
	function = _function(method)
	if function is not None and any(
		_function(path) is function for path in replaced if path.endswith(_last(method))
	):
		_refuse()


def _check_dispatch(asked: Asked) -> None:
	"""A replaced or closed function called by way of another, or one that was not made to be called so."""
	for key in DISPATCHERS:
		path = asked.values.get(key)
		if not isinstance(path, str) or "." not in path:
			continue
		app = path.split(".", 1)[0]
		if key == "query" and asked.ours & {asked.values.get("doctype")} and app not in ("frappe", APP):
			_refuse()
		if app == "frappe" and not _may_be_sent(key, path):
			_refuse()


def _may_be_sent(key: str, path: str) -> bool:
	function = _function(path)
	if function is None:
		return True
	if any(_function(one) is function for one in (*_replaced(), *CLOSED)):
		return False
	if key == "tree_method":
		return path.endswith(_OF_TREES)
	return key != "query" or set(inspect.signature(function).parameters) >= _OF_QUERIES


def _check_replaced(method: str) -> None:
	"""Another app's replacement stands before ours."""
	ours = _replaced().get(method)
	if not ours:
		return
	found = frappe.get_hooks("override_whitelisted_methods", {}).get(method, [])
	if len(found) > 1 and _taken(found) != ours:
		_refuse()


def _taken(found: list[str]) -> str:
	"""Which of several replacements the running framework takes: the first in 15.0, the last later."""
	from kehu_archive import compat

	return found[-1] if compat.last_replacement_counts() else found[0]


def _replaced() -> dict[str, str]:
	from kehu_archive import hooks

	return hooks.override_whitelisted_methods


def _last(path: str) -> str:
	return "." + path.rsplit(".", 1)[-1]


def _function(path: str) -> Any:
	if path.split(".", 1)[0] not in frappe.get_installed_apps():
		return None
	try:
		return frappe.get_attr(path)
	except Exception:
		return None


def _refuse() -> None:
	frappe.throw(_("Archives cannot be asked for in this way"), AccessDeniedError)
