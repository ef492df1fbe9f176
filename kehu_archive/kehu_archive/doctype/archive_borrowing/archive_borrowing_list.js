frappe.listview_settings["Archive Borrowing"] = {
	add_fields: ["status", "due_on"],

	get_indicator: (doc) => kehu_archive.indicator(doc, "status"),
};
