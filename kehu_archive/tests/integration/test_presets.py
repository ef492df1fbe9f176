"""Presets on a real site: seeded once, switched on and off, walked through with real users (V-01, V-14, V-17, V-18, R-ACC-15, R-SEC-09)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import frappe
import pytest

from kehu_archive.api import borrowing as borrowing_api
from kehu_archive.api import presets as api
from kehu_archive.api import search as search_api
from kehu_archive.constants import ARCHIVE
from kehu_archive.domain import access, access_terms, lifecycle, roles
from kehu_archive.domain import presets as data
from kehu_archive.domain.access import Decision
from kehu_archive.exceptions import AccessRuleError
from kehu_archive.permissions import documents
from kehu_archive.seed import access_rules, ledger
from kehu_archive.services import presets, search, search_index
from kehu_archive.tests import factories
from kehu_archive.tests.factories import acting

RULE = "Access Rule"
NAME = "曌鼂物业有限公司"


@pytest.fixture
def rules(db: Any, people: factories.People) -> Iterator[factories.People]:
	"""The base set and nothing else, as on a fresh site."""
	frappe.db.sql("delete from `tabAccess Rule Approver` where name is not null")
	frappe.db.sql("delete from `tabAccess Rule` where name is not null")
	access_rules.seed(ledger.Ledger([]))
	yield people
	frappe.db.rollback()
	frappe.clear_cache(doctype="Archive Type")


def make(**values: Any) -> str:
	"""A filed archive of the sales department that nobody in particular answers for; internal unless told otherwise."""
	doc = factories.make_archive(responsible=None, customer_name=values.pop("customer_name", factories.company_name()))
	stored = {"workflow_state": lifecycle.FILED, "secrecy_rank": 1, "department": factories.SALES, **values}
	frappe.db.set_value(ARCHIVE, doc.name, stored)
	search_index.write([doc.name])
	return str(doc.name)


def person(name: str, department: str | None, rank: int, *held: str) -> str:
	user = factories.ensure_user(f"{name}@kehu.test", *held)
	factories.leave_departments(user)
	if department:
		factories.join_department(user, department, rank)
	return user


def decision(archive: str, operation: str, user: str, purpose: str = access.WORK_NEED) -> Decision:
	found = documents.decision(archive, operation, purpose, user)
	assert found
	return found


def approvers(archive: str, operation: str, user: str, purpose: str = access.WORK_NEED) -> list[str]:
	return [one.role or one.kind for one in decision(archive, operation, user, purpose).approvers]


def opens(archive: str, user: str) -> bool:
	"""Whether a person opens an archive, by the document and by the list alike."""
	with acting(user):
		listed = bool(frappe.get_list(ARCHIVE, filters={"name": archive}))
		opened = frappe.has_permission(ARCHIVE, "read", doc=frappe.get_doc(ARCHIVE, archive))
	assert listed == opened
	return bool(opened)


def approve(archive: str, user: str, purpose: str = access.WORK_NEED) -> None:
	"""The grant that an approved request creates."""
	now = frappe.utils.now_datetime()
	frappe.get_doc(
		{
			"doctype": "Access Grant",
			"user": user,
			"archive": archive,
			"purpose": purpose,
			"starts_on": now - timedelta(minutes=1),
			"ends_on": now + timedelta(hours=1),
			"can_read": 1,
		}
	).db_insert()


def on(*keys: str) -> None:
	presets.switch({key: True for key in keys})


def row(preset: str, key: str) -> Any:
	return frappe.get_doc(RULE, {"preset": preset, "preset_row": key})


def test_the_base_set_is_seeded_once_and_edits_survive(rules: factories.People) -> None:
	assert frappe.db.count(RULE, {"preset": "base", "is_disabled": 0}) == len(data.BASE.rows)
	edited, gone = row("base", "print"), row("base", "other-find")
	edited.on_print, edited.on_copy, edited.is_disabled = 0, 1, 1
	edited.save()
	gone.delete()
	book = ledger.Ledger([[RULE, edited.name]])
	access_rules.seed(book)
	assert not frappe.db.exists(RULE, gone.name)
	assert (row("base", "print").on_copy, row("base", "print").is_disabled) == (1, 1)


def test_rows_say_on_the_site_what_the_data_says(rules: factories.People) -> None:
	"""Every row of every preset, as it is read back for decisions."""
	from kehu_archive.permissions import policy
	from kehu_archive.tests.unit import test_presets as unit

	on(*(key for key in data.PRESETS if key != "base"))
	frappe.db.sql("update `tabAccess Rule` set is_disabled = 0 where name is not null")
	label = frappe.db.get_value("Archive Type", {"class_code": "GK"})
	general = frozenset(frappe.get_all("Archive Type", filters={"own_rules_only": 0}, pluck="name"))
	keys = {one.name: (one.preset, one.preset_row) for one in frappe.get_all(RULE, fields=["name", "preset", "preset_row"])}
	found = {keys[rule.name]: rule for rule in policy.current().rules}
	assert len(found) == sum(len(preset.rows) for preset in data.PRESETS.values())
	for preset in data.PRESETS.values():
		for wanted in preset.rows:
			rule = found[preset.key, wanted.key]
			expected = unit.rule_of(preset, wanted).__dict__
			expected |= {"name": rule.name, "basis": rule.basis, "archive_types": frozenset({label}) if preset.own_type else general}
			assert rule.__dict__ == expected, wanted.key


def test_off_and_on_again_keeps_edits_and_own_switches(rules: factories.People) -> None:
	on("v01-2")
	edited = row("v01-2", "other")
	edited.longest_days = 3
	edited.save()
	by_hand = row("v01-2", "sales")
	by_hand.is_disabled = 1
	by_hand.save()
	row("v01-2", "important").delete()
	presets.switch({"v01-2": False})
	assert not frappe.db.count(RULE, {"preset": "v01-2", "is_disabled": 0})
	assert row("base", "other").is_disabled == 0
	assert [one["is_on"] for one in presets.overview() if one["key"] == "v01-2"] == [False]
	on("v01-2")
	assert row("v01-2", "other").longest_days == 3
	assert row("v01-2", "other").is_disabled == 0
	assert row("v01-2", "sales").is_disabled == 1
	assert not frappe.db.exists(RULE, {"preset": "v01-2", "preset_row": "important"})


def test_two_variants_that_stand_for_the_same_row(rules: factories.People) -> None:
	on("v01-2", "v01-4")
	assert row("base", "other").held_by == "v01-2 v01-4"
	presets.switch({"v01-2": False})
	assert row("base", "other").is_disabled == 1
	presets.switch({"v01-4": False})
	assert (row("base", "other").is_disabled, row("base", "other").held_by) == (0, "")


def test_a_held_row_that_is_switched_on_by_hand_stays_on(rules: factories.People) -> None:
	on("v01-4")
	held = row("base", "other")
	held.is_disabled = 0
	held.save()
	assert held.held_by == ""
	presets.switch({"v01-4": False})
	assert row("base", "other").is_disabled == 0


def test_a_base_row_disabled_by_hand_is_not_switched_on_by_a_variant_going_off(rules: factories.People) -> None:
	mine = row("base", "other")
	mine.is_disabled = 1
	mine.save()
	on("v01-4")
	presets.switch({"v01-4": False})
	assert (row("base", "other").is_disabled, row("base", "other").held_by) == (1, "")


def test_one_switch_is_one_entry_in_the_audit_log(rules: factories.People) -> None:
	on("v01-4", "v17")
	before = frappe.db.count("Access Log Entry")
	presets.switch({"v01-4": False, "v17": False, "v18": False})
	entries = frappe.get_all("Access Log Entry", fields=["action", "detail", "user"], order_by="name desc", limit=2)
	assert frappe.db.count("Access Log Entry") == before + 1
	assert (entries[0].action, entries[0].detail) == ("Permission Change", "presets: v01-4 off, v17 off")
	presets.switch({"v17": False})
	assert frappe.db.count("Access Log Entry") == before + 1


def test_only_the_administrator_switches(rules: factories.People) -> None:
	for role in roles.ROLES:
		if role == roles.ARCHIVE_ADMINISTRATOR:
			continue
		with acting(rules[role]), pytest.raises(frappe.PermissionError):
			api.switch({"v01-4": 1})
	with acting(rules[roles.ARCHIVE_ADMINISTRATOR]):
		assert api.switch({"v01-4": 1}) == ["v01-4"]
		with pytest.raises(AccessRuleError):
			api.switch({"no-such": 1})
		with pytest.raises(AccessRuleError):
			api.switch("[]")


def test_marks_of_a_preset_cannot_be_forged(rules: factories.People) -> None:
	doc = frappe.get_doc({**presets.values(data.BASE, data.BASE.rows[0]), "rule_name": "自拟", "held_by": "v01-4"})
	doc.insert()
	assert (doc.preset, doc.preset_row, doc.held_by) == ("", "", "")
	seeded = row("base", "print")
	seeded.preset, seeded.preset_row = "", "x"
	seeded.save()
	assert (seeded.preset, seeded.preset_row) == ("base", "print")


@pytest.mark.parametrize(
	("change", "word"),
	[
		({f"on_{one}": 0 for one in access.OPERATIONS}, "操作"),
		({f"for_{one}": 0 for one in access.RELATIONS}, "申请人"),
		({"for_return_visit": 0, "for_work_need": 0, "for_other_purpose": 0}, "用途"),
		({"secrecy_from": "Core Trade Secret", "secrecy_to": "Internal"}, "密级"),
		({"outcome": "Approval", "approvers": []}, "审批人"),
		({"outcome": "Approval", "approvers": [{"approver_kind": "Role"}]}, "角色"),
		({"outcome": "Approval", "approvers": [{"approver_kind": "User"}]}, "用户"),
		({"outcome": "Restriction Only", "needs_hand_over": 0}, "结果"),
		({"longest_days": -1}, "最长"),
		({"level_from": 30, "level_below": 30}, "职级"),
		({"level_from": 40, "level_below": 30}, "职级"),
	],
)
def test_a_rule_that_cannot_be_meant_is_refused_by_name_of_its_field(rules: factories.People, change: dict[str, Any], word: str) -> None:
	values = {**presets.values(data.BASE, data.BASE.rows[0]), "rule_name": "自拟", **change}
	for field in ("level_from", "level_below"):
		values[field] = factories.position_level(values[field]) if values.get(field) else None
	with pytest.raises(AccessRuleError) as refusal:
		frappe.get_doc(values).insert()
	assert word in str(refusal.value) or not _has_translations()


def _has_translations() -> bool:
	return frappe._("Which Requesters: tick at least one box", "zh") != "Which Requesters: tick at least one box"


def test_a_whole_rule_is_taken_and_counts_at_once_and_a_deleted_one_no_more(rules: factories.People) -> None:
	"""R-SEC-09; what its outcome does not need is emptied."""
	stranger, archive = rules[roles.FINANCE_AUDITOR], make()
	frappe.db.sql("delete from `tabAccess Rule` where name is not null")
	rule = frappe.get_doc(
		{
			"doctype": RULE,
			"rule_name": "财务可查",
			"outcome": "Allowed",
			"on_read": 1,
			"approvers": [{"approver_kind": "Role", "role": roles.GENERAL_MANAGER}],
			"level_from": factories.position_level(10),
			"level_below": factories.position_level(30),
		}
	).insert()
	assert not rule.approvers
	assert opens(archive, stranger)
	rule.is_disabled = 1
	rule.save()
	assert not opens(archive, stranger)
	rule.is_disabled = 0
	rule.save()
	with acting(rules[roles.ARCHIVE_ADMINISTRATOR]):
		frappe.delete_doc(RULE, rule.name)
	assert not opens(archive, stranger)


def test_a_user_stands_once_in_a_department_and_levels_have_a_rank(rules: factories.People) -> None:
	doc = frappe.get_doc("Archive Department", factories.SALES)
	doc.append("members", {"user": rules[roles.SALESPERSON], "position_level": factories.position_level(30)})
	with pytest.raises(AccessRuleError):
		doc.save()
	with pytest.raises(AccessRuleError):
		frappe.get_doc({"doctype": "Position Level", "level_name": "无级", "rank": 0}).insert()


def test_departments_do_not_see_one_another_s_files(rules: factories.People) -> None:
	"""R-ARC-12, R-SEC-03, R-ROL-05: by the base set, as real people; the Administrator of archives is bound like anybody."""
	archive, core = make(), make(secrecy_rank=3)
	colleague = person("sales.colleague", factories.SALES, 10, roles.SALESPERSON)
	other = rules[roles.MARKETING_MANAGER]
	assert (opens(archive, colleague), opens(core, colleague)) == (True, False)
	assert not opens(archive, other)
	assert approvers(archive, access.READ, other) == [roles.CUSTOMER_SERVICE_MANAGER]
	keeper_type = frappe.db.get_value(ARCHIVE, archive, "archive_type")
	assert opens(archive, rules[roles.ARCHIVE_ADMINISTRATOR])
	# Once the type names its keeper, the administrator keeps it no more (V-06).
	frappe.db.set_value("Archive Type", keeper_type, "custodian_role", roles.ARCHIVIST)
	assert not opens(archive, rules[roles.ARCHIVE_ADMINISTRATOR])
	assert opens(archive, rules[roles.ARCHIVIST])


def test_variant_1_grade_a_by_level_and_customer_service_for_other_departments(rules: factories.People) -> None:
	"""V-01 ①: R-SEC-08, R-ACC-06."""
	on("v01-1")
	staff = person("sales.staff", factories.SALES, 10, roles.SALESPERSON)
	manager = person("sales.manager", factories.SALES, 30, roles.SALESPERSON)
	marketing = rules[roles.MARKETING_MANAGER]
	graded, plain = make(access_grade="A"), make(access_grade="B")
	assert (opens(graded, staff), opens(graded, manager)) == (False, True)
	assert (opens(plain, staff), opens(plain, manager)) == (True, True)
	approve(graded, staff)
	assert not opens(graded, staff)
	assert not opens(plain, marketing)
	assert approvers(plain, access.READ, marketing) == [roles.CUSTOMER_SERVICE_MANAGER]
	approve(plain, marketing)
	assert opens(plain, marketing)


def test_variant_2_sales_manager_same_day_and_marketing_director(rules: factories.People) -> None:
	"""V-01 ②: R-ACC-02, R-ACC-03, R-ACC-04, R-ACC-05, R-ACC-14."""
	on("v01-2")
	manager = person("sales.manager", factories.SALES, 30, roles.SALESPERSON)
	marketing = rules[roles.MARKETING_MANAGER]
	archive, important = make(), make(is_important=1)
	assert not opens(archive, manager)
	own = decision(archive, access.READ, manager)
	assert own.outcome == access.APPROVAL and own.same_day and not own.may_leave and own.needs_hand_over
	assert not decision(archive, access.TAKE_OUT, manager).may_ask
	approve(archive, manager)
	assert opens(archive, manager)
	other = decision(archive, access.BORROW, marketing)
	assert approvers(archive, access.BORROW, marketing) == [roles.MARKETING_DIRECTOR]
	assert other.needs_hand_over and not other.same_day
	strict = decision(important, access.BORROW, marketing)
	assert strict.same_day and not strict.may_renew


def test_variant_3_the_property_manager_approves(rules: factories.People) -> None:
	"""V-01 ③: R-ACC-07, R-ROL-09; the preset works as it is, with the role and its rights."""
	on("v01-3")
	assert frappe.db.exists("Role", roles.PROPERTY_MANAGER)
	staff = person("property.staff", factories.SALES, 10, roles.SALESPERSON)
	archive = make()
	assert not opens(archive, staff)
	assert approvers(archive, access.READ, staff) == [roles.PROPERTY_MANAGER]
	with acting(staff):
		asked = frappe.get_doc(
			{"doctype": "Archive Borrowing", "archive": archive, "method": "Consult", "purpose": "Work Need"}
		).insert()
	assert asked.status == "Requested"
	manager = rules[roles.PROPERTY_MANAGER]
	with acting(manager):
		assert [row.name for row in frappe.get_list("Archive Borrowing", filters={"name": asked.name})] == [asked.name]
		assert frappe.has_permission("Archive Borrowing", "write", doc=asked.name)
		borrowing_api.approve(name=asked.name)
	assert opens(archive, staff)
	assert opens(archive, rules[roles.ARCHIVIST])


def test_the_property_manager_has_the_rights_of_a_manager(rules: factories.People) -> None:
	"""R-ROL-09: the same DocTypes as the marketing manager, but for the classification, which the regulation gives to others."""
	held = {
		role: set(frappe.get_all("DocPerm", filters={"role": role, "read": 1}, pluck="parent"))
		for role in (roles.PROPERTY_MANAGER, roles.MARKETING_MANAGER)
	}
	assert held[roles.MARKETING_MANAGER] - held[roles.PROPERTY_MANAGER] == {"Classification Request"}
	archive = make(department=factories.ensure_department("物业部"))
	manager = person("property.manager", "物业部", 30, roles.PROPERTY_MANAGER)
	assert opens(archive, manager)
	with acting(manager), pytest.raises(frappe.PermissionError):
		doc = frappe.get_doc(ARCHIVE, archive)
		doc.remark = "改"
		doc.save()


def test_variant_4_nobody_without_the_general_manager(rules: factories.People) -> None:
	"""V-01 ④: R-ACC-08, R-OUT-02."""
	on("v01-4")
	archive = make(responsible=rules[roles.SALESPERSON])
	for role in (roles.SALESPERSON, roles.MARKETING_MANAGER, roles.SALES_DIRECTOR, roles.ARCHIVE_AUDITOR):
		user = rules[role]
		assert not opens(archive, user), role
		assert approvers(archive, access.READ, user) == [roles.GENERAL_MANAGER], role
		assert approvers(archive, access.DISCLOSE, user) == [roles.GENERAL_MANAGER], role
	approve(archive, rules[roles.SALESPERSON])
	assert opens(archive, rules[roles.SALESPERSON])
	assert opens(archive, rules[roles.GENERAL_MANAGER])
	with acting(rules[roles.SALESPERSON]):
		draft = factories.make_archive(responsible=None)
		draft.remark = "作者可继续录入"
		draft.save()
	presets.switch({"v01-4": False})
	assert approvers(archive, access.DISCLOSE, rules[roles.SALESPERSON]) == [access_terms.REQUESTERS_HEAD, roles.MARKETING_DIRECTOR]


def test_variant_5_sealed_files(rules: factories.People) -> None:
	"""V-01 ⑤: R-ACC-10."""
	on("v01-5")
	sealed, filed = make(workflow_state=lifecycle.SEALED), make()
	for role in (roles.ARCHIVIST, roles.CUSTOMER_SERVICE_MANAGER, roles.ARCHIVE_AUDITOR, roles.COMPANY_LEADER):
		assert (opens(sealed, rules[role]), opens(filed, rules[role])) == (False, True), role
		assert approvers(sealed, access.READ, rules[role]) == [roles.GENERAL_MANAGER], role
	assert opens(sealed, rules[roles.GENERAL_MANAGER])
	approve(sealed, rules[roles.ARCHIVIST])
	assert opens(sealed, rules[roles.ARCHIVIST])


def test_variant_6_customer_file_form(rules: factories.People) -> None:
	"""V-01 ⑥: R-ACC-09, R-ACC-11, R-OUT-03: the type comes with the preset and stands apart from the base set."""
	on("v01-6")
	kind = frappe.get_doc("Archive Type", {"class_code": "GK"})
	assert kind.own_rules_only and kind.never_disclosed and kind.never_shown
	visitor = person("satisfaction", factories.MARKETING, 10, roles.SALESPERSON)
	form, plain = make(archive_type=kind.name, secrecy_rank=3), make()
	visit = decision(form, access.READ, visitor, access.RETURN_VISIT)
	assert visit.allowed and visit.same_day
	assert not opens(form, visitor)
	assert approvers(form, access.READ, visitor) == [roles.GENERAL_MANAGER]
	assert decision(form, access.DISCLOSE, visitor).outcome == access.REFUSED
	assert decision(form, access.COPY, visitor, access.RETURN_VISIT).needs_consent
	# A return visit that was registered opens the form for the day.
	approve(form, visitor, access.RETURN_VISIT)
	assert opens(form, visitor)
	assert approvers(plain, access.READ, visitor) == [roles.CUSTOMER_SERVICE_MANAGER]
	presets.switch({"v01-6": False})
	assert not frappe.db.get_value("Archive Type", kind.name, "own_rules_only")
	assert not decision(form, access.READ, visitor, access.RETURN_VISIT).allowed or decision(
		form, access.READ, visitor, access.RETURN_VISIT
	).reason == "grant"


def test_core_trade_secrets_outside_the_office(rules: factories.People, monkeypatch: pytest.MonkeyPatch) -> None:
	"""V-17, with the office network of the settings and a request from elsewhere."""
	from types import SimpleNamespace

	from kehu_archive.permissions import facts

	on("v17")
	core, plain, keeper = make(secrecy_rank=3), make(), rules[roles.ARCHIVIST]
	settings = frappe.get_doc("Kehu Archive Settings")
	settings.internal_networks = "10.0.0.0/8"
	settings.save()
	for address, expected in (("10.1.2.3", True), ("203.0.113.9", False), ("not an address", False)):
		monkeypatch.setattr(facts, "once_a_request", lambda _key, read: read())
		monkeypatch.setattr(frappe.local, "request", SimpleNamespace(), raising=False)
		monkeypatch.setattr(frappe.local, "request_ip", address, raising=False)
		with acting(keeper):
			assert documents.may(core, access.READ) == expected, address
			assert documents.may(plain, access.READ)
			assert not documents.may(core, access.EXPORT)
			assert not documents.may(core, access.PRINT)


@pytest.mark.parametrize("key", ("v14-2", "v14-3"))
def test_copies_need_consent_or_are_forbidden(rules: factories.People, key: str) -> None:
	"""V-14, R-ACC-11: also the print button."""
	on(key)
	archive, keeper = make(), rules[roles.ARCHIVIST]
	with acting(keeper):
		assert not frappe.has_permission(ARCHIVE, "print", doc=frappe.get_doc(ARCHIVE, archive))
	expected = access.APPROVAL if key == "v14-2" else access.REFUSED
	assert decision(archive, access.COPY, keeper).outcome == expected


def test_who_receives_customers_finds_names_and_nothing_else(rules: factories.People) -> None:
	"""V-18: a limited line by name or number; a phone or a contact leads nowhere, the card and the link field stay shut."""
	archive = make(customer_name=NAME)
	contact = frappe.db.get_value("Archive Contact", {"archive": archive}, ["full_name", "mobile"], as_dict=True)
	seller = person("reception", factories.MARKETING, 10, roles.SALESPERSON)
	with acting(seller):
		assert search.find("曌鼂") == []
	on("v18")
	with acting(seller):
		(line,) = search.find("曌鼂")
		assert set(line) == {"name", "customer_name", "archive_type", "rank", "matched", "limited"}
		assert (line["name"], line["customer_name"], line["limited"]) == (archive, NAME, True)
		assert [one["name"] for one in search.find("zhaochao")] == [archive]
		assert [one["name"] for one in search.find(archive)] == [archive]
		assert search.find(contact.mobile or frappe.db.get_value(ARCHIVE, archive, "phone")) == []
		assert archive not in [one["name"] for one in search.find(contact.full_name)]
		assert search.find(f"曌鼂 {contact.full_name}") == []
		with pytest.raises(frappe.PermissionError):
			search_api.card(archive)
		assert search_api.link_query(ARCHIVE, "曌鼂") == []
		((name, customer, third),) = search_api.request_query(ARCHIVE, "曌鼂")
		assert (name, customer) == (archive, NAME) and contact.full_name not in third
		assert not opens(archive, seller)
	with acting(rules[roles.FINANCE_AUDITOR]):
		assert search.find("曌鼂") == []


def test_what_one_may_read_comes_first_and_whole(rules: factories.People) -> None:
	hidden = make(customer_name="曌鼂")
	own = make(customer_name="曌鼂工程技术服务有限公司分部", department=factories.MARKETING)
	seller = person("reception", factories.MARKETING, 10, roles.SALESPERSON)
	on("v18")
	with acting(seller):
		first, second = search.find("曌鼂")
	assert (first["name"], second["name"]) == (own, hidden)
	assert "limited" not in first and first["phone"]
	assert second["limited"]


def test_the_answer_to_try_it(rules: factories.People) -> None:
	"""R-ACC-15: what decided and who has to approve, for keepers of the archive and the administrator only."""
	archive = make(secrecy_rank=3)
	asked = rules[roles.MARKETING_MANAGER]
	for role in (roles.ARCHIVE_ADMINISTRATOR, roles.CUSTOMER_SERVICE_STAFF):
		with acting(rules[role]):
			answer = api.explain(asked, archive, access.READ, access.OTHER)
		assert not answer["allowed"]
		assert len(answer["approvers"]) == 2 and answer["rank"] == 30
		assert {one["name"] for one in answer["rules"]} == {row("base", "other").name, row("base", "other-core").name}
		with acting(rules[role]), pytest.raises(AccessRuleError):
			api.explain(asked, archive, "destroy")
	for role in (roles.SALESPERSON, roles.MARKETING_MANAGER, roles.GENERAL_MANAGER):
		with acting(rules[role]), pytest.raises(frappe.PermissionError):
			if role == roles.GENERAL_MANAGER:
				# He oversees, hence may ask; only not about an archive that does not exist.
				api.explain(asked, "KH-none")
			else:
				api.explain(asked, archive)
