frappe.query_reports["Audit Query"] = {
	filters: [
		{ fieldname: "user", label: __("User"), fieldtype: "Link", options: "User" },
		{ fieldname: "archive", label: __("Archive"), fieldtype: "Data" },
		{ fieldname: "action", label: __("Action"), fieldtype: "Select", options: [""] },
		{
			fieldname: "from_date",
			label: __("From Date"),
			fieldtype: "Date",
			default: frappe.datetime.add_days(frappe.datetime.get_today(), -6),
			reqd: 1,
		},
		{
			fieldname: "to_date",
			label: __("To Date"),
			fieldtype: "Date",
			default: frappe.datetime.get_today(),
			reqd: 1,
		},
	],

	onload(report) {
		// The actions stand in the DocType, once.
		frappe.model.with_doctype("Access Log Entry", () => {
			const actions = frappe.meta.get_docfield("Access Log Entry", "action").options.split("\n");
			const filter = report.get_filter("action");
			filter.df.options = actions.map((value) => ({ value, label: value ? __(value) : "" }));
			filter.refresh();
		});
	},

	formatter(value, row, column, data, default_formatter) {
		// What people typed is plain text; the framework would insert it as markup.
		const text = ["purpose", "detail", "document_name"].includes(column.fieldname)
			? kehu_archive.escape(value)
			: value;
		const shown = default_formatter(text, row, column, data);
		const is_alarming = column.fieldname === "action" && ["Alert", "Refused Access"].includes(data?.action_value);
		return is_alarming ? `<span class="text-danger">${shown}</span>` : shown;
	},
};
