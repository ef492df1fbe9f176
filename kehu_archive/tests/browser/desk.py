"""The Desk as a user handles it: what is clicked, typed and read, without knowledge of the app's code."""

from __future__ import annotations

import re
from typing import Any

from kehu_archive.tests.factories import PASSWORD

SLOW = 30_000
#: What newer versions of the framework themselves leave in English; none of it is ours.
FRAMEWORK_ENGLISH = (
	"Ctrl",
	"Filter By",
	"Navigate to main content",
	"No new notifications",
	"Save Filter",
	"Tools",
)
#: An offered value of a Link field: a list item in older versions, a plain box with a role in newer ones.
OFFERED = '.awesomplete li, .awesomplete [role="option"]'

_VISIBLE_TEXT = """() => {
	const found = new Set();
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walker.nextNode()) {
		const parent = walker.currentNode.parentElement;
		if (!parent || ["SCRIPT", "STYLE", "NOSCRIPT"].includes(parent.tagName)) continue;
		if (!parent.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) continue;
		if (parent.closest(".visually-hidden")) continue;
		found.add(walker.currentNode.textContent.trim());
	}
	for (const input of document.querySelectorAll("input[placeholder]")) {
		if (input.offsetParent) found.add(input.placeholder);
	}
	return [...found].filter(Boolean);
}"""


class Desk:
	"""One logged-in browser window."""

	def __init__(self, context: Any, base_url: str, user: str) -> None:
		self.context, self.base_url, self.user = context, base_url, user
		self.errors: list[str] = []
		answer = context.request.post(f"{base_url}/api/method/login", form={"usr": user, "pwd": PASSWORD})
		assert answer.ok, answer.text()
		self.page = context.new_page()
		self.page.on("pageerror", lambda error: self.errors.append(str(error.stack or error)))
		self.page.on("console", self._keep_error)

	def _keep_error(self, message: Any) -> None:
		# Live updates are a process of their own; without it the Desk polls in vain and works all the same.
		if message.type == "error" and "socket.io" not in message.location.get("url", ""):
			self.errors.append(f"{message.text} {message.location.get('url', '')}".strip())

	def open(self, path: str, wait_for: str) -> Any:
		self.page.goto(f"{self.base_url}/app/{path}")
		self.page.wait_for_selector(wait_for, timeout=SLOW)
		return self.page

	def archive(self, name: str) -> Any:
		return self.open(f"customer-archive/{name}", ".ka-overview .ka-score")

	def tab(self, fieldname: str) -> None:
		self.page.click(f'.form-tabs .nav-link[data-fieldname="{fieldname}"]')

	def field(self, fieldname: str) -> Any:
		return self.page.locator(f'.form-page .frappe-control[data-fieldname="{fieldname}"]').first

	def fill(self, fieldname: str, value: str) -> None:
		self.field(fieldname).locator("input, textarea").first.fill(value)
		self.page.keyboard.press("Tab")

	def choose_link(self, fieldname: str, value: str) -> None:
		box = self.field(fieldname).locator("input").first
		box.click()
		box.fill(value)
		self.page.locator(OFFERED, has_text=value).first.click()

	def dialog(self) -> Any:
		box = self.page.locator(".modal.show .modal-dialog").last
		box.wait_for()
		return box

	def take_step(self, action: str) -> None:
		"""Choose a step of the life cycle from the menu of actions."""
		self.page.wait_for_selector(".actions-btn-group:not(.hide) button", timeout=SLOW)
		self.page.click(".actions-btn-group button")
		self.page.locator(
			".actions-btn-group .dropdown-item", has_text=re.compile(rf"^\s*{action}\s*$")
		).click()

	def wait_for_state(self, text: str) -> None:
		self.page.locator(".page-head .indicator-pill", has_text=text).wait_for(timeout=SLOW)

	def english(self, *known: str) -> list[str]:
		"""Visible texts with an English word in them, apart from numbers of records and what is ``known``."""
		texts = [re.sub(r"\b[A-Z]{2}\w*(-\w+)+\b", "", text) for text in self.page.evaluate(_VISIBLE_TEXT)]
		return sorted(
			text
			for text in texts
			if re.search(r"[A-Za-z]{3,}", text) and not any(k in text for k in (*FRAMEWORK_ENGLISH, *known))
		)

	def overflows(self) -> bool:
		"""Whether the page is wider than the window."""
		return bool(
			self.page.evaluate(
				"document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"
			)
		)
