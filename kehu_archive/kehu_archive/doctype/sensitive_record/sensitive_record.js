frappe.ui.form.on("Sensitive Record", {
	setup(frm) {
		kehu_archive.set_queries(frm, { archive: "open_archive", contact: "own_contact" });
	},

	refresh(frm) {
		kehu_archive.show_customer(frm);
	},

	archive(frm) {
		kehu_archive.show_customer(frm);
		if (frm.doc.contact) frm.set_value("contact", "");
	},
});
