frappe.ui.form.on("Customer Complaint", {
	setup(frm) {
		kehu_archive.set_queries(frm, { archive: "open_archive", registered_department: "active" });
	},

	refresh(frm) {
		kehu_archive.show_customer(frm);
	},

	archive(frm) {
		kehu_archive.show_customer(frm);
		if (!frm.doc.archive || frm.doc.complainant) return;
		frappe.db
			.get_value("Customer Archive", frm.doc.archive, ["main_contact", "main_contact_phone"])
			.then(({ message }) => {
				if (!message || frm.doc.complainant) return;
				frm.set_value({
					complainant: message.main_contact,
					contact_phone: message.main_contact_phone,
				});
			});
	},
});
