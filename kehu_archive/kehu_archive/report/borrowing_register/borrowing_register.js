frappe.query_reports["Borrowing Register"] = {
	filters: [
		{
			fieldname: "from_date",
			label: __("Applied from"),
			fieldtype: "Date",
			default: frappe.datetime.year_start(),
		},
		{
			fieldname: "to_date",
			label: __("Applied until"),
			fieldtype: "Date",
			default: frappe.datetime.get_today(),
		},
		{
			fieldname: "status",
			label: __("Status"),
			fieldtype: "Select",
			options: [
				"",
				"Requested",
				"Approved",
				"Lent",
				"Returned",
				"Overdue",
				"Lost",
				"Refused",
				"Withdrawn",
			].map((value) => ({ value, label: value && __(value) })),
		},
		{ fieldname: "applicant", label: __("Applicant"), fieldtype: "Link", options: "User" },
		{
			fieldname: "archive",
			label: __("Customer Archive"),
			fieldtype: "Link",
			options: "Customer Archive",
		},
		{ fieldname: "overdue_only", label: __("Overdue Only"), fieldtype: "Check", default: 0 },
	],

	formatter(value, row, column, data, default_formatter) {
		// Everything but the number is plain text of users; the framework would insert it as markup.
		const text = column.fieldname === "name" ? value : kehu_archive.escape(value);
		const shown = default_formatter(text, row, column, data);
		return column.fieldname === "overdue" && data?.is_overdue
			? `<span class="text-danger">${shown}</span>`
			: shown;
	},
};
