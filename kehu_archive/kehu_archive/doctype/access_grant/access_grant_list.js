frappe.listview_settings["Access Grant"] = {
	add_fields: ["revoked", "starts_on", "ends_on"],

	onload: (listview) => kehu_archive.set_up_list(listview, 6),

	get_indicator: (doc) => kehu_archive.grant_indicator(doc),

	formatters: {
		user: (value) => kehu_archive.user(value),
	},
};
