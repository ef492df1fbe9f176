"""The access log on a real site, over HTTP where a person would be: what it records, who reads it, that nobody writes it. R-DSC-04, R-DSC-06, R-UPD-09."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import frappe
import pytest
from frappe.utils import add_days, add_months, now_datetime, today

from kehu_archive.audit import alerts, log, reading, retention, seal, telling, verify
from kehu_archive.domain import audit_chain, roles
from kehu_archive.exceptions import AuditError, InvalidFieldsError
from kehu_archive.tests import factories
from kehu_archive.tests.audit_log import (
	ENTRY,
	SEAL,
	SECRET,
	Caller,
	count,
	empty,
	entries,
	faults,
	fill,
	filled,
	make_archive,
)
from kehu_archive.vault import keyring

pytestmark = pytest.mark.usefixtures("fresh_log")


@pytest.fixture
def archive(fresh_log: None) -> str:
	return make_archive()


@pytest.fixture
def admin(fresh_log: None, base_url: str) -> Caller:
	return Caller(base_url)


@pytest.fixture
def by_session(base_url: str, people: factories.People) -> Callable[[str], Caller]:
	return lambda role: Caller(base_url, people[role] if role != "Guest" else role, by_key=False)


def only(action: str) -> Any:
	found = entries(action=action)
	assert len(found) == 1, [(row.action, row.document_type, row.document_name) for row in entries()]
	return found[0]


# -- writing ---------------------------------------------------------------------------------------------------------


def test_an_entry_holds_who_what_when_and_fits_its_digest(db: Any) -> None:
	name = log.record(
		"Print",
		archive="QZ-1",
		document=("Customer Archive", "QZ-1"),
		purpose="对账",
		quantity=3,
		detail="é\0 x",
	)
	row = frappe.db.get_value(ENTRY, name, "*", as_dict=True)
	assert (row.user, row.action, row.archive, row.purpose, row.quantity, row.road, row.seal) == (
		"Administrator",
		"Print",
		"QZ-1",
		"对账",
		3,
		"Command Line",
		0,
	)
	assert abs(row.happened_at - now_datetime()) < timedelta(seconds=5)
	values = [
		audit_chain.stamp(row[column]) if column == "happened_at" else row[column]
		for column in audit_chain.ENTRY_COLUMNS
	]
	assert row.digest == audit_chain.entry_digest(keyring.audit_key_by_id(row.key_id), values)
	assert frappe.local.flags.commit


@pytest.mark.parametrize("text", ["", "x" * 5000, "尾空格 ", "😀\ud800", "a'b\"c\\d%s", "\0\n\t"])
def test_whatever_is_written_down_is_found_unchanged(text: str) -> None:
	fill(1, purpose=text, detail=text, archive=text, document=(text, text))
	assert faults() == []


def test_an_entry_falls_with_its_transaction(db: Any) -> None:
	log.record("Open File", archive="QZ-1")
	assert count() == 0


def test_the_person_s_department_and_the_archive_s_confidentiality_of_the_moment_are_kept(
	archive: str,
) -> None:
	department = frappe.get_doc(
		{
			"doctype": "Archive Department",
			"department_name": frappe.generate_hash(length=8),
			"unit_kind": "Department",
		}
	)
	department.append(
		"members",
		{
			"user": "Administrator",
			"position_level": frappe.get_all("Position Level", limit=1, pluck="name")[0],
		},
	)
	department.flags.ignore_mandatory = True
	department.insert()
	frappe.db.set_value("Customer Archive", archive, "confidentiality", "Internal")
	row = frappe.db.get_value(
		ENTRY, log.record("Open File", archive=archive), ["department", "confidentiality"]
	)
	assert row == (department.name, "Internal")


# -- what is recorded over HTTP ----------------------------------------------------------------------------------------


def test_opening_by_each_road_is_recorded_once_before_the_answer(admin: Caller, archive: str) -> None:
	roads: list[Callable[[], Any]] = [
		lambda: admin.get(f"/api/resource/Customer Archive/{archive}"),
		lambda: admin.post("frappe.client.get", doctype="Customer Archive", name=archive),
		lambda: admin.get(
			"/api/method/frappe.desk.form.load.getdoc", doctype="Customer Archive", name=archive
		),
		lambda: admin.get(
			"/api/method/frappe.desk.form.load.get_docinfo", doctype="Customer Archive", name=archive
		),
	]
	for road in roads:
		empty()
		answer = road()
		assert answer.status_code == 200, answer.text
		row = only("Open File")
		assert (row.user, row.archive, row.document_type, row.document_name) == (
			"Administrator",
			archive,
			"Customer Archive",
			archive,
		)
		assert (row.road, row.ip_address) == ("REST", "127.0.0.1")


def test_what_hangs_on_an_archive_is_recorded_with_it(admin: Caller, archive: str) -> None:
	contact = frappe.get_all("Archive Contact", filters={"archive": archive}, pluck="name")[0]
	deal = factories.make_transaction(archive).name
	frappe.db.commit()
	for doctype, name in (("Archive Contact", contact), ("Archive Transaction", deal)):
		empty()
		assert admin.get(f"/api/resource/{doctype}/{name}").status_code == 200
		row = only("Open File")
		assert (row.archive, row.document_type, row.document_name) == (archive, doctype, name)


def test_a_row_of_an_archive_s_table_is_recorded_with_the_archive(admin: Caller, archive: str) -> None:
	doc = frappe.get_doc("Customer Archive", archive)
	doc.append("preferences", {"category": "Product", "preference": "不锈钢"})
	doc.save()
	frappe.db.commit()
	row_name = doc.preferences[0].name
	empty()
	assert admin.get(f"/api/resource/Customer Archive Preference/{row_name}").status_code == 200
	row = only("Open File")
	assert (row.archive, row.document_type, row.document_name) == (
		archive,
		"Customer Archive Preference",
		row_name,
	)


def test_an_answer_to_a_change_is_an_opening_too(admin: Caller, archive: str) -> None:
	answer = admin.session.put(f"{admin.url}/api/resource/Customer Archive/{archive}", json={}, timeout=60)
	assert answer.status_code == 200 and answer.json()["data"]["address"] == SECRET
	assert only("Open File").archive == archive
	empty()
	answer = admin.post(
		"frappe.client.set_value",
		doctype="Customer Archive",
		name=archive,
		fieldname="postcode",
		value="100084",
	)
	assert answer.json()["message"]["address"] == SECRET
	assert only("Open File").archive == archive


def test_the_overview_after_the_form_is_one_visit_and_alone_it_is_recorded(
	admin: Caller, archive: str
) -> None:
	assert admin.get("/api/method/kehu_archive.api.overview.get", archive=archive).status_code == 200
	assert only("Open File").archive == archive
	admin.get("/api/method/kehu_archive.api.overview.get", archive=archive)
	admin.get("/api/method/kehu_archive.api.search.card", name=archive)
	assert only("Open File").archive == archive


def test_reading_twice_is_two_entries(admin: Caller, archive: str) -> None:
	for _turn in range(2):
		admin.get(f"/api/resource/Customer Archive/{archive}")
	assert len(entries(action="Open File")) == 2


@pytest.mark.parametrize(
	("path", "params", "quantity"),
	[
		("/api/resource/Customer Archive", {"limit_page_length": 7}, 7),
		("/api/resource/Customer Archive", {}, 20),
		("/api/resource/Customer Archive", {"limit_page_length": 0}, 0),
		("/api/method/frappe.client.get_list", {"doctype": "Archive Contact"}, 20),
		("/api/method/frappe.client.get_value", {"doctype": "Customer Archive", "fieldname": "address"}, 1),
		(
			"/api/method/frappe.desk.reportview.get",
			{"doctype": "Customer Archive", "fields": '["name"]', "page_length": 50},
			50,
		),
		(
			"/api/method/frappe.desk.reportview.get_list",
			{"doctype": "Customer Archive", "fields": '["name"]'},
			0,
		),
		("/", {"cmd": "frappe.client.get_list", "doctype": "Customer Archive"}, 20),
	],
)
def test_reading_a_list_is_recorded(
	admin: Caller, archive: str, path: str, params: dict[str, Any], quantity: int
) -> None:
	filters = json.dumps([["owner", "=", SECRET]])
	answer = admin.get(path, **params, filters=filters)
	row = only("Find")
	assert row.quantity == quantity, answer.text[:300]
	assert row.document_type in ("Customer Archive", "Archive Contact")
	assert ("no limit" in row.detail) == (quantity == 0)
	assert "filters " in row.detail
	assert SECRET not in str(row) and "owner" not in row.detail


def test_equal_searches_have_equal_digests_and_others_not(admin: Caller, archive: str) -> None:
	for asked in (SECRET, SECRET, "别的"):
		admin.get("/api/resource/Customer Archive", filters=json.dumps({"address": asked}))
	first, second, third = (row.detail for row in entries(action="Find"))
	assert first == second != third


def test_a_method_by_the_name_of_a_module_that_imports_it_is_recognised(admin: Caller, archive: str) -> None:
	answer = admin.get(
		"/api/method/frappe.core.doctype.report.test_report.run", report_name="Duplicate Archives"
	)
	assert answer.status_code == 200, answer.text
	assert only("Find").document_name == "Duplicate Archives"


def test_a_link_search_and_other_doctypes_are_not_recorded(admin: Caller, archive: str) -> None:
	admin.get("/api/method/frappe.desk.search.search_link", doctype="Customer Archive", txt="北京")
	admin.get("/api/resource/User")
	admin.get("/api/resource/User/Administrator")
	assert count() == 0


def test_the_desk_and_a_program_are_told_apart(
	admin: Caller, archive: str, people: factories.People, base_url: str
) -> None:
	auditor = Caller(base_url, people[roles.ARCHIVE_AUDITOR], by_key=False)
	auditor.session.headers["X-Requested-With"] = "XMLHttpRequest"
	auditor.post("frappe.desk.reportview.get", doctype=ENTRY, fields='["name"]', page_length=20)
	row = only("Find")
	assert (row.road, row.user) == ("Screen", people[roles.ARCHIVE_AUDITOR])


def test_a_refused_attempt_is_recorded_although_its_request_fails(
	archive: str, by_session: Callable[[str], Caller]
) -> None:
	finance = by_session(roles.FINANCE_AUDITOR)
	empty()
	for path in (
		f"/api/resource/Customer Archive/{archive}",
		f"/api/method/frappe.desk.form.load.getdoc?doctype=Customer Archive&name={archive}",
	):
		answer = finance.get(path)
		assert answer.status_code == 403, answer.text
		assert SECRET not in answer.text
		row = only("Refused Access")
		assert (row.user, row.archive, row.document_name) == (
			factories.email(roles.FINANCE_AUDITOR),
			archive,
			archive,
		)
		assert entries(action="Open File") == []
		empty()


def test_guests_cannot_fill_the_log(archive: str, base_url: str) -> None:
	guest = Caller(base_url, "Guest", by_key=False)
	for _turn in range(3):
		assert guest.get(f"/api/resource/Customer Archive/{archive}").status_code == 403
	assert len(entries(action="Refused Access")) <= 1
	assert entries(action="Open File") == []


# -- nobody writes it --------------------------------------------------------------------------------------------------


def test_no_document_road_changes_the_log(db: Any) -> None:
	name = fill(1)[0]
	seal.seal_pending()
	seal_name = frappe.get_all(SEAL, pluck="name")[0]
	for doctype, stored, field in ((ENTRY, name, "user"), (SEAL, seal_name, "root")):
		doc = frappe.get_doc(doctype, stored)
		doc.set(field, "x")
		doc.flags.ignore_validate = doc.flags.ignore_permissions = doc.flags.ignore_links = True
		attempts: list[Callable[[], Any]] = [
			doc.save,
			doc.db_update,
			lambda doc=doc, field=field: doc.db_set(field, "x"),
			doc.delete,
			lambda d=doctype, n=stored: frappe.delete_doc(d, n, force=True, ignore_permissions=True),
			lambda d=doctype, n=stored: frappe.rename_doc(d, n, "other", force=True),
			lambda d=doctype: frappe.get_doc({"doctype": d}).insert(ignore_permissions=True),
			lambda d=doctype: frappe.get_doc({"doctype": d, "name": "forged"}).db_insert(),
			lambda doc=doc: frappe.copy_doc(doc).insert(ignore_permissions=True),
		]
		for attempt in attempts:
			with pytest.raises(AuditError):
				attempt()
			frappe.db.rollback()
	assert faults() == []
	assert count() == 1


@pytest.mark.parametrize("role", [roles.ARCHIVE_AUDITOR, roles.ARCHIVE_ADMINISTRATOR, roles.GENERAL_MANAGER])
def test_who_reads_the_log_cannot_write_it_over_http(role: str, by_session: Callable[[str], Caller]) -> None:
	caller = by_session(role)
	name = fill(1, archive="QZ-7")[0]
	assert caller.get(f"/api/resource/{ENTRY}/{name}").json()["data"]["archive"] == "QZ-7"
	url = f"{caller.url}/api/resource/{ENTRY}"
	answers = [
		caller.session.put(f"{url}/{name}", json={"user": "x"}, timeout=30),
		caller.session.delete(f"{url}/{name}", timeout=30),
		caller.session.post(url, json={"action": "Open File"}, timeout=30),
		caller.post("frappe.client.set_value", doctype=ENTRY, name=name, fieldname="user", value="x"),
		caller.post("frappe.client.rename_doc", doctype=ENTRY, old_name=name, new_name="x"),
		caller.post("frappe.client.delete", doctype=ENTRY, name=name),
	]
	assert all(answer.status_code >= 400 for answer in answers)
	caller.post("frappe.desk.reportview.delete_items", doctype=ENTRY, items=json.dumps([name]))
	assert faults() == []
	assert [row.archive for row in entries(name=name)] == ["QZ-7"]


@pytest.mark.parametrize("role", [roles.SALESPERSON, roles.FINANCE_AUDITOR, roles.ARCHIVIST, "Guest"])
def test_others_do_not_even_read_it(role: str, by_session: Callable[[str], Caller]) -> None:
	caller = by_session(role)
	name = fill(1, archive="QZ-SECRET")[0]
	for answer in (
		caller.get(f"/api/resource/{ENTRY}/{name}"),
		caller.get(f"/api/resource/{ENTRY}", fields='["*"]'),
		caller.post("frappe.desk.reportview.get", doctype=ENTRY, fields='["name", "archive"]'),
		caller.get("/api/method/frappe.desk.query_report.run", report_name="Audit Query"),
	):
		assert answer.status_code == 403, answer.text
		assert "QZ-SECRET" not in answer.text


def test_deleting_or_renaming_a_person_leaves_the_entries_as_they_were(db: Any) -> None:
	name = factories.ensure_user(f"leaver-{frappe.generate_hash(length=8)}@kehu.test", roles.SALESPERSON)
	fill(3, user=name)
	frappe.rename_doc("User", name, f"was-{name}", force=True)
	frappe.db.commit()
	assert faults() == []
	frappe.delete_doc("User", f"was-{name}", force=True)
	frappe.db.commit()
	assert len(entries(user=name, action="Open File")) == 3
	assert faults() == []


def test_log_clean_up_leaves_the_log_alone(db: Any) -> None:
	from frappe.core.doctype.log_settings.log_settings import run_log_clean_up

	fill(3)
	seal.seal_pending()
	settings = frappe.get_doc("Log Settings")
	for doctype in (ENTRY, SEAL):
		settings.register_doctype(doctype, 1)
		settings.append("logs_to_clear", {"ref_doctype": doctype, "days": 1})
	settings.save()
	assert not {row.ref_doctype for row in frappe.get_doc("Log Settings").logs_to_clear} & {ENTRY, SEAL}
	run_log_clean_up()
	assert count() == 3
	assert faults() == []


# -- seals -------------------------------------------------------------------------------------------------------------


def test_every_entry_comes_under_one_seal_and_the_seals_are_chained(db: Any) -> None:
	names = filled(3, 4)
	frappe.db.rollback()
	rows = frappe.get_all(SEAL, fields=["*"], order_by="seal_no")
	assert [row.seal_no for row in rows] == [1, 2, 3]
	assert [row.entries for row in rows] == [4, 4, 4]
	assert [row.previous_digest for row in rows] == [audit_chain.GENESIS, rows[0].digest, rows[1].digest]
	for row, window in zip(rows, names, strict=True):
		assert sorted(frappe.get_all(ENTRY, filters={"seal": row.seal_no}, pluck="name")) == window
	assert seal.seal_pending() == 0
	outcome = verify.verify()
	assert (outcome.is_sound, outcome.seals, outcome.entries, outcome.unsealed) == (True, 3, 12, 0)


def test_more_than_a_seal_holds_is_spread_over_several(monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(seal, "MOST_ENTRIES", 10)
	monkeypatch.setattr(seal, "_NAMES_A_STATEMENT", 3)
	monkeypatch.setattr(verify, "_PAGE", 7)
	monkeypatch.setattr(verify, "_SEALS_A_PAGE", 2)
	monkeypatch.setattr(verify, "_LEAVES_A_PAGE", 12)
	fill(57)
	assert seal.seal_pending() == 6
	outcome = verify.verify()
	assert (outcome.is_sound, outcome.seals, outcome.entries) == (True, 6, 57)


def test_what_has_no_seal_yet_is_said(db: Any) -> None:
	filled(1, 3)
	fill(2)
	outcome = verify.verify()
	assert (outcome.is_sound, outcome.unsealed) == (True, 2)
	assert "2" in next(line for line in telling.lines(outcome) if "无法担保" in line)


def command(site: str, *words: str) -> subprocess.CompletedProcess[str]:
	return subprocess.run(
		[sys.executable, "-m", "frappe.utils.bench_helper", "frappe", "--site", site, "kehu-archive", *words],
		cwd=Path(os.environ["KEHU_BENCH_DIR"]) / "sites",
		capture_output=True,
		text=True,
		check=False,
	)


def test_the_command_says_it_in_chinese_and_ends_with_1_on_a_fault(site: str) -> None:
	names = filled(2, 3)
	sound = command(site, "verify-audit")
	assert sound.returncode == 0, sound.stdout + sound.stderr
	assert "访问日志完好" in sound.stdout
	frappe.db.sql(f"update `tab{ENTRY}` set user = 'x' where name = %s", names[1][1])
	frappe.db.sql(f"delete from `tab{ENTRY}` where name = %s", names[1][2])
	frappe.db.commit()
	bad = command(site, "verify-audit")
	assert bad.returncode == 1
	first = next(line for line in bad.stdout.splitlines() if "第一处" in line)
	assert names[1][1] in first and "被改动" in first
	assert names[1][2] in bad.stdout


def test_after_a_backup_was_put_back_the_head_is_accepted_by_name(site: str) -> None:
	filled(3, 2)
	for table, field in ((ENTRY, "seal"), (SEAL, "seal_no")):
		frappe.db.sql(f"delete from `tab{table}` where `{field}` = 3")
	frappe.db.commit()
	assert [kind for kind, _number, _name in faults()] == ["tail-cut"]
	accepted = command(site, "accept-audit-head", "--reason", "恢复 3 月 1 日的备份")
	assert accepted.returncode == 0, accepted.stderr
	assert "恢复 3 月 1 日的备份" in only("Alert").detail
	assert command(site, "seal-audit").returncode == 0
	assert faults() == []


def test_a_seal_prints_with_number_period_count_and_digest(by_session: Callable[[str], Caller]) -> None:
	auditor = by_session(roles.ARCHIVE_AUDITOR)
	empty()
	filled(1, 3)
	row = frappe.get_all(SEAL, fields=["*"])[0]
	answer = auditor.get("/printview", doctype=SEAL, name=row.name, format="Audit Seal Sheet", _lang="zh")
	assert answer.status_code == 200
	for text in (row.root, row.digest, row.previous_digest, row.key_id, "审计封条", "签字"):
		assert text in answer.text, text


# -- keeping -----------------------------------------------------------------------------------------------------------


def age(number: int, months: int) -> None:
	"""Move a window into the past as if it had been written and sealed then; its digests are made anew with the key."""
	moment = add_months(now_datetime(), -months)
	_key_id, key = keyring.audit_key()
	for row in frappe.get_all(ENTRY, filters={"seal": number}, fields=["*"]):
		row.happened_at = audit_chain.stamp(moment)
		digest = audit_chain.entry_digest(key, [row[column] for column in audit_chain.ENTRY_COLUMNS])
		frappe.db.sql(
			f"update `tab{ENTRY}` set happened_at = %s, digest = %s, seal = 0 where name = %s",
			(row.happened_at, digest, row.name),
		)
	frappe.db.sql(f"delete from `tab{SEAL}` where seal_no = %s", number)
	frappe.db.commit()
	assert seal.seal_pending() == 1


def test_nothing_younger_than_six_months_is_ever_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
	frappe.db.set_single_value("Kehu Archive Settings", "audit_months", 1)
	frappe.clear_document_cache("Kehu Archive Settings", "Kehu Archive Settings")
	try:
		assert retention.kept_months() == 6
		fill(3)
		seal.seal_pending()
		empty_head_and_age(1, 5)
		assert retention.purge() == (0, 0)
		assert count() == 3
	finally:
		frappe.db.set_single_value("Kehu Archive Settings", "audit_months", 6)
		frappe.db.commit()


def empty_head_and_age(number: int, months: int) -> None:
	from kehu_archive.audit import head

	head.location().unlink(missing_ok=True)
	age(number, months)


def test_old_windows_go_whole_and_leave_their_seal_as_proof(db: Any) -> None:
	fill(3)
	seal.seal_pending()
	empty_head_and_age(1, 8)
	fill(2)
	seal.seal_pending()
	assert retention.purge() == (1, 3)
	assert seal.seal_pending() == 1
	assert [row.action for row in entries()] == ["Open File", "Open File", "Purge"]
	outcome = verify.verify()
	assert (outcome.findings.first, outcome.seals, outcome.purged) == ([], 3, 1)
	frappe.db.sql(
		f"update `tab{SEAL}` set purged_at = now(), purge_digest = 'x', leaves = '' where seal_no = 2"
	)
	frappe.db.sql(f"delete from `tab{ENTRY}` where seal = 2")
	frappe.db.commit()
	assert faults() == [("purged-early", 2, "")]


# -- alerts ------------------------------------------------------------------------------------------------------------


def test_bulk_reading_is_told_once_to_the_auditors(people: factories.People) -> None:
	person = people[roles.SALESPERSON]
	for number in range(60):
		log.record("Open File", archive=f"QZ-{number}", user=person)
	for _turn in range(70):
		log.record("Open File", archive="QZ-1", user=people[roles.ARCHIVIST])
	frappe.db.commit()
	raised = alerts.check()
	assert len(raised) == 1
	row = only_uncommitted("Alert")
	assert (row.user, row.document_type, row.document_name, row.quantity) == (person, "User", person, 60)
	told = frappe.get_all(
		"Notification Log", filters={"document_name": row.name}, fields=["for_user", "subject"]
	)
	assert {line.for_user for line in told} >= {
		people[roles.ARCHIVE_AUDITOR],
		people[roles.ARCHIVE_ADMINISTRATOR],
	}
	assert person not in {line.for_user for line in told}
	assert person in told[0].subject
	assert alerts.check() == []


def only_uncommitted(action: str) -> Any:
	found = frappe.get_all(ENTRY, filters={"action": action}, fields=["*"])
	assert len(found) == 1
	return found[0]


def test_taking_out_many_records_is_told(people: factories.People) -> None:
	log.record("Export", document=("Customer Archive", ""), quantity=499, user=people[roles.SALESPERSON])
	assert alerts.check() == []
	log.record("Export", document=("Customer Archive", ""), quantity=1, user=people[roles.SALESPERSON])
	assert len(alerts.check()) == 1


def test_a_program_that_asks_for_a_whole_list_is_told(admin: Caller, archive: str) -> None:
	admin.get("/api/resource/Customer Archive", limit_page_length=0)
	frappe.db.rollback()
	assert len(alerts.check()) == 1


# -- permission changes ------------------------------------------------------------------------------------------------


def test_a_role_given_and_taken_is_recorded(people: factories.People) -> None:
	name = factories.ensure_user("mover@kehu.test", roles.SALESPERSON)
	frappe.db.commit()
	empty()
	user = frappe.get_doc("User", name)
	user.add_roles(roles.ARCHIVIST)
	user.remove_roles(roles.ARCHIVIST)
	user.last_name = "甲"
	user.save()
	details = [
		row.detail
		for row in frappe.get_all(
			ENTRY, filters={"action": "Permission Change"}, fields=["detail"], order_by="name"
		)
	]
	assert details == ["+Archivist", "-Archivist"]


def test_a_changed_setting_says_what_it_was(db: Any) -> None:
	settings = frappe.get_doc("Kehu Archive Settings")
	settings.bulk_reads = 61
	settings.save()
	row = only_uncommitted("Permission Change")
	assert (row.document_type, row.detail) == ("Kehu Archive Settings", "bulk_reads: 60 -> 61")


def test_a_rule_is_recorded_when_made_changed_and_deleted(db: Any) -> None:
	rule = frappe.get_doc(
		{
			"doctype": "Access Rule",
			"rule_name": "试行",
			"title": "试行",
			"outcome": "Refused",
			"on_read": 1,
			"for_responsible": 1,
		}
	)
	rule.flags.ignore_mandatory = True
	rule.insert()
	rule.is_disabled = 1
	rule.save()
	name = rule.name
	rule.delete()
	rows = frappe.get_all(
		ENTRY,
		filters={"action": "Permission Change", "document_name": name},
		fields=["detail"],
		order_by="name",
	)
	assert len(rows) == 3
	assert (
		rows[0].detail.startswith("new")
		and "is_disabled: " in rows[1].detail
		and rows[2].detail.startswith("deleted")
	)


def test_the_permission_manager_is_recorded(admin: Caller) -> None:
	call = "frappe.core.page.permission_manager.permission_manager"
	try:
		answer = admin.post(f"{call}.add", parent="Archive Contact", role="Translator", permlevel=0)
		assert answer.status_code == 200, answer.text
		admin.post(
			f"{call}.update",
			doctype="Archive Contact",
			role="Translator",
			permlevel=0,
			ptype="export",
			value=1,
		)
		admin.post(f"{call}.remove", doctype="Archive Contact", role="Translator", permlevel=0)
	finally:
		admin.post(f"{call}.reset", doctype="Archive Contact")
	rows = entries(action="Permission Change")
	assert [row.detail.split()[0] for row in rows] == ["add", "update", "remove", "reset"]
	assert {row.document_name for row in rows} == {"Archive Contact"}
	assert "role=Translator" in rows[1].detail and "ptype=export" in rows[1].detail


# -- the report --------------------------------------------------------------------------------------------------------


def run(**filters: Any) -> Any:
	from kehu_archive.kehu_archive.report.audit_query import audit_query

	return audit_query.execute(filters)


def test_the_report_filters_by_person_archive_action_and_time(people: factories.People) -> None:
	log.record("Open File", archive="QZ-1", user=people[roles.SALESPERSON])
	log.record("Print", archive="QZ-1", user=people[roles.ARCHIVIST])
	log.record("Open File", archive="QZ-2", user=people[roles.ARCHIVIST])
	for filters, expected in (
		({}, 3),
		({"user": people[roles.ARCHIVIST]}, 2),
		({"archive": "QZ-1"}, 2),
		({"action": "Open File"}, 2),
		({"action": "Open File", "archive": "QZ-1", "user": people[roles.ARCHIVIST]}, 0),
		({"from_date": add_days(today(), 1), "to_date": add_days(today(), 2)}, 0),
		({"from_date": add_days(today(), -9), "to_date": today()}, 3),
	):
		columns, rows, message, chart = run(**filters)
		assert len(rows) == expected, filters
		assert message is None
		assert bool(chart) == bool(expected)
	assert [column["fieldname"] for column in columns][:5] == [
		"happened_at",
		"user",
		"department",
		"action",
		"archive",
	]
	with pytest.raises(InvalidFieldsError):
		run(from_date=today(), to_date=add_days(today(), -1))


def test_the_report_shows_chinese_and_says_when_there_is_more(monkeypatch: pytest.MonkeyPatch) -> None:
	from kehu_archive.kehu_archive.report.audit_query import audit_query

	monkeypatch.setattr(audit_query, "MOST_ROWS", 2)
	for _turn in range(3):
		log.record("Open File", archive="QZ-1")
	_columns, rows, message, chart = run()
	assert len(rows) == 2 and "2" in message
	assert rows[0]["action"] == "打开档案" and rows[0]["action_value"] == "Open File"
	assert chart["data"]["datasets"] == [{"name": "打开档案", "values": [3]}]


def test_a_prepared_report_is_refused(db: Any) -> None:
	frappe.db.set_value("Report", "Audit Query", "prepared_report", 1)
	with pytest.raises(frappe.PermissionError):
		run()


# -- the update log of an archive (R-UPD-09) ---------------------------------------------------------------------------


def changed_archive(archive: str) -> Any:
	doc = frappe.get_doc("Customer Archive", archive)
	doc.address = "上海市南京路 1 号"
	doc.save()
	frappe.db.commit()
	return frappe.get_last_doc("Version", filters={"ref_doctype": "Customer Archive", "docname": archive})


def test_a_save_leaves_who_when_field_old_new_and_by_which_road(archive: str, admin: Caller) -> None:
	version = changed_archive(archive)
	assert version.owner == "Administrator" and version.creation
	assert ["address", SECRET, "上海市南京路 1 号"] in version.get_data()["changed"]
	assert version.get_data()["source"]["road"] == "Command Line"
	admin.session.put(f"{admin.url}/api/resource/Customer Archive/{archive}", json={"postcode": "100084"}, timeout=60)
	frappe.db.rollback()
	last = frappe.get_last_doc("Version", filters={"ref_doctype": "Customer Archive", "docname": archive}).get_data()
	assert last["source"] == {"road": "REST", "ip_address": "127.0.0.1"}
	assert ["postcode", "100083", "100084"] in last["changed"]


def test_an_update_record_is_neither_changed_nor_deleted_nor_forged(archive: str, admin: Caller) -> None:
	version = changed_archive(archive)
	url = f"{admin.url}/api/resource/Version"
	answers = [
		admin.session.delete(f"{url}/{version.name}", timeout=30),
		admin.session.put(f"{url}/{version.name}", json={"data": "{}"}, timeout=30),
		admin.session.put(f"{url}/{version.name}", json={"ref_doctype": "ToDo", "data": "{}"}, timeout=30),
		admin.session.post(
			url, json={"ref_doctype": "Customer Archive", "docname": archive, "data": "{}"}, timeout=30
		),
		admin.post("frappe.client.delete", doctype="Version", name=version.name),
		admin.post("frappe.client.rename_doc", doctype="Version", old_name=version.name, new_name="x"),
	]
	assert [answer.status_code for answer in answers if answer.status_code < 400] == []
	admin.post("frappe.desk.reportview.delete_items", doctype="Version", items=json.dumps([version.name]))
	frappe.db.rollback()
	assert frappe.db.get_value("Version", version.name, "data") == version.data
	assert frappe.db.count("Version", {"docname": archive}) == 1


def test_update_records_of_other_doctypes_are_as_the_framework_has_them(db: Any) -> None:
	version = frappe.get_doc(
		{"doctype": "Version", "ref_doctype": "ToDo", "docname": "x", "data": "{}"}
	).insert()
	version.data = '{"changed": []}'
	version.save()
	version.delete()
	assert not frappe.db.exists("Version", version.name)


# -- the mixin ---------------------------------------------------------------------------------------------------------


class Request:
	path, method, headers = "/api/resource/Archive Contact/x", "GET", {"X-Requested-With": ""}


def test_one_request_records_a_document_once_and_again_after_a_rollback(
	archive: str, monkeypatch: pytest.MonkeyPatch
) -> None:
	monkeypatch.setattr(frappe.local, "request", Request(), raising=False)
	monkeypatch.setattr(frappe.local, "kehu_opened", {}, raising=False)
	doc = frappe.get_doc("Archive Contact", {"archive": archive})
	for _turn in range(2):
		doc.apply_fieldlevel_read_permissions()
	assert frappe.db.count(ENTRY) == 1
	frappe.db.rollback()
	doc.apply_fieldlevel_read_permissions()
	assert frappe.db.count(ENTRY) == 1


def test_every_controller_of_what_hangs_on_an_archive_records_its_reading() -> None:
	from frappe.model.base_document import get_controller

	for doctype in ("Archive Contact", "Archive Transaction", "Customer Complaint", "Customer Feedback"):
		assert issubclass(get_controller(doctype), reading.ReadRecorded), doctype
