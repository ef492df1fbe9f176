frappe.ui.form.on("Storage Location", {
	setup(frm) {
		frm.set_query("parent_storage_location", (doc) => ({
			filters: { is_group: 1, name: ["!=", doc.name || ""] },
		}));
		kehu_archive.set_queries(frm, { keeper: "user" });
	},

	refresh(frm) {
		if (frm.is_new()) return;
		frm.add_custom_button(__("Archives Kept Here"), () =>
			kehu_archive.open_list("Customer Archive", { storage_location: frm.doc.name })
		);
	},
});
