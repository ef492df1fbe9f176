frappe.listview_settings["Grade Assignment"] = {
	add_fields: ["is_current", "change_kind", "source", "grade", "label"],
	hide_name_column: true,
	onload: (listview) => kehu_archive.set_up_list(listview, 8),
	get_indicator(doc) {
		return cint(doc.is_current) ? [__("Current"), "green", "is_current,=,1"] : [__("Former"), "gray", "is_current,=,0"];
	},
};
