"""What one web request has read for its access decisions; nothing outlives the request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import frappe

T = TypeVar("T")


def once_a_request(key: Any, read: Callable[[], T]) -> T:
	"""Return what `read` gives, remembered for the rest of a web request. In jobs, tests and consoles it is read anew each time."""
	if not getattr(frappe.local, "request", None):
		return read()
	known = getattr(frappe.local, "kehu_access", None)
	if known is None:
		known = frappe.local.kehu_access = {}
	if key not in known:
		known[key] = read()
	return known[key]


def forget() -> None:
	"""Read everything anew: something that access depends on was written in this request."""
	frappe.local.kehu_access = None
