"""The site that a command works on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
import frappe
from frappe.commands import get_site

from kehu_archive.exceptions import ArchiveError


@contextmanager
def connected(context: Any) -> Iterator[None]:
	"""The site as its Administrator; a refusal ends the command with its message instead of a traceback."""
	frappe.init(site=get_site(context))
	frappe.connect()
	frappe.local.lang = frappe.db.get_default("lang") or "zh"
	try:
		yield
	except ArchiveError as error:
		frappe.db.rollback()
		raise click.ClickException(str(error)) from None
	finally:
		frappe.destroy()
