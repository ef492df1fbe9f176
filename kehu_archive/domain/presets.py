"""The access rules that the app brings along, as data: the base set and the variants of the regulations.

Contract: a `Preset` is a set of rows of the company's own table of access rules. Nothing here decides anything; `domain.access` reads rules made of these
rows. Position levels are given by rank and archive types by class code, because a site names both as it likes. Titles and bases are English sources of
translations. `replaces` names rows of the base set that a variant stands for: they are held back while the variant is on. Rows about confidentiality are
never replaced, so that a variant of who approves leaves the confidentiality untouched.

Clause: V-01 (①–⑥), V-06, V-14, V-17, V-18, R-SEC-03, R-SEC-08, R-SEC-09, R-ACC-01..11, R-OUT-01..04, R-ARC-12, R-ARC-16.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from kehu_archive.domain import access, roles
from kehu_archive.domain.access_terms import REQUESTERS_HEAD, ROLE, Approver

MANAGER_RANK: Final = 30
"""Rank of the level from which a person counts as a manager. Clause: R-SEC-08, R-ROL-08."""

ORDINARY: Final = "Ordinary Trade Secret"
CORE: Final = "Core Trade Secret"

_K, _O, _S = (access.KEEPER,), (access.OVERSIGHT,), (access.STEP,)
_R, _N = (access.RESPONSIBLE,), (access.NAMED,)
_D, _X = (access.OWN_DEPARTMENT,), (access.OTHER_DEPARTMENT,)
_EVERYBODY: Final = access.RELATIONS
_STAFF: Final = (*_R, *_N, *_D, *_X)
"""Who neither keeps nor oversees an archive nor has its next step."""
_PAPER: Final = (access.BORROW, access.TAKE_OUT)
_COPIES: Final = (access.COPY, access.PRINT, access.EXPORT)
_USE: Final = (access.READ, access.PRINT, access.COPY, access.BORROW, access.TAKE_OUT, access.EXPORT)
_NO_VISIT: Final = (access.WORK_NEED, access.OTHER)


def _role(name: str) -> tuple[Approver, ...]:
	return (Approver(ROLE, role=name),)


_SERVICE: Final = _role(roles.CUSTOMER_SERVICE_MANAGER)
_GENERAL_MANAGER: Final = _role(roles.GENERAL_MANAGER)
_LEADER: Final = _role(roles.COMPANY_LEADER)


@dataclass(frozen=True)
class Row:
	"""One access rule of a preset; `key` is its place within the preset, the rest is what a rule says (see `access.Rule`)."""

	key: str
	title: str
	basis: str
	relations: tuple[str, ...]
	operations: tuple[str, ...]
	outcome: str = access.ALLOWED
	approvers: tuple[Approver, ...] = ()
	mode: str = access.IN_TURN
	purposes: tuple[str, ...] = access.PURPOSES
	priority: int = 100
	secrecy_from: str = ""
	secrecy_to: str = ""
	grade: str = ""
	role: str = ""
	below_rank: int | None = None
	important_only: bool = False
	sealed_only: bool = False
	outside_network: bool = False
	same_day: bool = False
	no_leaving: bool = False
	no_renewal: bool = False
	needs_consent: bool = False
	hand_over: bool = False


@dataclass(frozen=True)
class OwnType:
	"""An archive type to which only the preset's rows apply; made when no type has its class code."""

	title: str
	class_code: str
	pack: str
	party_kind: str = "Individual"


@dataclass(frozen=True)
class Preset:
	"""Rows that are switched on and off together. `group` tells variants of one question apart from those of others."""

	key: str
	group: str
	title: str
	basis: str
	rows: tuple[Row, ...]
	replaces: frozenset[str] = frozenset()
	needs_roles: tuple[str, ...] = ()
	own_type: OwnType | None = None
	is_seeded: bool = field(default=False)


def _grade_a(key: str, title: str, purposes: tuple[str, ...] = access.PURPOSES) -> Row:
	return Row(
		key,
		title,
		"Files of grade A are consulted and used by the marketing manager level and above (000 III.6.3, R-SEC-08)",
		_STAFF,
		(access.FIND, *_USE),
		access.REFUSED,
		purposes=purposes,
		grade="A",
		below_rank=MANAGER_RANK,
	)


def _important(key: str, title: str) -> Row:
	return Row(
		key,
		title,
		"Important material is returned on the same day and not renewed (003 5.2.3, R-ACC-05)",
		(*_O, *_S, *_STAFF),
		(access.READ, access.COPY, *_PAPER),
		access.RESTRICTS,
		important_only=True,
		same_day=True,
		no_renewal=True,
	)


_SERVICE_KEEPS: Final = "Customer service alone keeps, files and hands out customer files (003 5.2.1, R-ARC-16)"
_BY_SECRECY: Final = "Every department consults and copies as far as the confidentiality allows (003 5.2.3, R-SEC-03)"
_OTHERS_ASK: Final = "Other departments need the approval of customer service (000 III.6.4, R-ACC-06)"
_REGISTERED: Final = "Reading and copying are registered by customer service (003 5.2.3, R-ACC-01)"
_LEADER_DECIDES: Final = "The company leader decides about core trade secrets and unclassified files (003 5.1.5, R-SEC-01)"

BASE: Final = Preset(
	"base",
	"Base Set",
	"Base Rules",
	"Who keeps, oversees, handles or answers for a file works with it; the department reads up to ordinary trade secrets; everybody else asks",
	(
		Row("keeper-files", "Keepers: work with files", _SERVICE_KEEPS, _K, (access.FIND, access.READ, access.PRINT, access.EXPORT)),
		Row("keeper-papers", "Keepers: papers", _SERVICE_KEEPS, _K, (access.COPY, *_PAPER), hand_over=True),
		Row(
			"oversight",
			"Leadership and audit: consult and print",
			"Customer data is reported to the company leaders (003 4.1d, R-ROL-01)",
			_O,
			(access.FIND, access.READ, access.PRINT),
		),
		Row(
			"oversight-papers",
			"Leadership and audit: papers and exports",
			_SERVICE_KEEPS,
			_O,
			(access.COPY, *_PAPER, access.EXPORT),
			access.APPROVAL,
			_SERVICE,
			hand_over=True,
		),
		Row(
			"step",
			"Next step: consult",
			"Who verifies, classifies or approves a file reads it for this step (V-07)",
			_S,
			(access.FIND, access.READ),
		),
		Row(
			"step-papers",
			"Next step: prints, papers and exports",
			_REGISTERED,
			_S,
			(*_COPIES, *_PAPER),
			access.APPROVAL,
			_SERVICE,
			hand_over=True,
		),
		Row("known-find", "Responsible and named: find", _BY_SECRECY, (*_R, *_N), (access.FIND,)),
		Row("known-read", "Responsible and named: consult", _BY_SECRECY, (*_R, *_N), (access.READ,)),
		Row("responsible-print", "Responsible: print", _BY_SECRECY, _R, (access.PRINT,), secrecy_to=ORDINARY),
		Row(
			"responsible-print-core",
			"Responsible: print core trade secrets",
			_BY_SECRECY,
			_R,
			(access.PRINT,),
			access.APPROVAL,
			_SERVICE,
			secrecy_from=CORE,
		),
		Row("copies", "Staff: photocopies", _REGISTERED, (*_R, *_N, *_D), (access.COPY,), access.APPROVAL, _SERVICE, hand_over=True),
		Row(
			"papers",
			"Staff: papers and exports",
			_REGISTERED,
			(*_R, *_N, *_D),
			(*_PAPER, access.EXPORT),
			access.APPROVAL,
			_SERVICE,
			hand_over=True,
		),
		Row("print", "Named and department: print", _REGISTERED, (*_N, *_D), (access.PRINT,), access.APPROVAL, _SERVICE),
		Row("own-find", "Department: find", _BY_SECRECY, _D, (access.FIND,), secrecy_to=ORDINARY),
		Row("own-read", "Department: consult", _BY_SECRECY, _D, (access.READ,), secrecy_to=ORDINARY),
		Row(
			"own-core",
			"Department: core trade secrets",
			_LEADER_DECIDES,
			_D,
			(access.FIND, *_USE),
			access.APPROVAL,
			_LEADER,
			priority=200,
			secrecy_from=CORE,
		),
		Row("other-find", "Other departments: find", _OTHERS_ASK, _X, (access.FIND,), access.APPROVAL, _SERVICE),
		Row("other", "Other departments: use", _OTHERS_ASK, _X, _USE, access.APPROVAL, _SERVICE, hand_over=True),
		Row(
			"other-core",
			"Other departments: core trade secrets",
			_LEADER_DECIDES,
			_X,
			(access.FIND, *_USE),
			access.APPROVAL,
			_LEADER,
			priority=200,
			secrecy_from=CORE,
		),
		Row(
			"disclose",
			"Outsiders: department head and marketing director",
			"Data for outsiders needs the department head and the marketing director together (003 5.2.4, R-OUT-01)",
			_EVERYBODY,
			(access.DISCLOSE,),
			access.APPROVAL,
			(Approver(REQUESTERS_HEAD), Approver(ROLE, role=roles.MARKETING_DIRECTOR)),
			access.JOINT,
			hand_over=True,
		),
		_grade_a("grade-a", "Grade A: manager level and above"),
		_important("important", "Important files: same day"),
		Row(
			"core-papers",
			"Core trade secrets: papers stay in the office",
			"Confidential papers do not leave the office (003 5.2.3, R-ACC-03)",
			_EVERYBODY,
			_PAPER,
			access.RESTRICTS,
			secrecy_from=CORE,
			no_leaving=True,
		),
	),
	is_seeded=True,
)

_WHO_APPROVES: Final = "Who Approves (V-01)"
_COPYING: Final = "Photocopies (V-14)"
_PLACE: Final = "Place and Network (V-17)"
_RECEPTION: Final = "Reception Summary (V-18)"
_GM_ONLY: Final = "Without the General Manager's authorisation nobody consults or passes on (002 IV.b, V.5.1.3b, R-ACC-08, R-OUT-02)"
_SEALED: Final = "A sealed survey form is consulted with the General Manager's approval (002 VII.11, R-ACC-10)"
_FORM: Final = "Other than for return visits the Customer File Form needs the General Manager's signature (002 VII.10, R-ACC-09)"
_NO_COPIES: Final = "Photocopying without the company's consent is forbidden (002 VII.12, R-ACC-11)"
_OFFICE: Final = "Core trade secrets are opened in the office network only and not downloaded (V-17)"


def _overseers(key: str, title: str, basis: str, operations: tuple[str, ...], **more: object) -> tuple[Row, ...]:
	"""The rows that make leadership and audit, but not the General Manager himself, ask the General Manager."""
	return tuple(
		Row(
			f"{key}-{suffix}",
			f"{title}{name}",
			basis,
			_O,
			operations,
			access.APPROVAL,
			_GENERAL_MANAGER,
			role=role,
			**more,  # type: ignore[arg-type]
		)
		for suffix, name, role in (
			("leader", ": Company Leader", roles.COMPANY_LEADER),
			("auditor", ": Archive Auditor", roles.ARCHIVE_AUDITOR),
		)
	)


VARIANTS: Final = (
	Preset(
		"v01-1",
		_WHO_APPROVES,
		"① Grade A by level; customer service approves other departments",
		"Files of grade A are for the marketing manager level and above; other departments need the approval of customer service (000 III.6.3-4)",
		(
			_grade_a("grade-a", "① Grade A: manager level and above"),
			Row("other", "① Other departments: customer service", _OTHERS_ASK, _X, _USE, access.APPROVAL, _SERVICE, hand_over=True),
		),
		frozenset({"other"}),
	),
	Preset(
		"v01-2",
		_WHO_APPROVES,
		"② Sales manager same day; Marketing Director for other departments",
		"An approved sales manager returns the file on the same day and does not take it out of the office; other departments need the Marketing Director"
		" and the loan procedure; important material is returned on the same day; customer service registers everything (003 5.2.3)",
		(
			Row(
				"own",
				"② Sales: consult after approval",
				"Approved sales managers consult customer files (003 5.2.3, R-ACC-02)",
				_D,
				(access.READ,),
				access.APPROVAL,
				_SERVICE,
			),
			Row(
				"sales",
				"② Sales: same day, in the office",
				"Sales managers return files on the same day and do not take them out of the office (003 5.2.3, R-ACC-02, R-ACC-03)",
				_STAFF,
				(access.READ, access.COPY, *_PAPER),
				access.RESTRICTS,
				role=roles.SALESPERSON,
				same_day=True,
				no_leaving=True,
			),
			Row(
				"other",
				"② Other departments: Marketing Director",
				"Other departments need the Marketing Director's approval and the loan procedure (003 5.2.3, R-ACC-04)",
				_X,
				_USE,
				access.APPROVAL,
				_role(roles.MARKETING_DIRECTOR),
				hand_over=True,
			),
			_important("important", "② Important files: same day"),
			Row(
				"register",
				"② Everything registered by customer service",
				_REGISTERED,
				_EVERYBODY,
				(access.READ, access.COPY, *_PAPER, access.DISCLOSE),
				access.RESTRICTS,
				hand_over=True,
			),
		),
		frozenset({"other"}),
	),
	Preset(
		"v01-3",
		_WHO_APPROVES,
		"③ The property manager approves",
		"Customer files are consulted in special cases, after the property manager has approved (002 I.11, IX.11)",
		(
			Row(
				"read",
				"③ Consult: property manager",
				"In special cases customer files are consulted after the property manager's approval (002 I.11, R-ACC-07)",
				(*_D, *_X),
				(access.READ,),
				access.APPROVAL,
				_role(roles.PROPERTY_MANAGER),
			),
			Row(
				"papers",
				"③ Prints, papers and exports: property manager",
				"In special cases customer files are consulted after the property manager's approval (002 I.11, R-ACC-07)",
				_STAFF,
				(*_COPIES, *_PAPER),
				access.APPROVAL,
				_role(roles.PROPERTY_MANAGER),
				hand_over=True,
			),
		),
		frozenset({"responsible-print", "responsible-print-core", "copies", "papers", "print", "own-read", "other"}),
		needs_roles=(roles.PROPERTY_MANAGER,),
	),
	Preset(
		"v01-4",
		_WHO_APPROVES,
		"④ Nobody without the General Manager",
		"Nobody consults or passes on a customer file without the General Manager's authorisation (002 IV.b, V.5.1.3b)",
		(
			Row("use", "④ Use: General Manager", _GM_ONLY, _STAFF, _USE, access.APPROVAL, _GENERAL_MANAGER, hand_over=True),
			Row(
				"auditor",
				"④ Audit: General Manager",
				_GM_ONLY,
				_O,
				_USE,
				access.APPROVAL,
				_GENERAL_MANAGER,
				role=roles.ARCHIVE_AUDITOR,
			),
			Row(
				"disclose",
				"④ Outsiders: General Manager",
				_GM_ONLY,
				_EVERYBODY,
				(access.DISCLOSE,),
				access.APPROVAL,
				_GENERAL_MANAGER,
				hand_over=True,
			),
		),
		frozenset(
			{"known-read", "responsible-print", "responsible-print-core", "copies", "papers", "print", "own-read", "other", "disclose"}
		),
	),
	Preset(
		"v01-5",
		_WHO_APPROVES,
		"⑤ Sealed files: General Manager",
		"Sealed files are consulted with the General Manager's approval, also by who keeps them (002 VII.11)",
		(
			Row(
				"sealed",
				"⑤ Sealed files: General Manager",
				_SEALED,
				(*_K, *_S, *_STAFF),
				_USE,
				access.APPROVAL,
				_GENERAL_MANAGER,
				sealed_only=True,
				hand_over=True,
			),
			*_overseers("sealed", "⑤ Sealed files", _SEALED, _USE, sealed_only=True, hand_over=True),
		),
	),
	Preset(
		"v01-6",
		_WHO_APPROVES,
		"⑥ Customer File Form: return visits direct, else the General Manager",
		"For a return visit the Customer File Form is used directly, on the same day; anything else needs the General Manager's signature (002 VII.10)",
		(
			Row("keeper", "⑥ Keepers: consult", _FORM, (*_K, *_O, *_S), (access.FIND, access.READ)),
			Row("find", "⑥ Staff: find", _FORM, (*_R, *_N, *_D), (access.FIND,)),
			Row(
				"visit",
				"⑥ Return visits: consult",
				"The satisfaction representative takes the form directly for a return visit (002 VII.10, R-ACC-09)",
				_STAFF,
				(access.READ,),
				purposes=(access.RETURN_VISIT,),
				same_day=True,
				no_renewal=True,
			),
			Row(
				"visit-paper",
				"⑥ Return visits: borrow",
				"The satisfaction representative takes the form directly for a return visit (002 VII.10, R-ACC-09)",
				_EVERYBODY,
				(access.BORROW,),
				purposes=(access.RETURN_VISIT,),
				same_day=True,
				no_renewal=True,
				hand_over=True,
			),
			Row(
				"read",
				"⑥ Other purposes: General Manager",
				_FORM,
				_STAFF,
				(access.READ,),
				access.APPROVAL,
				_GENERAL_MANAGER,
				purposes=_NO_VISIT,
			),
			Row(
				"papers",
				"⑥ Papers for other purposes: General Manager",
				_FORM,
				_EVERYBODY,
				_PAPER,
				access.APPROVAL,
				_GENERAL_MANAGER,
				purposes=_NO_VISIT,
				hand_over=True,
			),
			*_overseers("oversight", "⑥ Other purposes", _FORM, (access.READ,), purposes=_NO_VISIT),
			Row(
				"copies",
				"⑥ Copies, prints and exports: General Manager",
				_NO_COPIES,
				_EVERYBODY,
				_COPIES,
				access.APPROVAL,
				_GENERAL_MANAGER,
				needs_consent=True,
				hand_over=True,
			),
			Row(
				"disclose",
				"⑥ Never for outsiders",
				"Nobody passes the Customer File Form to outsiders (002 VII.10, R-OUT-03)",
				_EVERYBODY,
				(access.DISCLOSE,),
				access.REFUSED,
			),
			_grade_a("grade-a", "⑥ Grade A: manager level and above", _NO_VISIT),
		),
		own_type=OwnType("Customer File Form", "GK", "Health Sales"),
	),
	Preset(
		"v14-1",
		_COPYING,
		"Photocopies by confidentiality, registered",
		"Up to ordinary trade secrets copies are made at once and registered by customer service (003 5.2.3)",
		(
			Row("copies", "Copies: registered", _REGISTERED, (*_R, *_N, *_D), (access.COPY,), secrecy_to=ORDINARY, hand_over=True),
			Row(
				"copies-core",
				"Copies: core trade secrets",
				_BY_SECRECY,
				(*_R, *_N, *_D),
				(access.COPY,),
				access.APPROVAL,
				_SERVICE,
				secrecy_from=CORE,
				hand_over=True,
			),
		),
		frozenset({"copies"}),
	),
	Preset(
		"v14-2",
		_COPYING,
		"Photocopies with the company's consent",
		"Copies, prints and exports need the company's consent, from everybody (002 VII.12-13)",
		(
			Row(
				"copies",
				"Copies: consent of the company",
				_NO_COPIES,
				_EVERYBODY,
				_COPIES,
				access.APPROVAL,
				_LEADER,
				needs_consent=True,
				hand_over=True,
			),
		),
	),
	Preset(
		"v14-3",
		_COPYING,
		"No photocopies",
		"Copies, prints and exports are forbidden to everybody (002 VII.12)",
		(Row("copies", "Copies: forbidden", _NO_COPIES, _EVERYBODY, _COPIES, access.REFUSED),),
	),
	Preset(
		"v17",
		_PLACE,
		"Core trade secrets in the office only; papers stay in the office",
		"Papers do not leave the office; core trade secrets are opened in the office network only and not downloaded (003 5.2.3, V-17)",
		(
			Row(
				"network",
				"Core trade secrets: office network only",
				_OFFICE,
				_EVERYBODY,
				(access.FIND, access.READ, *_COPIES),
				access.REFUSED,
				secrecy_from=CORE,
				outside_network=True,
			),
			Row(
				"download",
				"Core trade secrets: no download",
				_OFFICE,
				_EVERYBODY,
				(access.PRINT, access.EXPORT),
				access.REFUSED,
				secrecy_from=CORE,
			),
			Row(
				"papers",
				"Papers stay in the office",
				"Papers are not taken out of the office (003 5.2.3, R-ACC-03)",
				_EVERYBODY,
				_PAPER,
				access.RESTRICTS,
				no_leaving=True,
			),
		),
	),
	Preset(
		"v18",
		_RECEPTION,
		"Who receives customers finds every customer",
		"Who receives customers finds a customer by name in every department and then applies for the file (002 VI, V-18)",
		tuple(
			Row(
				f"find-{suffix}",
				f"Find in every department{name}",
				"Who receives customers shares their names in the whole house (002 VI, R-FJD-15)",
				_X,
				(access.FIND,),
				role=role,
				secrecy_to=ORDINARY,
			)
			for suffix, name, role in (
				("sales", ": Salesperson", roles.SALESPERSON),
				("market", ": Marketing Manager", roles.MARKETING_MANAGER),
				("inspector", ": Market Inspector", roles.MARKET_INSPECTOR),
			)
		),
		frozenset({"other-find"}),
	),
)
PRESETS: Final = {preset.key: preset for preset in (BASE, *VARIANTS)}
"""Every preset by its key."""


def texts() -> tuple[str, ...]:
	"""Everything in the presets that is shown in the site's language."""
	shown: dict[str, None] = {}
	for preset in PRESETS.values():
		shown.update(dict.fromkeys((preset.group, preset.title, preset.basis, *preset.needs_roles)))
		if preset.own_type:
			shown[preset.own_type.title] = None
		for row in preset.rows:
			shown.update(dict.fromkeys((row.title, row.basis)))
	return tuple(shown)
