"""The last seal's number and digest in a small file beside the key file, out of the database's reach: cutting off the last seals is noticed.

The file may lag behind the database by a killed sealer, never run ahead of it.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import frappe

from kehu_archive.constants import SEAL
from kehu_archive.vault import keyring


@dataclass(frozen=True)
class Head:
	"""The end of the chain."""

	seal_no: int
	digest: str


def location() -> Path:
	"""Where the file stands."""
	return keyring.location().parent / f"{frappe.local.site}.audit-head.json"


def read() -> Head | None:
	"""The head as it was last noted; None when the file is missing or holds something else."""
	with suppress(OSError, ValueError, KeyError, TypeError):
		content = json.loads(location().read_text("utf-8"))
		return Head(int(content["seal_no"]), str(content["digest"]))
	return None


def write(head: Head) -> None:
	"""Note a head in one step; a kill leaves the old or the new.

	Raises:
		OSError: the file cannot be written.
	"""
	path = location()
	path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
	handle, name = tempfile.mkstemp(prefix=".audit-head-", dir=path.parent)
	try:
		with os.fdopen(handle, "w", encoding="utf-8") as file:
			json.dump(asdict(head), file)
			file.flush()
			os.fsync(file.fileno())
		os.replace(name, path)
	finally:
		with suppress(FileNotFoundError):
			os.unlink(name)


def is_kept(head: Head | None) -> bool:
	"""Whether the database still holds the seal that was noted last; without a note, whether there was nothing to note."""
	if head is None:
		return not frappe.db.sql(f"select 1 from `tab{SEAL}` limit 1")
	found = frappe.db.sql(f"select digest from `tab{SEAL}` where seal_no = %s", head.seal_no)
	return bool(found and found[0][0] == head.digest)
