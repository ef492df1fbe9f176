frappe.listview_settings["Archive Borrowing"] = {
	add_fields: ["status", "due_on"],

	onload: (listview) => kehu_archive.set_up_list(listview, 8),

	// Overdue is what the clock says, also before the nightly job has written it.
	get_indicator(doc) {
		const late = doc.status === "Lent" && doc.due_on && doc.due_on < frappe.datetime.get_today();
		return kehu_archive.indicator(late ? { ...doc, status: "Overdue" } : doc, "status");
	},

	formatters: {
		applicant: (value) => kehu_archive.user(value),
	},
};
