"""Signatures drawn on the screen: a small picture that is really one, with something on it."""

from __future__ import annotations

import base64
import binascii
from io import BytesIO
from typing import Final

from PIL import Image, UnidentifiedImageError

_HEAD: Final = "data:image/png;base64,"
_MOST_BYTES: Final = 400_000
_LONGEST_SIDE: Final = 4000


def is_drawn(signature: str | None) -> bool:
	"""Whether this is a picture as the signature field makes it, and not an empty one."""
	if not signature or not signature.startswith(_HEAD) or len(signature) > _MOST_BYTES:
		return False
	try:
		with Image.open(BytesIO(base64.b64decode(signature[len(_HEAD) :], validate=True)), formats=["PNG"]) as picture:
			if max(picture.size) > _LONGEST_SIDE:
				return False
			return any(least != most for least, most in picture.convert("RGBA").getextrema())
	except (binascii.Error, UnidentifiedImageError, OSError, ValueError, SyntaxError):
		return False
