frappe.listview_settings["Archive Borrowing"] = {
	add_fields: ["status", "due_on"],

	onload: (listview) => kehu_archive.set_up_list(listview, 8),

	get_indicator: (doc) => kehu_archive.indicator(doc, "status"),

	formatters: {
		applicant: (value) => kehu_archive.user(value),
	},
};
