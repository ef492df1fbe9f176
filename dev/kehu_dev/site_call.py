"""Run inside the bench's environment: call one function of the app on a site and print what it gives as JSON.

Usage, with ``sites`` as the current folder: ``python site_call.py SITE kehu_archive.demo.load``. Unlike
``bench execute`` it shows only the error that happened.
"""

from __future__ import annotations

import sys

import frappe


def main(site: str, path: str) -> None:
	"""Call the function at the dotted ``path`` as Administrator."""
	frappe.init(site=site)
	frappe.connect()
	try:
		answer = frappe.get_attr(path)()
		frappe.db.commit()  # a command line run of its own: nobody else commits it
	except BaseException:
		frappe.db.rollback()
		raise
	finally:
		frappe.destroy()
	print(frappe.as_json(answer, indent=None))


if __name__ == "__main__":
	main(sys.argv[1], sys.argv[2])
