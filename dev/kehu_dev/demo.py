"""The demo data: loaded by the app itself, watched here."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from .layout import APP, DEMO_SITE, REPOSITORY, Layout, read_json, write_json
from .processes import CommandError
from .sites import call
from .steps import Display, fingerprint

_PROGRESS = re.compile(r"^progress: (?P<done>\d+)/(?P<total>\d+) ?(?P<what>.*)$")


def data_inputs() -> str:
	"""What the demo data depends on."""
	return fingerprint((REPOSITORY / APP / "demo").rglob("*.py"))


def load(layout: Layout, display: Display) -> None:
	"""Load the demo data; a second run goes on where the first stopped. Raises CommandError."""

	def on_line(line: str) -> None:
		if match := _PROGRESS.match(line):
			display.progress(int(match["done"]), int(match["total"]), match["what"])

	call(layout, DEMO_SITE, f"{APP}.demo.load", on_line)
	write_json(_logins_file(layout), {"logins": _ask_for_logins(layout)})


def logins(layout: Layout) -> list[dict[str, Any]]:
	"""One log-in per role of the demo: role, user, password."""
	return list(read_json(_logins_file(layout)).get("logins", []))


def _ask_for_logins(layout: Layout) -> list[dict[str, Any]]:
	answer = call(layout, DEMO_SITE, f"{APP}.demo.logins")
	try:
		found = json.loads(answer.strip().splitlines()[-1])
	except (ValueError, IndexError) as error:
		raise CommandError(f"{APP}.demo.logins did not answer with JSON:\n{answer[-1000:]}") from error
	return list(found)


def _logins_file(layout: Layout) -> Path:
	return layout.state / "logins.json"
