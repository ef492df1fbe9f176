"""``docs/traceability.csv`` holds every requirement once, and nothing is called done without a test that exists."""

from __future__ import annotations

import ast
import csv
from collections import Counter
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TABLE = ROOT / "docs" / "traceability.csv"
STATES = {"done", "partly", "open"}
#: Requirements in each area of the matrix, 487 in all.
AREAS = {
	"ARC": 22, "FCA": 19, "FZL": 9, "FEP": 6, "FWY": 18, "FJD": 18, "FHX": 16, "CON": 7, "TRX": 6, "COL": 15,
	"FIL": 18, "GRD": 22, "CAD": 12, "FUP": 17, "UPD": 11, "SEC": 11, "ACC": 16, "OUT": 6, "HND": 8, "ALC": 9,
	"PEN": 8, "CMP": 20, "SAT": 10, "CRD": 8, "ANA": 19, "MID": 26, "CAR": 11, "SVC": 22, "WYS": 6, "MTG": 6,
	"MKT": 6, "SAF": 4, "DST": 8, "DOC": 8, "MDM": 9, "ROL": 14, "QRY": 6, "AIN": 6, "DSC": 8, "PRV": 11, "NFR": 5,
}  # fmt: skip


def rows() -> list[dict[str, str]]:
	with TABLE.open(encoding="utf-8", newline="") as handle:
		return list(csv.DictReader(handle))


@lru_cache
def definitions(path: Path) -> frozenset[str]:
	"""Names of the test functions and classes of a Python file."""
	tree = ast.parse(path.read_text(encoding="utf-8"))
	return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef))


def test_every_requirement_stands_there_once() -> None:
	expected = Counter(
		f"R-{area}-{number:02d}" for area, count in AREAS.items() for number in range(1, count + 1)
	)
	assert sum(expected.values()) == 487
	assert Counter(row["R-ID"] for row in rows()) == expected


def test_states_are_known() -> None:
	assert {row["state"] for row in rows()} <= STATES


def test_every_named_place_exists() -> None:
	missing = [
		(row["R-ID"], place)
		for row in rows()
		for place in row["where"].split()
		if not (ROOT / place).exists()
	]
	assert not missing


def test_every_named_test_exists() -> None:
	missing = []
	for row in rows():
		for node in row["tests"].split():
			path, _colons, name = node.partition("::")
			file = ROOT / path
			if not file.exists() or name.split("::")[-1].split("[")[0] not in definitions(file):
				missing.append((row["R-ID"], node))
	assert not missing


def test_nothing_is_done_or_begun_without_proof() -> None:
	for row in rows():
		if row["state"] == "done":
			assert row["tests"], f"{row['R-ID']} is called done without a test"
			assert row["where"], f"{row['R-ID']} is called done without a place"
		if row["state"] == "open":
			assert not row["tests"], f"{row['R-ID']} is open but names a test"
