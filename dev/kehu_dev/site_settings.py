"""Run inside the bench's environment: give a fresh site the settings of a Chinese office.

Usage, with ``sites`` as the current folder: ``python site_settings.py SITE demo|tests``. Run twice it changes nothing.
"""

from __future__ import annotations

import sys

import frappe

SYSTEM_SETTINGS = {
	"country": "China",
	"language": "zh",
	"time_zone": "Asia/Shanghai",
	"date_format": "yyyy-mm-dd",
	"time_format": "HH:mm:ss",
	"number_format": "#,###.##",
	"first_day_of_the_week": "Monday",
	"float_precision": "2",
	"currency_precision": "2",
	"enable_onboarding": 0,
	"enable_telemetry": 0,
	"setup_complete": 1,
}
DEFAULTS = {
	"country": "China",
	"currency": "CNY",
	"lang": "zh",
	"language": "zh",
	"time_zone": "Asia/Shanghai",
	"date_format": "yyyy-mm-dd",
	"desktop:home_page": "workspace",
}


def main(site: str, purpose: str) -> None:
	"""Apply the settings to ``site``; ``tests`` also allows tests and keeps mails in the queue."""
	frappe.init(site=site)
	frappe.connect()
	try:
		_set_system_settings()
		_set_currency()
		_set_users()
		_finish_setup_wizard()
		_set_site_config(purpose)
		frappe.db.commit()  # a command line run of its own: nobody else commits it
		frappe.clear_cache()
	finally:
		frappe.destroy()


def _set_system_settings() -> None:
	meta = frappe.get_meta("System Settings")
	for field, value in SYSTEM_SETTINGS.items():
		if meta.has_field(field):
			frappe.db.set_single_value("System Settings", field, value)
	for key, value in DEFAULTS.items():
		frappe.db.set_default(key, value)


def _set_currency() -> None:
	frappe.db.set_value("Currency", "CNY", {"enabled": 1, "symbol": "¥", "number_format": "#,###.##"})
	if frappe.get_meta("System Settings").has_field("currency"):
		frappe.db.set_single_value("System Settings", "currency", "CNY")


def _set_users() -> None:
	for user in ("Administrator", "Guest"):
		frappe.db.set_value("User", user, {"language": "zh", "time_zone": "Asia/Shanghai"})


def _finish_setup_wizard() -> None:
	"""Log-in must land on the Desk; where each app has a flag of its own (later v15, v16), set them all."""
	meta = frappe.get_meta("Installed Application")
	if meta.has_field("is_setup_complete"):
		frappe.db.sql("update `tabInstalled Application` set is_setup_complete = 1")


def _set_site_config(purpose: str) -> None:
	from frappe.installer import update_site_config

	if purpose == "tests":
		update_site_config("allow_tests", True)
		update_site_config("mute_emails", 1)
	update_site_config("pause_scheduler", 0)


if __name__ == "__main__":
	main(sys.argv[1], sys.argv[2])
