frappe.listview_settings["Disclosure Request"] = {
	add_fields: ["status", "valid_until"],

	onload: (listview) => kehu_archive.set_up_list(listview, 8),

	get_indicator: (doc) => kehu_archive.indicator(doc, "status"),

	formatters: {
		applicant: (value) => kehu_archive.user(value),
	},
};
