"""Commands of the bench: ``bench --site SITE kehu-archive COMMAND``."""

from __future__ import annotations

import click

from kehu_archive.commands import audit, keys


@click.group("kehu-archive")
def kehu_archive() -> None:
	"""The customer archives' audit and keys."""


for _command in (
	audit.verify_audit,
	audit.seal_audit,
	audit.purge_audit,
	audit.accept_audit_head,
	keys.check_key,
	keys.rotate_key,
):
	kehu_archive.add_command(_command)

commands = [kehu_archive]
