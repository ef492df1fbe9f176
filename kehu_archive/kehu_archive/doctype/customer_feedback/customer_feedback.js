frappe.ui.form.on("Customer Feedback", {
	setup(frm) {
		kehu_archive.set_queries(frm, { archive: "open_archive", contact: "own_contact" });
	},

	refresh(frm) {
		kehu_archive.show_customer(frm);
		kehu_archive.set_heading(frm, __(frm.doc.feedback_kind), kehu_archive.date(frm.doc.received_on));
		if (frm.is_new() || frm.doc.complaint) return;
		if (!frm.perm[0]?.write || !frappe.model.can_create("Customer Complaint")) return;
		frm.add_custom_button(__("Make Complaint"), () => make_complaint(frm));
	},

	archive(frm) {
		kehu_archive.show_customer(frm);
		frm.set_value("contact", "");
	},
});

/** A feedback that is a complaint goes on as one (R-FZL-05). */
function make_complaint(frm) {
	frappe.confirm(__("Register a complaint from this feedback?"), () =>
		frappe
			.xcall("kehu_archive.api.feedback.make_complaint", { feedback: frm.doc.name })
			.then((complaint) => frappe.set_route("Form", "Customer Complaint", complaint))
	);
}
