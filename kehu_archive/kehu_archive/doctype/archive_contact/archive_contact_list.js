frappe.listview_settings["Archive Contact"] = {
	add_fields: ["status"],
	hide_name_column: true,

	onload: (listview) => kehu_archive.set_up_list(listview, 7),

	get_indicator: (doc) => kehu_archive.indicator(doc, "status"),
};
