frappe.query_reports["Update Due"] = {
	filters: [
		{ fieldname: "department", label: __("Department"), fieldtype: "Link", options: "Archive Department" },
		{ fieldname: "responsible", label: __("Responsible Salesperson"), fieldtype: "Link", options: "User" },
		{ fieldname: "grade", label: __("Grade"), fieldtype: "Data" },
	],

	formatter(value, row, column, data, default_formatter) {
		const text = column.fieldtype === "Data" ? kehu_archive.escape(value) : value;
		const shown = default_formatter(text, row, column, data);
		return column.fieldname === "days_late" ? `<span class="text-danger">${shown}</span>` : shown;
	},
};
