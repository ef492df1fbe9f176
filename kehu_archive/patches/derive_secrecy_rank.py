"""The secrecy rank of archives that were there before it: access compares it from now on."""

from __future__ import annotations

from kehu_archive.services import secrecy


def execute() -> None:
	secrecy.refresh()
