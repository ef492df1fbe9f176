frappe.listview_settings["Grading Scheme Version"] = {
	add_fields: ["status"],
	hide_name_column: true,
	get_indicator: (doc) => kehu_archive.indicator(doc, "status"),
};
