frappe.listview_settings["Customer Archive"] = {
	add_fields: ["workflow_state", "completeness", "party_kind", "is_important", "merged_into"],
	// The name is the archive number, which has a column of its own.
	hide_name_column: true,

	onload(listview) {
		kehu_archive.lookup.attach(listview);
		// The framework shows four columns on a usual screen; state, number, status and completeness belong together.
		if (window.innerWidth < 1200 || listview.list_view_settings?.total_fields) return;
		listview.list_view_settings = { ...listview.list_view_settings, total_fields: 7 };
		listview.setup_columns();
		listview.render_header?.(true);
	},

	get_indicator(doc) {
		if (doc.merged_into) return [__("Merged"), "gray", "merged_into,is,set"];
		return kehu_archive.indicator(doc, "workflow_state");
	},

	formatters: {
		archive_no(value, df, doc) {
			const mark = doc.is_important
				? kehu_archive.html`<span class="ka-warning" title="${__("Important Customer")}">★</span>`
				: "";
			return String(kehu_archive.html`<span class="ellipsis">${value} ${mark}</span>`);
		},
		completeness(value) {
			return String(kehu_archive.html`<span class="ka-list-bar">${kehu_archive.bar(value)}</span>`);
		},
	},
};
