"""Every DocType of the app and how it hangs on an archive; a DocType that stands in none of these fails a test.

`HANGING`: the record belongs to the archive that a field names, and is seen by whoever may read that archive. `CHILDREN`: rows of another DocType's table.
`CASES`: papers of a procedure, seen by those who take part in it and by those who keep or oversee the archive. `OWN`: seen by the person it is about and
by the roles named. `BY_ROLE`: nothing of a single archive in it; the framework's role permissions say all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kehu_archive.constants import ARCHIVE, CONTACT, SENSITIVE, TRANSACTION
from kehu_archive.domain import roles


@dataclass(frozen=True)
class Case:
	"""A procedure about one archive: fields that name people who take part, whether it has approval steps, the roles that see every one."""

	archive_field: str
	people: tuple[str, ...]
	has_steps: bool = False
	seen_by: frozenset[str] = frozenset()
	by_archive: bool = True


@dataclass(frozen=True)
class Own:
	"""Records about one person."""

	people: tuple[str, ...]
	seen_by: frozenset[str]


_SENIOR: Final = frozenset(
	{roles.CUSTOMER_SERVICE_MANAGER, roles.GENERAL_MANAGER, roles.COMPANY_LEADER, roles.ARCHIVE_AUDITOR, roles.ARCHIVE_ADMINISTRATOR}
)
HANGING: Final[dict[str, str]] = {
	CONTACT: "archive",
	TRANSACTION: "archive",
	SENSITIVE: "archive",
	"Customer Complaint": "archive",
	"Customer Feedback": "archive",
	"Archive Merge": "target_archive",
	"Grade Assignment": "archive",
	"Grading Run Result": "archive",
}
CASES: Final[dict[str, Case]] = {
	"Archive Borrowing": Case("archive", ("applicant",), has_steps=True),
	"Disclosure Request": Case("archive", ("applicant",), has_steps=True),
	"Classification Request": Case("archive", ("reported_by",), seen_by=frozenset({roles.COMPANY_LEADER})),
	"Access Grant": Case("archive", ("user",)),
	"Grade Appeal": Case("archive", ("applied_by",), seen_by=_SENIOR | {roles.MARKETING_MANAGER, roles.MARKETING_DIRECTOR, roles.SALES_DIRECTOR}),
	"Violation": Case(
		"archive", ("person", "supervisor", "proposed_by"), seen_by=_SENIOR, by_archive=False
	),
}
OWN: Final[dict[str, Own]] = {
	"Confidentiality Pledge": Own(("user",), _SENIOR),
	"Archive Import": Own(("owner",), frozenset({roles.CUSTOMER_SERVICE_MANAGER, roles.ARCHIVE_ADMINISTRATOR})),
}
#: Child DocType -> its parent.
CHILDREN: Final[dict[str, str]] = {
	**{
		f"Customer Archive {table}": ARCHIVE
		for table in (
			"Collection",
			"Development",
			"Extra Item",
			"Financial",
			"Grading Input",
			"Joint Plan",
			"Licence",
			"Major Change",
			"Need",
			"Preference",
			"Reader",
			"Seal",
			"Shareholder",
			"Weakness",
			"Yearly Sales",
		)
	},
	"Archive Contact Channel": CONTACT,
	"Archive Reading Slip": "Archive Borrowing",
	"Archive Renewal": "Archive Borrowing",
	"Classification Request Reader": "Classification Request",
	"Disclosure Request Item": "Disclosure Request",
}
#: Child DocTypes of several parents.
SHARED_CHILDREN: Final[dict[str, tuple[str, ...]]] = {"Archive Approval Step": ("Archive Borrowing", "Disclosure Request")}
#: Rows that belong to a document by a link field.
ROWS: Final[dict[str, tuple[str, str]]] = {"Archive Import Row": ("import_batch", "Archive Import")}
BY_ROLE: Final = frozenset(
	{
		"Access Log Entry",
		"Access Rule",
		"Access Rule Approver",
		"Archive Data Key",
		"Archive Department",
		"Archive Department Extra Item",
		"Archive Department Hidden Field",
		"Archive Department Member",
		"Archive Type",
		"Archive Type Requirement",
		"Audit Seal",
		"Grading Run",
		"Grading Run Count",
		"Grading Scheme",
		"Grading Scheme Band",
		"Grading Scheme Criterion",
		"Grading Scheme Factor",
		"Grading Scheme Grade",
		"Grading Scheme Version",
		"Marketing Plan",
		"Marketing Plan Action",
		"Kehu Archive Settings",
		"Position Level",
		"Storage Location",
	}
)
RESTRICTED: Final = (ARCHIVE, *HANGING, *CASES, *OWN, *CHILDREN, *SHARED_CHILDREN, *ROWS)
"""Every DocType whose records not everybody with its role sees."""
STANDALONE: Final = (ARCHIVE, *HANGING, *CASES, *OWN, *ROWS)
"""Those of them that are no tables of others."""


def archive_field(doctype: str) -> str | None:
	"""The field that names the archive a record is about: its own name for an archive; None where there is none."""
	if doctype == ARCHIVE:
		return "name"
	if doctype in HANGING:
		return HANGING[doctype]
	return CASES[doctype].archive_field if doctype in CASES else None


def function_name(doctype: str) -> str:
	"""A DocType's name as a function is called."""
	return doctype.lower().replace(" ", "_").replace("-", "_")
