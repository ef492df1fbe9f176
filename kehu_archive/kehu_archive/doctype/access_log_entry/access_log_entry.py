"""One line of the access log. Written by ``audit.log.record`` only; sealed by ``audit.seal``; never changed."""

from __future__ import annotations

import frappe

from kehu_archive.audit.immutable import Immutable


class AccessLogEntry(Immutable):
	"""Read only; see ``Immutable``."""


def on_doctype_update() -> None:
	"""Questions are asked by person or archive over a period; the sealer asks for what has no seal yet."""
	frappe.db.add_index("Access Log Entry", ["user", "happened_at"])
	frappe.db.add_index("Access Log Entry", ["archive", "happened_at"])
	frappe.db.add_index("Access Log Entry", ["happened_at"])
	frappe.db.add_index("Access Log Entry", ["seal"])
