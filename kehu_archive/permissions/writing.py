"""Conditions of `domain.access_condition` written down as SQL over the table of archives. Every value is escaped here, and nothing is asked of the database.

What depends on the moment is left as a token: the clock, and the lists of archives that are open to a person one by one. So what is written can be remembered
for as long as the person's facts and the company's policy stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import frappe

from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import access
from kehu_archive.domain import access_condition as ac
from kehu_archive.permissions import facts

TABLE: Final = f"`tab{ARCHIVE}`"
EVERYTHING: Final = "(1=1)"
NOTHING: Final = "(1=0)"
#: Stand for the clock; an escaped value never holds a zero character.
CLOCK: Final = {"now": "\0now\0", "today": "\0today\0"}
#: Control character between records, which escaping leaves alone.
_APART: Final = "\x1e"
_BINARY: Final = frozenset({"access_scheme", "access_grade"})


@dataclass(frozen=True)
class Ways:
	"""The ways in which an operation is allowed to a person.

	Attributes:
		lists: token -> the subquery that gives the list's archives.
		listed: (token, condition besides) of the ways that a list leads.
		others: the conditions of the ways that a column of the archive leads.
	"""

	lists: Mapping[str, str]
	listed: tuple[tuple[str, str], ...]
	others: tuple[str, ...]


def ways(branches: tuple[ac.Condition, ...], person: access.UserFacts) -> Ways:
	"""Write down the branches of a condition; one that always holds stands alone among the others."""
	writer = _Writer(person.user)
	if ac.any_of(branches) == ac.ALWAYS:
		return Ways({}, (), (EVERYTHING,))
	listed, others = [], []
	for branch in branches:
		lead, *rest = branch.parts if isinstance(branch, ac.All) else (branch,)
		besides = " and ".join(writer.write(part, by_index=False) for part in rest) or EVERYTHING
		if isinstance(lead, ac.Listed):
			listed.append((writer.token(lead), besides))
		else:
			others.append(f"({writer.write(lead)} and {besides})" if rest else writer.write(lead))
	return Ways(writer.lists, tuple(listed), tuple(others))


def write(condition: ac.Condition) -> str:
	"""A parenthesised condition that asks for no list of a person's."""
	return _Writer("").write(condition)


def names(values: Iterable[str]) -> str:
	"""Values as the inside of an ``in (...)``; of none, a value that no record has."""
	ordered = sorted(values)
	if any(_APART in one for one in ordered):
		return ", ".join(str(frappe.db.escape(one, percent=False)) for one in ordered)
	# One escape for all: a person may have hundreds of grants, and each request asks for them.
	return str(frappe.db.escape(_APART.join(ordered), percent=False)).replace(_APART, "', '")


class _Writer:
	"""Writes conditions for one person and remembers which lists they ask for."""

	def __init__(self, user: str) -> None:
		self._user = frappe.db.escape(user, percent=False)
		self.lists: dict[str, str] = {}

	def write(self, condition: ac.Condition, by_index: bool = True) -> str:
		"""A parenthesised condition. Without `by_index` the database need not weigh the indexes of its columns, which takes longer than they save."""
		if isinstance(condition, ac.Constant):
			return EVERYTHING if condition.holds else NOTHING
		if isinstance(condition, ac.All | ac.Any):
			word = " and " if isinstance(condition, ac.All) else " or "
			return f"({word.join(self.write(part, by_index) for part in condition.parts)})"
		return f"({self._leaf(condition, by_index)})"

	def _leaf(self, leaf: ac.Leaf, by_index: bool) -> str:
		word = "not in" if leaf.negated else "in"
		if isinstance(leaf, ac.Within):
			rank = f"if(ifnull({_column('secrecy_rank')}, 0) = 0, {access.CORE}, {_column('secrecy_rank')})"
			return f"{rank} {'not ' if leaf.negated else ''}between {int(leaf.least)} and {int(leaf.most)}"
		if isinstance(leaf, ac.Flag):
			return f"ifnull({_column(leaf.column)}, 0) {'=' if leaf.negated else '<>'} 0"
		if isinstance(leaf, ac.OneOf):
			return f"{_place(leaf, by_index)} {word} ({names(leaf.values)})"
		return f"{_column('name')} {word} ({self.token(leaf)})"

	def token(self, leaf: ac.Listed) -> str:
		"""What stands for a list until its names are known."""
		asked = {"user": self._user, **CLOCK}
		if isinstance(leaf, ac.Handled):
			found = facts.HANDLED.format(**asked)
		elif isinstance(leaf, ac.Named):
			found = facts.NAMED.format(**asked)
		else:
			box = facts.GRANT_BOXES.get(leaf.operation)
			found = facts.GRANTED.format(**asked, box=box, purposes=names(leaf.purposes)) if box else facts.NONE
		token = next((one for one, query in self.lists.items() if query == found), f"\0list {len(self.lists)}\0")
		self.lists[token] = found
		return token


def _place(leaf: ac.OneOf, by_index: bool) -> str:
	place = _column(leaf.column)
	if leaf.column in _BINARY:
		# Byte by byte: every collation of text takes "A " for "A".
		return f"cast(ifnull({place}, '') as binary)"
	return f"ifnull({place}, '')" if leaf.negated or not by_index else place


def _column(name: str) -> str:
	return f"{TABLE}.`{name}`"
