"""What may be shown of a secret to someone who may know that it exists, but not what it says.

Contract: the mask never gives more than the last four characters of a number and nothing of a text, and a
short number gives nothing at all.
"""

from __future__ import annotations

from typing import Final

NUMBERS: Final = frozenset({"ID Number", "Bank Account"})
_HIDDEN: Final = "••••"
#: A number must be at least this long before its last four characters are shown.
_SHORTEST: Final = 12


def mask(kind: str, value: str) -> str:
	"""Return the shown form: ``•••• 1234`` for a number of twelve or more characters, ``••••`` for all else, '' for nothing."""
	if not value.strip():
		return ""
	compact = "".join(value.split())
	if kind in NUMBERS and len(compact) >= _SHORTEST:
		return f"{_HIDDEN} {compact[-4:]}"
	return _HIDDEN
