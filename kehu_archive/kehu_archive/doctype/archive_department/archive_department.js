const LAYOUT_TYPES = ["Tab Break", "Section Break", "Column Break", "HTML"];

frappe.ui.form.on("Archive Department", {
	setup(frm) {
		kehu_archive.set_queries(frm, { manager: "user", parent_department: "active" });
		// A person has one level in a department.
		frm.set_query("user", "members", () => ({
			filters: {
				enabled: 1,
				user_type: "System User",
				name: ["not in", frm.doc.members.map((row) => row.user).filter(Boolean)],
			},
		}));
	},

	refresh(frm) {
		frappe.model.with_doctype("Customer Archive", () => offer_fields(frm));
	},
});

/** The items of the archive's form that a department may hide: by their labels, mandatory ones left out (R-FZL-06). */
function offer_fields(frm) {
	const fields = frappe
		.get_meta("Customer Archive")
		.fields.filter((df) => df.label && !df.reqd && !df.hidden && !LAYOUT_TYPES.includes(df.fieldtype));
	const labels = Object.fromEntries(fields.map((df) => [df.fieldname, __(df.label)]));
	const grid = frm.get_field("hidden_fields").grid;
	grid.update_docfield_property(
		"field_name",
		"options",
		Object.entries(labels).map(([value, label]) => ({ value, label }))
	);
	grid.update_docfield_property("field_name", "formatter", (value) =>
		kehu_archive.escape(labels[value] || value)
	);
	grid.refresh();
}
