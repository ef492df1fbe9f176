"""The domain imports nothing but itself, the standard library and the libraries of the field."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import kehu_archive.domain

DOMAIN = Path(kehu_archive.domain.__file__).parent
MODULES = sorted(DOMAIN.rglob("*.py"))
LIBRARIES = {"stdnum", "pypinyin", "opencc", "rapidfuzz"}
ALLOWED = LIBRARIES | set(sys.stdlib_module_names)
CLOCKS = {"today", "now", "utcnow"}


def imported(tree: ast.AST) -> set[str]:
	names: set[str] = set()
	for node in ast.walk(tree):
		if isinstance(node, ast.Import):
			names |= {alias.name for alias in node.names}
		elif isinstance(node, ast.ImportFrom):
			names.add("." * node.level + (node.module or ""))
	return names


def forbidden(names: set[str]) -> set[str]:
	return {
		name
		for name in names
		if not name.startswith("kehu_archive.domain") and name.split(".")[0] not in ALLOWED
	}


def test_the_guard_itself_notices_the_framework():
	tree = ast.parse(
		"def f():\n\timport frappe.utils\n\tfrom kehu_archive.services import x\n\tfrom . import y"
	)
	assert forbidden(imported(tree)) == {"frappe.utils", "kehu_archive.services", "."}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_imports_stay_in_the_domain(module: Path):
	assert forbidden(imported(ast.parse(module.read_text(encoding="utf-8")))) == set()


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_no_rule_reads_the_clock(module: Path):
	tree = ast.parse(module.read_text(encoding="utf-8"))
	calls = [
		node.func.attr
		for node in ast.walk(tree)
		if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
	]
	assert CLOCKS.isdisjoint(calls)


#: Modules that hold rows of data; they read from top to bottom, however long they are.
TABLES = frozenset({"presets", "grading_presets"})


def _code(source: str) -> int:
	"""Lines of a module's functions and classes; its tables of constants do not count."""
	bodies = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
	return sum((node.end_lineno or 0) - node.lineno + 1 for node in bodies)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_modules_are_documented_and_of_readable_size(module: Path):
	source = module.read_text(encoding="utf-8")
	assert ast.get_docstring(ast.parse(source))
	assert (_code(source) if module.stem in TABLES else len(source.splitlines())) <= 300


def test_importing_every_module_loads_no_framework():
	names = ", ".join(f"kehu_archive.domain.{path.stem}" for path in MODULES if path.stem != "__init__")
	code = f"import sys, {names}; sys.exit('frappe' in sys.modules)"
	done = subprocess.run([sys.executable, "-c", code], cwd=DOMAIN.parents[1], check=False)
	assert done.returncode == 0
