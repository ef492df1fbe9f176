"""Find archives by anything one remembers of a customer, as the person in the session may see them.

Contract: `find` reads a query (`domain.search_keys.parse_query`), takes candidates from the search index, best kinds first and a bounded number
of each, ranks them, and lets the framework's own list query decide which of them the session user may see, so that every user permission, query
condition and share counts. What a user may not see leaves no trace in the answer: not in its length, nor in its order. One word costs two
statements; several words cost four. Merged archives are not found; the archive that was kept is, also under their names and numbers.

What a user may find but not read (V-18) comes after what he may read, as a limited line: number, name and type, and only when name or number alone answer
the query. A phone or a contact never leads to a limited line, so that it tells nothing of them. This costs one more list query, for those users only.
Clause: 000 篇一 (R-QRY-01, R-CON-06), R-NFR-04, V-18.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import cint

from kehu_archive.constants import ARCHIVE, SEARCH_TABLE, SETTINGS
from kehu_archive.domain import access
from kehu_archive.domain.search_keys import (
	ArchiveNames,
	Hit,
	Kind,
	QueryTerm,
	index_keys,
	parse_query,
	rank,
	rank_archive,
)
from kehu_archive.permissions import query as rule
from kehu_archive.services.search_index import KIND_CODES, KINDS

FIELDS: Final = (
	"name",
	"customer_name",
	"short_name",
	"archive_type",
	"party_kind",
	"market_status",
	"workflow_state",
	"main_contact",
	"main_contact_phone",
	"phone",
	"region",
	"is_important",
	"last_transaction_on",
)
"""What a result line shows."""
LIMITED_FIELDS: Final = ("name", "customer_name", "archive_type")
"""What a line of an archive shows that the user may find but not read."""

MOST_RESULTS: Final = 100
MOST_CHARACTERS: Final = 140


@dataclass(frozen=True)
class Look:
	"""How far one look into the index goes: rows taken of each kind, and for several words the rows of each kind on which the others are tried."""

	rows: int
	tried: int


#: A first look that nearly always suffices, and a second one for a user who may see few of the first, or for frequent words that rarely meet.
LOOKS: Final = (Look(40, 3000), Look(2000, 20_000))
#: Names in one question to the list query after the first.
BATCH: Final = 500
#: Rows of one word counted before it is called frequent.
FREQUENT: Final = 1000

#: Kinds by the rank of a match, so that the union below meets the best first.
_BY_RANK: Final = sorted(KIND_CODES, key=lambda kind: rank(Hit(kind, "xx", "x")), reverse=True)

_BRANCH: Final = (
	f"(select kind, token, archive from `{SEARCH_TABLE}` where kind = %s and token like %s limit %s)"
)
_TRIED: Final = "(select found.kind, found.token, found.archive from {branch} found where {also} limit %s)"
_ALSO: Final = f"""exists (select 1 from `{SEARCH_TABLE}` other
	where other.archive = found.archive and other.kind in %s and other.token like %s)"""
_COUNT: Final = f"""(select count(*) from
	(select 1 from `{SEARCH_TABLE}` where kind in %s and token like %s limit %s) counted)"""
_OF_ARCHIVES: Final = f"""(select kind, token, archive from `{SEARCH_TABLE}`
	where archive in %s and kind in %s and token like %s)"""


@dataclass(frozen=True)
class Candidate:
	"""An archive the index offers, how well it answers, and the kind of its best match."""

	archive: str
	rank: int
	kind: Kind


def find(query: str, limit: int | None = None) -> list[dict[str, Any]]:
	"""Return the archives that answer every word of the query and that the session user may see, best first.

	Args:
		query: what was typed; only its first 140 characters are read.
		limit: most results, at most 100; the setting "Most Search Results" when left out.

	Returns:
		One dict with `FIELDS`, ``rank`` and ``matched`` (the kind of the best match) for each; for what the user may find but not read `LIMITED_FIELDS`,
		``rank``, ``matched`` and ``limited``. Empty when the query is too short to search for.
	"""
	terms = parse_query(query[:MOST_CHARACTERS])
	if not terms:
		return []
	wanted = _limit(limit)
	shown: list[dict[str, Any]] = []
	asked: set[str] = set()
	for look in LOOKS:
		candidates, complete = _candidates(terms, look)
		fresh = [candidate for candidate in candidates if candidate.archive not in asked]
		asked.update(candidate.archive for candidate in fresh)
		for batch in _batches(fresh, wanted):
			shown.extend(_visible(batch))
			if len(shown) >= wanted:
				return shown[:wanted]
		if complete:
			break
	return shown + _limited(candidates, terms, {row["name"] for row in shown}, wanted - len(shown))


def _limit(limit: int | None) -> int:
	chosen = limit or cint(frappe.get_cached_doc(SETTINGS).search_max_results) or 20
	return max(1, min(chosen, MOST_RESULTS))


def _batches(candidates: Sequence[Candidate], first: int) -> Iterator[Sequence[Candidate]]:
	if candidates:
		yield candidates[:first]
	for start in range(first, len(candidates), BATCH):
		yield candidates[start : start + BATCH]


def _visible(batch: Sequence[Candidate]) -> list[dict[str, Any]]:
	"""Ask the framework which of these the session user may see; in the order of the batch."""
	rows = frappe.get_list(
		ARCHIVE,
		filters={"name": ("in", [candidate.archive for candidate in batch])},
		fields=list(FIELDS),
		order_by="",
		limit_page_length=len(batch),
	)
	by_name = {row.name: row for row in rows}
	return [
		{**by_name[candidate.archive], "rank": candidate.rank, "matched": candidate.kind.value}
		for candidate in batch
		if candidate.archive in by_name
	]


def _limited(
	candidates: Sequence[Candidate], terms: Sequence[QueryTerm], shown: set[str], wanted: int
) -> list[dict[str, Any]]:
	"""Lines of archives that the user may find but not read, best first; of those only that answer by name or number."""
	hidden = [candidate.archive for candidate in candidates if candidate.archive not in shown][:BATCH]
	if not hidden or not rule.finds_more():
		return []
	with rule.asking(access.FIND):
		rows = frappe.get_list(
			ARCHIVE,
			filters={"name": ("in", hidden)},
			fields=[*LIMITED_FIELDS, "short_name"],
			order_by="",
			limit_page_length=len(hidden),
		)
	lines = [line for line in (_limited_line(row, terms) for row in rows) if line]
	return sorted(lines, key=lambda line: (-line["rank"], line["name"]))[:wanted]


def _limited_line(row: Any, terms: Sequence[QueryTerm]) -> dict[str, Any] | None:
	"""The line of an archive whose names and number answer every word by themselves."""
	keys = index_keys(ArchiveNames(row.customer_name, row.name, names=(row.short_name or "",)))
	hits = [Hit(key.kind, key.token, term.token) for term in terms for key in keys if term.matches(key)]
	if {hit.term for hit in hits} != {term.token for term in terms}:
		return None
	found = _candidate(row.name, hits)
	return {**{field: row[field] for field in LIMITED_FIELDS}, "rank": found.rank, "matched": found.kind.value, "limited": True}


def _candidates(terms: Sequence[QueryTerm], look: Look) -> tuple[list[Candidate], bool]:
	"""Return the index's candidates, best first, and whether these are all there are."""
	(driver, *others), frequent = _rarest_first(terms)
	found, complete = _driven(driver, others, look)
	hits: dict[str, list[Hit]] = defaultdict(list)
	for kind, token, archive in found:
		hits[archive].append(Hit(KINDS[kind], token, driver.token))
	for term in others:
		for kind, token, archive in _of_archives(term, list(hits)):
			hits[archive].append(Hit(KINDS[kind], token, term.token))
	candidates = [_candidate(archive, of_archive) for archive, of_archive in hits.items()]
	return sorted(
		candidates, key=lambda candidate: (-candidate.rank, candidate.archive)
	), complete and not frequent


def _candidate(archive: str, hits: list[Hit]) -> Candidate:
	return Candidate(archive, rank_archive(hits), max(hits, key=rank).kind)


def _rarest_first(terms: Sequence[QueryTerm]) -> tuple[list[QueryTerm], bool]:
	"""Order several words by how often they occur, of equally frequent ones the longer first, and say whether even the first is frequent."""
	if len(terms) == 1:
		return list(terms), False
	parameters: list[Any] = []
	for term in terms:
		parameters += [_codes(term), _prefix(term), FREQUENT]
	counts = frappe.db.sql("select " + ", ".join([_COUNT] * len(terms)), parameters)[0]
	order = sorted(range(len(terms)), key=lambda index: (counts[index], -len(terms[index].token)))
	return [terms[index] for index in order], min(counts) >= FREQUENT


def _driven(driver: QueryTerm, others: Sequence[QueryTerm], look: Look) -> tuple[Sequence[Any], bool]:
	"""Read the index along one word, trying the other words on the way; True when no kind was cut off."""
	also = [value for term in others for value in (_codes(term), _prefix(term))]
	branch: str = _BRANCH
	limits: list[Any] = [look.rows]
	if others:
		branch = _TRIED.format(branch=_BRANCH, also=" and ".join([_ALSO] * len(others)))
		limits = [look.tried, *also, look.rows]
	kinds = [kind for kind in _BY_RANK if kind in driver.kinds]
	parameters = [value for kind in kinds for value in (KIND_CODES[kind], _prefix(driver), *limits)]
	rows = frappe.db.sql(" union all ".join([branch] * len(kinds)), parameters)
	counts = Counter(kind for kind, _token, _archive in rows)
	return rows, all(count < look.rows for count in counts.values())


def _of_archives(term: QueryTerm, archives: list[str]) -> Sequence[Any]:
	if not archives:
		return ()
	return frappe.db.sql(_OF_ARCHIVES, [archives, _codes(term), _prefix(term)])


def _codes(term: QueryTerm) -> list[int]:
	return [KIND_CODES[kind] for kind in term.kinds]


def _prefix(term: QueryTerm) -> str:
	"""The pattern of a prefix. Tokens are letters and digits only, so nothing in it needs escaping."""
	return term.token + "%"


def offer(text: str, filters: Any, start: int, length: int) -> list[dict[str, Any]]:
	"""Return number, name and main contact of archives for a link field; `filters` are the field's own, as `get_list` takes them.

	Merged archives are not offered.
	"""
	chosen = _as_filters(filters)
	order = "modified desc"
	if text.strip():
		names = [row["name"] for row in find(text, MOST_RESULTS) if not row.get("limited")]
		if not names:
			return []
		chosen.append([ARCHIVE, "name", "in", names])
		order = ""
	else:
		chosen.append([ARCHIVE, "merged_into", "is", "not set"])
		names = []
	rows = frappe.get_list(
		ARCHIVE,
		filters=chosen,
		fields=["name", "customer_name", "main_contact"],
		order_by=order,
		limit_start=0 if names else start,
		limit_page_length=MOST_RESULTS if names else length,
	)
	if not names:
		return rows
	place = {name: at for at, name in enumerate(names)}
	return sorted(rows, key=lambda row: place[row.name])[start : start + length]


def offer_for_request(text: str, length: int) -> list[dict[str, Any]]:
	"""Return number, name and main contact of archives for the link field of a request: also of those that the user may find only, without a contact.

	Without a text nothing but what the user may read is offered.
	"""
	if not text.strip():
		return offer(text, None, 0, length)
	return [
		{
			"name": row["name"],
			"customer_name": row["customer_name"],
			"main_contact": _("Only after application") if row.get("limited") else row["main_contact"],
		}
		for row in find(text, length)
	]


def _as_filters(filters: Any) -> list[Any]:
	"""Filters of a link field as a list; a field gives a dict or a list."""
	if isinstance(filters, dict):
		return [
			[ARCHIVE, field, *value] if isinstance(value, list | tuple) else [ARCHIVE, field, "=", value]
			for field, value in filters.items()
		]
	return list(filters or [])
