"""Taking old entries out of the access log, explicitly and by whole seals; nothing does it by itself.

An entry is kept for at least six months, whatever the setting says. The seal stays: its root, its count, its place in the chain, and a keyed proof that
the entries under it were taken out by this rule. `audit.verify` accepts nothing else as a reason for missing entries.

Clause: R-DSC-06.
"""

from __future__ import annotations

from typing import Final

import frappe
from frappe.utils import add_months, cint, now_datetime

from kehu_archive.audit import log
from kehu_archive.constants import ENTRY, SEAL, SETTINGS
from kehu_archive.domain import audit_chain
from kehu_archive.domain.audit_check import LEAST_KEPT
from kehu_archive.vault import keyring

LEAST_MONTHS: Final = 6
PURGE: Final = "Purge"


def kept_months() -> int:
	"""For how many months entries are kept; never fewer than the law asks."""
	return max(LEAST_MONTHS, cint(frappe.get_cached_doc(SETTINGS).audit_months))


def purge() -> tuple[int, int]:
	"""Take out the entries of every seal whose last entry is older than the period; returns the seals and entries concerned.

	The oldest seals go first and without a gap. Each seal is a transaction of its own, and the purge itself is on record.
	"""
	now = now_datetime()
	limit = min(add_months(now, -kept_months()), now - LEAST_KEPT)
	rows = frappe.db.sql(
		f"select seal_no, root, key_id from `tab{SEAL}` where last_at < %s and purged_at is null order by seal_no",
		limit,
	)
	seals = entries = 0
	for number, root, key_id in rows:
		entries += _purge_one(number, root, key_id)
		seals += 1
	if seals:
		log.record(
			PURGE,
			document=(SEAL, f"{rows[-1][0]:010d}"),
			quantity=entries,
			detail=f"seals {rows[0][0]}-{rows[-1][0]}",
		)
		frappe.db.commit()  # the record of a job of its own
	return seals, entries


def _purge_one(number: int, root: str, key_id: str) -> int:
	stamp = audit_chain.stamp(now_datetime())
	proof = audit_chain.purge_digest(keyring.audit_key_by_id(key_id), number, root, stamp)
	frappe.db.sql(f"delete from `tab{ENTRY}` where seal = %s", number)
	count = int(frappe.db.sql("select row_count()")[0][0])
	frappe.db.sql(
		f"update `tab{SEAL}` set purged_at = %s, purge_digest = %s, leaves = '' where seal_no = %s",
		(stamp, proof, number),
	)
	frappe.db.commit()  # entries and their proof go together
	return count
