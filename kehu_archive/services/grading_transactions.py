"""A transaction changed a customer's totals: his grades follow at once, in the same transaction (R-GRD-18, R-SEC-08).

Contract: thresholds and scorecards whose scheme says so; quotas rank the whole population and wait for a run. Nothing is written unless a grade changes, and a
manual grade in force stays. More than `MOST` archives at once, as after an import, are left for the nightly run. Whatever goes wrong here, the transaction is
kept: the error goes to the error log and the archive to the nightly run.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import frappe
from frappe.utils import getdate, today

from kehu_archive.domain import grading_terms as terms
from kehu_archive.services import grade_writing, grading_now
from kehu_archive.services.grade_writing import Written

MOST: Final = 200
_SAVEPOINT: Final = "kehu_regrade"


def regrade(archives: Collection[str]) -> Written:
	"""Grade these archives anew under every scheme that follows transactions; says what changed."""
	if not archives or len(archives) > MOST:
		return Written()
	try:
		return _regrade(sorted(archives))
	except Exception as error:
		if _is_lost(error):
			raise
		# The deal is a fact whether it can be graded or not.
		frappe.clear_last_message()
		frappe.log_error(title="Grading after a transaction failed", reference_doctype="Customer Archive", reference_name=sorted(archives)[0])
		return Written()


def _is_lost(error: Exception) -> bool:
	"""The database has given up the whole transaction, the deal included: the caller must know."""
	return isinstance(error, frappe.QueryDeadlockError) or (bool(error.args) and frappe.db.is_deadlocked(error))


def _regrade(archives: Sequence[str]) -> Written:
	day = getdate(today())
	found = grading_now.after_transaction(archives, day)
	present = grade_writing.present([grade_writing.key_of(one.archive, one.scheme) for one in found]) if found else {}
	changed = [one for one in found if _differs(one, present.get(grade_writing.key_of(one.archive, one.scheme)))]
	if not changed:
		return Written()
	frappe.db.savepoint(_SAVEPOINT)
	try:
		return grade_writing.write(
			[
				grade_writing.decision(one.archive, one.scheme, one.version, one.outcome, terms.BY_TRANSACTION, as_of=day)
				for one in changed
			],
			known=present,
		)
	except Exception as error:
		if not _is_lost(error):
			frappe.db.rollback(save_point=_SAVEPOINT)
		raise


def _differs(one: grading_now.Found, row: dict[str, str] | None) -> bool:
	return ((row or {}).get("grade") or "") != one.grade
