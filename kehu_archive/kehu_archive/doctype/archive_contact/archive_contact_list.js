frappe.listview_settings["Archive Contact"] = {
	onload: (listview) => kehu_archive.name_view(listview),
	add_fields: ["status"],
	hide_name_column: true,

	get_indicator: (doc) => kehu_archive.indicator(doc, "status"),
};
