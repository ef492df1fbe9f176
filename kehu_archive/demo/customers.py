"""Invented Chinese customers with everything that hangs on an archive, entered by the people whose work it is.

One transaction holds a group of customers complete with contacts, transactions, complaints and states, so that a
kill loses one group and the next run finds nothing half-done. A customer who is there already is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import frappe
from frappe.utils import add_days, getdate, now_datetime, today

from kehu_archive.constants import ARCHIVE, CONTACT, SENSITIVE, TRANSACTION
from kehu_archive.demo import journey, lending, office, scans, shortcuts, wording
from kehu_archive.demo.invent import COMPANIES, PERSONS, Invented, Inventor
from kehu_archive.demo.journey import acting_as
from kehu_archive.demo.people import user_of
from kehu_archive.demo.reporting import progress
from kehu_archive.domain import lifecycle as rule
from kehu_archive.domain import roles
from kehu_archive.services import bulk, contacts, feedback, transactions

GROUP = 20
#: So many customers walk through the real workflow; the others are put into their state.
WALKERS = 9
#: So many companies come with scanned papers.
WITH_SCANS = 12
#: Customer number modulo 24 -> state; all others are filed.
STATES = {
	1: rule.DRAFT,
	2: rule.SUBMITTED,
	3: rule.VERIFIED,
	4: rule.CLASSIFIED,
	5: rule.UPDATING,
	6: rule.SEALED,
	7: rule.UNDER_APPRAISAL,
}
DESTROYED = 2

Named = tuple[Invented, str]


def load(companies: int = COMPANIES, persons: int = PERSONS) -> None:
	"""Enter the customers who are not there yet."""
	inventor = Inventor(getdate(today()))
	everyone = [*inventor.companies(companies), *inventor.persons(persons)]
	known = _known(everyone)
	done = len(everyone) - sum(1 for customer in everyone if _mark(customer) not in known)
	missing = [customer for customer in everyone if _mark(customer) not in known]
	for group in _groups(missing):
		_load_group(group)
		# Each group is complete in itself; the next run goes on behind the last one committed.
		frappe.db.commit()
		done += len(group)
		progress(done, len(everyone), "invented customers")
	_load_destroyed()
	frappe.db.commit()  # the last two archives, as above


def state_of(customer: Invented) -> str:
	"""The state this customer's archive ends in."""
	return STATES.get(customer.number % 24, rule.FILED)


def _mark(customer: Invented) -> str:
	"""What the customer is recognised by on the next run: the credit code, for a person the household number."""
	return str(customer.archive.get("credit_code") or customer.archive["household_no"])


def _known(customers: list[Invented]) -> set[str]:
	marks = [_mark(customer) for customer in customers]
	found: set[str] = set()
	for field in ("credit_code", "household_no"):
		found.update(frappe.get_all(ARCHIVE, filters={field: ("in", marks)}, pluck=field))
	return found


def _groups(customers: list[Invented]) -> Iterator[list[Invented]]:
	for start in range(0, len(customers), GROUP):
		yield customers[start : start + GROUP]


def _load_group(group: list[Invented]) -> None:
	types, levels = office.archive_types(), office.position_levels()
	with acting_as(roles.SALESPERSON):
		named = [(customer, _enter(customer, types[customer.class_code])) for customer in group]
		for customer, archive in named:
			_add_contacts(customer, archive, levels)
			_add_papers(customer, archive)
	bulk.insert_transactions([row for customer, archive in named for row in _sales(customer, archive)])
	bulk.refresh_totals([archive for _customer, archive in named])
	with acting_as(roles.ARCHIVIST):
		for customer, archive in named:
			_add_secrets(customer, archive)
			_add_scans(customer, archive)
	with acting_as(roles.CUSTOMER_SERVICE_STAFF):
		for customer, archive in named:
			_add_feedback(customer, archive)
			_add_complaint(customer, archive)
	for customer, archive in named:
		if customer.number % 9 == 4:
			lending.add(archive, customer.number // 9)
	shortcuts.give_background([archive for _customer, archive in named])
	_bring_into_state(named)


# -- the archive -------------------------------------------------------------------------------------------


def _enter(customer: Invented, archive_type: str) -> str:
	values = {**customer.archive, "doctype": ARCHIVE, "archive_type": archive_type}
	department = office.department_for(customer.place.region)
	values.update(
		market_status="Prospective",
		responsible=user_of(roles.SALESPERSON),
		department=department,
		storage_location=_place(customer),
		extra_items=_extra_items(department),
	)
	for table in ("preferences", "collections"):
		for row in values[table]:
			row["department"] = department
	if values["party_kind"] == "Organisation":
		values.update(seals=_seals(customer), licences=_licences(customer))
	return str(frappe.get_doc(values).insert().name)


def _place(customer: Invented) -> str:
	if customer.archive["is_important"]:
		return office.KEY_CUSTOMER_PLACE
	return office.ORDINARY_PLACES[customer.number % len(office.ORDINARY_PLACES)]


def _extra_items(department: str) -> list[dict[str, str]]:
	answers = {"年采购计划": "约 600 万元", "对账日": "每月 25 日", "矿区通行证号": "DS-0217"}
	return [
		{"item_label": label, "item_value": answers[label]}
		for label, _needed in office.EXTRA_ITEMS.get(department, ())
	]


def _seals(customer: Invented) -> list[dict[str, Any]]:
	kinds = ("Corporate Seal", "Contract Seal", "Finance Seal", "Legal Representative Seal")
	return [
		{"seal_kind": kind, "received_on": customer.first_day} for kind in kinds[: 1 + customer.number % 4]
	]


def _licences(customer: Invented) -> list[dict[str, Any]]:
	"""Papers that run out: some soon, some lately, so that the alerts have something to say."""
	day = getdate(today())
	expiry = day + timedelta(days=(12, -20, 400, 900, 1500)[customer.number % 5])
	licence = {
		"licence_kind": "Business Licence",
		"licence_no": customer.archive["credit_code"],
		"is_copy": 1,
	}
	permit = {
		"licence_kind": "Account Opening Permit",
		"licence_no": f"J{customer.number:013d}",
		"is_copy": 1,
	}
	return [
		{
			**licence,
			"issued_on": customer.archive["founded_on"],
			"valid_until": expiry,
			"inspection_year": day.year - 1,
			"remark": "副本复印件",
		},
		{**permit, "issued_on": customer.archive["founded_on"]},
	]


# -- what hangs on it --------------------------------------------------------------------------------------


def _add_contacts(customer: Invented, archive: str, levels: dict[int, str]) -> None:
	added = [_insert_contact(values, archive, levels[values["rank"]]) for values in customer.contacts]
	if customer.number % 6 == 0 and len(added) > 3:
		contacts.replace(
			frappe.get_doc(CONTACT, added[3].name),
			Inventor(getdate(today()), seed=customer.number).faker.name(),
			{"gender": "Female", "mobile": f"138{customer.number:08d}", "remark": "接替离职的前任"},
			"原联系人离职",
		)


def _insert_contact(values: dict[str, Any], archive: str, level: str) -> Any:
	fields = {key: value for key, value in values.items() if key != "rank"}
	return frappe.get_doc(
		{**fields, "doctype": CONTACT, "archive": archive, "position_level": level}
	).insert()


def _sales(customer: Invented, archive: str) -> list[dict[str, Any]]:
	return [
		{
			**sale,
			"archive": archive,
			"transaction_no": f"XS-{customer.number:04d}-{line:03d}",
			"responsible": user_of(roles.SALESPERSON),
			"source_key": f"demo:{customer.number}:{line}",
		}
		for line, sale in enumerate(customer.sales, start=1)
	]


def _add_papers(customer: Invented, archive: str) -> None:
	for line, values in enumerate(customer.papers, start=1):
		paper = {**values, "doctype": TRANSACTION, "archive": archive}
		paper["transaction_no"] = f"HT-{customer.number:04d}-{line:02d}"
		if not paper.get("responsible_name"):
			paper["responsible"] = user_of(roles.SALESPERSON)
		if customer.number <= WITH_SCANS and line == 1:
			paper["attachment"] = scans.attach(archive, f"合同-{customer.number:04d}.pdf", scans.contract())
		doc = frappe.get_doc(paper).insert()
		if doc.transaction_kind == "Return" and customer.number % 2:
			transactions.cancel(doc, "登记到了别的客户名下")


def _add_secrets(customer: Invented, archive: str) -> None:
	people = dict(
		frappe.get_all(CONTACT, filters={"archive": archive}, fields=["full_name", "name"], as_list=True)
	)
	for values in customer.secrets:
		contact = people.get(values["label"])
		frappe.get_doc({**values, "doctype": SENSITIVE, "archive": archive, "contact": contact}).insert()


def _add_scans(customer: Invented, archive: str) -> None:
	if customer.number > WITH_SCANS:
		return
	doc = frappe.get_doc(ARCHIVE, archive)
	for row in doc.seals:
		row.specimen = scans.attach(archive, f"印鉴-{customer.number:04d}-{row.idx}.png", scans.seal())
	for row in doc.licences:
		row.attachment = scans.attach(archive, f"证照-{customer.number:04d}-{row.idx}.png", scans.licence())
	for row in doc.collections:
		if row.channel == "Survey Agency":
			row.agency_contract = scans.attach(
				archive, f"调查合同-{customer.number:04d}.pdf", scans.contract()
			)
			row.survey_report = scans.attach(archive, f"调查报告-{customer.number:04d}.pdf", scans.contract())
	doc.save()


def _add_feedback(customer: Invented, archive: str) -> None:
	if customer.number % 5:
		return
	kind, content, reply = wording.FEEDBACKS[customer.number // 5 % len(wording.FEEDBACKS)]
	person = frappe.db.get_value(CONTACT, {"archive": archive, "status": "In Post"}, "name")
	doc = frappe.get_doc(
		{
			"doctype": "Customer Feedback",
			"archive": archive,
			"contact": person,
			"received_on": add_days(today(), -(customer.number % 180)),
			"channel": _choice("Customer Feedback", "channel", customer.number // 5),
			"feedback_kind": kind,
			"content": content,
			"reply": reply,
		}
	).insert()
	if kind == "Complaint":
		feedback.make_complaint(doc)


def _add_complaint(customer: Invented, archive: str) -> None:
	if customer.number % 7 != 3:
		return
	kind, complained_of, content, demand = wording.COMPLAINTS[customer.number // 7 % len(wording.COMPLAINTS)]
	complaint = frappe.get_doc(
		{
			"doctype": "Customer Complaint",
			"archive": archive,
			"complainant": customer.contacts[-1]["full_name"]
			if customer.contacts
			else customer.archive["customer_name"],
			"contact_phone": customer.archive["phone"],
			"complained_at": add_days(now_datetime(), -(customer.number % 90) - 1),
			"channel": _choice("Customer Complaint", "channel", customer.number),
			"complaint_kind": kind,
			"complaint_object": complained_of,
			"urgency": _choice("Customer Complaint", "urgency", customer.number),
			"product_batch": f"{customer.trade.buys} 批号 {customer.number:05d}",
			"complaint_content": content,
			"demand": demand,
			"registered_department": "客户服务中心",
		}
	).insert()
	shortcuts.advance_complaint(complaint.name, _choice("Customer Complaint", "status", customer.number))


def _choice(doctype: str, field: str, position: int) -> str:
	"""One option of a choice field, each in its turn."""
	options = [option for option in frappe.get_meta(doctype).get_options(field).split("\n") if option]
	return options[position % len(options)]


# -- states ------------------------------------------------------------------------------------------------


def _bring_into_state(named: list[Named]) -> None:
	for state in rule.STATES:
		members = [(customer, archive) for customer, archive in named if state_of(customer) == state]
		for customer, archive in members:
			if customer.number > WALKERS:
				continue
			if state == rule.DRAFT:
				journey.send_back(archive)
			else:
				journey.walk(archive, state)
		shortcuts.place_in_state(
			[archive for customer, archive in members if customer.number > WALKERS], state
		)


def _load_destroyed() -> None:
	"""Two archives whose life is over: a name and a number, nothing else, as a destruction leaves them."""
	marks = [f"已销毁档案(演示){number}" for number in range(1, DESTROYED + 1)]
	known = set(frappe.get_all(ARCHIVE, filters={"customer_name": ("in", marks)}, pluck="customer_name"))
	missing = [mark for mark in marks if mark not in known]
	archive_type = office.archive_types()["KH"]
	rows = [
		{"customer_name": mark, "archive_type": archive_type, "archive_date": add_days(today(), -4000)}
		for mark in missing
	]
	shortcuts.place_in_state(bulk.insert_archives(rows), rule.DESTROYED)
