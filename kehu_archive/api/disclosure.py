"""What the form of a disclosure request calls. Each step loads the stored request by its name; what is on the screen counts for nothing."""

from __future__ import annotations

import frappe

from kehu_archive.services import disclosure


@frappe.whitelist(methods=["POST"])
def steps(name: str) -> dict[str, bool]:
	"""What the session's user can do with the request now."""
	return disclosure.steps_open(str(name))


@frappe.whitelist(methods=["POST"])
def approve(name: str, opinion: str = "") -> str:
	"""Agree to the disclosure; return the request's status (R-OUT-01)."""
	return disclosure.approve(str(name), str(opinion or ""))


@frappe.whitelist(methods=["POST"])
def decline(name: str, opinion: str) -> str:
	"""Refuse the disclosure with a reason."""
	return disclosure.decline(str(name), str(opinion or ""))


@frappe.whitelist(methods=["POST"])
def withdraw(name: str) -> str:
	"""Take one's own request back."""
	return disclosure.withdraw(str(name))


@frappe.whitelist(methods=["POST"])
def hand_over(
	name: str, issuer_signature: str, received_by_name: str = "", recipient_signature: str = "", receipt: str = ""
) -> str:
	"""Hand the materials out, signed by who hands them out (R-OUT-06)."""
	return disclosure.hand_over(
		str(name), str(issuer_signature or ""), str(received_by_name or ""), str(recipient_signature or ""), str(receipt or "")
	)


@frappe.whitelist(methods=["POST"])
def close(name: str, received_by_name: str = "", recipient_signature: str = "", receipt: str = "") -> str:
	"""Close the request once both sides have signed (R-OUT-06)."""
	return disclosure.close(str(name), str(received_by_name or ""), str(recipient_signature or ""), str(receipt or ""))
