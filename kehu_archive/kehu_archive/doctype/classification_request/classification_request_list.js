frappe.listview_settings["Classification Request"] = {
	add_fields: ["workflow_state", "proposed_level"],

	onload: (listview) => kehu_archive.set_up_list(listview, 7),

	get_indicator: (doc) => kehu_archive.indicator(doc, "workflow_state"),

	formatters: {
		reported_by: (value) => kehu_archive.user(value),
	},
};
