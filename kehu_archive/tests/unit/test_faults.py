"""Faults carry a code, a template and parameters, and render in any language."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

import kehu_archive.domain
from kehu_archive.domain.faults import (
	TERM_PARAMS,
	Checked,
	errors,
	fault,
	warning,
	warnings,
)
from kehu_archive.domain.messages import MESSAGES

DOMAIN = Path(kehu_archive.domain.__file__).parent


def placeholders(template: str) -> set[str]:
	return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def used_codes() -> dict[str, set[str]]:
	"""Message code -> parameter names, of every literal call of fault() and warning() in the domain."""
	found: dict[str, set[str]] = {}
	for module in DOMAIN.glob("*.py"):
		for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
			if (
				isinstance(node, ast.Call)
				and isinstance(node.func, ast.Name)
				and node.func.id in ("fault", "warning")
				and len(node.args) == 2
				and isinstance(node.args[1], ast.Constant)
			):
				names = {keyword.arg or "**" for keyword in node.keywords}
				found.setdefault(node.args[1].value, set()).update(names)
	return found


def test_every_code_that_is_raised_has_a_message_with_exactly_its_parameters():
	used = used_codes()
	assert len(used) > 40
	for code, names in used.items():
		needed = placeholders(MESSAGES[code]) - {"label"}
		if "**" not in names:
			assert needed <= names, code


ADVICE = re.compile(
	r"\b(add|apply|ask|attach|check|choose|compare|convert|copy|correct|delete|end|enter|fill|format|goes|keep|let|look|move|name|needs|open|paste|"
	r"prepare|put|record|remove|save|shorten|split|start|stays|use|was filed|were left|withdraw|write)\b"
)


@pytest.mark.parametrize("code", sorted(set(MESSAGES) - {"in-row"}))
def test_every_message_says_what_to_do(code: str):
	assert ADVICE.search(MESSAGES[code])


def test_render_translates_template_label_and_terms():
	dictionary = {
		"Tax Code": "税号",
		"State": "状态",
		"Verify": "核实",
		"Market Inspector": "市场监察员",
		MESSAGES["uscc-check"]: "{label}:校验码应为 {expected}",
		MESSAGES["state-role"]: "{action}只能由{roles_needed}办理",
		MESSAGES["in-row"]: "第 {row} 行:{text}",
	}

	def translate(text: str) -> str:
		return dictionary.get(text, text)

	assert fault("tax_no", "uscc-check", expected="L").render(translate, "Tax Code") == "税号:校验码应为 L"
	role = fault("state", "state-role", action="Verify", roles_needed=("Market Inspector",))
	assert role.render(translate, "State", row=3) == "第 3 行:核实只能由市场监察员办理"


def test_render_survives_braces_in_what_the_user_typed():
	found = fault("number", "pattern-unknown", placeholder="{0.__class__}")
	assert "{0.__class__}" in found.render()


def test_unknown_code_is_a_programming_error():
	with pytest.raises(KeyError):
		fault("field", "no-such-code")


def test_severity_decides_whether_a_value_is_accepted():
	hard, soft = fault("a", "missing"), warning("a", "bank-luhn")
	assert Checked("x", (soft,)).ok and Checked("x", (soft,)).error is None
	assert not Checked("x", (soft, hard)).ok and Checked("x", (soft, hard)).error == hard
	assert errors((soft, hard)) == (hard,) and warnings((soft, hard)) == (soft,)


def test_faults_are_values():
	assert fault("a", "uscc-length", length=3) == fault("a", "uscc-length", length=3)
	assert len({fault("a", "uscc-length", length=3), fault("a", "uscc-length", length=3)}) == 1
	assert fault("a", "missing").at("b").field == "b"
	assert fault("a", "uscc-length", length=3).param("length") == 3
	assert fault("a", "missing").param("length") is None


def test_term_parameters_occur_in_messages():
	everywhere = set().union(*map(placeholders, MESSAGES.values()))
	assert everywhere >= TERM_PARAMS
