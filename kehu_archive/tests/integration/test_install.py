"""Install, migrate and uninstall: seeds run twice, an administrator's edits stay, nothing is left behind."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import frappe
import pytest

from kehu_archive import setup
from kehu_archive.constants import MODULE, SEARCH_TABLE, WORKFLOW
from kehu_archive.domain import lifecycle, roles

ROOT = Path(__file__).resolve().parents[3]
SITE = "uninstall.localhost"


def test_seeding_twice_changes_nothing(db: Any) -> None:
	def counts() -> dict[str, int]:
		kinds = ("Role", "Workflow", "Workflow State", "Workflow Action Master", "Archive Type", "Position Level")
		return {kind: frappe.db.count(kind) for kind in kinds}

	setup.seed()
	before = counts()
	setup.seed()
	assert counts() == before


def test_migration_keeps_an_administrators_edits(db: Any) -> None:
	workflow = frappe.get_doc("Workflow", WORKFLOW)
	rows = len(workflow.transitions)
	workflow.transitions[0].allowed = roles.MARKETING_MANAGER
	workflow.save()
	frappe.db.set_single_value("Kehu Archive Settings", "fonds_code", "ABC")
	setup.after_migrate()
	workflow.reload()
	assert workflow.transitions[0].allowed == roles.MARKETING_MANAGER
	assert len(workflow.transitions) == rows
	assert frappe.db.get_single_value("Kehu Archive Settings", "fonds_code") == "ABC"


def test_every_hook_path_resolves(site: str) -> None:
	hooks = frappe.get_hooks(app_name="kehu_archive")
	paths: list[str] = []

	def collect(node: Any) -> None:
		if isinstance(node, str) and node.startswith("kehu_archive.") and not node.startswith("kehu_archive/"):
			paths.append(node)
		elif isinstance(node, list):
			for item in node:
				collect(item)
		elif isinstance(node, dict):
			for item in node.values():
				collect(item)

	collect(dict(hooks))
	assert len(paths) >= 6
	for path in paths:
		assert callable(frappe.get_attr(path)), path


def test_every_patch_resolves(site: str) -> None:
	lines = (ROOT / "kehu_archive" / "patches.txt").read_text(encoding="utf-8").splitlines()
	for line in lines:
		if line.strip() and not line.startswith(("[", "#")):
			assert callable(frappe.get_attr(f"{line.split()[0]}.execute")), line


@pytest.fixture
def second_site(site: str) -> Iterator[str]:
	"""A site of its own that already owns a role and a workflow state of ours."""
	run([str(ROOT / "dev" / "site"), "new", SITE, "--bare"])
	run_python(
		"frappe.get_doc({'doctype': 'Role', 'role_name': 'General Manager'}).insert();"
		"frappe.get_doc({'doctype': 'Workflow State', 'workflow_state_name': 'Sealed'}).insert();"
		"frappe.db.commit()"
	)
	bench("install-app", "kehu_archive")
	yield SITE
	run([str(ROOT / "dev" / "site"), "drop", SITE])


def run(command: list[str]) -> str:
	done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500, env=os.environ, check=False)
	assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
	return done.stdout


def bench(*arguments: str) -> str:
	return run([str(ROOT / "dev" / "bench"), "--site", SITE, *arguments])


def run_python(code: str) -> str:
	sites = Path(os.environ["KEHU_BENCH_DIR"]) / "sites"
	head = f"import frappe, json; frappe.init(site={SITE!r}, sites_path={str(sites)!r}); frappe.connect();"
	python = Path(os.environ["KEHU_BENCH_DIR"]) / "env" / "bin" / "python"
	done = subprocess.run(
		[str(python), "-c", head + code], cwd=sites, capture_output=True, text=True, timeout=300, check=False
	)
	assert done.returncode == 0, done.stderr[-3000:]
	return done.stdout


def test_uninstall_leaves_nothing_behind(second_site: str) -> None:
	run_python(
		"a = frappe.get_doc({'doctype': 'Customer Archive', 'customer_name': '测试一百有限公司'}).insert();"
		"f = frappe.get_doc({'doctype': 'File', 'file_name': 'licence.txt', 'content': 'unmistakable 4711', 'is_private': 1,"
		" 'attached_to_doctype': 'Customer Archive', 'attached_to_name': a.name}).insert();"
		"a.add_comment('Comment', 'x'); a.add_tag('y'); a.short_name = 'z'; a.save();"
		"frappe.get_doc({'doctype': 'Property Setter', 'doctype_or_field': 'DocField', 'doc_type': 'Customer Archive',"
		" 'field_name': 'fax', 'property': 'hidden', 'value': '1', 'property_type': 'Check'}).insert();"
		"frappe.get_doc({'doctype': 'Custom Field', 'dt': 'Customer Archive', 'fieldname': 'extra', 'label': 'Extra',"
		" 'fieldtype': 'Data'}).insert(); frappe.db.commit()"
	)
	doctypes = frappe.get_all("DocType", filters={"module": MODULE}, pluck="name")
	bench("uninstall-app", "kehu_archive", "--yes", "--no-backup")
	code = f"""
import os
left = {{}}
ours = {doctypes!r}
for table in frappe.db.sql("show tables", pluck=True):
	if table in ["tab" + name for name in ours] or "kehu" in table:
		left[table] = "table"
for kind, names in {{"Role": {list(roles.ROLES)!r}, "Workflow State": {list(lifecycle.STATES)!r}}}.items():
	left[kind] = frappe.get_all(kind, filters={{"name": ("in", names)}}, pluck="name")
for kind in ("DocType", "Report", "Page", "Workspace", "Number Card", "Dashboard Chart", "Print Format"):
	field = "module"
	left[kind] = frappe.get_all(kind, filters={{"module": {MODULE!r}}}, pluck="name")
left["Workflow"] = frappe.get_all("Workflow", filters={{"document_type": ("in", ours)}}, pluck="name")
hooks = {{"File": "attached_to_doctype", "Comment": "reference_doctype", "Version": "ref_doctype", "Tag Link": "document_type",
	"Custom Field": "dt", "Property Setter": "doc_type", "DocPerm": "parent", "DocField": "parent"}}
for kind, field in hooks.items():
	left[kind] = frappe.get_all(kind, filters={{field: ("in", ours)}}, pluck="name")
left["Singles"] = frappe.db.sql("select field from tabSingles where doctype in %s", [ours], pluck=True)
left["jobs"] = frappe.get_all("Scheduled Job Type", filters={{"method": ("like", "kehu_archive.%")}}, pluck="name")
left["files"] = [n for n in os.listdir(frappe.get_site_path("private", "files")) if "licence" in n]
left["series"] = frappe.db.sql("select name from tabSeries where name like 'QZ01%%'", pluck=True)
print("RESULT" + json.dumps(left))
"""
	out = run_python("exec(" + repr(code) + ")")
	left = frappe.parse_json(out.split("RESULT", 1)[1])
	assert left.pop("Role") == ["General Manager"]
	assert left.pop("Workflow State") == ["Sealed"]
	assert not any(left.values()), {key: value for key, value in left.items() if value}
	assert SEARCH_TABLE not in left
