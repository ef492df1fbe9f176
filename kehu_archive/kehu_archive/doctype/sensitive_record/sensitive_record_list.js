frappe.listview_settings["Sensitive Record"] = {
	add_fields: ["record_kind"],
	hide_name_column: true,

	onload: (listview) => kehu_archive.set_up_list(listview, 7, (row) => __(row.record_kind)),
};
