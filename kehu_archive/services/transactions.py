"""Transactions of an archive and the totals that stand on it (R-TRX-01/02/03/04, R-FZL-08)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from typing import TYPE_CHECKING

import frappe
from frappe import _

from kehu_archive.exceptions import ArchiveError
from kehu_archive.services import protected

if TYPE_CHECKING:
	from frappe.model.document import Document

#: One statement over all transactions of the chosen archives: sums, counts, the first and the last day.
#: A return counts against the amount and is no deal; what is taken out of the totals counts only as a breach, what is
#: cancelled not at all. The day on which a prospect became a customer is that of his first deal; it is written before the state it is read from.
_TOTALS = """
	update `tabCustomer Archive` archive
	left join (
		select
			archive,
			sum(in_totals and transaction_kind != 'Return') as deals,
			sum(if(in_totals, if(transaction_kind = 'Return', -abs(amount), amount), 0)) as total,
			sum(is_default) as defaults,
			min(if(in_totals and transaction_kind != 'Return', posted_on, null)) as deal_on,
			min(if(in_totals, posted_on, null)) as first_on,
			max(if(in_totals, posted_on, null)) as last_on
		from `tabArchive Transaction`
		where is_cancelled = 0 and {scope_inner}
		group by archive
	) sums on sums.archive = archive.name
	set
		archive.transaction_count = ifnull(sums.deals, 0),
		archive.transaction_total = ifnull(sums.total, 0),
		archive.default_count = ifnull(sums.defaults, 0),
		archive.first_transaction_on = sums.first_on,
		archive.last_transaction_on = sums.last_on,
		archive.converted_on = if(
			ifnull(sums.deals, 0) > 0 and (archive.converted_on is not null or ifnull(archive.market_status, '') != 'Existing'),
			sums.deal_on, archive.converted_on
		),
		archive.market_status = if(ifnull(sums.deals, 0) > 0, 'Existing', archive.market_status)
	where {scope_outer}
"""


def refresh_totals(archives: Collection[str] | None = None) -> None:
	"""Recompute the totals of these archives, or of all, from their transactions.

	The first deal turns a prospect, also one that was given up, into an existing customer and says since when (001 客户资料卡, R-FZL-08, R-GRD-12). Amounts
	in CNY.
	"""
	if archives is None:
		frappe.db.sql(_TOTALS.format(scope_inner="1 = 1", scope_outer="1 = 1"))
		return
	for names in _chunks(archives, 1000):
		frappe.db.sql(
			_TOTALS.format(scope_inner="archive in %(names)s", scope_outer="archive.name in %(names)s"),
			{"names": names},
		)


def _chunks(names: Collection[str], size: int) -> Iterator[tuple[str, ...]]:
	rest = iter(names)
	while part := tuple(islice(rest, size)):
		yield part


def cancel(transaction: Document, reason: str) -> None:
	"""Take a wrongly recorded transaction out of the totals; it stays visible with its reason.

	Raises:
		ArchiveError: no reason given, or cancelled already.
	"""
	if transaction.is_cancelled:
		frappe.throw(_("This transaction is cancelled already"), ArchiveError)
	if not reason.strip():
		frappe.throw(_("Reason: say why the transaction is cancelled"), ArchiveError)
	transaction.is_cancelled = 1
	transaction.cancel_reason = reason.strip()
	protected.by_service(transaction).save()


def yearly_totals(archive: str) -> list[dict[str, object]]:
	"""Year, number of deals and amount in CNY of one archive, oldest first."""
	return frappe.db.sql(
		"""select year(posted_on) as year, sum(in_totals and transaction_kind != 'Return') as deals,
			sum(if(in_totals, if(transaction_kind = 'Return', -abs(amount), amount), 0)) as amount
		from `tabArchive Transaction` where archive = %s and is_cancelled = 0
		group by year(posted_on) order by year(posted_on)""",
		archive,
		as_dict=True,
	)



#: A change of one of these changes the archive's totals.
_COUNTED = ("archive", "transaction_kind", "posted_on", "amount", "is_default", "in_totals", "is_cancelled")


def totals_change(transaction: Document) -> bool:
	"""Whether this save changes the totals; an edited remark does not."""
	before = transaction.get_doc_before_save()
	return before is None or any(str(before.get(f)) != str(transaction.get(f)) for f in _COUNTED)


def guard(transaction: Document) -> None:
	"""Refuse to change a cancelled transaction.

	Raises:
		ArchiveError: it stays as it was cancelled.
	"""
	before = transaction.get_doc_before_save()
	was_cancelled = bool(before and before.is_cancelled)
	if was_cancelled and not transaction.flags.in_merge:
		frappe.throw(_("This transaction is cancelled already"), ArchiveError)
