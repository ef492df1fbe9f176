frappe.provide("frappe.dashboards.chart_sources");

frappe.dashboards.chart_sources["Transaction Amount by Year"] = {
	method: "kehu_archive.api.overview.transaction_amount_by_year",
	filters: [],
};
