"""One box finds an archive by whatever one remembers of the customer, and only what one may see (R-QRY-01, R-CON-06, R-NFR-04)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import frappe
import pytest
from frappe.desk.search import search_link

from kehu_archive.api import search as api
from kehu_archive.constants import SEARCH_TABLE
from kehu_archive.domain import roles
from kehu_archive.services import bulk, search, search_index
from kehu_archive.tests import factories
from kehu_archive.tests.factories import acting, archive_values, make_archive

NAME = "重庆曌鼂机电设备有限公司"
CODE = "91110108BADMQPGN8D"


@pytest.fixture
def archive(db: Any) -> Any:
	"""An archive with a name, a contact and numbers that occur nowhere else."""
	doc = make_archive(
		customer_name=NAME,
		short_name="曌鼂机电",
		former_names="重庆龘靐机械厂",
		phone="023-65097731",
		legal_representative="单彧晅",
		main_contact="曾翀昉",
		main_contact_phone="13987650492",
		credit_code=factories.credit_code(),
		household_no="HX-88-0391",
	)
	frappe.get_doc(
		{
			"doctype": "Archive Contact",
			"archive": doc.name,
			"full_name": "覃昕",
			"other_channels": [
				{"channel": "Other", "value": "wx_qinyi"},
				{"channel": "Phone", "value": "0571-88123460"},
			],
		}
	).insert()
	return doc


def found(query: str) -> list[str]:
	return [row["name"] for row in search.find(query)]


def statements(query: str) -> int:
	"""How many statements one search sends to the database."""
	sent: list[str] = []
	send = frappe.db.sql

	def counted(*args: Any, **kwargs: Any) -> Any:
		sent.append(str(args[0]))
		return send(*args, **kwargs)

	frappe.db.sql = counted
	try:
		search.find(query)
	finally:
		frappe.db.sql = send
	return len(sent)


@pytest.mark.parametrize(
	"query",
	[
		NAME,
		"曌鼂",
		"机电设备 曌鼂",
		"重慶曌鼂機電",
		"機電設備 曌鼂",
		"重庆曌鼂",
		"ｚｈａｏｃｈａｏ 023",
		"chongqingzhaochao",
		"ChongQing ZhaoChao",
		"zhaochaojidian",
		"cqzcjd",
		"龘靐",
		"曾翀昉",
		"翀昉",
		"zengchongfang",
		"shanyuxuan",
		"单彧晅",
		"覃昕",
		"qinxin 曌鼂",
		"13987650492",
		"139 8765 0492",
		"+86 139-8765-0492",
		"1398765",
		"0492 曌鼂",
		"7731 曌鼂",
		"65097731",
		"023-65097731",
		"0571-88123460",
		"HX-88-0391",
		"hx880391",
		"曾翀昉 重庆",
	],
)
def test_archive_is_found_by(archive: Any, query: str) -> None:
	assert archive.name in found(query), query


@pytest.mark.parametrize("query", ["0492", "7731"])
def test_last_four_digits(archive: Any, query: str) -> None:
	assert archive.name in [row["name"] for row in search.find(query, 100)]


def test_archive_number_and_credit_code(archive: Any) -> None:
	assert found(archive.name)[0] == archive.name
	assert found(archive.name.lower().replace("-", " - ").replace(" ", ""))[0] == archive.name
	assert found(archive.credit_code) == [archive.name]
	assert archive.name in found(archive.credit_code[:12])


@pytest.mark.parametrize(
	"query", ["", " ", "-", "%", "_", "'", "\\", "a", "%%", "' or 1=1 --", "🂡", "\x00", "x" * 5000]
)
def test_strange_queries_find_nothing_and_fail_not(archive: Any, query: str) -> None:
	assert archive.name not in found(query)


def test_better_answers_come_first(db: Any) -> None:
	exact = make_archive(customer_name="曌旭有限公司").name
	begins = make_archive(customer_name="曌旭有限公司成都分部").name
	inside = make_archive(customer_name="成都曌旭有限公司销售部").name
	contact = make_archive(main_contact="曌旭").name
	order = found("曌旭有限公司")
	assert order[:2] == [exact, begins]
	assert set(found("曌旭")) == {exact, begins, inside, contact}
	assert found("曌旭")[:2] == [exact, begins]
	assert found("曌旭有限")[-1] == inside


def test_traditional_input_is_found_in_simplified(db: Any) -> None:
	"""R-NFR-04: entered in traditional characters, found in simplified ones."""
	name = make_archive(customer_name="臺灣廣廈龘電機有限公司").name
	assert found("台湾广厦龘") == [name]
	assert found("龘电机") == [name]
	assert name in found("taiwanguangsha")


def test_changes_are_found_at_once(archive: Any) -> None:
	archive.customer_name = "重庆犇羴贸易有限公司"
	archive.save()
	assert found("犇羴") == [archive.name]
	assert found("曌鼂机电设备") == []
	contact = frappe.get_last_doc("Archive Contact", {"archive": archive.name, "full_name": "覃昕"})
	contact.mobile = "13700001357"
	contact.save()
	assert found("13700001357") == [archive.name]


def test_unchanged_archive_writes_nothing_to_the_index(archive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
	written: list[Any] = []
	monkeypatch.setattr(search_index, "_insert", lambda rows: written.extend(rows))
	before = frappe.db.sql(f"select * from `{SEARCH_TABLE}` where archive = %s", archive.name)
	search_index.write([archive.name])
	assert written == []
	assert frappe.db.sql(f"select * from `{SEARCH_TABLE}` where archive = %s", archive.name) == before


def test_bulk_loaded_archives_are_found(db: Any) -> None:
	names = bulk.insert_archives(
		[{**archive_values(customer_name=f"厵麤{n}号贸易行"), "doctype": None} for n in range(3)]
	)
	assert sorted(found("厵麤")) == sorted(names)


def test_rebuild_restores_what_is_missing_and_removes_what_is_stale(
	archive: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
	monkeypatch.setattr(frappe.db, "commit", lambda *_args, **_kwargs: None)
	monkeypatch.setattr(search_index, "CHUNK", 2)
	others = [make_archive().name for _ in range(4)]
	frappe.cache.delete_value(search_index._PROGRESS_KEY)
	search_index.rebuild()
	before = set(frappe.db.sql(f"select * from `{SEARCH_TABLE}`"))
	frappe.db.sql(f"delete from `{SEARCH_TABLE}` where archive in %s", ([archive.name, others[1]],))
	frappe.db.sql(
		f"insert into `{SEARCH_TABLE}` values (1, 'gone', 'QZ01-AA-1900-00001'), (1, 'gone', 'ZZ-9')"
	)
	seen: list[tuple[int, int]] = []
	assert search_index.rebuild(lambda done, total: seen.append((done, total))) == frappe.db.count(
		"Customer Archive"
	)
	assert set(frappe.db.sql(f"select * from `{SEARCH_TABLE}`")) == before
	assert seen[-1][0] == seen[-1][1]


def test_rebuild_goes_on_where_it_was_killed(archive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(frappe.db, "commit", lambda *_args, **_kwargs: None)
	monkeypatch.setattr(search_index, "CHUNK", 1)
	for _ in range(3):
		make_archive()
	frappe.cache.delete_value(search_index._PROGRESS_KEY)
	write, done = search_index._write_chunk, []

	def killed(names: list[str]) -> None:
		if len(done) == 2:
			raise KeyboardInterrupt
		done.extend(names)
		write(names)

	monkeypatch.setattr(search_index, "_write_chunk", killed)
	with pytest.raises(KeyboardInterrupt):
		search_index.rebuild()
	again: list[str] = []
	monkeypatch.setattr(search_index, "_write_chunk", lambda names: (again.extend(names), write(names)))
	assert search_index.rebuild() == frappe.db.count("Customer Archive")
	assert not set(again) & set(done)
	assert len(again) + len(done) == frappe.db.count("Customer Archive")


@pytest.fixture
def restricted(db: Any, people: factories.People) -> Iterator[tuple[str, str]]:
	"""A salesperson who may see one archive only, by the framework's own user permission: (user, archive)."""
	user = people[roles.SALESPERSON]
	mine = make_archive(customer_name="齉爩贸易有限公司末尾").name
	frappe.get_doc(
		{
			"doctype": "User Permission",
			"user": user,
			"allow": "Customer Archive",
			"for_value": mine,
			"apply_to_all_doctypes": 1,
		}
	).insert()
	yield user, mine
	frappe.db.rollback()
	frappe.cache.hdel("user_permissions", user)


def test_only_what_the_user_may_see(restricted: tuple[str, str]) -> None:
	user, mine = restricted
	hidden = make_archive(customer_name="齉爩贸易有限公司").name
	assert set(found("齉爩")) == {mine, hidden}
	with acting(user):
		assert found("齉爩") == [mine]
		assert found(hidden) == []
		assert api.link_query("Customer Archive", "齉爩") == [
			(mine, "齉爩贸易有限公司末尾", api.find("齉爩")[0]["main_contact"])
		]
		with pytest.raises(frappe.PermissionError):
			api.card(hidden)
		assert api.card(mine)["summary"]["name"] == mine


def test_archives_behind_many_hidden_ones_are_still_found(restricted: tuple[str, str]) -> None:
	user, mine = restricted
	bulk.insert_archives(
		[{**archive_values(customer_name=f"齉爩{n:04d}商行"), "doctype": None} for n in range(300)]
	)
	assert len(found("齉爩")) == 20
	assert mine not in found("齉爩")
	with acting(user):
		assert found("齉爩") == [mine]


def test_query_conditions_of_other_apps_count(archive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
	"""A later rule of access adds its condition to the framework's list query; the search must obey it."""
	from frappe.model import db_query

	monkeypatch.setattr(db_query.DatabaseQuery, "get_permission_query_conditions", lambda _self: "(1=0)")
	assert found(archive.name) == []


def test_guests_and_website_users_are_refused(archive: Any) -> None:
	website = factories.ensure_user("portal@kehu.test", user_type="Website User")
	for user in ("Guest", website):
		with acting(user):
			for call in (
				lambda: api.find("曌鼂"),
				lambda: api.card(archive.name),
				lambda: api.link_query("Customer Archive", "曌鼂"),
			):
				with pytest.raises(frappe.PermissionError):
					call()


def test_merged_archive_is_found_under_the_kept_one(archive: Any) -> None:
	from kehu_archive.services.merge import merge

	kept = make_archive().name
	merge(archive.name, kept, "x")
	assert found(NAME) == [kept]
	assert found(archive.name) == [kept]
	assert api.card(kept)["summary"]["merged_numbers"] == [archive.name]


def test_old_numbers_find_the_kept_archive_over_several_merges_until_they_are_undone(archive: Any) -> None:
	from kehu_archive.services import merge, merge_undo

	second, third = make_archive().name, make_archive().name
	one = merge.merge(archive.name, second, "x")
	two = merge.merge(second, third, "x")
	assert [found(number) for number in (archive.name, second, third)] == [[third]] * 3
	search_index.write([archive.name, second, third])
	assert [found(number) for number in (archive.name, second, third)] == [[third]] * 3
	assert search_index.merged_numbers([third]) == {third: sorted([archive.name, second])}
	merge_undo.undo(two)
	assert [found(number) for number in (archive.name, second, third)] == [[second], [second], [third]]
	merge_undo.undo(one)
	assert [found(number) for number in (archive.name, second, third)] == [[archive.name], [second], [third]]


def test_old_numbers_are_followed_through_a_chain(archive: Any) -> None:
	middle, kept = make_archive().name, make_archive().name
	frappe.db.set_value("Customer Archive", archive.name, "merged_into", middle)
	frappe.db.set_value("Customer Archive", middle, "merged_into", kept)
	search_index.write([archive.name, middle, kept])
	assert [found(number) for number in (archive.name, middle)] == [[kept]] * 2


def test_link_field_searches_by_pinyin_and_keeps_its_filters(
	archive: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
	def offered(text: str, **filters: Any) -> list[str]:
		answer = search_link(
			"Customer Archive", text, query="kehu_archive.api.search.link_query", filters=filters or None
		)
		rows = answer if answer is not None else frappe.response["results"]
		return [row["value"] for row in rows]

	assert offered("zhaochaojidian") == [archive.name]
	assert offered("zhaochaojidian", party_kind="Organisation") == [archive.name]
	assert offered("zhaochaojidian", party_kind="Individual") == []
	assert offered("zhaochaojidian", name=["!=", archive.name]) == []
	assert archive.name in offered("")


def test_link_fields_use_the_index_by_themselves(db: Any) -> None:
	assert frappe.get_hooks("standard_queries")["Customer Archive"] == ["kehu_archive.api.search.link_query"]


def test_card_shows_what_needs_attention(archive: Any) -> None:
	archive.append("licences", {"licence_kind": "Business Licence", "valid_until": "2020-01-01"})
	archive.save()
	factories.make_transaction(archive.name, amount=1234, posted_on="2026-02-03")
	frappe.get_doc(
		{
			"doctype": "Customer Complaint",
			"archive": archive.name,
			"complainant": "甲",
			"complained_at": "2026-03-01 10:00:00",
			"complaint_kind": "Quality",
			"complaint_object": "A",
			"complaint_content": "B",
			"demand": "C",
		}
	).insert()
	card = api.card(archive.name)
	assert card["summary"]["customer_name"] == NAME
	assert card["contacts"][0]["number"] == "13987650492"
	assert card["last_transaction"]["amount"] == 1234
	assert card["completeness"]["missing"]
	assert [alert["level"] for alert in card["alerts"]].count("red") == 2


def test_card_leaves_out_what_the_user_may_not_read(archive: Any, people: factories.People) -> None:
	factories.make_transaction(archive.name)
	factories.name_reader(archive.name, people[roles.FINANCE_AUDITOR])
	with acting(people[roles.FINANCE_AUDITOR]):
		card = api.card(archive.name)
	assert card["last_transaction"] is not None
	assert card["contacts"] == []


def test_number_of_statements_does_not_grow(archive: Any) -> None:
	search.find("曌鼂")
	assert statements("曌鼂") == 2
	assert statements("zhaochao") == 2
	bulk.insert_archives(
		[{**archive_values(customer_name=f"曌鼂{n:04d}商行"), "doctype": None} for n in range(100)]
	)
	assert statements("曌鼂") == 2
	assert statements("曌鼂 重庆") <= 4


def test_limit_is_obeyed(db: Any) -> None:
	bulk.insert_archives(
		[{**archive_values(customer_name=f"龖龗{n:04d}商行"), "doctype": None} for n in range(130)]
	)
	assert len(search.find("龖龗")) == 20
	assert len(search.find("龖龗", 7)) == 7
	assert len(search.find("龖龗", 10_000)) == search.MOST_RESULTS
