frappe.listview_settings["Archive Transaction"] = {
	add_fields: ["is_default", "is_cancelled", "transaction_kind", "posted_on"],
	hide_name_column: true,

	onload(listview) {
		kehu_archive.set_up_list(listview, 8, (row) =>
			kehu_archive.heading(__(row.transaction_kind), kehu_archive.date(row.posted_on))
		);
	},

	get_indicator(doc) {
		if (doc.is_cancelled) return [__("Cancelled"), "gray", "is_cancelled,=,1"];
		if (doc.is_default) return [__("In Breach"), "red", "is_default,=,1"];
		return [__("Valid"), "green", "is_cancelled,=,0"];
	},
};
