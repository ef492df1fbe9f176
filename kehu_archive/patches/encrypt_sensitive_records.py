"""Encrypt what Sensitive Records held in clear before there was a vault."""

from __future__ import annotations

import frappe

from kehu_archive.vault import keyring, store


def execute() -> None:
	"""Run once at migrate; a second run finds nothing."""
	keyring.ensure()
	# Each chunk stands for itself: an interrupted migration goes on where it was.
	store.encrypt_existing(after_chunk=frappe.db.commit)
