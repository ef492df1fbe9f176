"""Requests for encrypted contents; `vault.opening` checks, logs and answers."""

from __future__ import annotations

from typing import Any

import frappe

from kehu_archive.vault import opening


@frappe.whitelist(methods=["POST"])
def reveal(name: str, purpose: str) -> dict[str, str]:
	"""Return the content of a Sensitive Record in clear; the call stands in the access log. Clause: R-FCA-05, R-DSC-02.

	Args:
		name: the record.
		purpose: why: a purpose of the access rules, or the person's own words, which count as the purpose Other.

	Raises:
		PermissionError: the user may not read the record or its archive; also when there is no such record.
		ArchiveError: no purpose was given, or it cannot be decrypted.
		AuditError: the access log cannot be written.
	"""
	return {"value": opening.reveal(name, purpose)}


@frappe.whitelist(methods=["POST"])
def find(kind: str, value: str) -> list[dict[str, Any]]:
	"""Return the masked records with exactly this ID or account number, on archives that the user may see. Clause: R-DSC-02.

	Raises:
		PermissionError: the user may not read Sensitive Records.
		ArchiveError: the kind has no numbers.
	"""
	return opening.find(kind, value)
