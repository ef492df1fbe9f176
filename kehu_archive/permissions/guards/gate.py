"""Every request passes here: its user is known by then, and nothing has been called yet.

The framework runs ``auth_hooks`` once for each request after sessions, tokens and keys were read, in every version. An error raised here is answered as one
raised by the call itself.
"""

from __future__ import annotations

import frappe

from kehu_archive.permissions.guards import asked, calls, files, names, queries


def enter() -> None:
	"""Refuse what must not be called, before it is.

	Raises:
		AccessDeniedError: a record or a question that is not open to the user.
	"""
	request = getattr(frappe.local, "request", None)
	if not request or frappe.session.user == "Administrator" or request.method == "OPTIONS":
		return
	found = asked.read(request, frappe.local.form_dict or {})
	frappe.local.kehu_asked = found
	queries.check(found)
	calls.check(found)
	names.check(found)
	files.check(found)
