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


class AccessDeniedError(frappe.PermissionError):
	"""The access rules do not allow this person this operation on this archive."""


class MasterKeyError(ArchiveError):
	"""The keys that live outside the site are missing, damaged or another site's; nothing encrypted can be read or written."""

	http_status_code = 503


class SecretUnreadableError(ArchiveError):
	"""An encrypted content that cannot be read: its data key was destroyed, or it was changed or moved."""


class AuditError(ArchiveError):
	"""The access log cannot be written or read; what it should have recorded does not happen (R-DSC-04)."""


class ApprovalError(ArchiveError):
	"""A decision that this person may not take now."""


class BorrowingError(ArchiveError):
	"""A step of a borrowing that the rules do not allow."""


class LoanConflictError(BorrowingError):
	"""The paper is lent out already."""


class GrantError(ArchiveError):
	"""An access grant is written by an approved request only."""


class ViolationError(ArchiveError):
	"""A step of a violation that the rules do not allow."""


class PledgeError(ArchiveError):
	"""A confidentiality pledge that is not signed by the person himself, or a change of one."""


class ClassificationError(ArchiveError):
	"""A step of a classification request that the rules do not allow."""


class DisclosureError(ArchiveError):
	"""A step of a disclosure to an outsider that the rules do not allow."""


class AccessRuleError(ArchiveError):
	"""An access rule, a preset of rules or a department's members that cannot be meant so; the message names the field."""


class GradingError(ArchiveError):
	"""A step with a grading scheme, a version, a run or an appeal that the rules do not allow."""


class GradeConflictError(GradingError):
	"""Two people, or a person and a job, changed the same grade at the same moment."""
