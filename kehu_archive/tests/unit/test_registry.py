"""Every DocType of the app says how it hangs on an archive; a new one that says nothing fails here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kehu_archive.permissions import registry

DOCTYPES = Path(__file__).parents[2] / "kehu_archive" / "doctype"
META = {doc["name"]: doc for doc in (json.loads(path.read_text()) for path in DOCTYPES.glob("*/*.json"))}
GROUPS = (
	("Customer Archive",),
	tuple(registry.HANGING),
	tuple(registry.CASES),
	tuple(registry.OWN),
	tuple(registry.CHILDREN),
	tuple(registry.SHARED_CHILDREN),
	tuple(registry.ROWS),
	tuple(registry.BY_ROLE),
)


def fields(doctype: str) -> set[str]:
	return {field["fieldname"] for field in META[doctype]["fields"]} | {"name", "owner"}


def test_every_doctype_stands_in_exactly_one_group():
	named = [doctype for group in GROUPS for doctype in group]
	assert sorted(named) == sorted(META)


@pytest.mark.parametrize("doctype", sorted(META))
def test_the_fields_that_the_registry_names_exist(doctype):
	named = {
		*filter(None, [registry.archive_field(doctype)]),
		*(registry.CASES[doctype].people if doctype in registry.CASES else ()),
		*(registry.OWN[doctype].people if doctype in registry.OWN else ()),
		*(registry.ROWS[doctype][:1] if doctype in registry.ROWS else ()),
	}
	assert named <= fields(doctype)


@pytest.mark.parametrize("doctype", sorted(META))
def test_tables_are_children_of_their_own_parents(doctype):
	parents = registry.SHARED_CHILDREN.get(doctype) or tuple(
		[registry.CHILDREN[doctype]] if doctype in registry.CHILDREN else []
	)
	holders = {
		name for name, meta in META.items() for field in meta["fields"] if field.get("options") == doctype and field["fieldtype"] == "Table"
	}
	assert set(parents) == (holders if doctype in registry.RESTRICTED else set())


def test_what_links_to_an_archive_is_not_left_to_roles():
	for doctype in registry.BY_ROLE:
		links = [field["fieldname"] for field in META[doctype]["fields"] if field.get("options") == "Customer Archive"]
		assert not links, (doctype, links)


@pytest.mark.parametrize("doctype", registry.RESTRICTED)
def test_no_restricted_doctype_is_found_by_the_global_search(doctype):
	"""The framework's global search knows roles only and answers with content."""
	assert not [field["fieldname"] for field in META[doctype]["fields"] if field.get("in_global_search")]
