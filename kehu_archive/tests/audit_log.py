"""Help for tests of the access log: an empty log, sessions on the web server, the entries of one moment."""

from __future__ import annotations

import secrets
from typing import Any

import frappe
import requests
from frappe.utils.password import set_encrypted_password

from kehu_archive.audit import head, log, seal, verify
from kehu_archive.tests import factories

ENTRY = "Access Log Entry"
SEAL = "Audit Seal"
#: The address of the archive whose reading is watched; it must never stand in the log.
SECRET = "紫金山路暗号"


def empty() -> None:
	"""Begin a new log; only a test may."""
	assert frappe.conf.allow_tests
	frappe.db.rollback()
	frappe.db.sql(f"delete from `tab{ENTRY}`")
	frappe.db.sql(f"delete from `tab{SEAL}`")
	frappe.db.commit()
	head.location().unlink(missing_ok=True)


def make_archive() -> str:
	"""A committed archive with ``SECRET`` as its address; what making it recorded is taken away again."""
	name = str(factories.make_archive(address=SECRET).name)
	frappe.db.commit()
	empty()
	return name


def fill(count: int = 5, **values: Any) -> list[str]:
	"""Write and commit entries; returns their names."""
	names = [log.record("Open File", **{"archive": f"QZ-{number}", **values}) for number in range(count)]
	frappe.db.commit()
	return names


def filled(windows: int = 3, size: int = 4) -> list[list[str]]:
	"""Several sealed windows; returns the names of the entries of each."""
	names = []
	for _window in range(windows):
		names.append(fill(size))
		assert seal.seal_pending() == 1
	return names


def faults() -> list[tuple[str, int, str]]:
	"""What a check finds now."""
	frappe.db.rollback()
	return [(fault.kind, fault.seal_no, fault.entry) for fault in verify.verify().findings.first]


def entries(**filters: Any) -> list[Any]:
	"""Committed entries in their order."""
	frappe.db.rollback()
	return frappe.get_all(ENTRY, filters=filters, fields=["*"], order_by="name")


def count() -> int:
	frappe.db.rollback()
	return int(frappe.db.count(ENTRY))


class Caller:
	"""A person on the web server: by session, or by API key as a program calls."""

	def __init__(self, url: str, user: str = "Administrator", *, by_key: bool = True) -> None:
		self.url = url
		self.session = requests.Session()
		self.session.headers["Accept"] = "application/json"
		if by_key:
			self.session.headers["Authorization"] = f"token {api_key(user)}"
		elif user != "Guest":
			answer = self.post("login", usr=user, pwd=factories.PASSWORD)
			assert answer.status_code == 200, answer.text

	def get(self, path: str, **params: Any) -> requests.Response:
		return self.session.get(self.url + path, params=params, timeout=60)

	def post(self, method: str, **body: Any) -> requests.Response:
		return self.session.post(f"{self.url}/api/method/{method}", json=body, timeout=60)


def api_key(user: str) -> str:
	"""A new key and secret for a person, committed."""
	key, secret = secrets.token_hex(8), secrets.token_hex(8)
	frappe.db.set_value("User", user, "api_key", key)
	set_encrypted_password("User", user, secret, "api_secret")
	frappe.db.commit()
	frappe.clear_document_cache("User", user)
	return f"{key}:{secret}"
