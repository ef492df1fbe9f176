frappe.ui.form.on("Archive Contact", {
	setup(frm) {
		kehu_archive.set_queries(frm, { archive: "open_archive" });
	},

	refresh(frm) {
		kehu_archive.show_customer(frm);
		if (frm.is_new()) return;
		if (frm.doc.status !== "In Post") {
			frm.disable_form();
			show_successor(frm);
			return;
		}
		frm.set_df_property("full_name", "read_only", 1);
		if (!frm.perm[0]?.write) return;
		frm.add_custom_button(__("Replace Contact"), () => kehu_archive.contacts.replace(frm, frm.doc));
		frm.add_custom_button(__("Correct Name"), () => correct_name(frm));
	},
});

/** Former contacts are history (R-CON-05): readable, with the way to the present one. */
function show_successor(frm) {
	const { replaced_by } = frm.doc;
	const link = replaced_by
		? kehu_archive.html` <a href="${frappe.utils.get_form_link("Archive Contact", replaced_by)}">${__("Successor")}</a>`
		: "";
	frm.set_intro(
		String(kehu_archive.html`${__("This contact has left and is kept as history.")}${link}`),
		"orange"
	);
}

function correct_name(frm) {
	frappe.prompt(
		[
			{
				fieldname: "full_name",
				fieldtype: "Data",
				label: __("Full Name"),
				reqd: 1,
				default: frm.doc.full_name,
			},
			{ fieldname: "reason", fieldtype: "Small Text", label: __("Reason"), reqd: 1 },
		],
		(values) =>
			frappe
				.xcall("kehu_archive.api.contacts.correct_name", { contact: frm.doc.name, ...values })
				.then(() => frm.reload_doc()),
		__("Correct Name"),
		__("Save")
	);
}
