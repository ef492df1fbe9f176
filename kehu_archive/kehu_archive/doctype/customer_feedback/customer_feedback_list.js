frappe.listview_settings["Customer Feedback"] = {
	add_fields: ["feedback_kind", "complaint"],
	hide_name_column: true,

	onload: (listview) => kehu_archive.set_up_list(listview, 7),

	get_indicator: (doc) => kehu_archive.indicator(doc, "feedback_kind"),
};
