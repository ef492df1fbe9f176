frappe.listview_settings["Grading Run Result"] = {
	add_fields: ["change_kind", "candidate_for", "grade", "grade_before"],
	hide_name_column: true,
	onload: (listview) => kehu_archive.set_up_list(listview, 7),
	get_indicator: (doc) => kehu_archive.grading.change_indicator(doc),
};
