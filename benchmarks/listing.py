"""Lists, counts and link search among 100,000 archives for a person with 200 grants, against the same for Administrator; all over HTTP."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import generated
import requests
import restricted
from measuring import alternate, median, milliseconds, percentile
from registry import AT_MOST, Outcome, benchmark
from site_context import Site

TIMES = 150
WARM_UP = 15
PAGE = 20
_FIELDS = json.dumps(["name", "customer_name", "archive_type", "workflow_state", "modified"])
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
	"list of 20": (
		"frappe.desk.reportview.get_list",
		{"doctype": "Customer Archive", "fields": _FIELDS, "order_by": "modified desc", "page_length": PAGE, "start": 0},
	),
	"count": ("frappe.client.get_count", {"doctype": "Customer Archive", "filters": "[]"}),
	"link search": ("frappe.desk.search.search_link", {"doctype": "Customer Archive", "txt": "", "page_length": PAGE}),
	"list of 20 contacts": (
		"frappe.desk.reportview.get_list",
		{
			"doctype": "Archive Contact",
			"fields": json.dumps(["name", "full_name", "archive"]),
			"order_by": "modified desc",
			"page_length": PAGE,
			"start": 0,
		},
	),
}

#: Records that hang on an archive are found through it, by a second look-up for each.
_BOUNDS = {"list of 20 contacts": 2.0}


@benchmark("listing")
def listing(site: Site) -> list[Outcome]:
	"""The median of each call in two sessions on the same server, in turn."""
	with site.connected():
		generated.ensure()
		granted = set(restricted.prepare())
	person = restricted.session(site.url)
	admin = restricted.session(site.url, restricted.ADMIN, os.environ.get("KEHU_ADMIN_PASSWORD", "admin"))
	_check(person, site, granted)
	return [_compare(what, *call, person, admin, site) for what, call in CALLS.items()]


def _compare(
	what: str,
	method: str,
	arguments: dict[str, Any],
	person: requests.Session,
	admin: requests.Session,
	site: Site,
) -> Outcome:
	def asks(session: requests.Session) -> Callable[[int], None]:
		return lambda _turn: _ask(session, site, method, arguments)

	ours, other = alternate(asks(person), asks(admin), TIMES, WARM_UP)
	return Outcome(
		f"{what} among {generated.ARCHIVES} archives with {restricted.GRANTS} grants, over the same as Administrator",
		median(ours) / median(other),
		AT_MOST,
		_BOUNDS.get(what, 1.5),
		details=(
			f"with grants: median {milliseconds(median(ours))}, p95 {milliseconds(percentile(ours, 0.95))};"
			f" Administrator: median {milliseconds(median(other))}, p95 {milliseconds(percentile(other, 0.95))}; {TIMES} times each",
		),
	)


def _ask(session: requests.Session, site: Site, method: str, arguments: dict[str, Any]) -> Any:
	answer = session.get(f"{site.url}/api/method/{method}", params=arguments, timeout=60)
	answer.raise_for_status()
	return answer.json().get("message", answer.json().get("results"))


def _check(person: requests.Session, site: Site, granted: set[str]) -> None:
	"""The two sides are compared only if the person really sees what was granted, and nothing else."""
	wanted = {"doctype": "Customer Archive", "fields": '["name"]', "limit_page_length": 0}
	seen = {row["name"] for row in _ask(person, site, "frappe.client.get_list", wanted)}
	if seen != granted:
		raise RuntimeError(f"{len(seen)} archives seen, {len(granted)} granted")
