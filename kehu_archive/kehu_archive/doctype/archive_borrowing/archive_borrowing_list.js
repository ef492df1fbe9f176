frappe.listview_settings["Archive Borrowing"] = {
	onload: (listview) => kehu_archive.name_view(listview),
	add_fields: ["status", "due_on"],

	get_indicator: (doc) => kehu_archive.indicator(doc, "status"),
};
