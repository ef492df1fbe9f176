frappe.ui.form.on("Audit Seal", {
	refresh(frm) {
		frm.disable_save();
		frm.add_custom_button(__("Entries under This Seal"), () =>
			frappe.set_route("List", "Access Log Entry", { seal: frm.doc.seal_no })
		);
	},
});
