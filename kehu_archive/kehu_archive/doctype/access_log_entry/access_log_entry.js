frappe.ui.form.on("Access Log Entry", {
	refresh(frm) {
		frm.disable_save();
		if (frm.doc.archive) {
			frm.add_custom_button(__("Audit of This Archive"), () =>
				frappe.set_route("query-report", "Audit Query", { archive: frm.doc.archive })
			);
		}
		if (frm.doc.user) {
			frm.add_custom_button(__("Audit of This Person"), () =>
				frappe.set_route("query-report", "Audit Query", { user: frm.doc.user })
			);
		}
	},
});
