frappe.query_reports["Grade Distribution"] = {
	filters: [
		{ fieldname: "scheme", label: __("Scheme"), fieldtype: "Link", options: "Grading Scheme" },
		{
			fieldname: "group_by",
			label: __("Group Customers By"),
			fieldtype: "Select",
			options: ["Scheme", "Region", "Department", "Responsible Salesperson"].map((value) => ({ value, label: __(value) })),
			default: "Scheme",
		},
	],

	formatter(value, row, column, data, default_formatter) {
		const text = column.fieldtype === "Data" ? kehu_archive.escape(value) : value;
		const shown = default_formatter(text, row, column, data);
		if (!data || column.fieldtype !== "Int" || !value) return shown;
		return kehu_archive.grading.number(shown, behind(column.fieldname, data));
	},
};

/** The records behind a number: archives by the column of the scheme's purpose, else the grades themselves. */
function behind(field, data) {
	const grade = data.codes ? data.codes[Number(field.slice("grade_".length))] : data.grade;
	const filters = { merged_into: ["is", "not set"] };
	if (data.place_field) filters[data.place_field] = data.place || ["is", "not set"];
	if (field === "total") return ["Customer Archive", filters];
	if (data.bound_column) return ["Customer Archive", { ...filters, [data.bound_column]: grade || ["is", "not set"] }];
	if (!grade || data.place_field) return null;
	return ["Grade Assignment", { scheme: data.scheme, grade, is_current: 1 }];
}
