"""Secrets of a workbook on their way to Sensitive Records: the staging table holds them encrypted only (R-DSC-01, R-FCA-05).

Contract: what stands in columns that the archive does not know is encrypted under a data key of the import, one text a row; columns whose name
says that they hold an account, an ID number or the like become Sensitive Records of the new archive. When no row needs it any more the
import's data key is destroyed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import frappe

from kehu_archive.domain import masking
from kehu_archive.domain.faults import Fault, fault
from kehu_archive.domain.sheet_columns import recognise
from kehu_archive.domain.sheet_secrets import ID_NUMBER, Secret, SecretColumns, kind_of_column
from kehu_archive.exceptions import MasterKeyError, SecretUnreadableError
from kehu_archive.services import bulk, sensitive
from kehu_archive.services.workbook import Cells, plain
from kehu_archive.vault import store
from kehu_archive.vault.guarded import Key, quiet
from kehu_archive.vault.hygiene import HIDDEN

#: A spreadsheet keeps fifteen digits of a number.
_EXACT_DIGITS: Final = 15
#: A cell of a column that nobody knows is masked all the same when it has as many digits as the shortest account.
_MANY_DIGITS: Final = 8


class Parcels:
	"""Packs the rows of one import; its data key is made when the first row needs it."""

	def __init__(self, batch: str, columns: SecretColumns) -> None:
		self.batch = batch
		self.columns = columns
		self._key: Key | None = None

	def faults(self, cells: Cells) -> list[Fault]:
		"""What is wrong with the secrets of a row; the messages do not repeat them."""
		return [
			found.at(secret.column)
			for secret in self.columns.found(cells)
			for found in _faults(secret, cells)
		]

	def cells(self, row: str, cells: Cells) -> Any:
		"""The row's cells for JSON: a list; with something to hide, an object of the list and what was taken out of it."""
		shown = [plain(cell) for cell in cells]
		hidden = {
			place: shown[place]
			for place in sorted(self.columns.unknown)
			if place < len(shown) and shown[place] not in (None, "")
		}
		if not hidden:
			return shown
		for place in hidden:
			shown[place] = None
		return {"cells": shown, "sealed": self._seal(row, hidden)}

	def secrets(self, row: str, cells: Cells) -> str | None:
		"""What becomes Sensitive Records, encrypted; None when the row has no secrets."""
		found = [(secret.kind, secret.label, _normal(secret)) for secret in self.columns.found(cells)]
		return self._seal(f"{row}/secrets", found) if found else None

	def _seal(self, row: str, content: Any) -> str:
		if self._key is None:
			name = store.parcel_key(self.batch)
			self._key = store.data_keys([name])[name]
		return store.seal_parcel(self._key, self.batch, row, json.dumps(content, ensure_ascii=False))


def _faults(secret: Secret, cells: Cells) -> Iterable[Fault]:
	cell = cells[secret.position]
	if secret.kind in masking.NUMBERS and isinstance(cell, int | float) and len(secret.text) > _EXACT_DIGITS:
		return (fault(secret.column, "lost-digits"),)
	checked = sensitive.check_content(secret.kind, secret.text)
	# A warning about an ID number quotes digits of it, and a reason is stored.
	return (
		[found for found in checked.faults if found.is_error or secret.kind != ID_NUMBER] if checked else ()
	)


def _normal(secret: Secret) -> str:
	checked = sensitive.check_content(secret.kind, secret.text)
	return checked.value if checked and checked.ok and checked.value else secret.text


@quiet()
def insert(
	batch: str, rows: Sequence[Any], mapped: Sequence[Mapping[str, Any]], archives: Sequence[str], owner: str
) -> int:
	"""Insert the Sensitive Records of staged rows whose archives were just made; return how many.

	Raises:
		SecretUnreadableError, MasterKeyError: the staged secrets cannot be opened; nothing may be stored.
	"""
	packed = [
		(row.name, item["secrets"], archive)
		for row, item, archive in zip(rows, mapped, archives, strict=True)
		if item.get("secrets")
	]
	if not packed:
		return 0
	key = store.existing_key(store.parcel_key(batch))
	records = [
		{"archive": archive, "record_kind": kind, "label": label, "value": text}
		for name, sealed, archive in packed
		for kind, label, text in json.loads(store.unseal_parcel(key, batch, f"{name}/secrets", sealed))
	]
	return bulk.insert_secrets(records, owner=owner)


@quiet()
def open_cells(batch: str, rows: Iterable[tuple[str, str | None]]) -> list[list[Any]]:
	"""The cells of staged rows (name, what is stored) as they stood in the workbook.

	Raises:
		SecretUnreadableError, MasterKeyError: they cannot be decrypted.
	"""
	key: Key | None = None
	opened = []
	for name, stored in rows:
		content = json.loads(stored or "[]")
		if isinstance(content, dict):
			key = key or store.existing_key(store.parcel_key(batch))
			hidden = json.loads(store.unseal_parcel(key, batch, name, content["sealed"]))
			content = content["cells"]
			for place, cell in hidden.items():
				content[int(place)] = cell
		opened.append(content)
	return opened


def shown_cells(
	batch: str, rows: Sequence[tuple[str, str | None]], columns: Sequence[str]
) -> list[list[Any]]:
	"""The same for the screen: secrets masked; where the keys are missing, all that was hidden is."""
	try:
		opened = open_cells(batch, rows)
	except (SecretUnreadableError, MasterKeyError):
		frappe.clear_last_message()
		return [_without_secrets(json.loads(stored or "[]")) for _name, stored in rows]
	kinds = [kind_of_column(name) for name in columns]
	unknown = {place for place, name in enumerate(columns) if not recognise(name)}
	return [[_shown(cell, place, kinds, unknown) for place, cell in enumerate(cells)] for cells in opened]


def _shown(cell: Any, place: int, kinds: Sequence[str | None], unknown: Collection[int]) -> Any:
	if place not in unknown or cell is None:
		return cell
	text = str(cell)
	kind = kinds[place] or (ID_NUMBER if sum(map(str.isdigit, text)) >= _MANY_DIGITS else None)
	return masking.mask(kind, text) if kind else cell


def _without_secrets(content: Any) -> list[Any]:
	if not isinstance(content, dict):
		return list(content)
	return [HIDDEN if cell is None else cell for cell in content["cells"]]


def discard(batch: str) -> None:
	"""Destroy the data key of an import whose rows are gone or need it no more."""
	store.destroy(store.parcel_key(batch))
