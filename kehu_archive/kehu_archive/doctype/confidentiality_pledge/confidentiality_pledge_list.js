frappe.listview_settings["Confidentiality Pledge"] = {
	hide_name_column: true,

	onload: (listview) =>
		kehu_archive.set_up_list(listview, 5, (row) =>
			kehu_archive.heading(frappe.user.full_name(row.user), kehu_archive.date(row.signed_on))
		),

	formatters: {
		user: (value) => kehu_archive.user(value),
	},
};
