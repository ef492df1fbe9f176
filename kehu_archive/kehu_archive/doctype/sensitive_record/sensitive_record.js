frappe.ui.form.on("Sensitive Record", {
	setup(frm) {
		kehu_archive.set_queries(frm, { archive: "open_archive", contact: "own_contact" });
	},

	refresh(frm) {
		kehu_archive.show_customer(frm);
		kehu_archive.set_heading(frm, __(frm.doc.record_kind), frm.doc.masked_value);
	},

	archive(frm) {
		kehu_archive.show_customer(frm);
		if (frm.doc.contact) frm.set_value("contact", "");
	},
});
