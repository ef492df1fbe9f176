frappe.listview_settings["Marketing Plan"] = {
	add_fields: ["status", "progress"],
	hide_name_column: true,
	get_indicator: (doc) => kehu_archive.indicator(doc, "status"),
	formatters: {
		progress: (value) => String(kehu_archive.html`<span class="ka-list-bar">${kehu_archive.bar(value)}</span>`),
	},
};
