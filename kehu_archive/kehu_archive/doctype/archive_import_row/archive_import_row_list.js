frappe.listview_settings["Archive Import Row"] = {
	// The name is the import's number and the row's, which have columns of their own.
	hide_name_column: true,

	onload(listview) {
		// The framework shows four columns on a usual screen, tags among them; the reason is why one opens this list.
		if (window.innerWidth < 1200 || listview.list_view_settings?.total_fields) return;
		listview.list_view_settings = { ...listview.list_view_settings, total_fields: 5 };
		listview.setup_columns();
		listview.render_header?.(true);
	},

	get_indicator(doc) {
		const colours = { Pending: "blue", Imported: "green", Existing: "gray", Rejected: "red" };
		return [__(doc.status), colours[doc.status], `status,=,${doc.status}`];
	},
};
