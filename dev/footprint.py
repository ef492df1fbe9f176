"""What an app leaves on a site: save it before the install, compare it after the uninstall.

Run with the bench's Python from its ``sites`` folder:

    python footprint.py save SITE FILE      tables, columns and the names of records that apps bring
    python footprint.py compare SITE FILE   the same again; prints what was left behind and exits 1 if anything was
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import frappe

# Records that an app installs. Logs and caches are not meant: they may tell that the app was there.
DOCTYPES = (
	"Client Script",
	"Custom DocPerm",
	"Custom Field",
	"Custom Role",
	"Dashboard",
	"Dashboard Chart",
	"Dashboard Chart Source",
	"Desktop Icon",
	"DocType",
	"DocType Layout",
	"File",
	"Form Tour",
	"Letter Head",
	"List View Settings",
	"Module Def",
	"Module Profile",
	"Notification",
	"Number Card",
	"Onboarding Step",
	"Page",
	"Patch Log",
	"Print Format",
	"Print Style",
	"Property Setter",
	"Report",
	"Role",
	"Role Profile",
	"Scheduled Job Type",
	"Series",
	"Server Script",
	"Web Form",
	"Web Page",
	"Web Template",
	"Workflow",
	"Workflow Action",
	"Workflow Action Master",
	"Workflow State",
	"Workspace",
	"Workspace Sidebar",
)


def take(site: str) -> dict[str, list[str]]:
	"""The footprint of a site: kind -> sorted names."""
	frappe.init(site=site)
	frappe.connect()
	try:
		tables = set(frappe.db.get_tables(cached=False))
		found = {"table": sorted(tables), "column": _columns(), "single": _names("tabSingles", "doctype")}
		for doctype in DOCTYPES:
			if f"tab{doctype}" in tables:
				found[doctype] = _names(f"tab{doctype}", "name")
		found["default"] = _names("tabDefaultValue", "defkey")
		found["role of a user"] = _names("tabHas Role", "role")
		return found
	finally:
		frappe.destroy()


def left_behind(before: dict[str, list[str]], after: dict[str, list[str]]) -> list[str]:
	"""What stands in ``after`` and not in ``before``, one line each."""
	lines = []
	for kind, names in after.items():
		known = set(before.get(kind, []))
		lines += [f"{kind}: {name}" for name in names if name not in known]
	return lines


def _names(table: str, column: str) -> list[str]:
	return sorted({str(row[0]) for row in frappe.db.sql(f"select distinct `{column}` from `{table}`")})


def _columns() -> list[str]:
	rows = frappe.db.sql(
		"select table_name, column_name from information_schema.columns where table_schema = database()"
	)
	return sorted(f"{table}.{column}" for table, column in rows)


def main(verb: str, site: str, file: str) -> int:
	"""Run one verb; gives the exit code."""
	found = take(site)
	if verb == "save":
		Path(file).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
		return 0
	lines = left_behind(json.loads(Path(file).read_text(encoding="utf-8")), found)
	print("\n".join(lines) if lines else "Nothing was left behind.")
	return 1 if lines else 0


if __name__ == "__main__":
	if len(sys.argv) != 4 or sys.argv[1] not in ("save", "compare"):
		sys.exit(__doc__)
	sys.exit(main(*sys.argv[1:]))
