"""Collect every English string of the app that a user can see, without a site."""

from __future__ import annotations

import ast
import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kehu_archive.domain import (
	appeals,
	completeness,
	grading_presets,
	grading_words,
	lifecycle,
	matching,
	messages,
	presets,
	roles,
)

PACKAGE = Path(__file__).resolve().parents[1]
TRANSLATIONS = PACKAGE / "translations" / "zh.csv"
#: Keys of the framework's JSON files whose value is shown; ``options`` only where it is a list of choices.
SHOWN_KEYS = ("label", "description", "title", "subtitle", "report_name", "chart_name", "link_label", "placeholder")
_JS_CALL = re.compile(r"""__\(\s*(?P<quote>["'`])(?P<text>(?:\\.|(?!(?P=quote)).)*)(?P=quote)""", re.DOTALL)
_JINJA_CALL = re.compile(r"""(?<!\w)_\(\s*(?P<quote>["'])(?P<text>(?:\\.|(?!(?P=quote)).)*)(?P=quote)""", re.DOTALL)
_HAS_WORD = re.compile(r"[A-Za-z]{2}")
_SKIPPED_PARTS = {"tests", "node_modules", "demo"}


def rows() -> dict[str, str]:
	"""English source to Chinese, as shipped."""
	with TRANSLATIONS.open(encoding="utf-8", newline="") as handle:
		return {row[0]: row[1] for row in csv.reader(handle) if row}


def all_strings() -> dict[str, str]:
	"""Every shown string and the first place it stands in."""
	found: dict[str, str] = {}
	for text, place in (*_python(), *_javascript(), *_templates(), *_json(), *_domain()):
		text = text.strip()
		if _HAS_WORD.search(text):
			found.setdefault(text, place)
	return found


def _files(pattern: str) -> Iterator[Path]:
	for path in sorted(PACKAGE.rglob(pattern)):
		if not _SKIPPED_PARTS & set(path.relative_to(PACKAGE).parts):
			yield path


def _place(path: Path) -> str:
	return str(path.relative_to(PACKAGE))


def _python() -> Iterator[tuple[str, str]]:
	for path in _files("*.py"):
		for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
			if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_" and node.args:
				first = node.args[0]
				if isinstance(first, ast.Constant) and isinstance(first.value, str):
					yield first.value, _place(path)


def _javascript() -> Iterator[tuple[str, str]]:
	for pattern in ("*.js", "*.html"):
		for path in _files(pattern):
			for match in _JS_CALL.finditer(path.read_text(encoding="utf-8")):
				yield _unescaped(match["text"]), _place(path)


def _templates() -> Iterator[tuple[str, str]]:
	"""Print formats and templates, as Jinja reads them."""
	for path in _files("*.html"):
		for match in _JINJA_CALL.finditer(path.read_text(encoding="utf-8")):
			yield _unescaped(match["text"]), _place(path)


def _unescaped(text: str) -> str:
	return text.replace('\\"', '"').replace("\\'", "'").replace("\\n", "\n")


def _json() -> Iterator[tuple[str, str]]:
	for path in _files("*.json"):
		document = json.loads(path.read_text(encoding="utf-8"))
		if isinstance(document, dict) and document.get("doctype"):
			for text in _document_strings(document):
				yield text, _place(path)


def _document_strings(document: dict[str, Any]) -> Iterator[str]:
	if document["doctype"] in ("DocType", "Report", "Workspace", "Number Card", "Dashboard Chart"):
		yield str(document["name"])
	yield from _shown(document)
	if document["doctype"] == "Workspace":
		yield from _workspace_blocks(document)


def _shown(node: Any) -> Iterator[str]:
	if isinstance(node, list):
		for item in node:
			yield from _shown(item)
	if not isinstance(node, dict):
		return
	for key, value in node.items():
		if key in SHOWN_KEYS and isinstance(value, str):
			yield value
		elif key == "options" and node.get("fieldtype") == "Select" and isinstance(value, str):
			yield from (option for option in value.split("\n") if option and "#" not in option)
		else:
			yield from _shown(value)


def _workspace_blocks(document: dict[str, Any]) -> Iterator[str]:
	for block in json.loads(document.get("content") or "[]"):
		text = block.get("data", {}).get("text")
		if text:
			yield re.sub(r"<[^>]+>", "", text)


def _domain() -> Iterator[tuple[str, str]]:
	words = [
		*messages.MESSAGES.values(),
		*getattr(messages, "TERMS", ()),
		*roles.ROLES,
		*appeals.STATES,
		*appeals.ACTIONS.values(),
		*lifecycle.STATES,
		*completeness.ITEM_LABELS.values(),
		*matching.REASONS,
		*presets.texts(),
		*grading_words.TEMPLATES,
		*grading_presets.texts(),
	]
	for position in ((a, b, c) for a in (True, False) for b in (True, False) for c in (True, False)):
		words += [row.action for row in lifecycle.allowed_transitions(lifecycle.Switches(*position))]
	for word in words:
		yield word, "domain"
