"""A browser's view: sessions over HTTP, one log-in for each person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from kehu_archive.tests import factories
from kehu_archive.tests.security import leaks


class Visitor:
	"""One person's session on the web server."""

	def __init__(self, base_url: str, user: str | None) -> None:
		self.base_url = base_url
		self.session = requests.Session()
		self.session.headers["Accept"] = "application/json"
		if user:
			answer = self.session.post(
				f"{base_url}/api/method/login", data={"usr": user, "pwd": factories.PASSWORD}, timeout=30
			)
			assert answer.status_code == 200, answer.text

	def get(self, path: str, **params: Any) -> requests.Response:
		return self.session.get(self.base_url + path, params=params, timeout=60)

	def call(self, method: str, **body: Any) -> requests.Response:
		return self.session.post(f"{self.base_url}/api/method/{method}", json=body, timeout=60)

	def put(self, path: str, body: dict[str, Any]) -> requests.Response:
		return self.session.put(self.base_url + path, json=body, timeout=60)

	def post(self, path: str, body: dict[str, Any]) -> requests.Response:
		return self.session.post(self.base_url + path, json=body, timeout=60)

	def delete(self, path: str) -> requests.Response:
		return self.session.delete(self.base_url + path, timeout=60)


@pytest.fixture(scope="session")
def visit(base_url: str, people: factories.People) -> Callable[[str | None], Visitor]:
	"""``visit(role)`` gives the session of that role's user, ``visit(None)`` a guest's. Sessions are kept.

	A session that never loaded the Desk has no CSRF token yet, so the framework does not ask for one.
	"""
	known: dict[str | None, Visitor] = {}

	def visitor(role: str | None) -> Visitor:
		if role not in known:
			user = None if role is None else (role if "@" in role or role == "Administrator" else people[role])
			known[role] = Visitor(base_url, user)
		return known[role]

	return visitor


@pytest.fixture(scope="session")
def target(people: factories.People) -> leaks.Target:
	"""One committed archive of the sales department that outsiders must not learn of; read it, do not change it."""
	return leaks.make_target(people)
