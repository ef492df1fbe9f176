frappe.listview_settings["Customer Complaint"] = {
	add_fields: ["status", "urgency"],

	onload: (listview) => kehu_archive.set_up_list(listview, 7),

	get_indicator: (doc) => kehu_archive.indicator(doc, "status"),
};
