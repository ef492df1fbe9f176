"""A person of the benchmarks' site who may read nothing but the archives that were granted to him."""

from __future__ import annotations

import random

import frappe
import requests
from frappe.utils import add_days, now_datetime
from frappe.utils.data import cstr

USER = "restricted@kehu.example"
ADMIN = "Administrator"
PASSWORD = "Kehu-bench-2026"
GRANTS = 200
SEED = 13


def prepare() -> list[str]:
	"""Have the person, his signed pledge and exactly his grants; gives the names of the granted archives."""
	if not frappe.db.exists("User", USER):
		frappe.get_doc(
			{
				"doctype": "User",
				"email": USER,
				"first_name": "受限用户",
				"send_welcome_email": 0,
				"new_password": PASSWORD,
				"roles": [{"role": "Salesperson"}],
			}
		).insert()
	sign(USER)
	frappe.db.delete("Access Grant", {"user": USER})
	names = frappe.get_all("Customer Archive", pluck="name", order_by="name")
	chosen = sorted(random.Random(SEED).sample(names, GRANTS))
	now = now_datetime()
	stamps = (now, now, ADMIN, ADMIN, 0)
	values = [
		(frappe.generate_hash(length=10), USER, name, "Work Need", add_days(now, -1), add_days(now, 5), 1, 0, *stamps)
		for name in chosen
	]
	fields = ["name", "user", "archive", "purpose", "starts_on", "ends_on", "can_read", "revoked"]
	fields += ["creation", "modified", "owner", "modified_by", "docstatus"]
	frappe.db.bulk_insert("Access Grant", fields=fields, values=values)
	frappe.db.commit()  # the web server reads them
	return chosen


def sign(user: str) -> None:
	"""A signed pledge of the present version."""
	version = cstr(frappe.db.get_single_value("Kehu Archive Settings", "pledge_version"))
	if frappe.db.exists("Confidentiality Pledge", {"user": user, "pledge_version": version}):
		return
	now = now_datetime()
	fields = ["name", "user", "pledge_version", "signed_on", "creation", "modified", "owner", "modified_by", "docstatus"]
	row = (frappe.generate_hash(length=10), user, version, now, now, now, user, user, 0)
	frappe.db.bulk_insert("Confidentiality Pledge", fields=fields, values=[row])
	frappe.db.commit()  # the web server asks for it


def session(url: str, user: str = USER, password: str = PASSWORD) -> requests.Session:
	"""A session on a web server."""
	opened = requests.Session()
	answer = opened.post(f"{url}/api/method/login", data={"usr": user, "pwd": password}, timeout=60)
	answer.raise_for_status()
	return opened
