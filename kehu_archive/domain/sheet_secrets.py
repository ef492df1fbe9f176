"""Columns of a sheet that hold secrets: ID numbers, accounts, family and health (R-FCA-05, R-DSC-01).

Contract: such columns are no columns of the archive; their cells go into Sensitive Records. A column that nobody knows is treated as if it held
secrets, because it may: its cells are kept, but never in clear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kehu_archive.domain.sheet_columns import Header
from kehu_archive.domain.text import fold_name, normalise, without_brackets

BANK_ACCOUNT: Final = "Bank Account"
ID_NUMBER: Final = "ID Number"

_NAMES: Final[dict[str, tuple[str, ...]]] = {
	BANK_ACCOUNT: (
		"账号", "帐号", "银行账号", "银行帐号", "银行账户", "开户账号", "开户帐号", "对公账号", "收款账号", "账户", "卡号", "银行卡号", "Account No.", "Bank Account",
	),
	ID_NUMBER: (
		"身份证", "身份证号", "身份证号码", "证件号", "证件号码", "居民身份证号", "法人身份证", "法人身份证号", "法人身份证号码", "ID Number", "ID No.",
	),
	"Family": ("家庭情况", "家庭状况", "家庭成员", "Family"),
	"Health": ("健康状况", "健康情况", "病史", "Health"),
	"Personality": ("性格", "性格特点", "个性", "Personality"),
}  # fmt: skip
_BANKS: Final = ("开户行", "开户银行", "开户行名称", "银行", "银行名称", "Bank")
_KIND_BY_NAME: Final = {fold_name(name): kind for kind, names in _NAMES.items() for name in names}
_BANK_NAMES: Final = frozenset(map(fold_name, _BANKS))


@dataclass(frozen=True)
class Secret:
	"""A content found in a row: its kind, the column it stood in (position from 0, name), and the bank or document it belongs to."""

	kind: str
	position: int
	column: str
	label: str
	text: str


@dataclass(frozen=True)
class SecretColumns:
	"""Positions of a sheet: kinds of the columns known to hold secrets, the bank's name, and all columns that nobody knows."""

	names: tuple[str, ...]
	kinds: tuple[tuple[int, str], ...]
	bank: int | None
	unknown: frozenset[int]

	def found(self, cells: Sequence[object]) -> tuple[Secret, ...]:
		"""The secrets of a row; a cell that a spreadsheet turned into a number loses its ``.0``."""
		bank = _text(cells, self.bank) if self.bank is not None else ""
		return tuple(
			Secret(
				kind, position, self.names[position], (bank or name) if kind == BANK_ACCOUNT else name, text
			)
			for position, kind in self.kinds
			if (text := _text(cells, position))
			for name in (self.names[position],)
		)


def kind_of_column(name: str) -> str | None:
	"""The kind of secrets that a column of this name holds, None for every other column."""
	return _KIND_BY_NAME.get(_folded(name))


def secret_columns(names: Sequence[str], header: Header) -> SecretColumns:
	"""Sort the columns that the header does not know into those that hold secrets and the rest."""
	unknown = [
		position
		for position in range(len(names))
		if position not in {place for place, _code in header.columns}
	]
	folded = {position: _folded(names[position]) for position in unknown}
	kinds = tuple(
		(position, _KIND_BY_NAME[name]) for position, name in folded.items() if name in _KIND_BY_NAME
	)
	banks = [position for position, name in folded.items() if name in _BANK_NAMES]
	return SecretColumns(tuple(names), kinds, banks[0] if banks else None, frozenset(unknown))


def _folded(name: str) -> str:
	"""The first spelling that is known: as it stands, or without what is in brackets."""
	spellings = [fold_name(name), fold_name(without_brackets(name))]
	return next((one for one in spellings if one in _KIND_BY_NAME or one in _BANK_NAMES), spellings[0])


def _text(cells: Sequence[object], position: int) -> str:
	cell = cells[position] if position < len(cells) else None
	if isinstance(cell, float) and cell.is_integer():
		cell = int(cell)
	return normalise(cell)
