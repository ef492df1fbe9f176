"""Commands of the access log: ``verify-audit``, ``seal-audit``, ``purge-audit`` and ``accept-audit-head``."""

from __future__ import annotations

from typing import Any

import click
from frappe import _
from frappe.commands import pass_context

from kehu_archive.commands.site import connected


@click.command("verify-audit")
@pass_context
def verify_audit(context: Any) -> None:
	"""Check the access log against its seals; ends with code 1 when anything was changed, taken out or added."""
	with connected(context):
		from kehu_archive.audit import telling, verify

		outcome = verify.verify()
		click.echo("\n".join(telling.lines(outcome)))
	if not outcome.is_sound:
		raise SystemExit(1)


@click.command("seal-audit")
@pass_context
def seal_audit(context: Any) -> None:
	"""Seal the access log now instead of within the minute, for example before a backup."""
	with connected(context):
		from kehu_archive.audit import seal

		click.echo(_("New seals: {0}").format(seal.seal_pending()))


@click.command("purge-audit")
@click.confirmation_option(prompt="Delete entries older than the period of keeping for good?")
@pass_context
def purge_audit(context: Any) -> None:
	"""Take entries older than the period of keeping (six months or more) out of the access log; their seals stay."""
	with connected(context):
		from kehu_archive.audit import retention

		months = retention.kept_months()
		seals, entries = retention.purge()
		click.echo(
			_("Kept for {0} months: {1} entries under {2} seals were taken out").format(
				months, entries, seals
			)
		)


@click.command("accept-audit-head")
@click.option("--reason", required=True, help="Why; it is written into the access log")
@pass_context
def accept_audit_head(context: Any, reason: str) -> None:
	"""After a backup was put back: take the database's last seal as the end of the chain."""
	with connected(context):
		from kehu_archive.audit import seal

		known, new = seal.accept_head(reason)
		click.echo(
			_("Last seal noted before: {0}; from now on: {1}").format(
				known.seal_no if known else "-", new.seal_no
			)
		)
