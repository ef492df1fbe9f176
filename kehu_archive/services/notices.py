"""Short notices on the bell of the Desk: a step that waits for somebody, a decision, a day that comes near."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import frappe
from frappe.desk.doctype.notification_log.notification_log import make_notification_logs


def tell(users: Iterable[str | None], document: tuple[str, str], subject: str, once_on: date | None = None) -> None:
	"""Put a notice for each of the users, in the caller's transaction. Put no secret and no customer's name into the subject.

	Args:
		users: log-in names; empty ones and the one who acts are left out.
		document: DocType and name of what the notice opens.
		subject: a sentence in the site's language; values in it are escaped by the caller.
		once_on: the day on which the same words are said only once, so that a job that runs again says nothing new.
	"""
	actor = frappe.session.user
	found = sorted({user for user in users if user and user != actor})
	if once_on:
		found = [user for user in found if not _was_told(user, document, subject, once_on)]
	emails = [email for email in frappe.get_all("User", filters={"name": ("in", found or [""])}, pluck="email") if email]
	if emails:
		doctype, name = document
		notice = {"type": "Alert", "document_type": doctype, "document_name": name, "subject": subject, "from_user": actor}
		make_notification_logs(frappe._dict(notice), emails)


def _was_told(user: str, document: tuple[str, str], subject: str, day: date) -> bool:
	"""Whether a user got this notice on this day."""
	doctype, name = document
	since = {"for_user": user, "document_type": doctype, "document_name": name, "creation": (">=", day.isoformat())}
	return subject in frappe.get_all("Notification Log", filters=since, pluck="subject")
