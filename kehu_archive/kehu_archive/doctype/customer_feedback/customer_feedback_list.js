frappe.listview_settings["Customer Feedback"] = {
	add_fields: ["feedback_kind", "complaint"],
	hide_name_column: true,

	get_indicator: (doc) => kehu_archive.indicator(doc, "feedback_kind"),
};
