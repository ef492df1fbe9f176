"""Sensitive Records encrypted on every road in; nothing in clear anywhere. R-DSC-01..03, R-FCA-05."""

from __future__ import annotations

import io
import json
import os
import random
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import frappe
import pytest
from openpyxl import load_workbook
from stdnum import luhn

from kehu_archive.api import imports as import_api
from kehu_archive.exceptions import ArchiveError, InvalidFieldsError, MasterKeyError, SecretUnreadableError
from kehu_archive.integrations import error_log
from kehu_archive.patches import encrypt_sensitive_records
from kehu_archive.services import bulk, import_job, importing, merge, merge_undo
from kehu_archive.tests import factories, import_books, traces
from kehu_archive.vault import hygiene, ingress, keyring, opening, rotation, store
from kehu_archive.vault.store import Home

RECORD = "Sensitive Record"


def account() -> str:
	"""A card number that no other test uses, with the right check digit."""
	body = "622202" + "".join(random.choices("0123456789", k=12))
	return body + luhn.calc_check_digit(body)


def make(archive: str, value: str, kind: str = "Bank Account", **values: Any) -> Any:
	return frappe.get_doc({"doctype": RECORD, "archive": archive, "record_kind": kind, "value": value, **values}).insert()


def row(name: str) -> Any:
	return frappe.db.get_value(RECORD, name, ["name", "archive", "record_kind", "value", "ciphertext", "blind_index", "masked_value"], as_dict=True)


def opened(name: str) -> str:
	found = row(name)
	return str.__str__(store.unseal(Home(found.name, found.archive, found.record_kind), found.ciphertext))


@pytest.fixture
def archive(db: Any) -> str:
	return str(factories.make_archive().name)


# -- the record ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
	("kind", "entered", "stored", "shown"),
	[
		("Bank Account", "6222 0212 3456 7890 128", "6222021234567890128", "•••• 0128"),
		("ID Number", "11010519491231002x", "11010519491231002X", "•••• 002X"),
		("Family", "已婚，一女", "已婚，一女", "••••"),
		("Health", "<b>糖尿病</b>", "<b>糖尿病</b>", "••••"),
	],
)
def test_what_is_entered_is_stored_encrypted_only(archive: str, kind: str, entered: str, stored: str, shown: str) -> None:
	record = make(archive, entered, kind)
	assert (record.value, record.masked_value) == (None, shown)
	found = row(record.name)
	assert (found.value, found.masked_value) == (None, shown)
	assert stored not in found.ciphertext
	assert bool(found.blind_index) == (kind in ("Bank Account", "ID Number"))
	assert opened(record.name) == stored


def test_other_fields_are_edited_without_the_content(archive: str) -> None:
	number = account()
	record = make(archive, number)
	before = row(record.name)
	record.remark = "一"
	record.save()
	again = frappe.get_doc(RECORD, record.name)
	again.label = "工商银行"
	again.save()
	assert row(record.name) == before
	assert opened(record.name) == number


def test_a_new_content_replaces_the_old(archive: str) -> None:
	record = make(archive, account())
	before, number = row(record.name), account()
	record.value = number
	record.save()
	after = row(record.name)
	assert opened(record.name) == number
	assert after.masked_value == f"•••• {number[-4:]}"
	assert after.ciphertext != before.ciphertext and after.blind_index != before.blind_index


def test_a_client_cannot_write_the_encrypted_columns(archive: str) -> None:
	number = account()
	one, other = make(archive, number), make(archive, account())
	stored = row(one.name)
	doc = frappe.get_doc(RECORD, one.name)
	doc.update({"ciphertext": row(other.name).ciphertext, "blind_index": "0" * 64, "masked_value": number})
	doc.save()
	assert row(one.name) == stored
	forged = frappe.get_doc(
		{"doctype": RECORD, "archive": archive, "record_kind": "Family", "ciphertext": "k1:xx", "masked_value": number}
	).insert()
	assert (row(forged.name).ciphertext, row(forged.name).masked_value) == (None, None)


def test_a_desk_save_brings_no_ciphertext_and_loses_none(archive: str) -> None:
	"""The form sends back what it got, and it never got the encrypted columns."""
	number = account()
	sent = make(archive, number).as_dict()
	assert "ciphertext" not in sent and "blind_index" not in sent
	frappe.get_doc(json.loads(frappe.as_json({**sent, "remark": "改"}))).save()
	assert opened(sent["name"]) == number


def test_a_kind_is_changed_with_its_content_only(archive: str) -> None:
	record = make(archive, "已婚，有两个孩子在读书", "Family")
	record.record_kind = "Health"
	with pytest.raises(ArchiveError, match=r"种类|Kind"):
		record.save()
	record.reload()
	record.update({"record_kind": "Health", "value": "过敏"})
	record.save()
	assert opened(record.name) == "过敏"


def test_a_save_that_failed_may_be_tried_again(archive: str) -> None:
	number = account()
	record = frappe.get_doc({"doctype": RECORD, "archive": archive, "record_kind": "Bank Account", "value": number})
	record.label = "x" * 200
	with pytest.raises(frappe.CharacterLengthExceededError):
		record.insert()
	record.label = "工商银行"
	record.insert()
	assert opened(record.name) == number


def test_an_impossible_number_is_refused_and_not_repeated(archive: str) -> None:
	with pytest.raises(InvalidFieldsError) as caught:
		make(archive, "1234567A90")
	assert "1234567A90" not in str(caught.value)


def test_the_name_is_kept(archive: str) -> None:
	record = make(archive, account())
	with pytest.raises(frappe.ValidationError):
		frappe.rename_doc(RECORD, record.name, "another", force=True)


def test_values_give_nothing_to_filters_and_order(archive: str) -> None:
	number = account()
	make(archive, number)
	for filters in ({"value": number}, {"value": ("like", f"%{number[:6]}%")}, {"value": ("is", "set")}):
		assert frappe.get_list(RECORD, filters={"archive": archive, **filters}) == []
	rows = frappe.get_list(RECORD, filters={"archive": archive}, fields=["value", "masked_value"], order_by="value desc")
	assert rows == [{"value": None, "masked_value": f"•••• {number[-4:]}"}]


# -- bound to record, archive and kind -------------------------------------------------------------------------------------


def unreadable(name: str) -> None:
	with pytest.raises(SecretUnreadableError):
		opened(name)


def test_swapped_ciphertexts_do_not_open(archive: str) -> None:
	one, other = make(archive, account()), make(archive, account())
	elsewhere = make(factories.make_archive().name, account())
	texts = {record.name: row(record.name).ciphertext for record in (one, other, elsewhere)}
	for name, source in ((one.name, other.name), (other.name, elsewhere.name), (elsewhere.name, one.name)):
		frappe.db.set_value(RECORD, name, "ciphertext", texts[source])
		unreadable(name)
	frappe.db.set_value(RECORD, one.name, {"ciphertext": texts[one.name], "record_kind": "ID Number"})
	unreadable(one.name)


def test_a_destroyed_data_key_makes_the_content_unreadable(archive: str) -> None:
	number = account()
	record, other = make(archive, number), make(factories.make_archive().name, account())
	assert store.destroy(archive)
	unreadable(record.name)
	assert opened(other.name)
	# A new key for the archive does not open what the destroyed one closed.
	fresh = make(archive, number)
	assert opened(fresh.name) == number
	unreadable(record.name)
	assert not store.destroy("no-such-archive")


def test_data_keys_are_not_written_by_hand(archive: str) -> None:
	make(archive, account())
	key = frappe.get_doc("Archive Data Key", archive)
	assert "wrapped_key" not in key.as_dict()
	with pytest.raises(ArchiveError):
		key.save()
	with pytest.raises(ArchiveError):
		frappe.delete_doc("Archive Data Key", archive, force=True)
	with pytest.raises(ArchiveError):
		frappe.get_doc({"doctype": "Archive Data Key", "name": "x", "wrapped_key": "y"}).insert()


# -- look-up and reveal ------------------------------------------------------------------------------------------------------


def test_an_exact_number_is_found_however_it_is_spelled(archive: str) -> None:
	number = account()
	record = make(archive, number, label="工商银行")
	make(archive, account())
	for spelled in (number, f"{number[:4]} {number[4:8]}-{number[8:]}", f" {number} "):
		found = opening.find("Bank Account", spelled)
		assert [(one["name"], one["archive"], one["masked_value"]) for one in found] == [
			(record.name, archive, f"•••• {number[-4:]}")
		]
	assert opening.find("Bank Account", number[:-1]) == []
	assert opening.find("ID Number", number) == []
	assert opening.find("Bank Account", "") == []
	with pytest.raises(ArchiveError):
		opening.find("Family", "已婚")


def reveals(record: Any) -> list[Any]:
	filters = {"action": "Reveal", "document_name": record.name}
	return frappe.get_all("Access Log Entry", filters=filters, fields=["user", "archive", "purpose", "document_type"])


def test_a_reveal_is_logged_with_its_purpose(archive: str) -> None:
	number = account()
	record = make(archive, number)
	assert opening.reveal(record.name, "核对付款账号") == number
	assert reveals(record) == [
		{"user": "Administrator", "archive": archive, "purpose": "核对付款账号", "document_type": RECORD}
	]


@pytest.mark.parametrize("purpose", ["", "  ", "Other"])
def test_without_a_purpose_nothing_is_revealed(archive: str, purpose: str) -> None:
	record = make(archive, account())
	with pytest.raises(ArchiveError):
		opening.reveal(record.name, purpose)
	assert reveals(record) == []


def test_what_cannot_be_logged_is_not_decrypted(archive: str, monkeypatch: pytest.MonkeyPatch) -> None:
	from kehu_archive.audit import log
	from kehu_archive.exceptions import AuditError

	record = make(archive, account())
	touched: list[str] = []

	def refuse(*_args: Any, **_kwargs: Any) -> str:
		raise AuditError

	monkeypatch.setattr(log, "record", refuse)
	monkeypatch.setattr(store, "unseal", lambda *_args: touched.append("decrypted"))
	with pytest.raises(AuditError):
		opening.reveal(record.name, "Work Need")
	assert touched == []


# -- sets: loader, merge, import, patch ----------------------------------------------------------------------------------------


def test_the_bulk_loader_stores_like_a_save(archive: str) -> None:
	numbers = [account(), account()]
	other = str(factories.make_archive().name)
	rows = [{"archive": where, "record_kind": "Bank Account", "value": number} for where in (archive, other) for number in numbers]
	assert bulk.insert_secrets(rows) == 4
	for where in (archive, other):
		names = frappe.get_all(RECORD, filters={"archive": where}, pluck="name")
		assert sorted(opened(name) for name in names) == sorted(numbers)
	assert sorted(archive for _name, archive in store.search("Bank Account", numbers[0])) == sorted([archive, other])
	assert traces.in_tables(numbers) == []


def test_a_merge_and_its_undo_keep_contents_readable(archive: str) -> None:
	number, kept = account(), account()
	target = str(factories.make_archive().name)
	record, theirs = make(archive, number), make(target, kept)
	trace = merge.merge(archive, target, "同一客户")
	assert frappe.db.get_value(RECORD, record.name, "archive") == target
	assert (opened(record.name), opened(theirs.name)) == (number, kept)
	assert store.destroy(archive), "the former archive's key is of no use any more"
	assert opened(record.name) == number
	assert merge_undo.undo(trace) == []
	assert frappe.db.get_value(RECORD, record.name, "archive") == archive
	assert (opened(record.name), opened(theirs.name)) == (number, kept)
	assert traces.in_tables([number, kept]) == []


HEADINGS = (*import_books.HEADINGS, "开户行", "账号", "法人身份证号", "内部备忘")


def people_book(count: int = 3) -> tuple[bytes, list[str], list[str]]:
	"""Rows with an account and an ID number each; the last row is refused for its postcode."""
	accounts = [account() for _ in range(count)]
	memos = [f"备忘{random.randrange(10**11, 10**12)}" for _ in range(count)]
	rows = import_books.rows(count, seed=random.randrange(10**6))
	rows[-1][5] = "坏邮编"
	lines = [[*line, "工商银行", number, "11010519491231002X", memo] for line, number, memo in zip(rows, accounts, memos, strict=True)]
	return import_books.book(lines, HEADINGS), accounts, memos


@pytest.fixture
def imports(db: Any) -> Iterator[None]:
	import_books.remove_all()
	yield
	frappe.db.rollback()
	frappe.db.sql("delete from `tabSensitive Record` where archive not in (select name from `tabCustomer Archive`)")
	import_books.remove_all()
	frappe.db.sql("delete from `tabSensitive Record` where archive not in (select name from `tabCustomer Archive`)")
	frappe.db.commit()


def test_an_import_holds_secrets_encrypted_and_makes_records_of_them(imports: None) -> None:
	content, accounts, memos = people_book()
	doc = import_books.make_import(content)
	shown = import_api.preview(doc.name)
	frappe.db.commit()
	assert (shown["total_rows"], shown["rejected_rows"]) == (3, 1)
	first = dict(zip(shown["columns"], shown["first_rows"][0]["cells"], strict=False))
	assert (first["账号"], first["法人身份证号"], first["开户行"]) == (f"•••• {accounts[0][-4:]}", "•••• 002X", "工商银行")
	assert first["内部备忘"] == f"•••• {memos[0][-4:]}", "nobody knows the column, but so many digits may be an account"
	assert traces.in_tables([*accounts, *memos]) == []
	frappe.db.set_value("Archive Import", doc.name, "status", "Queued")
	frappe.db.commit()
	import_job.run(doc.name)
	made = {one.customer_name: one.name for one in import_books.imported()}
	assert len(made) == 2
	for archive, number in zip(sorted(made.values()), accounts, strict=False):
		found = frappe.get_all(RECORD, filters={"archive": archive}, fields=["name", "record_kind", "label"], order_by="record_kind")
		assert [(one.record_kind, one.label) for one in found] == [("Bank Account", "工商银行"), ("ID Number", "法人身份证号")]
		assert opened(found[0].name) == number
	doc.reload()
	# The refused row comes back as it was, in the private workbook only.
	sheet = load_workbook(io.BytesIO(frappe.get_doc("File", {"file_url": doc.error_file}).get_content())).active
	returned = [cell.value for cell in list(sheet.iter_rows())[1]]
	assert accounts[-1] in returned and memos[-1] in returned
	assert frappe.db.exists("Archive Data Key", store.parcel_key(doc.name)), "a refused row still needs it"
	assert traces.in_tables([*accounts, *memos]) == []
	assert traces.in_redis([*accounts, *memos]) == []


def test_an_impossible_account_refuses_its_row_without_repeating_it(imports: None) -> None:
	rows = import_books.rows(2, seed=random.randrange(10**6))
	bad = "99887766A5544"
	content = import_books.book([[*rows[0], "工商银行", bad, None, None], [*rows[1], "工商银行", 6222021234567890128, None, None]], HEADINGS)
	doc = import_books.make_import(content)
	importing.preview(doc.name)
	first, second = import_books.staged(doc.name)
	assert (first.status, first.fault_codes) == ("Rejected", "bank-digits")
	assert (second.status, second.fault_codes) == ("Rejected", "lost-digits")
	assert bad not in first.reason + str(first.cells)


def test_the_key_of_staged_rows_goes_with_the_last_row(imports: None) -> None:
	content, *_rest = people_book(2)
	book = load_workbook(io.BytesIO(content))
	book.active.delete_rows(3)
	doc = import_books.make_import(import_books.saved(book))
	importing.preview(doc.name)
	key = store.parcel_key(doc.name)
	wrapped = frappe.db.get_value("Archive Data Key", key, "wrapped_key")
	importing.preview(doc.name)
	assert frappe.db.get_value("Archive Data Key", key, "wrapped_key") not in (None, wrapped), "a new preview has a new key"
	frappe.db.set_value("Archive Import", doc.name, "status", "Queued")
	frappe.db.commit()
	import_job.run(doc.name)
	assert frappe.db.get_value("Archive Import", doc.name, ["imported_rows", "rejected_rows"]) == (1, 0)
	assert not frappe.db.exists("Archive Data Key", key)


def test_the_patch_encrypts_what_stood_in_clear(archive: str, monkeypatch: pytest.MonkeyPatch) -> None:
	numbers = {make(archive, account()).name: account() for _ in range(5)}
	for name, number in numbers.items():
		frappe.db.set_value(RECORD, name, {"value": number, "ciphertext": None, "blind_index": None})
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	encrypt_sensitive_records.execute()
	for name, number in numbers.items():
		assert (row(name).value, opened(name)) == (None, number)
		assert name in dict(store.search("Bank Account", number))
	before = {name: row(name) for name in numbers}
	encrypt_sensitive_records.execute()
	assert {name: row(name) for name in numbers} == before


# -- nothing in clear anywhere -------------------------------------------------------------------------------------------------


def test_the_trace_finder_finds(db: Any) -> None:
	"""What follows means something only if the finder finds what is there."""
	mark, key = account(), "kehu-vault-trace-test"
	frappe.get_doc({"doctype": "ToDo", "description": f"x{mark}y"}).insert()
	frappe.db.commit()
	frappe.cache.set_value(key, {"deep": [mark]})
	try:
		places = traces.everywhere(mark)
		assert "table tabToDo.description" in places
		assert any(place.startswith("dump") for place in places)
		assert any(place.startswith("redis") for place in places)
	finally:
		frappe.cache.delete_value(key)
		frappe.db.delete("ToDo", {"description": f"x{mark}y"})
		frappe.db.commit()


def test_an_error_report_is_scrubbed_of_what_was_seen(archive: str) -> None:
	number, words = account(), f"糖尿病{random.randrange(10**9)}"
	make(archive, number)
	make(archive, words, "Health")
	report = frappe.get_doc(
		{"doctype": "Error Log", "method": f"saving {number}", "error": f"value = '{number}'\nform = {{'value': {frappe.as_json(words)}}} {words}"}
	).insert(ignore_permissions=True)
	text = report.method + report.error
	assert number not in text and words not in text and "••••" in text
	stored = " ".join(frappe.db.get_value("Error Log", report.name, ["method", "error"]))
	assert number not in stored and words not in stored


def test_valid_numbers_are_scrubbed_even_when_nobody_saw_them() -> None:
	report = frappe._dict(doctype="Error Log", method="m", error="id=11010519491231002X card 6222021234567890128 row 1234567890123456789")
	report.set = report.__setitem__
	error_log.before_insert(report)
	assert report.error == "id=•••• card •••• row 1234567890123456789"


# -- the request's content is taken out at its beginning --------------------------------------------------------------------------


@pytest.fixture
def request_with(db: Any) -> Iterator[Callable[..., dict[str, Any]]]:
	def begin(path: str, method: str = "POST", **form: Any) -> dict[str, Any]:
		frappe.local.request = frappe._dict(path=path, method=method)
		frappe.local.form_dict = frappe._dict(form)
		ingress.before_request()
		return dict(frappe.local.form_dict)

	yield begin
	del frappe.local.request
	frappe.local.form_dict = frappe._dict()


NUMBER = "6222021234567890128"
DOC = {"doctype": RECORD, "record_kind": "Bank Account", "value": NUMBER, "remark": "r"}


@pytest.mark.parametrize(
	("path", "form"),
	[
		("/api/resource/Sensitive Record", DOC),
		("/api/resource/Sensitive Record", {"data": json.dumps(DOC)}),
		("/api/resource/Sensitive Record/abc", {"value": NUMBER}),
		("/api/v2/document/Sensitive Record", DOC),
		("/api/method/frappe.client.insert", {"doc": json.dumps(DOC)}),
		("/api/method/frappe.client.insert", {"doc": DOC}),
		("/api/method/frappe.client.insert_many", {"docs": json.dumps([DOC, DOC])}),
		("/api/method/frappe.desk.form.save.savedocs", {"doc": json.dumps(DOC), "action": "Save"}),
		("/api/method/frappe.client.set_value", {"doctype": RECORD, "name": "x", "fieldname": "value", "value": NUMBER}),
		("/api/method/frappe.client.set_value", {"doctype": RECORD, "name": "x", "fieldname": json.dumps({"value": NUMBER})}),
		("/api/method/run_doc_method", {"docs": json.dumps(DOC), "method": "x"}),
		("/api/method/kehu_archive.api.vault.find", {"kind": "Bank Account", "value": NUMBER}),
		("/", {"cmd": "kehu_archive.api.vault.find", "kind": "Bank Account", "value": NUMBER}),
	],
)
def test_the_form_values_of_a_request_hold_no_content(
	request_with: Callable[..., dict[str, Any]], path: str, form: dict[str, Any]
) -> None:
	left = frappe.as_json(request_with(path, **form))
	assert NUMBER not in left
	tickets = re.findall(rf"{ingress._PREFIX}\w+", left)
	assert tickets and {ingress.redeem(ticket) for ticket in tickets} == {NUMBER}


def test_other_requests_are_left_alone(request_with: Callable[..., dict[str, Any]]) -> None:
	forms: list[dict[str, Any]] = [
		{"doc": json.dumps({"doctype": "ToDo", "value": NUMBER})},
		{"doctype": RECORD, "name": "x", "fieldname": "label", "value": NUMBER},
		{"doctype": RECORD, "filters": "[[broken Sensitive Record"},
		{},
	]
	for form in forms:
		assert request_with("/api/method/frappe.client.x", **form) == form


def test_a_ticket_of_another_request_is_only_a_text(db: Any) -> None:
	assert ingress.redeem(f"{ingress._PREFIX}0123") == f"{ingress._PREFIX}0123"


# -- the key file --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def key_file(db: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
	"""A key file of its own, and a site that seems to hold nothing yet."""
	path = tmp_path / "keys" / "site.json"
	monkeypatch.setenv(keyring.FILE_VARIABLE, str(path))
	monkeypatch.setattr(keyring, "_has_content", lambda: False)
	monkeypatch.setattr(keyring, "_unknown_master", lambda ring: None)
	monkeypatch.setattr(keyring, "_last_audit_key", lambda: None)
	return path


def test_the_default_place_is_beside_the_sites(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.delenv(keyring.FILE_VARIABLE, raising=False)
	path = keyring.location()
	assert path.name == f"{frappe.local.site}.keys.json"
	assert path.parent.name == "kehu_archive"
	assert (path.parent.parent.parent / "sites" / frappe.local.site).is_dir()
	assert Path(frappe.get_site_path()).resolve() not in path.parents
	assert stat.S_IMODE(path.stat().st_mode) == 0o600
	backed_up = Path(frappe.get_site_path("site_config.json")).read_text()
	assert all(key not in backed_up for key in (str(path), *keyring.load().masters.by_id))


def test_the_file_is_made_once(key_file: Path) -> None:
	keyring.ensure()
	assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
	first = key_file.read_text()
	keyring.ensure()
	assert key_file.read_text() == first
	key_id, key = keyring.audit_key()
	assert len(key) == 32 and bytes(keyring.audit_key_by_id(key_id)) == bytes(key)
	ring = keyring.load()
	assert len({bytes(key), bytes(ring.index), bytes(ring.master(ring.masters.current))}) == 3
	assert sorted(path.name for path in key_file.parent.iterdir()) == [key_file.name]


def test_the_site_name_may_stand_in_the_place(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setenv(keyring.FILE_VARIABLE, str(key_file.parent / "{site}" / "k.json"))
	assert keyring.location() == key_file.parent / frappe.local.site / "k.json"


def test_another_process_was_faster(key_file: Path) -> None:
	keyring.ensure()
	first = key_file.read_text()
	keyring._create()
	assert key_file.read_text() == first


def refused(*words: str) -> None:
	with pytest.raises(MasterKeyError) as caught:
		keyring.load()
	assert all(word in str(caught.value) for word in words), caught.value


def test_a_missing_file_is_named_and_never_made_again(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
	refused(str(key_file), keyring.FILE_VARIABLE)
	monkeypatch.setattr(keyring, "_has_content", lambda: True)
	with pytest.raises(MasterKeyError):
		keyring.ensure()
	assert not key_file.exists()


@pytest.mark.parametrize("damage", ["", "{}", "[]", "null", '"x"', "{not json", "\x00", '{"master": 1, "audit": 2, "index": 3}', "半"])
def test_a_damaged_file_is_named(key_file: Path, damage: str) -> None:
	key_file.parent.mkdir()
	key_file.write_text(damage)
	refused(str(key_file))
	assert key_file.read_text() == damage


def test_one_wrong_character_in_a_key_is_noticed(key_file: Path) -> None:
	keyring.ensure()
	content = json.loads(key_file.read_text())
	key_id = content["master"]["current"]
	text = content["master"]["keys"][key_id]
	content["master"]["keys"][key_id] = ("B" if text[0] != "B" else "C") + text[1:]
	key_file.write_text(json.dumps(content))
	refused(str(key_file))


@pytest.mark.parametrize("text", ["半", "a", "!!!!", 7, None, "AAAA"])
def test_a_key_that_is_no_key_is_noticed(key_file: Path, text: object) -> None:
	keyring.ensure()
	content = json.loads(key_file.read_text())
	content["index"]["key"] = text
	key_file.write_text(json.dumps(content))
	refused(str(key_file))


def test_bytes_that_are_no_text(key_file: Path) -> None:
	key_file.parent.mkdir()
	key_file.write_bytes(b"\xff\xfe\x00")
	refused(str(key_file))


def test_a_folder_in_the_place_of_the_file(key_file: Path) -> None:
	key_file.mkdir(parents=True)
	refused(str(key_file))


def test_the_content_of_the_environment_wins(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
	keyring.ensure()
	text = key_file.read_text()
	key_file.unlink()
	monkeypatch.setenv(keyring.CONTENT_VARIABLE, text)
	keyring.ensure()
	assert keyring.load().origin == keyring.CONTENT_VARIABLE
	assert not key_file.exists()
	monkeypatch.setenv(keyring.CONTENT_VARIABLE, text[:-20])
	refused(keyring.CONTENT_VARIABLE)


def test_keys_do_not_show_themselves(key_file: Path) -> None:
	keyring.ensure()
	ring = keyring.load()
	shown = repr(ring) + repr(ring.masters.by_id) + repr(keyring.audit_key())
	content = json.loads(key_file.read_text())
	secrets = [*content["master"]["keys"].values(), *content["audit"]["keys"].values(), content["index"]["key"]]
	assert len(secrets) == 3
	assert not any(secret in shown for secret in secrets)
	assert repr(bytes(ring.index)) not in shown


# -- keys that do not fit the site ------------------------------------------------------------------------------------------------


@pytest.fixture
def other_keys(archive: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
	"""A record made with this site's keys, then the keys of another site in their place."""
	record = make(archive, account())
	with monkeypatch.context() as patch:
		patch.setenv(keyring.FILE_VARIABLE, str(tmp_path / "other.json"))
		keyring._create()
	monkeypatch.setenv(keyring.FILE_VARIABLE, str(tmp_path / "other.json"))
	return record


def test_another_sites_keys_are_noticed_and_change_nothing(other_keys: Any) -> None:
	before = row(other_keys.name)
	for act in (
		keyring.check,
		keyring.ensure,
		lambda: opened(other_keys.name),
		lambda: make(other_keys.archive, account()),
		lambda: rotation.rotate(lambda: None),
	):
		with pytest.raises(MasterKeyError):
			act()
	assert row(other_keys.name) == before


def test_the_desk_tells_those_who_can_help(other_keys: Any, people: factories.People) -> None:
	boot = frappe._dict()
	keyring.boot(boot)
	assert str(keyring.location()) in boot.kehu_archive_key_error
	boot = frappe._dict()
	with factories.acting(people["Salesperson"]):
		keyring.boot(boot)
	assert boot == {}


def test_without_keys_nothing_is_stored(archive: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setenv(keyring.FILE_VARIABLE, str(tmp_path / "none.json"))
	count, number = frappe.db.count(RECORD), account()
	frappe.db.savepoint("vault_test")
	with pytest.raises(MasterKeyError):
		make(archive, number)
	frappe.db.rollback(save_point="vault_test")
	assert frappe.db.count(RECORD) == count
	assert traces.in_tables([number]) == []
	assert not os.path.exists(tmp_path / "none.json")


def test_scrub_leaves_ordinary_reports_alone() -> None:
	report = "row 12 of 2026-03-01: 13912345678, 9111010812345678901234"
	assert hygiene.scrub(report) == report
