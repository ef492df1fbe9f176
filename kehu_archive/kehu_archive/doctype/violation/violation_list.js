frappe.listview_settings["Violation"] = {
	add_fields: ["status"],

	onload: (listview) => kehu_archive.set_up_list(listview, 7),

	get_indicator: (doc) => kehu_archive.violation_indicator(doc),

	formatters: {
		person: (value) => kehu_archive.user(value),
	},
};
