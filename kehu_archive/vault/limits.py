"""How often one person may open or look up secrets; the framework's own limiter counts by address, which a whole office shares."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import frappe
import redis
from frappe import _

SECONDS: Final = 60
MOST: Final = {"reveal": 60, "find": 30}


def count(use: str) -> None:
	"""Count one use by the session's user.

	Raises:
		TooManyRequestsError: more than `MOST` in a minute.
	"""
	# Without Redis nothing is counted; every use stands in the access log all the same.
	with suppress(redis.exceptions.ConnectionError):
		key = frappe.cache.make_key(f"kehu_vault_{use}_{frappe.session.user}")
		used = int(frappe.cache.incr(key))
		if used == 1:
			frappe.cache.expire(key, SECONDS)
		if used > MOST[use]:
			frappe.throw(_("That was too often; wait a minute and go on"), frappe.TooManyRequestsError)
