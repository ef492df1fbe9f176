"""The confidentiality pledge on the site. R-SEC-05, R-SEC-06."""

from __future__ import annotations

from typing import Any

import frappe
import pytest

from kehu_archive.domain import roles
from kehu_archive.exceptions import AccessDeniedError, PledgeError
from kehu_archive.kehu_archive.report.pledge_status import pledge_status
from kehu_archive.permissions import documents
from kehu_archive.services import pledge
from kehu_archive.tests import factories


def newcomer(role: str = roles.CUSTOMER_SERVICE_STAFF) -> str:
	"""A user who has not signed yet."""
	user = factories.ensure_user(f"new.{frappe.generate_hash(length=6)}@kehu.test", role, pledged=False)
	frappe.db.set_value("User", user, "full_name", "张 小明")
	return user


def new_version(number: str) -> None:
	settings = frappe.get_doc("Kehu Archive Settings")
	settings.update({"pledge_version": number, "pledge_text": f"新的承诺 {number}"})
	settings.save()


def test_nothing_is_visible_before_the_signature_and_everything_of_the_role_after(db: Any, people: factories.People) -> None:
	name = factories.make_archive().name
	user = newcomer()
	with factories.acting(user):
		assert not pledge.has_signed(user)
		assert frappe.get_list("Customer Archive", filters={"name": name}) == []
		with pytest.raises(AccessDeniedError):
			documents.check(name)
		with pytest.raises(frappe.PermissionError):
			frappe.get_doc("Customer Archive", name).check_permission("read")
		pledge.sign("张 小明")
		assert pledge.has_signed(user)
		assert len(frappe.get_list("Customer Archive", filters={"name": name})) == 1
		frappe.get_doc("Customer Archive", name).check_permission("read")


def test_a_signature_keeps_text_and_name_and_is_entered_once(db: Any, people: factories.People) -> None:
	user = newcomer()
	with factories.acting(user):
		first = pledge.sign("张 小明")
		assert pledge.sign("张 小明") == first
	record = frappe.get_doc(pledge.PLEDGE, first)
	text = frappe.db.get_single_value("Kehu Archive Settings", "pledge_text")
	assert (record.user, record.typed_name, record.pledge_text) == (user, "张 小明", text)
	assert record.pledge_version == pledge.version() and record.signed_on
	entries = frappe.get_all("Access Log Entry", filters={"action": "Pledge", "document_name": first}, pluck="user")
	assert entries == [user]


@pytest.mark.parametrize("typed", ["", "张小", "李四", "张 小明 ", "张　小明"])
def test_the_typed_name_is_the_users_own(db: Any, people: factories.People, typed: str) -> None:
	user = newcomer()
	with factories.acting(user):
		if "小明" in typed:
			pledge.sign(typed)
		else:
			with pytest.raises(PledgeError):
				pledge.sign(typed)
	assert pledge.has_signed(user) == ("小明" in typed)


def test_who_has_nothing_to_do_with_archives_signs_nothing(db: Any, people: factories.People) -> None:
	stranger = factories.ensure_user("passer-by@kehu.test", pledged=False)
	for user in (stranger, "Guest"):
		with factories.acting(user), pytest.raises(frappe.PermissionError):
			pledge.sign("passer-by")


def test_no_other_road_leads_to_a_pledge(db: Any, people: factories.People) -> None:
	user = newcomer()
	values = {"doctype": pledge.PLEDGE, "user": user, "signed_on": "2026-01-01", "pledge_version": "1", "typed_name": "x"}
	for actor in ("Administrator", user, people[roles.ARCHIVE_ADMINISTRATOR]):
		with factories.acting(actor), pytest.raises((PledgeError, frappe.PermissionError)):
			frappe.get_doc(values).insert()
	with factories.acting(user):
		name = pledge.sign("张 小明")
	record = frappe.get_doc(pledge.PLEDGE, name)
	record.typed_name = "别人"
	with pytest.raises(PledgeError):
		record.save()
	with pytest.raises(PledgeError):
		frappe.delete_doc(pledge.PLEDGE, name, force=True)


def test_a_new_version_is_signed_anew_and_an_old_text_does_not_change(db: Any, people: factories.People) -> None:
	user = newcomer()
	with factories.acting(user):
		pledge.sign("张 小明")
	settings = frappe.get_doc("Kehu Archive Settings")
	settings.pledge_text = "悄悄改过"
	with pytest.raises(PledgeError, match="1"):
		settings.save()
	new_version("2")
	assert not pledge.has_signed(user)
	with factories.acting(user):
		pledge.sign("张 小明")
	assert pledge.has_signed(user)
	assert frappe.db.count(pledge.PLEDGE, {"user": user}) == 2


def test_who_does_not_ask_for_it_does_without(db: Any, people: factories.People) -> None:
	settings = frappe.get_doc("Kehu Archive Settings")
	settings.pledge_text = ""
	with pytest.raises(PledgeError):
		settings.save()
	settings = frappe.get_doc("Kehu Archive Settings")
	settings.require_pledge = 0
	settings.save()
	assert pledge.has_signed(newcomer())


def test_the_desk_learns_what_is_to_be_signed(db: Any, people: factories.People) -> None:
	user = newcomer()
	for person, asked in ((user, True), (people[roles.SALESPERSON], False), ("Administrator", False), ("Guest", False)):
		info = frappe._dict()
		with factories.acting(person):
			pledge.boot(info)
		assert ("kehu_pledge" in info) == asked, person
	with factories.acting(user):
		info = frappe._dict()
		pledge.boot(info)
	assert info.kehu_pledge["full_name"] == "张 小明"
	assert "Customer Archive" in info.kehu_pledge["doctypes"]
	assert "保密" in info.kehu_pledge["text"]


def test_auditors_see_who_has_not_signed(db: Any, people: factories.People) -> None:
	user = newcomer()
	with factories.acting(people[roles.ARCHIVE_AUDITOR]):
		_columns, rows = pledge_status.execute()
		found = {row["user"]: row for row in rows}
	assert found[user]["pledge_version"] is None
	assert found[people[roles.SALESPERSON]]["pledge_version"] == pledge.version()
	assert len(rows) == len(found)
	assert rows.index(found[user]) < rows.index(found[people[roles.SALESPERSON]])
	with factories.acting(people[roles.SALESPERSON]):
		for look in (pledge_status.execute, lambda: frappe.get_list(pledge.PLEDGE)):
			with pytest.raises(frappe.PermissionError):
				look()
