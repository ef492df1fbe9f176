// An application to change a grade by hand: reason, evidence, decision, end (R-GRD-18). The server asks every step and field again.

frappe.ui.form.on("Grade Appeal", {
	setup(frm) {
		kehu_archive.set_queries(frm, { archive: "open_archive" });
		frm.set_query("scheme", () => ({ filters: { is_disabled: 0 } }));
	},

	refresh(frm) {
		frm.set_intro("");
		kehu_archive.show_customer(frm);
		kehu_archive.grading.offer_grades(frm, "wanted_grade");
		open_fields(frm);
		if (frm.is_new()) {
			frm.set_intro(__("Save, then submit the application: somebody else decides, and the grade holds until it expires."), "blue");
		}
		if (frm.doc.assignment) {
			frm.add_custom_button(__("Open the Grade"), () => frappe.set_route("Form", "Grade Assignment", frm.doc.assignment));
		}
	},

	archive: (frm) => kehu_archive.show_customer(frm),
	scheme: (frm) => kehu_archive.grading.offer_grades(frm, "wanted_grade"),
});

/** What the present step does not ask for is read-only, as the server would refuse it. */
function open_fields(frm) {
	const state = frm.doc.workflow_state || "Draft";
	const own = frm.is_new() || frm.doc.applied_by === frappe.session.user;
	const set = (fields, open) => fields.forEach((field) => frm.set_df_property(field, "read_only", open ? 0 : 1));
	set(["wanted_grade", "effective_from", "expires_on", "reason", "evidence"], state === "Draft" && own);
	set(["opinion"], state === "Submitted" && !own);
}
