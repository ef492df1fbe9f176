"""What of one archive goes into another when the two are merged.

Contract: the archive that is kept wins wherever both say something; the other fills gaps. Nothing is lost: what is not taken over stays with
the merged archive and is named in the plan. Values are compared as text, so that a date and its ISO form are equal; empty, None and zero are gaps.
Clause: R-ARC-22.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kehu_archive.domain.text import fold_name, normalise

CONFIDENTIALITY: Final = ("Unclassified", "Internal", "Ordinary Trade Secret", "Core Trade Secret")
"""From open to secret."""

IDENTITY: Final[dict[str, tuple[str, ...]]] = {
	"shareholders": ("shareholder_name",),
	"yearly_sales": ("year",),
	"financials": ("year",),
	"extra_items": ("item_label",),
}
"""Child tables in which a second row of the same identity would contradict the first: table to the columns that identify a row."""


@dataclass(frozen=True)
class FieldPlan:
	"""`filled` are values taken over; `kept` are fields in which the two differ: (value kept, value left behind)."""

	filled: Mapping[str, Any]
	kept: Mapping[str, tuple[Any, Any]]


def is_gap(value: object) -> bool:
	"""True for a value that says nothing: None, empty text, zero."""
	return plain(value) in ("", "0", "0.0")


def plain(value: object) -> str:
	"""The text by which two values are compared."""
	if value is None:
		return ""
	if isinstance(value, float) and value.is_integer():
		return str(int(value))
	return normalise(value)


def plan_fields(target: Mapping[str, Any], source: Mapping[str, Any], fields: Iterable[str]) -> FieldPlan:
	"""Decide for each field whether the source fills it or the target's differing value is kept."""
	filled: dict[str, Any] = {}
	kept: dict[str, tuple[Any, Any]] = {}
	for field in fields:
		ours, theirs = target.get(field), source.get(field)
		if is_gap(theirs) or plain(ours) == plain(theirs):
			continue
		if is_gap(ours):
			filled[field] = theirs
		else:
			kept[field] = (ours, theirs)
	return FieldPlan(filled, kept)


def stricter(one: str | None, other: str | None) -> str:
	"""Return the stricter of two confidentialities, so that a merge never opens what was secret; unknown words count as unclassified."""
	ranks = {word: rank for rank, word in enumerate(CONFIDENTIALITY)}
	return max((one or "", other or "", CONFIDENTIALITY[0]), key=lambda word: ranks.get(word, -1))


def joined_former_names(target_name: str, target_former: str, source_names: Iterable[str]) -> str:
	"""Return the former names of the kept archive, one a line: its own, then those the source adds."""
	lines = [line.strip() for line in target_former.splitlines() if line.strip()]
	known = {fold_name(name) for name in (target_name, *lines)}
	for name in source_names:
		if name.strip() and fold_name(name) not in known:
			known.add(fold_name(name))
			lines.append(name.strip())
	return "\n".join(lines)


def rows_to_append(
	table: str,
	target: Sequence[Mapping[str, Any]],
	source: Sequence[Mapping[str, Any]],
	columns: Sequence[str],
) -> list[int]:
	"""Return the positions of the source's rows that go to the target.

	A row that the target has already, or that would contradict one of its rows (`IDENTITY`), stays behind; so do all shareholders when the shares
	would add up to more than 100 percent.
	"""
	identity = IDENTITY.get(table, tuple(columns))
	known = {_identity(row, identity) for row in target}
	chosen: list[int] = []
	for position, row in enumerate(source):
		own = _identity(row, identity)
		if own not in known:
			known.add(own)
			chosen.append(position)
	if table == "shareholders" and _shares(target) + _shares(source[index] for index in chosen) > 100:
		return []
	return chosen


def _identity(row: Mapping[str, Any], columns: Sequence[str]) -> tuple[str, ...]:
	return tuple(plain(row.get(column)) for column in columns)


def _shares(rows: Iterable[Mapping[str, Any]]) -> float:
	return sum(float(row.get("share_percent") or 0) for row in rows)
