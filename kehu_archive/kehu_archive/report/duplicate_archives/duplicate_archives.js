frappe.query_reports["Duplicate Archives"] = {
	filters: [
		{
			fieldname: "archive_type",
			label: __("Archive Type"),
			fieldtype: "Link",
			options: "Archive Type",
		},
		{
			fieldname: "least_score",
			label: __("Least Match (%)"),
			fieldtype: "Int",
			default: 70,
		},
		{
			fieldname: "similar_spelling",
			label: __("Also Similar Spelling (slower)"),
			fieldtype: "Check",
			default: 0,
		},
	],

	get_datatable_options(options) {
		return { ...options, checkboxColumn: true };
	},

	formatter(value, row, column, data, default_formatter) {
		// Names are plain text of users; the framework would insert them as markup.
		const text = ["first_name", "second_name", "reasons"].includes(column.fieldname)
			? kehu_archive.escape(value)
			: value;
		return default_formatter(text, row, column, data);
	},

	onload(report) {
		report.page.add_inner_button(__("Merge Selected Pair"), () => {
			const chosen = report.datatable?.rowmanager.getCheckedRows() || [];
			if (chosen.length !== 1) {
				frappe.msgprint(__("Select exactly one row"));
				return;
			}
			const row = report.datatable.datamanager.data[chosen[0]];
			kehu_archive.merge.ask(row.first, row.second, () => report.refresh());
		});
	},
};
