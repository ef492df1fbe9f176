frappe.listview_settings["Customer Complaint"] = {
	add_fields: ["status", "urgency"],

	get_indicator: (doc) => kehu_archive.indicator(doc, "status"),
};
