frappe.provide("frappe.dashboards.chart_sources");

frappe.dashboards.chart_sources["Customers by Grade"] = {
	method: "kehu_archive.api.overview.customers_by_grade",
	filters: [],
};
