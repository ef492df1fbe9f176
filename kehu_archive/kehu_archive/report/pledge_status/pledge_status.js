frappe.query_reports["Pledge Status"] = {
	filters: [],

	formatter(value, row, column, data, default_formatter) {
		// Names are plain text of users; the framework would insert them as markup.
		const text = column.fieldname === "full_name" ? kehu_archive.escape(value) : value;
		return default_formatter(text, row, column, data);
	},
};
