"""Roles x DocTypes x channels: for every DocType of the module one record of a near archive and one of a far one, asked for by every channel as every person.

What each of them may see is not written here; it is asked of the rule itself (`domain.access.decide` through `permissions.documents`) and of the DocType's role
permissions. DocTypes come from the module, so a new one without a rule fails. Clause: R-DSC-02, R-DSC-03, R-QRY-01, R-SEC-02.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import frappe
import pytest

from kehu_archive.constants import ARCHIVE, MODULE
from kehu_archive.domain import access, roles
from kehu_archive.permissions import documents, registry
from kehu_archive.tests import factories
from kehu_archive.tests.security import leaks
from kehu_archive.tests.security.conftest import Visitor

Visit = Callable[[str | None], Visitor]
PERSONS = (
	roles.SALESPERSON,
	leaks.STRANGER,
	roles.MARKET_INSPECTOR,
	roles.MARKETING_MANAGER,
	roles.PROPERTY_MANAGER,
	roles.CUSTOMER_SERVICE_MANAGER,
	roles.ARCHIVIST,
	roles.ARCHIVE_ADMINISTRATOR,
	roles.FINANCE_AUDITOR,
	roles.GENERAL_MANAGER,
	leaks.MANAGER,
)
THREADS = 4


@dataclass(frozen=True)
class Case:
	"""A DocType with the names of its two records."""

	doctype: str
	names: tuple[str, str]
	parent: str | None = None


def _doctypes() -> list[str]:
	return frappe.get_all("DocType", filters={"module": MODULE, "issingle": 0}, pluck="name", order_by="name")


def test_every_doctype_of_the_module_has_a_rule(site: str) -> None:
	"""A DocType that nobody placed in the registry would be read by whoever has its role."""
	placed = set(registry.RESTRICTED) | set(registry.BY_ROLE)
	for doctype in frappe.get_all("DocType", filters={"module": MODULE}, pluck="name"):
		assert doctype in placed, f"{doctype} stands in no table of permissions.registry"
		if doctype in registry.RESTRICTED:
			assert frappe.get_hooks("permission_query_conditions", {}).get(doctype), doctype
			assert frappe.get_hooks("has_permission", {}).get(doctype), doctype


@pytest.fixture(scope="module")
def cases(people: factories.People) -> Iterator[list[Case]]:
	"""The records, committed: written past the controllers, because only who may see them is asked here; taken away afterwards."""
	leaks.ensure_people()
	frappe.set_user("Administrator")
	near = factories.make_archive(main_contact="近人").name
	far = factories.make_archive(main_contact="远人").name
	far_values = {
		"department": factories.ensure_department(leaks.ELSEWHERE),
		"responsible": people[roles.COMPANY_LEADER],
	}
	frappe.db.set_value(
		ARCHIVE, near, {"workflow_state": "Filed", "confidentiality": "Internal", "secrecy_rank": 1}
	)
	frappe.db.set_value(
		ARCHIVE,
		far,
		{"workflow_state": "Filed", "confidentiality": "Core Trade Secret", "secrecy_rank": 3, **far_values},
	)
	made: dict[str, tuple[str, str]] = {ARCHIVE: (near, far)}
	for doctype in _doctypes():
		if doctype in registry.STANDALONE and doctype != ARCHIVE and doctype not in registry.ROWS:
			made[doctype] = _pair(doctype, registry.archive_field(doctype), (near, far))
	for doctype, (field, parent) in registry.ROWS.items():
		made[doctype] = _pair(doctype, field, made[parent])
	for doctype in _doctypes():
		parent = _parent_of(doctype)
		if parent:
			made[doctype] = _rows(doctype, parent, made[parent])
	frappe.db.commit()
	yield [Case(doctype, names, _parent_of(doctype)) for doctype, names in made.items()]
	frappe.db.rollback()
	frappe.set_user("Administrator")
	for doctype, names in made.items():
		if doctype != ARCHIVE:
			frappe.db.delete(doctype, {"name": ("in", names)})
	frappe.db.commit()


def _parent_of(doctype: str) -> str | None:
	return registry.CHILDREN.get(doctype) or next(iter(registry.SHARED_CHILDREN.get(doctype, ())), None)


def _pair(doctype: str, field: str | None, links: tuple[str, str]) -> tuple[str, str]:
	one, two = (_written(doctype, {field: link} if field else {}) for link in links)
	return one, two


def _rows(doctype: str, parent: str, parents: tuple[str, str]) -> tuple[str, str]:
	field = next(df.fieldname for df in frappe.get_meta(parent).get_table_fields() if df.options == doctype)
	one, two = (
		_written(doctype, {"parent": name, "parenttype": parent, "parentfield": field, "idx": 1})
		for name in parents
	)
	return one, two


def _written(doctype: str, values: dict[str, Any]) -> str:
	doc = frappe.new_doc(doctype)
	doc.update({**values, "owner": "Administrator"})
	if frappe.get_meta(doctype).autoname != "autoincrement":
		doc.name = frappe.generate_hash()[:12]
	doc.db_insert()
	return str(doc.name)


def _may(case: Case, name: str, user: str, operation: str = access.READ) -> bool:
	"""What the rule says, asked without any channel."""
	rights = {access.EXPORT: ("read", "export"), access.PRINT: ("read", "print")}.get(operation, ("read",))
	if not all(_by_role(case.parent or case.doctype, right, user) for right in rights):
		return False
	field = registry.HANGING.get(case.doctype)
	if case.doctype == ARCHIVE or field:
		archive = frappe.db.get_value(case.doctype, name, field) if field else name
		decided = documents.decision(archive, access.READ, user=user)
		if operation != access.READ:
			further = documents.decision(archive, operation, user=user)
			return bool(decided and decided.allowed and further and further.allowed)
		return bool(decided and decided.allowed)
	stub = frappe._dict(frappe.db.get_value(case.doctype, name, "*", as_dict=True), doctype=case.doctype)
	return documents.has_permission(stub, "read", user)


def _by_role(doctype: str, right: str, user: str) -> bool:
	held = set(frappe.get_roles(user))
	return any(
		row.get(right) and row.role in held and not row.permlevel
		for row in frappe.get_meta(doctype).permissions
	)


def _named_in(answer: Any, case: Case) -> set[str]:
	return {name for name in case.names if answer.status_code == 200 and name in answer.text}


def _list(visitor: Visitor, case: Case) -> set[str]:
	body = {
		"doctype": case.doctype,
		"fields": ["name"],
		"filters": {"name": ["in", list(case.names)]},
		"parent": case.parent,
	}
	return _named_in(visitor.call("frappe.client.get_list", **body), case)


def _rest_list(visitor: Visitor, case: Case) -> set[str]:
	filters = json.dumps([["name", "in", list(case.names)]])
	more = {"parent": case.parent} if case.parent else {}
	return _named_in(visitor.get(f"/api/resource/{case.doctype}", filters=filters, **more), case)


def _report_view(visitor: Visitor, case: Case) -> set[str]:
	fields = json.dumps([f"`tab{case.doctype}`.`name`"])
	filters = json.dumps([[case.doctype, "name", "in", list(case.names)]])
	more = {"parent_doctype": case.parent, "parenttype": case.parent} if case.parent else {}
	return _named_in(
		visitor.call(
			"frappe.desk.reportview.get", doctype=case.doctype, fields=fields, filters=filters, **more
		),
		case,
	)


def _each(run: Callable[[Visitor, Case, str], bool]) -> Callable[[Visitor, Case], set[str]]:
	return lambda visitor, case: {name for name in case.names if run(visitor, case, name)}


def _count(visitor: Visitor, case: Case) -> int:
	filters = json.dumps({"name": ["in", list(case.names)]})
	answer = visitor.call("frappe.client.get_count", doctype=case.doctype, filters=filters)
	return int(answer.json().get("message") or 0) if answer.status_code == 200 else 0


def _group_count(visitor: Visitor, case: Case) -> int:
	filters = json.dumps([[case.doctype, "name", "in", list(case.names)]])
	answer = visitor.call(
		"frappe.desk.listview.get_group_by_count",
		doctype=case.doctype,
		current_filters=filters,
		field="docstatus",
	)
	return sum(row["count"] for row in answer.json().get("message") or []) if answer.status_code == 200 else 0


def _open(visitor: Visitor, case: Case, name: str) -> bool:
	answer = visitor.get("/api/method/frappe.desk.form.load.getdoc", doctype=case.doctype, name=name)
	return answer.status_code == 200 and bool(answer.json().get("docs"))


def _rest(visitor: Visitor, case: Case, name: str) -> bool:
	answer = visitor.get(f"/api/resource/{case.doctype}/{name}")
	return answer.status_code == 200 and str(answer.json()["data"]["name"]) == name


def _get(visitor: Visitor, case: Case, name: str) -> bool:
	answer = visitor.call("frappe.client.get", doctype=case.doctype, name=name, parent=case.parent)
	return answer.status_code == 200 and str(answer.json()["message"]["name"]) == name


def _value(visitor: Visitor, case: Case, name: str) -> bool:
	answer = visitor.call(
		"frappe.client.get_value",
		doctype=case.doctype,
		fieldname="owner",
		filters={"name": name},
		parent=case.parent,
	)
	return answer.status_code == 200 and bool(answer.json().get("message"))


def _exists(visitor: Visitor, case: Case, name: str) -> bool:
	answer = visitor.call("frappe.client.validate_link", doctype=case.doctype, docname=name)
	return answer.status_code == 200 and bool((answer.json().get("message") or {}).get("name"))


def _search(visitor: Visitor, case: Case, name: str) -> bool:
	answer = visitor.call(
		"frappe.desk.search.search_link",
		doctype=case.doctype,
		txt=name,
		page_length=20,
		ignore_user_permissions=1,
	)
	found = (
		answer.json().get("message") or answer.json().get("results") or []
		if answer.status_code == 200
		else []
	)
	return any(row.get("value") == name for row in found)


def _print(visitor: Visitor, case: Case, name: str) -> bool:
	answer = visitor.call("frappe.www.printview.get_html_and_style", doc=case.doctype, name=name)
	return answer.status_code == 200 and bool((answer.json().get("message") or {}).get("html"))


def _export(visitor: Visitor, case: Case) -> set[str]:
	answer = visitor.call(
		"frappe.desk.reportview.export_query",
		doctype=case.doctype,
		file_format_type="CSV",
		title="x",
		fields=json.dumps([f"`tab{case.doctype}`.`name`"]),
		filters=json.dumps([[case.doctype, "name", "in", list(case.names)]]),
	)
	if answer.status_code != 200:
		return set()
	cells = {cell for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))) for cell in row}
	return set(case.names) & cells


#: Channel -> (how it is asked, operation, which DocTypes it is asked of).
Channel = tuple[Callable[[Visitor, Case], "set[str] | int"], str, Callable[[Case], bool]]


def _any(case: Case) -> bool:
	return True


def _standalone(case: Case) -> bool:
	return case.parent is None


def _of_archive(case: Case) -> bool:
	return case.doctype == ARCHIVE or case.doctype in registry.HANGING


CHANNELS: dict[str, Channel] = {
	"list": (_list, access.READ, _any),
	"REST list": (_rest_list, access.READ, _standalone),
	"report view": (_report_view, access.READ, _standalone),
	"REST": (_each(_rest), access.READ, _any),
	"client.get": (_each(_get), access.READ, _standalone),
	"client.get_value": (_each(_value), access.READ, _standalone),
	"open": (_each(_open), access.READ, _standalone),
	"count": (_count, access.READ, _standalone),
	"group count": (_group_count, access.READ, _standalone),
	"link search": (_each(_search), access.READ, _standalone),
	"existence of a link": (_each(_exists), access.READ, _standalone),
	"print": (_each(_print), access.PRINT, _of_archive),
	"export": (_export, access.EXPORT, _of_archive),
}


def _differences(visitor: Visitor, user: str, cases: list[Case]) -> Iterator[str]:
	asked = [
		(case, name, channel) for case in cases for name, channel in CHANNELS.items() if channel[2](case)
	]
	with ThreadPoolExecutor(THREADS) as pool:
		answers = list(pool.map(lambda one: one[2][0](visitor, one[0]), asked))
	for (case, name, (_run, operation, _applies)), shown in zip(asked, answers, strict=True):
		expected = {record for record in case.names if _may(case, record, user, operation)}
		if shown != (len(expected) if isinstance(shown, int) else expected):
			told = shown if isinstance(shown, int) else _which(case, shown)
			yield f"{case.doctype} by {name}: shows {told}, should show {_which(case, expected)}"


def _which(case: Case, names: set[str]) -> list[str]:
	return [place for place, name in zip(("near", "far"), case.names, strict=True) if name in names]


@pytest.mark.parametrize("person", PERSONS)
def test_every_channel_shows_what_the_rule_allows(
	visit: Visit, people: factories.People, cases: list[Case], person: str
) -> None:
	user = person if "@" in person else people[person]
	frappe.db.rollback()
	differences = list(_differences(visit(person), user, cases))
	assert not differences, "\n".join(differences)


def test_the_matrix_can_fail(people: factories.People, cases: list[Case]) -> None:
	"""Some person sees the near and not the far archive, one sees both, one sees neither; else the matrix would prove little."""
	archives = next(case for case in cases if case.doctype == ARCHIVE)
	seen = {
		tuple(_may(archives, name, person if "@" in person else people[person]) for name in archives.names)
		for person in PERSONS
	}
	assert {(True, False), (True, True), (False, False)} <= seen
