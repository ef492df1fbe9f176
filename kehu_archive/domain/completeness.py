"""How complete an archive is and what is missing.

Contract: `ArchiveFacts` holds plain counts, so that one SQL statement can fill it for many archives. `score` gives whole percent, rounded down: 100 only
when nothing is missing. The default requirements are the regulations' lists; a company may weigh them otherwise or leave items out (weight 0).
Clause: R-ARC-04 (six kinds of data), R-ARC-05, R-ARC-13 (contact, credit, transactions), R-FEP-01 to R-FEP-03 (seals, licences), R-FEP-06 (the
credit code replaces the tax registration), R-ARC-09 and R-ARC-20 (custodian, place).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

COMPANY: Final = "Organisation"
INDIVIDUAL: Final = "Individual"


@dataclass(frozen=True)
class ArchiveFacts:
	"""How many of each thing an archive has; 0 or 1 for single fields."""

	name: int = 0
	phones: int = 0
	emails: int = 0
	websites: int = 0
	contacts: int = 0
	main_contacts: int = 0
	address: int = 0
	postcode: int = 0
	credit_description: int = 0
	credit_code: int = 0
	transactions: int = 0
	orders: int = 0
	contracts: int = 0
	agreements: int = 0
	analyses: int = 0
	updates: int = 0
	preferences: int = 0
	legal_representative: int = 0
	responsible_persons: int = 0
	business_scope: int = 0
	registered_capital: int = 0
	company_nature: int = 0
	bank_account: int = 0
	shareholders: int = 0
	yearly_sales: int = 0
	business_licence: int = 0
	tax_registration: int = 0
	account_permit: int = 0
	seal_corporate: int = 0
	seal_contract: int = 0
	seal_finance: int = 0
	seal_legal_representative: int = 0
	identity_document: int = 0
	custodian: int = 0
	storage_location: int = 0
	source_channel: int = 0


@dataclass(frozen=True)
class Requirement:
	"""An item that should be there, its weight (0 leaves it out) and the group it is shown in."""

	item: str
	weight: int
	group: str


@dataclass(frozen=True)
class Completeness:
	"""Whole percent from 0 to 100 and the codes of what is missing, heaviest first."""

	percent: int
	missing: tuple[str, ...]


BASICS: Final = "Basic Information"
QUALIFICATION: Final = "Qualification"
PEOPLE: Final = "People"
DEALINGS: Final = "Dealings"
CUSTODY: Final = "Custody"

ITEM_LABELS: Final[dict[str, str]] = {
	"name": "Customer Name",
	"contact_way": "Phone, E-mail or Website",
	"contact_person": "Contact Person",
	"main_contact": "Main Contact",
	"address": "Address",
	"postcode": "Postcode",
	"credit_description": "Credit Description",
	"credit_code": "Unified Social Credit Code",
	"transactions": "Past Transactions",
	"orders": "Orders",
	"contracts": "Sales Contracts",
	"agreements": "Cooperation Agreements",
	"analysis": "Customer Analysis",
	"update_record": "Update Record",
	"preferences": "Purchase Preferences",
	"legal_representative": "Legal Representative",
	"responsible_person": "Main Responsible Person",
	"business_scope": "Business Scope",
	"registered_capital": "Registered Capital",
	"company_nature": "Company Nature",
	"bank_account": "Bank and Account",
	"shareholders": "Main Shareholders",
	"yearly_sales": "Sales of the Last Three Years",
	"business_licence": "Copy of the Business Licence",
	"tax_registration": "Copy of the Tax Registration",
	"account_permit": "Copy of the Account Permit",
	"seal_corporate": "Specimen of the Corporate Seal",
	"seal_contract": "Specimen of the Contract Seal",
	"seal_finance": "Specimen of the Finance Seal",
	"seal_legal_representative": "Specimen of the Legal Representative's Seal",
	"identity_document": "Identity Document",
	"custodian": "Custodian",
	"storage_location": "Storage Location",
	"source_channel": "Source Channel",
}
"""Item code to the English label under which a missing item is shown."""

_PLAIN: Final[dict[str, str]] = {
	"contact_person": "contacts",
	"main_contact": "main_contacts",
	"analysis": "analyses",
	"update_record": "updates",
	"responsible_person": "responsible_persons",
}
"""Items whose fact has another name."""

_FACTS: Final = frozenset(item.name for item in fields(ArchiveFacts))
_THREE_YEARS: Final = 3


def is_present(item: str, facts: ArchiveFacts) -> bool:
	"""Return whether an item is there; an unknown item code is a programming error (KeyError)."""
	if item == "contact_way":
		return facts.phones + facts.emails + facts.websites > 0
	if item == "tax_registration":
		return facts.tax_registration > 0 or (facts.business_licence > 0 and facts.credit_code > 0)
	if item == "yearly_sales":
		return facts.yearly_sales >= _THREE_YEARS
	name = _PLAIN.get(item, item)
	if name not in _FACTS:
		raise KeyError(item)
	return bool(getattr(facts, name) > 0)


def score(facts: ArchiveFacts, requirements: tuple[Requirement, ...]) -> Completeness:
	"""Return the percentage of the weight that is there and the missing items; with nothing required an archive is complete."""
	asked = [need for need in requirements if need.weight > 0]
	missing = [need for need in asked if not is_present(need.item, facts)]
	total = sum(need.weight for need in asked)
	lacking = sum(need.weight for need in missing)
	percent = 100 if not total else 100 * (total - lacking) // total
	missing.sort(key=lambda need: -need.weight)
	return Completeness(percent, tuple(need.item for need in missing))


_COMMON: Final = (
	Requirement("name", 10, BASICS),
	Requirement("contact_way", 10, BASICS),
	Requirement("address", 8, BASICS),
	Requirement("postcode", 1, BASICS),
	Requirement("source_channel", 2, BASICS),
	Requirement("credit_description", 6, DEALINGS),
	Requirement("transactions", 6, DEALINGS),
	Requirement("preferences", 3, DEALINGS),
	Requirement("orders", 2, DEALINGS),
	Requirement("contracts", 2, DEALINGS),
	Requirement("agreements", 2, DEALINGS),
	Requirement("analysis", 2, DEALINGS),
	Requirement("update_record", 2, DEALINGS),
	Requirement("custodian", 4, CUSTODY),
	Requirement("storage_location", 2, CUSTODY),
)

COMPANY_REQUIREMENTS: Final = (
	*_COMMON,
	Requirement("contact_person", 4, PEOPLE),
	Requirement("main_contact", 4, PEOPLE),
	Requirement("legal_representative", 5, PEOPLE),
	Requirement("responsible_person", 3, PEOPLE),
	Requirement("credit_code", 5, QUALIFICATION),
	Requirement("company_nature", 2, QUALIFICATION),
	Requirement("business_scope", 3, QUALIFICATION),
	Requirement("registered_capital", 3, QUALIFICATION),
	Requirement("bank_account", 3, QUALIFICATION),
	Requirement("shareholders", 1, QUALIFICATION),
	Requirement("yearly_sales", 1, QUALIFICATION),
	Requirement("business_licence", 4, QUALIFICATION),
	Requirement("tax_registration", 2, QUALIFICATION),
	Requirement("account_permit", 2, QUALIFICATION),
	Requirement("seal_corporate", 1, QUALIFICATION),
	Requirement("seal_contract", 1, QUALIFICATION),
	Requirement("seal_finance", 1, QUALIFICATION),
	Requirement("seal_legal_representative", 1, QUALIFICATION),
)
"""What a company's archive should hold."""

INDIVIDUAL_REQUIREMENTS: Final = (*_COMMON, Requirement("identity_document", 2, QUALIFICATION))
"""What a person's archive should hold."""


def default_requirements(customer_type: str) -> tuple[Requirement, ...]:
	"""Return the regulations' own list for `Company` or `Individual`."""
	return INDIVIDUAL_REQUIREMENTS if customer_type == INDIVIDUAL else COMPANY_REQUIREMENTS
