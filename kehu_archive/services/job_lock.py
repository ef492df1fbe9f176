"""One worker at a time for a piece of work that has a name, and whether somebody is at it.

A worker's connection holds a lock that the database gives back when the connection ends, however it ends; the queue's own books say for minutes that a killed
worker is still busy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import frappe


@contextmanager
def alone(work: str) -> Iterator[bool]:
	"""Hold the work for this connection; gives False when another worker has it."""
	got = frappe.db.sql("select get_lock(%s, 0)", _lock_name(work))[0][0] == 1
	try:
		yield got
	finally:
		if got:
			# The connection may be gone, and with it the lock.
			with suppress(Exception):
				frappe.db.sql("do release_lock(%s)", _lock_name(work))


def is_held(work: str) -> bool:
	"""Whether a worker is at it."""
	return not frappe.db.sql("select is_free_lock(%s)", _lock_name(work))[0][0]


def _lock_name(work: str) -> str:
	"""Lock names are shared by all sites of a database server and at most 64 characters long."""
	return "kehu-work-" + hashlib.sha1(f"{frappe.conf.db_name}/{work}".encode(), usedforsecurity=False).hexdigest()
