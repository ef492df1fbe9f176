"""Where a plain text was left behind: every table of the site, a dump of them, both Redis databases, log files."""

from __future__ import annotations

import shutil
import subprocess
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import frappe
import redis

_TEXT = ("char", "varchar", "text", "tinytext", "mediumtext", "longtext", "blob", "mediumblob", "longblob", "json", "varbinary")


def forms(text: str) -> list[str]:
	"""A text as it stands, and as JSON writes it."""
	escaped = text.encode("unicode_escape").decode("ascii")
	return [text] if escaped == text else [text, escaped]


def everywhere(*texts: str) -> list[str]:
	"""Every place of the site where one of the texts stands."""
	wanted = [form for text in texts for form in forms(text)]
	return [*in_tables(wanted), *in_dump(wanted), *in_redis(wanted), *in_logs(wanted)]


def in_tables(wanted: list[str]) -> list[str]:
	columns: dict[str, list[str]] = {}
	for table, column in frappe.db.sql(
		"select table_name, column_name from information_schema.columns where table_schema = database() and data_type in %s",
		(_TEXT,),
	):
		columns.setdefault(table, []).append(column)
	assert len(columns) > 100, "the site's tables were not found"
	found = []
	for table, names in columns.items():
		for column in names:
			condition = " or ".join([f"instr(`{column}`, %s) > 0"] * len(wanted))
			if frappe.db.sql(f"select 1 from `{table}` where {condition} limit 1", wanted):
				found.append(f"table {table}.{column}")
	return found


def in_dump(wanted: list[str]) -> list[str]:
	"""A dump as a backup makes it; where the client program is missing, the rows themselves, one after the other."""
	path = Path(frappe.get_site_path("private", "vault-test-dump.sql"))
	try:
		_dump(path)
		content = path.read_bytes()
		assert b"Sensitive Record" in content
		return [f"dump: {text}" for text in wanted if text.encode() in content]
	finally:
		path.unlink(missing_ok=True)


def _dump(path: Path) -> None:
	program = shutil.which("mariadb-dump") or shutil.which("mysqldump")
	conf = frappe.conf
	with path.open("wb") as file:
		if program:
			command = [program, f"--host={conf.db_host}", f"--port={conf.db_port}", f"--user={conf.db_name}"]
			command += [f"--password={conf.db_password}", "--single-transaction", "--skip-ssl", conf.db_name]
			subprocess.run(command, stdout=file, check=True)
			return
		for table in frappe.db.get_tables(cached=False):
			file.write(f"-- {table}\n".encode())
			for row in frappe.db.sql(f"select * from `{table}`"):
				file.write("\t".join(str(value) for value in row).encode() + b"\n")


def in_redis(wanted: list[str]) -> list[str]:
	found = []
	for url in {frappe.conf.redis_cache, frappe.conf.redis_queue}:
		connection = redis.Redis.from_url(url)
		assert connection.ping()
		for key in connection.scan_iter(count=1000):
			content = b"\n".join([key, *_values(connection, key)])
			found += [f"redis {url} {key!r}" for text in wanted if text.encode() in content]
	return found


def _values(connection: Any, key: bytes) -> Iterator[bytes]:
	readers = {
		b"string": lambda: [connection.get(key)],
		b"list": lambda: connection.lrange(key, 0, -1),
		b"hash": lambda: [part for pair in connection.hgetall(key).items() for part in pair],
		b"set": lambda: connection.smembers(key),
		b"zset": lambda: connection.zrange(key, 0, -1),
	}
	for value in readers.get(connection.type(key), list)():
		yield value or b""
		with suppress(zlib.error):
			yield zlib.decompress(value or b"")  # a job's arguments


def in_logs(wanted: list[str]) -> list[str]:
	"""Log files of the bench and of the site."""
	bench = Path(frappe.utils.get_bench_path())
	folders = [bench / "logs", Path(frappe.get_site_path("logs"))]
	files = [path for folder in folders if folder.is_dir() for path in folder.iterdir() if path.is_file()]
	return [f"log {path}" for path in files for text in wanted if text.encode() in path.read_bytes()]
