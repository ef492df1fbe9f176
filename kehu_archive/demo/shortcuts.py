"""Where the demo writes columns directly, and why: two thousand steps through the workflow would take minutes, and
some values come from parts of the app that a demo of one day cannot have lived through (years of grades, lending
and contacts). A few dozen archives do walk through the real workflow, see ``journey``. Nothing outside the demo
may call this.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import frappe

from kehu_archive.demo.people import user_of
from kehu_archive.domain import lifecycle as rule
from kehu_archive.services import secrecy

_STEPS_TO = {
	rule.SUBMITTED: 1,
	rule.VERIFIED: 2,
	rule.CLASSIFIED: 3,
	rule.FILED: 4,
	rule.UPDATING: 4,
	rule.SEALED: 4,
	rule.UNDER_APPRAISAL: 4,
	rule.DESTROYED: 4,
}
#: The columns a step leaves behind; each is a day after the one before, at the earliest after the archive's date.
_STEP_COLUMNS = (
	"submitted_by = %(sal)s, submitted_on = least(timestamp(archive_date, '09:20:00') + interval 1 day, %(now)s)",
	"""verification_result = 'Confirmed', verification_note = '已电话及上门核实', verified_by = %(ins)s,
	verified_on = least(timestamp(archive_date, '10:05:00') + interval 2 day, %(now)s)""",
	"""confidentiality = case when is_important then 'Core Trade Secret'
		when crc32(name) %% 3 = 0 then 'Ordinary Trade Secret' else 'Internal' end,
	classified_by = %(ldr)s, classified_on = least(timestamp(archive_date, '14:30:00') + interval 3 day, %(now)s)""",
	"""filed_by = %(sdr)s, filed_on = least(timestamp(archive_date, '16:45:00') + interval 4 day, %(now)s),
	archive_code = concat_ws('-', (select class_code from `tabArchive Type` where name = archive_type),
		if(party_kind = 'Individual', 'G', 'D'),
		case confidentiality when 'Internal' then 'N' when 'Ordinary Trade Secret' then 'P'
			when 'Core Trade Secret' then 'H' else 'W' end,
		year(archive_date))""",
)
_SEAL = (
	"sealed_by = %(csm)s, sealed_on = least(timestamp(archive_date, '11:00:00') + interval 90 day, %(now)s)"
)
_UPDATE = "update `tabCustomer Archive` set workflow_state = %(state)s, {columns} where name in %(names)s"
_BACKGROUND = """
	update `tabCustomer Archive` set
		credit_grade = case when transaction_count = 0 then null when default_count > 0 then 'C'
			when transaction_total > 1000000 then 'AAA' when transaction_total > 100000 then 'AA' else 'A' end,
		credit_limit = if(default_count > 0, 0, round(transaction_total / 5, -4)),
		custodian = %(arc)s, access_scheme = 'ABC',
		access_grade = case when is_important then 'A' when crc32(name) %% 3 = 0 then 'B' else 'C' end,
		last_contact_on = %(now)s - interval crc32(name) %% 200 day - interval crc32(name) %% 600 minute
	where name in %(names)s
"""


def place_in_state(archives: Collection[str], state: str) -> None:
	"""Put fresh archives into a state of the life cycle, with the stamps its steps would have left."""
	steps = _STEPS_TO.get(state, 0)
	if not archives or not steps:
		return
	columns = [*_STEP_COLUMNS[:steps], *([_SEAL] if state == rule.SEALED else [])]
	# The text is put together from the constants above; every value is a parameter.
	frappe.db.sql(
		_UPDATE.format(columns=", ".join(columns)), {**_people(), "state": state, "names": tuple(archives)}
	)
	secrecy.refresh(archives)


def give_background(archives: Collection[str]) -> None:
	"""Credit grade, limit, grade and the day of the last contact, as years of grading and visiting would have left them."""
	if archives:
		frappe.db.sql(_BACKGROUND, {**_people(), "names": tuple(archives)})


def date_grades(scheme: str, day: date) -> None:
	"""Let the grades of a scheme have been decided on a day, as they were in the year before."""
	frappe.db.sql(
		"update `tabGrade Assignment` set decided_on = timestamp(%(day)s, '10:00:00') where scheme = %(scheme)s and is_current = 1",
		{"scheme": scheme, "day": day},
	)


def age_content(archives: Collection[str]) -> None:
	"""Let every fourth archive have been written fourteen months ago and its keeper been reminded last week, so that updates are due."""
	if archives:
		frappe.db.sql(
			"""update `tabCustomer Archive` set content_changed_on = %(now)s - interval 14 month, update_reminded_on = %(now)s - interval 7 day
			where name in %(names)s and crc32(name) %% 4 = 0""",
			{**_people(), "names": tuple(archives)},
		)
		frappe.db.sql(
			"""update `tabArchive Contact` set modified = %(now)s - interval 14 month
			where archive in %(names)s and crc32(archive) %% 4 = 0""",
			{**_people(), "names": tuple(archives)},
		)


def advance_complaint(complaint: str, status: str) -> None:
	"""Show a complaint as being handled or closed."""
	frappe.db.set_value("Customer Complaint", complaint, "status", status, update_modified=False)


def _people() -> dict[str, object]:
	return {
		"sal": user_of("Salesperson"),
		"arc": user_of("Archivist"),
		"ins": user_of("Market Inspector"),
		"ldr": user_of("Company Leader"),
		"sdr": user_of("Sales Director"),
		"csm": user_of("Customer Service Manager"),
		"now": frappe.utils.now_datetime().replace(microsecond=0),
	}
