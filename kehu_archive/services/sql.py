"""Write many rows with few statements. The framework's ``bulk_insert`` builds one object for each value, which
costs more than the database does; this passes plain parameters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import frappe
from frappe.utils.html_utils import sanitize_html


def harmless(value: Any) -> Any:
	"""Clean text with markup as a document's own save would clean it: screens of the framework show it raw."""
	return sanitize_html(value) if isinstance(value, str) and "<" in value else value


def insert_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, chunk: int = 500) -> int:
	"""Insert rows into a table in the caller's transaction and return how many.

	Args:
		table: the table's name without back-quotes, such as ``tabArchive Contact``; never from user input.
		columns: column names; never from user input.
		rows: one sequence of values a row, in the order of ``columns``.
		chunk: rows in one statement.
	"""
	names = ", ".join(f"`{column}`" for column in columns)
	one = "(" + ", ".join(["%s"] * len(columns)) + ")"
	source = iter(rows)
	count = 0
	while part := list(islice(source, chunk)):
		places = ", ".join([one] * len(part))
		frappe.db.sql(
			f"insert into `{table}` ({names}) values {places}",
			[value for row in part for value in row],
		)
		count += len(part)
	return count
