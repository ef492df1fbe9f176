frappe.ui.form.on("Sensitive Record", {
	setup(frm) {
		kehu_archive.set_queries(frm, { archive: "open_archive", contact: "own_contact" });
	},

	refresh(frm) {
		kehu_archive.show_customer(frm);
		kehu_archive.set_heading(frm, __(frm.doc.record_kind), frm.doc.masked_value);
		if (frm.is_new()) return;
		frm.set_df_property("value", "description", __("Leave it empty to keep the stored content"));
		if (frm.doc.masked_value) {
			const title = kehu_archive.heading(__(frm.doc.record_kind), frm.doc.label);
			frm.add_custom_button(__("Reveal"), () => kehu_archive.vault.reveal(frm.doc.name, title));
		}
	},

	archive(frm) {
		kehu_archive.show_customer(frm);
		if (frm.doc.contact) frm.set_value("contact", "");
	},
});
