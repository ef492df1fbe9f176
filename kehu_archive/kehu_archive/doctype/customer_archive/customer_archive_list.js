frappe.listview_settings["Customer Archive"] = {
	add_fields: ["workflow_state", "completeness", "party_kind", "is_important", "merged_into"],
	// The name is the archive number, which has a column of its own.
	hide_name_column: true,
	filters: [["merged_into", "is", "not set"]],

	onload(listview) {
		kehu_archive.lookup.attach(listview);
		// State, number, status and completeness belong together.
		kehu_archive.set_up_list(listview, 7);
		hide_merged(listview);
	},

	get_indicator: (doc) => kehu_archive.archive_indicator(doc),

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

/** Without any filter the list starts with the archives in use; the filter can be taken away. */
function hide_merged(listview) {
	if (frappe.route_options || !listview.filter_area || listview.filter_area.get().length) return;
	listview.filter_area
		.set([["Customer Archive", "merged_into", "is", "not set"]])
		.then(() => listview.refresh());
}
