"""A hundred thousand invented archives, the same ones on every run."""

from __future__ import annotations

import hashlib
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import frappe
from site_context import REPOSITORY, wipe

from kehu_archive.demo import office, wording
from kehu_archive.demo.invent import credit_code
from kehu_archive.services import bulk

ARCHIVES = 100_000
CHUNK = 2000
SEED = 7
STAMP = "kehu_archive_benchmark"

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲建文博思远浩然子轩雨欣佳怡志国栋梁"
BRAND_FIRST = "恒鼎瑞盛泰华嘉博远中宏安信达辰启明悦锦立天海金银东南西北新长永大广德"
BRAND_NEXT = "源邦科宇丰通诚和图晟润杰凯翔隆昌维康佳新利兴美龙凤山川江河林木石云"


def ensure() -> None:
	"""Have exactly these archives on the site; they are kept for the next run while the code that writes them is the same."""
	wanted = f"{ARCHIVES}:{_fingerprint()}"
	if frappe.db.get_default(STAMP) == wanted and frappe.db.count("Customer Archive") == ARCHIVES:
		print(f"    {ARCHIVES} archives are there from the last run", flush=True)
		return
	wipe()
	types = office.archive_types()
	frappe.db.set_default(STAMP, "")
	for number, rows in enumerate(_chunks(types["KH"], types["ZD"]), start=1):
		bulk.insert_archives(rows)
		frappe.db.commit()  # a chunk of generated data stands for itself
		if sys.stdout.isatty():
			print(f"\r    generating {number * CHUNK} of {ARCHIVES} archives", end="", flush=True)
	if sys.stdout.isatty():
		print()
	frappe.db.set_default(STAMP, wanted)
	frappe.db.commit()  # what was generated is complete from here on
	for table in ("tabCustomer Archive", "tabArchive Contact", "__kehu_archive_search"):
		frappe.db.sql(f"analyze table `{table}`")


def _fingerprint() -> str:
	"""Changes with the code that decides what a generated archive looks like in the database."""
	package = REPOSITORY / "kehu_archive"
	services = (
		package / "services" / f"{name}.py"
		for name in ("archives", "bulk", "contacts", "numbering", "search_index")
	)
	files = [*(package / "domain").glob("*.py"), *services, Path(__file__)]
	files += (package / "kehu_archive" / "doctype").glob("*/*.json")
	digest = hashlib.sha256()
	for file in sorted(files):
		digest.update(file.read_bytes())
	return digest.hexdigest()[:16]


def _chunks(company: str, person: str) -> Iterator[list[dict[str, Any]]]:
	chance = random.Random(SEED)
	numbers = iter(range(ARCHIVES))
	for _chunk in range(ARCHIVES // CHUNK):
		yield [_values(chance, next(numbers), company, person) for _row in range(CHUNK)]


def _values(chance: random.Random, number: int, company: str, person: str) -> dict[str, Any]:
	place = chance.choice(wording.PLACES)
	contact = _name(chance)
	common = {
		"archive_date": f"{chance.randint(2015, 2025)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}",
		"region": place.region,
		"postcode": place.postcode,
		"main_contact": contact,
		"main_contact_phone": f"1{chance.choice('35789')}{chance.randrange(10**9):09d}",
		"phone": f"{place.area_code}-{chance.randint(20_000_000, 89_999_999)}",
		"address": f"{place.city}市{place.district}{chance.choice(wording.STREETS)}{chance.randint(1, 899)}号",
	}
	if number % 5 == 4:
		return {
			**common,
			"customer_name": contact,
			"party_kind": "Individual",
			"archive_type": person,
			"phone": None,
		}
	brand = chance.choice(BRAND_FIRST) + "".join(chance.choices(BRAND_NEXT, k=chance.choice((1, 2))))
	name = f"{place.city}{brand}{chance.choice(wording.TRADES).word}{chance.choice(wording.LEGAL_FORMS)}"
	return {
		**common,
		"customer_name": name,
		"short_name": brand,
		"party_kind": "Organisation",
		"archive_type": company,
		"legal_representative": _name(chance),
		"credit_code": credit_code(place.division, f"{10_000_000 + number}"),
	}


def _name(chance: random.Random) -> str:
	return chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2))))
