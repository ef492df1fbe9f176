"""The differences between the supported versions of the framework, in one place. Probed, never guessed from a version."""

from __future__ import annotations

import importlib.util
import inspect
from functools import lru_cache
from typing import Any

import frappe


def set_single(doctype: str, field: str, value: Any) -> None:
	"""Write one field of a Single without touching its ``modified``."""
	if hasattr(frappe.db, "set_single_value"):
		frappe.db.set_single_value(doctype, field, value, update_modified=False)
	else:
		frappe.db.set_value(doctype, doctype, field, value, update_modified=False)


def undecided() -> bool | None:
	"""What a permission hook answers that leaves a document to the rules of others.

	Older versions take the first answer that is not None and ask no further; newer ones take None for a refusal.
	"""
	return None if _none_is_no_answer() else True


@lru_cache(maxsize=1)
def _none_is_no_answer() -> bool:
	return "is not None" in inspect.getsource(frappe.permissions.has_controller_permissions)


@lru_cache(maxsize=1)
def last_replacement_counts() -> bool:
	"""Whether of several replacements of one call the last counts; the versions without the second REST interface take the first."""
	try:
		return importlib.util.find_spec("frappe.api.v2") is not None
	except ModuleNotFoundError:
		return False
