"""What happens when the app is installed, migrated and removed. Each step lives in ``seed``."""

from __future__ import annotations

import frappe

from kehu_archive.seed import (
	access_rules,
	appeal_workflow,
	classification_workflow,
	ledger,
	masters,
	removal,
	roles,
	settings,
	workflow,
)
from kehu_archive.services import search_index
from kehu_archive.vault import keyring


def before_install() -> None:
	"""Note what the site had before us, so that the removal leaves it alone."""
	roles.note_existing()


def after_install() -> None:
	"""Prepare a fresh site."""
	seed()


def after_migrate() -> None:
	"""Bring an upgraded site to the same state as a fresh one; an administrator's edits stay."""
	seed()


def seed() -> None:
	"""Create what is missing, in the order the parts lean on each other. Safe to run any number of times."""
	search_index.ensure_table()
	# Whatever is seeded may be recorded, and what is recorded is sealed with a key.
	keyring.ensure()
	with ledger.open_ledger() as book:
		roles.seed(book)
		masters.seed(book)
		workflow.seed(book)
		access_rules.seed(book)
		classification_workflow.seed(book)
		appeal_workflow.seed(book)
	settings.seed()


def after_app_install(app_name: str) -> None:
	"""ERPNext may arrive after us: nothing is copied, the link becomes possible by itself."""
	if app_name == "erpnext":
		frappe.clear_cache()


def before_uninstall() -> None:
	"""Take along everything that is ours and lives outside our DocTypes, while these still exist."""
	removal.before()


def after_uninstall() -> None:
	"""Take along what could only go after the DocTypes."""
	removal.after()
