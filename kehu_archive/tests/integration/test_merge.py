"""Merging two archives moves everything that hangs on one, and undoing it restores every row (R-ARC-22)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import frappe
import pytest
from frappe.desk.form.assign_to import add as assign

from kehu_archive.api import duplicates as api
from kehu_archive.domain import lifecycle, roles
from kehu_archive.exceptions import DeletionRefusedError, MergeError, SealedArchiveError
from kehu_archive.services import merge as service
from kehu_archive.services import merge_references, merge_undo, search
from kehu_archive.tests import factories
from kehu_archive.tests.factories import acting, make_archive, make_transaction
from kehu_archive.vault import store

#: Which rows of a table hang on an archive is asked of the site, so a new DocType is covered by itself.
EXTRA_TABLES = ("Version", "Workflow Action", "Archive Merge")


@pytest.fixture
def manager(db: Any, people: factories.People) -> Iterator[str]:
	"""The test acts as the Customer Service Manager, who may merge."""
	user = people[roles.CUSTOMER_SERVICE_MANAGER]
	yield user
	frappe.set_user("Administrator")


def _insert(doctype: str, **values: Any) -> Any:
	return frappe.get_doc({"doctype": doctype, **values}).insert(ignore_permissions=True)


def hang_everything_on(archive: str, rng: random.Random, people: factories.People) -> None:
	"""Give an archive records of every kind that can hang on one, a random number of each."""

	def times() -> range:
		return range(rng.randint(1, 3))

	user = people[roles.SALESPERSON]
	for _ in times():
		make_transaction(archive, amount=rng.randint(1, 10_000))
	for _ in times():
		contact = _insert(
			"Archive Contact", archive=archive, full_name=factories.person_name(), mobile=factories.mobile()
		)
		_insert(
			"Sensitive Record",
			archive=archive,
			contact=contact.name,
			record_kind="Health",
			label="x",
			value="secret",
		)
	for _ in times():
		_insert(
			"Customer Complaint",
			archive=archive,
			complainant=factories.person_name(),
			complained_at="2026-03-01 10:00:00",
			complaint_kind="Quality",
			complaint_object="A",
			complaint_content="B",
			demand="C",
		)
		_insert(
			"Customer Feedback", archive=archive, received_on="2026-03-01", channel="Phone", content="good"
		)
	_insert("Archive Borrowing", archive=archive, applied_on="2026-03-01", applicant=user)
	reference = {"reference_doctype": "Customer Archive", "reference_name": archive}
	for _ in times():
		_insert("Comment", comment_type="Comment", content="note", **reference)
		_insert(
			"Communication", subject="mail", content="text", communication_type="Communication", **reference
		)
	_insert(
		"Communication",
		subject="other",
		content="text",
		timeline_links=[{"link_doctype": "Customer Archive", "link_name": archive}],
	)
	for number in times():
		_insert(
			"File",
			file_name=f"{archive}-{number}.txt",
			content=f"{archive} {number} {rng.random()}",
			attached_to_doctype="Customer Archive",
			attached_to_name=archive,
			is_private=1,
		)
	assign(
		{
			"assign_to": [rng.choice([user, people[roles.ARCHIVIST]])],
			"doctype": "Customer Archive",
			"name": archive,
		}
	)
	# A share from before the app refused them: it still moves with its archive.
	share = {"doctype": "DocShare", "share_doctype": "Customer Archive", "share_name": archive, "user": user, "read": 1}
	frappe.get_doc(share).db_insert()
	frappe.get_doc("Customer Archive", archive).add_tag(rng.choice(["red", "green"]))
	_insert("Note", title=f"{archive} {rng.random()}", public=1)
	event = frappe.get_doc(
		{"doctype": "Event", "subject": "visit", "starts_on": "2026-03-01 10:00:00", "event_type": "Private"}
	)
	event.append(
		"event_participants", {"reference_doctype": "Customer Archive", "reference_docname": archive}
	)
	event.insert(ignore_permissions=True)


def child_rows() -> dict[str, list[dict[str, Any]]]:
	return {
		"licences": [
			{
				"licence_kind": "Business Licence",
				"licence_no": factories.mobile(),
				"valid_until": "2030-01-01",
			}
		],
		"preferences": [{"category": "Product", "preference": factories.company_name()}],
		"yearly_sales": [{"year": 2024, "amount": random.randint(1, 10**6)}],
		"weaknesses": [{"weakness": factories.person_name(), "countermeasure": "-"}],
	}


def tables() -> list[str]:
	names = {one.doctype for one in merge_references.references() if not one.is_single}
	meta = frappe.get_meta("Customer Archive")
	return sorted(
		names
		| {field.options for field in meta.get_table_fields()}
		| set(EXTRA_TABLES)
		| {"Customer Archive"}
	)


def dump() -> dict[str, dict[str, dict[str, Any]]]:
	"""Every row of every table that can point at an archive, secrets in clear; only the time of change is left out."""
	found = {}
	for doctype in tables():
		rows = frappe.db.sql(f"select * from `tab{doctype}`", as_dict=True)
		for row in rows if doctype == "Sensitive Record" else ():
			home = store.Home(row["name"], row["archive"], row["record_kind"])
			row["ciphertext"] = str.__str__(store.unseal(home, row["ciphertext"]))
		found[doctype] = {
			row["name"]: {key: value for key, value in row.items() if key != "modified"} for row in rows
		}
	return found


def index_rows(*archives: str) -> set[tuple[Any, ...]]:
	return set(
		frappe.db.sql(
			"select kind, token, archive from `__kehu_archive_search` where archive in %s", (archives,)
		)
	)


@pytest.mark.parametrize("seed", range(4))
def test_everything_moves_and_undo_restores_every_row(
	manager: str, people: factories.People, seed: int
) -> None:
	rng = random.Random(seed)
	fields = {"former_names": "旧名", "email": "a@example.com"} if seed % 2 else {}
	target = make_archive(confidentiality="Unclassified", **child_rows(), **fields).name
	source = make_archive(
		confidentiality="Internal",
		website="www.example.com",
		credit_code=factories.credit_code(rng),
		headcount=12,
		**child_rows(),
	).name
	hang_everything_on(source, rng, people)
	if seed % 2:
		hang_everything_on(target, rng, people)
	before, index_before = dump(), index_rows(source, target)
	website = frappe.db.get_value("Customer Archive", source, "website")
	names = {
		name: frappe.db.get_value("Customer Archive", name, "customer_name") for name in (source, target)
	}

	with acting(manager):
		trace = api.merge(source, target, "同一客户重复建档")

	for reference in merge_references.references():
		assert merge_references.names_of(reference, source) == [], reference
	moved = {d: sum(r != before[d].get(n) for n, r in rows.items()) for d, rows in dump().items()}
	for doctype in (
		"Archive Transaction",
		"Archive Contact",
		"Sensitive Record",
		"Customer Complaint",
		"Comment",
		"File",
		"ToDo",
	):
		assert moved[doctype] > 0, doctype
	kept = frappe.get_doc("Customer Archive", target)
	assert names[source] in kept.former_names.splitlines()
	assert (kept.confidentiality, kept.website, kept.headcount) == ("Internal", website, 12)
	assert kept.code_key == kept.credit_code != ""
	assert kept.transaction_count == frappe.db.count("Archive Transaction", {"archive": target})
	assert [row.idx for row in kept.licences] == [1, 2]
	assert len(kept.yearly_sales) == 1, "a second row of the same year would make the archive unsaveable"
	assert frappe.db.get_value("Customer Archive", source, ["merged_into", "code_key"]) == (target, None)
	assert [row["name"] for row in search.find(names[source])][:1] == [target]
	assert index_rows(source) == set()
	kept.save()

	with acting(manager):
		assert api.undo(trace) == []

	after = dump()
	del after["Archive Merge"][trace]
	for doctype in before:
		if doctype == "Version":
			continue  # the save above wrote one
		assert after[doctype] == before[doctype], doctype
	assert index_rows(source, target) == index_before
	assert frappe.db.get_value("Archive Merge", trace, "status") == "Undone"


def test_fields_changed_since_are_reported_and_kept(manager: str) -> None:
	target, source = make_archive().name, make_archive(email="old@example.com").name
	with acting(manager):
		trace = api.merge(source, target, "重复")
	kept = frappe.get_doc("Customer Archive", target)
	kept.email = "new@example.com"
	kept.save()
	moved = frappe.get_all("Archive Contact", {"archive": target}, pluck="name")
	with acting(manager):
		left = api.undo(trace)
	assert len(left) == 1
	assert target in left[0]
	assert frappe.db.get_value("Customer Archive", target, "email") == "new@example.com"
	assert frappe.db.get_value("Customer Archive", source, "email") == "old@example.com"
	assert frappe.db.count("Archive Contact", {"archive": source, "name": ("in", moved)}) == 2


def test_records_added_since_stay_with_the_kept_archive(manager: str) -> None:
	target, source = make_archive().name, make_archive().name
	make_transaction(source, amount=70)
	with acting(manager):
		trace = api.merge(source, target, "重复")
	make_transaction(target, amount=5)
	with acting(manager):
		api.undo(trace)
	totals = {n: frappe.db.get_value("Customer Archive", n, "transaction_total") for n in (source, target)}
	assert totals == {source: 70, target: 5}


def test_kept_archive_keeps_its_main_contact_and_representative(manager: str) -> None:
	target, source = (
		make_archive(main_contact="王留").name,
		make_archive(main_contact="李来", legal_representative="李来").name,
	)
	with acting(manager):
		trace = api.merge(source, target, "重复")
	posts = {"archive": target, "is_main_contact": 1}
	assert frappe.get_all("Archive Contact", posts, pluck="full_name") == ["王留"]
	assert frappe.db.get_value("Customer Archive", target, "main_contact") == "王留"
	with acting(manager):
		api.undo(trace)
	posts = {"archive": source, "is_main_contact": 1}
	assert frappe.get_all("Archive Contact", posts, pluck="full_name") == ["李来"]


def test_chain_of_merges_is_undone_from_its_end(manager: str) -> None:
	first, second, third = (make_archive().name for _ in range(3))
	make_transaction(first, amount=1)
	with acting(manager):
		one = api.merge(first, second, "重复")
		two = api.merge(second, third, "重复")
		assert frappe.db.get_value("Customer Archive", first, "merged_into") == third
		with pytest.raises(MergeError):
			api.undo(one)
		api.undo(two)
		api.undo(one)
	assert frappe.db.get_value("Customer Archive", first, "merged_into") is None
	assert frappe.db.count("Archive Transaction", {"archive": first}) == 1


def test_merged_archive_is_read_only(manager: str) -> None:
	target, source = make_archive().name, make_archive().name
	with acting(manager):
		api.merge(source, target, "重复")
	doc = frappe.get_doc("Customer Archive", source)
	doc.address = "elsewhere"
	with pytest.raises(SealedArchiveError):
		doc.save()
	with pytest.raises(SealedArchiveError):
		make_transaction(source)


def test_custom_fields_that_link_to_an_archive_move_too(
	manager: str, monkeypatch: pytest.MonkeyPatch
) -> None:
	"""A company's own Link field on a DocType of the framework; the column is stood in for by an existing one."""
	found = merge_references._fields
	custom = merge_references.Reference("ToDo", "role")
	monkeypatch.setattr(
		merge_references,
		"_fields",
		lambda source, owner: [*found(source, owner), *([custom] if source == "Custom Field" else [])],
	)
	target, source = make_archive().name, make_archive().name
	todo = _insert("ToDo", description="x")
	frappe.db.set_value("ToDo", todo.name, "role", source)
	with acting(manager):
		trace = api.merge(source, target, "重复")
		assert frappe.db.get_value("ToDo", todo.name, "role") == target
		api.undo(trace)
	assert frappe.db.get_value("ToDo", todo.name, "role") == source


def test_definitions_of_custom_fields_are_read(db: Any) -> None:
	frappe.db.sql(
		"""insert into `tabCustom Field` (name, dt, fieldname, fieldtype, options, modified)
		values ('ToDo-archive_x', 'ToDo', 'role', 'Link', 'Customer Archive', now())"""
	)
	assert merge_references.Reference("ToDo", "role") in merge_references.references()


@pytest.mark.parametrize("state", sorted(lifecycle.READ_ONLY_STATES))
@pytest.mark.parametrize("which", ["source", "target"])
def test_sealed_and_destroyed_archives_are_not_merged(manager: str, state: str, which: str) -> None:
	pair = {"source": make_archive().name, "target": make_archive().name}
	frappe.db.set_value("Customer Archive", pair[which], "workflow_state", state)
	with acting(manager), pytest.raises(MergeError):
		api.merge(pair["source"], pair["target"], "重复")


@pytest.mark.parametrize("status", service.OUT_OF_THE_HOUSE)
def test_archive_that_is_lent_out_is_not_merged(manager: str, people: factories.People, status: str) -> None:
	target, source = make_archive().name, make_archive().name
	loan = _insert(
		"Archive Borrowing",
		archive=source,
		applied_on="2026-03-01",
		applicant=people[roles.SALESPERSON],
		method="Borrow",
		due_on="2026-03-09",
	)
	frappe.db.set_value("Archive Borrowing", loan.name, "status", status)
	with acting(manager), pytest.raises(MergeError):
		api.merge(source, target, "重复")


def test_refusals(manager: str) -> None:
	one, other, third = (make_archive().name for _ in range(3))
	with acting(manager):
		for source, target, reason in ((one, one, "x"), (one, other, "  ")):
			with pytest.raises(MergeError):
				api.merge(source, target, reason)
		with pytest.raises(frappe.DoesNotExistError):
			api.merge(one, "QZ01-KH-1900-00000", "x")
		trace = api.merge(one, other, "x")
		for source, target in ((one, third), (third, one)):
			with pytest.raises(MergeError):
				api.merge(source, target, "x")
		api.undo(trace)
		with pytest.raises(MergeError):
			api.undo(trace)


def test_only_the_manager_and_the_administrator_merge(db: Any, people: factories.People) -> None:
	one, other = make_archive().name, make_archive().name
	allowed = {roles.CUSTOMER_SERVICE_MANAGER, roles.ARCHIVE_ADMINISTRATOR}
	for role in roles.ROLES:
		with acting(people[role]):
			if role in allowed:
				api.undo(api.merge(one, other, "x"))
				continue
			for call in (lambda: api.merge(one, other, "x"), lambda: api.preview(one, other)):
				with pytest.raises(frappe.PermissionError):
					call()
	assert frappe.db.get_value("Customer Archive", one, "merged_into") is None


def test_manager_merges_only_archives_he_may_write(manager: str) -> None:
	one, other = make_archive().name, make_archive().name
	_insert("User Permission", user=manager, allow="Customer Archive", for_value=one, apply_to_all_doctypes=1)
	try:
		with acting(manager), pytest.raises(frappe.PermissionError):
			api.merge(one, other, "x")
	finally:
		frappe.db.rollback()
		frappe.cache.hdel("user_permissions", manager)


def test_trace_is_written_by_the_service_alone(manager: str) -> None:
	target, source = make_archive().name, make_archive().name
	with acting(manager):
		trace = frappe.get_doc("Archive Merge", api.merge(source, target, "重复"))
	trace.reason = "another"
	with pytest.raises(MergeError):
		trace.save(ignore_permissions=True)
	with pytest.raises(DeletionRefusedError):
		frappe.delete_doc("Archive Merge", trace.name)
	with pytest.raises(MergeError):
		_insert("Archive Merge", source_archive=source, target_archive=target, reason="x")


def test_failure_in_the_middle_leaves_nothing_half_done(
	manager: str, monkeypatch: pytest.MonkeyPatch
) -> None:
	target, source = make_archive().name, make_archive().name
	before = dump()
	frappe.db.savepoint("before_merge")

	def broken(*_args: Any) -> None:
		raise RuntimeError("disk full")

	monkeypatch.setattr(service.content, "refresh_derived", broken)
	with acting(manager), pytest.raises(RuntimeError):
		api.merge(source, target, "重复")
	frappe.db.rollback(save_point="before_merge")
	assert dump() == before


def test_credit_code_given_away_since_is_not_taken_back(manager: str) -> None:
	code = factories.credit_code()
	target, source = (
		make_archive(credit_code=factories.credit_code()).name,
		make_archive(credit_code=code).name,
	)
	with acting(manager):
		trace = api.merge(source, target, "重复")
	other = make_archive(credit_code=code).name
	with acting(manager), pytest.raises(MergeError, match=other):
		merge_undo.undo(trace)


def test_preview_counts_and_changes_nothing(manager: str) -> None:
	target, source = (
		make_archive(email="a@example.com").name,
		make_archive(email="b@example.com", website="www.b.com").name,
	)
	make_transaction(source)
	before = dump()
	with acting(manager):
		shown = api.preview(source, target)
	assert dump() == before
	assert shown["records"]["Archive Transaction"] == 1
	assert shown["records"]["Archive Contact"] == 2
	assert shown["kept"]["email"] == ["a@example.com", "b@example.com"]
	assert "website" in shown["filled"]


def test_preview_names_people_who_would_stand_twice(manager: str) -> None:
	target, source = (make_archive().name for _ in range(2))
	for archive, full_name, mobile in (
		(target, "王同人", "13900000001"),
		(source, "王同人", "13900000001"),
		(target, "李无号", "13900000002"),
		(source, "李无号", None),
		(target, "张另人", "13900000003"),
		(source, "张另人", "13900000004"),
	):
		_insert("Archive Contact", archive=archive, full_name=full_name, mobile=mobile, phone="" if mobile else "01065520000")
	with acting(manager):
		shown = api.preview(source, target)
	assert sorted(shown["same_people"]) == sorted(["王同人", "李无号"])


def test_the_form_of_the_trace_names_the_people(manager: str) -> None:
	source, target = make_archive().name, make_archive().name
	with acting(manager):
		trace = frappe.get_doc("Archive Merge", api.merge(source, target, "重复"))
		trace.run_method("onload")
	assert trace.get_onload("full_names") == {manager: frappe.db.get_value("User", manager, "full_name")}
