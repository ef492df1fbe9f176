frappe.ui.form.on("Grading Run Result", {
	refresh(frm) {
		frm.disable_save();
		kehu_archive.show_customer(frm);
		kehu_archive.set_heading(frm, frm.doc.customer_name, frm.doc.grade);
	},
});
