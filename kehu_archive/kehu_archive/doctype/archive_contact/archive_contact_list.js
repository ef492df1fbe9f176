frappe.listview_settings["Archive Contact"] = {
	add_fields: ["status"],
	hide_name_column: true,

	get_indicator: (doc) => kehu_archive.indicator(doc, "status"),
};
