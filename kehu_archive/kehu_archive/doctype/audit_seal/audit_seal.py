"""A seal over the access log entries of about a minute, chained to the seal before. Written by ``audit.seal`` only."""

from __future__ import annotations

from kehu_archive.audit.immutable import Immutable


class AuditSeal(Immutable):
	"""Read only; see ``Immutable``."""
