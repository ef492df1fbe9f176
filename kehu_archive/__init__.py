"""Customer archives (客户档案) for Frappe and ERPNext: written regulations as running rules."""

__version__ = "0.1.0"
