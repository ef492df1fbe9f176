frappe.listview_settings["Customer Complaint"] = {
	onload: (listview) => kehu_archive.name_view(listview),
	add_fields: ["status", "urgency"],

	get_indicator: (doc) => kehu_archive.indicator(doc, "status"),
};
