"""Frappe's WSGI application with its static files, pinned to the site in ``KEHU_WEB_SITE``.

Frappe's own development server listens on every address; this one runs under gunicorn on loopback. The demo answers
on 127.0.0.1 and on localhost alike because the site does not depend on the Host header.
"""

from __future__ import annotations

import os

import frappe.app
from frappe.middlewares import StaticDataMiddleware
from werkzeug.middleware.shared_data import SharedDataMiddleware

_SITES = os.environ["SITES_PATH"]

frappe.app._site = os.environ["KEHU_WEB_SITE"]
frappe.app._sites_path = _SITES

application = StaticDataMiddleware(
	SharedDataMiddleware(frappe.app.application, {"/assets": os.path.join(_SITES, "assets")}),
	{"/files": os.path.abspath(_SITES)},
)
