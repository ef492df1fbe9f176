"""Archives that may be the same customer: caught when one is entered, listed for old data.

Contract: candidates come from indexed keys alone (credit code, household, folded name, pinyin, phone, half of a name), a bounded number of each, so
an entry costs four statements however large the site is; `domain.matching` decides. Merged archives are never candidates. A refusal names the
number of the existing archive to whoever enters the duplicate, for without it nobody could act on it (R-ARC-11); everything else of another archive is
shown only to a user who may read it. Clause: R-ARC-11, R-ARC-22.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product
from typing import Any, Final

import frappe
from frappe import _
from frappe.utils import cint, cstr, escape_html, get_link_to_form
from rapidfuzz import fuzz

from kehu_archive.constants import ARCHIVE, SEARCH_TABLE, SETTINGS
from kehu_archive.domain import matching
from kehu_archive.domain.matching import Candidate, Match, Thresholds
from kehu_archive.domain.search_keys import Kind
from kehu_archive.domain.text import fold_name
from kehu_archive.domain.validators import split_phones
from kehu_archive.exceptions import DuplicateArchiveError
from kehu_archive.services.search_index import KIND_CODES

#: A change of one of these asks the question again; any other save costs nothing.
COMPARED: Final = (
	"customer_name",
	"former_names",
	"credit_code",
	"household_no",
	"phone",
	"main_contact_phone",
	"archive_type",
	"party_kind",
	"merged_into",
)
#: Most candidates taken from one key. A name shared by more customers than this tells nothing anyway.
MOST_OF_A_KEY: Final = 100
#: Archives named in the warning.
MOST_NAMED: Final = 5
#: Size from which a group of equal keys is too common to be evidence by itself; its pairs are found by phone, if at all.
LARGEST_GROUP: Final = 30
#: Pairs of one kind of evidence compared in one report.
MOST_PAIRS: Final = 8000
#: Names asked of the list query at once.
BATCH: Final = 1000
#: Length of the shortest piece that two similar names must share.
SHORTEST_HALF: Final = 3

_BY_FIELD: Final = "(select name, 1 from `tabCustomer Archive` where {field} = %s and coalesce(merged_into, '') = '' limit %s)"
_BY_TOKEN: Final = f"(select archive, 1 from `{SEARCH_TABLE}` where kind = %s and token in %s limit %s)"
_BY_START: Final = "(select name, 0 from `tabCustomer Archive` where name_key like %s limit %s)"
_BY_PIECE: Final = f"(select archive, 0 from `{SEARCH_TABLE}` where kind = %s and token like %s limit %s)"

_DETAILS: Final = """
	select name, customer_name, former_names, credit_code, household_no, phone, main_contact_phone, archive_type, party_kind,
		name_key
	from `tabCustomer Archive` where name in %(names)s and coalesce(merged_into, '') = ''
"""
_PHONES: Final = (
	"select archive, mobile, direct_line, phone from `tabArchive Contact` where archive in %(names)s"
)

_GROUPS: Final[dict[str, str]] = {
	"household": """
		select one.name, concat(one.archive_type, ':', one.household_no) from `tabCustomer Archive` one
		join (
			select archive_type, household_no from `tabCustomer Archive`
			where coalesce(household_no, '') != '' and coalesce(merged_into, '') = ''
			group by archive_type, household_no having count(*) > 1
		) many on many.archive_type = one.archive_type and many.household_no = one.household_no
		where coalesce(one.merged_into, '') = ''
	""",
	"phone": f"""
		select one.archive, one.token from `{SEARCH_TABLE}` one
		join (
			select token from `{SEARCH_TABLE}` where kind = {KIND_CODES[Kind.PHONE]} group by token having count(*) > 1
		) many on many.token = one.token
		where one.kind = {KIND_CODES[Kind.PHONE]}
	""",
	"name": """
		select one.name, one.name_key from `tabCustomer Archive` one
		join (
			select name_key from `tabCustomer Archive` where name_key != '' and coalesce(merged_into, '') = ''
			group by name_key having count(*) > 1
		) many on many.name_key = one.name_key
		where coalesce(one.merged_into, '') = ''
	""",
	"pinyin": """
		select one.name, one.pinyin_key from `tabCustomer Archive` one
		join (
			select pinyin_key from `tabCustomer Archive` where pinyin_key != '' and coalesce(merged_into, '') = ''
			group by pinyin_key having count(*) > 1
		) many on many.pinyin_key = one.pinyin_key
		where coalesce(one.merged_into, '') = ''
	""",
}
"""Archives that share a key with another, strongest evidence first: name and key."""

_NAME_KEYS: Final = """
	select name, name_key from `tabCustomer Archive`
	where party_kind != 'Individual' and char_length(name_key) >= 6 and coalesce(merged_into, '') = ''
"""


@dataclass(frozen=True)
class Similar:
	"""Another archive that may be the same customer, and why."""

	archive: str
	customer_name: str
	match: Match

	@property
	def same_name_and_phone(self) -> bool:
		"""True when the name, apart from its legal form, and a phone are equal."""
		reasons = set(self.match.reasons)
		same_name = (
			reasons & {matching.SAME_NAME, matching.SAME_CORE_NAME}
			and matching.DIFFERENT_REGION not in reasons
		)
		return bool(same_name and reasons & {matching.SAME_MOBILE, matching.SAME_PHONE})


@dataclass(frozen=True)
class Pair:
	"""Two archives that may be one customer; `first` has the lower number."""

	first: str
	second: str
	match: Match


def check_entry(doc: Any) -> None:
	"""Refuse an archive that exists already and warn of a similar one.

	Raises:
		DuplicateArchiveError: same credit code, same household within the archive type or, if the company wants it so, same name with same phone.
	"""
	if doc.merged_into or doc.flags.in_merge or not _is_changed(doc):
		return
	settings = frappe.get_cached_doc(SETTINGS)
	found = on_entry(doc, _thresholds(settings))
	for similar in found:
		if message := _refusal(similar, bool(settings.block_same_name_and_phone)):
			frappe.throw(message, DuplicateArchiveError, title=_("Duplicate Archive"))
	if settings.warn_similar and found:
		_warn(found)


def on_entry(doc: Any, thresholds: Thresholds | None = None) -> list[Similar]:
	"""Return the archives that are, or may be, the customer of this document, best match first. `doc` needs not be saved."""
	limits = thresholds or Thresholds()
	ours = _candidates(doc, [])
	keyed = _keyed(doc, ours)
	keyed.pop(doc.name, None)

	def is_close(row: Any) -> bool:
		return keyed[row.name] or any(
			fuzz.ratio(row.name_key, one.core_key) >= limits.name_ratio for one in ours
		)

	found = []
	for name, (shown, theirs) in _load(keyed, is_close).items():
		match = _judge(ours, theirs, limits)
		if match.verdict != matching.NO:
			found.append(Similar(name, shown, match))
	return sorted(found, key=lambda similar: (-similar.match.score, similar.archive))


def similar(doc: Any) -> list[dict[str, Any]]:
	"""Return the archives that may be the same customer as a saved one, as far as the session user may see them, for the screen."""
	found = on_entry(doc, _thresholds(frappe.get_cached_doc(SETTINGS)))
	visible = _visible([other.archive for other in found])
	return [
		{
			"archive": other.archive,
			"customer_name": other.customer_name,
			"score": other.match.score,
			"reasons": reasons_text(other.match),
		}
		for other in found
		if other.archive in visible
	]


def pairs(archive_type: str | None = None, similar_spelling: bool = False) -> list[Pair]:
	"""Return the pairs of existing archives that may be one customer, best first, as far as the session user may see both.

	Args:
		archive_type: only archives of this type.
		similar_spelling: also compare organisations whose names share one half; slower, so it is asked for.
	"""
	thresholds = _thresholds(frappe.get_cached_doc(SETTINGS))
	sources = [_key_groups(query) for query in _GROUPS.values()]
	members = {name for groups in sources for group in groups for name in group}
	visible = _visible(members, archive_type)
	by_source = [_pairs_within(groups, visible) for groups in sources]
	if similar_spelling:
		by_source.append(_similar_pairs(thresholds, archive_type))
	chosen = dict.fromkeys(pair for found in by_source for pair in islice(found, MOST_PAIRS))
	loaded = _load({name for pair in chosen for name in pair})
	found = []
	for first, second in chosen:
		if first in loaded and second in loaded:
			match = _judge(loaded[first][1], loaded[second][1], thresholds)
			if match.verdict != matching.NO:
				found.append(Pair(first, second, match))
	return sorted(found, key=lambda pair: (-pair.match.score, pair.first, pair.second))


def heads(names: Collection[str]) -> dict[str, Any]:
	"""Return name and number of transactions of archives that the caller has found visible for the session user."""
	found = [
		row
		for batch in _batches(names)
		for row in frappe.get_all(
			ARCHIVE,
			filters={"name": ("in", batch)},
			fields=["name", "customer_name", "transaction_count"],
			order_by="",
		)
	]
	return {row.name: row for row in found}


def _is_changed(doc: Any) -> bool:
	before = doc.get_doc_before_save()
	return before is None or any(cstr(before.get(field)) != cstr(doc.get(field)) for field in COMPARED)


def _thresholds(settings: Any) -> Thresholds:
	ratio = cint(settings.similarity_threshold)
	return Thresholds(name_ratio=ratio) if ratio else Thresholds()


def _refusal(similar: Similar, block_same_name_and_phone: bool) -> str:
	number = frappe.bold(similar.archive)
	if matching.SAME_CREDIT_CODE in similar.match.reasons:
		return _("Unified Social Credit Code: this customer already has the archive {0}").format(number)
	if matching.SAME_HOUSEHOLD in similar.match.reasons:
		return _("Household No.: this household already has the archive {0}").format(number)
	if block_same_name_and_phone and similar.same_name_and_phone:
		return _("A customer of the same name with the same phone already has the archive {0}").format(number)
	return ""


def _warn(found: Sequence[Similar]) -> None:
	"""Name similar archives, as far as the user may read them."""
	visible = _visible([similar.archive for similar in found])
	named = [similar for similar in found if similar.archive in visible][:MOST_NAMED]
	if named:
		lines = [_("Similar archives exist; check that this is another customer:"), *map(_line, named)]
		frappe.msgprint("<br>".join(lines), title=_("Similar Archives"), indicator="orange")


def _line(similar: Similar) -> str:
	link = get_link_to_form(
		ARCHIVE, similar.archive, escape_html(f"{similar.archive} {similar.customer_name}")
	)
	return f"{link} ({reasons_text(similar.match)})"


def reasons_text(match: Match) -> str:
	"""The reasons of a match in the user's language, as one line."""
	return ", ".join(_(reason) for reason in match.reasons)


def _keyed(doc: Any, ours: Sequence[Candidate]) -> dict[str, bool]:
	"""Return the archives that share an indexed key with the document, by one statement; False for those that share half a name only."""
	asked = [
		(_BY_FIELD.format(field="code_key"), doc.code_key),
		(_BY_TOKEN, KIND_CODES[Kind.CODE], [ours[0].household_no[:64]] if ours[0].household_no else None),
		(_BY_TOKEN, KIND_CODES[Kind.PHONE], sorted(ours[0].phones)),
		*(question for one in ours for question in _name_questions(one)),
	]
	useful = [question for question in asked if question[-1]]
	if not useful:
		return {}
	parameters = [value for _branch, *values in useful for value in (*values, MOST_OF_A_KEY)]
	keyed: dict[str, bool] = {}
	for name, is_whole in frappe.db.sql(" union ".join(question[0] for question in useful), parameters):
		keyed[name] = bool(is_whole) or keyed.get(name, False)
	return keyed


def _name_questions(one: Candidate) -> Iterator[tuple[Any, ...]]:
	"""The parts of the statement that look for one name; the last value of each is empty when there is nothing to look for."""
	yield _BY_FIELD.format(field="name_key"), one.core_key[:140]
	yield _BY_FIELD.format(field="pinyin_key"), one.pinyin[:140]
	yield _BY_TOKEN, KIND_CODES[Kind.NAME], [one.full_key[:64]] if one.full_key else None
	middle = len(one.core_key) // 2
	if not one.is_person and middle >= SHORTEST_HALF:
		# A name with one character mistaken shares its first or its second half.
		yield _BY_START, one.core_key[:middle][:140] + "%"
		yield _BY_PIECE, KIND_CODES[Kind.PART], one.core_key[middle:][:64] + "%"


def _candidates(row: Any, more_phones: Iterable[str]) -> list[Candidate]:
	"""One candidate for each name the archive has or had; the present name first."""
	names = [cstr(row.customer_name), *cstr(row.former_names).splitlines()]
	written = [row.phone, row.main_contact_phone, *more_phones]
	phones = [phone for value in written for phone in split_phones(value)]
	return [
		matching.candidate(
			ref=cstr(row.name),
			name=name,
			credit_code=cstr(row.credit_code),
			phones=phones,
			household_no=cstr(row.household_no),
			archive_class=cstr(row.archive_type),
			is_person=row.party_kind == "Individual",
		)
		for name in dict.fromkeys(names)
		if fold_name(name)
	] or [matching.candidate(ref=cstr(row.name), name="", phones=phones)]


def _judge(ours: Sequence[Candidate], theirs: Sequence[Candidate], thresholds: Thresholds) -> Match:
	"""The best match of any two names. One household has one dossier of a type, whatever else differs (R-ARC-11)."""
	one, other = ours[0], theirs[0]
	if one.household_no and (one.household_no, one.archive_class) == (
		other.household_no,
		other.archive_class,
	):
		return Match(100, (matching.SAME_HOUSEHOLD,), matching.SAME)
	matches = (matching.compare(one, other, thresholds) for one, other in product(ours, theirs))
	return max(matches, key=lambda match: match.score)


def _load(
	names: Collection[str], wanted: Callable[[Any], bool] | None = None
) -> dict[str, tuple[str, list[Candidate]]]:
	"""Return the customer's name and the candidates of each archive that is not merged; `wanted` may turn down a row first."""
	loaded: dict[str, tuple[str, list[Candidate]]] = {}
	for batch in _batches(names):
		details = frappe.db.sql(_DETAILS, {"names": batch}, as_dict=True)
		rows = {row.name: row for row in details if not wanted or wanted(row)}
		phones: dict[str, list[str]] = defaultdict(list)
		for archive, *numbers in frappe.db.sql(_PHONES, {"names": list(rows)}) if rows else ():
			phones[archive].extend(number for number in numbers if number)
		for name, row in rows.items():
			loaded[name] = (cstr(row.customer_name), _candidates(row, phones[name]))
	return loaded


def _visible(names: Collection[str], archive_type: str | None = None) -> set[str]:
	"""Return those of the archives that the session user may see."""
	found: set[str] = set()
	for batch in _batches(names):
		filters: dict[str, Any] = {"name": ("in", batch)}
		if archive_type:
			filters["archive_type"] = archive_type
		found.update(
			frappe.get_list(ARCHIVE, filters=filters, pluck="name", order_by="", limit_page_length=len(batch))
		)
	return found


def _batches(names: Collection[str]) -> Iterator[list[str]]:
	rest = iter(names)
	while batch := list(islice(rest, BATCH)):
		yield batch


def _key_groups(query: str) -> list[list[str]]:
	groups: dict[str, list[str]] = defaultdict(list)
	for name, key in frappe.db.sql(query):
		groups[key].append(name)
	return [sorted(set(group)) for group in groups.values()]


def _pairs_within(groups: Iterable[Sequence[str]], visible: Collection[str]) -> Iterator[tuple[str, str]]:
	for group in groups:
		shown = [name for name in group if name in visible]
		if len(shown) <= LARGEST_GROUP:
			yield from combinations(shown, 2)


def _similar_pairs(thresholds: Thresholds, archive_type: str | None) -> Iterator[tuple[str, str]]:
	"""Pairs of organisations whose names share a half and differ in few characters, among those the session user may see."""
	halves: dict[str, list[tuple[str, str]]] = defaultdict(list)
	for name, key in frappe.db.sql(_NAME_KEYS):
		middle = len(key) // 2
		halves[f"head:{key[:middle]}"].append((name, key))
		halves[f"tail:{key[middle:]}"].append((name, key))
	close = [
		(min(one, other), max(one, other))
		for group in halves.values()
		if 1 < len(group) <= MOST_OF_A_KEY
		for (one, key), (other, other_key) in combinations(group, 2)
		if key != other_key and fuzz.ratio(key, other_key) >= thresholds.name_ratio
	]
	visible = _visible({name for pair in close for name in pair}, archive_type)
	return (pair for pair in close if pair[0] in visible and pair[1] in visible)
