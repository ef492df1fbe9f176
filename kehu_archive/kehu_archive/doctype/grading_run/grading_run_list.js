frappe.listview_settings["Grading Run"] = {
	add_fields: ["status", "changes"],
	hide_name_column: true,
	onload: (listview) => kehu_archive.set_up_list(listview, 8),
	get_indicator: (doc) => kehu_archive.indicator(doc, "status"),
	formatters: {
		started_by: (value) => kehu_archive.user(value),
	},
};
