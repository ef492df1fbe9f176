"""Secrets as values that do not show themselves, and errors that carry none away. Nothing here knows the framework.

The framework writes tracebacks with the local variables of every frame; so what is secret is never shown by ``repr``, and frames that are
over lose their variables before an error leaves the vault.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager


class Key(bytes):
	"""Key material; its ``repr`` shows nothing."""

	def __repr__(self) -> str:
		return "<key>"

	__str__ = __repr__


class Plain(str):
	"""Plain text of a secret; its ``repr`` shows nothing."""

	__slots__ = ()

	def __repr__(self) -> str:
		return "<plain text>"


@contextmanager
def quiet() -> Iterator[None]:
	"""Let an error pass without the local variables of the frames it came through; a context manager and a decorator."""
	try:
		yield
	except BaseException as error:
		_clear(error)
		raise


def _clear(error: BaseException | None) -> None:
	done: set[int] = set()
	while error is not None and id(error) not in done:
		done.add(id(error))
		# Frames that still run are left alone by Python itself.
		traceback.clear_frames(error.__traceback__)
		error = error.__cause__ or error.__context__
