frappe.ui.form.on("Archive Borrowing", {
	setup(frm) {
		kehu_archive.set_queries(frm, { archive: "open_archive", applicant: "user", department: "active" });
	},

	refresh(frm) {
		kehu_archive.show_customer(frm);
		show_due(frm);
	},

	archive: (frm) => kehu_archive.show_customer(frm),
});

function show_due(frm) {
	const { status, due_on } = frm.doc;
	const late = ["Lent", "Overdue"].includes(status) && due_on && due_on < frappe.datetime.get_today();
	frm.set_intro(
		late ? kehu_archive.escape(__("Overdue since {0}", [kehu_archive.date(due_on)])) : "",
		"red"
	);
}
