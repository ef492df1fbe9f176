frappe.provide("frappe.dashboards.chart_sources");

frappe.dashboards.chart_sources["Archives by State"] = {
	method: "kehu_archive.api.overview.archives_by_state",
	filters: [],
};
