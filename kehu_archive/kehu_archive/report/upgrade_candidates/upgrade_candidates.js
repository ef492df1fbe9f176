frappe.query_reports["Upgrade Candidates"] = {
	filters: [
		{ fieldname: "scheme", label: __("Scheme"), fieldtype: "Link", options: "Grading Scheme" },
		{ fieldname: "grade", label: __("Grade"), fieldtype: "Data" },
		{ fieldname: "department", label: __("Department"), fieldtype: "Link", options: "Archive Department" },
		{ fieldname: "responsible", label: __("Responsible Salesperson"), fieldtype: "Link", options: "User" },
	],

	formatter(value, row, column, data, default_formatter) {
		const text = ["Data", "Small Text"].includes(column.fieldtype) ? kehu_archive.escape(value) : value;
		return default_formatter(text, row, column, data);
	},
};
