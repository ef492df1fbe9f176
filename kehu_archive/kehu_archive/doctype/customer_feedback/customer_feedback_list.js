frappe.listview_settings["Customer Feedback"] = {
	onload: (listview) => kehu_archive.name_view(listview),
	add_fields: ["feedback_kind", "complaint"],
	hide_name_column: true,

	get_indicator: (doc) => kehu_archive.indicator(doc, "feedback_kind"),
};
