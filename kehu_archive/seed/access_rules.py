"""The base set of access rules: seeded once, an administrator's own afterwards (R-SEC-09).

What an administrator changes, switches off or deletes stays as he left it, also when the site is migrated.
"""

from __future__ import annotations

from kehu_archive.domain import presets
from kehu_archive.seed.ledger import Ledger
from kehu_archive.services import presets as service

ACCESS_RULE = "Access Rule"


def seed(book: Ledger) -> None:
	"""Create the rows of every preset that a fresh site starts with, unless they were created before."""
	if book.created(ACCESS_RULE):
		return
	for preset in presets.PRESETS.values():
		if preset.is_seeded:
			for row in preset.rows:
				book.rows.append([ACCESS_RULE, str(service.create(preset, row).name)])
