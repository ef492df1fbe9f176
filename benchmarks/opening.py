"""Opening archives over REST with the access check and the audit entry, against the same call with both switched off."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import frappe
import generated
import requests
import restricted
from measuring import alternate, median, milliseconds
from registry import AT_MOST, Outcome, benchmark
from site_context import REPOSITORY, Site

from kehu_archive.audit import reading

TIMES = 500
WARM_UP = 60


@benchmark("opening")
def opening(site: Site) -> list[Outcome]:
	"""The median of 500 openings by a person whose grants decide, both servers started alike, in turn."""
	with site.connected():
		generated.ensure()
		names = restricted.prepare()
		before = _entries()
	random.Random(3).shuffle(names)
	with _server(site, "kehu_dev.wsgi") as guarded, _server(site, "unguarded") as unguarded:
		ours, other = restricted.session(guarded), restricted.session(unguarded)
		with_both, without = alternate(
			lambda turn: _open(ours, guarded, names[turn % len(names)]),
			lambda turn: _open(other, unguarded, names[turn % len(names)]),
			TIMES,
			WARM_UP,
		)
	with site.connected():
		written = _entries() - before
	if written != TIMES + WARM_UP:
		raise RuntimeError(f"{written} audit entries for {TIMES + WARM_UP} openings")
	return [
		Outcome(
			"opening an archive over REST with access check and audit entry, over the same without both",
			median(with_both) / median(without),
			AT_MOST,
			1.25,
			details=(
				f"with both: median {milliseconds(median(with_both))}; without: {milliseconds(median(without))}; {TIMES} openings each,"
				f" one of {restricted.GRANTS} granted archives at a time; every opening on the one side left its entry",
			),
		)
	]


def _open(session: requests.Session, url: str, name: str) -> None:
	answer = session.get(f"{url}/api/resource/Customer Archive/{name}", timeout=60)
	answer.raise_for_status()
	if answer.json()["data"]["name"] != name:
		raise RuntimeError(f"another archive than {name} was opened")


def _entries() -> int:
	frappe.db.rollback()
	return int(frappe.db.count("Access Log Entry", {"action": reading.OPEN}))


@contextmanager
def _server(site: Site, module: str) -> Iterator[str]:
	"""A web server of one worker for the site; gives its address."""
	port = _free_port()
	command = [
		*(os.path.join(os.path.dirname(sys.executable), "gunicorn"), "--bind", f"127.0.0.1:{port}", "--workers", "1"),
		*("--worker-class", "gthread", "--threads", "2", "--chdir", str(site.folder)),
		*("--pythonpath", f"{REPOSITORY / 'dev'},{REPOSITORY / 'benchmarks'}", f"{module}:application"),
	]
	environment = {**os.environ, "KEHU_WEB_SITE": site.name, "SITES_PATH": str(site.folder), "DEV_SERVER": "1"}
	process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
	url = f"http://127.0.0.1:{port}"
	try:
		_wait(url)
		yield url
	finally:
		process.terminate()
		process.wait(timeout=30)


def _free_port() -> int:
	with socket.socket() as listener:
		listener.bind(("127.0.0.1", 0))
		return int(listener.getsockname()[1])


def _wait(url: str) -> None:
	deadline = time.monotonic() + 60
	while time.monotonic() < deadline:
		try:
			if requests.get(f"{url}/api/method/ping", timeout=10).ok:
				return
		except requests.RequestException:
			time.sleep(0.3)
	raise RuntimeError(f"no web server at {url}")
