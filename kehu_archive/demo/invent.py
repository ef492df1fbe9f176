"""Invents customers from a seed: the same seed gives the same customers, only the dates follow the calendar.

Contract: pure functions and a generator; nothing here knows the framework. Codes carry correct check characters.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from faker import Faker
from pypinyin import lazy_pinyin
from stdnum import luhn
from stdnum.cn import ric, uscc

from kehu_archive.demo import prospecting, wording
from kehu_archive.demo.wording import Place, Trade

SEED = 20260101
COMPANIES = 300
PERSONS = 200
#: Class codes of the archive types, in the proportion in which companies are invented.
COMPANY_CLASSES = ("KH", "KH", "KH", "GY", "HB", "DL")
PERSON_CLASSES = ("KH", "ZD")

Values = dict[str, Any]


@dataclass(frozen=True)
class Invented:
	"""One customer: the archive's values and those of everything that hangs on it."""

	number: int
	class_code: str
	place: Place
	trade: Trade
	archive: Values
	contacts: tuple[Values, ...]
	sales: tuple[Values, ...]
	papers: tuple[Values, ...]
	secrets: tuple[Values, ...]
	first_day: date
	extra: Values = field(default_factory=dict)


class Inventor:
	"""Gives the customers one after another; ``today`` anchors everything that is recent."""

	def __init__(self, today: date, seed: int = SEED) -> None:
		self.today = today
		self.random = random.Random(seed)
		self.faker = Faker("zh_CN")
		self.faker.seed_instance(seed)
		self._names: set[str] = set()

	def companies(self, count: int = COMPANIES) -> list[Invented]:
		"""``count`` companies: customers, suppliers, partners and agents."""
		return [self._company(number) for number in range(1, count + 1)]

	def persons(self, count: int = PERSONS, start: int = COMPANIES + 1) -> list[Invented]:
		"""``count`` persons, numbered from ``start``."""
		return [self._person(number) for number in range(start, start + count)]

	# -- companies -----------------------------------------------------------------------------------------

	def _company(self, number: int) -> Invented:
		place, trade = self._pick(wording.PLACES), self._pick(wording.TRADES)
		brand, name = self._company_name(place, trade)
		legal, principal, main = self._name(), self._name(), self._name()
		first_day = self._day(400, 2400)
		prospective = number % 7 == 0
		sales = () if prospective else self._sales(trade, first_day)
		website = f"www.{_latin(brand)}{number}.{wording.MAIL_DOMAIN}"
		archive = {
			**self._reach(place, number, self._office_address(place), _latin(brand)),
			**self._registration(place, legal),
			**self._size(trade),
			**self._dealings(number),
			**prospecting.outlook_of(number, trade.unit_price, self.today, prospective),
			"customer_name": name,
			"short_name": brand + trade.word[:2],
			"archive_date": first_day,
			"party_kind": "Organisation",
			"website": website,
			"main_business": trade.main_business,
			"additional_business": trade.additional_business,
			"business_scope": f"{trade.main_business};{trade.additional_business};货物及技术进出口",
			"leading_products": trade.products,
			"industry": trade.industry,
			"corporate_culture": self._pick(wording.CULTURES),
			"development_policy": self._pick(wording.POLICIES),
			"former_names": f"{place.city}{brand}贸易有限公司" if number % 5 == 0 else None,
			"household_no": f"A{number // 20 + 1}-{number:04d}" if number % 4 == 0 else None,
			"is_important": int(number % 9 == 0),
		}
		return Invented(
			number=number,
			class_code=COMPANY_CLASSES[number % len(COMPANY_CLASSES)],
			place=place,
			trade=trade,
			archive=archive,
			contacts=self._company_contacts(place, legal, principal, main, first_day),
			sales=sales,
			papers=self._contract_papers(trade, first_day) if sales else (),
			secrets=self._company_secrets(place, legal),
			first_day=first_day,
			extra={"brand": brand},
		)

	def _company_name(self, place: Place, trade: Trade) -> tuple[str, str]:
		while True:
			brand = self._pick("恒鼎瑞盛泰华嘉博远中宏安信达辰启明悦锦立")
			brand += self._pick("源邦科宇丰通诚和图晟润杰凯翔隆昌维康佳新")
			brand += self._pick(("", "", "利", "达", "兴", "美"))
			form = self._pick(wording.LEGAL_FORMS)
			name = f"{place.city}{brand}{trade.word}{form}"
			if self.random.random() < 0.15:
				name = f"{brand}{trade.word}（{place.city}）{form}"
			if (brand, trade.word) not in self._names and name not in self._names:
				self._names.update({(brand, trade.word), name})
				return brand, name

	def _registration(self, place: Place, legal: str) -> Values:
		founded = self._day(2000, 9000)
		capital = self._pick((50, 100, 200, 500, 1000, 3000, 5000, 12000))
		code = credit_code(place.division, f"{self.random.randint(10_000_000, 99_999_999)}")
		first = self.random.randint(51, 70)
		return {
			"credit_code": code,
			"tax_no": code,
			"founded_on": founded,
			"registered_capital": capital,
			"company_nature": self._pick(wording.NATURES),
			"shareholders": [
				{
					"shareholder_name": legal,
					"contribution": capital * first / 100,
					"share_percent": first,
					"remark": "控股股东",
				},
				{
					"shareholder_name": self._name(),
					"contribution": capital * (100 - first) / 100,
					"share_percent": 100 - first,
				},
			],
		}

	def _size(self, trade: Trade) -> Values:
		staff = self._pick((12, 36, 58, 120, 260, 480, 1200))
		foreign = self._pick((0, 0, 0, 2, 5))
		base = staff * self.random.randint(180_000, 420_000)
		years = [self.today.year - back for back in (1, 2, 3)]
		return {
			"headcount": staff,
			"chinese_staff": staff - foreign,
			"foreign_staff": foreign,
			"peer_position": self._pick(wording.PEER_POSITIONS),
			"yearly_sales": [
				{"year": year, "amount": base * (100 - 8 * i) // 100, "remark": "客户提供"}
				for i, year in enumerate(years)
			],
			"financials": [
				{
					"year": year,
					"assets": base * 2,
					"liabilities": base * self.random.randint(4, 13) // 10,
					"revenue": base * (100 - 8 * i) // 100,
					"profit": base * self.random.randint(2, 12) // 100,
					"remark": "审计报告" if i == 0 else "估算",
				}
				for i, year in enumerate(years[:2])
			],
		}

	def _dealings(self, number: int) -> Values:
		weakness, countermeasure = self._pick(wording.WEAKNESSES)
		matter, impact = self._pick(wording.CHANGES)
		return {
			**self._habits(number),
			"business_dealings": self._pick(wording.DEALINGS),
			"competitors": self._pick(wording.COMPETITORS),
			"advantages": self._pick(wording.ADVANTAGES),
			"credit_description": self._pick(wording.CREDIT_WORDS),
			"weaknesses": [{"weakness": weakness, "countermeasure": countermeasure}],
			"developments": [
				{"news_date": self._day(3, 60), "content": self._pick(wording.NEWS), "source": "走访"}
			],
			"major_changes": [{"change_date": self._day(30, 700), "matter": matter, "impact": impact}]
			if number % 3 == 0
			else [],
		}

	def _habits(self, number: int) -> Values:
		"""What is noted of companies and persons alike."""
		category, preference = self._pick(wording.PREFERENCES)
		return {
			"payment_method": self._pick(wording.PAYMENTS),
			"preferences": [
				{
					"category": category,
					"preference": preference,
					"observed_on": self._day(5, 300),
					"team": "走访一组",
				}
			],
			"collections": [self._collection(number)],
			"custodian_kind": "Full-time" if number % 3 else "Part-time",
			"information_source": wording.SOURCES[number % len(wording.SOURCES)],
			"remark": "演示数据,内容均为虚构",
		}

	def _collection(self, number: int) -> Values:
		channel = wording.SOURCES[number % len(wording.SOURCES)]
		row: Values = {
			"channel": channel,
			"obtained_on": self._day(20, 400),
			"business_stage": self._pick(wording.STAGES),
			"content": "客户基本资料与经营情况",
		}
		if channel == "Mailed Data Sheet":
			sent = self._day(60, 90)
			row.update(
				sent_on=sent, reminded_on=sent + timedelta(days=14), returned_on=sent + timedelta(days=21)
			)
			row["obtained_on"] = row["returned_on"]
		if channel == "Survey Agency":
			row.update(agency_name="明察市场调查事务所", agency_fee=12000)
		return row

	def _company_contacts(
		self, place: Place, legal: str, principal: str, main: str, first_day: date
	) -> tuple[Values, ...]:
		daily, emergency = self._name(), self._name()
		return (
			self._contact(place, legal, "董事长", 50, first_day, is_legal_representative=1, is_leader=1),
			self._contact(place, principal, "总经理", 50, first_day, is_principal=1, is_key_person=1),
			self._contact(place, main, "采购经理", 30, first_day, is_main_contact=1),
			self._contact(place, daily, "采购专员", 10, first_day, is_daily_contact=1),
			self._contact(
				place, emergency, "行政主管", 20, first_day, is_emergency_contact=1, relation="值班负责人"
			),
		)

	def _contact(
		self, place: Place, name: str, position: str, rank: int, since: date, **flags: Any
	) -> Values:
		latin = _latin(name)
		return {
			"full_name": name,
			"gender": self._pick(("Male", "Female")),
			"position": position,
			"rank": rank,
			"started_on": since,
			"mobile": self._mobile(),
			"direct_line": self._landline(place),
			"phone": self._landline(place),
			"fax": self._landline(place),
			"email": f"{latin}{self.random.randint(10, 99)}@{wording.MAIL_DOMAIN}",
			"preferred_channel": self._pick(("Mobile", "Direct Line", "E-mail")),
			"other_channels": [{"channel": "Mobile", "value": self._mobile(), "remark": "备用"}]
			if rank >= 30
			else [],
			"education": self._pick(wording.EDUCATIONS),
			"birth_date": self._day(9500, 21000),
			"hobbies": self._pick(wording.HOBBIES),
			"habits": self._pick(wording.HABITS),
			"remark": "演示数据",
			**flags,
		}

	def _sales(self, trade: Trade, first_day: date) -> tuple[Values, ...]:
		rows: list[Values] = []
		day = first_day + timedelta(days=self.random.randint(5, 60))
		while day < self.today and len(rows) < 24:
			quantity = self.random.randint(1, 40)
			rows.append(
				{
					"transaction_kind": "Sale",
					"posted_on": day,
					"place": self._pick(("客户现场", "本公司", "订货会", "线上")),
					"quantity": quantity,
					"amount": quantity * trade.unit_price,
					**prospecting.payment_of(day, quantity, self.today),
					"remark": f"{trade.buys} {quantity} {trade.unit}",
				}
			)
			day += timedelta(days=self.random.randint(30, 160))
		return tuple(rows)

	def _contract_papers(self, trade: Trade, first_day: date) -> tuple[Values, ...]:
		"""What is recorded with more care than a sale: agreements, contracts, orders, returns and defaults."""
		signed = max(first_day, self.today - timedelta(days=self.random.randint(20, 340)))
		until = signed + timedelta(days=365)
		contract = {
			"signed_on": signed,
			"posted_on": signed,
			"valid_from": signed,
			"valid_to": until,
			"in_totals": 0,
		}
		price = trade.unit_price
		rows: list[Values] = [
			{
				**contract,
				"transaction_kind": "Cooperation Agreement",
				"amount": 300 * price,
				"place": "本公司",
				"remark": "年度框架",
			},
			{
				**contract,
				"transaction_kind": "Sales Contract",
				"amount": 60 * price,
				"quantity": 60,
				"place": "客户现场",
			},
			{
				**contract,
				"transaction_kind": "Order",
				"amount": 12 * price,
				"quantity": 12,
				"place": "线上",
				"responsible_name": "王立(已离职)",
			},
			{
				"transaction_kind": "Return",
				"posted_on": signed,
				"amount": price,
				"quantity": 1,
				"remark": "规格不符,退货",
			},
			{
				"transaction_kind": "Sale",
				"posted_on": signed,
				"amount": 2 * price,
				"quantity": 2,
				"is_default": 1,
				"default_note": "逾期 45 天付款,经催告后付清",
			},
		]
		return (rows[self.random.randrange(3)], *(row for row in rows[3:] if self.random.random() < 0.25))

	def _company_secrets(self, place: Place, legal: str) -> tuple[Values, ...]:
		bank = f"{self._pick(wording.BANKS)}{place.city}分行"
		kinds: tuple[Values, ...] = (
			{"record_kind": "Bank Account", "label": bank, "value": self._account(19)},
			{
				"record_kind": "ID Number",
				"label": f"身份证({legal})",
				"value": self._identity(place),
				"valid_until": self._day(-3000, -300),
			},
			{"record_kind": "Family", "label": legal, "value": self._pick(wording.FAMILIES)},
			{
				"record_kind": "Personality",
				"label": legal,
				"value": self._pick(wording.CHARACTERS),
				"remark": "来自走访",
			},
		)
		return tuple(kind for kind in kinds if self.random.random() < 0.4)

	# -- persons -------------------------------------------------------------------------------------------

	def _person(self, number: int) -> Invented:
		place, trade = self._pick(wording.PLACES), self._pick(wording.TRADES)
		name = self._unused_name()
		first_day = self._day(100, 1800)
		estate = self._pick(wording.ESTATES)
		address = f"{place.city}市{place.district}{estate}{self.random.randint(1, 30)}栋{self.random.randint(101, 2803)}室"
		mobile = self._mobile()
		archive = {
			**self._reach(place, number, address, _latin(name)),
			**self._habits(number),
			"customer_name": name,
			"short_name": f"{name[0]}{'先生' if number % 2 else '女士'}",
			"archive_date": first_day,
			"party_kind": "Individual",
			"phone": mobile,
			"gender": "Male" if number % 2 else "Female",
			"birth_date": self._day(8000, 27000),
			"education": self._pick(wording.EDUCATIONS),
			"occupation": self._pick(wording.OCCUPATIONS),
			"employer": f"{place.city}市{self._pick(('第一中学', '人民医院', '设计院', '税务局', '个体'))}",
			"main_contact": name,
			"main_contact_phone": mobile,
			"household_no": f"{estate[:2]}-{number:04d}",
			"is_important": int(number % 23 == 0),
		}
		return Invented(
			number=number,
			class_code=PERSON_CLASSES[number % len(PERSON_CLASSES)],
			place=place,
			trade=trade,
			archive=archive,
			contacts=(
				self._contact(
					place, self._name(), "家属", 10, first_day, is_emergency_contact=1, relation="配偶"
				),
			)
			if number % 3 == 0
			else (),
			sales=self._small_sales(first_day) if number % 6 else (),
			papers=(),
			secrets=self._person_secrets(place, name),
			first_day=first_day,
		)

	def _small_sales(self, first_day: date) -> tuple[Values, ...]:
		rows: list[Values] = []
		day = first_day + timedelta(days=self.random.randint(1, 40))
		while day < self.today and len(rows) < 10:
			amount = self.random.randint(60, 3800)
			rows.append(
				{
					"transaction_kind": "Sale",
					"posted_on": day,
					"place": "门店",
					"quantity": 1,
					"amount": amount,
				}
			)
			day += timedelta(days=self.random.randint(20, 200))
		return tuple(rows)

	def _person_secrets(self, place: Place, name: str) -> tuple[Values, ...]:
		kinds: tuple[Values, ...] = (
			{"record_kind": "ID Number", "label": "身份证", "value": self._identity(place)},
			{"record_kind": "Health", "label": name, "value": self._pick(wording.HEALTH)},
			{"record_kind": "Family", "label": name, "value": self._pick(wording.FAMILIES)},
		)
		return tuple(kind for kind in kinds if self.random.random() < 0.3)

	# -- what both need ------------------------------------------------------------------------------------

	def _reach(self, place: Place, number: int, address: str, latin: str) -> Values:
		return {
			"address": address,
			"postcode": place.postcode,
			"region": place.region,
			"phone": self._landline(place),
			"fax": self._landline(place) if number % 2 else None,
			"email": f"{latin}{number}@{wording.MAIL_DOMAIN}",
		}

	def _office_address(self, place: Place) -> str:
		street, house = self._pick(wording.STREETS), self.random.randint(1, 899)
		return f"{place.city}市{place.district}{street}{house}号{self.random.randint(1, 28)}层"

	def _pick(self, choices: Any) -> Any:
		return choices[self.random.randrange(len(choices))]

	def _day(self, least: int, most: int) -> date:
		"""A day from ``most`` to ``least`` days ago; negative numbers lie ahead."""
		return self.today - timedelta(days=self.random.randint(*sorted((least, most))))

	def _name(self) -> str:
		return str(self.faker.name())

	def _unused_name(self) -> str:
		while (name := self._name()) in self._names:
			pass
		self._names.add(name)
		return name

	def _mobile(self) -> str:
		return str(self.faker.phone_number())

	def _landline(self, place: Place) -> str:
		digits = (
			8
			if len(place.area_code) == 3
			or place.area_code in ("0755", "0571", "0574", "0512", "0532", "0531", "0371", "0731", "0411")
			else 7
		)
		first = self.random.randint(2, 8)
		return f"{place.area_code}-{first}{self.random.randrange(10 ** (digits - 1)):0{digits - 1}d}"

	def _identity(self, place: Place) -> str:
		"""An identity number that passes every check; the order number 000 is never issued, so it is nobody's."""
		number = f"{place.division}{self._day(8000, 25000):%Y%m%d}000"
		return number + ric.calc_check_digit(number + "0")

	def _account(self, length: int) -> str:
		body = "6200" + "".join(str(self.random.randrange(10)) for _ in range(length - 5))
		return body + luhn.calc_check_digit(body)


def credit_code(division: str, body: str) -> str:
	"""A unified social credit code of an enterprise with both its check characters; ``body`` has eight digits."""
	code = f"91{division}{body}{_organisation_check(body)}"
	return str(code + uscc.calc_check_digit(code))


def _organisation_check(body: str) -> str:
	"""The check character of the organisation code inside a credit code (GB 11714)."""
	rest = 11 - sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11
	return {10: "X", 11: "0"}.get(rest, str(rest))


_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def _latin(text: str) -> str:
	return "".join(lazy_pinyin(text)).lower()
