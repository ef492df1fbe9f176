"""Calling the framework's own function behind a replaced one, with what the caller sent and what its version takes."""

from __future__ import annotations

import inspect
from typing import Any

import frappe


def call(path: str, given: dict[str, Any], **changed: Any) -> Any:
	"""Call the original; parameters that it does not know are left out, as the framework leaves them out."""
	return frappe.call(frappe.get_attr(path), **{**given, **changed})


def bare(path: str, given: dict[str, Any], **changed: Any) -> Any:
	"""Call the innermost function, without caches and other wrappings around it."""
	return frappe.call(inspect.unwrap(frappe.get_attr(path)), **{**given, **changed})
