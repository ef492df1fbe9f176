frappe.listview_settings["Grade Appeal"] = {
	add_fields: ["workflow_state"],
	onload: (listview) => kehu_archive.set_up_list(listview, 8),
	get_indicator: (doc) => kehu_archive.indicator(doc, "workflow_state"),
	formatters: {
		applied_by: (value) => kehu_archive.user(value),
	},
};
