"""Commands of the key file: ``check-key`` and ``rotate-key``."""

from __future__ import annotations

from typing import Any

import click
import frappe
from frappe import _
from frappe.commands import pass_context

from kehu_archive.commands.site import connected


@click.command("check-key")
@pass_context
def check_key(context: Any) -> None:
	"""Say whether the site's keys are there, undamaged and its own."""
	with connected(context):
		from kehu_archive.vault import keyring

		keyring.check()
		ring = keyring.load()
		click.echo(
			_("The keys in {0} belong to this site. Current master key: {1}; master keys: {2}.").format(
				ring.origin, ring.masters.current, len(ring.masters.by_id)
			)
		)


@click.command("rotate-key")
@click.option("--chunk", type=click.IntRange(1, 100_000), default=500, help="Data keys in one transaction")
@pass_context
def rotate_key(context: Any, chunk: int) -> None:
	"""Make a new master key and wrap every data key with it; run again after an interruption it goes on."""
	with connected(context):
		from kehu_archive.vault import rotation

		# A command, not a request: each chunk stands for itself, so that a kill loses only the last one.
		done = rotation.rotate(frappe.db.commit, chunk)
		click.echo(
			_("Master key {0} is in use; {1} data keys were wrapped with it; retired: {2}.").format(
				done.current, done.wrapped, ", ".join(done.retired) or "-"
			)
		)
		click.echo(
			_(
				"Copy the key file to its safe place now. Backups of before need the copy of before; keep both as long as those backups."
			)
		)
