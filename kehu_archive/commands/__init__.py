"""Commands of the bench: ``bench --site SITE kehu-archive COMMAND``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
import frappe
from frappe.commands import get_site, pass_context

from kehu_archive.exceptions import ArchiveError
from kehu_archive.vault.commands import check_key, rotate_key


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


@click.group("kehu-archive")
def kehu_archive() -> None:
	"""The customer archives' audit and keys."""


@kehu_archive.command("verify-audit")
@pass_context
def verify_audit(context: Any) -> None:
	"""Check the access log against its seals; ends with code 1 when anything was changed, taken out or added."""
	with connected(context):
		from kehu_archive.audit import telling, verify

		outcome = verify.verify()
		click.echo("\n".join(telling.lines(outcome)))
	if not outcome.is_sound:
		raise SystemExit(1)


@kehu_archive.command("seal-audit")
@pass_context
def seal_audit(context: Any) -> None:
	"""Seal the access log now instead of within the minute, for example before a backup."""
	with connected(context):
		from kehu_archive.audit import seal

		click.echo(frappe._("New seals: {0}").format(seal.seal_pending()))


@kehu_archive.command("purge-audit")
@click.confirmation_option(prompt="Delete entries older than the period of keeping for good?")
@pass_context
def purge_audit(context: Any) -> None:
	"""Take entries older than the period of keeping (six months or more) out of the access log; their seals stay."""
	with connected(context):
		from kehu_archive.audit import retention

		months = retention.kept_months()
		seals, entries = retention.purge()
		click.echo(
			frappe._("Kept for {0} months: {1} entries under {2} seals were taken out").format(
				months, entries, seals
			)
		)


@kehu_archive.command("accept-audit-head")
@click.option("--reason", required=True, help="Why; it is written into the access log")
@pass_context
def accept_audit_head(context: Any, reason: str) -> None:
	"""After a backup was put back: take the database's last seal as the end of the chain."""
	with connected(context):
		from kehu_archive.audit import seal

		known, new = seal.accept_head(reason)
		click.echo(
			frappe._("Last seal noted before: {0}; from now on: {1}").format(
				known.seal_no if known else "-", new.seal_no
			)
		)


for _command in (check_key, rotate_key):
	kehu_archive.add_command(_command)

commands = [kehu_archive]
