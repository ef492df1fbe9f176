"""Names that more than one part of the app uses."""

from __future__ import annotations

from typing import Final

APP: Final = "kehu_archive"
MODULE: Final = "Kehu Archive"
ARCHIVE: Final = "Customer Archive"
CONTACT: Final = "Archive Contact"
TRANSACTION: Final = "Archive Transaction"
SENSITIVE: Final = "Sensitive Record"
SETTINGS: Final = "Kehu Archive Settings"
WORKFLOW: Final = "Customer Archive Life Cycle"

#: The search index: a narrow table of our own beside the DocTypes, as the framework's ``__global_search`` is.
SEARCH_TABLE: Final = "__kehu_archive_search"

#: The access log and its seals.
ENTRY: Final = "Access Log Entry"
SEAL: Final = "Audit Seal"
