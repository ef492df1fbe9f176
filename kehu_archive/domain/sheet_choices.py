"""What users write in the columns that offer a choice: channel, category, customer type; and what they write for nothing.

Contract: each text gives the stored (English) value or a fault; the words are looked for in the folded text, so 重点客户 and 重點 are the same.
Clause: R-COL-01 to R-COL-08 (channels), R-ARC-02 (types), F-03 (categories).
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from kehu_archive.domain.faults import Checked, fault, warning
from kehu_archive.domain.text import fold_name, normalise

Value = str | Decimal | tuple[str, ...]
"""What a cell can become."""

COMPANY: Final = "Organisation"
INDIVIDUAL: Final = "Individual"
SOURCE_CHANNELS: Final = (
	"Internet",
	"Advertising",
	"Transaction Records",
	"Association or Authority",
	"Sales Survey and Visit",
	"Mailed Data Sheet",
	"Survey Agency",
	"Other",
)
"""The eight channels of collection in the regulation's order. Clause: 000 篇三·三·1."""

_CHANNEL_WORDS: Final[tuple[tuple[str, str], ...]] = (
	("Survey Agency", "调查机构|调查公司|委托|专业调查|咨询公司|surveyagency"),
	("Mailed Data Sheet", "邮寄|资料表|寄送|函询|mailed"),
	("Transaction Records", "交易|成交|订单|合同|往来记录|transaction"),
	("Association or Authority", "协会|行政|工商|主管部门|政府|管理部门|商会|税务|association|authority"),
	("Advertising", "广告|宣传|advertis"),
	("Internet", "网|互联|在线|搜索|internet|online|web"),
	("Sales Survey and Visit", "销售代表|市场调查|调研|拜访|访问|走访|业务员|销售员|survey|visit"),
	("Other", "其他|其它|other"),
)
EXISTING: Final = "Existing Customer"
"""What the archive itself calls existing; it says less than key, stable and general, which imply it."""
CATEGORIES: Final[dict[str, str]] = {
	"重点": "Key Customer",
	"重要": "Key Customer",
	"稳定": "Stable Customer",
	"一般": "General Customer",
	"普通": "General Customer",
	"潜在": "Potential Customer",
	"现有": EXISTING,
	"key": "Key Customer",
	"stable": "Stable Customer",
	"general": "General Customer",
	"potential": "Potential Customer",
	"prospective": "Potential Customer",
	"existing": EXISTING,
}
TYPES: Final[dict[str, str]] = {
	"单位": COMPANY,
	"法人": COMPANY,
	"企业": COMPANY,
	"公司": COMPANY,
	"company": COMPANY,
	"organisation": COMPANY,
	"个人": INDIVIDUAL,
	"自然人": INDIVIDUAL,
	"individual": INDIVIDUAL,
	"person": INDIVIDUAL,
}
BLANK_WORDS: Final = frozenset({"-", "--", "/", "\\", "无", "暂无", "n/a", "N/A", "null", "NULL"})
"""What people write into a cell that is meant to be empty."""


def shown(cell: object) -> str:
	"""Return what a cell shows, '' for an empty one and for a word that means empty."""
	text = normalise(cell)
	return "" if text in BLANK_WORDS else text


def choice(text: str, choices: dict[str, str], code: str, message: str) -> Checked[Value]:
	"""Return the one value whose word occurs in the text; none or two different ones are the fault `message`."""
	found = _named(text, choices)
	if len(found) == 1:
		return Checked(found.pop())
	return Checked(None, (fault(code, message, value=text),))


def category(text: str, code: str = "customer_category") -> Checked[Value]:
	"""Return the customer category that the text names; any other text is kept as it is, with a warning: the archive has no field it could spoil."""
	found = _named(text, CATEGORIES)
	if len(found) > 1 and "Potential Customer" not in found:
		found.discard(EXISTING)
	if len(found) == 1:
		return Checked(found.pop())
	return Checked(text, (warning(code, "category-unknown", value=text),))


def _named(text: str, choices: dict[str, str]) -> set[str]:
	folded = fold_name(text)
	return {value for word, value in choices.items() if word in folded}


def source_channel(text: object, field: str = "source_channel") -> Checked[str]:
	"""Return one of the eight channels for what users write; a number 1 to 8 counts in the regulation's order; anything else is Other,
	with a warning.
	"""
	written = shown(text)
	if not written:
		return Checked(None)
	folded = fold_name(written)
	if folded in tuple("12345678"):
		return Checked(SOURCE_CHANNELS[int(folded) - 1])
	for channel, words in _CHANNEL_WORDS:
		if folded == fold_name(channel) or re.search(words, folded):
			return Checked(channel)
	return Checked("Other", (warning(field, "source-unknown", value=written),))
