"""The framework's hooks for the lists of our DocTypes, one function each because older versions pass the user only."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kehu_archive.permissions import query, registry
from kehu_archive.permissions.guards import exporting


def _condition(user: str | None = None, doctype: str | None = None, *, of: str) -> str:
	both = (query.condition_for(of, user), exporting.condition(of, user))
	return " and ".join(filter(None, both))


_BY_NAME: dict[str, Callable[..., str]] = {
	registry.function_name(doctype): partial(_condition, of=doctype) for doctype in registry.RESTRICTED
}


def __getattr__(name: str) -> Callable[..., str]:
	"""The condition of a DocType by its name in small letters, as the hooks spell it."""
	try:
		return _BY_NAME[name]
	except KeyError:
		raise AttributeError(name) from None
