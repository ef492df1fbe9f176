frappe.ui.form.on("Archive Type", {
	class_code(frm) {
		const code = (frm.doc.class_code || "").toUpperCase();
		if (code !== frm.doc.class_code) frm.set_value("class_code", code);
	},
});
