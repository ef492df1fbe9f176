"""Named errors, so that a caller or a test can tell one refusal from another."""

from __future__ import annotations

import frappe


class ArchiveError(frappe.ValidationError):
	"""Base of this app's refusals."""


class InvalidFieldsError(ArchiveError):
	"""One or more fields hold a value that cannot be right; the message names each."""


class DeletionRefusedError(ArchiveError):
	"""Archives and what hangs on them leave only by a destruction order (003 §5.2.6)."""


class LifeCycleError(ArchiveError):
	"""A step of the archive's life cycle that the rules do not allow."""


class SealedArchiveError(LifeCycleError):
	"""The archive is sealed, under appraisal, destroyed or merged: its content is read-only."""


class DuplicateArchiveError(ArchiveError):
	"""The customer already has an archive."""


class MergeError(ArchiveError):
	"""Two archives that cannot be merged, or a merge that cannot be undone."""


class ImportRefusedError(ArchiveError):
	"""A workbook that cannot be read or an import that cannot start."""
