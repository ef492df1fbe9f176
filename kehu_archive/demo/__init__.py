"""Demo data for a site of one's own: a real purchase history, invented Chinese customers, one user for each role.

Run with ``bench --site SITE execute kehu_archive.demo.load``. Loading can be killed and started again at any
point: it goes on where it stopped, and a second run changes nothing. Never run it on a site with real data.
"""

from __future__ import annotations

import time

import frappe


def load() -> None:
	"""Load all demo data and print what arrived.

	Raises:
		DemoError: the counts or amounts on the site differ from the source's.
	"""
	from kehu_archive.demo import cases, cdnow, customers, grading, office, scenes
	from kehu_archive.services import completeness

	started = time.monotonic()
	office.load()
	cdnow.load()
	customers.load()
	scenes.load()
	cases.load()
	grading.load()
	# The loader is a command of its own; nobody else commits it.
	completeness.refresh(after_chunk=frappe.db.commit)
	frappe.clear_cache()
	print(f"demo: loaded in {time.monotonic() - started:.0f} s")


def logins() -> list[dict[str, str]]:
	"""The demo users as ``{"role", "user", "password"}``, one for each role of the regulations."""
	from kehu_archive.demo import people

	return [
		{"role": person.role, "user": person.user, "password": people.PASSWORD} for person in people.PEOPLE
	]
