frappe.query_reports["Class Comparison"] = {
	filters: [{ fieldname: "scheme", label: __("Scheme"), fieldtype: "Link", options: "Grading Scheme" }],

	formatter(value, row, column, data, default_formatter) {
		const text = column.fieldtype === "Data" ? kehu_archive.escape(value) : value;
		const shown = default_formatter(text, row, column, data);
		if (!data || !value || !LISTS[column.fieldname]) return shown;
		return kehu_archive.grading.number(shown, LISTS[column.fieldname](data));
	},
};

const in_class = (data, more = {}) => {
	if (data.bound_column) {
		const grade = data.grade || ["is", "not set"];
		return ["Customer Archive", { merged_into: ["is", "not set"], [data.bound_column]: grade, ...more }];
	}
	if (!data.grade || Object.keys(more).length) return null;
	return ["Grade Assignment", { scheme: data.scheme, grade: data.grade, is_current: 1 }];
};

/** The records behind each number. */
const LISTS = {
	customers: (data) => in_class(data),
	active: (data) => in_class(data, { last_transaction_on: [">", frappe.datetime.add_months(frappe.datetime.get_today(), -12)] }),
	needs: (data) => in_class(data, { "Customer Archive Need.status": "Unmet" }),
	intending: (data) => in_class(data, { has_intention: 1 }),
	defaults: (data) => in_class(data, { default_count: [">", 0] }),
};
