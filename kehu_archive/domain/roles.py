"""Names of the roles, as they are called in the framework. Clause: V-07, R-ROL-*."""

from __future__ import annotations

from typing import Final

ARCHIVIST: Final = "Archivist"
SALESPERSON: Final = "Salesperson"
MARKET_INSPECTOR: Final = "Market Inspector"
CUSTOMER_SERVICE_STAFF: Final = "Customer Service Staff"
CUSTOMER_SERVICE_MANAGER: Final = "Customer Service Manager"
COMPANY_LEADER: Final = "Company Leader"
SALES_DIRECTOR: Final = "Sales Director"
MARKETING_DIRECTOR: Final = "Marketing Director"
MARKETING_MANAGER: Final = "Marketing Manager"
GENERAL_MANAGER: Final = "General Manager"
ARCHIVE_AUDITOR: Final = "Archive Auditor"
ARCHIVE_ADMINISTRATOR: Final = "Archive Administrator"
FINANCE_AUDITOR: Final = "Finance Auditor"
PROPERTY_MANAGER: Final = "Property Manager"

ROLES: Final = (
	ARCHIVIST,
	SALESPERSON,
	MARKET_INSPECTOR,
	CUSTOMER_SERVICE_STAFF,
	CUSTOMER_SERVICE_MANAGER,
	COMPANY_LEADER,
	SALES_DIRECTOR,
	MARKETING_DIRECTOR,
	MARKETING_MANAGER,
	GENERAL_MANAGER,
	ARCHIVE_AUDITOR,
	ARCHIVE_ADMINISTRATOR,
	FINANCE_AUDITOR,
	PROPERTY_MANAGER,
)
"""All of them."""
